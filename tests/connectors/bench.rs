//! The engine's part, played by hand: a mirror of what was pulled, pushes with keys, and planned faults.

use crate::running::Running;
use chrono::{DateTime, TimeZone, Utc};
use connector_contract::{
    Attempt, Clock, ConnectionConfig, Connector, ConnectorError, Content, Cursor, Environment, FakeClock,
    IdempotencyKey, MemorySecrets, Operation, PullRequest, Push, Pushed, Record, RecordKind, RemoteId, SecretStore,
    Vendor as Vendored,
};
use connector_http::{Exchange, ExchangeError, Limits};
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};
use vendor_sim::{Fault, FaultKind, InProcess, Vendor, World};

/// When every test begins: a Tuesday morning in winter time.
pub fn start() -> DateTime<Utc> {
    Utc.with_ymd_and_hms(2026, 11, 17, 15, 30, 0).unwrap()
}

/// Something the vendor's own user does at an awkward moment: just before a request that the test chooses.
pub struct Meddling {
    inner: Arc<dyn Exchange>,
    chosen: fn(&http::Request<bytes::Bytes>) -> bool,
    deed: Mutex<Option<Box<dyn FnOnce() + Send>>>,
}

impl Meddling {
    /// Around this transport, before the first request that `chosen` accepts after [`Self::then`].
    pub fn new(inner: Arc<dyn Exchange>, chosen: fn(&http::Request<bytes::Bytes>) -> bool) -> Arc<Self> {
        Arc::new(Self { inner, chosen, deed: Mutex::default() })
    }

    /// Does this, once.
    pub fn then(&self, deed: impl FnOnce() + Send + 'static) {
        *self.deed.lock().unwrap() = Some(Box::new(deed));
    }

    /// Whether it has been done.
    pub fn is_done(&self) -> bool {
        self.deed.lock().unwrap().is_none()
    }
}

#[async_trait::async_trait]
impl Exchange for Meddling {
    async fn exchange(
        &self,
        request: http::Request<bytes::Bytes>,
        limits: Limits,
    ) -> Result<http::Response<bytes::Bytes>, ExchangeError> {
        if (self.chosen)(&request)
            && let Some(deed) = self.deed.lock().unwrap().take()
        {
            deed();
        }
        self.inner.exchange(request, limits).await
    }
}

/// One vendor's simulator and the connector that talks to it.
pub struct Bench {
    pub world: World,
    pub clock: Arc<FakeClock>,
    pub secrets: Arc<MemorySecrets>,
    pub exchange: Arc<dyn Exchange>,
    pub connector: Arc<dyn Connector>,
    pub config: ConnectionConfig,
    pub vendor: Vendor,
    cursors: Mutex<BTreeMap<&'static str, Cursor>>,
    seen: Mutex<Seen>,
}

/// What has been pulled, by kind and id: the newest content, with what an answer leaves unsaid kept from before.
pub type Seen = BTreeMap<(RecordKind, String), Value>;

/// A world with this seed on a fake clock, and the way to it.
pub fn world(seed: &str) -> (World, Arc<FakeClock>, Arc<dyn Exchange>) {
    world_at(seed, start())
}

/// The same, beginning at another moment.
pub fn world_at(seed: &str, now: DateTime<Utc>) -> (World, Arc<FakeClock>, Arc<dyn Exchange>) {
    let clock = Arc::new(FakeClock::at(now));
    let world = World::with_clock(clock.clone());
    world.seed(seed).unwrap();
    let exchange = Running::new(InProcess::new(world.clone()), clock.clone());
    (world, clock, Arc::new(exchange))
}

/// A configuration for the practice environment: addresses from the world's own connection line.
pub fn config(
    world: &World,
    vendor: &Vendored,
    secrets: &Arc<MemorySecrets>,
    clock: &Arc<FakeClock>,
) -> ConnectionConfig {
    let line = serde_json::to_value(world.connection()).unwrap();
    let address = |path: &str| line.pointer(&format!("/{}", path.replace('.', "/"))).unwrap().as_str().unwrap();
    ConnectionConfig {
        environment: Environment::Practice,
        account_id: None,
        endpoints: vendor
            .descriptor
            .endpoints
            .iter()
            .map(|endpoint| (endpoint.id.to_owned(), address(endpoint.practice).to_owned()))
            .collect(),
        settings: BTreeMap::new(),
        secrets: secrets.clone() as Arc<dyn SecretStore>,
        clock: clock.clone(),
    }
}

