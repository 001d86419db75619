//! Reading Stripe: whole lists once, then the events; balance rows by their time of creation.
//!
//! Events are not filtered by type: the types that matter are more than one call may name, a quiet account answers an
//! unfiltered poll with one small page, and a poll counts against a monthly allowance. Webhooks are deliberately absent.

use crate::cursor::{self, Balance, Changes, Errand, List, Position, Window};
use crate::events;
use crate::list;
use crate::map;
use crate::wire;
use chrono::{DateTime, Utc};
use connector_contract::{ConnectorError, Page, PullRequest, Pulled, RecordKind, Rest};
use connector_http::{Answer, Base, Call, Client, Sizes};
use serde_json::Value;
use std::collections::VecDeque;

/// Sizes of a page, the largest that Stripe gives first.
const PAGES: Sizes = Sizes(&[100, 10, 1]);
/// The first load goes back this far. Older money is already booked by other means; the books begin here.
const FIRST_LOAD_S: i64 = 90 * DAY;
/// Stripe keeps events for 30 days; a day is left for clocks and long runs.
const EVENTS_KEPT_S: i64 = 29 * DAY;
/// Every window reaches back over the end of the one before: Stripe lists new rows late and out of order.
const OVERLAP_S: i64 = 600;
/// The newest rows may not be listed yet, so the last minute is always read again.
pub(crate) const SETTLING_S: i64 = 60;
/// `Date` shows whole seconds, so what is worked out from it moves by so much between two answers.
const JITTER_S: i64 = 5;
/// After a pause, events are read a day at a time, oldest day first.
const WINDOW_S: i64 = DAY;
pub(crate) const DAY: i64 = 86_400;

/// Reads one account.
pub struct Reader {
    client: Client,
    base: Base,
}

impl Reader {
    /// Over this client, below this address.
    pub fn new(client: Client, base: Base) -> Self {
        Self { client, base }
    }

    /// How long Stripe is left alone.
    pub fn rest(&self, now: DateTime<Utc>) -> Option<Rest> {
        self.client.rest(now)
    }

    /// Lets the next call through.
    pub fn end_rest(&self) {
        self.client.end_rest();
    }

    /// The account behind the key, and Stripe's clock.
    pub async fn account(&self) -> Result<(wire::Account, Option<DateTime<Utc>>), ConnectorError> {
        let answer = self.client.send(Call::get(self.base.route("/v1/account", &[]))).await?;
        Ok((wire::Account::read(answer.document()?.root())?, answer.server_time()))
    }

    /// One event, to find out whether events may be read at all; gives Stripe's clock.
    pub async fn probe(&self) -> Result<Option<DateTime<Utc>>, ConnectorError> {
        let call = Call::get(self.base.route("/v1/events", &[])).query("limit", "1");
        let answer = self.client.send(call).await?;
        list::List::of_events(&answer)?;
        Ok(answer.server_time())
    }

    /// The object as it is now.
    pub async fn object(&self, kind: RecordKind, id: &str) -> Result<Value, ConnectorError> {
        let template = match kind {
            RecordKind::Charge => "/v1/charges/{id}",
            RecordKind::Refund => "/v1/refunds/{id}",
            RecordKind::Dispute => "/v1/disputes/{id}",
            RecordKind::Payout => "/v1/payouts/{id}",
            _ => "/v1/balance_transactions/{id}",
        };
        self.client.send(Call::get(self.base.route(template, &[id]))).await?.json()
    }

    /// Stripe's present second, as far as an answer has shown it. Windows and cursors are bounded by its clock: with ours ahead,
    /// what is made until Stripe's gets there would never be asked for.
    fn stripes_now(&self, ours: DateTime<Utc>) -> i64 {
        self.client.vendor_now(ours).timestamp()
    }

    /// Where reading goes on. A cursor that is ahead of Stripe's clock was written by a wrong one, and nobody knows from when on
    /// something was missed: everything that Stripe still tells is read again.
    fn not_ahead(&self, from: i64, now: i64) -> i64 {
        match self.client.clock_offset() {
            _ if from <= now => from,
            Some(_) => now - EVENTS_KEPT_S,
            // Until Stripe has shown its clock it may be ours that is behind.
            None => now,
        }
    }

    /// A page of charges, refunds, disputes and payouts.
    pub async fn changes(&self, request: &PullRequest) -> Result<Page, ConnectorError> {
        let now = self.stripes_now(request.now);
        let mut changes = match &request.cursor {
            None => begin(now, now - FIRST_LOAD_S),
            Some(cursor) => cursor::read(cursor)?,
        };
        forget_what_is_too_old(&mut changes, now);
        if let Some(errand) = changes.errands.pop_front() {
            return self.errand(errand, changes, now).await;
        }
        match changes.at {
            Position::Listing { list, since, started, after } => {
                let first = request.cursor.is_none().then_some(request.now);
                self.list(list, since, started, after, first).await
            }
            Position::Events { from, window } => self.events(self.not_ahead(from, now), window, request.now).await,
        }
    }

