//! Supervision: a panic in one stage ends that stage and nothing else.
//!
//! Every connector is wrapped, so that a panic in it is an error like any other; each connection's share of a run, each audit,
//! preview and message of the engine's loop is caught; the loop itself is started again after a growing pause, and given up
//! with words. A panic leaves half-done state behind locks that do not poison, so whatever was in memory is dropped: the data
//! file's transaction was rolled back, and the next step reads from it.
//! Absent on purpose: the panic's own text, which may hold a record's values. The panic hook logs where it happened.

use crate::event::{AttentionPlace, Event};
use crate::{Core, Error, Result};
use connector_contract::{
    Account, BrowserSignIn, Choice, Connector, ConnectorError, InventoryPage, InventoryRequest, Opener, Page,
    PullRequest, Pulled, Push, Pushed, RecordKind, RemoteId, Rest, Safeguard, Stream, Vendor,
};
use futures::FutureExt;
use std::any::Any;
use std::collections::BTreeMap;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::time::Duration;

/// A stage panicked. The hook has logged where.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Panicked;

impl From<Panicked> for Error {
    fn from(_: Panicked) -> Self {
        Self::Bug(FAULT.to_owned())
    }
}

/// What the owner reads of it, where nothing more can be said.
pub const FAULT: &str = "a fault in Backroom itself stopped this; nothing was lost, and the log says where";

/// The loop is started again at most so often in a row.
const MOST_RESTARTS: u32 = 6;
const FIRST_PAUSE: Duration = Duration::from_secs(1);

/// Runs a stage to its end or to its panic.
pub async fn caught<T>(stage: &'static str, work: impl Future<Output = T>) -> std::result::Result<T, Panicked> {
    AssertUnwindSafe(work).catch_unwind().await.map_err(|panic| noted(stage, panic))
}

/// [`caught`] for work that does not wait.
pub fn caught_now<T>(stage: &'static str, work: impl FnOnce() -> T) -> std::result::Result<T, Panicked> {
    catch_unwind(AssertUnwindSafe(work)).map_err(|panic| noted(stage, panic))
}

fn noted(stage: &'static str, panic: Box<dyn Any + Send>) -> Panicked {
    #[cfg(feature = "testing")]
    if panic.is::<crate::testing::Ended>() {
        // Stands for the end of the process, which nothing survives.
        std::panic::resume_unwind(panic);
    }
    if Safeguard::Supervision.is_broken() {
        std::panic::resume_unwind(panic);
    }
    drop(panic);
    tracing::error!(stage, "a stage panicked; what it had begun was undone");
    Panicked
}

/// The vendor with every connector and every sign-in it opens wrapped.
pub fn watched(vendor: Vendor) -> Vendor {
    let open = vendor.open;
    let sign_in = vendor.sign_in.map(|sign_in| -> Opener<dyn BrowserSignIn> {
        Arc::new(move |config| Arc::new(WatchedSignIn(caught_now("opening a sign-in", || sign_in(config)).ok())))
    });
    Vendor { open: Arc::new(move |config| Arc::new(Watched(open(config)))), sign_in, ..vendor }
}

/// A sign-in whose panics are errors; none where opening it panicked.
struct WatchedSignIn(Option<Arc<dyn BrowserSignIn>>);

impl WatchedSignIn {
    async fn ask<'a, T, F>(
        &'a self,
        stage: &'static str,
        question: impl FnOnce(&'a dyn BrowserSignIn) -> F,
    ) -> std::result::Result<T, ConnectorError>
    where
        F: Future<Output = std::result::Result<T, ConnectorError>>,
    {
        let fault = || ConnectorError::Bug(FAULT.to_owned());
        let sign_in = self.0.as_deref().ok_or_else(fault)?;
        caught(stage, async { question(sign_in).await }).await.unwrap_or_else(|Panicked| Err(fault()))
    }
}

#[async_trait::async_trait]
impl BrowserSignIn for WatchedSignIn {
    async fn authorize_url(&self, redirect_uri: &str, state: &str) -> std::result::Result<url::Url, ConnectorError> {
        self.ask("authorize_url", |sign_in| sign_in.authorize_url(redirect_uri, state)).await
    }

