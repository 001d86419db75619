//! Plans: what a preview may not do, what it shows, and that the run does exactly what was approved.

use crate::world::{World, customer, invoice, order, with_books, with_email, world};
use backroom_core::Error;
use backroom_core::customers::CustomerDraft;
use backroom_core::ids::PlanId;
use backroom_core::sync::plan::{
    PlanAction, PlanDecision, PlanFilter, PlanItemView, PlanOutcome, PlanSelection, PlanState, PlanView,
};
use backroom_core::sync::testing::Fault;
use backroom_core::sync::{ChangeDirection, RunState, RunTrigger, RunView};
use backroom_core::testing::first_page;
use connector_contract::{ConnectorError, Record, RecordKind, record};
use std::sync::Arc;

impl World {
    pub async fn preview(&self) -> PlanView {
        self.plan_sync(None).await.expect("a plan")
    }

    pub fn items_of(&self, plan: PlanId) -> Vec<PlanItemView> {
        self.list_plan_items(plan, &PlanFilter::default(), None, 200).expect("items").rows
    }

    /// The only item with this title that goes this way.
    pub fn item_of(&self, plan: PlanId, direction: ChangeDirection, title: &str) -> PlanItemView {
        let all = self.items_of(plan);
        let found: Vec<_> = all.iter().filter(|i| i.direction == direction && i.title == title).collect();
        assert_eq!(found.len(), 1, "{title}: {all:#?}");
        found[0].clone()
    }

    pub fn decide(&self, plan: PlanId, title: &str, action: PlanAction) {
        let ids = self.items_of(plan).into_iter().filter(|item| item.title == title).map(|item| item.id).collect();
        self.decide_plan_items(plan, &PlanSelection { ids, filter: None }, action).expect("a decision");
    }

    pub async fn carry_out(&self, plan: PlanId) -> RunView {
        self.run_plan_to_end(plan, false).await.expect("a run")
    }

    /// All rows of all tables but those of plans, as text.
    fn rest_of_the_file(&self) -> Vec<String> {
        let read = |db: &backroom_core::store::Db<'_>| {
            let names: Vec<String> = db
                .prepare(
                    "SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'plan%'
                         AND name NOT LIKE 'sqlite_%' AND name NOT LIKE '%_fts%' ORDER BY name",
                )?
                .query_map([], |row| row.get(0))?
                .collect::<Result<_, _>>()?;
            let mut rows = Vec::new();
            for name in names {
                let mut statement = db.prepare(&format!("SELECT * FROM {name}"))?;
                let width = statement.column_count();
                let mut found = statement.query([])?;
                while let Some(row) = found.next()? {
                    let values: Vec<rusqlite::types::Value> =
                        (0..width).map(|index| row.get(index)).collect::<Result<_, _>>()?;
                    rows.push(format!("{name} {values:?}"));
                }
            }
            Ok(rows)
        };
        self.store().read(read).expect("rows")
    }

    pub fn names(&self) -> Vec<String> {
        self.list_customers(first_page()).expect("customers").rows.into_iter().map(|row| row.display_name).collect()
    }
}

/// A synced customer on both sides.
pub async fn with_ada() -> World {
    let (world, _) = with_books().await;
    world.books.put("c1", with_email("Ada", "old@example.com"));
    world.sync_well().await;
    world
}

pub const IN: ChangeDirection = ChangeDirection::In;
pub const OUT: ChangeDirection = ChangeDirection::Out;

