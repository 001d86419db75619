//! Sending orders: one upsert by our own order key, and finding out what happened when no answer came.
//!
//! The order key is the local id, so that sending the same order twice is one order. V1 has neither partial updates nor a
//! version to lock on: an order is read, compared with the version last seen, and sent back whole, with only our changes in
//! it (`patch`). An owner's edit in ShipStation between that read and the write is overwritten; V1 offers nothing against it.

use crate::auth::{is_explained_fault, words_of_fault};
use crate::body::Raw;
use crate::wire::{Fields, list};
use crate::{ShipStation, body, map, patch};
use connector_contract::record::{Order, OrderStatus};
use connector_contract::{
    Attempt, ConnectorError, Operation, Push, Pushed, Record, RecordKind, Rejection, RemoteId, RemoteVersion, Written,
};
use connector_http::{Answer, Call};
use serde_json::json;

impl ShipStation {
    pub(crate) async fn push_change(&self, push: Push) -> Result<Pushed, ConnectorError> {
        match &push.operation {
            Operation::Create(record) => match record.as_ref() {
                Record::Shipment(parcel) => self.ship(parcel).await,
                record => self.create(&push, order_of(record)?).await,
            },
            Operation::Update { remote_id, version, base, record } => {
                let base = base.as_deref().map(order_of).transpose()?;
                self.update(push.attempt, remote_id, version.as_ref(), base, order_of(record)?).await
            }
            Operation::Retire { remote_id, version, kind: RecordKind::Order } => {
                self.cancel(push.attempt, remote_id, version.as_ref()).await
            }
            Operation::Retire { .. } => Err(unsupported()),
        }
    }

    async fn create(&self, push: &Push, order: &Order) -> Result<Pushed, ConnectorError> {
        if push.natural_key.is_empty() || push.natural_key.len() > 50 {
            return Err(ConnectorError::Protocol("the order key must have 1 to 50 characters".to_owned()));
        }
        let mut raw = body::order(order)?;
        raw.insert("orderKey".to_owned(), push.natural_key.clone().into());
        if push.attempt == Attempt::AfterUnknown
            && let Some(found) = self.find(&order.number, &push.natural_key).await?
        {
            // It may have been changed there since, so what it says now is not told as what was stored then.
            return Ok(Pushed { record: None, ..self.held(found, order).await? });
        }
        let stored = match self.upsert(&raw).await {
            Err(ConnectorError::Unknown(reason)) if is_explained_fault(&reason) => {
                // The vendor did answer, so by now the order is there or it is not.
                let found = self.find(&order.number, &push.natural_key).await.map_err(|_| unknown(&reason))?;
                found.ok_or_else(|| parked(&reason))?
            }
            result => result?,
        };
        self.held(stored, order).await
    }

    async fn update(
        &self,
        attempt: Attempt,
        id: &RemoteId,
        version: Option<&RemoteVersion>,
        base: Option<&Order>,
        order: &Order,
    ) -> Result<Pushed, ConnectorError> {
        let current = self.get_to_change(id).await?;
        let patched = patch::order(order, base, &current)?;
        // The day of a hold has a call of its own.
        let hold = base.is_some_and(|base| base.hold_until != order.hold_until).then_some("hold_until");
        let written = Written::fields(patched.written.iter().copied().chain(hold));
        if patched.written.is_empty() && (attempt == Attempt::AfterUnknown || is_version(&current, version)) {
            let seen = is_version(&current, version);
            let pushed = self.settled(current, base, order).await?;
            return Ok(match attempt {
                Attempt::Clean => Pushed { written, ..pushed },
                Attempt::AfterUnknown if seen => pushed,
                // It is newer than what was seen: by this change, by somebody else, or by both. What it says now is therefore
                // not what was stored then; the next pull shows it.
                Attempt::AfterUnknown => Pushed { record: None, ..pushed },
            });
        }
        open_and_unchanged(&current, version)?;
        let arrived = |stored: &Raw| patch::order(order, base, stored).is_ok_and(|left| left.written.is_empty());
        let stored = self.replace(id, patched.raw, arrived).await?;
        Ok(Pushed { written, ..self.settled(stored, base, order).await? })
    }

