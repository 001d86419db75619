//! A preview with the real connectors and the simulators: what goes over the wire meanwhile, what it shows, and that the run
//! does just that.

use crate::shop::{Shop, connected, shop};
use backroom_core::customers::CustomerDraft;
use backroom_core::ids::PlanId;
use backroom_core::items::ItemDraft;
use backroom_core::sync::plan::{
    PlanAction, PlanFilter, PlanItemView, PlanOutcome, PlanSelection, PlanState, PlanView,
};
use backroom_core::sync::{ChangeDirection, RunState, RunTrigger};
use backroom_core::testing::{customer, item};
use serde_json::json;
use std::sync::Arc;
use vendor_sim::Vendor;

impl Shop {
    fn plan_items(&self, plan: PlanId) -> Vec<PlanItemView> {
        let filter = PlanFilter::default();
        let (mut items, mut cursor) = (Vec::new(), None);
        loop {
            let page = self.list_plan_items(plan, &filter, cursor.as_deref(), 50).unwrap();
            items.extend(page.rows);
            cursor = page.next_cursor;
            if cursor.is_none() {
                return items;
            }
        }
    }

    fn plan_item(&self, plan: PlanId, direction: ChangeDirection, title: &str) -> PlanItemView {
        let all = self.plan_items(plan);
        let found: Vec<_> = all.iter().filter(|i| i.direction == direction && i.title == title).collect();
        assert_eq!(found.len(), 1, "{title}: {:?}", all.iter().map(|i| &i.title).collect::<Vec<_>>());
        found[0].clone()
    }

    /// Writes that the vendors applied so far.
    fn applied(&self) -> usize {
        self.world().requests().iter().filter(|request| request.applied).count()
    }

    async fn carry_out(&self, plan: &PlanView) {
        let run = self.run_plan_to_end(plan.id, true).await.unwrap();
        assert_eq!(run.state, RunState::Done, "{run:#?}\n{:#?}", self.problems());
        self.outside.clock.advance(chrono::Duration::minutes(3));
    }
}

const IN: ChangeDirection = ChangeDirection::In;
const OUT: ChangeDirection = ChangeDirection::Out;

#[tokio::test(start_paused = true)]
async fn a_first_preview_only_reads_and_the_run_does_all_of_it() {
    let shop = shop("demo");
    shop.save_customer(customer("Only Here Ltd")).unwrap();
    shop.save_item(item("OURS-1", "3.00")).unwrap();
    shop.connect_all().await;
    let before = shop.applied();
    let plan = shop.plan_sync(None).await.unwrap();
    assert_eq!(shop.applied(), before, "{:#?}", shop.world().requests());
    assert_eq!((shop.customers().len(), shop.items().len(), shop.orders().len()), (1, 1, 0), "nothing came in yet");
    assert!(plan.parts.iter().all(|part| part.error.is_none()), "{:?}", plan.parts);
    assert!(plan.counts.incoming > 20 && plan.counts.outgoing == 2, "{:?}", plan.counts);
    shop.carry_out(&plan).await;
    let left: Vec<_> =
        shop.plan_items(plan.id).into_iter().filter(|item| item.outcome != Some(PlanOutcome::Done)).collect();
    assert!(left.is_empty(), "{left:#?}");
    shop.one_there(Vendor::Quickbooks, "Customer", "DisplayName", "Only Here Ltd");
    assert!(shop.customers().len() > 5 && !shop.orders().is_empty() && !shop.payouts().is_empty());
    shop.assert_sound();
    let next = shop.plan_sync(None).await.unwrap();
    assert_eq!((next.counts.incoming, next.counts.outgoing), (0, 0), "{:#?}", shop.plan_items(next.id));
    shop.sync_well().await;
}

