//! Records coming in: pages and cursors, order, bad records, tombstones, first meetings, the brake.

use crate::world::{customer, invoice, order, parcels_draft, payment, usd, with_books, with_email, world};
use backroom_core::connections::{ConnectDraft, ConnectionState, NamedText};
use backroom_core::customers::CustomerDraft;
use backroom_core::ids::PaymentId;
use backroom_core::invoices::InvoiceStatus;
use backroom_core::payments::{AppliedDraft, PaymentDraft};
use backroom_core::sync::testing::{CARDS, Script};
use backroom_core::sync::{ChangeDirection, ProblemAction, RunState, RunTrigger};
use backroom_core::testing::{TestCore, without_first_look};
use connector_contract::{ConnectorError, Content, Pulled, Record, RecordKind, RemoteId, record};

#[tokio::test]
async fn what_the_vendor_has_comes_in_with_an_account_of_each_field() {
    let (world, id) = with_books().await;
    let ada = world.books.put("c1", with_email("Ada", "ada@example.com"));
    let bill = world.books.put("i1", Record::Invoice(invoice("77", &ada, 5000)));
    world.books.put("p1", Record::Payment(payment(&ada, &bill, 2000)));
    let run = world.sync_well().await;
    assert_eq!((run.parts[0].read_count, run.parts[0].created_count, run.parts[0].sent_count), (3, 3, 0));
    let ada = world.customer_named("Ada");
    assert_eq!(ada.open_balance.minor, "3000", "invoice less payment");
    assert_eq!(ada.history[0].who, "Books");
    let detail = world.get_run(run.id, None, 50).expect("a run");
    assert!(detail.changes.iter().all(|change| change.direction == ChangeDirection::In && change.action == "created"));
    let email = |change: &backroom_core::sync::RunChange| change.fields.iter().any(|field| field.field == "email");
    assert!(detail.changes.iter().any(email), "{detail:?}");
    let connection = &world.list_connections().expect("connections")[0];
    assert_eq!((connection.id, connection.state, connection.waiting_count), (id, ConnectionState::Ready, 0));
}

#[tokio::test]
async fn a_page_that_comes_twice_changes_nothing() {
    let (world, _) = with_books().await;
    let ada = world.books.put("c1", with_email("Ada", "ada@example.com"));
    world.books.put("i1", Record::Invoice(invoice("77", &ada, 5000)));
    world.sync_well().await;
    let tables = ["customers", "invoices", "history", "ledger_entries", "run_changes", "outbox"];
    let before: Vec<i64> = tables.iter().map(|table| world.count_of(table)).collect();
    let version = world.customer_named("Ada").draft.version;
    world.books.set_rewind(2);
    let run = world.sync_well().await;
    assert_eq!(run.parts[0].read_count, 2, "the page did come again");
    assert_eq!((run.parts[0].created_count, run.parts[0].updated_count), (0, 0));
    assert_eq!(tables.iter().map(|table| world.count_of(table)).collect::<Vec<i64>>(), before);
    assert_eq!(world.customer_named("Ada").draft.version, version);
}

#[tokio::test]
async fn what_came_in_is_not_sent_back() {
    let (world, _) = with_books().await;
    world.books.put("c1", with_email("Ada", "ada@example.com"));
    world.sync_well().await;
    world.books.put("c1", with_email("Ada", "new@example.com"));
    world.sync_well().await;
    assert_eq!(world.customer_named("Ada").draft.email, "new@example.com");
    assert!(world.books.pushes().is_empty(), "{:?}", world.books.pushes());
}

#[tokio::test]
async fn pages_are_read_one_after_another_and_each_moves_the_cursor() {
    let (world, _) = with_books().await;
    world.books.set_page_size(2);
    for number in 1..=5 {
        world.books.put(&format!("c{number}"), Record::Customer(customer(&format!("Customer {number}"))));
    }
    // The third page fails: the first two stay.
    let down = ConnectorError::Unavailable("out of order".into());
    world.books.break_pulls([down.clone()]);
    assert_eq!(world.sync().await.state, RunState::Failed);
    assert_eq!(world.count_of("customers"), 0);
    world.sync_well().await;
    assert_eq!(world.count_of("customers"), 5);
}

