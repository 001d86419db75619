//! Records as of a past moment: whatever was done in whatever order, every moment shows exactly what was stored then.

use backroom_core::ids::{CustomerId, InvoiceId, ItemId, OrderId, PaymentId, ShipmentId};
use backroom_core::orders::{OrderAction, Shipment, apply_shipment, write};
use backroom_core::payments::{AppliedDraft, PaymentDraft};
use backroom_core::store::history::{self, PastState};
use backroom_core::store::{self, snapshots};
use backroom_core::testing::{TODAY, TestCore, customer, draft_invoice, invoice_line, item, order, order_line};
use chrono::{DateTime, Duration, Utc};
use connector_contract::{Clock as _, RecordKind};
use proptest::prelude::*;
use serde_json::{Map, Value};
use std::collections::BTreeMap;

type Fields = Map<String, Value>;

const KINDS: [RecordKind; 6] = [
    RecordKind::Customer,
    RecordKind::Item,
    RecordKind::Order,
    RecordKind::Shipment,
    RecordKind::Invoice,
    RecordKind::Payment,
];

#[derive(Debug, Clone)]
enum Step {
    Customer { which: usize, text: String },
    Archive { which: usize, archived: bool },
    Item { which: usize, price: u32 },
    Order { which: usize, quantity: u32 },
    Act { which: usize, action: usize },
    Ship { which: usize, void: bool },
    VendorKeys { which: usize, key: u32 },
    Invoice { which: usize, customer: usize, price: u32, as_draft: bool },
    Void { which: usize },
    Pay { which: usize, amount: u32 },
    Cancel { which: usize },
}

fn step() -> impl Strategy<Value = Step> {
    let which = || 0_usize..4;
    prop_oneof![
        (which(), "[a-c]{0,2}").prop_map(|(which, text)| Step::Customer { which, text }),
        (which(), any::<bool>()).prop_map(|(which, archived)| Step::Archive { which, archived }),
        (which(), 1_u32..4).prop_map(|(which, price)| Step::Item { which, price }),
        (which(), 1_u32..5).prop_map(|(which, quantity)| Step::Order { which, quantity }),
        (which(), 0_usize..4).prop_map(|(which, action)| Step::Act { which, action }),
        (which(), any::<bool>()).prop_map(|(which, void)| Step::Ship { which, void }),
        (which(), 0_u32..3).prop_map(|(which, key)| Step::VendorKeys { which, key }),
        (which(), which(), 1_u32..9, any::<bool>()).prop_map(|(which, customer, price, as_draft)| Step::Invoice {
            which,
            customer,
            price,
            as_draft
        }),
        which().prop_map(|which| Step::Void { which }),
        (which(), 1_u32..9).prop_map(|(which, amount)| Step::Pay { which, amount }),
        which().prop_map(|which| Step::Cancel { which }),
    ]
}

/// Four records of each kind, made when first named.
struct World {
    core: TestCore,
    customers: [CustomerId; 4],
    items: [ItemId; 4],
    orders: [OrderId; 4],
    shipments: [ShipmentId; 4],
    invoices: [InvoiceId; 4],
    payments: [PaymentId; 4],
}

impl World {
    fn new() -> Self {
        Self {
            core: TestCore::new(),
            customers: std::array::from_fn(|_| CustomerId::new()),
            items: std::array::from_fn(|_| ItemId::new()),
            orders: std::array::from_fn(|_| OrderId::new()),
            shipments: std::array::from_fn(|_| ShipmentId::new()),
            invoices: std::array::from_fn(|_| InvoiceId::new()),
            payments: std::array::from_fn(|_| PaymentId::new()),
        }
    }

    fn now(&self) -> DateTime<Utc> {
        self.core.clock.now()
    }

