//! What every connector must hold, checked against a vendor or its stand-in. Vendor-specific behaviour is tested by each
//! connector; this is only what core relies on.
//!
//! Absent on purpose: writes that change something. The checks can run against any account.

use crate::Record;
use crate::record::Shipment;
use crate::{
    Attempt, Connector, ConnectorError, Content, Cursor, Descriptor, IdempotencyKey, InventoryRequest, Operation, Page,
    PullRequest, Push, RecordKind, RemoteId, RemoteVersion, Stream,
};
use chrono::{DateTime, Duration, Utc};
use std::collections::BTreeSet;
use std::sync::Arc;

/// A stream that has not ended after this many pages never will.
const MOST_PAGES: usize = 2_000;
const ALL: [RecordKind; 11] = [
    RecordKind::Customer,
    RecordKind::Item,
    RecordKind::Order,
    RecordKind::Invoice,
    RecordKind::Payment,
    RecordKind::Shipment,
    RecordKind::Charge,
    RecordKind::Refund,
    RecordKind::Dispute,
    RecordKind::BalanceEntry,
    RecordKind::Payout,
];

/// What is checked, and with what.
pub struct Subject<'a> {
    /// What the vendor says of itself.
    pub descriptor: &'static Descriptor,
    /// Opens the signed-in connection anew, as a restarted app does.
    pub open: &'a (dyn Fn() -> Arc<dyn Connector> + Send + Sync),
    /// The present moment for the vendor.
    pub now: DateTime<Utc>,
    /// Texts that must never show: keys and tokens of the connection.
    pub secrets: &'a [String],
}

/// Checks every rule. Returns the broken ones as sentences; empty means that all hold.
pub async fn broken_rules(subject: &Subject<'_>) -> Vec<String> {
    let mut broken = Broken { subject, rules: Vec::new() };
    broken.account().await;
    for stream in (subject.open)().streams() {
        broken.pages(*stream).await;
        broken.strange_cursors(*stream).await;
    }
    for kind in (subject.open)().inventory_kinds() {
        broken.inventory(*kind).await;
    }
    broken.writes().await;
    broken.parcels().await;
    broken.rules
}

struct Broken<'a> {
    subject: &'a Subject<'a>,
    rules: Vec<String>,
}

