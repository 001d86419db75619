//! Documents that may be the same on both sides: asked about in a preview, joined unasked only where something more than day
//! and amount speaks for it; and records that a vendor takes for one.

use crate::plan::{IN, OUT};
use crate::world::{World, customer, invoice, parcels_draft, payment, with_books};
use backroom_core::connections::ConnectDraft;
use backroom_core::ids::{CustomerId, InvoiceId, PaymentId};
use backroom_core::payments::{AppliedDraft, PaymentDraft};
use backroom_core::sync::plan::{PlanAction, PlanOutcome, PlanSelection};
use backroom_core::sync::testing::{BOOKS, Fault, PARCELS, Script};
use backroom_core::testing::TestCore;
use chrono::Duration;
use connector_contract::{
    Capability, ConnectorError, Descriptor, Direction, Field, Record, RecordKind, SignIn, record,
};

/// Ada's invoice of 50.00 on both sides.
async fn shop() -> (World, CustomerId, InvoiceId) {
    let (world, _) = with_books().await;
    let ada = world.customer("Ada").draft.id;
    let bill = world.invoice(ada, "50.00").draft.id;
    world.sync_well().await;
    (world, ada, bill)
}

impl World {
    /// A payment of 20.00 typed in here.
    fn pay_here(&self, customer: CustomerId, invoice: Option<InvoiceId>, reference: &str) {
        let applied = invoice.map(|invoice_id| AppliedDraft { invoice_id, amount: "20.00".into() });
        let draft = PaymentDraft {
            id: PaymentId::new(),
            customer_id: customer,
            received_on: "2026-11-02".into(),
            amount: "20.00".into(),
            method: String::new(),
            reference: reference.into(),
            note: String::new(),
            applied: applied.into_iter().collect(),
        };
        self.record_payment(draft).expect("a payment");
    }

    /// The same typed in there.
    fn pay_there(&self, id: &str, reference: Option<&str>, applied: bool) {
        let remote = |kind| self.books.all(kind)[0].0.clone();
        let like = payment(&remote(RecordKind::Customer), &remote(RecordKind::Invoice), 2000);
        let applied = if applied { like.applied.clone() } else { Vec::new() };
        let theirs = record::Payment { reference: reference.map(str::to_owned), applied, ..like };
        self.books.put(id, Record::Payment(theirs));
    }

    fn payments(&self) -> (i64, usize) {
        (self.count_of("payments"), self.books.all(RecordKind::Payment).len())
    }
}

#[tokio::test]
async fn two_payments_of_the_same_day_and_amount_are_two() {
    let (world, ada, _) = shop().await;
    world.pay_here(ada, None, "");
    world.pay_there("p1", None, false);
    world.sync_well().await;
    assert_eq!(world.payments(), (2, 2), "people do pay twice");
}

#[tokio::test]
async fn payments_with_different_references_are_two_whatever_they_pay() {
    let (world, ada, bill) = shop().await;
    world.pay_here(ada, Some(bill), "check 7");
    world.pay_there("p1", Some("check 8"), true);
    world.sync_well().await;
    assert_eq!(world.payments(), (2, 2));
}

#[tokio::test]
async fn payments_with_the_same_reference_or_invoices_are_one() {
    for (ours, theirs, applied) in [("check 7", Some("Check 7"), false), ("", None, true), ("cash", None, true)] {
        let (world, ada, bill) = shop().await;
        world.pay_here(ada, Some(bill), ours);
        world.pay_there("p1", theirs, applied);
        world.sync().await;
        assert_eq!(world.payments(), (1, 1), "{ours} {theirs:?}");
    }
}

#[tokio::test]
async fn a_genuine_repeat_of_a_payment_joins_one_of_ours_at_most_once() {
    let (world, ada, bill) = shop().await;
    world.pay_here(ada, Some(bill), "");
    world.pay_there("p1", None, true);
    world.pay_there("p2", None, true);
    world.sync_well().await;
    assert_eq!(world.payments(), (2, 2));
}

#[tokio::test]
async fn a_preview_asks_about_documents_with_what_speaks_for_them() {
    let (world, ada, _) = shop().await;
    let ours = world.invoice(ada, "70.00");
    world.pay_here(ada, None, "");
    let customer = world.books.all(RecordKind::Customer)[0].0.clone();
    world.books.put("i9", Record::Invoice(invoice(&ours.draft.number, &customer, 7000)));
    world.pay_there("p1", None, false);
    let plan = world.preview().await;
    assert_eq!(plan.counts.pairs, 2);
    let bill = world.item_of(plan.id, IN, &format!("Invoice {}", ours.draft.number)).pair.expect("a pair");
    let fields: Vec<(&str, bool)> = bill.evidence.iter().map(|e| (e.field.as_str(), e.exact)).collect();
    assert!(bill.same && bill.record_id == ours.draft.id.to_string(), "{bill:?}");
    assert_eq!(fields, [("number", true), ("issued_on", false), ("total", true)]);
    let item = world.item_of(plan.id, IN, "Payment of 2026-11-02 from Ada");
    let pair = item.pair.clone().expect("a pair");
    assert!(!pair.same, "the owner has to say so: {pair:?}");
    let selected = PlanSelection { ids: vec![item.id], filter: None };
    world.decide_plan_items(plan.id, &selected, PlanAction::Same).expect("a word");
    world.carry_out(plan.id).await;
    world.sync_well().await;
    assert_eq!(world.payments(), (1, 1));
    assert_eq!((world.count_of("invoices"), world.books_invoices().len()), (2, 2));
}

