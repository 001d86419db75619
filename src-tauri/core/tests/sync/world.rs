//! A core connected to scripted vendors, and short builders of their records.

use backroom_core::connections::{ConnectDraft, ConnectionEnvironment, NamedText, SignInOutcome};
use backroom_core::customers::CustomerView;
use backroom_core::ids::{ConnectionId, CustomerId};
use backroom_core::invoices::InvoiceView;
use backroom_core::orders::OrderView;
use backroom_core::sync::testing::{BOOKS, PARCELS, Script};
use backroom_core::sync::{ConflictChoice, ConflictSide, OutboxRow, ProblemRow, RunState, RunTrigger, RunView};
use backroom_core::testing::{TestCore, draft_invoice, invoice_line, without_first_look};
use backroom_money::{Currency, Money, Quantity};
use connector_contract::{Record, RecordKind, RemoteId, record};

pub const REDIRECT: &str = "https://shop.example/bounce/";

/// A core with an empty account at both vendors.
pub struct World {
    pub core: TestCore,
    pub books: Script,
    pub parcels: Script,
}

impl std::ops::Deref for World {
    type Target = TestCore;

    fn deref(&self) -> &TestCore {
        &self.core
    }
}

/// Nothing connected yet.
pub fn world() -> World {
    let (books, parcels) = (Script::new(&BOOKS), Script::new(&PARCELS));
    let core = TestCore::with_vendors(vec![books.vendor(), parcels.vendor()]);
    World { core, books, parcels }
}

/// Connected to the books.
pub async fn with_books() -> (World, ConnectionId) {
    let world = world();
    let id = world.connect_books().await;
    (world, id)
}

pub fn books_draft() -> ConnectDraft {
    let text = |id: &str, value: &str| NamedText { id: id.into(), value: value.into() };
    ConnectDraft {
        vendor: "books".into(),
        connection_id: None,
        environment: ConnectionEnvironment::Production,
        fields: vec![text("client_id", "id"), text("client_secret", "secret")],
        endpoints: Vec::new(),
        redirect_uri: Some(REDIRECT.into()),
    }
}

pub fn parcels_draft() -> ConnectDraft {
    ConnectDraft {
        vendor: "parcels".into(),
        fields: vec![NamedText { id: "api_key".into(), value: "key".into() }],
        redirect_uri: None,
        ..books_draft()
    }
}

/// The `state` of a page to open.
pub fn state_of(authorize_url: &str) -> String {
    let url = url::Url::parse(authorize_url).expect("a url");
    url.query_pairs().find(|(name, _)| name == "state").expect("a state").1.into_owned()
}

pub fn connected(outcome: SignInOutcome) -> ConnectionId {
    match outcome {
        SignInOutcome::Connected { connection } => connection.id,
        SignInOutcome::Failed { reason, message } => panic!("{reason:?}: {message}"),
    }
}

impl World {
    /// An order from the vendor of parcels, shipped there.
    pub async fn shipped_order(&self) -> OrderView {
        self.connect_parcels().await;
        self.parcels.put("o1", Record::Order(order("9001", "PEN-1", 3)));
        self.parcels.put("s1", Record::Shipment(parcel("ups")));
        self.sync_well().await;
        let rows = self.list_orders(backroom_core::testing::first_page()).expect("orders").rows;
        self.get_order(rows[0].id).expect("an order")
    }

    pub async fn connect_books(&self) -> ConnectionId {
        let id = self.connect_books_to_look().await;
        without_first_look(self);
        id
    }

    /// Connected as an owner does: the first sync waits for a look.
    pub async fn connect_books_to_look(&self) -> ConnectionId {
        let started = self.start_sign_in(books_draft()).await.expect("a page to open");
        let state = state_of(&started.authorize_url);
        let link = format!("backroom://oauth/books?code=c&state={state}&realmId=account-1");
        connected(self.finish_sign_in(link).await.expect("an outcome"))
    }

    pub async fn connect_parcels(&self) -> ConnectionId {
        let id = connected(self.connect_with_keys(parcels_draft()).await.expect("an outcome"));
        without_first_look(self);
        id
    }

    /// A whole run over everything.
    pub async fn sync(&self) -> RunView {
        self.run_to_end(None, RunTrigger::Owner).await.expect("a run")
    }

    /// A whole run that must end well.
    pub async fn sync_well(&self) -> RunView {
        let run = self.sync().await;
        assert_eq!(run.state, RunState::Done, "{run:?}\n{:#?}", self.problems());
        run
    }

    pub fn problems(&self) -> Vec<ProblemRow> {
        self.list_problems(None, 200).expect("problems").rows
    }

    /// Decides every conflict for one side.
    pub fn settle_conflicts(&self, side: ConflictSide) {
        for conflict in self.list_conflicts(None, 200).expect("conflicts").rows {
            let choices: Vec<ConflictChoice> =
                conflict.fields.iter().map(|field| ConflictChoice { field: field.field.clone(), side }).collect();
            self.resolve_conflict(conflict.connection_id, &conflict.kind, &conflict.record_id, &choices)
                .expect("a decision");
        }
    }

    pub fn outbox(&self) -> Vec<OutboxRow> {
        self.list_outbox(None, 200).expect("an outbox").rows
    }

    pub fn books_customers(&self) -> Vec<record::Customer> {
        let all = self.books.all(RecordKind::Customer).into_iter();
        all.map(|(_, record)| if let Record::Customer(customer) = record { customer } else { panic!("{record:?}") })
            .collect()
    }

