//! The audit finds what the feed of changes did not show, and each difference is mended by one wish.

use crate::world::{World, customer, invoice, settle, start, usd, with_books, with_email};
use backroom_core::Error;
use backroom_core::sync::plan::{PlanAction, PlanFilter, PlanSelection};
use backroom_core::sync::{AuditCause, AuditConnection, AuditDay, AuditFinding, RunState, RunTrigger};
use chrono::Duration;
use connector_contract::{ConnectorError, Record, RecordKind, RemoteId, record};

/// Ada and an invoice of hers exist on both sides.
async fn shop() -> World {
    let (world, _) = with_books().await;
    let ada = world.books.put("c1", with_email("Ada", "ada@example.com"));
    world.books.put("i1", Record::Invoice(record::Invoice { number: Some("1".into()), ..dated("1", &ada, 1000) }));
    world.sync_well().await;
    world
}

/// An invoice of a day within the usual span.
fn dated(number: &str, customer: &RemoteId, minor: i64) -> record::Invoice {
    invoice(number, customer, minor)
}

async fn audit(world: &World) -> AuditConnection {
    world.audit_now(None, 30).await.expect("an audit").connections.remove(0)
}

fn findings(world: &World) -> Vec<AuditFinding> {
    world.list_audit_findings(None, 50).expect("findings").rows
}

fn causes(world: &World) -> Vec<(AuditCause, String)> {
    findings(world).into_iter().map(|finding| (finding.cause, finding.title)).collect()
}

fn day_of<'a>(audit: &'a AuditConnection, kind: &str) -> &'a AuditDay {
    &audit.kinds.iter().find(|known| known.kind == kind).expect("a kind").days[0]
}

#[tokio::test]
async fn both_sides_agree_after_a_sync() {
    let world = shop().await;
    let mut draft = backroom_core::testing::customer("Grace");
    draft.email = "grace@example.com".into();
    let grace = world.save_customer(draft).expect("a customer").draft.id;
    world.invoice(grace, "12.50");
    let audit = audit(&world).await;
    assert_eq!((audit.open_count, audit.error.as_deref()), (0, None), "{:#?}", findings(&world));
    let day = day_of(&audit, "invoice");
    assert!(!day.differs);
    assert_eq!(day.here_total.as_ref().expect("a sum").minor, day.there_total.as_ref().expect("a sum").minor);
    let customers = day_of(&audit, "customer");
    assert_eq!((customers.here_count, customers.there_count, customers.day.as_deref()), (2, 2, None));
    assert_eq!(world.audit_view().expect("a view").connections[0].kinds.len(), audit.kinds.len(), "and it is kept");
}

#[tokio::test]
async fn a_record_that_the_feed_never_showed_is_found_and_brought() {
    let world = shop().await;
    world.books.put("i2", Record::Invoice(dated("2", &RemoteId("c1".into()), 2500)));
    world.books.hide_unread(RecordKind::Invoice, "i2");
    let before = audit(&world).await;
    assert_eq!(causes(&world), [(AuditCause::MissingHere, "Invoice 2".to_owned())]);
    let day = day_of(&before, "invoice");
    assert!(day.differs);
    assert_eq!((day.here_count, day.there_count, day.open_count), (1, 2, 1));
    let there = day.there_total.as_ref().expect("a sum");
    assert_eq!((there.minor.as_str(), there.currency.as_str()), ("3500", "USD"));
    let fixed = world.fix_audit_finding(findings(&world)[0].id).await.expect("mended");
    assert!(fixed.fixed_at.is_some() && fixed.outcome == "It was brought in.", "{fixed:?}");
    assert_eq!(world.count_of("invoices"), 2);
    assert_eq!(world.audit_view().expect("a view").open_count, 0);
    let run = world.list_runs(None, 1).expect("runs").rows.remove(0);
    assert_eq!((run.state, run.parts[0].created_count), (RunState::Done, 1), "and it is accounted for");
    assert_eq!(audit(&world).await.open_count, 0);
    assert!(world.check_ledger().expect("a check").is_empty());
}

#[tokio::test]
async fn what_is_mended_twice_is_there_once() {
    let world = shop().await;
    world.books.put("c2", with_email("Grace", "grace@example.com"));
    world.books.hide_unread(RecordKind::Customer, "c2");
    audit(&world).await;
    let id = findings(&world)[0].id;
    world.fix_audit_finding(id).await.expect("mended");
    world.fix_audit_finding(id).await.expect("mended already");
    assert_eq!(world.count_of("customers"), 2);
}

