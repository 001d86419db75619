//! Writing: one change, one effect.
//!
//! A create carries a request id and is replayed with it when nobody knows what became of it: QuickBooks then answers
//! what it answered before, without doing it again. That holds even after the object has been deleted there, so a
//! replay is followed by a look at the object. Where the request id is of no use any more, the object is looked for by
//! its natural key.
//!
//! An update reads the object first and sends only what differs, so what Backroom does not know stays as it is, and an
//! update that was already applied is recognised because nothing differs any more.

use crate::api::{Verb, quoted};
use crate::choices::{default_income, default_item};
use crate::connector::QuickBooks;
use crate::entity::Entity;
use crate::fault::localize;
use crate::map::{self, Body, Context, InvoiceChange, ItemAccounts, Known};
use crate::narrow;
use crate::wire::Object;
use crate::written;
use chrono::{Duration, NaiveDate};
use connector_contract::{
    Attempt, ConnectorError, Operation, Push, Pushed, Record, RecordKind, Rejection, RemoteId, RemoteVersion,
    Safeguard, Written,
};
use serde_json::{Value, json};
use std::collections::BTreeSet;

/// Whether part of what the vendor has would go back with a replaced character in it. Plain texts are ours.
fn goes_back_spoiled(value: &Value) -> bool {
    (value.is_array() || value.is_object()) && value.to_string().contains('\u{fffd}')
}

/// Sends one change.
pub(crate) async fn push(connector: &QuickBooks, push: Push) -> Result<Pushed, ConnectorError> {
    let kind = match &push.operation {
        Operation::Create(record) | Operation::Update { record, .. } => record.kind(),
        Operation::Retire { kind, .. } => *kind,
    };
    let entity = entity(kind)?;
    let sending =
        Sending { connector, entity, key: &push.key.0, attempt: push.attempt, natural_key: &push.natural_key };
    let result = match &push.operation {
        Operation::Create(record) => sending.create(record).await,
        Operation::Update { remote_id, version, base, record } => {
            let change = Change { remote_id, version: version.as_ref(), base: base.as_deref(), wanted: record };
            sending.update(&change).await
        }
        Operation::Retire { remote_id, version, .. } => sending.retire(remote_id, version.as_ref()).await,
    };
    // A question that could not be worked on says nothing about the record.
    result.map_err(|error| localize(narrow::later_if_asked(error), entity))
}

fn entity(kind: RecordKind) -> Result<Entity, ConnectorError> {
    let text = || map::refuse("kind", format!("QuickBooks has no place for this kind of record ({})", kind.as_str()));
    Entity::of(kind).ok_or_else(text)
}

/// An update on its way.
struct Change<'a> {
    remote_id: &'a RemoteId,
    version: Option<&'a RemoteVersion>,
    base: Option<&'a Record>,
    wanted: &'a Record,
}

/// What a body is made over.
#[derive(Clone, Copy)]
struct Over<'a> {
    stored: &'a Object,
    base: Option<&'a Record>,
}

/// One change on its way.
struct Sending<'a> {
    connector: &'a QuickBooks,
    entity: Entity,
    key: &'a str,
    attempt: Attempt,
    natural_key: &'a str,
}

