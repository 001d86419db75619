//! What happened to records: who or what made each change and in which run, page by page, for every kind with a history.

use crate::undo::with_ada;
use crate::world::{World, parcel, with_books, with_email, world};
use backroom_core::Error;
use backroom_core::ids::RunId;
use backroom_core::orders::OrderAction;
use backroom_core::sync::testing::Fault;
use backroom_core::view::HistoryEntry;
use connector_contract::{ConnectorError, Record, RecordKind, Rejection};

fn made_by(entry: &HistoryEntry) -> (&str, Option<RunId>) {
    (entry.who.as_str(), entry.run.as_ref().map(|run| run.id))
}

impl World {
    fn history(&self, kind: &str, id: &str) -> Vec<HistoryEntry> {
        self.list_history(kind, id, None, 200).expect("a history").rows
    }

    /// The first state of a record's history, asked for and brought back: both answers.
    fn first_state(&self, kind: &str, id: &str, version: Option<u32>) -> (Option<String>, Result<(), Error>) {
        let first = self.history(kind, id).last().expect("an entry").id;
        let then = self.get_record_version(kind.into(), id.into(), first).expect("a version");
        assert!(!then.fields.is_empty(), "it can be seen in any case");
        (then.refusal, self.restore_record_version(kind.into(), id.into(), first, version.unwrap_or_default()))
    }
}

fn refused(answer: &Result<(), Error>, words: &str) {
    assert!(matches!(answer, Err(Error::Refused(text)) if text.contains(words)), "{answer:?}");
}

#[tokio::test]
async fn a_change_names_the_run_that_made_it_and_the_owners_names_none() {
    let (world, _) = with_books().await;
    world.books.put("1", with_email("Ada", "old@example.com"));
    let first = world.sync_well().await;
    let id = world.customer_named("Ada").draft.id;
    world.set_email(id, "new@example.com");
    let sent = world.sync_well().await;
    let (undone, _) = world.undo(&sent).await;
    let history = world.get_customer(id).expect("Ada").history;
    let told: Vec<_> = history.iter().map(made_by).collect();
    assert_eq!(told, [("undo", Some(undone.id)), ("owner", None), ("Books", Some(first.id))]);
    let run = history[2].run.as_ref().expect("a run");
    assert_eq!(run.started_at, first.started_at);
    let then = world.get_record_version("customer".into(), id.to_string(), history[0].id).expect("a version");
    assert_eq!(then.run, history[0].run);
}

#[tokio::test]
async fn what_a_later_run_settles_of_an_undo_names_the_undo() {
    let world = with_ada().await;
    let id = world.customer_named("Ada").draft.id;
    world.set_email(id, "new@example.com");
    let run = world.sync_well().await;
    world.books.break_pushes([Some(Fault::Before(ConnectorError::Unavailable("away".into())))]);
    let (undone, _) = world.undo(&run).await;
    let refusal = Rejection::vendors("closed", None, "closed");
    world.books.break_pushes([Some(Fault::Before(ConnectorError::Rejected(refusal)))]);
    world.clock.advance(chrono::Duration::hours(1));
    world.sync().await;
    let history = world.get_customer(id).expect("Ada").history;
    let told: Vec<_> = history.iter().take(3).map(made_by).collect();
    assert_eq!(told, [("undo", Some(undone.id)), ("undo", Some(undone.id)), ("owner", None)]);
    assert_eq!(history[0].fields[0].after.as_deref(), Some("new@example.com"));
}

#[tokio::test]
async fn what_the_audit_brings_names_its_run() {
    let (world, _) = with_books().await;
    world.sync_well().await;
    world.books.put("1", with_email("Ada", "old@example.com"));
    world.books.hide_unread(RecordKind::Customer, "1");
    world.audit_now(None, 0).await.expect("an audit");
    let finding = world.list_audit_findings(None, 10).expect("differences").rows.remove(0);
    world.fix_audit_finding(finding.id).await.expect("a fix");
    let entry = world.customer_named("Ada").history.remove(0);
    let newest = world.list_runs(None, 1).expect("runs").rows.remove(0);
    assert_eq!(made_by(&entry), ("Books", Some(newest.id)));
}

#[tokio::test]
async fn a_long_history_is_read_page_by_page_to_its_beginning() {
    let world = world();
    let ada = world.customer("Ada").draft.id;
    for turn in 1..=45 {
        world.set_phone(ada, &format!("555-{turn}"));
    }
    let view = world.get_customer(ada).expect("Ada");
    assert_eq!(view.history.len(), 20, "a view brings the first page");
    let (mut all, mut cursor, mut pages) = (Vec::new(), None, 0);
    loop {
        let page = world.list_history("customer", &ada.to_string(), cursor, 20).expect("a page");
        all.extend(page.rows);
        pages += 1;
        cursor = page.next_cursor;
        if cursor.is_none() {
            break;
        }
    }
    assert_eq!((all.len(), pages), (46, 3));
    assert!(all.is_sorted_by(|newer, older| newer.id > older.id));
    assert_eq!(
        view.history.iter().map(|entry| entry.id).collect::<Vec<_>>(),
        all[..20].iter().map(|e| e.id).collect::<Vec<_>>()
    );
    let oldest = all.last().expect("an entry");
    assert_eq!(oldest.action, "created");
    let version = view.draft.version.expect("one");
    world.restore_record_version("customer".into(), ada.to_string(), oldest.id, version).expect("a restore");
    assert_eq!(world.get_customer(ada).expect("Ada").draft.phone, "");
    let bad = world.list_history("customer", &ada.to_string(), Some("x".into()), 20);
    assert!(matches!(bad, Err(Error::Invalid(_))));
    assert!(matches!(world.list_history("payout", "x", None, 20), Err(Error::Refused(_))));
    let whole = world.list_history("customer", &ada.to_string(), None, 47).expect("a page");
    assert_eq!((whole.rows.len(), whole.next_cursor), (47, None), "a full last page has none after it");
}

