//! Opening core the way every face of the app does: the engine lock first, because only its holder may make the data file, bring it to
//! a newer format, or look after what an earlier end left behind.

use crate::{EngineLock, Keychain, LockError, practice};
use backroom_core::{Core, Error, Parts, private};
use connector_contract::SystemClock;
use std::path::Path;
use std::sync::Arc;

/// Core on this machine's clock, keychain and network.
pub struct Opened {
    /// The product.
    pub core: Arc<Core>,
    /// Present when this process is the one that may sync; otherwise why it is not.
    pub engine: Result<EngineLock, LockError>,
}

/// Opens the data file in `folder`, with all vendors of the registry.
pub async fn open(folder: &Path) -> backroom_core::Result<Opened> {
    let engine = lock(folder)?;
    let network = connector_http::Network::new().map_err(|error| Error::Bug(error.to_string()))?;
    let parts = Parts {
        data_folder: Some(folder.to_path_buf()),
        clock: Arc::new(SystemClock),
        secrets: Arc::new(Keychain::new(crate::folder::keychain_service(folder)).shared_in(folder)),
        vendors: connector_registry::vendors(Arc::new(network)),
        practice: practice().await,
    };
    let core = if engine.is_ok() { Core::open(parts)? } else { Core::open_as_guest(parts)? };
    Ok(Opened { core, engine })
}

/// Takes the lock. That another Backroom has it is an answer; a folder that can't be locked is an error.
fn lock(folder: &Path) -> backroom_core::Result<Result<EngineLock, LockError>> {
    match EngineLock::take(folder) {
        Err(LockError::Failed(error)) => Err(private::explain(folder, "used", &error)),
        answer => Ok(answer),
    }
}
