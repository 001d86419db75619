//! The brake: how much a run may delete, deactivate or change unasked, in records and in money, coming in and going out.

use crate::world::{World, customer, invoice, usd, with_books, with_email};
use backroom_core::company::SyncSettings;
use backroom_core::customers::CustomerDraft;
use backroom_core::sync::plan::{PlanAction, PlanDecision, PlanFilter, PlanSelection, PlanView};
use backroom_core::sync::{RunState, RunView};
use connector_contract::{Record, RecordKind, RemoteId, record};

fn ids(numbers: std::ops::RangeInclusive<u32>) -> impl Iterator<Item = String> {
    numbers.map(|number| format!("c{number}"))
}

/// So many customers on both sides.
async fn with_customers(count: u32) -> World {
    let (world, _) = with_books().await;
    for number in 1..=count {
        world.books.put(&format!("c{number}"), with_email(&format!("Customer {number}"), "old@example.com"));
    }
    world.sync_well().await;
    world
}

/// One customer with invoices of these amounts, in minor units, on both sides.
async fn with_invoices(amounts: &[i64]) -> World {
    let (world, _) = with_books().await;
    let ada = world.books.put("c1", Record::Customer(customer("Ada")));
    for (number, minor) in (1..).zip(amounts) {
        world.books.put(&format!("i{number}"), Record::Invoice(invoice(&format!("R-{number}"), &ada, *minor)));
    }
    world.sync_well().await;
    world
}

impl World {
    fn put_invoice(&self, number: u32, customer: &str, minor: i64, voided: bool) {
        let bill = invoice(&format!("R-{number}"), &RemoteId(customer.into()), minor);
        self.books.put(&format!("i{number}"), Record::Invoice(record::Invoice { voided, ..bill }));
    }

    fn delete_customers(&self, numbers: std::ops::RangeInclusive<u32>) {
        ids(numbers).for_each(|id| self.books.delete(RecordKind::Customer, &id));
    }

    fn archived(&self) -> i64 {
        self.count("SELECT count(*) FROM customers WHERE archived = 1")
    }

    /// A run that must stop; returns why.
    async fn sync_stops(&self) -> String {
        let run: RunView = self.sync().await;
        assert_eq!(run.state, RunState::DoneWithProblems, "{run:?}");
        let problem = self.problems().remove(0);
        assert!(problem.message.contains("stopped before it did something big"), "{problem:?}");
        problem.message
    }

    async fn release_and_sync(&self) {
        self.release_brake(self.problems()[0].id).expect("an answer");
        self.sync_well().await;
    }

    fn decide_all(&self, plan: &PlanView, action: PlanAction) {
        let all = PlanSelection { ids: Vec::new(), filter: Some(PlanFilter::default()) };
        self.decide_plan_items(plan.id, &all, action).expect("a decision");
    }

    fn set_shares(&self, brake_retire_percent: u32, brake_change_percent: u32) {
        let settings = self.sync_settings().expect("settings");
        self.save_sync_settings(SyncSettings { brake_retire_percent, brake_change_percent, ..settings })
            .expect("a save");
    }
}

#[tokio::test]
async fn a_run_that_would_void_too_much_stops_and_asks() {
    let world = with_customers(30).await;
    world.delete_customers(1..=15);
    let said = world.sync_stops().await;
    assert_eq!(world.archived(), 0, "nothing was done");
    assert!(said.contains("15 of 30 customer records would be deleted, deactivated or voided here."), "{said}");
    assert_eq!(world.sync_stops().await, said, "it asks until it is answered, and counts the same");
    world.release_and_sync().await;
    assert_eq!(world.archived(), 15);
    world.delete_customers(16..=25);
    world.sync_stops().await;
    assert_eq!(world.archived(), 15, "an answer is for one run");
}

#[tokio::test]
async fn most_of_a_small_shop_is_as_much_as_most_of_a_large_one() {
    let world = with_customers(12).await;
    world.delete_customers(1..=10);
    let said = world.sync_stops().await;
    assert!(said.contains("10 of 12 customer records"), "{said}");
    assert_eq!(world.archived(), 0);
}