#[tokio::test]
async fn a_page_and_its_cursor_are_lost_together_when_the_disk_is_full() {
    let (world, _) = with_books().await;
    for number in 1..=200 {
        let mut record = customer(&format!("Customer {number}"));
        record.notes = Some("n".repeat(2000));
        world.books.put(&format!("c{number}"), Record::Customer(record));
    }
    let limit = |pages: i64| {
        let set = |tx: &backroom_core::store::Tx<'_>| {
            let now: i64 = tx.query_row("PRAGMA page_count", [], |row| row.get(0))?;
            tx.execute_batch(&format!("PRAGMA max_page_count = {}", now + pages))?;
            Ok(())
        };
        world.store().write(set).expect("a limit");
    };
    limit(20);
    let run = world.sync().await;
    assert_eq!(run.parts[0].state, RunState::Failed, "{run:?}");
    assert_eq!(run.parts[0].error.as_deref(), Some("the disk is full; nothing was saved"));
    assert_eq!(world.count_of("customers") % 100, 0, "whole pages only");
    assert_eq!(world.count_of("customers"), world.count_of("links"), "every record has its link");
    limit(100_000);
    world.sync_well().await;
    assert_eq!(world.count_of("customers"), 200);
}

#[tokio::test]
async fn a_record_that_comes_before_what_it_refers_to_waits_for_it() {
    let (world, _) = with_books().await;
    world.books.set_page_size(1);
    world.books.put("i1", Record::Invoice(invoice("77", &RemoteId("c1".into()), 5000)));
    world.books.put("c1", Record::Customer(customer("Ada")));
    world.sync_well().await;
    assert_eq!(world.customer_named("Ada").open_balance.minor, "5000");
    assert!(world.problems().is_empty());
    assert_eq!(world.count_of("parked"), 0);
}

#[tokio::test]
async fn one_bad_record_blocks_no_other_and_is_told_until_it_is_mended() {
    let (world, _) = with_books().await;
    let ada = world.books.put("c1", Record::Customer(customer("Ada")));
    let mut wrong = invoice("78", &ada, 5000);
    wrong.total = usd(1);
    world.books.put("i1", Record::Invoice(wrong));
    let content = Content::Unreadable { kind: RecordKind::Item, reason: "price is missing".into() };
    world.books.feed(Pulled { remote_id: RemoteId("x9".into()), version: None, updated_at: None, content });
    world.books.put("i2", Record::Invoice(invoice("79", &ada, 1200)));
    let run = world.sync().await;
    assert_eq!(run.state, RunState::DoneWithProblems);
    assert_eq!(run.parts[0].problem_count, 2);
    assert_eq!(world.customer_named("Ada").open_balance.minor, "1200", "the good invoice came in");
    let problems = world.problems();
    let told: Vec<&str> = problems.iter().map(|problem| problem.title.as_str()).collect();
    assert!(told.contains(&"Invoice 78") && told.contains(&"Item x9"), "{told:?}");
    assert!(problems.iter().all(|problem| problem.action == ProblemAction::Retry && !problem.advice.is_empty()));
    // Again: still wrong, not told twice.
    let again = world.sync().await;
    assert_eq!((world.problems().len(), again.parts[0].problem_count), (2, 0));
    // Mended over there.
    world.books.put("i1", Record::Invoice(invoice("78", &ada, 5000)));
    world.sync().await;
    assert_eq!(world.customer_named("Ada").open_balance.minor, "6200");
    assert_eq!(world.problems().len(), 1);
}

#[tokio::test]
async fn an_expired_cursor_starts_over_without_doubles() {
    let (world, _) = with_books().await;
    world.books.put("c1", Record::Customer(customer("Ada")));
    world.sync_well().await;
    world.books.break_pulls([ConnectorError::CursorExpired]);
    world.books.put("c2", Record::Customer(customer("Bob")));
    let run = world.sync_well().await;
    assert_eq!(run.parts[0].read_count, 2, "it was read from the start");
    assert_eq!(world.count_of("customers"), 2);
}

