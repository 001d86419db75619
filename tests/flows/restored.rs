//! A backup that was put back: what waited in it may have been sent since. Nothing goes out before the owner has looked, and nothing
//! twice.

use crate::shop::{Outside, Shop, set_up};
use backroom_core::customers::CustomerDraft;
use backroom_core::sync::{OutboxState, RunTrigger};
use backroom_core::testing::{customer, draft_invoice, invoice_line, without_first_look};
use serde_json::Value;
use std::sync::Arc;
use vendor_sim::Vendor;

fn written(shop: &Shop) -> usize {
    let entities = ["/customer", "/invoice", "/payment", "/item"];
    entities
        .into_iter()
        .flat_map(|path| shop.requests(Vendor::Quickbooks, "POST", path))
        .filter(|request| request.applied)
        .count()
}

fn named(shop: &Shop, name: &str) -> Value {
    shop.one_there(Vendor::Quickbooks, "Customer", "DisplayName", name)
}

#[tokio::test(start_paused = true)]
async fn what_was_sent_after_the_backup_is_looked_up_first_and_never_there_twice() {
    let folder = tempfile::tempdir().unwrap();
    let shop = set_up(Outside::new("demo").start(Some(folder.path().into())));
    shop.connect_quickbooks().await;
    shop.sync_well().await;
    // Three changes wait when the backup is made: a new customer, an invoice of theirs, an edit.
    let new = shop.save_customer(customer("Only Here Ltd")).unwrap();
    let bill = shop.save_invoice(draft_invoice(new.draft.id, vec![invoice_line("Work", "1", "50")])).unwrap();
    let anna = shop.customer("Anna Lindqvist").draft;
    shop.save_customer(CustomerDraft { notes: "Called".into(), ..anna }).unwrap();
    let made = shop.back_up_now().unwrap();
    shop.sync_well().await;
    let there = || {
        let bill = shop.one_there(Vendor::Quickbooks, "Invoice", "DocNumber", &bill.draft.number);
        (
            bill["Id"].clone(),
            named(&shop, "Only Here Ltd")["Id"].clone(),
            named(&shop, "Anna Lindqvist")["Notes"].clone(),
        )
    };
    let sent = there();
    assert_eq!(sent.2, "Called");
    Arc::clone(&shop.core).restore_backup(&made.name).await.unwrap();
    let waiting = shop.outbox();
    assert_eq!(waiting.len(), 3);
    assert!(waiting.iter().all(|entry| entry.state == OutboxState::Unknown), "{waiting:#?}");
    let before = written(&shop);
    let refused = shop.run_to_end(None, RunTrigger::Owner).await.unwrap_err().to_string();
    assert!(refused.contains("open its preview"), "{refused}");
    assert_eq!((written(&shop), shop.outbox().len()), (before, 3), "it waits for a look");
    shop.plan_sync(None).await.unwrap();
    assert_eq!(written(&shop), before, "a look changes nothing");
    // The owner has looked.
    without_first_look(&shop);
    for _ in 0..3 {
        shop.sync().await;
        shop.outside.clock.advance(chrono::Duration::hours(7));
    }
    assert_eq!(there(), sent, "each is there once, and is the same");
    assert!(shop.outbox().is_empty() && shop.problems().is_empty(), "{:#?}", shop.problems());
    shop.assert_sound();
}
