//! Opening a page in the owner's own browser. A sign-in page never runs inside the app, where it could be watched.

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

    /// The system's browser.
    pub fn system() -> Self {
        Self::new(|url| tauri_plugin_opener::open_url(url, None::<&str>).map_err(|error| error.to_string()))
    }

    /// Opens a page. Core made the address; only web addresses are passed on.
    pub fn open(&self, url: &str) -> Result<(), String> {
        if url.starts_with("https://") || url.starts_with("http://") {
            (self.0)(url)
        } else {
            Err("only web addresses are opened".to_owned())
        }
    }
}
