//! Finding out that another copy lies in the data file's place than the one that was last synced here, and making that one safe.

use crate::event::{AttentionPlace, Event};
use crate::store::restored;
use crate::{Core, Result, private};
use std::path::PathBuf;

/// File beside the data file with the session it was last synced in.
const FILE: &str = "last-sync";

impl Core {
    /// Looks whether the file was put back from a copy, by the app or by hand, and makes it safe to sync if so.
    pub(crate) fn welcome_restored(&self) -> Result<()> {
        let Some(path) = self.session_file() else { return Ok(()) };
        let (session, is_copy) = self.store.read(|db| Ok((restored::session(db)?, restored::is_copy(db)?)))?;
        let beside = std::fs::read_to_string(&path).unwrap_or_default();
        let another = session.as_deref().is_some_and(|session| beside.lines().all(|known| known != session));
        if !is_copy && !another {
            return Ok(());
        }
        if self.store.found(|found| found.cramped.is_some()) {
            // Nothing can be written, so nothing can be sent either.
            return Ok(());
        }
        self.store.write(|tx| restored::mark(tx, self.now()))?;
        tracing::info!("the data file was put back from a copy; the next syncs wait for a look at their preview");
        self.begin_session()
    }

    /// Names the session the file is synced in from now on, in the file and beside it.
    pub(crate) fn begin_session(&self) -> Result<()> {
        let Some(path) = self.session_file() else { return Ok(()) };
        let new = uuid::Uuid::new_v4().simple().to_string();
        let old = self.store.read(restored::session)?.unwrap_or_default();
        // Either may be in the file should this be cut short.
        private::told(&path, "written", private::write_whole(&path, format!("{old}\n{new}\n").as_bytes()))?;
        self.store.write(|tx| restored::set_session(tx, &new))?;
        private::told(&path, "written", private::write_whole(&path, format!("{new}\n").as_bytes()))
    }

    /// Tells the owner of a restore while syncs wait for it.
    pub(crate) fn tell_restored(&self) {
        self.store.tell(&Event::Attention {
            title: "Backup restored".to_owned(),
            text: "The next sync of each connection waits for you: review its preview on the Sync page.".to_owned(),
            place: AttentionPlace::Preview,
        });
    }

    fn session_file(&self) -> Option<PathBuf> {
        self.parts.data_folder.as_ref().map(|folder| folder.join(FILE))
    }
}