#[tokio::test]
async fn a_preview_shows_both_directions_field_by_field_and_changes_nothing() {
    let world = with_ada().await;
    let bea = world.customer("Bea");
    world.sync_well().await;
    world.books.put("c1", with_email("Ada", "new@example.com"));
    world.books.put("c2", Record::Customer(customer("Cleo")));
    world.set_phone(bea.draft.id, "555-0100");
    let bill = world.invoice(bea.draft.id, "12.00");
    let (before, pushes) = (world.rest_of_the_file(), world.books.pushes().len());
    let plan = world.preview().await;
    assert_eq!(world.rest_of_the_file(), before, "only the plan was written");
    assert_eq!(world.books.pushes().len(), pushes, "nothing was sent");
    assert_eq!((plan.counts.incoming, plan.counts.outgoing, plan.counts.approved), (2, 2, 4));
    let ada = world.item_of(plan.id, IN, "Ada");
    assert_eq!((ada.action.as_str(), ada.fields[0].field.as_str()), ("updated", "email"));
    assert_eq!(ada.fields[0].before.as_deref(), Some("old@example.com"));
    assert_eq!(ada.fields[0].after.as_deref(), Some("new@example.com"));
    let cleo = world.item_of(plan.id, IN, "Cleo");
    assert_eq!((cleo.action.as_str(), cleo.record_id), ("created", None), "it is not here yet");
    let sent = world.item_of(plan.id, OUT, "Bea");
    assert_eq!((sent.fields.len(), sent.fields[0].field.as_str()), (1, "phone"));
    let sent = world.item_of(plan.id, OUT, &format!("Invoice {}", bill.draft.number));
    let of = |name: &str| sent.fields.iter().find(|field| field.field == name).and_then(|field| field.after.clone());
    assert_eq!(of("customer").as_deref(), Some("Bea"), "a name, not an id");
    assert_eq!(of("lines").as_deref(), Some("1 × Work 12.00 USD"));
}

#[tokio::test]
async fn the_run_does_what_was_approved_and_then_both_sides_agree() {
    let world = with_ada().await;
    let bea = world.customer("Bea");
    world.invoice(bea.draft.id, "12.00");
    world.books.put("c1", with_email("Ada", "new@example.com"));
    let plan = world.preview().await;
    let run = world.carry_out(plan.id).await;
    assert_eq!((run.state, run.trigger), (RunState::Done, RunTrigger::Planned), "{:#?}", world.problems());
    assert_eq!(world.customer_named("Ada").draft.email, "new@example.com");
    assert_eq!((world.books_customers().len(), world.books_invoices().len()), (2, 1));
    let done = world.items_of(plan.id);
    assert!(done.iter().all(|item| item.outcome == Some(PlanOutcome::Done)), "{done:#?}");
    let plans = world.sync_plans().expect("plans").plans;
    assert_eq!((plans[0].state, plans[0].run_id, plans[0].counts.done), (PlanState::Done, Some(run.id), 3));
    let next = world.preview().await;
    assert_eq!((next.counts.incoming, next.counts.outgoing), (0, 0), "{:#?}", world.items_of(next.id));
    assert!(matches!(world.run_plan_to_end(plan.id, false).await, Err(Error::Refused(_))), "only once");
}

#[tokio::test]
async fn what_is_held_stays_untouched_by_every_run_and_comes_back_in_the_next_preview() {
    let world = with_ada().await;
    world.books.put("c1", with_email("Ada", "new@example.com"));
    world.books.put("c2", Record::Customer(customer("Cleo")));
    world.customer("Bea");
    let plan = world.preview().await;
    world.decide(plan.id, "Ada", PlanAction::Hold);
    world.decide(plan.id, "Bea", PlanAction::Hold);
    world.carry_out(plan.id).await;
    assert_eq!(world.item_of(plan.id, IN, "Ada").outcome, Some(PlanOutcome::Held));
    // The timer comes by, and more than once.
    world.sync().await;
    let run = world.sync().await;
    assert_eq!(run.state, RunState::Done, "{:#?}", world.problems());
    assert_eq!(world.customer_named("Ada").draft.email, "old@example.com");
    assert_eq!(world.books_customers().len(), 2, "Bea is not there");
    assert!(world.names().contains(&"Cleo".to_owned()));
    assert!(world.outbox()[0].why.contains("on hold"), "{:?}", world.outbox());
    let next = world.preview().await;
    assert_eq!((next.counts.incoming, next.counts.outgoing, next.counts.held), (1, 1, 2));
    assert_eq!(world.item_of(next.id, IN, "Ada").decision, PlanDecision::Hold);
    let all = PlanSelection { ids: Vec::new(), filter: Some(PlanFilter::default()) };
    world.decide_plan_items(next.id, &all, PlanAction::Approve).expect("a decision");
    world.carry_out(next.id).await;
    assert_eq!(world.customer_named("Ada").draft.email, "new@example.com");
    assert_eq!(world.books_customers().len(), 3);
    assert!(world.outbox().is_empty());
}