#[tokio::test]
async fn deactivating_is_as_much_as_deleting() {
    let world = with_customers(20).await;
    for number in 1..=8 {
        let gone = record::Customer { active: false, ..customer(&format!("Customer {number}")) };
        world.books.put(&format!("c{number}"), Record::Customer(gone));
    }
    let said = world.sync_stops().await;
    assert!(said.contains("8 of 20 customer records would be deleted, deactivated"), "{said}");
    assert_eq!(world.archived(), 0);
}

#[tokio::test]
async fn a_few_deletions_among_many_pass() {
    let world = with_customers(30).await;
    world.delete_customers(1..=6);
    world.sync_well().await;
    assert_eq!(world.archived(), 6);
}

#[tokio::test]
async fn a_run_that_would_change_most_records_changes_none_however_many_pages_it_read() {
    let world = with_customers(200).await;
    let put = |numbers: std::ops::RangeInclusive<u32>, email: &str| {
        for number in numbers {
            world.books.put(&format!("c{number}"), with_email(&format!("Customer {number}"), email));
        }
    };
    put(1..=90, "new@example.com");
    world.sync_well().await;
    world.books.set_page_size(20);
    put(1..=150, "wrong@example.com");
    world.books.put("c999", Record::Customer(customer("Newcomer")));
    let said = world.sync_stops().await;
    assert!(said.contains("150 of 201 customer records would be changed here."), "{said}");
    let changed = || world.count("SELECT count(*) FROM customers WHERE email = 'wrong@example.com'");
    assert_eq!(changed(), 0, "no page of it was taken");
    assert_eq!(world.count_of("customers"), 201, "what is new changes nothing and came in");
    world.release_and_sync().await;
    assert_eq!((changed(), world.count_of("set_aside")), (150, 0));
}

#[tokio::test]
async fn a_reading_cut_short_is_weighed_with_what_comes_after() {
    let world = with_customers(30).await;
    world.books.set_page_size(5);
    world.delete_customers(1..=10);
    // The first page is kept, and the next one fails: five alone would pass.
    let core = std::sync::Arc::clone(&world.core.core);
    let run = tokio::spawn(async move { core.run_to_end(None, backroom_core::sync::RunTrigger::Owner).await });
    while world.count_of("set_aside") == 0 {
        tokio::task::yield_now().await;
    }
    world.cancel_run().expect("a stop");
    assert_eq!(run.await.expect("an end").expect("a run").state, RunState::Cancelled);
    assert_eq!(world.archived(), 0);
    let said = world.sync_stops().await;
    assert!(said.contains("10 of 30"), "{said}");
    assert_eq!(world.archived(), 0);
}

#[tokio::test]
async fn one_invoice_that_is_most_of_the_money_stops_the_run() {
    let mut amounts = vec![1_000; 14];
    amounts.push(90_000);
    let world = with_invoices(&amounts).await;
    world.put_invoice(15, "c1", 90_000, true);
    let said = world.sync_stops().await;
    assert!(said.contains("1 of 15 invoice records, 900.00 of 1040.00 USD, would be deleted"), "{said}");
    let void = || world.count("SELECT count(*) FROM invoices WHERE status = 'void'");
    assert_eq!(void(), 0);
    world.release_and_sync().await;
    assert_eq!(void(), 1);
}

#[tokio::test]
async fn a_change_weighs_as_much_as_its_money_differs() {
    let world = with_invoices(&[1_000; 15]).await;
    world.put_invoice(1, "c1", 1_100, false);
    world.sync_well().await;
    world.put_invoice(2, "c1", 900_000, false);
    let said = world.sync_stops().await;
    assert!(said.contains("1 of 15 invoice records, 8990.00 of 151.00 USD, would be changed here"), "{said}");
    assert_eq!(world.count("SELECT count(*) FROM invoices WHERE total_minor = 900000"), 0);
}