#[tokio::test]
async fn a_payment_shows_its_history_and_says_why_it_stays() {
    let world = world();
    let ada = world.customer("Ada");
    let bill = world.invoice(ada.draft.id, "10");
    world.pay(&bill, "4");
    let payments = world.list_payments(backroom_core::testing::first_page()).expect("payments").rows;
    let id = payments[0].id;
    let view = world.get_payment(id).expect("a payment");
    assert_eq!((view.history[0].action.as_str(), made_by(&view.history[0])), ("created", ("owner", None)));
    let (refusal, restored) = world.first_state("payment", &id.to_string(), None);
    assert!(refusal.expect("a reason").contains("Cancel it and record it again"));
    refused(&restored, "Cancel it and record it again");
    world.void_payment(id).expect("a cancellation");
    let view = world.get_payment(id).expect("a payment");
    assert_eq!(view.history[0].action, "voided");
    let then = world.get_record_version("payment".into(), id.to_string(), view.history[1].id).expect("a version");
    let applied = then.fields.iter().find(|field| field.field == "applied").expect("what it paid");
    assert_eq!((applied.then.as_deref(), applied.now.as_deref()), (Some("INV-1001: 4.00"), None));
    assert!(then.refusal.expect("a reason").contains("stays so"));
}

#[tokio::test]
async fn an_invoice_that_is_paid_says_why_an_earlier_total_or_customer_stays() {
    let world = world();
    let (ada, bo) = (world.customer("Ada").draft.id, world.customer("Bo").draft.id);
    let bill = world.invoice(ada, "10");
    let id = bill.draft.id.to_string();
    let mut draft = bill.draft;
    draft.lines[0].unit_price = "30".into();
    let bill = world.save_invoice(draft).expect("a save");
    let (_, stale) = world.first_state("invoice", &id, Some(1));
    assert!(matches!(stale, Err(Error::Stale(_))), "{stale:?}");
    world.pay(&bill, "20");
    let (refusal, restored) = world.first_state("invoice", &id, bill.draft.version);
    assert_eq!(
        refusal.as_deref(),
        Some("Payments of 20.00 are applied to it, so it can't come to only 10.00 again. Take them off first.")
    );
    refused(&restored, "Payments of 20.00");
    let other = world.invoice(bo, "10");
    let mut draft = other.draft.clone();
    draft.customer_id = Some(ada);
    let moved = world.save_invoice(draft).expect("a save");
    world.pay(&moved, "1");
    let (refusal, restored) = world.first_state("invoice", &moved.draft.id.to_string(), moved.draft.version);
    assert!(refusal.expect("a reason").contains("its customer stays"));
    refused(&restored, "its customer stays");
}

#[tokio::test]
async fn an_item_goes_back_to_its_earlier_price_and_a_stale_one_does_not() {
    let world = world();
    let pen = world.item("PEN-1", "2.50");
    let id = pen.draft.id.to_string();
    let mut draft = pen.draft.clone();
    (draft.unit_price, draft.name) = ("3".into(), "A better pen".into());
    let changed = world.save_item(draft).expect("a save");
    let (refusal, stale) = world.first_state("item", &id, Some(1));
    assert_eq!(refusal, None);
    assert!(matches!(stale, Err(Error::Stale(_))), "{stale:?}");
    let (_, restored) = world.first_state("item", &id, changed.draft.version);
    restored.expect("a restore");
    let back = world.get_item(pen.draft.id).expect("an item");
    assert_eq!((back.draft.unit_price.as_str(), back.draft.name.as_str()), ("2.50", "Item PEN-1"));
    let first = &back.history[0];
    assert_eq!((first.action.as_str(), made_by(first), first.fields.len()), ("updated", ("owner", None), 2));
}

#[tokio::test]
async fn a_parcel_shows_its_history_and_neither_it_nor_its_order_is_brought_back() {
    let world = world();
    world.stocked_item("PEN-1", "2.50", "10");
    let order = world.shipped_order().await;
    world.parcels.put("s1", Record::Shipment(parcel("usps")));
    let run = world.sync_well().await;
    let id = order.shipments[0].id.to_string();
    let history = world.history("shipment", &id);
    assert_eq!(history.len(), 2, "{history:#?}");
    assert_eq!(made_by(&history[0]), (history[1].who.as_str(), Some(run.id)));
    assert_eq!(history[0].fields[0].before.as_deref(), Some("ups"));
    let (refusal, restored) = world.first_state("shipment", &id, None);
    assert!(refusal.expect("a reason").contains("it is a fact"));
    refused(&restored, "it is a fact");
    let (refusal, restored) = world.first_state("order", &order.draft.id.to_string(), order.draft.version);
    assert!(refusal.expect("a reason").contains("has been shipped"));
    refused(&restored, "has been shipped");
}

#[tokio::test]
async fn an_order_changed_meanwhile_is_not_overwritten_by_an_earlier_state() {
    let world = world();
    let pen = world.item("PEN-1", "2.50");
    let order = world.order(&[(&pen, "4")]);
    world.act_on_orders(vec![order.draft.id], OrderAction::Hold { until: None }).expect("a hold");
    let mut draft = world.get_order(order.draft.id).expect("an order").draft;
    draft.internal_note = "Wait".into();
    world.save_order(draft).expect("a save");
    let (refusal, stale) = world.first_state("order", &order.draft.id.to_string(), order.draft.version);
    assert_eq!(refusal, None);
    assert!(matches!(stale, Err(Error::Stale(_))), "{stale:?}");
}
