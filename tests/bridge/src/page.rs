//! The page: the built UI with one script in front of it that stands in for what a webview brings along.

use crate::app::App;
use axum::extract::State;
use axum::http::{StatusCode, header};
use axum::response::{Html, IntoResponse};
use std::path::PathBuf;
use std::sync::Arc;

/// What every route shares.
#[derive(Clone)]
pub struct Served {
    /// The app behind the page.
    pub app: Arc<App>,
    /// The built UI.
    pub ui: PathBuf,
}

/// `index.html` with the script in front.
pub async fn index(State(served): State<Served>) -> Result<Html<String>, (StatusCode, String)> {
    let page = std::fs::read_to_string(served.ui.join("index.html"))
        .map_err(|error| (StatusCode::NOT_FOUND, format!("build the UI first: {error}")))?;
    Ok(Html(page.replacen("<head>", "<head><script src=\"/__bridge/page.js\"></script>", 1)))
}

/// The script: `invoke` by POST, events by server-sent events.
pub async fn script() -> impl IntoResponse {
    ([(header::CONTENT_TYPE, "text/javascript; charset=utf-8")], include_str!("page.js"))
}
