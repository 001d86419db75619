//! One company's data: objects by kind and id, deletions, numbering and the stored answers of repeated requests.

use super::kind::Kind;
use super::refusal::Refusal;
use super::value::{Object, amount, number, refer, reference, stamp, text, updated};
use chrono::{DateTime, NaiveDate, SubsecRound, Utc};
use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use std::collections::BTreeMap;

/// The company's books.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub struct Books {
    /// Objects as last stored, without `domain` and `sparse`.
    pub tables: BTreeMap<Kind, BTreeMap<u64, Object>>,
    /// What was deleted or merged away, for change data capture.
    pub tombstones: Vec<Tombstone>,
    /// Last id used per series.
    pub counters: BTreeMap<String, u64>,
    /// Last number the company gave to a sales form.
    pub last_number: u64,
    /// `CompanyInfo`.
    pub company: Object,
    /// `Preferences`.
    pub preferences: Object,
    /// First answers by `requestid`.
    pub replies: BTreeMap<String, Value>,
    /// Payments and receipts that lie in a deposit and are locked.
    pub deposited: Vec<u64>,
    /// No change dated up to this day is accepted.
    pub closed_until: Option<NaiveDate>,
    /// Objects that make every list, query and capture fail that would show them.
    #[serde(default)]
    pub poisoned: Vec<(Kind, u64)>,
}

/// A deleted object.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Tombstone {
    /// What it was.
    pub kind: Kind,
    /// Its id, never used again.
    pub id: u64,
    /// When it went.
    pub at: DateTime<Utc>,
}

impl Books {
    /// All objects of a kind in the order of their ids.
    pub fn all(&self, kind: Kind) -> impl Iterator<Item = &Object> {
        self.tables.get(&kind).into_iter().flat_map(BTreeMap::values)
    }

    /// One object.
    pub fn get(&self, kind: Kind, id: u64) -> Option<&Object> {
        self.tables.get(&kind)?.get(&id)
    }

    /// One object by the id a client sent.
    pub fn find(&self, kind: Kind, id: &str) -> Result<(u64, &Object), Refusal> {
        let number: u64 = id.parse().map_err(|_| Refusal::bad_id(id))?;
        let object = self.get(kind, number).ok_or_else(|| Refusal::not_found(&format!("{} {id}", kind.name())))?;
        Ok((number, object))
    }

    pub(super) fn table(&mut self, kind: Kind) -> &mut BTreeMap<u64, Object> {
        self.tables.entry(kind).or_default()
    }

    /// Objects that exist once and are queried like entities.
    pub fn single(&self, entity: &str) -> Option<(&'static str, Object)> {
        if entity.eq_ignore_ascii_case("CompanyInfo") {
            return Some(("CompanyInfo", Self::shown(&self.company)));
        }
        entity.eq_ignore_ascii_case("Preferences").then(|| ("Preferences", Self::shown(&self.preferences)))
    }

    /// An object as answers carry it.
    pub fn shown(object: &Object) -> Object {
        let mut object = object.clone();
        object.insert("domain".into(), json!("QBO"));
        object.insert("sparse".into(), json!(false));
        object
    }

    /// The next id of a kind.
    pub fn next_id(&mut self, kind: Kind) -> u64 {
        let counter = self.counters.entry(kind.series().to_owned()).or_default();
        *counter += 1;
        *counter
    }

    /// Stores a new object and gives it its id, first `SyncToken` and stamps.
    pub fn insert(&mut self, kind: Kind, mut object: Object, now: DateTime<Utc>) -> u64 {
        let id = self.next_id(kind);
        object.insert("Id".into(), json!(id.to_string()));
        object.insert("SyncToken".into(), json!("0"));
        object.insert("MetaData".into(), json!({ "CreateTime": stamp(now), "LastUpdatedTime": stamp(now) }));
        self.table(kind).insert(id, object);
        id
    }

    /// Replaces an object's content: the `SyncToken` moves by one, the stamp moves, the creation time stays.
    pub fn replace(&mut self, kind: Kind, id: u64, mut object: Object, now: DateTime<Utc>) {
        let Some(old) = self.get(kind, id) else { return };
        let token = text(old, "SyncToken").and_then(|t| t.parse::<u64>().ok()).unwrap_or_default() + 1;
        let created = text(old, "MetaData.CreateTime").unwrap_or_default().to_owned();
        object.insert("Id".into(), json!(id.to_string()));
        object.insert("SyncToken".into(), json!(token.to_string()));
        object.insert("MetaData".into(), json!({ "CreateTime": created, "LastUpdatedTime": stamp(now) }));
        self.table(kind).insert(id, object);
    }

    /// Removes an object and remembers it for change data capture.
    pub fn remove(&mut self, kind: Kind, id: u64, now: DateTime<Utc>) {
        if self.table(kind).remove(&id).is_some() {
            self.tombstones.push(Tombstone { kind, id, at: now.trunc_subsecs(0) });
        }
    }

    /// An active object of a list, or the refusal for the reference to it.
    pub fn referred(&self, kind: Kind, id: &str) -> Result<&Object, Refusal> {
        let found = id.parse().ok().and_then(|id| self.get(kind, id));
        let object = found.ok_or_else(|| Refusal::bad_reference(&format!("{}s", kind.name()), id))?;
        if object.get("Active") == Some(&Value::Bool(false)) {
            return Err(if kind == Kind::Customer { Refusal::inactive() } else { Refusal::inactive_reference() });
        }
        Ok(object)
    }

