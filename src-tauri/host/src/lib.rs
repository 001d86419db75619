//! What every face of the app shares: where the data lies, the keychain, the log, and opening core with its vendors.
//!
//! Absent on purpose: Tauri and anything that shows or prints.

mod folder;
mod keychain;
mod links;
mod lock;
mod log;
mod open;
mod practice;

pub use connector_http::renewals_done;
pub use folder::{DATA_DIR_VARIABLE, data_folder, instance_key, keychain_service};
pub use keychain::Keychain;
pub use links::{remember_sign_in, sign_in_folder};
pub use lock::{EngineLock, LockError};
pub use log::{log_panics, start_log};
pub use open::{Opened, open};
pub use practice::SANDBOX_VARIABLE;

use practice::describe as practice;
