//! A shop: one core with its data, the three simulators, and short words for what the owner does and sees.

use crate::running::Running;
use backroom_core::connections::{
    ConnectDraft, ConnectionEnvironment, ConnectionView, NamedText, SignInFailure, SignInOutcome,
};
use backroom_core::customers::{CustomerRow, CustomerView};
use backroom_core::ids::{ConnectionId, ItemId};
use backroom_core::invoices::{InvoiceRow, InvoiceView};
use backroom_core::items::ItemRow;
use backroom_core::orders::{OrderRow, OrderView};
use backroom_core::payments::{ChargeRow, PaymentRow, PayoutRow};
use backroom_core::stock::{StockChange, StockDraft};
use backroom_core::sync::{OutboxRow, ProblemRow, RunState, RunTrigger, RunView};
use backroom_core::testing::{first_page, without_first_look};
use backroom_core::view::Page;
use backroom_core::{Core, Parts};
use bytes::Bytes;
use chrono::{DateTime, Utc};
use connector_contract::{FakeClock, MemorySecrets, SecretStore};
use connector_http::{Exchange, Limits};
use http::{Request, header};
use serde_json::{Value, json};
use std::ops::Deref;
use std::path::PathBuf;
use std::sync::Arc;
use url::Url;
use vendor_sim::{Fault, FaultKind, InProcess, RequestEntry, Vendor, World};

/// When every flow begins: a Friday morning in New York.
pub const START: &str = "2026-11-20T15:00:00Z";
/// That day.
pub const TODAY: &str = "2026-11-20";

/// What is outside the app: it stays when the app ends.
#[derive(Clone)]
pub struct Outside {
    pub world: World,
    pub clock: Arc<FakeClock>,
    pub secrets: Arc<dyn SecretStore>,
    pub exchange: Arc<dyn Exchange>,
    pub practice: Value,
}

impl Outside {
    /// The simulators with this seed.
    pub fn new(seed: &str) -> Self {
        let clock = Arc::new(FakeClock::at(START.parse::<DateTime<Utc>>().unwrap()));
        let world = World::with_clock(clock.clone());
        world.seed(seed).unwrap();
        let exchange = Arc::new(Running::new(InProcess::new(world.clone()), clock.clone()));
        let practice = serde_json::to_value(world.connection()).unwrap();
        Self { world, clock, secrets: Arc::new(MemorySecrets::default()), exchange, practice }
    }

    /// The app is started on this data folder, or in memory.
    pub fn start(&self, data_folder: Option<PathBuf>) -> Shop {
        let parts = Parts {
            data_folder,
            clock: self.clock.clone(),
            secrets: self.secrets.clone(),
            vendors: connector_registry::vendors(self.exchange.clone()),
            practice: Some(self.practice.clone()),
        };
        Shop { core: Core::open(parts).unwrap(), outside: self.clone() }
    }
}

/// The running app and all around it.
pub struct Shop {
    pub core: Arc<Core>,
    pub outside: Outside,
}

impl Deref for Shop {
    type Target = Core;

    fn deref(&self) -> &Core {
        &self.core
    }
}

/// A new shop in memory, with its company set up and nothing connected.
pub fn shop(seed: &str) -> Shop {
    set_up(Outside::new(seed).start(None))
}

/// Answers the welcome's questions.
pub fn set_up(shop: Shop) -> Shop {
    let setup = backroom_core::company::CompanySetup {
        name: "Harbor & Pine".to_owned(),
        currency: "USD".to_owned(),
        time_zone: "America/New_York".to_owned(),
    };
    shop.set_up_company(setup).unwrap();
    shop
}

/// The same with all three vendors connected.
pub async fn connected(seed: &str) -> Shop {
    let shop = shop(seed);
    shop.connect_all().await;
    shop
}

/// The connection, or a panic with the reason there is none.
pub fn made(outcome: SignInOutcome) -> ConnectionView {
    match outcome {
        SignInOutcome::Connected { connection } => *connection,
        SignInOutcome::Failed { reason, message } => panic!("{reason:?}: {message}"),
    }
}

