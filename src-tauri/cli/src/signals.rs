//! What happens to a command that is told to end: the data file is closed in order first.

use crate::sync::asked_to_end;
use backroom_core::Core;
use std::process;
use std::sync::Arc;

/// Exit code of a command that could not do what it was for.
const ENDED: i32 = 2;

/// Listens until the program ends, on a thread of its own: the commands work in line.
pub fn close_on_end(core: &Arc<Core>) -> std::io::Result<()> {
    let core = Arc::clone(core);
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    std::thread::Builder::new().name("signals".to_owned()).spawn(move || {
        runtime.block_on(async {
            asked_to_end().await;
            // A renewal under way may have spent the sign-in's key; its successor is stored first.
            backroom_host::renewals_done().await;
        });
        let closed = core.close();
        if let Err(error) = closed {
            eprintln!("{error}");
        }
        eprintln!("Interrupted.");
        process::exit(ENDED);
    })?;
    Ok(())
}