    async fn exchange(
        &self,
        redirect_uri: &str,
        code: &str,
        parameters: &BTreeMap<String, String>,
    ) -> std::result::Result<Option<String>, ConnectorError> {
        self.ask("exchange", |sign_in| sign_in.exchange(redirect_uri, code, parameters)).await
    }

    async fn revoke(&self) -> std::result::Result<(), ConnectorError> {
        self.ask("revoke", BrowserSignIn::revoke).await
    }
}

/// A connector whose panics are errors. Every method is passed on, those with a default too.
struct Watched(Arc<dyn Connector>);

impl Watched {
    async fn ask<T>(
        &self,
        stage: &'static str,
        question: impl Future<Output = std::result::Result<T, ConnectorError>>,
    ) -> std::result::Result<T, ConnectorError> {
        caught(stage, question).await.unwrap_or_else(|Panicked| Err(ConnectorError::Bug(FAULT.to_owned())))
    }
}

#[async_trait::async_trait]
impl Connector for Watched {
    async fn identify(&self) -> std::result::Result<Account, ConnectorError> {
        self.ask("identify", self.0.identify()).await
    }

    fn streams(&self) -> &'static [Stream] {
        // Caught by the part: without its streams a connection would seem to have nothing.
        self.0.streams()
    }

    fn rest(&self) -> Option<Rest> {
        caught_now("rest", || self.0.rest()).unwrap_or_default()
    }

    fn end_rest(&self) {
        // A vendor that goes on resting is told as one.
        let _ = caught_now("end_rest", || self.0.end_rest());
    }

    async fn pull(&self, request: PullRequest) -> std::result::Result<Page, ConnectorError> {
        self.ask("pull", self.0.pull(request)).await
    }

    async fn push(&self, push: Push) -> std::result::Result<Pushed, ConnectorError> {
        self.ask("push", self.0.push(push)).await
    }

    fn keeps(&self, kind: RecordKind, field: &str) -> bool {
        self.0.keeps(kind, field)
    }

    async fn choices(&self) -> std::result::Result<Vec<Choice>, ConnectorError> {
        self.ask("choices", self.0.choices()).await
    }

    fn inventory_kinds(&self) -> &'static [RecordKind] {
        caught_now("inventory_kinds", || self.0.inventory_kinds()).unwrap_or_default()
    }

    async fn inventory(&self, request: InventoryRequest) -> std::result::Result<InventoryPage, ConnectorError> {
        self.ask("inventory", self.0.inventory(request)).await
    }

    fn looks_up(&self, kind: RecordKind, id: &RemoteId) -> bool {
        caught_now("looks_up", || self.0.looks_up(kind, id)).unwrap_or_default()
    }

    async fn fetch(&self, kind: RecordKind, id: &RemoteId) -> std::result::Result<Pulled, ConnectorError> {
        self.ask("fetch", self.0.fetch(kind, id)).await
    }
}

impl Core {
    /// The engine's loop, started again when it panics: after one second, two, four, …; after some times in a row it is given up,
    /// and the owner hears of it. Ends when [`Core::stop`] is called or the future is dropped.
    pub async fn run_engine(self: Arc<Self>) {
        for restart in 0..=MOST_RESTARTS {
            if Box::pin(caught("the engine's loop", self.engine_loop())).await.is_ok() {
                return;
            }
            self.put_in_order();
            let pause = FIRST_PAUSE.saturating_mul(1 << restart);
            if restart < MOST_RESTARTS && self.engine.unless_halted(tokio::time::sleep(pause)).await.is_err() {
                return;
            }
        }
        tracing::error!("the engine's loop panicked again and again and is not started any more");
        self.store.tell(&Event::Attention {
            title: "Syncing has stopped".to_owned(),
            text: "Backroom ran into a fault of its own again and again. Quit it and open it again; nothing is lost."
                .to_owned(),
            place: AttentionPlace::Problems,
        });
    }

    /// After a panic: no run stays open, and nothing says that work is going on that has ended.
    pub(super) fn put_in_order(&self) {
        let ended = caught_now("putting in order", || -> Result<()> {
            self.engine.forget_work();
            self.mark_leftovers()
        });
        match ended {
            Ok(Ok(())) | Err(Panicked) => {}
            Ok(Err(error)) => tracing::error!(%error, "what a panic left open could not be ended"),
        }
    }
}