    /// Checks a reference and writes the name beside it. A reference that the old version had already is not checked.
    pub fn resolve(&self, kind: Kind, object: &mut Object, field: &str, old: Option<&Object>) -> Result<(), Refusal> {
        let Some(id) = reference(object, field) else {
            object.remove(field);
            return Ok(());
        };
        let unchanged = old.and_then(|o| reference(o, field)).is_some_and(|was| was == id);
        let target = match id.parse().ok().and_then(|n| self.get(kind, n)) {
            Some(target) if unchanged => target,
            _ => self.referred(kind, &id)?,
        };
        object.insert(field.to_owned(), refer(&id, text(target, kind.name_field()).unwrap_or_default()));
        Ok(())
    }

    /// Payments with the amount each applies to a document.
    pub fn applied(&self, kind: Kind, id: u64) -> Vec<(u64, Decimal)> {
        let wanted = id.to_string();
        let mut found = Vec::new();
        for (payment, object) in self.tables.get(&Kind::Payment).into_iter().flatten() {
            for line in object.get("Line").and_then(Value::as_array).into_iter().flatten().filter_map(Value::as_object)
            {
                if link(line).is_some_and(|(k, i)| k == kind && i == wanted) {
                    found.push((*payment, amount(line, "Amount")));
                }
            }
        }
        found
    }

    /// Recomputes what depends on payments: balance and links of a document. Side effects move the `SyncToken`.
    pub fn relink(&mut self, kind: Kind, id: u64, now: DateTime<Utc>) {
        let applied = self.applied(kind, id);
        let Some(object) = self.get(kind, id) else { return };
        let mut object = object.clone();
        let paid: Decimal = applied.iter().map(|(_, a)| *a).sum();
        let left = number(amount(&object, "TotalAmt") - deposit(kind, &object) - paid);
        let links: Vec<Value> =
            applied.iter().map(|(p, _)| json!({ "TxnId": p.to_string(), "TxnType": "Payment" })).collect();
        object.insert("Balance".into(), left.clone());
        if kind == Kind::CreditMemo {
            object.insert("RemainingCredit".into(), left);
        }
        object.insert("LinkedTxn".into(), Value::Array(links));
        self.replace(kind, id, object, now);
    }

    /// Recomputes a customer's balance from the documents. Does not move the customer's `SyncToken`.
    pub fn rebalance(&mut self, customer: &str) {
        let of_customer = |o: &&Object| reference(o, "CustomerRef").as_deref() == Some(customer);
        let sum = |kind, field: &str| -> Decimal { self.all(kind).filter(of_customer).map(|o| amount(o, field)).sum() };
        let balance =
            sum(Kind::Invoice, "Balance") - sum(Kind::CreditMemo, "Balance") - sum(Kind::Payment, "UnappliedAmt");
        let Ok(id) = customer.parse::<u64>() else { return };
        if let Some(object) = self.table(Kind::Customer).get_mut(&id) {
            object.insert("Balance".into(), number(balance));
            object.insert("BalanceWithJobs".into(), number(balance));
        }
    }

    /// A preference such as `SalesFormsPrefs.CustomTxnNumbers`.
    pub fn preference(&self, path: &str) -> bool {
        super::value::at(&self.preferences, path).and_then(Value::as_bool).unwrap_or(false)
    }

    /// Refuses a day that lies in the closed part of the books.
    pub fn open_on(&self, day: NaiveDate) -> Result<(), Refusal> {
        match self.closed_until {
            Some(until) if day <= until => Err(Refusal::closed(&until.to_string())),
            _ => Ok(()),
        }
    }

    /// 4002 where an answer would show a poisoned object.
    pub fn shows_well<'a>(&self, kind: Kind, rows: impl IntoIterator<Item = &'a Value>) -> Result<(), Refusal> {
        let poisoned = |row: &Value| {
            let id = row.get("Id").and_then(Value::as_str).and_then(|id| id.parse().ok());
            id.is_some_and(|id| self.poisoned.contains(&(kind, id)))
        };
        if rows.into_iter().any(poisoned) { Err(Refusal::query_failed()) } else { Ok(()) }
    }

    /// Objects of a kind changed at or after a moment, oldest first.
    pub fn changed_since(&self, kind: Kind, since: DateTime<Utc>) -> Vec<(DateTime<Utc>, Value)> {
        let live = self.all(kind).filter_map(|o| Some((updated(o)?, Value::Object(Self::shown(o)))));
        let gone = self.tombstones.iter().filter(|t| t.kind == kind).map(|t| {
            // Deliberately without a SyncToken: that is all the vendor tells of a deletion.
            let body = json!({ "domain": "QBO", "status": "Deleted", "Id": t.id.to_string(),
                               "MetaData": { "LastUpdatedTime": stamp(t.at) } });
            (t.at, body)
        });
        let mut found: Vec<_> = live.chain(gone).filter(|(at, _)| *at >= since).collect();
        found.sort_by_key(|(at, _)| *at);
        found
    }
}

/// What was paid with an invoice itself.
pub fn deposit(kind: Kind, object: &Object) -> Decimal {
    if kind == Kind::Invoice { amount(object, "Deposit") } else { Decimal::ZERO }
}

/// The document a payment line applies to.
pub fn link(line: &Object) -> Option<(Kind, String)> {
    let first = line.get("LinkedTxn")?.as_array()?.first()?.as_object()?;
    let kind = Kind::named(text(first, "TxnType")?)?;
    let id = match first.get("TxnId")? {
        Value::String(s) => s.clone(),
        Value::Number(n) => n.to_string(),
        _ => return None,
    };
    Some((kind, id))
}
