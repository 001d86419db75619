//! The façade both shells drive. Its methods live in the area modules.

use crate::Result;
use crate::connections::Pending;
use crate::ids::ConnectionId;
use crate::private;
use crate::store::{Listener, Store};
use crate::sync::Engine;
use crate::sync::supervise::watched;
use connector_contract::{Clock, Connector, SecretStore, Vendor};
use parking_lot::Mutex;
use std::collections::HashMap;
use std::path::PathBuf;
use std::sync::Arc;

/// What a shell brings along.
#[derive(Clone)]
pub struct Parts {
    /// Folder of the data file; created when missing. `None` keeps everything in memory.
    pub data_folder: Option<PathBuf>,
    /// The time.
    pub clock: Arc<dyn Clock>,
    /// The keychain.
    pub secrets: Arc<dyn SecretStore>,
    /// All vendors that can be connected.
    pub vendors: Vec<Vendor>,
    /// The stand-in's own description (the JSON line it prints), when Practice is offered.
    pub practice: Option<serde_json::Value>,
}

/// One open data file with its rules and sync engine.
pub struct Core {
    pub(crate) store: Store,
    pub(crate) parts: Parts,
    /// The sync engine's inbox and switches.
    pub(crate) engine: Engine,
    /// The sign-in that waits for the browser.
    pub(crate) sign_in: Mutex<Option<Pending>>,
    /// Connectors in use, by connection.
    pub(crate) opened: Mutex<HashMap<ConnectionId, Arc<dyn Connector>>>,
    /// What is known to be wrong with the file or its backups.
    pub(crate) watch: crate::data::Watch,
}

/// Name of the data file in its folder.
pub const DATA_FILE: &str = "backroom.sqlite";

impl Core {
    /// Opens the data file as the one process that may sync it and bring it to a newer format.
    pub fn open(parts: Parts) -> Result<Arc<Self>> {
        let store = match &parts.data_folder {
            Some(folder) => {
                private::told(folder, "made", private::folder(folder))?;
                private::repair(folder);
                Store::open(&folder.join(DATA_FILE))?
            }
            None => Store::in_memory()?,
        };
        let core = Self::over(store, parts);
        core.welcome_restored()?;
        Ok(core)
    }

    /// Opens the data file beside the process that syncs it: it is neither made nor brought to a newer format.
    pub fn open_as_guest(parts: Parts) -> Result<Arc<Self>> {
        match &parts.data_folder {
            Some(folder) => Ok(Self::over(Store::open_as_guest(&folder.join(DATA_FILE))?, parts)),
            None => Self::open(parts),
        }
    }

    /// Closes the data file in order, so that it alone holds everything. Nothing can be read or written afterwards.
    pub fn close(&self) -> Result<()> {
        self.store.close()
    }

    pub(crate) fn over(store: Store, parts: Parts) -> Arc<Self> {
        let engine = Engine::default();
        let vendors = parts.vendors.into_iter().map(watched).collect();
        let parts = Parts { vendors, ..parts };
        store.listen(engine.listener());
        Arc::new(Self {
            store,
            parts,
            engine,
            sign_in: Mutex::default(),
            opened: Mutex::default(),
            watch: crate::data::Watch::default(),
        })
    }

    /// Adds a listener for committed changes.
    pub fn listen(&self, listener: Listener) {
        self.store.listen(listener);
    }

    /// The present moment.
    pub(crate) fn now(&self) -> chrono::DateTime<chrono::Utc> {
        self.parts.clock.now()
    }
}
