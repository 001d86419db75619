//! A scripted vendor: an account in memory that behaves like a real one (versions, a feed of changes, keys that are honoured)
//! and breaks on request. For tests of core alone; the vendors' own protocols are played elsewhere.

mod connector;
mod descriptors;

pub use descriptors::{BOOKS, CARDS, PARCELS};

use backroom_money::Money;
use chrono::{DateTime, Duration, Utc};
use connector::Browser;
use connector_contract::{
    Attempt, BrowserSignIn, Choice, ConnectionConfig, ConnectorError, Content, Descriptor, Operation, Pulled, Push,
    Pushed, Record, RecordKind, RemoteId, RemoteVersion, Rest, SignIn, Stream, Vendor, Written,
};
use parking_lot::Mutex;
use std::collections::{BTreeMap, HashMap, VecDeque};
use std::sync::Arc;

/// The one feed of a scripted account.
pub const EVERYTHING: Stream = Stream { id: "everything", label: "everything" };

/// How a request breaks.
#[derive(Debug, Clone)]
pub enum Fault {
    /// Nothing was applied.
    Before(ConnectorError),
    /// It was applied, and then the answer was lost.
    After(ConnectorError),
    /// It was applied, and no answer ever comes: for tests that drop the caller.
    HangAfter,
    /// Nothing was applied, and no answer ever comes.
    HangBefore,
    /// It is applied after this long.
    Late(std::time::Duration),
}

#[derive(Debug, Clone)]
struct Remote {
    version: u64,
    record: Option<Record>,
    kind: RecordKind,
    updated_at: DateTime<Utc>,
    sequence: u64,
}

impl Remote {
    fn pulled(&self, id: &RemoteId) -> Pulled {
        let content = match &self.record {
            Some(record) => Content::Present(Box::new(record.clone())),
            None => Content::Deleted(self.kind),
        };
        let version = Some(RemoteVersion(self.version.to_string()));
        Pulled { remote_id: id.clone(), version, updated_at: Some(self.updated_at), content }
    }
}

#[derive(Default)]
struct State {
    account: String,
    remotes: BTreeMap<(RecordKind, RemoteId), Remote>,
    /// What the feed brings besides, as it is, with its place in the feed.
    raw: Vec<(u64, Pulled)>,
    sequence: u64,
    next_id: u64,
    page_size: usize,
    answered: HashMap<String, Pushed>,
    pushes: Vec<(String, Attempt, String)>,
    push_faults: VecDeque<Option<Fault>>,
    pull_faults: VecDeque<ConnectorError>,
    identify_faults: VecDeque<ConnectorError>,
    inventory_faults: VecDeque<ConnectorError>,
    exchange_faults: VecDeque<ConnectorError>,
    revoked: u32,
    rest: Option<Rest>,
    server_time: Option<DateTime<Utc>>,
    choices: Vec<Choice>,
    /// Fields the vendor has no place for.
    unkept: Vec<&'static str>,
    /// Changes what the vendor stores of a pushed record.
    assign: Option<fn(&mut Record)>,
    /// Answers earlier pages again, as some vendors do.
    rewind: u64,
    /// The next push is answered with this record instead of being applied.
    twin: Option<RemoteId>,
    /// Calls that panic, and how often yet.
    panics: HashMap<&'static str, u32>,
    /// How long an answer to a question takes.
    slowness: std::time::Duration,
    /// Questions so far.
    asked: u32,
}

/// A scripted account; clones share it.
#[derive(Clone)]
pub struct Script {
    state: Arc<Mutex<State>>,
    descriptor: &'static Descriptor,
}

impl Script {
    /// An empty account of this vendor with the id `account-1`.
    pub fn new(descriptor: &'static Descriptor) -> Self {
        let state = State { account: "account-1".into(), page_size: 100, ..State::default() };
        Self { state: Arc::new(Mutex::new(state)), descriptor }
    }

    /// The vendor to hand to core.
    pub fn vendor(&self) -> Vendor {
        let (open, sign_in) = (self.clone(), self.clone());
        let browser = move |config: ConnectionConfig| -> Arc<dyn BrowserSignIn> {
            sign_in.trip("sign_in");
            Arc::new(Browser { script: sign_in.clone(), config })
        };
        Vendor {
            descriptor: self.descriptor,
            open: Arc::new(move |_| Arc::new(open.clone())),
            sign_in: (self.descriptor.sign_in == SignIn::OAuth).then(|| Arc::new(browser) as _),
        }
    }

    /// From now on this call of the connector panics so many times: `identify`, `pull`, `push`, `pushed` (after it was applied),
    /// `inventory`, `fetch`, `choices`, `streams`; and of its sign-in: `sign_in` (when it is opened), `authorize_url`, `exchange`, `revoke`.
    pub fn panic_in(&self, call: &'static str, times: u32) {
        self.state.lock().panics.insert(call, times);
    }

    fn trip(&self, call: &'static str) {
        let trips = match self.state.lock().panics.get_mut(call) {
            Some(left) if *left > 0 => {
                *left -= 1;
                true
            }
            _ => false,
        };
        assert!(!trips, "a connector that panics in {call}");
    }