impl Broken<'_> {
    fn rule(&mut self, holds: bool, text: impl Into<String>) {
        if !holds {
            self.rules.push(text.into());
        }
    }

    /// Whatever a connector says may be shown and logged.
    fn silent(&mut self, place: &str, said: &str) {
        let tells = self.subject.secrets.iter().any(|secret| !secret.is_empty() && said.contains(secret.as_str()));
        self.rule(!tells, format!("{place} holds a secret"));
    }

    async fn account(&mut self) {
        let connector = (self.subject.open)();
        match (connector.identify().await, (self.subject.open)().identify().await) {
            (Ok(one), Ok(two)) => {
                self.rule(!one.id.is_empty() && one.id == two.id, "the account has a lasting id");
                self.silent("the account", &format!("{one:?}"));
            }
            (one, two) => self.rule(false, format!("the account can be identified: {:?} {:?}", one.err(), two.err())),
        }
        let streams = connector.streams();
        let ids: BTreeSet<&str> = streams.iter().map(|stream| stream.id).collect();
        self.rule(!streams.is_empty() && ids.len() == streams.len(), "every stream has an id of its own");
    }

    async fn pull(&mut self, stream: Stream, cursor: Option<Cursor>) -> Result<Page, ConnectorError> {
        // Opened anew each time: a position must hold all that the next page needs.
        let result = (self.subject.open)().pull(PullRequest { stream, cursor, now: self.subject.now }).await;
        self.silent(stream.id, &format!("{result:?}"));
        result
    }

    async fn pages(&mut self, stream: Stream) {
        let name = stream.id;
        let mut cursor = None;
        for number in 0..MOST_PAGES {
            let (one, two) = match (self.pull(stream, cursor.clone()).await, self.pull(stream, cursor.clone()).await) {
                (Ok(one), Ok(two)) => (one, two),
                (one, two) => {
                    let error = one.err().or(two.err());
                    return self.rule(false, format!("{name} can be read to its end: page {number}: {error:?}"));
                }
            };
            self.rule(ids(&one).is_subset(&ids(&two)), format!("{name}: page {number} can be read twice"));
            for kind in one.records.iter().map(|record| kind(&record.content)) {
                self.rule(self.subject.descriptor.receives(kind), format!("{name} brings only what is declared"));
            }
            let done = !one.more;
            self.rule(done || cursor.as_ref() != Some(&one.next), format!("{name}: page {number} moves on"));
            cursor = Some(one.next);
            if done {
                let last = self.pull(stream, cursor).await;
                return self.rule(last.is_ok(), format!("{name} can go on from its end"));
            }
        }
        self.rule(false, format!("{name} ends"));
    }

    /// A list of what there is ends, holds only its kind, and shows each record as a look-up does.
    async fn inventory(&mut self, kind: RecordKind) {
        let name = kind.as_str();
        let today = self.subject.now.date_naive();
        let days = (today - Duration::days(60), today);
        let mut cursor = None;
        for number in 0..MOST_PAGES {
            let request = InventoryRequest { kind, days, cursor: cursor.clone(), now: self.subject.now };
            let page = match (self.subject.open)().inventory(request).await {
                Ok(page) => page,
                Err(error) => return self.rule(false, format!("all {name} records can be listed: {error:?}")),
            };
            self.rule(
                page.records.iter().all(|pulled| self::kind(&pulled.content) == kind),
                format!("only {name} records"),
            );
            let present = page.records.iter().find(|pulled| matches!(pulled.content, Content::Present(_)));
            let looks_up = |pulled: &&Pulled| (self.subject.open)().looks_up(kind, &pulled.remote_id);
            if let Some(pulled) = present.filter(|_| number == 0).filter(looks_up) {
                let found = (self.subject.open)().fetch(kind, &pulled.remote_id).await;
                let same = found.as_ref().is_ok_and(|found| found.content == pulled.content);
                self.rule(same, format!("a {name} looked up is the one listed: {found:?} {pulled:?}"));
            }
            self.rule(page.next.is_none() || page.next != cursor, format!("the list of {name} records moves on"));
            cursor = page.next;
            if cursor.is_none() {
                let unknown = RemoteId("999999999999".into());
                if !(self.subject.open)().looks_up(kind, &unknown) {
                    return;
                }
                let missing = (self.subject.open)().fetch(kind, &unknown).await;
                let told = matches!(missing, Err(ConnectorError::NotFound(_)));
                return self.rule(told, format!("a {name} that does not exist is told as such: {missing:?}"));
            }
        }
        self.rule(false, format!("the list of {name} records ends"));
    }

    /// A position that is not ours, or ahead of time, must be refused by name or survived.
    async fn strange_cursors(&mut self, stream: Stream) {
        for text in ["", "{}", "null", "[1,2", "not a position"] {
            let result = self.pull(stream, Some(Cursor(text.to_owned()))).await;
            let fits = matches!(result, Ok(_) | Err(ConnectorError::CursorExpired | ConnectorError::Protocol(_)));
            self.rule(fits, format!("{} survives the position {text:?}: {:?}", stream.id, result.err()));
        }
        let Ok(page) = self.pull(stream, None).await else { return };
        let now = self.subject.now - Duration::days(2);
        let request = PullRequest { stream, cursor: Some(page.next), now };
        let result = (self.subject.open)().pull(request).await;
        let fits = matches!(result, Ok(_) | Err(ConnectorError::CursorExpired));
        self.rule(fits, format!("{} survives a clock that was put back: {:?}", stream.id, result.err()));
    }

    /// A parcel of an order that nobody knows is refused, before and after doubt; so is any where none is taken.
    async fn parcels(&mut self) {
        for attempt in [Attempt::Clean, Attempt::AfterUnknown] {
            let parcel = Shipment {
                order: Some(RemoteId("999999999999".into())),
                order_number: None,
                carrier: Some("ups".into()),
                service: None,
                tracking_number: Some("CONFORMANCE".into()),
                shipped_on: Some(self.subject.now.date_naive()),
                cost: None,
                voided: false,
                is_return: false,
                notify_buyer: false,
                notify_channel: false,
                lines: None,
            };
            let operation = Operation::Create(Box::new(Record::Shipment(parcel)));
            let key = IdempotencyKey("conformance-parcel".into());
            let push = Push { key, attempt, natural_key: "conformance".into(), operation };
            let result = (self.subject.open)().push(push).await;
            self.silent("a refused parcel", &format!("{result:?}"));
            let fits = matches!(result, Err(ConnectorError::Rejected(_)));
            self.rule(fits, format!("a shipment of an unknown order is refused: {result:?}"));
        }
    }

    /// What is not declared is refused; what does not exist is not taken for success.
    async fn writes(&mut self) {
        for kind in ALL {
            let operation = Operation::Retire {
                remote_id: RemoteId("999999999999".into()),
                version: Some(RemoteVersion("0".into())),
                kind,
            };
            let key = IdempotencyKey(format!("conformance-{}", kind.as_str()));
            let push = Push { key, attempt: Attempt::AfterUnknown, natural_key: "conformance".into(), operation };
            let result = (self.subject.open)().push(push).await;
            self.silent("a refused write", &format!("{result:?}"));
            let fits = match &result {
                Err(ConnectorError::Rejected(_)) => true,
                Err(ConnectorError::NotFound(_) | ConnectorError::Conflict { .. }) => {
                    self.subject.descriptor.sends(kind)
                }
                _ => false,
            };
            self.rule(fits, format!("retiring an unknown {} is refused: {result:?}", kind.as_str()));
        }
    }
}