    pub fn books_invoices(&self) -> Vec<record::Invoice> {
        let all = self.books.all(RecordKind::Invoice).into_iter();
        all.map(|(_, record)| if let Record::Invoice(invoice) = record { invoice } else { panic!("{record:?}") })
            .collect()
    }

    /// The only customer with this name here.
    pub fn customer_named(&self, name: &str) -> CustomerView {
        let query = backroom_core::testing::first_page();
        let rows = self.list_customers(query).expect("customers").rows;
        let found: Vec<_> = rows.into_iter().filter(|row| row.display_name == name).collect();
        assert_eq!(found.len(), 1, "{found:?}");
        self.get_customer(found[0].id).expect("a customer")
    }

    /// Saves a customer's e-mail address as the owner does.
    pub fn set_email(&self, id: CustomerId, email: &str) {
        let mut draft = self.get_customer(id).expect("a customer").draft;
        draft.email = email.into();
        self.save_customer(draft).expect("a save");
    }

    pub fn set_phone(&self, id: CustomerId, phone: &str) {
        let mut draft = self.get_customer(id).expect("a customer").draft;
        draft.phone = phone.into();
        self.save_customer(draft).expect("a save");
    }

    /// A saved, issued invoice of one line.
    pub fn invoice(&self, customer: CustomerId, amount: &str) -> InvoiceView {
        self.save_invoice(draft_invoice(customer, vec![invoice_line("Work", "1", amount)])).expect("an invoice")
    }

    pub fn count_of(&self, table: &str) -> i64 {
        self.count(&format!("SELECT count(*) FROM {table}"))
    }
}

/// The app is started.
pub fn start(world: &World) -> tokio::task::JoinHandle<()> {
    tokio::spawn(std::sync::Arc::clone(&world.core.core).run_engine())
}

/// Lets the loop work until nothing moves any more.
pub async fn settle() {
    for _ in 0..2_000 {
        tokio::task::yield_now().await;
    }
}

pub fn usd(minor: i64) -> Money {
    Money::from_minor(minor, Currency::USD)
}

/// A customer as a vendor shows it.
pub fn customer(name: &str) -> record::Customer {
    record::Customer {
        display_name: name.into(),
        company: Some(String::new()),
        email: Some(String::new()),
        phone: Some(String::new()),
        billing: None,
        shipping: None,
        notes: None,
        active: true,
        currency: Some(Currency::USD),
        created_at: None,
    }
}

pub fn with_email(name: &str, email: &str) -> Record {
    Record::Customer(record::Customer { email: Some(email.into()), ..customer(name) })
}

/// An invoice of one line as a vendor shows it.
pub fn invoice(number: &str, customer: &RemoteId, minor: i64) -> record::Invoice {
    let day = "2026-11-01".parse().expect("a day");
    record::Invoice {
        number: Some(number.into()),
        customer: customer.clone(),
        issued_on: day,
        due_on: Some(day),
        currency: Currency::USD,
        lines: vec![record::InvoiceLine {
            remote_line: Some("1".into()),
            item: None,
            description: "Work".into(),
            quantity: Quantity::ONE,
            unit_price: usd(minor).into(),
            amount: usd(minor),
            taxable: false,
        }],
        discount: usd(0),
        shipping: usd(0),
        tax: usd(0),
        total: usd(minor),
        balance: Some(usd(minor)),
        message: None,
        note: None,
        email: None,
        billing: None,
        shipping_address: None,
        voided: false,
        deposit: None,
    }
}

/// A payment of one invoice as a vendor shows it.
pub fn payment(customer: &RemoteId, invoice: &RemoteId, minor: i64) -> record::Payment {
    record::Payment {
        customer: customer.clone(),
        received_on: "2026-11-02".parse().expect("a day"),
        amount: usd(minor),
        method: None,
        reference: Some("check 7".into()),
        note: None,
        applied: vec![record::Applied { invoice: invoice.clone(), amount: usd(minor) }],
        voided: false,
        unapplied: None,
    }
}

/// A parcel of all that the order under `o1` holds.
pub fn parcel(carrier: &str) -> record::Shipment {
    record::Shipment {
        order: Some(RemoteId("o1".into())),
        order_number: Some("9001".into()),
        carrier: Some(carrier.into()),
        service: None,
        tracking_number: Some("1Z".into()),
        shipped_on: None,
        cost: Some(usd(780)),
        voided: false,
        is_return: false,
        notify_buyer: false,
        notify_channel: false,
        lines: None,
    }
}

/// An order of one line as a vendor shows it.
pub fn order(number: &str, sku: &str, pieces: i64) -> record::Order {
    record::Order {
        number: number.into(),
        key: None,
        status: record::OrderStatus::Open,
        ordered_at: "2026-11-10T12:00:00Z".parse().expect("a moment"),
        hold_until: None,
        customer_name: "Ada".into(),
        customer_email: Some("ada@example.com".into()),
        billing: None,
        shipping: None,
        lines: vec![record::OrderLine {
            remote_line: None,
            key: Some("line-1".into()),
            sku: Some(sku.into()),
            name: "A pen".into(),
            quantity: Quantity::from_whole(pieces).expect("few"),
            unit_price: usd(250).into(),
            adjustment: false,
        }],
        shipping_amount: usd(0),
        tax_amount: usd(0),
        total: usd(250 * pieces),
        paid: None,
        customer_note: None,
        internal_note: None,
        requested_service: None,
        parent: None,
    }
}