    /// What a rule refuses changes nothing, which is as good a step as any.
    fn take(&self, step: &Step) {
        let core = &self.core;
        match step {
            Step::Customer { which, text } => {
                let known = core.get_customer(self.customers[*which]).map(|view| view.draft);
                let mut draft = known.unwrap_or_else(|_| customer(&format!("Customer {which}")));
                (draft.id, draft.email) = (self.customers[*which], format!("{text}@example.com"));
                drop(core.save_customer(draft));
            }
            Step::Archive { which, archived } => {
                drop(core.archive_customers(vec![self.customers[*which]], *archived));
                drop(core.archive_items(vec![self.items[*which]], *archived));
            }
            Step::Item { which, price } => {
                let known = core.get_item(self.items[*which]).map(|view| view.draft);
                let mut draft = known.unwrap_or_else(|_| item(&format!("PEN-{which}"), "1"));
                (draft.id, draft.unit_price) = (self.items[*which], price.to_string());
                drop(core.save_item(draft));
            }
            Step::Order { which, quantity } => self.order(*which, *quantity),
            Step::Act { which, action } => {
                let shipped = backroom_core::testing::mark_shipped(&[]);
                let actions = [OrderAction::Hold { until: None }, OrderAction::Release, OrderAction::Cancel, shipped];
                drop(core.act_on_orders(vec![self.orders[*which]], actions[*action].clone()));
            }
            Step::Ship { which, void } => self.ship(*which, *void),
            Step::VendorKeys { which, key } => self.vendor_keys(*which, *key),
            Step::Invoice { which, customer, price, as_draft } => {
                let lines = vec![invoice_line("Work", "1", &price.to_string())];
                let mut draft = draft_invoice(self.customers[*customer], lines);
                draft.id = self.invoices[*which];
                draft.version = core.get_invoice(draft.id).ok().and_then(|view| view.draft.version);
                draft.as_draft = *as_draft;
                drop(core.save_invoice(draft));
            }
            Step::Void { which } => drop(core.void_invoices(vec![self.invoices[*which]])),
            Step::Pay { which, amount } => self.pay(*which, *amount),
            Step::Cancel { which } => drop(core.void_payment(self.payments[*which])),
        }
    }

    fn order(&self, which: usize, quantity: u32) {
        let Ok(pen) = self.core.get_item(self.items[which]) else { return };
        let known = self.core.get_order(self.orders[which]).map(|view| view.draft);
        let mut draft = known.unwrap_or_else(|_| order(vec![order_line(&pen, "1")]));
        draft.id = self.orders[which];
        draft.lines[0].quantity = quantity.to_string();
        drop(self.core.save_order(draft));
    }

    fn ship(&self, which: usize, void: bool) {
        let (id, now) = (self.shipments[which], self.now());
        let applied = self.core.store().write(|tx| {
            let Some(order) = store::orders::get(tx, self.orders[which])? else { return Ok(()) };
            let before = store::shipments::get(tx, id)?;
            let parcel = before.clone().unwrap_or_else(|| Shipment::new(id, &order, "shipstation", now));
            apply_shipment(tx, before.as_ref(), &Shipment { voided: void, ..parcel }, "ShipStation", now).map(drop)
        });
        applied.unwrap();
    }

    /// What a vendor calls a line, which the owner never sees.
    fn vendor_keys(&self, which: usize, key: u32) {
        let written = self.core.store().write(|tx| {
            let Some(before) = store::orders::get(tx, self.orders[which])? else { return Ok(()) };
            let mut after = before.clone();
            after.lines[0].line_key = format!("key-{key}");
            write(tx, Some(&before), &after, "ShipStation", self.now()).map(drop)
        });
        written.unwrap();
    }

    fn pay(&self, which: usize, amount: u32) {
        let Ok(bill) = self.core.get_invoice(self.invoices[which]) else { return };
        let Some(customer_id) = bill.draft.customer_id else { return };
        drop(self.core.record_payment(PaymentDraft {
            id: self.payments[which],
            customer_id,
            received_on: TODAY.into(),
            amount: amount.to_string(),
            method: "Check".into(),
            reference: String::new(),
            note: String::new(),
            applied: vec![AppliedDraft { invoice_id: bill.draft.id, amount: amount.to_string() }],
        }));
    }

    fn ids(&self, kind: RecordKind) -> Vec<String> {
        fn texts<T: ToString>(ids: &[T]) -> Vec<String> {
            ids.iter().map(ToString::to_string).collect()
        }
        match kind {
            RecordKind::Customer => texts(&self.customers),
            RecordKind::Item => texts(&self.items),
            RecordKind::Order => texts(&self.orders),
            RecordKind::Shipment => {
                // One that the owner marked shipped got its id by itself.
                let mut all = self.core.store().read(|db| {
                    let mut statement = db.prepare("SELECT id FROM shipments")?;
                    Ok(statement.query_map([], |row| row.get(0))?.collect::<Result<Vec<String>, _>>()?)
                });
                all.as_mut().unwrap().extend(texts(&self.shipments));
                all.unwrap()
            }
            RecordKind::Invoice => texts(&self.invoices),
            _ => texts(&self.payments),
        }
    }

    /// Everything as it is stored now.
    fn stored(&self) -> BTreeMap<(&'static str, String), Fields> {
        let mut all = BTreeMap::new();
        for kind in KINDS {
            for id in self.ids(kind) {
                let state = self.core.store().read(|db| snapshots::of(db, kind, &id)).unwrap();
                all.extend(state.map(|state| ((kind.as_str(), id), state)));
            }
        }
        all
    }