/// Why there is no connection, with its sentence.
pub fn failed(outcome: SignInOutcome) -> (SignInFailure, String) {
    match outcome {
        SignInOutcome::Failed { reason, message } => (reason, message),
        SignInOutcome::Connected { connection } => panic!("connected to {}", connection.account_name),
    }
}

impl Shop {
    pub fn world(&self) -> &World {
        &self.outside.world
    }

    /// What the connect dialog is filled with when Practice is chosen: one click.
    pub fn practice(&self, vendor: &str) -> ConnectDraft {
        let view = self.list_vendors().unwrap().into_iter().find(|view| view.id == vendor).unwrap();
        let filled = |field: backroom_core::connections::VendorField| {
            Some(NamedText { id: field.id, value: field.practice_value? })
        };
        ConnectDraft {
            vendor: vendor.to_owned(),
            connection_id: None,
            environment: ConnectionEnvironment::Practice,
            fields: view.fields.into_iter().filter_map(filled).collect(),
            endpoints: Vec::new(),
            redirect_uri: None,
        }
    }

    /// Opens a page in the system browser; returns where it leads.
    pub async fn browse(&self, url: &str) -> Result<Url, String> {
        let request = Request::get(url).body(Bytes::new()).unwrap();
        let response = self.outside.exchange.exchange(request, Limits::default()).await.unwrap();
        let text = String::from_utf8_lossy(response.body()).into_owned();
        let target = response.headers().get(header::LOCATION).ok_or(text)?;
        Ok(Url::parse(target.to_str().unwrap()).unwrap())
    }

    pub async fn connect_quickbooks(&self) -> ConnectionId {
        let started = self.start_sign_in(self.practice("quickbooks")).await.unwrap();
        let bounced = self.browse(&started.authorize_url).await.unwrap();
        let link = format!("backroom://oauth/quickbooks?{}", bounced.query().unwrap());
        let id = made(self.finish_sign_in(link).await.unwrap()).id;
        without_first_look(self);
        id
    }

    pub async fn connect_keys(&self, vendor: &str) -> ConnectionId {
        let id = made(self.connect_with_keys(self.practice(vendor)).await.unwrap()).id;
        without_first_look(self);
        id
    }

    pub async fn connect_all(&self) {
        self.connect_quickbooks().await;
        self.connect_keys("shipstation").await;
        self.connect_keys("stripe").await;
    }

    /// A whole run over everything.
    pub async fn sync(&self) -> RunView {
        let run = self.run_to_end(None, RunTrigger::Owner).await.unwrap();
        self.outside.clock.advance(chrono::Duration::minutes(3));
        run
    }

    /// A whole run that must end well.
    pub async fn sync_well(&self) -> RunView {
        let run = self.sync().await;
        assert_eq!(run.state, RunState::Done, "{run:#?}\n{:#?}\n{:#?}", self.problems(), self.outbox());
        run
    }

    /// Does something as a vendor's own user.
    pub fn act(&self, vendor: Vendor, action: &str, body: &Value) -> Value {
        self.world().act(vendor, action, body).unwrap_or_else(|error| panic!("{action}: {error}"))
    }

    /// Everything a vendor keeps.
    pub fn dump(&self, vendor: Vendor) -> Value {
        self.world().dump(vendor)
    }

    /// The vendor's rows of a collection.
    pub fn there(&self, vendor: Vendor, collection: &str) -> Vec<Value> {
        self.dump(vendor)[collection].as_array().cloned().unwrap_or_default()
    }

    /// The vendor's only row with this field.
    pub fn one_there(&self, vendor: Vendor, collection: &str, field: &str, value: &str) -> Value {
        let found: Vec<Value> = self.there(vendor, collection).into_iter().filter(|row| row[field] == value).collect();
        assert_eq!(found.len(), 1, "{collection} with {field} {value}: {found:#?}");
        found[0].clone()
    }

    /// Plans a fault for requests of this method whose path contains this.
    pub fn plan(&self, vendor: Vendor, kind: FaultKind, method: &str, path: &str) {
        self.world().plan(Fault::next(vendor, kind).on(method, path));
    }

    /// Requests of this method whose path contains this.
    pub fn requests(&self, vendor: Vendor, method: &str, path: &str) -> Vec<RequestEntry> {
        let fits = |r: &RequestEntry| r.vendor == vendor && r.method == method && r.path.contains(path);
        self.world().requests().into_iter().filter(fits).collect()
    }