#[tokio::test]
async fn what_is_skipped_stays_away_until_it_changes_again() {
    let world = with_ada().await;
    world.books.put("c1", with_email("Ada", "new@example.com"));
    let bea = world.customer("Bea");
    let plan = world.preview().await;
    world.decide(plan.id, "Ada", PlanAction::Skip);
    world.decide(plan.id, "Bea", PlanAction::Skip);
    world.carry_out(plan.id).await;
    world.sync().await;
    let next = world.preview().await;
    assert_eq!((next.counts.incoming, next.counts.outgoing), (0, 0), "{:#?}", world.items_of(next.id));
    assert_eq!(world.customer_named("Ada").draft.email, "old@example.com");
    assert_eq!(world.books_customers().len(), 1);
    world.books.put("c1", with_email("Ada", "newer@example.com"));
    world.set_phone(bea.draft.id, "555-0100");
    let next = world.preview().await;
    assert_eq!((next.counts.incoming, next.counts.outgoing), (1, 1));
    world.sync_well().await;
    assert_eq!(world.customer_named("Ada").draft.email, "newer@example.com");
    assert_eq!(world.books_customers().len(), 2);
}

#[tokio::test]
async fn what_moved_after_the_preview_is_told_and_left_for_the_next_one() {
    let world = with_ada().await;
    let bea = world.customer("Bea");
    world.books.put("c1", with_email("Ada", "new@example.com"));
    let plan = world.preview().await;
    world.books.put("c1", with_email("Ada", "newer@example.com"));
    world.books.put("c9", Record::Customer(customer("Late")));
    world.set_phone(bea.draft.id, "555-0100");
    let run = world.carry_out(plan.id).await;
    assert_eq!(run.state, RunState::Done);
    for (direction, title) in [(IN, "Ada"), (IN, "Late"), (OUT, "Bea")] {
        assert_eq!(world.item_of(plan.id, direction, title).outcome, Some(PlanOutcome::Moved), "{title}");
    }
    assert_eq!(world.sync_plans().expect("plans").plans[0].counts.moved, 3);
    assert_eq!(world.customer_named("Ada").draft.email, "old@example.com");
    assert_eq!((world.names().len(), world.books_customers().len()), (2, 2), "c1 and c9 there, Ada and Bea here");
    let next = world.preview().await;
    assert_eq!((next.counts.incoming, next.counts.outgoing), (2, 1));
    world.carry_out(next.id).await;
    assert_eq!(world.customer_named("Ada").draft.email, "newer@example.com");
    assert_eq!((world.names().len(), world.books_customers().len()), (3, 3));
}

#[tokio::test]
async fn approved_whatever_comes_is_done_as_it_then_is() {
    let world = with_ada().await;
    let bea = world.customer("Bea");
    world.books.put("c1", with_email("Ada", "new@example.com"));
    let plan = world.preview().await;
    world.decide(plan.id, "Ada", PlanAction::ApproveAny);
    world.decide(plan.id, "Bea", PlanAction::ApproveAny);
    world.books.put("c1", with_email("Ada", "newer@example.com"));
    world.set_phone(bea.draft.id, "555-0100");
    world.carry_out(plan.id).await;
    assert_eq!(world.customer_named("Ada").draft.email, "newer@example.com");
    let sent: Vec<_> = world.books_customers().into_iter().filter_map(|customer| customer.phone).collect();
    assert!(sent.contains(&"555-0100".to_owned()), "{sent:?}");
}