    /// After an update: a hold that nobody here changed stays as it is there.
    async fn settled(&self, stored: Raw, base: Option<&Order>, order: &Order) -> Result<Pushed, ConnectorError> {
        let as_before = base.is_some_and(|base| (base.status, base.hold_until) == (order.status, order.hold_until));
        if as_before { pushed(&stored) } else { self.held(stored, order).await }
    }

    /// Sets the day of a hold, which V1 takes only through a call of its own. The order is stored by now, so a failure
    /// that would say "nothing was applied" is `Unknown`; a refusal may be sent again, because the key makes it harmless.
    async fn held(&self, stored: Raw, order: &Order) -> Result<Pushed, ConnectorError> {
        let known = map::order(Fields(&stored)).ok();
        let (OrderStatus::OnHold, Some(day)) = (order.status, order.hold_until) else { return pushed(&stored) };
        if known.is_some_and(|known| known.status == OrderStatus::OnHold && known.hold_until == Some(day)) {
            return pushed(&stored);
        }
        let id = pushed(&stored)?.remote_id;
        let body = json!({ "orderId": stored.get("orderId"), "holdUntilDate": day.to_string() });
        let call = Call::post(self.v1_base.route("/orders/holduntil", &[])).json(&body).repeatable();
        let done = match self.v1.send(call).await {
            Ok(answer) => answer.json::<Raw>().and_then(|answer| accepted(&answer)),
            Err(error) => Err(error),
        };
        match done {
            Ok(()) => pushed(&self.get(&id).await.map_err(|error| unknown(&error.to_string()))?),
            Err(ConnectorError::Rejected(refused)) => {
                Err(ConnectorError::Rejected(Rejection { field: Some("hold_until".to_owned()), ..refused }))
            }
            Err(error) => Err(unknown(&error.to_string())),
        }
    }

    /// Cancelling is an update of the status; V1's delete would only hide the order.
    async fn cancel(
        &self,
        attempt: Attempt,
        id: &RemoteId,
        version: Option<&RemoteVersion>,
    ) -> Result<Pushed, ConnectorError> {
        let mut current = self.get_to_change(id).await?;
        if is_cancelled(&current) && (attempt == Attempt::AfterUnknown || is_version(&current, version)) {
            return pushed(&current);
        }
        if !is_cancelled(&current) {
            open_and_unchanged(&current, version)?;
        }
        current.insert("orderStatus".to_owned(), "cancelled".into());
        pushed(&self.replace(id, current, is_cancelled).await?)
    }

    /// Sends a whole order back. Both ids go along: without them a split order would be overwritten by its other half.
    async fn replace(&self, id: &RemoteId, raw: Raw, arrived: impl Fn(&Raw) -> bool) -> Result<Raw, ConnectorError> {
        match self.upsert(&raw).await {
            Err(ConnectorError::Unknown(reason)) if is_explained_fault(&reason) => {
                let stored = self.get(id).await.map_err(|_| unknown(&reason))?;
                if arrived(&stored) { Ok(stored) } else { Err(parked(&reason)) }
            }
            // A cancelled order is locked, so a repeat of a cancellation that was applied is refused.
            Err(ConnectorError::Rejected(refused)) => {
                let stored = self.get(id).await.map_err(|error| unknown(&error.to_string()))?;
                if arrived(&stored) { Ok(stored) } else { Err(ConnectorError::Rejected(refused)) }
            }
            result => result,
        }
    }

    /// Safe to repeat, since the body always carries an order key.
    async fn upsert(&self, raw: &Raw) -> Result<Raw, ConnectorError> {
        let call = Call::post(self.v1_base.route("/orders/createorder", &[])).json(raw).repeatable();
        let answer = self.v1.send(call).await?;
        // The order was accepted; an unreadable confirmation leaves only its details in doubt.
        answer.json().map_err(|error| unknown(&error.to_string()))
    }

    async fn get(&self, id: &RemoteId) -> Result<Raw, ConnectorError> {
        self.answer(id).await?.json()
    }

    /// An order that goes back whole, so what came spoiled would be stored so.
    async fn get_to_change(&self, id: &RemoteId) -> Result<Raw, ConnectorError> {
        let answer = self.answer(id).await?;
        let raw = answer.json()?;
        if answer.is_as_sent() {
            return Ok(raw);
        }
        let text = "A text of this order has a broken character in ShipStation, and Backroom can't send it back as it is. Change \
                    the order in ShipStation.";
        Err(ConnectorError::Rejected(Rejection::ours("spoiled", None, text)))
    }