impl Bench {
    /// Puts a signed-in connector on the bench.
    pub fn of(
        vendor: Vendor,
        (world, clock, exchange): (World, Arc<FakeClock>, Arc<dyn Exchange>),
        secrets: Arc<MemorySecrets>,
        vendored: &Vendored,
        config: ConnectionConfig,
    ) -> Self {
        let connector = (vendored.open)(config.clone());
        let (cursors, seen) = (Mutex::default(), Mutex::default());
        Self { world, clock, secrets, exchange, connector, config, vendor, cursors, seen }
    }

    /// Does something as the vendor's own user.
    pub fn act(&self, action: &str, body: &Value) -> Value {
        self.world.act(self.vendor, action, body).unwrap()
    }

    /// Everything the vendor keeps.
    pub fn dump(&self) -> Value {
        self.world.dump(self.vendor)
    }

    /// Lets time pass.
    pub fn pass(&self, step: chrono::Duration) {
        self.world.advance(step);
    }

    /// Plans a fault for a request.
    pub fn plan(&self, kind: FaultKind, method: &str, path: &str) {
        self.world.plan(Fault::next(self.vendor, kind).on(method, path));
    }

    /// Requests whose path contains this.
    pub fn requests(&self, method: &str, path: &str) -> Vec<vendor_sim::RequestEntry> {
        let fits =
            |r: &vendor_sim::RequestEntry| r.vendor == self.vendor && r.method == method && r.path.contains(path);
        self.world.requests().into_iter().filter(fits).collect()
    }

    /// Pulls every stream to its end, as a run does. Returns the records whose content was new.
    pub async fn pull(&self) -> Result<Vec<(RecordKind, String)>, ConnectorError> {
        let mut new = Vec::new();
        for stream in self.connector.streams() {
            for page_number in 0.. {
                assert!(page_number < 400, "the stream {} does not end", stream.id);
                let cursor = self.cursors.lock().unwrap().get(stream.id).cloned();
                let now = self.clock.now();
                let page = match self.connector.pull(PullRequest { stream: *stream, cursor, now }).await {
                    Err(ConnectorError::CursorExpired) => {
                        assert!(self.cursors.lock().unwrap().remove(stream.id).is_some(), "expired without a cursor");
                        continue;
                    }
                    page => page?,
                };
                for pulled in page.records {
                    new.extend(self.take(pulled.remote_id, pulled.content));
                }
                self.cursors.lock().unwrap().insert(stream.id, page.next);
                if !page.more {
                    break;
                }
            }
        }
        Ok(new)
    }

    /// Keeps a pulled record; its name when it says something new.
    fn take(&self, id: RemoteId, content: Content) -> Option<(RecordKind, String)> {
        let (kind, value) = match content {
            Content::Present(record) => (record.kind(), serde_json::to_value(&record).unwrap()),
            Content::Deleted(kind) => (kind, json!({ "deleted": true })),
            Content::Merged { kind, into } => (kind, json!({ "deleted": true, "into": into.0 })),
            Content::Unreadable { kind, reason } => (kind, json!({ "unreadable": reason })),
        };
        let mut seen = self.seen.lock().unwrap();
        let known = seen.entry((kind, id.0.clone())).or_default();
        let mut value = value;
        if let (Some(fields), Some(before)) = (value.as_object_mut(), known.as_object()) {
            for (name, field) in fields {
                if field.is_null() {
                    field.clone_from(before.get(name).unwrap_or(&Value::Null));
                }
            }
        }
        let new = *known != value;
        *known = value;
        new.then_some((kind, id.0))
    }

    /// The records of a kind that are there, by id.
    pub fn all(&self, kind: RecordKind) -> BTreeMap<String, Value> {
        let there = |value: &Value| value.get("deleted").is_none() && value.get("unreadable").is_none();
        let seen = self.seen.lock().unwrap();
        seen.iter().filter(|((k, _), v)| *k == kind && there(v)).map(|((_, id), v)| (id.clone(), v.clone())).collect()
    }

