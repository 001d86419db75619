//! Opening core the way every face of the app does.

use crate::{EngineLock, Keychain, LockError, practice};
use backroom_core::{Core, Parts};
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
    let network = connector_http::Network::new().map_err(|error| backroom_core::Error::Bug(error.to_string()))?;
    let core = Core::open(Parts {
        data_folder: Some(folder.to_path_buf()),
        clock: Arc::new(SystemClock),
        secrets: Arc::new(Keychain::new(crate::folder::keychain_service(folder)).shared_in(folder)),
        vendors: connector_registry::vendors(Arc::new(network)),
        practice: practice().await,
    })?;
    Ok(Opened { core, engine: EngineLock::take(folder) })
}