    /// The vendor's own user writes a record; a new one when `id` is unknown.
    pub fn put(&self, id: &str, record: Record) -> RemoteId {
        let mut state = self.state.lock();
        let id = RemoteId(id.to_owned());
        state.sequence += 1;
        let (sequence, kind) = (state.sequence, record.kind());
        let version = state.remotes.get(&(kind, id.clone())).map_or(0, |known| known.version + 1);
        let updated_at = state.time();
        let remote = Remote { version, record: Some(record), kind, updated_at, sequence };
        state.remotes.insert((kind, id.clone()), remote);
        id
    }

    /// The vendor's own user deletes a record.
    pub fn delete(&self, kind: RecordKind, id: &str) {
        let mut state = self.state.lock();
        state.sequence += 1;
        let sequence = state.sequence;
        let updated_at = state.time();
        if let Some(remote) = state.remotes.get_mut(&(kind, RemoteId(id.to_owned()))) {
            *remote = Remote { version: remote.version + 1, record: None, kind, updated_at, sequence };
        }
    }

    /// The account is as if nothing had ever been in it, and whoever has read its feed has to start over.
    pub fn empty(&self) {
        let mut state = self.state.lock();
        state.remotes.clear();
        state.raw.clear();
        state.pull_faults.push_back(ConnectorError::CursorExpired);
    }

    /// The feed brings this as it is, whatever the vendor has: something unreadable, or a page from before.
    pub fn feed(&self, pulled: Pulled) {
        let mut state = self.state.lock();
        state.sequence += 1;
        let sequence = state.sequence;
        state.raw.push((sequence, pulled));
    }

    /// A record as the feed would bring it now.
    pub fn pulled(&self, kind: RecordKind, id: &str) -> Option<Pulled> {
        let id = RemoteId(id.to_owned());
        let state = self.state.lock();
        state.remotes.get(&(kind, id.clone())).map(|remote| state.shown(&id, remote))
    }

    /// What the vendor has of a kind, by id.
    pub fn all(&self, kind: RecordKind) -> Vec<(RemoteId, Record)> {
        let state = self.state.lock();
        let of_kind = state.remotes.iter().filter(|((known, _), _)| *known == kind);
        of_kind.filter_map(|((_, id), remote)| Some((id.clone(), remote.record.clone()?))).collect()
    }

    /// Keys, attempts and operations of all pushes that arrived, in order.
    pub fn pushes(&self) -> Vec<(String, Attempt, String)> {
        self.state.lock().pushes.clone()
    }

    /// The pushes to come break like this, one after another; `None` lets one pass.
    pub fn break_pushes(&self, faults: impl IntoIterator<Item = Option<Fault>>) {
        self.state.lock().push_faults.extend(faults);
    }

    /// The pulls to come fail.
    pub fn break_pulls(&self, faults: impl IntoIterator<Item = ConnectorError>) {
        self.state.lock().pull_faults.extend(faults);
    }

    /// Asking for the account fails.
    pub fn break_identify(&self, fault: ConnectorError) {
        self.state.lock().identify_faults.push_back(fault);
    }

    /// Listing what there is fails.
    pub fn break_inventory(&self, fault: ConnectorError) {
        self.state.lock().inventory_faults.push_back(fault);
    }

    /// The feed does not show this record's last change to those who have not read it yet, as at a window's edge.
    pub fn hide_unread(&self, kind: RecordKind, id: &str) {
        if let Some(remote) = self.state.lock().remotes.get_mut(&(kind, RemoteId(id.to_owned()))) {
            remote.sequence = 0;
        }
    }

    /// Exchanging the next code fails.
    pub fn break_exchange(&self, fault: ConnectorError) {
        self.state.lock().exchange_faults.push_back(fault);
    }

    /// Records a page holds at most.
    pub fn set_page_size(&self, size: usize) {
        self.state.lock().page_size = size;
    }

    /// The vendor is left alone for a while, until a person asks for it.
    pub fn set_rest(&self, rest: Option<Rest>) {
        self.state.lock().rest = rest;
    }

    /// Another account answers from now on.
    pub fn set_account(&self, id: &str) {
        id.clone_into(&mut self.state.lock().account);
    }

    /// The vendor's clock.
    pub fn set_server_time(&self, time: DateTime<Utc>) {
        self.state.lock().server_time = Some(time);
    }

    /// The options the vendor offers for settings.
    pub fn set_choices(&self, choices: Vec<Choice>) {
        self.state.lock().choices = choices;
    }

    /// What the vendor makes of pushed records before it stores them.
    pub fn set_assign(&self, assign: fn(&mut Record)) {
        self.state.lock().assign = Some(assign);
    }