    /// A page of balance rows. They never change and make no events.
    pub async fn balance(&self, request: &PullRequest) -> Result<Page, ConnectorError> {
        let now = self.stripes_now(request.now);
        let Balance { from, open } = match &request.cursor {
            None => Balance { from: now - FIRST_LOAD_S, open: None },
            Some(cursor) => cursor::read(cursor)?,
        };
        let from = self.not_ahead(from, now);
        let (opened, after) = open.map_or((now, None), |(opened, after)| (opened, Some(after)));
        // Without an end: a row that says it is of a later time is taken in too, and moves nothing.
        let call = self
            .page("/v1/balance_transactions", after.as_deref())
            .query("created[gte]", (from - OVERLAP_S).to_string());
        let list = match self.fetch(call, RecordKind::BalanceEntry).await {
            // The row we stopped at is unknown by now: read the span again from its top.
            Err(ConnectorError::CursorExpired) if after.is_some() => {
                return page(Vec::new(), &Balance { from, open: None }, true);
            }
            other => other?,
        };
        // This answer shows Stripe's clock, if none did before.
        let opened = opened.min(self.stripes_now(request.now));
        let records = list.records(|row| map::pulled(RecordKind::BalanceEntry, row, None));
        match list.after {
            Some(after) => page(records, &Balance { from, open: Some((opened, after)) }, true),
            None => page(records, &Balance { from: opened - SETTLING_S, open: None }, false),
        }
    }

    /// A page of a list. With the very first one, reading begins: `first` is our present moment then.
    async fn list(
        &self,
        list: List,
        since: i64,
        started: i64,
        after: Option<String>,
        first: Option<DateTime<Utc>>,
    ) -> Result<Page, ConnectorError> {
        let (path, kind) = match list {
            List::Charges => ("/v1/charges", RecordKind::Charge),
            List::Refunds => ("/v1/refunds", RecordKind::Refund),
            List::Disputes => ("/v1/disputes", RecordKind::Dispute),
            List::Payouts => ("/v1/payouts", RecordKind::Payout),
        };
        let call = self.page(path, after.as_deref()).query("created[gte]", since.to_string());
        let answer = match self.fetch(call, kind).await {
            Err(ConnectorError::CursorExpired) if after.is_some() => {
                return page(Vec::new(), &listing(list, since, started, None), true);
            }
            other => other?,
        };
        // Events are followed from the moment that Stripe's own clock showed, and not from one that it has not reached.
        let started = first.map_or(started, |ours| started.min(self.stripes_now(ours)));
        let records = answer.records(|object| map::pulled(kind, object, None));
        let mut next = match (answer.after.clone(), list.next()) {
            (Some(after), _) => listing(list, since, started, Some(after)),
            (None, Some(list)) => listing(list, since, started, None),
            (None, None) => following(started),
        };
        if list == List::Payouts {
            next.errands = answer.objects().rev().filter_map(members_of).collect();
        }
        // There is always more: another list, or the events since the first list was begun.
        page(records, &next, true)
    }

    async fn events(&self, from: i64, window: Option<Window>, ours: DateTime<Utc>) -> Result<Page, ConnectorError> {
        let now = self.stripes_now(ours);
        let mut window = window.unwrap_or_else(|| Window {
            // A rest of less than a minute is no window of its own; it would be taken for read.
            until: if from + WINDOW_S + SETTLING_S + JITTER_S >= now { now } else { from + WINDOW_S },
            opened: now,
            after: None,
            seen: std::collections::BTreeMap::default(),
        });
        let mut call =
            self.page("/v1/events", window.after.as_deref()).query("created[gte]", (from - OVERLAP_S).to_string());
        if window.until < window.opened {
            call = call.query("created[lte]", window.until.to_string());
        }
        let list = match self.ask(call).await.and_then(|answer| list::List::of_events(&answer)) {
            // The event we stopped at has aged out or is unknown: read the window again from its top.
            Err(ConnectorError::CursorExpired) if window.after.is_some() => {
                let at = Position::Events { from, window: Some(Window { after: None, ..window }) };
                return page(Vec::new(), &Changes { at, errands: VecDeque::new() }, true);
            }
            other => other?,
        };
        let now = self.stripes_now(ours);
        window.opened = window.opened.min(now);
        let batch = events::newest_states(list.objects(), &mut window.seen, now);
        let mut records = self.settle(batch.states).await?;
        records.extend(list.broken());
        records.extend(batch.unreadable);
        let at = if let Some(after) = list.after {
            Position::Events { from, window: Some(Window { after: Some(after), ..window }) }
        } else {
            Position::Events {
                from: window.until.min(window.opened - SETTLING_S).max(from.min(window.until).min(window.opened)),
                window: None,
            }
        };
        let next = Changes { at, errands: batch.errands };
        let more = is_unfinished(&next, now);
        page(records, &next, more)
    }

