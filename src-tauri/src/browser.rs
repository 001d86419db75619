//! Opening a page in the owner's own browser. A sign-in page never runs inside the app, where it could be watched.

use std::path::PathBuf;
use std::sync::Arc;

/// What opens a page: takes its address, returns why it did not open.
type Open = dyn Fn(&str) -> Result<(), String> + Send + Sync;

/// Opens a page outside the app; replaced in tests, where no browser may start.
#[derive(Clone)]
pub struct Browser(Arc<Open>);

impl Browser {
    /// Opens pages with this function.
    pub fn new(open: impl Fn(&str) -> Result<(), String> + Send + Sync + 'static) -> Self {
        Self(Arc::new(open))
    }

    /// The system's browser. A sign-in that begins in a data folder of its own is remembered, because its link may start another
    /// Backroom first.
    pub fn system(own_folder: Option<PathBuf>) -> Self {
        Self::new(move |place| {
            if !place.starts_with("http") {
                return tauri_plugin_opener::open_path(place, None::<&str>).map_err(|error| error.to_string());
            }
            if let Some(folder) = &own_folder {
                backroom_host::remember_sign_in(folder, place);
            }
            tauri_plugin_opener::open_url(place, None::<&str>).map_err(|error| error.to_string())
        })
    }

    /// Shows a folder of the app's own in the system's file browser.
    pub fn open_folder(&self, folder: &str) -> Result<(), String> {
        if std::path::Path::new(folder).is_dir() { (self.0)(folder) } else { Err("there is no backup yet".to_owned()) }
    }

    /// Opens a page. Core made the address; only web addresses are passed on.
    pub fn open(&self, url: &str) -> Result<(), String> {
        if url.starts_with("https://") || url.starts_with("http://") {
            (self.0)(url)
        } else {
            Err("only web addresses are opened".to_owned())
        }
    }

    /// Opens the owner's mail program; only mail addresses are passed on.
    pub fn write_mail(&self, address: &str) -> Result<(), String> {
        if address.starts_with("mailto:") {
            (self.0)(address)
        } else {
            Err("only mail addresses are opened".to_owned())
        }
    }
}