#[tokio::test]
async fn invoices_of_one_number_stay_two_when_the_owner_says_so() {
    let (world, ada, _) = shop().await;
    let ours = world.invoice(ada, "70.00");
    let customer = world.books.all(RecordKind::Customer)[0].0.clone();
    world.books.put("i9", Record::Invoice(invoice(&ours.draft.number, &customer, 9900)));
    let plan = world.preview().await;
    let pair = world.items_of(plan.id).into_iter().find(|item| item.pair.is_some()).expect("a pair");
    let selected = PlanSelection { ids: vec![pair.id], filter: None };
    world.decide_plan_items(plan.id, &selected, PlanAction::Separate).expect("a word");
    world.carry_out(plan.id).await;
    let total = world.count(&format!("SELECT total_minor FROM invoices WHERE id = '{}'", ours.draft.id));
    assert_eq!(total, 7000, "theirs is not laid over ours");
}

/// A second place where customers are kept; it comes before the books.
static LEDGER: Descriptor = Descriptor {
    id: "ledger",
    name: "Ledger",
    summary: "Customers",
    sign_in: SignIn::Keys,
    fields: &[Field { id: "api_key", label: "API key", help: "", secret: true, optional: false }],
    endpoints: &[],
    settings: &[],
    capabilities: &[Capability { kind: RecordKind::Customer, direction: Direction::Both }],
    refusals: &[],
};

#[tokio::test]
async fn what_one_vendor_brings_goes_out_to_the_next_in_the_run_of_the_same_plan() {
    let (ledger, books, parcels) = (Script::new(&LEDGER), Script::new(&BOOKS), Script::new(&PARCELS));
    let core = TestCore::with_vendors(vec![ledger.vendor(), books.vendor(), parcels.vendor()]);
    let world = World { core, books, parcels };
    let keys = ConnectDraft { vendor: "ledger".into(), ..parcels_draft() };
    world.connect_with_keys(keys).await.expect("an outcome");
    world.connect_books().await;
    ledger.put("x1", Record::Customer(customer("From elsewhere")));
    let plan = world.preview().await;
    assert_eq!(world.item_of(plan.id, OUT, "From elsewhere").action, "created");
    world.carry_out(plan.id).await;
    let left: Vec<_> =
        world.items_of(plan.id).into_iter().filter(|item| item.outcome != Some(PlanOutcome::Done)).collect();
    assert!(left.is_empty(), "{left:#?}");
    assert_eq!(world.books_customers()[0].display_name, "From elsewhere");
    let next = world.preview().await;
    assert_eq!((next.counts.incoming, next.counts.outgoing), (0, 0));
}

#[tokio::test]
async fn two_records_that_the_vendor_takes_for_one_are_told() {
    let (world, _) = with_books().await;
    world.sync_well().await;
    let ada = world.customer("Ada");
    world.sync_well().await;
    let remote = world.books.all(RecordKind::Customer)[0].0.clone();
    let twin: CustomerId = world.customer("Twin").draft.id;
    world.books.answer_next_push_with(remote);
    world.sync().await;
    let problem = world.problems().remove(0);
    assert_eq!(problem.record_id, Some(twin.to_string()));
    assert!(problem.message.contains("the same as “Ada”"), "{}", problem.message);
    assert_eq!(world.get_customer(ada.draft.id).expect("Ada").sync[0].remote_id.as_deref(), Some("r1"));
}

#[tokio::test]
async fn a_record_taken_for_another_one_and_retired_meanwhile_is_done_with() {
    let (world, _) = with_books().await;
    world.sync_well().await;
    let ada = world.customer("Ada");
    let first = world.invoice(ada.draft.id, "10.00");
    world.sync_well().await;
    let remote = world.books.all(RecordKind::Invoice)[0].0.clone();
    let twin = world.invoice(ada.draft.id, "10.00");
    world.books.break_pushes([Some(Fault::Before(ConnectorError::Unknown("no answer".into())))]);
    world.sync().await;
    world.void_invoices(vec![twin.draft.id]).expect("voided");
    assert_eq!(world.outbox().len(), 2, "the void waits behind what may have arrived");
    world.clock.advance(Duration::hours(1));
    world.books.answer_next_push_with(remote);
    world.sync().await;
    world.sync().await;
    assert!(world.outbox().is_empty() && world.problems().is_empty(), "{:#?} {:#?}", world.outbox(), world.problems());
    assert!(!world.books_invoices()[0].voided, "{} is not the one that was voided", first.draft.number);
}
