//! What the feeds of changes never showed is found by comparing whole lists, and mended, against all three vendors.

use crate::shop::{Shop, charge, connected};
use backroom_core::invoices::InvoiceSource;
use backroom_core::sync::{AuditCause, AuditFinding, AuditView};
use backroom_core::testing::{customer, invoice_line};
use chrono::Duration;
use serde_json::json;
use vendor_sim::Vendor;

async fn audit(shop: &Shop) -> AuditView {
    shop.audit_now(None, 30).await.unwrap()
}

fn findings(shop: &Shop) -> Vec<AuditFinding> {
    shop.list_audit_findings(None, 200).unwrap().rows
}

fn one(shop: &Shop) -> AuditFinding {
    let found = findings(shop);
    assert_eq!(found.len(), 1, "{found:#?}");
    found[0].clone()
}

/// Does something with stamps of two days ago, behind every cursor, as a clock that is wrong or a window that was cut does.
fn behind_our_back<T>(shop: &Shop, act: impl FnOnce(&Shop) -> T) -> T {
    let clock = &shop.outside.clock;
    clock.advance(-Duration::days(2));
    let done = act(shop);
    clock.advance(Duration::days(2));
    done
}

/// Synced often enough that every feed has moved past the days before.
async fn settled() -> Shop {
    let shop = connected("demo").await;
    shop.sync_well().await;
    shop.outside.clock.advance(Duration::days(4));
    // ShipStation's feed goes on from its newest order, however old that is.
    let items = json!([{ "name": "A pencil", "quantity": 1, "unitPrice": 1 }]);
    shop.act(Vendor::Shipstation, "create_order", &json!({ "orderNumber": "H-0", "items": items }));
    shop.sync_well().await;
    shop.sync_well().await;
    shop
}

#[tokio::test(start_paused = true)]
async fn all_three_vendors_agree_after_a_sync() {
    let shop = settled().await;
    let audit = audit(&shop).await;
    assert!(findings(&shop).is_empty(), "{:#?}", findings(&shop));
    assert_eq!(audit.connections.len(), 3);
    let kinds = audit.connections.iter().flat_map(|connection| &connection.kinds);
    let counted: Vec<&str> = kinds.filter(|kind| kind.here_count > 0).map(|kind| kind.kind.as_str()).collect();
    for kind in ["customer", "item", "invoice", "payment", "order", "shipment", "charge", "refund", "dispute", "payout"]
    {
        assert!(counted.contains(&kind), "{kind}: {counted:?}");
    }
    assert!(counted.contains(&"balance_entry"));
    for connection in &audit.connections {
        assert_eq!(connection.error, None, "{}", connection.vendor_name);
        assert!(connection.kinds.iter().any(|kind| kind.here_count > 0), "{connection:#?}");
        assert_eq!((connection.waiting_count, connection.not_compared.len()), (0, 0), "{}", connection.vendor_name);
        for day in connection.kinds.iter().flat_map(|kind| &kind.days) {
            assert!(!day.differs, "{} {day:?}", connection.vendor_name);
        }
    }
}

#[tokio::test(start_paused = true)]
async fn an_invoice_edited_and_voided_before_it_was_sent_again_has_no_differences_left() {
    let shop = settled().await;
    let who = shop.save_customer(customer("Lighthouse Tea Room")).unwrap();
    let mut draft = shop.new_invoice(InvoiceSource::Customer { id: who.draft.id }).unwrap();
    draft.lines = vec![invoice_line("Consulting", "1", "25.00")];
    let bill = shop.save_invoice(draft).unwrap();
    shop.sync_well().await;
    let mut edited = shop.get_invoice(bill.draft.id).unwrap().draft;
    edited.note = "Written just before it was voided".into();
    shop.save_invoice(edited).unwrap();
    shop.void_invoices(vec![bill.draft.id]).unwrap();
    shop.sync_well().await;
    audit(&shop).await;
    assert!(findings(&shop).is_empty(), "{:#?}", findings(&shop));
}

#[tokio::test(start_paused = true)]
async fn an_invoice_hidden_from_the_feed_is_found_and_brought() {
    let shop = settled().await;
    let line = json!({ "Amount": 40, "DetailType": "SalesItemLineDetail", "SalesItemLineDetail": { "ItemRef": { "value": "1" } } });
    let body = json!({ "CustomerRef": { "value": "2" }, "DocNumber": "H-1", "Line": [line] });
    behind_our_back(&shop, |shop| shop.act(Vendor::Quickbooks, "create_invoice", &body));
    shop.sync_well().await;
    assert!(shop.invoices().iter().all(|row| row.number != "H-1"), "the feed does not show it");
    audit(&shop).await;
    let finding = one(&shop);
    assert_eq!((finding.cause, finding.title.as_str()), (AuditCause::MissingHere, "Invoice H-1"));
    shop.fix_audit_finding(finding.id).await.unwrap();
    assert_eq!(shop.invoice("H-1").totals.total.minor, finding.there.unwrap().minor);
    assert_eq!(audit(&shop).await.open_count, 0);
    shop.assert_sound();
}