    /// The vendor has no place for these fields.
    pub fn set_unkept(&self, fields: &[&'static str]) {
        self.state.lock().unkept = fields.to_vec();
    }

    /// The next push finds this record instead of making one, as a vendor does that knows the name already.
    pub fn answer_next_push_with(&self, id: RemoteId) {
        self.state.lock().twin = Some(id);
    }

    /// The feed goes back by so many changes behind every cursor.
    pub fn set_rewind(&self, changes: u64) {
        self.state.lock().rewind = changes;
    }

    /// Every answer to a question takes this long from now on; what is sent is answered as ever.
    pub fn set_slowness(&self, slowness: std::time::Duration) {
        self.state.lock().slowness = slowness;
    }

    /// How many questions arrived: for the account, a page, a list or a record.
    pub fn asked(&self) -> u32 {
        self.state.lock().asked
    }

    /// A point to be dropped at, as every request is.
    async fn hear(&self) {
        let slowness = {
            let mut state = self.state.lock();
            state.asked += 1;
            state.slowness
        };
        tokio::task::yield_now().await;
        if !slowness.is_zero() {
            tokio::time::sleep(slowness).await;
        }
    }

    /// How often a grant was revoked.
    pub fn revoked(&self) -> u32 {
        self.state.lock().revoked
    }

    fn apply(&self, push: &Push) -> Result<Pushed, ConnectorError> {
        let mut state = self.state.lock();
        if let Some(remote_id) = state.twin.take() {
            return Ok(Pushed { remote_id, version: None, record: None, written: Written::default() });
        }
        if let Some(pushed) = state.answered.get(&push.key.0).cloned() {
            let made = match &push.operation {
                Operation::Create(record) => state.current(record.kind(), &pushed.remote_id).is_ok(),
                Operation::Update { .. } | Operation::Retire { .. } => true,
            };
            return if made { Ok(pushed) } else { Err(ConnectorError::DeletedSince(pushed.remote_id)) };
        }
        let (kind, id, mut record) = match &push.operation {
            Operation::Create(record) => {
                state.next_id += 1;
                (record.kind(), RemoteId(format!("r{}", state.next_id)), (**record).clone())
            }
            Operation::Update { remote_id, version, record, .. } => {
                let known = state.current(record.kind(), remote_id)?;
                if version.as_ref().is_some_and(|version| version.0 != known.version.to_string()) {
                    let remote_version = Some(RemoteVersion(known.version.to_string()));
                    return Err(ConnectorError::Conflict { remote_version });
                }
                (record.kind(), remote_id.clone(), (**record).clone())
            }
            Operation::Retire { remote_id, kind, .. } => {
                let known = state.current(*kind, remote_id)?;
                let mut record = known.record.ok_or_else(|| ConnectorError::NotFound("deleted".into()))?;
                retire(&mut record);
                (*kind, remote_id.clone(), record)
            }
        };
        if let Some(assign) = state.assign {
            assign(&mut record);
        }
        let version = state.remotes.get(&(kind, id.clone())).map_or(0, |known| known.version + 1);
        state.sequence += 1;
        let (sequence, updated_at) = (state.sequence, state.time());
        let remote = Remote { version, record: Some(record.clone()), kind, updated_at, sequence };
        state.remotes.insert((kind, id.clone()), remote);
        let version = Some(RemoteVersion(version.to_string()));
        let pushed = Pushed { remote_id: id, version, record: Some(Box::new(record)), written: Written::default() };
        state.answered.insert(push.key.0.clone(), pushed.clone());
        Ok(pushed)
    }
}

impl State {
    /// The vendor's time: a second for each change.
    fn time(&self) -> DateTime<Utc> {
        DateTime::UNIX_EPOCH
            + Duration::days(20_000)
            + Duration::seconds(i64::try_from(self.sequence).unwrap_or_default())
    }

    /// A record as the vendor shows it: what is paid of an invoice is no longer due, without a change of the invoice itself.
    fn shown(&self, id: &RemoteId, remote: &Remote) -> Pulled {
        let mut pulled = remote.pulled(id);
        if let Content::Present(record) = &mut pulled.content
            && let Record::Invoice(invoice) = record.as_mut()
            && let Some(balance) = invoice.balance
        {
            let payments = self.remotes.values().filter_map(|remote| match &remote.record {
                Some(Record::Payment(payment)) if !payment.voided => Some(payment),
                _ => None,
            });
            let parts = payments.flat_map(|payment| &payment.applied).filter(|part| part.invoice == *id);
            let paid: i64 = parts.map(|part| part.amount.minor()).sum();
            let due = if invoice.voided { 0 } else { balance.minor() - paid };
            invoice.balance = Some(Money::from_minor(due, balance.currency()));
        }
        pulled
    }

    fn current(&self, kind: RecordKind, id: &RemoteId) -> Result<Remote, ConnectorError> {
        let known = self.remotes.get(&(kind, id.clone())).filter(|known| known.record.is_some());
        known.cloned().ok_or_else(|| ConnectorError::NotFound("no such record".into()))
    }
}

fn retire(record: &mut Record) {
    match record {
        Record::Customer(customer) => customer.active = false,
        Record::Item(item) => item.active = false,
        Record::Order(order) => order.status = connector_contract::record::OrderStatus::Cancelled,
        Record::Invoice(invoice) => invoice.voided = true,
        Record::Payment(payment) => payment.voided = true,
        _ => {}
    }
}