    fn list(&self, kind: RecordKind, at: DateTime<Utc>, limit: u32) -> Vec<PastState> {
        let (mut all, mut cursor) = (Vec::new(), None);
        loop {
            let read = |db: &store::Db<'_>| history::list_as_of(db, kind, at, cursor.as_deref(), limit);
            let page = self.core.store().read(read).unwrap();
            assert!(page.rows.len() <= limit as usize);
            all.extend(page.rows);
            match page.next_cursor {
                Some(next) => cursor = Some(next),
                None => return all,
            }
        }
    }

    /// Everything as both readers give it for a moment.
    fn past(&self, at: DateTime<Utc>, limit: u32) -> BTreeMap<(&'static str, String), Fields> {
        let mut all = BTreeMap::new();
        for kind in KINDS {
            let listed = self.list(kind, at, limit);
            for state in &listed {
                let one = self.core.store().read(|db| history::as_of(db, kind, &state.local_id, at)).unwrap();
                assert_eq!(one.as_ref(), Some(state));
                let fields = state.fields.clone().expect("states are kept");
                assert!(all.insert((kind.as_str(), state.local_id.clone()), fields).is_none(), "listed twice");
            }
            for id in self.ids(kind).into_iter().filter(|id| listed.iter().all(|state| state.local_id != *id)) {
                let one = self.core.store().read(|db| history::as_of(db, kind, &id, at)).unwrap();
                assert_eq!(one, None, "{id} is not in the list of {at}");
            }
        }
        all
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 48, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn every_moment_shows_what_was_stored_then(
        steps in prop::collection::vec((step(), prop_oneof![Just(0_i64), 1_i64..90_000]), 1..40),
        limit in 1_u32..4,
    ) {
        let world = World::new();
        let start = world.now();
        let mut moments = BTreeMap::new();
        moments.insert(start - Duration::milliseconds(1), world.stored());
        for (step, milliseconds) in &steps {
            world.core.clock.advance(Duration::milliseconds(*milliseconds));
            world.take(step);
            moments.insert(world.now(), world.stored());
        }
        let mut before = None;
        for (at, stored) in &moments {
            prop_assert_eq!(&world.past(*at, limit), stored, "as of {}", at);
            if let Some((earlier, state)) = before.filter(|(earlier, _)| *at - *earlier > Duration::milliseconds(1)) {
                let between: DateTime<Utc> = earlier + (*at - earlier) / 2;
                prop_assert_eq!(&world.past(between, limit), state, "between {} and {}", earlier, at);
            }
            before = Some((*at, stored));
        }
    }
}

#[test]
fn a_draft_that_was_thrown_away_is_only_there_while_it_lived() {
    let world = World::new();
    world.take(&Step::Customer { which: 0, text: "a".into() });
    world.take(&Step::Invoice { which: 0, customer: 0, price: 5, as_draft: true });
    let lived = world.now();
    world.core.clock.advance(Duration::hours(1));
    world.take(&Step::Void { which: 0 });
    assert_eq!(world.list(RecordKind::Invoice, lived, 10).len(), 1);
    assert_eq!(world.list(RecordKind::Invoice, world.now(), 10), Vec::new());
}

#[test]
fn a_clock_that_was_set_back_brings_no_older_state_back() {
    let world = World::new();
    let email = |at: DateTime<Utc>| {
        let past = world.list(RecordKind::Customer, at, 10).pop();
        past.map(|past| past.fields.expect("kept")["email"].as_str().expect("a text").to_owned())
    };
    let late = world.now();
    world.take(&Step::Customer { which: 0, text: "a".into() });
    world.core.clock.advance(-Duration::hours(1));
    world.take(&Step::Customer { which: 0, text: "b".into() });
    assert_eq!(email(late).as_deref(), Some("b@example.com"));
    assert_eq!(email(world.now()).as_deref(), Some("b@example.com"));
    assert_eq!(email(world.now() - Duration::seconds(1)), None);
}

#[test]
fn a_page_that_is_none_is_refused() {
    let world = World::new();
    let read = |cursor: &str| {
        world.core.store().read(|db| history::list_as_of(db, RecordKind::Item, world.now(), Some(cursor), 10))
    };
    assert!(matches!(read("nonsense"), Err(backroom_core::Error::Invalid(_))));
}

#[test]
fn a_change_nobody_can_see_is_kept_but_not_listed() {
    let world = World::new();
    world.take(&Step::Item { which: 0, price: 1 });
    world.take(&Step::Order { which: 0, quantity: 2 });
    world.take(&Step::VendorKeys { which: 0, key: 1 });
    world.take(&Step::VendorKeys { which: 0, key: 1 });
    assert_eq!(world.core.count("SELECT count(*) FROM history WHERE kind = 'order'"), 2);
    let listed = world.core.list_history("order", &world.orders[0].to_string(), None, 10).unwrap().rows;
    assert_eq!(listed.len(), 1, "{listed:#?}");
}