#[tokio::test]
async fn a_change_of_ours_waits_while_theirs_of_the_same_record_is_held() {
    let world = with_ada().await;
    let ada = world.customer_named("Ada");
    world.books.put("c1", with_email("Ada", "new@example.com"));
    world.set_phone(ada.draft.id, "555-0100");
    let plan = world.preview().await;
    let theirs = world.item_of(plan.id, IN, "Ada");
    world
        .decide_plan_items(plan.id, &PlanSelection { ids: vec![theirs.id], filter: None }, PlanAction::Hold)
        .expect("a decision");
    world.carry_out(plan.id).await;
    assert!(world.books.pushes().is_empty(), "theirs would be overwritten");
    assert_eq!(world.customer_named("Ada").draft.email, "old@example.com");
    let next = world.preview().await;
    let all = PlanSelection { ids: Vec::new(), filter: Some(PlanFilter::default()) };
    world.decide_plan_items(next.id, &all, PlanAction::Approve).expect("a decision");
    world.carry_out(next.id).await;
    let there = &world.books_customers()[0];
    assert_eq!((there.email.as_deref(), there.phone.as_deref()), (Some("new@example.com"), Some("555-0100")));
}

#[tokio::test]
async fn a_held_deletion_is_not_lost() {
    let world = with_ada().await;
    world.books.delete(RecordKind::Customer, "c1");
    let plan = world.preview().await;
    assert_eq!(world.item_of(plan.id, IN, "Ada").action, "deleted");
    world.decide(plan.id, "Ada", PlanAction::Hold);
    world.carry_out(plan.id).await;
    assert_eq!(world.names(), ["Ada"]);
    let next = world.preview().await;
    world.decide(next.id, "Ada", PlanAction::Approve);
    world.carry_out(next.id).await;
    assert!(world.names().is_empty(), "archived");
}

#[tokio::test]
async fn what_refers_to_a_held_record_waits_and_is_no_problem() {
    let (world, _) = with_books().await;
    let remote = world.books.put("c1", Record::Customer(customer("Ada")));
    world.books.put("i1", Record::Invoice(invoice("R-1", &remote, 5000)));
    let plan = world.preview().await;
    world.decide(plan.id, "Ada", PlanAction::Hold);
    let run = world.carry_out(plan.id).await;
    assert_eq!((run.state, world.problems().len()), (RunState::Done, 0), "{:#?}", world.problems());
    assert_eq!(world.item_of(plan.id, IN, "Invoice R-1").outcome, Some(PlanOutcome::Waits));
    let next = world.preview().await;
    world.decide(next.id, "Ada", PlanAction::Approve);
    world.carry_out(next.id).await;
    assert_eq!((world.count_of("customers"), world.count_of("invoices")), (1, 1));
}

#[tokio::test]
async fn a_conflict_is_in_the_preview_with_both_values() {
    let world = with_ada().await;
    world.books.put("c1", with_email("Ada", "theirs@example.com"));
    world.set_email(world.customer_named("Ada").draft.id, "ours@example.com");
    let plan = world.preview().await;
    assert!(world.problems().is_empty(), "it was only looked at");
    let item = world.item_of(plan.id, IN, "Ada");
    assert_eq!(item.action, "conflict");
    assert_eq!(item.fields[0].before.as_deref(), Some("ours@example.com"));
    assert_eq!(item.fields[0].after.as_deref(), Some("theirs@example.com"));
    world.carry_out(plan.id).await;
    assert_eq!(world.problems().len(), 1);
}

#[tokio::test]
async fn a_change_without_an_answer_is_shown_and_found_out_only_by_the_run() {
    let world = with_ada().await;
    world.customer("Bea");
    world.books.break_pushes([Some(Fault::After(ConnectorError::Unknown("no answer".into())))]);
    world.sync().await;
    let arrived = world.books.pushes().len();
    world.clock.advance(chrono::Duration::hours(1));
    let plan = world.preview().await;
    assert_eq!(world.books.pushes().len(), arrived);
    assert_eq!(world.item_of(plan.id, OUT, "Bea").action, "find_out");
    world.carry_out(plan.id).await;
    assert_eq!(world.books_customers().len(), 2, "once");
    assert!(world.outbox().is_empty());
}