    /// Turns states into records. Where two states of one object share a second, nothing tells which came last, so the
    /// object itself is asked for.
    async fn settle(&self, states: Vec<events::State>) -> Result<Vec<Pulled>, ConnectorError> {
        let mut records = Vec::with_capacity(states.len());
        for mut state in states {
            if state.ambiguous {
                match self.object(state.kind, &state.id).await {
                    Ok(object) => state.object = object,
                    Err(ConnectorError::NotFound(_)) => {}
                    Err(error) => return Err(error),
                }
            }
            records.push(state.into_pulled());
        }
        Ok(records)
    }

    async fn errand(&self, errand: Errand, mut rest: Changes, now: i64) -> Result<Page, ConnectorError> {
        let (call, of) = match &errand {
            Errand::Members { payout, after } => {
                (self.page("/v1/balance_transactions", after.as_deref()).query("payout", payout), payout)
            }
            Errand::Refunds { charge, after } => {
                (self.page("/v1/refunds", after.as_deref()).query("charge", charge), charge)
            }
        };
        let kind = match &errand {
            Errand::Members { .. } => RecordKind::BalanceEntry,
            Errand::Refunds { .. } => RecordKind::Refund,
        };
        let list = match self.fetch(call, kind).await {
            Ok(list) => list,
            // Stripe cannot tell (a payout without members, a charge of another account): what is known stays.
            Err(
                error @ (ConnectorError::NotFound(_) | ConnectorError::Rejected(_) | ConnectorError::CursorExpired),
            ) => {
                tracing::warn!(of, %error, "Stripe did not list what belongs to a record");
                return page(Vec::new(), &rest, is_unfinished(&rest, now));
            }
            Err(error) => return Err(error),
        };
        let records = list.records(|object| match &errand {
            Errand::Members { payout, .. } => map::payout_member(object, payout),
            Errand::Refunds { .. } => map::pulled(RecordKind::Refund, object, None),
        });
        if let Some(after) = list.after.map(Some) {
            rest.errands.push_front(match errand {
                Errand::Members { payout, .. } => Errand::Members { payout, after },
                Errand::Refunds { charge, .. } => Errand::Refunds { charge, after },
            });
        }
        page(records, &rest, is_unfinished(&rest, now))
    }

    pub(crate) fn page(&self, path: &str, after: Option<&str>) -> Call {
        let call = Call::get(self.base.route(path, &[]));
        match after {
            Some(after) => call.query("starting_after", after),
            None => call,
        }
    }

    pub(crate) async fn fetch(&self, call: Call, kind: RecordKind) -> Result<list::List, ConnectorError> {
        list::List::of(&self.ask(call).await?, kind)
    }

    /// Asks for a page. Where its rows are too many to read at once, for a smaller one: a list goes on after its last row, so
    /// nothing is lost by it.
    async fn ask(&self, call: Call) -> Result<Answer, ConnectorError> {
        let mut size = PAGES.largest();
        loop {
            let answer = self.client.send(call.clone().query("limit", size.to_string())).await;
            match (answer, PAGES.smaller(size)) {
                (Err(ConnectorError::TooLarge), Some(smaller)) => size = smaller,
                (answer, _) => return answer,
            }
        }
    }
}

fn begin(now: i64, since: i64) -> Changes {
    listing(List::Charges, since, now, None)
}

fn listing(list: List, since: i64, started: i64, after: Option<String>) -> Changes {
    Changes { at: Position::Listing { list, since, started, after }, errands: VecDeque::new() }
}

fn following(from: i64) -> Changes {
    Changes { at: Position::Events { from, window: None }, errands: VecDeque::new() }
}

/// Events of more than a month ago are gone, so whoever stopped for longer reads the lists again: the usual span, or
/// longer if the pause was.
fn forget_what_is_too_old(changes: &mut Changes, now: i64) {
    let stopped = match &changes.at {
        Position::Listing { started, .. } => *started,
        Position::Events { from, .. } => *from,
    };
    if now - stopped > EVENTS_KEPT_S {
        let reached = match &changes.at {
            Position::Listing { since, .. } => *since,
            Position::Events { from, .. } => *from - OVERLAP_S,
        };
        *changes = begin(now, reached.min(now - FIRST_LOAD_S));
    }
}

/// Whether something is left to do now: questions, lists, or events up to about now. The overlap of windows does not count:
/// it would raise the same questions again and never end. Nor does a second more or less, by which Stripe's clock may seem to move
/// from one answer to the next.
fn is_unfinished(changes: &Changes, now: i64) -> bool {
    match &changes.at {
        _ if !changes.errands.is_empty() => true,
        Position::Listing { .. } | Position::Events { window: Some(_), .. } => true,
        Position::Events { from, window: None } => *from < now - SETTLING_S - JITTER_S,
    }
}

pub(crate) fn members_of(payout: &Value) -> Option<Errand> {
    let id = map::id_of(payout).filter(|_| map::has_members(payout))?;
    Some(Errand::Members { payout: id.to_owned(), after: None })
}

fn page<T: serde::Serialize>(records: Vec<Pulled>, next: &T, more: bool) -> Result<Page, ConnectorError> {
    Ok(Page { records, next: cursor::write(next)?, more })
}