impl Sending<'_> {
    async fn create(&self, record: &Record) -> Result<Pushed, ConnectorError> {
        let body = self.body(record, None).await?.into_object();
        let pushed = self.create_with(record, &body).await?;
        Ok(Pushed { written: written::written(self.entity, &body), ..pushed })
    }

    async fn create_with(&self, record: &Record, body: &Object) -> Result<Pushed, ConnectorError> {
        let sent = self.connector.api.write(self.entity, Verb::Save, self.key, body).await;
        let code = match &sent {
            Err(ConnectorError::Rejected(rejection)) => rejection.code.clone(),
            _ => String::new(),
        };
        let again = self.attempt == Attempt::AfterUnknown;
        match (sent, code.as_str()) {
            (Ok(stored), _) if again => self.still_there(stored).await,
            (Ok(stored), _) => self.pushed(stored).await,
            // The request id was used before, or is not accepted: the object may exist.
            (Err(_), "600" | "2130") => match self.find(record, None).await.map_err(doubtful)? {
                Some(found) => self.found(found).await,
                None => self.create_anew(body).await,
            },
            // The name or number is taken; after a lost answer perhaps by the very object we sent.
            (Err(error), "6240" | "6140") if again => match self.find(record, Some(body)).await.map_err(doubtful)? {
                Some(found) => self.found(found).await,
                None => Err(error),
            },
            (Err(error), _) => Err(missing_reference(error)),
        }
    }

    /// The same create under a second request id, which is as fixed as the first.
    async fn create_anew(&self, body: &Object) -> Result<Pushed, ConnectorError> {
        let key: String = self.key.chars().filter(|c| c.is_ascii_alphanumeric() || *c == '-').take(48).collect();
        let stored = self.connector.api.write(self.entity, Verb::Save, &format!("{key}-2"), body).await;
        self.pushed(stored.map_err(missing_reference)?).await
    }

    /// A replay answers as it did the first time, even if the object has been deleted since. What was changed there since is
    /// for the next reading to find, so the first answer is the one that is told.
    async fn still_there(&self, stored: Object) -> Result<Pushed, ConnectorError> {
        let id = stored.get("Id").and_then(Value::as_str).unwrap_or_default();
        match self.connector.api.get(self.entity, id).await {
            Ok(_) => self.pushed(stored).await,
            Err(ConnectorError::NotFound(_)) => Err(ConnectorError::DeletedSince(RemoteId(id.to_owned()))),
            Err(error) => Err(doubtful(error)),
        }
    }

    async fn update(&self, change: &Change<'_>) -> Result<Pushed, ConnectorError> {
        let Change { remote_id: id, version, base, wanted } = *change;
        let nothing = || Written::Fields(BTreeSet::new());
        if base == Some(wanted) {
            // What the owner changed is nothing that goes out.
            let (remote_id, version) = (id.clone(), version.cloned());
            return Ok(Pushed { remote_id, version, record: None, written: nothing() });
        }
        let (stored, as_sent) = self.connector.api.get_to_change(self.entity, &id.0).await?;
        let token = token(&stored)?;
        let over = Some(Over { stored: &stored, base }).filter(|_| !Safeguard::Patch.is_broken());
        let mut body = self.body(wanted, over).await?.into_object();
        // True as well when an earlier try of this change was applied; then that one had everything.
        if body.is_empty() || map::covers(&Value::Object(stored.clone()), &Value::Object(body.clone())) {
            let earlier = self.attempt == Attempt::AfterUnknown;
            let written = if earlier { Written::Change } else { nothing() };
            return Ok(Pushed { written, ..self.pushed(stored).await? });
        }
        if version.is_some_and(|version| *version != token) {
            return Err(ConnectorError::Conflict { remote_version: Some(token) });
        }
        if !as_sent && body.values().any(goes_back_spoiled) {
            let text = "A text of it has a broken character in QuickBooks, and Backroom can't send it back as it is. Change it in \
                        QuickBooks.";
            return Err(map::refuse("", text));
        }
        let written = written::written(self.entity, &body);
        body.insert("Id".into(), Value::from(id.0.as_str()));
        body.insert("SyncToken".into(), Value::from(token.0));
        body.insert("sparse".into(), Value::from(true));
        let stored = self.connector.api.write(self.entity, Verb::Save, self.key, &body).await;
        let pushed = self.pushed(stored.map_err(missing_reference)?).await?;
        Ok(Pushed { written, ..pushed })
    }

    async fn retire(&self, id: &RemoteId, version: Option<&RemoteVersion>) -> Result<Pushed, ConnectorError> {
        let version = match version {
            Some(version) if self.attempt == Attempt::Clean => version.clone(),
            // An earlier try may have been applied, so its result is looked for first.
            known => {
                let stored = self.connector.api.get(self.entity, &id.0).await?;
                let current = token(&stored)?;
                if self.is_retired(&stored).await? {
                    return self.pushed(stored).await;
                }
                if known.is_some_and(|known| *known != current) {
                    return Err(ConnectorError::Conflict { remote_version: Some(current) });
                }
                current
            }
        };
        let (verb, extra) = match self.entity {
            Entity::Customer | Entity::Item => (Verb::Save, json!({ "sparse": true, "Active": false })),
            Entity::Invoice => (Verb::VoidInvoice, json!({})),
            Entity::Payment => (Verb::VoidPayment, json!({ "sparse": true })),
        };
        let mut body = Object::new();
        body.insert("Id".into(), Value::from(id.0.as_str()));
        body.insert("SyncToken".into(), Value::from(version.0));
        body.extend(extra.as_object().cloned().unwrap_or_default());
        let stored = self.connector.api.write(self.entity, verb, self.key, &body).await?;
        self.pushed(stored).await
    }

    async fn is_retired(&self, stored: &Object) -> Result<bool, ConnectorError> {
        Ok(match self.record(stored).await? {
            Ok(Record::Customer(customer)) => !customer.active,
            Ok(Record::Item(item)) => !item.active,
            Ok(Record::Invoice(invoice)) => invoice.voided,
            Ok(Record::Payment(payment)) => payment.voided,
            _ => false,
        })
    }

    /// What has to be sent; `over` is what QuickBooks has, `None` for a new record.
    async fn body(&self, record: &Record, over: Option<Over<'_>>) -> Result<Body, ConnectorError> {
        let company = self.connector.api.company().await?;
        let known = match over {
            Some(over) => Some(self.record(over.stored).await?.map_err(|reason| {
                ConnectorError::Protocol(format!("the record in QuickBooks can't be read: {reason}"))
            })?),
            None => None,
        };
        let base = over.and_then(|over| over.base);
        match (record, &known, over) {
            (Record::Customer(wanted), None, _) => map::customer_body(wanted, None, company),
            (Record::Customer(wanted), Some(Record::Customer(record)), Some(over)) => {
                let base = base.and_then(|base| if let Record::Customer(base) = base { Some(base) } else { None });
                map::customer_body(wanted, Some(Known { stored: over.stored, record, base }), company)
            }
            (Record::Item(wanted), None, _) => {
                let since = self.counted_since().await?;
                map::item_body(wanted, None, Some(&self.item_accounts().await?), company, since)
            }
            (Record::Item(wanted), Some(Record::Item(record)), Some(over)) => {
                let base = base.and_then(|base| if let Record::Item(base) = base { Some(base) } else { None });
                let known = Known { stored: over.stored, record, base };
                map::item_body(wanted, Some(known), None, company, NaiveDate::default())
            }
            (Record::Invoice(wanted), ..) => {
                let base = base.and_then(|base| if let Record::Invoice(base) = base { Some(base) } else { None });
                let stored = over.map(|over| over.stored);
                self.invoice_body(InvoiceChange { wanted, stored, base, company, stand_in: None }).await
            }
            (Record::Payment(wanted), ..) => {
                let base = base.and_then(|base| if let Record::Payment(base) = base { Some(base) } else { None });
                let same_method = base.is_some_and(|base| base.method == wanted.method);
                let asks = wanted.method.is_some() && !same_method;
                let methods = if asks { self.connector.api.methods().await? } else { &[] };
                let known = match (&known, over) {
                    (Some(Record::Payment(record)), Some(over)) => Some(Known { stored: over.stored, record, base }),
                    _ => None,
                };
                let mut body = map::payment_body(wanted, known, self.natural_key, methods, company)?;
                if let (None, Some(account)) = (over, self.connector.setting("deposit_account")) {
                    body.set_ref("DepositToAccountRef", &account);
                }
                Ok(body)
            }
            _ => Err(map::refuse("kind", "this is another kind of record in QuickBooks")),
        }
    }

    /// The body of an invoice, with an item that stands in where a line needs one: QuickBooks takes a line without for a remark
    /// and drops its amount.
    async fn invoice_body(&self, change: InvoiceChange<'_>) -> Result<Body, ConnectorError> {
        if !map::lacks_item(&change)? {
            return map::invoice_body(&change);
        }
        let item = match self.connector.setting("default_item") {
            Some(item) => item,
            None => self.connector.stand_in.get_or_try_init(|| self.stand_in()).await?.clone(),
        };
        map::invoice_body(&InvoiceChange { stand_in: Some(&item), ..change })
    }

    /// The company's general item of work. One that has none gets "Services", as QuickBooks gives it to new companies; its
    /// request id is the same for ever, so there is only one. Until it exists nothing of the invoice is sent.
    async fn stand_in(&self) -> Result<String, ConnectorError> {
        let api = &self.connector.api;
        if let Some(item) = default_item(api.service_items().await?) {
            return Ok(item);
        }
        let body = json!({
            "Name": "Services",
            "Type": "Service",
            "IncomeAccountRef": { "value": self.item_accounts().await?.income },
        });
        let key: String = format!("backroom-services-{}", api.realm()?).chars().take(50).collect();
        let body = body.as_object().cloned().unwrap_or_default();
        let stored = api.write(Entity::Item, Verb::Save, &key, &body).await.map_err(|error| match error {
            ConnectorError::Unknown(text) => ConnectorError::Unavailable(text),
            ConnectorError::Rejected(rejection) => {
                let text = "QuickBooks needs an item on every line and none could be made to stand in";
                map::refuse("lines", format!("{text}: {}", rejection.text))
            }
            other => other,
        })?;
        let id = map::identity(&stored).map(|(id, _)| id.0);
        id.ok_or_else(|| ConnectorError::Unavailable("the new item has no id".to_owned()))
    }

    /// New items need an income account: the owner's choice, else the one QuickBooks made for sales of products.
    async fn item_accounts(&self) -> Result<ItemAccounts, ConnectorError> {
        let income = match self.connector.setting("income_account") {
            Some(income) => income,
            None => default_income(self.connector.api.accounts().await?)
                .ok_or_else(|| map::refuse("income_account", "QuickBooks has no income account for new items"))?,
        };
        let (expense, asset) = (self.connector.setting("expense_account"), self.connector.setting("asset_account"));
        Ok(ItemAccounts { income, expense, asset })
    }

    /// Sales dated before the day counting began are refused (6270), and QuickBooks' day may still be the day before
    /// ours.
    async fn counted_since(&self) -> Result<NaiveDate, ConnectorError> {
        Ok((self.connector.api.vendor_now().await? - Duration::days(1)).date_naive())
    }

    /// Looks for an object by its natural key. With `body` it must also hold all that was sent, because somebody else
    /// may have made one of the same name.
    async fn find(&self, record: &Record, body: Option<&Object>) -> Result<Option<Object>, ConnectorError> {
        let all = "Active IN (true,false)";
        let on_day = |customer: &RemoteId, day: NaiveDate| {
            format!("CustomerRef = {} AND TxnDate = '{day}'", quoted(&customer.0))
        };
        let own_numbers = self.connector.api.company().await?.own_numbers;
        let (condition, numbered) = match record {
            Record::Customer(wanted) => (format!("DisplayName = {} AND {all}", quoted(&wanted.display_name)), true),
            Record::Item(wanted) => (format!("Name = {} AND {all}", quoted(&wanted.name)), true),
            Record::Invoice(wanted) => match wanted.number.as_ref().filter(|_| own_numbers) {
                Some(number) => (format!("DocNumber = {}", quoted(number)), true),
                None => (on_day(&wanted.customer, wanted.issued_on), false),
            },
            Record::Payment(wanted) => (on_day(&wanted.customer, wanted.received_on), false),
            _ => return Ok(None),
        };
        let (name, selection) = (self.entity.name(), self.entity.selection());
        let statement = format!("SELECT {selection} FROM {name} WHERE {condition} MAXRESULTS 1000");
        let (rows, _) = self.connector.api.query(name, &statement).await?;
        let sent = match (body, numbered) {
            (Some(body), _) => Some(body.clone()),
            // Without a number of ours only the whole content tells it apart.
            (None, false) => Some(self.body(record, None).await?.into_object()),
            (None, true) => None,
        };
        let matching: Vec<Value> = rows
            .into_iter()
            .filter(|row| match record {
                Record::Payment(wanted) => map::is_same_payment(row, wanted, self.natural_key),
                Record::Invoice(wanted) if row["CustomerRef"]["value"] != wanted.customer.0.as_str() => false,
                _ => sent.as_ref().is_none_or(|sent| map::covers(row, &Value::Object(sent.clone()))),
            })
            .collect();
        // Of several equal ones none can be said to be ours.
        match <[Value; 1]>::try_from(matching) {
            Ok([Value::Object(found)]) => Ok(Some(found)),
            _ => Ok(None),
        }
    }

    async fn record(&self, stored: &Object) -> Result<Result<Record, String>, ConnectorError> {
        let company = self.connector.api.company().await?;
        let unnamed = stored.get("PaymentMethodRef").is_some_and(|method| method.get("name").is_none());
        let methods = if unnamed { self.connector.api.methods().await? } else { &[] };
        let context = Context { company, methods, sku_selected: false };
        Ok(map::record(self.entity, Value::Object(stored.clone()), context))
    }

    /// The outcome of a write found again. The object may have been changed there since, so what it says now is not told as
    /// what the write stored.
    async fn found(&self, found: Object) -> Result<Pushed, ConnectorError> {
        Ok(Pushed { record: None, ..self.pushed(found).await? })
    }

    /// The outcome of a write that took place; nothing after it may turn it into a failure.
    async fn pushed(&self, stored: Object) -> Result<Pushed, ConnectorError> {
        let unnamed = || ConnectorError::Unknown("the answer does not name the record".to_owned());
        let (remote_id, version) = map::identity(&stored).ok_or_else(unnamed)?;
        let record = self.record(&stored).await.ok().and_then(Result::ok).map(Box::new);
        Ok(Pushed { remote_id, version, record, written: Written::default() })
    }
}

fn token(stored: &Object) -> Result<RemoteVersion, ConnectorError> {
    let missing = || ConnectorError::Protocol("SyncToken is missing".to_owned());
    map::identity(stored).and_then(|(_, version)| version).ok_or_else(missing)
}

/// After a write that may have been applied, a failed look at it leaves the doubt.
fn doubtful(error: ConnectorError) -> ConnectorError {
    ConnectorError::Unknown(error.to_string())
}

/// "Not found" in answer to a write is about something the record refers to, not about the record.
fn missing_reference(error: ConnectorError) -> ConnectorError {
    match error {
        ConnectorError::NotFound(text) => ConnectorError::Rejected(Rejection::vendors("610", None, text)),
        other => other,
    }
}

#[cfg(test)]
mod tests;