#[tokio::test]
async fn a_record_deleted_behind_our_back_is_found_and_retired_here() {
    let world = shop().await;
    world.books.delete(RecordKind::Invoice, "i1");
    world.books.hide_unread(RecordKind::Invoice, "i1");
    audit(&world).await;
    assert_eq!(causes(&world), [(AuditCause::DeletedThere, "Invoice 1".to_owned())]);
    let fixed = world.fix_audit_finding(findings(&world)[0].id).await.expect("mended");
    assert!(fixed.outcome.contains("voided here"), "{fixed:?}");
    assert_eq!(world.count("SELECT count(*) FROM invoices WHERE status = 'void'"), 1);
    assert_eq!(audit(&world).await.open_count, 0);
    assert!(world.books.pushes().is_empty(), "and it is not made again there");
}

#[tokio::test]
async fn a_change_that_the_feed_never_showed_is_told_field_by_field_and_brought() {
    let world = shop().await;
    let theirs =
        record::Customer { email: Some("ada@example.com".into()), phone: Some("555".into()), ..customer("Ada") };
    world.books.put("c1", Record::Customer(theirs));
    world.books.hide_unread(RecordKind::Customer, "c1");
    audit(&world).await;
    let finding = findings(&world).remove(0);
    assert_eq!(finding.cause, AuditCause::ChangedThere);
    assert_eq!((finding.fields[0].field.as_str(), finding.fields[0].after.as_deref()), ("phone", Some("555")));
    world.fix_audit_finding(finding.id).await.expect("mended");
    assert_eq!(world.customer_named("Ada").draft.phone, "555");
    assert_eq!(audit(&world).await.open_count, 0);
}

#[tokio::test]
async fn what_was_dropped_shows_as_changed_here_and_is_sent_when_asked() {
    let world = shop().await;
    world.set_email(world.customer_named("Ada").draft.id, "new@example.com");
    world.drop_outbox(world.outbox()[0].id, "Not now").expect("dropped");
    audit(&world).await;
    assert_eq!(causes(&world), [(AuditCause::ChangedHere, "Ada".to_owned())]);
    world.fix_audit_finding(findings(&world)[0].id).await.expect("mended");
    assert_eq!(world.outbox().len(), 1);
    world.sync_well().await;
    assert_eq!(world.books_customers()[0].email.as_deref(), Some("new@example.com"));
    assert_eq!(audit(&world).await.open_count, 0);
}

#[tokio::test]
async fn what_was_changed_on_both_sides_is_merged_and_the_same_field_asked_about() {
    let world = shop().await;
    world.set_email(world.customer_named("Ada").draft.id, "ours@example.com");
    world.drop_outbox(world.outbox()[0].id, "Not now").expect("dropped");
    world.books.put("c1", with_email("Ada", "theirs@example.com"));
    world.books.hide_unread(RecordKind::Customer, "c1");
    audit(&world).await;
    assert_eq!(causes(&world), [(AuditCause::ChangedBoth, "Ada".to_owned())]);
    let fixed = world.fix_audit_finding(findings(&world)[0].id).await.expect("looked at");
    assert!(fixed.outcome.contains("needs you"), "{fixed:?}");
    let conflict = world.list_conflicts(None, 5).expect("conflicts").rows.remove(0);
    let field = &conflict.fields[0];
    assert_eq!(
        (field.ours.as_deref(), field.theirs.as_deref()),
        (Some("ours@example.com"), Some("theirs@example.com")),
        "neither is lost"
    );
}

#[tokio::test]
async fn what_never_got_there_is_missing_there_and_is_sent_when_asked() {
    let world = shop().await;
    let ada = world.customer_named("Ada").draft.id;
    let ours = world.invoice(ada, "70");
    let entry = world.outbox().into_iter().find(|entry| entry.kind == "invoice").expect("it waits");
    world.drop_outbox(entry.id, "By mistake").expect("dropped");
    let before = audit(&world).await;
    assert_eq!(before.open_count, 1);
    let finding = findings(&world).remove(0);
    assert_eq!((finding.cause, finding.here.expect("a sum").minor), (AuditCause::MissingThere, "7000".to_owned()));
    world.fix_audit_finding(finding.id).await.expect("mended");
    world.sync_well().await;
    assert!(world.books_invoices().iter().any(|invoice| invoice.total == usd(7000)));
    assert_eq!(world.get_invoice(ours.draft.id).expect("an invoice").sync.len(), 1);
    assert_eq!(audit(&world).await.open_count, 0);
}