#[tokio::test]
async fn what_would_go_out_is_counted_before_the_first_of_it_is_sent() {
    let world = with_customers(20).await;
    let all = world.list_customers(backroom_core::testing::first_page()).expect("customers").rows;
    for row in all.iter().take(8) {
        world.archive_customers(vec![row.id], true).expect("archived");
    }
    let said = world.sync_stops().await;
    assert!(said.contains("8 of 20 customer records would be deleted, deactivated or voided in Books."), "{said}");
    assert!(world.books.pushes().is_empty());
    world.release_and_sync().await;
    assert_eq!(world.books.pushes().len(), 8);
}

#[tokio::test]
async fn changes_that_go_out_are_counted_too() {
    let world = with_customers(20).await;
    for row in world.list_customers(backroom_core::testing::first_page()).expect("customers").rows.iter().take(12) {
        let draft = world.get_customer(row.id).expect("a customer").draft;
        world.save_customer(CustomerDraft { email: "wrong@example.com".into(), ..draft }).expect("a save");
    }
    let said = world.sync_stops().await;
    assert!(said.contains("12 of 20 customer records would be changed in Books."), "{said}");
    assert!(world.books.pushes().is_empty());
}

#[tokio::test]
async fn the_money_of_what_goes_out_is_counted() {
    let mut amounts = vec![1_000; 14];
    amounts.push(90_000);
    let world = with_invoices(&amounts).await;
    let rows = world.list_invoices(backroom_core::testing::first_page()).expect("invoices").rows;
    let dear = rows.iter().find(|row| row.number == "R-15").expect("an invoice");
    world.void_invoices(vec![dear.id]).expect("void");
    let said = world.sync_stops().await;
    assert!(said.contains("900.00 of 1040.00 USD, would be deleted, deactivated or voided in Books"), "{said}");
    assert!(world.books.pushes().is_empty());
}

#[tokio::test]
async fn the_owner_sets_the_shares() {
    let world = with_customers(20).await;
    world.set_shares(10, 50);
    world.delete_customers(1..=4);
    world.sync_stops().await;
    world.set_shares(25, 50);
    world.sync_well().await;
    assert_eq!(world.archived(), 4);
}

#[tokio::test]
async fn an_empty_vendor_where_there_was_a_full_one_stops_the_run() {
    let world = with_customers(20).await;
    let draft = world.customer_named("Customer 1").draft;
    world.save_customer(CustomerDraft { phone: "555".into(), ..draft }).expect("a save");
    world.books.empty();
    let said = world.sync_stops().await;
    assert!(
        said.contains("Books shows nothing at all under everything, where 20 records of yours are linked."),
        "{said}"
    );
    assert!(world.books.pushes().is_empty(), "nothing is sent into the void");
    let plan = world.plan_sync(None).await.expect("a plan");
    assert!(plan.parts[0].brake.as_deref().is_some_and(|text| text.contains("shows nothing at all")), "{plan:?}");
}

#[tokio::test]
async fn an_audit_of_an_empty_vendor_says_so_instead_of_finding_everything_gone() {
    let world = with_customers(20).await;
    world.books.empty();
    world.set_shares(100, 100);
    let audit = world.audit_now(None, 30).await.expect("an audit").connections.remove(0);
    assert!(audit.error.as_deref().is_some_and(|text| text.contains("20 customer records")), "{audit:?}");
    assert_eq!(audit.open_count, 0);
}

#[tokio::test]
async fn a_preview_says_what_would_have_stopped_the_sync_and_holds_it() {
    let world = with_customers(30).await;
    world.delete_customers(1..=15);
    world.books.put("c99", Record::Customer(customer("Newcomer")));
    let plan = world.plan_sync(None).await.expect("a plan");
    let said = plan.parts[0].brake.clone().expect("a sentence");
    assert!(said.contains("15 of 30 customer records would be deleted"), "{said}");
    assert_eq!((plan.counts.held, plan.counts.approved), (15, 1));
    let items = world.list_plan_items(plan.id, &PlanFilter::default(), None, 200).expect("items").rows;
    assert!(items.iter().all(|item| (item.action == "deleted") == (item.decision == PlanDecision::Hold)), "{items:#?}");
    world.run_plan_to_end(plan.id, false).await.expect("a run");
    assert_eq!((world.archived(), world.count_of("customers")), (0, 31));
    let plan = world.plan_sync(None).await.expect("a plan");
    world.decide_all(&plan, PlanAction::Approve);
    world.run_plan_to_end(plan.id, false).await.expect("a run");
    assert_eq!(world.archived(), 15, "approved record by record, it is done");
    assert_eq!(world.plan_sync(None).await.expect("a plan").parts[0].brake, None);
}

