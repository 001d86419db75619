//! For tests of this crate and of its users: a core in memory with a clock that stands still, and short builders of drafts.
//!
//! Absent on purpose: anything a shipped build could reach; the feature `testing` is never on there.

use crate::company::CompanySetup;
use crate::customers::{CustomerDraft, CustomerView};
use crate::event::Event;
use crate::ids::{CustomerId, InvoiceId, ItemId, LineId, OrderId};
use crate::invoices::{InvoiceDraft, InvoiceLineDraft};
use crate::items::{ItemDraft, ItemKind, ItemView};
use crate::orders::{OrderAction, OrderDraft, OrderLineDraft, OrderView, ParcelDraft};
use crate::store::Store;
use crate::view::{AddressView, ListQuery};
use crate::{Core, Error, FieldError, Parts, Result};
use chrono::{DateTime, Utc};
use connector_contract::{FakeClock, MemorySecrets, Vendor};
use parking_lot::Mutex;
use std::ops::Deref;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};

/// The day every test core starts on, in its own time zone and in UTC.
pub const TODAY: &str = "2026-11-20";

/// Goes without the first look at new connections, as a test does that is about what comes after it. Where an engine runs the
/// look stays due.
pub fn without_first_look(core: &Core) {
    if !core.engine.is_looping() {
        core.waive_first_looks().expect("no look");
    }
}

/// Marks orders as shipped by UPS on [`TODAY`], with these tracking numbers.
pub fn mark_shipped(tracking: &[(OrderId, &str)]) -> OrderAction {
    let parcel = |(order_id, number): &(OrderId, &str)| ParcelDraft {
        order_id: *order_id,
        tracking_number: (*number).to_owned(),
    };
    OrderAction::MarkShipped {
        carrier: "UPS".to_owned(),
        shipped_on: TODAY.to_owned(),
        notify_buyer: true,
        notify_channel: true,
        parcels: tracking.iter().map(parcel).collect(),
    }
}

/// A core with everything a test may turn.
pub struct TestCore {
    /// The core itself; its methods can be called on this struct too.
    pub core: Arc<Core>,
    /// Its clock. Starts at 15:00 UTC on [`TODAY`].
    pub clock: Arc<FakeClock>,
    /// Its keychain.
    pub secrets: Arc<MemorySecrets>,
    /// Every event so far, oldest first.
    pub events: Arc<Mutex<Vec<Event>>>,
}

impl Deref for TestCore {
    type Target = Core;

    fn deref(&self) -> &Core {
        &self.core
    }
}

impl Default for TestCore {
    fn default() -> Self {
        Self::new()
    }
}

impl TestCore {
    /// In memory, with the company "Paper & Pens" in New York that works in dollars.
    pub fn new() -> Self {
        Self::with_vendors(Vec::new())
    }

    /// The same, with vendors to connect.
    pub fn with_vendors(vendors: Vec<Vendor>) -> Self {
        let test = Self::open(None, vendors);
        test.set_up("USD");
        test
    }

    /// The same company with another home currency.
    pub fn in_currency(currency: &str) -> Self {
        let test = Self::open(None, Vec::new());
        test.set_up(currency);
        test
    }

    /// In memory, before the welcome.
    pub fn before_welcome() -> Self {
        Self::open(None, Vec::new())
    }

    /// With its data file in a folder, as it is found there.
    pub fn open(data_folder: Option<PathBuf>, vendors: Vec<Vendor>) -> Self {
        let now: DateTime<Utc> = format!("{TODAY}T15:00:00Z").parse().expect("a moment");
        let clock = Arc::new(FakeClock::at(now));
        let secrets = Arc::new(MemorySecrets::default());
        let parts = Parts { data_folder, clock: clock.clone(), secrets: secrets.clone(), vendors, practice: None };
        let core = Core::open(parts).expect("a data file");
        let events: Arc<Mutex<Vec<Event>>> = Arc::default();
        let heard = events.clone();
        core.listen(Arc::new(move |event| heard.lock().push(event.clone())));
        Self { core, clock, secrets, events }
    }

    fn set_up(&self, currency: &str) {
        let setup = CompanySetup {
            name: "Paper & Pens".into(),
            currency: currency.into(),
            time_zone: "America/New_York".into(),
        };
        self.set_up_company(setup).expect("a company");
    }

    /// The data file, for tests that look below the rules.
    pub fn store(&self) -> &Store {
        &self.core.store
    }

    /// A saved customer.
    pub fn customer(&self, name: &str) -> CustomerView {
        self.save_customer(customer(name)).expect("a customer")
    }

    /// A saved stocked item with this price; its name is "Item" and the SKU.
    pub fn item(&self, sku: &str, price: &str) -> ItemView {
        self.save_item(item(sku, price)).expect("an item")
    }

    /// A saved item with this many on hand at the default location.
    pub fn stocked_item(&self, sku: &str, price: &str, on_hand: &str) -> ItemView {
        self.save_item(ItemDraft { opening_quantity: on_hand.into(), ..item(sku, price) }).expect("an item")
    }

    /// A saved order of these items and quantities.
    pub fn order(&self, lines: &[(&ItemView, &str)]) -> OrderView {
        let lines = lines.iter().map(|(item, quantity)| order_line(item, quantity)).collect();
        self.save_order(order(lines)).expect("an order")
    }

