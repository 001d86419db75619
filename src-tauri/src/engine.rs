//! The sync engine's thread: one current-thread runtime, so that the store is called in line and the window never waits behind a
//! pool.

use backroom_core::Core;
use backroom_host::EngineLock;
use std::sync::Arc;
use std::thread::JoinHandle;
use std::time::Duration;

/// Between two looks at whether the thread has ended.
const PAUSE: Duration = Duration::from_millis(2);

/// Between two looks after the data file, such as at whether a backup is due.
const LOOK: Duration = Duration::from_mins(10);

/// The running engine. It holds the folder's lock as long as it lives.
pub struct Engine {
    core: Arc<Core>,
    thread: parking_lot::Mutex<Option<JoinHandle<()>>>,
}

impl Engine {
    /// Starts the engine's thread.
    pub fn start(core: Arc<Core>, lock: EngineLock) -> std::io::Result<Self> {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
        let running = Arc::clone(&core);
        let thread = std::thread::Builder::new().name("sync".to_owned()).spawn(move || {
            let _held_until_the_engine_ends = lock;
            runtime.block_on(async {
                running.run_engine().await;
                // A preview that was stopped may have left a sign-in half renewed; its new keys are stored first.
                backroom_host::renewals_done().await;
            });
        })?;
        look_after_file(&core)?;
        Ok(Self { core, thread: parking_lot::Mutex::new(Some(thread)) })
    }

    /// Lets the current step end, then stops. Returns when nothing is half done any more; a second call waits for the first.
    pub fn stop(&self) {
        if let Some(thread) = self.thread.lock().take() {
            while !thread.is_finished() {
                // Not on a runtime of its own: this is called from the window's thread and from others alike. Again and again,
                // because a loop that is only just beginning forgets what was said before.
                futures::executor::block_on(self.core.stop());
                std::thread::sleep(PAUSE);
            }
            // A panic on that thread has been logged; quitting goes on either way.
            let _ended = thread.join();
        }
    }
}

/// Looks after the data file now and from time to time, on a thread that ends with the app: closing the file ends what it is at.
fn look_after_file(core: &Arc<Core>) -> std::io::Result<()> {
    let core = Arc::downgrade(core);
    std::thread::Builder::new().name("file".to_owned()).spawn(move || {
        while let Some(core) = core.upgrade() {
            core.look_after_file();
            drop(core);
            std::thread::sleep(LOOK);
        }
    })?;
    Ok(())
}