pub fn draft(name: &str, email: &str, phone: &str) -> CustomerDraft {
    CustomerDraft { email: email.into(), phone: phone.into(), ..backroom_core::testing::customer(name) }
}

#[tokio::test]
async fn pairs_are_proposed_with_evidence_and_never_merged_unasked() {
    let world = world();
    world.save_customer(draft("Ada Lovelace", "ada@example.com", "")).expect("a customer");
    world.save_customer(draft("Harbor Co", "", "(207) 555-0199")).expect("a customer");
    world.item("PEN-1", "2.50");
    world.books.put("c1", with_email("A. Lovelace", "ADA@example.com"));
    world.books.put(
        "c2",
        Record::Customer(record::Customer { phone: Some("+1 207 555 0199".into()), ..customer("Pine & Sons") }),
    );
    world.connect_books().await;
    let plan = world.preview().await;
    assert_eq!(plan.counts.pairs, 2);
    let ada = world.items_of(plan.id).into_iter().find(|i| i.pair.as_ref().is_some_and(|p| p.same)).expect("a pair");
    let pair = ada.pair.expect("a pair");
    assert_eq!((pair.title.as_str(), pair.score, pair.evidence.len()), ("Ada Lovelace", 90, 1));
    assert_eq!((pair.evidence[0].field.as_str(), pair.evidence[0].ours.as_str()), ("email", "ada@example.com"));
    let weak = world.item_of(plan.id, IN, "Pine & Sons").pair.expect("a pair");
    assert!(!weak.same && weak.score < 60, "{weak:?}");
    world.carry_out(plan.id).await;
    assert_eq!(world.names(), ["A. Lovelace", "Harbor Co", "Pine & Sons"], "one met, the other stays apart");
}

#[tokio::test]
async fn the_owner_turns_proposed_pairs_round() {
    let world = world();
    let ada = world.save_customer(draft("Ada", "ada@example.com", "")).expect("a customer");
    world.save_customer(draft("Harbor Co", "", "207-555-0199")).expect("a customer");
    world.books.put("c1", with_email("Another Ada", "ada@example.com"));
    let harbor = record::Customer { phone: Some("207 555 0199".into()), ..customer("Pine & Sons") };
    world.books.put("c2", Record::Customer(harbor));
    world.connect_books().await;
    let plan = world.preview().await;
    for item in world.items_of(plan.id).into_iter().filter(|item| item.pair.is_some()) {
        let action = if item.pair.is_some_and(|p| p.same) { PlanAction::Separate } else { PlanAction::Same };
        world.decide_plan_items(plan.id, &PlanSelection { ids: vec![item.id], filter: None }, action).expect("a word");
    }
    world.carry_out(plan.id).await;
    assert_eq!(world.names(), ["Ada", "Another Ada", "Pine & Sons"]);
    assert_eq!(world.get_customer(ada.draft.id).expect("a customer").draft.display_name, "Ada");
}

#[tokio::test]
async fn a_held_pair_is_made_on_neither_side() {
    let world = world();
    world.customer("Ada");
    world.books.put("c1", with_email("ada", "ada@example.com"));
    world.connect_books().await;
    let plan = world.preview().await;
    let pair = world.items_of(plan.id).into_iter().find(|item| item.pair.is_some()).expect("a pair");
    let ids = PlanSelection { ids: vec![pair.id], filter: None };
    world.decide_plan_items(plan.id, &ids, PlanAction::Hold).expect("a decision");
    world.carry_out(plan.id).await;
    world.sync().await;
    assert_eq!((world.count_of("customers"), world.books_customers().len()), (1, 1));
    assert_eq!(world.preview().await.counts.pairs, 1, "asked again");
}

pub async fn settle() {
    for _ in 0..2_000 {
        tokio::task::yield_now().await;
    }
}