    /// A count in the data file, such as of all rows of a table.
    pub fn count(&self, sql: &str) -> i64 {
        self.store().read(|db| Ok(db.query_row(sql, [], |row| row.get(0))?)).expect("a count")
    }
}

/// A core on a data file that lives in memory under a `file:` address and that other connections of this process may look at. The
/// file lives as long as one of them is open.
pub fn open_shared(address: &str, parts: Parts) -> Result<Arc<Core>> {
    Ok(Core::over(Store::shared(address)?, parts))
}

/// What unwinds when the app is made to end.
#[derive(Debug)]
pub struct Ended;

/// Counts commits down to the one after which the app ends.
#[derive(Debug, Default)]
pub(crate) struct Ending(AtomicU32);

impl Ending {
    pub(crate) fn committed(&self) {
        let before = self.0.fetch_update(Ordering::Relaxed, Ordering::Relaxed, |left| left.checked_sub(1));
        if before == Ok(1) {
            std::panic::resume_unwind(Box::new(Ended));
        }
    }
}

impl Core {
    /// Makes the app end right after so many commits from now, before anybody hears of the last one: whatever runs is unwound with
    /// [`Ended`]. Zero takes that back.
    pub fn end_after_commits(&self, commits: u32) {
        self.store.ending.0.store(commits, Ordering::Relaxed);
    }
}

/// A new customer with this name.
pub fn customer(name: &str) -> CustomerDraft {
    CustomerDraft {
        id: CustomerId::new(),
        version: None,
        display_name: name.into(),
        company: String::new(),
        email: String::new(),
        phone: String::new(),
        billing: AddressView::default(),
        shipping: AddressView::default(),
        notes: String::new(),
        terms_id: None,
    }
}

/// A new stocked item; its name is "Item" and the SKU.
pub fn item(sku: &str, price: &str) -> ItemDraft {
    ItemDraft {
        id: ItemId::new(),
        version: None,
        sku: sku.into(),
        name: format!("Item {sku}"),
        description: String::new(),
        barcode: String::new(),
        kind: ItemKind::Stocked,
        unit_price: price.into(),
        unit_cost: String::new(),
        tax_code_id: None,
        reorder_point: String::new(),
        opening_quantity: String::new(),
    }
}

/// A line of an order for an item at its own price.
pub fn order_line(item: &ItemView, quantity: &str) -> OrderLineDraft {
    OrderLineDraft {
        id: LineId::new(),
        item_id: Some(item.draft.id),
        sku: item.draft.sku.clone(),
        name: item.draft.name.clone(),
        quantity: quantity.into(),
        unit_price: item.draft.unit_price.clone(),
    }
}

/// A new order, placed today by "Ada Lovelace".
pub fn order(lines: Vec<OrderLineDraft>) -> OrderDraft {
    OrderDraft {
        id: OrderId::new(),
        version: None,
        number: String::new(),
        ordered_on: TODAY.into(),
        customer_id: None,
        customer_name: "Ada Lovelace".into(),
        customer_email: String::new(),
        ship_to: AddressView::default(),
        lines,
        shipping: String::new(),
        tax: String::new(),
        customer_note: String::new(),
        internal_note: String::new(),
    }
}

/// A line of free text, not taxed.
pub fn invoice_line(description: &str, quantity: &str, unit_price: &str) -> InvoiceLineDraft {
    InvoiceLineDraft {
        id: LineId::new(),
        item_id: None,
        description: description.into(),
        quantity: quantity.into(),
        unit_price: unit_price.into(),
        discount: String::new(),
        tax_code_id: None,
    }
}

/// A new invoice of today without terms; its number is the next one.
pub fn draft_invoice(customer_id: CustomerId, lines: Vec<InvoiceLineDraft>) -> InvoiceDraft {
    InvoiceDraft {
        id: InvoiceId::new(),
        version: None,
        number: String::new(),
        customer_id: Some(customer_id),
        issued_on: TODAY.into(),
        terms_id: None,
        due_on: String::new(),
        lines,
        discount: String::new(),
        shipping: String::new(),
        tax_inclusive: false,
        message: String::new(),
        note: String::new(),
        email: String::new(),
        billing: AddressView::default(),
        shipping_address: AddressView::default(),
        order_id: None,
        as_draft: false,
    }
}

/// The first page of a list in its usual order.
pub fn first_page<F: Default, S: Default>() -> ListQuery<F, S> {
    ListQuery {
        search: String::new(),
        filter: F::default(),
        sort: S::default(),
        descending: false,
        cursor: None,
        limit: 50,
    }
}

/// The field errors of a refused save; panics when it was accepted or refused for another reason.
pub fn field_errors<T: std::fmt::Debug>(result: Result<T>) -> Vec<FieldError> {
    match result {
        Err(Error::Invalid(errors)) => errors,
        other => panic!("expected field errors, got {other:?}"),
    }
}

/// The names of the fields in [`field_errors`].
pub fn wrong_fields<T: std::fmt::Debug>(result: Result<T>) -> Vec<String> {
    field_errors(result).into_iter().map(|error| error.field).collect()
}
