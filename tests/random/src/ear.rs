//! An ear for the app's events that looks the data file up through a connection of its own at the moment it is told something:
//! what is told is there to be read.

use crate::file::File;
use anyhow::{Result, ensure};
use backroom_core::event::Event;
use backroom_core::sync::RunView;
use parking_lot::Mutex;

/// Looking up costs more than telling, so every so many snapshots of a run are looked up.
const EVERY: u32 = 8;

/// The ear.
pub struct Ear(Mutex<Heard>);

struct Heard {
    file: File,
    runs: u32,
    untold: Option<String>,
}

impl Ear {
    /// With its own look at this data file.
    pub fn new(address: &str) -> Result<Self> {
        Ok(Self(Mutex::new(Heard { file: File::open_impatiently(address)?, runs: 0, untold: None })))
    }

    /// Told something.
    pub fn hear(&self, event: &Event) {
        let Event::Run { run } = event else { return };
        let mut heard = self.0.lock();
        heard.runs += 1;
        if heard.runs.is_multiple_of(EVERY)
            && let Err(error) = look(&heard.file, run)
        {
            heard.untold.get_or_insert(format!("an event came before what it tells: {error:#}"));
        }
    }

    /// The first event that did not fit what lies in the file.
    pub fn untold(&self) -> Option<String> {
        self.0.lock().untold.clone()
    }
}

fn look(file: &File, run: &RunView) -> Result<()> {
    let told = run.parts.iter().map(|part| {
        let counts = [part.read_count, part.created_count, part.updated_count, part.sent_count, part.problem_count];
        format!("{}{counts:?}", part.step).replace(' ', "")
    });
    let (told, there) = (told.collect::<Vec<_>>(), file.run(&run.id.to_string())?);
    ensure!(told == there, "told {told:?}, there is {there:?}");
    Ok(())
}