    async fn answer(&self, id: &RemoteId) -> Result<Answer, ConnectorError> {
        let gone = "the order is no longer in ShipStation: deleted there, or merged into another order";
        match self.v1.send(Call::get(self.v1_base.route("/orders/{id}", &[&id.0]))).await {
            Err(ConnectorError::NotFound(_)) => Err(ConnectorError::NotFound(gone.to_owned())),
            answer => answer,
        }
    }

    /// The order with exactly this key. V1 filters by the start of a number only, so the rest is compared here; orders
    /// split off from ours share its key, and name it as their parent.
    async fn find(&self, number: &str, key: &str) -> Result<Option<Raw>, ConnectorError> {
        const SIZE: u64 = 500;
        let is_child = |row: &Raw| map::order(Fields(row)).is_ok_and(|order| order.parent.is_some());
        let mut child = None;
        for number_of_page in 1_usize.. {
            let call = Call::get(self.v1_base.route("/orders", &[]))
                .query("orderNumber", number)
                .query("page", number_of_page.to_string())
                .query("pageSize", SIZE.to_string());
            let page = list(&self.v1.send(call).await?, "orders")?;
            let short = page.count < SIZE;
            for row in page.rows {
                if Fields(&row).text("orderKey").as_deref() != Some(key) {
                    continue;
                }
                if !is_child(&row) {
                    return Ok(Some(row));
                }
                child = Some(row);
            }
            if short {
                break;
            }
        }
        Ok(child)
    }
}

/// `{"success": false}` is a refusal under status 200.
fn accepted(answer: &Raw) -> Result<(), ConnectorError> {
    if Fields(answer).flag("success") {
        return Ok(());
    }
    Err(ConnectorError::Rejected(match Fields(answer).filled("message") {
        Some(words) => Rejection::vendors("hold", None, words.chars().take(300).collect::<String>()),
        None => Rejection::ours("hold", None, "ShipStation gave no reason."),
    }))
}

fn order_of(record: &Record) -> Result<&Order, ConnectorError> {
    if let Record::Order(order) = record { Ok(order) } else { Err(unsupported()) }
}

/// Shipped and cancelled orders are locked, and an order that moved on is not overwritten.
fn open_and_unchanged(raw: &Raw, version: Option<&RemoteVersion>) -> Result<(), ConnectorError> {
    let locked = |text: &str| Err(ConnectorError::Rejected(Rejection::ours("locked", None, text)));
    match Fields(raw).text("orderStatus").as_deref() {
        Some("shipped") => locked("This order has been shipped in ShipStation and can no longer be changed there."),
        Some("cancelled") => locked("This order has been cancelled in ShipStation and can no longer be changed there."),
        _ if is_version(raw, version) => Ok(()),
        _ => Err(ConnectorError::Conflict { remote_version: map::version(Fields(raw)) }),
    }
}

fn is_version(raw: &Raw, version: Option<&RemoteVersion>) -> bool {
    version.is_none_or(|version| map::version(Fields(raw)).as_ref() == Some(version))
}

fn is_cancelled(raw: &Raw) -> bool {
    Fields(raw).text("orderStatus").as_deref() == Some("cancelled")
}

fn pushed(raw: &Raw) -> Result<Pushed, ConnectorError> {
    let row = Fields(raw);
    let id = row.filled("orderId").ok_or_else(|| unknown("the confirmation names no order id"))?;
    let record = map::order(row).ok().map(|order| Box::new(Record::Order(order)));
    Ok(Pushed { remote_id: RemoteId(id), version: map::version(row), record, written: Written::default() })
}

fn unknown(reason: &str) -> ConnectorError {
    ConnectorError::Unknown(reason.to_owned())
}

/// The vendor's program fails on this very order: for the owner to mend, not to be sent for ever.
fn parked(reason: &str) -> ConnectorError {
    ConnectorError::Rejected(Rejection::vendors("500", None, words_of_fault(reason)))
}

fn unsupported() -> ConnectorError {
    body::refuse("", "Only orders and parcels are sent to ShipStation.")
}