#[tokio::test]
async fn a_deleted_invoice_is_voided_and_an_older_page_does_not_bring_it_back() {
    let (world, _) = with_books().await;
    let ada = world.books.put("c1", Record::Customer(customer("Ada")));
    world.books.put("i1", Record::Invoice(invoice("77", &ada, 5000)));
    world.sync_well().await;
    let older = world.books.pulled(RecordKind::Invoice, "i1").expect("an invoice");
    world.books.delete(RecordKind::Invoice, "i1");
    world.sync_well().await;
    let invoices = world.list_invoices(backroom_core::testing::first_page()).expect("invoices").rows;
    assert_eq!((invoices.len(), invoices[0].status), (1, InvoiceStatus::Void));
    assert_eq!(world.customer_named("Ada").open_balance.minor, "0");
    // The tombstone again, and then a page from before it.
    world.books.set_rewind(3);
    world.books.feed(older);
    world.sync_well().await;
    assert_eq!(world.count_of("invoices"), 1);
    assert!(world.books.pushes().is_empty(), "a deleted record is never sent: {:?}", world.books.pushes());
}

#[tokio::test]
async fn a_page_from_before_does_not_undo_what_came_after_it() {
    let (world, _) = with_books().await;
    let feeds = |version: bool, time: bool| {
        let books = world.books.clone();
        move |mut older: Pulled| {
            older.version = older.version.filter(|_| version);
            older.updated_at = older.updated_at.filter(|_| time);
            books.feed(older);
        }
    };
    for (number, feed) in [feeds(true, true), feeds(true, false), feeds(false, true)].into_iter().enumerate() {
        let (id, name) = (format!("c{number}"), format!("Customer {number}"));
        world.books.put(&id, with_email(&name, "old@example.com"));
        let older = world.books.pulled(RecordKind::Customer, &id).expect("a customer");
        world.sync_well().await;
        world.books.put(&id, with_email(&name, "new@example.com"));
        world.sync_well().await;
        feed(older);
        world.sync_well().await;
        assert_eq!(world.customer_named(&name).draft.email, "new@example.com");
    }
}

#[tokio::test]
async fn a_record_that_is_there_again_after_its_deletion_comes_back() {
    let (world, _) = with_books().await;
    world.books.put("c1", Record::Customer(customer("Ada")));
    world.sync_well().await;
    world.books.delete(RecordKind::Customer, "c1");
    world.sync_well().await;
    assert!(world.list_customers(backroom_core::testing::first_page()).expect("customers").rows.is_empty());
    world.books.put("c1", with_email("Ada", "back@example.com"));
    world.sync_well().await;
    assert_eq!(world.customer_named("Ada").draft.email, "back@example.com");
    assert_eq!(world.count_of("customers"), 1, "the same customer as before");
}

#[tokio::test]
async fn a_record_deleted_there_while_a_change_waits_here_stays_for_the_owner() {
    let (world, _) = with_books().await;
    world.books.put("c1", Record::Customer(customer("Ada")));
    world.sync_well().await;
    let ada = world.customer_named("Ada");
    world.set_email(ada.draft.id, "typed@example.com");
    world.books.delete(RecordKind::Customer, "c1");
    let run = world.sync().await;
    assert_eq!(run.state, RunState::DoneWithProblems);
    let kept = world.customer_named("Ada");
    assert_eq!((kept.draft.email.as_str(), kept.archived), ("typed@example.com", false));
    assert!(world.problems()[0].message.contains("deleted in Books"), "{:?}", world.problems());
    assert!(world.outbox().is_empty() && world.books.pushes().is_empty());
}