#[tokio::test]
async fn a_preview_holds_what_would_go_out_too() {
    let world = with_customers(20).await;
    for row in world.list_customers(backroom_core::testing::first_page()).expect("customers").rows.iter().take(8) {
        world.archive_customers(vec![row.id], true).expect("archived");
    }
    let plan = world.plan_sync(None).await.expect("a plan");
    assert!(plan.parts[0].brake.as_deref().is_some_and(|said| said.contains("in Books")), "{:?}", plan.parts);
    assert_eq!((plan.counts.outgoing, plan.counts.held), (8, 8));
}

#[tokio::test]
async fn what_was_set_aside_does_not_come_back_past_the_brake() {
    let world = with_customers(30).await;
    world.delete_customers(1..=15);
    let plan = world.plan_sync(None).await.expect("a plan");
    world.decide_all(&plan, PlanAction::Hold);
    world.run_plan_to_end(plan.id, false).await.expect("a run");
    assert_eq!(world.count_of("set_aside"), 15);
    // Approved, but the run that would do it does not come to it.
    let plan = world.plan_sync(None).await.expect("a plan");
    world.decide_all(&plan, PlanAction::Approve);
    world.books.break_identify(connector_contract::ConnectorError::Unavailable("out of order".into()));
    world.run_plan_to_end(plan.id, false).await.expect("a run");
    let said = world.sync_stops().await;
    assert!(said.contains("15 of 30"), "{said}");
    assert_eq!(world.archived(), 0);
}

#[tokio::test]
async fn what_was_put_aside_as_too_early_does_not_come_back_past_the_brake() {
    let world = with_invoices(&[1_000; 20]).await;
    (1..=6).for_each(|number| world.put_invoice(number, "c9", 1_000, false));
    world.sync().await;
    assert_eq!(world.count_of("parked"), 6, "their customer has not come in");
    (7..=12).for_each(|number| world.put_invoice(number, "c9", 1_000, false));
    let run = world.sync().await;
    let said = run.parts[0].error.clone().unwrap_or_default();
    assert!(said.contains("12 of 20 invoice records"), "{said}");
}

#[tokio::test]
async fn a_problem_of_a_record_ends_when_the_owner_puts_the_record_on_hold() {
    let world = with_invoices(&[1_000; 2]).await;
    world.put_invoice(1, "c9", 1_000, false);
    world.sync().await;
    assert_eq!(world.problems().len(), 1);
    world.books.put("c9", Record::Customer(customer("Late")));
    let plan = world.plan_sync(None).await.expect("a plan");
    world.decide_all(&plan, PlanAction::Hold);
    world.run_plan_to_end(plan.id, false).await.expect("a run");
    assert_eq!((world.count_of("parked"), world.problems().len()), (0, 0), "{:#?}", world.problems());
}

#[tokio::test]
async fn usual_work_on_a_few_records_never_asks() {
    let world = with_invoices(&[1_000, 2_000, 3_000]).await;
    world.books.delete(RecordKind::Invoice, "i3");
    world.put_invoice(2, "c1", 2_500, false);
    world.sync_well().await;
    let bill = world.invoice(world.customer_named("Ada").draft.id, "70");
    world.sync_well().await;
    world.void_invoices(vec![bill.draft.id]).expect("void");
    world.sync_well().await;
    assert!(world.books_invoices().iter().any(|bill| bill.total == usd(7_000) && bill.voided));
}