    pub fn problems(&self) -> Vec<ProblemRow> {
        self.list_problems(None, 200).unwrap().rows
    }

    pub fn outbox(&self) -> Vec<OutboxRow> {
        self.list_outbox(None, 200).unwrap().rows
    }

    pub fn customers(&self) -> Vec<CustomerRow> {
        pages(|cursor| self.list_customers(backroom_core::view::ListQuery { cursor, ..first_page() }).unwrap())
    }

    pub fn customer(&self, name: &str) -> CustomerView {
        let found: Vec<_> = self.customers().into_iter().filter(|row| row.display_name == name).collect();
        assert_eq!(found.len(), 1, "customers called {name}: {found:?}");
        self.get_customer(found[0].id).unwrap()
    }

    pub fn items(&self) -> Vec<ItemRow> {
        pages(|cursor| self.list_items(backroom_core::view::ListQuery { cursor, ..first_page() }).unwrap())
    }

    pub fn item(&self, sku: &str) -> ItemRow {
        let found: Vec<_> = self.items().into_iter().filter(|row| row.sku == sku).collect();
        assert_eq!(found.len(), 1, "items with SKU {sku}: {found:?}");
        found[0].clone()
    }

    pub fn orders(&self) -> Vec<OrderRow> {
        pages(|cursor| self.list_orders(backroom_core::view::ListQuery { cursor, ..first_page() }).unwrap())
    }

    pub fn order(&self, number: &str) -> OrderView {
        let found: Vec<_> = self.orders().into_iter().filter(|row| row.number == number).collect();
        assert_eq!(found.len(), 1, "orders {number}: {found:?}");
        self.get_order(found[0].id).unwrap()
    }

    pub fn invoices(&self) -> Vec<InvoiceRow> {
        pages(|cursor| self.list_invoices(backroom_core::view::ListQuery { cursor, ..first_page() }).unwrap())
    }

    pub fn invoice(&self, number: &str) -> InvoiceView {
        let found: Vec<_> = self.invoices().into_iter().filter(|row| row.number == number).collect();
        assert_eq!(found.len(), 1, "invoices {number}: {found:?}");
        self.get_invoice(found[0].id).unwrap()
    }

    pub fn payments(&self) -> Vec<PaymentRow> {
        pages(|cursor| self.list_payments(backroom_core::view::ListQuery { cursor, ..first_page() }).unwrap())
    }

    pub fn charges(&self) -> Vec<ChargeRow> {
        pages(|cursor| self.list_charges(backroom_core::view::ListQuery { cursor, ..first_page() }).unwrap())
    }

    pub fn payouts(&self) -> Vec<PayoutRow> {
        pages(|cursor| self.list_payouts(backroom_core::view::ListQuery { cursor, ..first_page() }).unwrap())
    }

    /// Goods come in.
    pub fn receive(&self, item_id: ItemId, quantity: &str) {
        let draft = StockDraft {
            id: backroom_core::ids::MovementId::new(),
            item_id,
            location_id: self.choices().unwrap().locations[0].id,
            to_location_id: None,
            change: StockChange::Receive,
            quantity: quantity.to_owned(),
            note: String::new(),
            seen: None,
            counted_before: false,
        };
        self.change_stock(draft).unwrap();
    }

    /// Books and stock prove themselves.
    pub fn assert_sound(&self) {
        assert_eq!(self.check_ledger().unwrap(), Vec::<String>::new());
        assert_eq!(self.check_stock().unwrap(), Vec::<String>::new());
    }
}

/// All rows of a list, page by page as the window reads them.
fn pages<T>(page: impl Fn(Option<String>) -> Page<T>) -> Vec<T> {
    let mut rows = Vec::new();
    let mut cursor = None;
    loop {
        let page = page(cursor);
        rows.extend(page.rows);
        match page.next_cursor {
            Some(next) => cursor = Some(next),
            None => return rows,
        }
    }
}

/// A buyer pays by card; the shop's page names the invoice.
pub fn charge(cents: u64, invoice: &str) -> Value {
    json!({ "amount": cents, "name": "Paid Online", "email": "buyer@example.com", "metadata": { "invoice": invoice } })
}