#[tokio::test]
async fn records_that_both_sides_have_are_recognised_and_not_doubled() {
    let world = world();
    let ada =
        world.save_customer(CustomerDraft { phone: "555".into(), ..backroom_core::testing::customer("Ada Lovelace") });
    let ada = ada.expect("a customer");
    let item = world.item("PEN-1", "2.50");
    let ours = world.invoice(ada.draft.id, "50.00");
    let remote = world.books.put("c1", with_email("ADA LOVELACE", "ada@example.com"));
    world.books.put("t1", Record::Item(pen("Another name", "pen-1")));
    world.books.put("i1", Record::Invoice(invoice(&ours.draft.number, &remote, 5000)));
    world.connect_books().await;
    world.sync_well().await;
    assert_eq!(world.count_of("customers"), 1);
    assert_eq!(world.count_of("items"), 1);
    assert_eq!(world.count_of("invoices"), 1);
    let ada = world.get_customer(ada.draft.id).expect("a customer");
    assert_eq!(ada.draft.email, "ada@example.com", "what only they had is here now");
    assert_eq!(world.books_customers()[0].phone.as_deref(), Some("555"), "what only we had is there now");
    assert_eq!(world.get_item(item.draft.id).expect("an item").draft.name, "Another name");
}

fn pen(name: &str, sku: &str) -> record::Item {
    record::Item {
        name: name.into(),
        sku: Some(sku.into()),
        description: None,
        barcode: None,
        kind: record::ItemKind::NonStocked,
        unit_price: Some(usd(250).into()),
        unit_cost: None,
        taxable: None,
        active: true,
        on_hand: None,
        created_at: None,
    }
}

#[tokio::test]
async fn an_order_belongs_to_the_customer_with_its_address_and_its_parcel_leaves_the_stock_once() {
    let world = world();
    let item = world.stocked_item("PEN-1", "2.50", "10");
    let mut draft = backroom_core::testing::customer("Somebody else's name");
    draft.email = "ada@example.com".into();
    let ada = world.save_customer(draft).expect("a customer");
    world.connect_parcels().await;
    world.parcels.put("o1", Record::Order(order("9001", "PEN-1", 3)));
    let parcel = record::Shipment {
        order: Some(RemoteId("o1".into())),
        order_number: Some("9001".into()),
        carrier: Some("ups".into()),
        service: None,
        tracking_number: Some("1Z".into()),
        shipped_on: None,
        cost: None,
        voided: false,
        is_return: false,
        notify_buyer: false,
        notify_channel: false,
        lines: None,
    };
    world.parcels.put("s1", Record::Shipment(parcel));
    world.sync_well().await;
    world.parcels.set_rewind(5);
    world.sync_well().await;
    let orders = world.list_orders(backroom_core::testing::first_page()).expect("orders").rows;
    assert_eq!(orders.len(), 1);
    let order = world.get_order(orders[0].id).expect("an order");
    assert_eq!(order.draft.customer_id, Some(ada.draft.id));
    assert_eq!(order.shipments.len(), 1);
    assert_eq!(world.get_item(item.draft.id).expect("an item").levels[0].on_hand, "7");
}

#[tokio::test]
async fn a_payment_that_both_sides_typed_in_is_one() {
    let (world, _) = with_books().await;
    let ada = world.customer("Ada").draft.id;
    let bill = world.invoice(ada, "50.00");
    world.sync_well().await;
    let draft = PaymentDraft {
        id: PaymentId::new(),
        customer_id: ada,
        received_on: "2026-11-02".into(),
        amount: "20.00".into(),
        method: String::new(),
        reference: "check 7".into(),
        note: String::new(),
        applied: vec![AppliedDraft { invoice_id: bill.draft.id, amount: "20.00".into() }],
    };
    world.record_payment(draft).expect("a payment");
    let (customer, invoice) =
        (world.books.all(RecordKind::Customer)[0].0.clone(), world.books.all(RecordKind::Invoice)[0].0.clone());
    world.books.put("p1", Record::Payment(payment(&customer, &invoice, 2000)));
    world.sync_well().await;
    assert_eq!((world.count_of("payments"), world.books.all(RecordKind::Payment).len()), (1, 1));
    assert_eq!(world.customer_named("Ada").open_balance.minor, "3000");
}