#[tokio::test(start_paused = true)]
async fn an_invoice_deleted_behind_our_back_is_found_and_voided_here() {
    let shop = settled().await;
    let id = shop.one_there(Vendor::Quickbooks, "Invoice", "DocNumber", "1008")["Id"].clone();
    behind_our_back(&shop, |shop| shop.act(Vendor::Quickbooks, "delete_invoice", &json!({ "id": id })));
    shop.sync_well().await;
    audit(&shop).await;
    let finding = one(&shop);
    assert_eq!((finding.cause, finding.title.as_str()), (AuditCause::DeletedThere, "Invoice 1008"));
    shop.fix_audit_finding(finding.id).await.unwrap();
    assert_eq!(shop.invoice("1008").status, backroom_core::invoices::InvoiceStatus::Void);
    assert_eq!(audit(&shop).await.open_count, 0);
    shop.assert_sound();
}

#[tokio::test(start_paused = true)]
async fn an_order_and_a_charge_hidden_from_their_feeds_are_found_and_brought() {
    let shop = settled().await;
    let items = json!([{ "name": "A pen", "sku": "PEN", "quantity": 2, "unitPrice": 4.5 }]);
    let order = json!({ "orderNumber": "H-2", "items": items });
    behind_our_back(&shop, |shop| {
        shop.act(Vendor::Shipstation, "create_order", &order);
        shop.act(Vendor::Stripe, "charge", &charge(1234, "none"));
    });
    let charges = shop.charges().len();
    shop.sync_well().await;
    assert_eq!((shop.charges().len(), shop.orders().iter().any(|row| row.number == "H-2")), (charges, false));
    audit(&shop).await;
    let found: Vec<_> = findings(&shop).into_iter().map(|finding| (finding.cause, finding.kind)).collect();
    let missing = |kind: &str| (AuditCause::MissingHere, kind.to_owned());
    assert_eq!(found, [missing("order"), missing("charge"), missing("balance_entry")]);
    for finding in findings(&shop) {
        shop.fix_audit_finding(finding.id).await.unwrap();
    }
    assert_eq!(shop.order("H-2").lines.len(), 1);
    assert_eq!(shop.charges().len(), charges + 1);
    assert_eq!(audit(&shop).await.open_count, 0);
    shop.assert_sound();
}

#[tokio::test(start_paused = true)]
async fn parcels_hidden_from_their_feeds_are_found_and_brought_label_or_not() {
    let shop = settled().await;
    let label = |number: &str| {
        let body = json!({ "orderNumber": number, "carrierCode": "stamps_com" });
        shop.act(Vendor::Shipstation, "ship", &body)
    };
    let mark = |number: &str| shop.act(Vendor::Shipstation, "mark_shipped", &json!({ "orderNumber": number }));
    for number in ["H-3", "H-4", "H-5", "H-6"] {
        let items = json!([{ "name": "A pen", "quantity": 1, "unitPrice": 2 }]);
        shop.act(Vendor::Shipstation, "create_order", &json!({ "orderNumber": number, "items": items }));
    }
    shop.sync_well().await;
    shop.outside.clock.advance(Duration::days(12));
    let _shown = (label("H-5"), mark("H-6"));
    shop.sync_well().await;
    // Further back than the feeds overlap.
    shop.outside.clock.advance(-Duration::days(9));
    let _hidden = (label("H-3"), mark("H-4"));
    shop.outside.clock.advance(Duration::days(9));
    audit(&shop).await;
    let parcels = || findings(&shop).into_iter().filter(|finding| finding.kind == "shipment").collect::<Vec<_>>();
    let found = parcels();
    assert!(found.len() == 2 && found.iter().all(|f| f.cause == AuditCause::MissingHere), "{found:#?}");
    for finding in found {
        let fixed = shop.fix_audit_finding(finding.id).await.unwrap();
        assert_eq!(fixed.outcome, "It was brought in.");
    }
    assert_eq!((shop.order("H-3").shipments.len(), shop.order("H-4").shipments.len()), (1, 1));
    audit(&shop).await;
    assert!(parcels().is_empty());
    shop.assert_sound();
}

#[tokio::test(start_paused = true)]
async fn a_refund_hidden_from_the_events_is_found_with_its_balance_entry() {
    let shop = settled().await;
    let charge = shop.act(Vendor::Stripe, "charge", &charge(5000, "none"))["id"].clone();
    shop.sync_well().await;
    shop.outside.clock.advance(Duration::days(4));
    shop.sync_well().await;
    behind_our_back(&shop, |shop| shop.act(Vendor::Stripe, "refund", &json!({ "id": charge, "amount": 700 })));
    shop.sync_well().await;
    audit(&shop).await;
    let mut kinds: Vec<String> = findings(&shop).into_iter().map(|finding| finding.kind).collect();
    kinds.sort_unstable();
    assert_eq!(kinds, ["balance_entry", "charge", "refund"], "{:#?}", findings(&shop));
    for finding in findings(&shop) {
        shop.fix_audit_finding(finding.id).await.unwrap();
    }
    assert_eq!(audit(&shop).await.open_count, 0, "{:#?}", findings(&shop));
    shop.assert_sound();
}