fn ids(page: &Page) -> BTreeSet<(RecordKind, &str)> {
    page.records.iter().map(|record| (kind(&record.content), record.remote_id.0.as_str())).collect()
}

fn kind(content: &Content) -> RecordKind {
    match content {
        Content::Present(record) => record.kind(),
        Content::Deleted(kind) | Content::Merged { kind, .. } | Content::Unreadable { kind, .. } => *kind,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Account, Pulled, Pushed, SignIn, Written};
    use std::task::{Context, Poll, Waker};

    static NOTHING: Descriptor = Descriptor {
        id: "careless",
        name: "Careless",
        summary: "",
        sign_in: SignIn::Keys,
        fields: &[],
        endpoints: &[],
        settings: &[],
        capabilities: &[],
        refusals: &[],
    };

    /// Breaks every rule it can: shows its key, brings what it did not declare, never moves on, takes any write for done.
    struct Careless;

    #[async_trait::async_trait]
    impl Connector for Careless {
        async fn identify(&self) -> Result<Account, ConnectorError> {
            Err(ConnectorError::Unauthorized("wrong key sk_123".into()))
        }

        fn streams(&self) -> &'static [Stream] {
            &[Stream { id: "all", label: "All" }, Stream { id: "all", label: "Again" }]
        }

        async fn pull(&self, request: PullRequest) -> Result<Page, ConnectorError> {
            let content = Content::Deleted(RecordKind::Order);
            let records =
                vec![Pulled { remote_id: RemoteId("sk_123".into()), version: None, updated_at: None, content }];
            Ok(Page { records, next: Cursor("same".into()), more: request.cursor.is_none() })
        }

        async fn push(&self, _push: Push) -> Result<Pushed, ConnectorError> {
            Ok(Pushed { remote_id: RemoteId("1".into()), version: None, record: None, written: Written::default() })
        }
    }

    /// Nothing here waits, so one poll is enough.
    fn at_once<T>(future: impl Future<Output = T>) -> T {
        match std::pin::pin!(future).poll(&mut Context::from_waker(Waker::noop())) {
            Poll::Ready(value) => value,
            Poll::Pending => panic!("it waited"),
        }
    }

    #[test]
    fn a_careless_connector_is_told_every_rule_it_breaks() {
        let secrets = ["sk_123".to_owned()];
        let open = || -> Arc<dyn Connector> { Arc::new(Careless) };
        let now = "2026-11-20T09:00:00Z".parse().unwrap();
        let subject = Subject { descriptor: &NOTHING, open: &open, now, secrets: &secrets };
        let broken = at_once(broken_rules(&subject));
        for part in [
            "the account can be identified",
            "every stream has an id of its own",
            "all holds a secret",
            "all brings only what is declared",
            "retiring an unknown payout is refused",
            "a shipment of an unknown order is refused",
        ] {
            assert!(broken.iter().any(|rule| rule.contains(part)), "{part}: {broken:#?}");
        }
    }
}