#[tokio::test]
async fn a_processors_charge_comes_in_once_and_its_changes_are_told_field_by_field() {
    let cards = Script::new(&CARDS);
    let core = TestCore::with_vendors(vec![cards.vendor()]);
    let draft = ConnectDraft {
        vendor: "cards".into(),
        fields: vec![NamedText { id: "secret_key".into(), value: "key".into() }],
        ..parcels_draft()
    };
    core.connect_with_keys(draft).await.expect("an outcome");
    without_first_look(&core);
    let charge = |refunded: i64| {
        Record::Charge(record::Charge {
            amount: usd(5000),
            captured: None,
            refunded: usd(refunded),
            status: record::ChargeStatus::Succeeded,
            created_at: "2026-11-10T12:00:00Z".parse().expect("a moment"),
            customer_name: Some("Ada".into()),
            customer_email: None,
            description: None,
            metadata: std::collections::BTreeMap::new(),
            balance_entry: None,
            failure: None,
        })
    };
    cards.put("ch_1", charge(0));
    let sync = || core.run_to_end(None, RunTrigger::Owner);
    sync().await.expect("a run");
    cards.set_rewind(1);
    let run = sync().await.expect("a run");
    assert_eq!((run.parts[0].read_count, run.parts[0].updated_count), (1, 0));
    cards.put("ch_1", charge(2000));
    let run = sync().await.expect("a run");
    assert_eq!(run.parts[0].updated_count, 1);
    let told = core.get_run(run.id, None, 10).expect("a run").changes.remove(0);
    assert_eq!((told.title.as_str(), told.fields.len()), ("Charge ch_1", 1), "{told:?}");
    assert_eq!(told.fields[0].after.as_deref(), Some("20.00 USD"));
    let charges = core.list_charges(backroom_core::testing::first_page()).expect("charges").rows;
    assert_eq!((charges.len(), charges[0].id.to_string()), (1, told.record_id.expect("an id")));
}

#[tokio::test]
async fn a_payment_that_moves_with_its_customer_still_pays_its_invoice() {
    let (world, _) = with_books().await;
    let (ada, bea) = (world.books.put("c1", with_email("Ada", "")), world.books.put("c2", with_email("Bea", "")));
    let bill = world.books.put("i1", Record::Invoice(invoice("77", &ada, 5000)));
    world.books.put("p1", Record::Payment(payment(&ada, &bill, 2000)));
    world.sync_well().await;
    // Ada is merged into Bea over there: her documents move.
    world.books.put("i1", Record::Invoice(invoice("77", &bea, 5000)));
    world.books.put("p1", Record::Payment(payment(&bea, &bill, 2000)));
    world.sync_well().await;
    assert_eq!(world.customer_named("Ada").open_balance.minor, "0");
    assert_eq!(world.customer_named("Bea").open_balance.minor, "3000");
    let rows = world.list_invoices(backroom_core::testing::first_page()).expect("invoices").rows;
    assert_eq!(rows[0].balance.minor, "3000", "20.00 of it are paid as before");
    assert_eq!(world.check_ledger().expect("a check"), Vec::<String>::new());
}

#[tokio::test]
async fn a_payment_still_pays_an_invoice_that_shrank_after_another_payment_was_taken_off() {
    // Which of two payments an invoice lets go of first is no matter of what the vendor did.
    for (gone, stays) in [("p1", "p2"), ("p2", "p1")] {
        let (world, _) = with_books().await;
        let ada = world.books.put("c1", with_email("Ada", ""));
        let bill = world.books.put("i1", Record::Invoice(invoice("77", &ada, 5000)));
        world.books.put(gone, Record::Payment(payment(&ada, &bill, 4800)));
        world.books.put(stays, Record::Payment(payment(&ada, &bill, 200)));
        world.sync_well().await;
        // Over there the larger payment is voided, and then the invoice is made smaller. Here the invoice comes first.
        world.books.put("i1", Record::Invoice(invoice("77", &ada, 3500)));
        let voided = record::Payment { voided: true, applied: Vec::new(), ..payment(&ada, &bill, 0) };
        world.books.put(gone, Record::Payment(voided));
        world.sync_well().await;
        let rows = world.list_invoices(backroom_core::testing::first_page()).expect("invoices").rows;
        assert_eq!(rows[0].balance.minor, "3300", "2.00 of it are paid as before");
        assert_eq!(world.customer_named("Ada").open_balance.minor, "3300");
        assert_eq!(world.count_of("parked"), 0);
        assert_eq!(world.check_ledger().expect("a check"), Vec::<String>::new());
    }
}
