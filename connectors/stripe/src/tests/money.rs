//! Payouts with their parts, and the rows of the balance.

use super::*;

fn payout(status: &str, reconciliation: &str) -> Value {
    let mut payout: Value = serde_json::from_str(include_str!("../../fixtures/payout.json")).unwrap();
    payout["status"] = status.into();
    payout["reconciliation_status"] = reconciliation.into();
    payout["created"] = (T0 + 10).into();
    payout
}

#[tokio::test]
async fn a_reconciled_payout_brings_its_parts_over_several_pages() {
    let shelf = Arc::new(Shelf::default());
    let cursor = followed(&shelf).await;
    let rows: Value = serde_json::from_str(include_str!("../../fixtures/payout_members.json")).unwrap();
    for row in rows["data"].as_array().unwrap() {
        let mut row = row.clone();
        row["test_payout"] = "po_1Daily".into();
        shelf.put("/v1/balance_transactions", row);
    }
    *shelf.page.lock() = Some(3);
    shelf.event("evt_1", "payout.paid", T0 + 20, "2026-10-28.endive", payout("paid", "in_progress"));
    let (records, cursor) = pull_all(&shelf, EVENTS, cursor, T0 + 60).await;
    assert_eq!(ids(&records), ["po_1Daily"], "not yet reconciled");
    shelf.event("evt_2", "payout.reconciliation_completed", T0 + 80, "2026-10-28.endive", payout("paid", "completed"));
    let (records, _) = pull_all(&shelf, EVENTS, cursor, T0 + 900).await;
    let parts = applied(&records).into_values().filter_map(|record| match record {
        Some(Record::BalanceEntry(entry)) if entry.payout.is_some() => Some(entry.net),
        _ => None,
    });
    assert_eq!(Money::sum(Currency::USD, parts).unwrap().minor(), 1018, "the parts add up to the payout");
}

#[tokio::test]
async fn a_payout_that_stripe_cannot_explain_blocks_nothing() {
    let shelf = Arc::new(Shelf::default());
    let cursor = followed(&shelf).await;
    shelf.refuse("/v1/balance_transactions", 400, r#"{"error":{"message":"automatic only","param":"payout"}}"#);
    shelf.event("evt_1", "payout.paid", T0 + 20, "2026-10-28.endive", payout("paid", "completed"));
    let (records, _) = pull_all(&shelf, EVENTS, cursor, T0 + 900).await;
    assert_eq!(ids(&records), ["po_1Daily"]);
}

#[tokio::test]
async fn balance_rows_are_read_by_time_with_an_overlap_and_late_rows_are_found() {
    let shelf = Arc::new(Shelf::default());
    *shelf.page.lock() = Some(2);
    for n in 0..5 {
        shelf.put("/v1/balance_transactions", row(&format!("txn_{n}"), T0 - 1000 + n));
    }
    let (records, cursor) = pull_all(&shelf, BALANCE_ENTRIES, None, T0).await;
    assert_eq!(applied(&records).len(), 5);
    assert_eq!(shelf.asked("/v1/balance_transactions").len(), 3);
    shelf.put("/v1/balance_transactions", row("txn_late", T0 - 30));
    shelf.put("/v1/balance_transactions", row("txn_new", T0 + 50));
    let (records, _) = pull_all(&shelf, BALANCE_ENTRIES, cursor, T0 + 300).await;
    assert_eq!(ids(&records), ["txn_late", "txn_new"]);
}