#[tokio::test]
async fn what_waits_to_be_sent_is_no_finding() {
    let world = shop().await;
    let ada = world.customer_named("Ada").draft.id;
    world.invoice(ada, "70");
    world.books.break_pushes([Some(backroom_core::sync::testing::Fault::Before(ConnectorError::Unavailable(
        "out of order".into(),
    )))]);
    let audit = audit(&world).await;
    assert_eq!((audit.open_count, audit.waiting_count), (0, 1), "{:#?}", findings(&world));
    let waiting: u32 = audit.kinds.iter().flat_map(|kind| &kind.days).map(|day| day.waiting_count).sum();
    assert_eq!(waiting, 1);
    assert_eq!(world.audit_view().expect("a view").waiting_count, 1, "so it does not simply agree");
}

#[tokio::test]
async fn what_is_not_looked_up_is_never_called_deleted() {
    let (world, _) = with_books().await;
    let names: Vec<String> = (0..104).map(|number| format!("c{number:03}")).collect();
    for name in &names {
        world.books.put(name, with_email(name, &format!("{name}@example.com")));
    }
    // A list that shows nothing at all would not be believed.
    world.books.put("stays", with_email("Stays", "stays@example.com"));
    world.sync_well().await;
    for name in &names {
        world.books.delete(RecordKind::Customer, name);
        world.books.hide_unread(RecordKind::Customer, name);
    }
    audit(&world).await;
    let found = world.list_audit_findings(None, 200).expect("findings").rows;
    let of = |cause: AuditCause| found.iter().filter(|finding| finding.cause == cause).count();
    assert_eq!((of(AuditCause::DeletedThere), of(AuditCause::NotListed)), (100, 4));
    let unknown = found.iter().find(|finding| finding.cause == AuditCause::NotListed).expect("one");
    let looked_up = world.fix_audit_finding(unknown.id).await.expect("looked up");
    assert!(looked_up.outcome.contains("gone there"), "{}", looked_up.outcome);
}

#[tokio::test]
async fn kinds_that_a_vendor_does_not_list_are_named() {
    let world = shop().await;
    world.connect_parcels().await;
    world.sync_well().await;
    let view = world.audit_now(None, 30).await.expect("an audit");
    let of = |name: &str| view.connections.iter().find(|known| known.vendor_name == name).expect("a connection");
    assert_eq!(of("Parcels").not_compared, ["shipment"]);
    assert!(of("Books").not_compared.is_empty());
}

#[tokio::test]
async fn a_vendor_that_fails_leaves_the_audit_before_in_place_and_says_so() {
    let world = shop().await;
    audit(&world).await;
    world.books.break_inventory(ConnectorError::Unavailable("out of order".into()));
    let audit = audit(&world).await;
    assert!(audit.error.as_deref().is_some_and(|error| error.contains("Books")), "{audit:?}");
    assert!(!audit.kinds.is_empty());
}

#[tokio::test(start_paused = true)]
async fn the_audit_runs_by_itself_once_a_week() {
    let world = shop().await;
    let engine = tokio::spawn(std::sync::Arc::clone(&world.core.core).run_engine());
    let checked = || world.audit_view().expect("a view").connections[0].checked_at.clone();
    let next_day = async || {
        world.clock.advance(Duration::days(1));
        tokio::time::sleep(std::time::Duration::from_hours(24)).await;
    };
    for _ in 0..5 {
        next_day().await;
    }
    assert_eq!(checked(), None);
    next_day().await;
    next_day().await;
    next_day().await;
    let first = checked().expect("the first one");
    next_day().await;
    assert_eq!(checked().as_deref(), Some(first.as_str()), "not again the day after");
    let runs = world.list_runs(None, 200).expect("runs").rows;
    assert!(runs.iter().any(|run| run.trigger == RunTrigger::Timer));
    world.stop().await;
    engine.await.expect("the loop ends");
}

/// Lets the clock and the loop go on for so long.
async fn pass(world: &World, time: Duration) {
    world.clock.advance(time);
    tokio::time::sleep(std::time::Duration::from_mins(2)).await;
    settle().await;
}

fn checked(world: &World) -> Option<String> {
    world.audit_view().expect("a view").connections[0].checked_at.clone()
}

#[tokio::test(start_paused = true)]
async fn the_weekly_audit_comes_while_the_timer_is_paused_and_only_reads() {
    let world = shop().await;
    world.pause_sync(true).expect("a pause");
    let runs = world.list_runs(None, 50).expect("runs").rows.len();
    world.set_email(world.customer_named("Ada").draft.id, "new@example.com");
    let engine = start(&world);
    pass(&world, Duration::days(6)).await;
    assert_eq!(checked(&world), None);
    pass(&world, Duration::days(1)).await;
    assert!(checked(&world).is_some());
    assert_eq!(world.audit_view().expect("a view").open_count, 0);
    assert!(world.books.pushes().is_empty() && world.list_runs(None, 50).expect("runs").rows.len() == runs);
    engine.abort();
}