#[tokio::test(start_paused = true)]
async fn edits_on_both_sides_are_shown_held_and_skipped_record_by_record() {
    let shop = connected("demo").await;
    shop.sync_well().await;
    let anna = shop.one_there(Vendor::Quickbooks, "Customer", "Id", "2");
    let name = anna["DisplayName"].as_str().unwrap().to_owned();
    shop.act(Vendor::Quickbooks, "edit_customer", &json!({ "id": "2", "Notes": "Prefers the phone" }));
    let mug = shop.item("MUG-01");
    let draft = shop.get_item(mug.id).unwrap().draft;
    shop.save_item(ItemDraft { unit_price: "19.25".into(), ..draft }).unwrap();
    shop.save_customer(CustomerDraft { email: "new@example.com".into(), ..customer("New Here") }).unwrap();
    let before = shop.applied();
    let plan = shop.plan_sync(None).await.unwrap();
    assert_eq!(shop.applied(), before);
    let theirs = shop.plan_item(plan.id, IN, &name);
    let note = theirs.fields.iter().find(|field| field.field == "notes").unwrap();
    assert_eq!(note.after.as_deref(), Some("Prefers the phone"));
    let ours = shop.plan_item(plan.id, OUT, &mug.name);
    let price = ours.fields.iter().find(|field| field.field == "unit_price").unwrap();
    assert_eq!((price.before.as_deref(), price.after.as_deref()), (Some("18.00 USD"), Some("19.25 USD")));
    let one = |id: String| PlanSelection { ids: vec![id], filter: None };
    shop.decide_plan_items(plan.id, &one(theirs.id), PlanAction::Hold).unwrap();
    shop.decide_plan_items(plan.id, &one(ours.id), PlanAction::Skip).unwrap();
    shop.carry_out(&plan).await;
    shop.one_there(Vendor::Quickbooks, "Customer", "DisplayName", "New Here");
    let price_there = || shop.one_there(Vendor::Quickbooks, "Item", "Sku", "MUG-01")["UnitPrice"].to_string();
    assert_eq!((price_there().as_str(), shop.customer(&name).draft.notes.as_str()), ("18", ""));
    // Runs of the timer keep to it; the next preview shows what is held and not what was skipped.
    shop.sync_well().await;
    let next = shop.plan_sync(None).await.unwrap();
    assert_eq!((next.counts.incoming, next.counts.held, next.counts.outgoing), (1, 1, 0));
    let held = shop.plan_item(next.id, IN, &name);
    shop.decide_plan_items(next.id, &one(held.id), PlanAction::Approve).unwrap();
    shop.carry_out(&next).await;
    assert_eq!(shop.customer(&name).draft.notes, "Prefers the phone");
    // Changed again, the skipped record is no longer skipped.
    let draft = shop.get_item(mug.id).unwrap().draft;
    shop.save_item(ItemDraft { unit_price: "19.75".into(), ..draft }).unwrap();
    shop.sync_well().await;
    assert_eq!(price_there(), "19.75");
}

#[tokio::test(start_paused = true)]
async fn what_moved_between_preview_and_run_is_told_and_not_done() {
    let shop = connected("demo").await;
    shop.sync_well().await;
    shop.act(Vendor::Quickbooks, "edit_customer", &json!({ "id": "2", "Notes": "As seen" }));
    let name = shop.one_there(Vendor::Quickbooks, "Customer", "Id", "2")["DisplayName"].as_str().unwrap().to_owned();
    let plan = shop.plan_sync(None).await.unwrap();
    shop.outside.clock.advance(chrono::Duration::minutes(3));
    shop.act(Vendor::Quickbooks, "edit_customer", &json!({ "id": "2", "Notes": "Moved since" }));
    shop.carry_out(&plan).await;
    assert_eq!(shop.plan_item(plan.id, IN, &name).outcome, Some(PlanOutcome::Moved));
    assert_eq!(shop.customer(&name).draft.notes, "");
    let next = shop.plan_sync(None).await.unwrap();
    shop.carry_out(&next).await;
    assert_eq!(shop.customer(&name).draft.notes, "Moved since");
}

#[tokio::test(start_paused = true)]
async fn connecting_in_the_window_previews_and_proposes_pairs() {
    let shop = shop("demo");
    let engine = tokio::spawn(Arc::clone(&shop.core).run_engine());
    tokio::time::sleep(std::time::Duration::from_millis(1)).await;
    let anna = CustomerDraft { notes: "Known for years".into(), ..customer("anna lindqvist") };
    shop.save_customer(anna).unwrap();
    shop.save_item(ItemDraft { name: "Stoneware mug, ours".into(), ..item("MUG-01", "18.50") }).unwrap();
    let before = shop.applied();
    shop.connect_quickbooks().await;
    let plan = loop {
        tokio::time::sleep(std::time::Duration::from_secs(1)).await;
        let list = shop.sync_plans().unwrap();
        if let Some(plan) = list.plans.into_iter().next() {
            break plan;
        }
    };
    assert_eq!((plan.state, plan.counts.pairs), (PlanState::Ready, 2), "{:?}", plan.counts);
    assert!(shop.sync_now(None, RunTrigger::Owner).is_err(), "it waits for the owner");
    let writes: Vec<_> = shop.world().requests().into_iter().skip(before).filter(|r| r.applied).collect();
    assert!(
        writes.iter().all(|request| request.path.contains("oauth") || request.path.contains("token")),
        "{writes:#?}"
    );
    let pairs: Vec<_> = shop.plan_items(plan.id).into_iter().filter_map(|item| item.pair).collect();
    assert!(pairs.iter().all(|pair| pair.same && pair.score >= 85), "{pairs:#?}");
    let fields: Vec<&str> = pairs.iter().flat_map(|p| &p.evidence).map(|e| e.field.as_str()).collect();
    assert_eq!(fields, ["name", "sku"]);
    let run = shop.run_plan(plan.id, true).unwrap();
    loop {
        tokio::time::sleep(std::time::Duration::from_secs(1)).await;
        let run = shop.get_run(run.id, None, 1).unwrap().run;
        if run.finished_at.is_some() {
            assert_eq!(run.state, RunState::Done, "{:#?}", shop.problems());
            break;
        }
    }
    let linked = shop.one_there(Vendor::Quickbooks, "Customer", "Id", "2");
    assert_eq!(linked["Notes"], "Known for years", "one record on both sides");
    assert!(shop.sync_plans().unwrap().asking.is_empty());
    engine.abort();
}
