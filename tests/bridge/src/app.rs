//! The app behind the page: core on a real file, the shell's commands on Tauri's mock runtime, the sync engine on its thread.

use crate::page::Served;
use anyhow::Context as _;
use axum::Json;
use axum::extract::{Path as UrlPath, State};
use axum::response::sse::{Event as StreamEvent, Sse};
use backroom_core::event::Event;
use backroom_core::{Core, Parts};
use backroom_lib::browser::Browser;
use backroom_lib::events::AppEvent;
use connector_contract::{Clock, SecretStore};
use futures::StreamExt as _;
use futures::stream::Stream;
use parking_lot::Mutex;
use serde::Deserialize;
use serde_json::{Value, json};
use std::convert::Infallible;
use std::path::Path;
use std::sync::Arc;
use std::sync::mpsc::{Receiver, Sender, channel};
use tauri::ipc::{CallbackFn, InvokeBody, InvokeResponse, InvokeResponseBody};
use tauri::test::{INVOKE_KEY, MockRuntime, mock_builder, mock_context, noop_assets};
use tauri::webview::InvokeRequest;
use tauri_specta::Event as _;
use tokio::sync::{broadcast, oneshot};
use tokio_stream::wrappers::BroadcastStream;

/// Core, the commands and what they did outside.
pub struct App {
    core: Arc<Core>,
    commands: Sender<Ask>,
    events: broadcast::Sender<Event>,
    opened: Arc<Mutex<Vec<String>>>,
}

/// A command on its way to the thread that owns the mock runtime, which no other thread may touch.
struct Ask {
    command: String,
    arguments: Value,
    reply: oneshot::Sender<Value>,
}

impl App {
    /// Opens the data file, starts the engine and the thread that runs commands.
    pub fn open(
        folder: &Path,
        practice: Value,
        clock: Arc<dyn Clock>,
        secrets: Arc<dyn SecretStore>,
    ) -> anyhow::Result<Self> {
        let core = Core::open(Parts {
            data_folder: Some(folder.to_path_buf()),
            clock,
            secrets,
            vendors: connector_registry::vendors(Arc::new(connector_http::Network::new()?)),
            practice: Some(practice),
        })?;
        let (events, _) = broadcast::channel(1024);
        let sender = backroom_lib::events::coalesce({
            let events = events.clone();
            // Nobody listening is no fault: the page may not be open yet.
            move |event| drop(events.send(event))
        });
        core.listen(Arc::new(move |event| drop(sender.send(event.clone()))));

        let opened: Arc<Mutex<Vec<String>>> = Arc::default();
        let (commands, asked) = channel();
        std::thread::Builder::new().name("commands".to_owned()).spawn({
            let (core, pages) = (Arc::clone(&core), Arc::clone(&opened));
            move || run_commands(core, pages, &asked).expect("the mock runtime starts")
        })?;
        start_engine(Arc::clone(&core))?;
        Ok(Self { core, commands, events, opened })
    }
}

/// Owns the app on the mock runtime and hands it one command after the other; slow ones answer later.
fn run_commands(core: Arc<Core>, pages: Arc<Mutex<Vec<String>>>, asked: &Receiver<Ask>) -> tauri::Result<()> {
    let app = mock_builder()
        .invoke_handler(backroom_lib::bindings::builder::<MockRuntime>().invoke_handler())
        .manage(core)
        .manage(Browser::new(move |url| {
            pages.lock().push(url.to_owned());
            Ok(())
        }))
        .build(mock_context(noop_assets()))?;
    let window = tauri::WebviewWindowBuilder::new(&app, "main", tauri::WebviewUrl::default()).build()?;
    while let Ok(Ask { command, arguments, reply }) = asked.recv() {
        let request = InvokeRequest {
            cmd: command,
            callback: CallbackFn(0),
            error: CallbackFn(1),
            url: "tauri://localhost".parse().expect("a constant address"),
            body: InvokeBody::Json(arguments),
            headers: tauri::http::HeaderMap::new(),
            invoke_key: INVOKE_KEY.to_owned(),
        };
        let webview: &tauri::Webview<MockRuntime> = window.as_ref();
        webview.clone().on_message(
            request,
            Box::new(move |_window, _command, response, _callback, _error| {
                // The page may have gone away meanwhile.
                let _received = reply.send(in_json(response));
            }),
        );
    }
    Ok(())
}

fn in_json(response: InvokeResponse) -> Value {
    match response {
        InvokeResponse::Ok(InvokeResponseBody::Json(text)) => match serde_json::from_str::<Value>(&text) {
            Ok(value) => json!({ "ok": true, "value": value }),
            Err(error) => json!({ "ok": false, "error": error.to_string() }),
        },
        InvokeResponse::Ok(InvokeResponseBody::Raw(_)) => {
            json!({ "ok": false, "error": "no command answers in raw bytes" })
        }
        InvokeResponse::Err(error) => json!({ "ok": false, "error": error.0 }),
    }
}

fn start_engine(core: Arc<Core>) -> anyhow::Result<()> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    std::thread::Builder::new()
        .name("sync".to_owned())
        .spawn(move || runtime.block_on(core.run_engine()))
        .context("the engine's thread")?;
    Ok(())
}

/// Runs a command by name.
pub async fn invoke(
    State(served): State<Served>,
    UrlPath(command): UrlPath<String>,
    Json(arguments): Json<Value>,
) -> Json<Value> {
    let (reply, answer) = oneshot::channel();
    if served.app.commands.send(Ask { command, arguments, reply }).is_err() {
        return Json(json!({ "ok": false, "error": "the commands' thread has ended" }));
    }
    Json(answer.await.unwrap_or_else(|error| json!({ "ok": false, "error": error.to_string() })))
}

/// The app's events, as the window would get them.
pub async fn events(State(served): State<Served>) -> Sse<impl Stream<Item = Result<StreamEvent, Infallible>>> {
    let stream = BroadcastStream::new(served.app.events.subscribe()).filter_map(|event| async move {
        let message = json!({ "event": AppEvent::NAME, "payload": event.ok()? });
        Some(Ok(StreamEvent::default().data(message.to_string())))
    });
    Sse::new(stream)
}

/// Pages the app asked the owner's browser to open, oldest first.
pub async fn opened(State(served): State<Served>) -> Json<Vec<String>> {
    Json(served.app.opened.lock().clone())
}

/// A link the system would hand to the app.
#[derive(Deserialize)]
pub struct Link {
    link: String,
}

/// Hands a `backroom://` link to the app, as the system does when a browser follows it.
pub async fn link(State(served): State<Served>, Json(body): Json<Link>) -> Json<Value> {
    match served.app.core.finish_sign_in(body.link).await {
        Ok(outcome) => Json(json!({ "ok": true, "value": outcome })),
        Err(error) => Json(json!({ "ok": false, "error": error.to_string() })),
    }
}