#[tokio::test(start_paused = true)]
async fn an_audit_that_failed_is_tried_again_after_an_hour() {
    let world = shop().await;
    world.pause_sync(true).expect("a pause");
    let engine = start(&world);
    world.books.break_inventory(ConnectorError::Unavailable("out of order".into()));
    pass(&world, Duration::days(8)).await;
    let failed = checked(&world).expect("an attempt");
    pass(&world, Duration::minutes(55)).await;
    assert_eq!(checked(&world), Some(failed.clone()));
    pass(&world, Duration::minutes(5)).await;
    assert!(checked(&world) > Some(failed));
    assert_eq!(world.audit_view().expect("a view").connections[0].error, None);
    let asked = world.books.asked();
    pass(&world, Duration::hours(2)).await;
    assert_eq!(world.books.asked(), asked, "then not for a week");
    engine.abort();
}

#[tokio::test(start_paused = true)]
async fn an_audit_under_way_is_shown_can_be_cancelled_and_a_run_waits_for_it() {
    let world = shop().await;
    world.pause_sync(true).expect("a pause");
    let engine = start(&world);
    world.books.set_slowness(std::time::Duration::from_mins(10));
    pass(&world, Duration::days(8)).await;
    assert_eq!(world.sync_status().expect("a status").comparing_with.as_deref(), Some("Books"));
    world.cancel_run().expect("a cancel");
    settle().await;
    assert_eq!(world.sync_status().expect("a status").comparing_with, None);
    let stopped = world.audit_view().expect("a view").connections[0].error.clone();
    assert!(stopped.as_deref().is_some_and(|error| error.contains("stopped")), "{stopped:?}");
    pass(&world, Duration::hours(1)).await;
    let run = world.sync_now(None, RunTrigger::Owner).expect("a run");
    settle().await;
    let status = world.sync_status().expect("a status");
    let open = status.open_run.expect("it waits");
    assert_eq!(
        (open.id, open.parts[0].state, status.comparing_with.as_deref()),
        (run.id, RunState::Queued, Some("Books"))
    );
    world.books.set_slowness(std::time::Duration::ZERO);
    tokio::time::sleep(std::time::Duration::from_mins(11)).await;
    settle().await;
    assert_eq!(world.get_run(run.id, None, 1).expect("a run").run.state, RunState::Done);
    assert!(world.audit_view().expect("a view").connections[0].error.is_none());
    engine.abort();
}

#[tokio::test]
async fn what_the_owner_holds_is_mended_by_nobody_and_is_no_deletion_to_find() {
    let world = shop().await;
    world.books.delete(RecordKind::Invoice, "i1");
    let plan = world.plan_sync(None).await.expect("a plan");
    let all = PlanSelection { ids: Vec::new(), filter: Some(PlanFilter::default()) };
    world.decide_plan_items(plan.id, &all, PlanAction::Hold).expect("a decision");
    world.run_plan_to_end(plan.id, false).await.expect("a run");
    let audit = audit(&world).await;
    assert_eq!(audit.open_count, 0, "{:#?}", findings(&world));
    assert_eq!(day_of(&audit, "invoice").waiting_count, 1);
}

#[tokio::test]
async fn a_difference_whose_record_is_held_meanwhile_is_refused_and_stays_open() {
    let world = shop().await;
    world.books.put("c2", with_email("Grace", "grace@example.com"));
    world.books.hide_unread(RecordKind::Customer, "c2");
    audit(&world).await;
    world.books.put("c2", with_email("Grace", "grace@example.com"));
    let plan = world.plan_sync(None).await.expect("a plan");
    let all = PlanSelection { ids: Vec::new(), filter: Some(PlanFilter::default()) };
    world.decide_plan_items(plan.id, &all, PlanAction::Hold).expect("a decision");
    world.run_plan_to_end(plan.id, false).await.expect("a run");
    let finding = findings(&world).remove(0);
    let refused = world.fix_audit_finding(finding.id).await;
    assert!(matches!(&refused, Err(Error::Refused(text)) if text.contains("on hold")), "{refused:?}");
    assert_eq!((world.count_of("customers"), findings(&world)[0].fixed_at.clone()), (1, None));
}