#[tokio::test(start_paused = true)]
async fn the_first_sync_of_a_new_connection_waits_for_the_owner() {
    let world = world();
    let engine = tokio::spawn(Arc::clone(&world.core.core).run_engine());
    settle().await;
    world.customer("Bea");
    world.books.put("c1", Record::Customer(customer("Ada")));
    let id = world.connect_books().await;
    settle().await;
    let list = world.sync_plans().expect("plans");
    assert_eq!((list.plans.len(), list.preparing, &list.asking[..]), (1, false, &[id][..]));
    assert_eq!((list.plans[0].counts.incoming, list.plans[0].counts.outgoing), (1, 1));
    assert!(list.plans[0].parts[0].asks);
    // Neither the timer nor "sync now" goes past the owner.
    tokio::time::sleep(std::time::Duration::from_hours(2)).await;
    settle().await;
    assert!(matches!(world.sync_now(None, RunTrigger::Owner), Err(Error::Refused(_))));
    assert!(world.list_runs(None, 10).expect("runs").rows.is_empty() && world.books.pushes().is_empty());
    assert_eq!(world.names(), ["Bea"]);
    world.run_plan(list.plans[0].id, true).expect("a run");
    settle().await;
    assert_eq!((world.names().len(), world.books_customers().len()), (2, 2));
    assert!(world.sync_plans().expect("plans").asking.is_empty());
    world.books.put("c2", Record::Customer(customer("Cleo")));
    world.sync_now(None, RunTrigger::Owner).expect("a run");
    settle().await;
    assert_eq!(world.names().len(), 3, "from now on without asking");
    engine.abort();
}

#[tokio::test]
async fn a_vendor_that_fails_is_told_and_left_out_of_the_run() {
    let (world, _) = with_books().await;
    world.connect_parcels().await;
    world.books.put("c1", Record::Customer(customer("Ada")));
    world.parcels.put("o1", Record::Order(order("77", "PEN", 2)));
    world.books.break_pulls([ConnectorError::Unavailable("out of order".into())]);
    let plan = world.preview().await;
    assert!(plan.parts[0].error.as_ref().is_some_and(|text| text.contains("Books")), "{:?}", plan.parts);
    assert_eq!((plan.counts.incoming, plan.parts[1].error.clone()), (1, None));
    let run = world.carry_out(plan.id).await;
    assert_eq!((run.parts.len(), world.count_of("orders"), world.count_of("customers")), (1, 1, 0));
}

#[tokio::test]
async fn items_come_in_pages_and_filters_decide_for_all_they_show() {
    let (world, _) = with_books().await;
    for number in 0..25 {
        world.books.put(&format!("c{number}"), Record::Customer(customer(&format!("Customer {number:02}"))));
    }
    world.customer("Bea");
    let plan = world.preview().await;
    let (mut seen, mut cursor) = (0, None);
    loop {
        let page = world.list_plan_items(plan.id, &PlanFilter::default(), cursor.as_deref(), 10).expect("a page");
        seen += page.rows.len();
        cursor = page.next_cursor;
        if cursor.is_none() {
            break;
        }
    }
    assert_eq!(seen, 26);
    let incoming = PlanFilter { direction: Some(IN), ..PlanFilter::default() };
    let all = PlanSelection { ids: Vec::new(), filter: Some(incoming) };
    let plan = world.decide_plan_items(plan.id, &all, PlanAction::Skip).expect("a decision");
    assert_eq!((plan.counts.skipped, plan.counts.approved), (25, 1));
    world.discard_plan(plan.id).expect("an end");
    assert!(world.sync_plans().expect("plans").plans.is_empty());
}

#[tokio::test]
async fn a_preview_can_be_stopped_and_leaves_nothing() {
    let world = with_ada().await;
    world.books.put("c1", with_email("Ada", "new@example.com"));
    let before = world.rest_of_the_file();
    let core = Arc::clone(&world.core.core);
    let planning = tokio::spawn(async move { core.plan_sync(None).await });
    tokio::task::yield_now().await;
    assert!(world.sync_plans().expect("plans").preparing);
    world.cancel_run().expect("a stop");
    assert!(matches!(planning.await.expect("an end"), Err(Error::Refused(_))));
    assert_eq!((world.rest_of_the_file(), world.count_of("plans")), (before, 0));
    assert!(!world.sync_plans().expect("plans").preparing);
}