    /// Forgets what was pulled, and where every stream stood.
    pub fn forget(&self) {
        self.cursors.lock().unwrap().clear();
        self.seen.lock().unwrap().clear();
    }

    /// What was reported as unreadable.
    pub fn unreadable(&self) -> Vec<(RecordKind, String)> {
        let seen = self.seen.lock().unwrap();
        seen.iter().filter(|(_, value)| value.get("unreadable").is_some()).map(|(name, _)| name.clone()).collect()
    }

    /// One pulled record.
    pub fn one(&self, kind: RecordKind, id: &str) -> Value {
        self.seen.lock().unwrap().get(&(kind, id.to_owned())).cloned().unwrap_or_default()
    }

    /// Sends a change for the first time.
    pub async fn push(&self, key: &str, operation: Operation) -> Result<Pushed, ConnectorError> {
        self.send(key, Attempt::Clean, operation).await
    }

    /// Sends a change whose earlier try may have been applied.
    pub async fn push_again(&self, key: &str, operation: Operation) -> Result<Pushed, ConnectorError> {
        self.send(key, Attempt::AfterUnknown, operation).await
    }

    async fn send(&self, key: &str, attempt: Attempt, operation: Operation) -> Result<Pushed, ConnectorError> {
        let local_id = format!("local-{key}");
        self.connector
            .push(Push { key: IdempotencyKey(key.to_owned()), attempt, natural_key: local_id, operation })
            .await
    }

    /// Sends as the engine does: waits and comes back after a transient failure, with the doubt an unknown outcome
    /// leaves. Returns the outcome and the errors on the way.
    pub async fn send_until_done(&self, key: &str, operation: &Operation) -> (Pushed, Vec<ConnectorError>) {
        let mut errors = Vec::new();
        let mut attempt = Attempt::Clean;
        loop {
            match self.send(key, attempt, operation.clone()).await {
                Ok(pushed) => return (pushed, errors),
                Err(error) => {
                    assert!(error.is_transient(), "not to be tried again: {error}");
                    if matches!(error, ConnectorError::Unknown(_)) {
                        attempt = Attempt::AfterUnknown;
                    }
                    errors.push(error);
                    assert!(errors.len() < 6, "never ends: {errors:?}");
                    tokio::time::sleep(std::time::Duration::from_mins(6)).await;
                }
            }
        }
    }
}

/// Makes a record of it.
pub fn create(record: Record) -> Operation {
    Operation::Create(Box::new(record))
}

/// An update of what a push returned.
pub fn update(pushed: &Pushed, record: Record) -> Operation {
    Operation::Update {
        remote_id: pushed.remote_id.clone(),
        version: pushed.version.clone(),
        base: None,
        record: Box::new(record),
    }
}

/// A retirement of what a push returned.
pub fn retire(pushed: &Pushed, kind: RecordKind) -> Operation {
    Operation::Retire { remote_id: pushed.remote_id.clone(), version: pushed.version.clone(), kind }
}

/// Faults after which a write may or may not have been applied.
pub const DOUBTFUL: [FaultKind; 9] = [
    FaultKind::ServerError,
    FaultKind::ServerErrorAfter,
    FaultKind::BadGateway,
    FaultKind::TimeoutBefore,
    FaultKind::TimeoutAfter,
    FaultKind::CutBefore,
    FaultKind::CutAfter,
    FaultKind::TruncatedJson,
    FaultKind::Html200,
];

/// Faults that a client gets over by itself.
pub const PASSING: [FaultKind; 3] = [FaultKind::TooManyRequests, FaultKind::Refuse, FaultKind::Slow];

/// Money of the tests' one currency, in cents.
pub fn usd(cents: i64) -> backroom_money::Money {
    backroom_money::Money::from_minor(cents, backroom_money::Currency::USD)
}

/// Texts of an error as people and logs may see it.
pub fn words(error: &ConnectorError) -> String {
    format!("{error} {error:?}")
}