#[tokio::test]
async fn what_is_brought_no_longer_waits() {
    let world = shop().await;
    // An invoice came before its customer; meanwhile the customer is found and brought, then the invoice.
    world.books.put("c2", with_email("Grace", "grace@example.com"));
    world.books.hide_unread(RecordKind::Customer, "c2");
    world.books.put("i2", Record::Invoice(dated("2", &RemoteId("c2".into()), 2500)));
    audit(&world).await;
    assert_eq!((world.count_of("parked"), world.problems().len()), (1, 1));
    world.fix_audit_finding(findings(&world)[0].id).await.expect("mended");
    world.sync_well().await;
    assert_eq!((world.count_of("parked"), world.problems().len(), world.count_of("invoices")), (0, 0, 2));
}

#[tokio::test]
async fn two_of_one_name_stay_two_when_one_is_brought() {
    let (world, _) = with_books().await;
    world.customer("Ada");
    world.books.put("c1", with_email("ada", "other@example.com"));
    let plan = world.plan_sync(None).await.expect("a plan");
    let all = PlanSelection { ids: Vec::new(), filter: Some(PlanFilter::default()) };
    world.decide_plan_items(plan.id, &all, PlanAction::Separate).expect("a word");
    world.books.hide_unread(RecordKind::Customer, "c1");
    world.run_plan_to_end(plan.id, false).await.expect("a run");
    audit(&world).await;
    let missing = findings(&world).into_iter().find(|finding| finding.cause == AuditCause::MissingHere);
    world.fix_audit_finding(missing.expect("a finding").id).await.expect("mended");
    assert_eq!(world.count_of("customers"), 2);
}

#[tokio::test]
async fn nothing_is_mended_while_the_first_sync_waits_for_a_look() {
    let world = shop().await;
    world.set_email(world.customer_named("Ada").draft.id, "new@example.com");
    world.drop_outbox(world.outbox()[0].id, "Not now").expect("dropped");
    audit(&world).await;
    let id = world.list_connections().expect("connections")[0].id.to_string();
    let ask = |tx: &backroom_core::store::Tx<'_>| Ok(tx.execute("INSERT INTO asking VALUES (?1)", [&id])?);
    world.store().write(ask).expect("asking");
    let refused = world.fix_audit_finding(findings(&world)[0].id).await;
    assert!(
        matches!(&refused, Err(Error::Refused(text)) if text.contains("next sync needs your review")),
        "{refused:?}"
    );
    assert_eq!((findings(&world)[0].fixed_at.clone(), world.outbox().len()), (None, 0));
}

#[tokio::test]
async fn sending_is_claimed_only_when_something_waits() {
    let world = shop().await;
    world.set_email(world.customer_named("Ada").draft.id, "new@example.com");
    world.drop_outbox(world.outbox()[0].id, "Not now").expect("dropped");
    audit(&world).await;
    let finding = findings(&world).remove(0);
    assert_eq!(finding.cause, AuditCause::ChangedHere);
    world.books.delete(RecordKind::Invoice, "i1");
    world.books.delete(RecordKind::Customer, "c1");
    world.sync().await;
    let refused = world.fix_audit_finding(finding.id).await;
    assert!(matches!(&refused, Err(Error::Refused(text)) if text.contains("nothing to send")), "{refused:?}");
    assert_eq!(findings(&world)[0].fixed_at, None);
}

#[tokio::test]
async fn nothing_is_booked_under_a_run_that_the_owner_has_looked_at() {
    let world = shop().await;
    world.books.put("c2", with_email("Grace", "grace@example.com"));
    world.books.hide_unread(RecordKind::Customer, "c2");
    audit(&world).await;
    let plan = world.plan_sync(None).await.expect("a plan");
    // Begun, and nobody works it off yet.
    world.run_plan(plan.id, false).expect("a run");
    let refused = world.fix_audit_finding(findings(&world)[0].id).await;
    assert!(matches!(refused, Err(Error::Refused(_))), "{refused:?}");
    assert_eq!(world.count_of("customers"), 1);
}

#[tokio::test]
async fn another_account_is_neither_compared_nor_brought_from() {
    let world = shop().await;
    world.books.put("c2", with_email("Grace", "grace@example.com"));
    world.books.hide_unread(RecordKind::Customer, "c2");
    audit(&world).await;
    let finding = findings(&world).remove(0);
    world.books.set_account("account-2");
    let refused = world.fix_audit_finding(finding.id).await;
    assert!(matches!(&refused, Err(Error::Refused(text)) if text.contains("another account")), "{refused:?}");
    assert_eq!(world.count_of("customers"), 1);
    let again = audit(&world).await;
    assert!(again.error.as_deref().is_some_and(|text| text.contains("another account")), "{again:?}");
    assert_eq!(findings(&world).len(), 1, "what was found before stays");
}
