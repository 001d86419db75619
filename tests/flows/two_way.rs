//! Edits on both sides: different fields join, the same field asks the owner, and what is gone stays gone.

use crate::shop::{Outside, Shop, connected, set_up};
use backroom_core::customers::CustomerView;
use backroom_core::invoices::{InvoiceStatus, InvoiceView};
use backroom_core::sync::{ConflictChoice, ConflictField, ConflictSide, OutboxState, ProblemAction, RunState};
use backroom_core::view::RecordSyncState;
use serde_json::{Value, json};
use vendor_sim::{Harm, Poison, Vendor};

fn edit_phone(shop: &Shop, phone: &str) -> CustomerView {
    let mut draft = shop.customer("Anna Lindqvist").draft;
    draft.phone = phone.into();
    shop.save_customer(draft).unwrap()
}

fn edit_there(shop: &Shop, fields: Value) {
    let mut body = json!({ "id": 2 });
    body.as_object_mut().unwrap().extend(fields.as_object().unwrap().clone());
    shop.act(Vendor::Quickbooks, "edit_customer", &body);
}

fn anna(shop: &Shop) -> Value {
    shop.one_there(Vendor::Quickbooks, "Customer", "DisplayName", "Anna Lindqvist")
}

fn id_there(shop: &Shop, number: &str) -> Value {
    shop.one_there(Vendor::Quickbooks, "Invoice", "DocNumber", number)["Id"].clone()
}

fn edit_note(shop: &Shop, number: &str, note: &str) -> InvoiceView {
    let mut draft = shop.invoice(number).draft;
    draft.note = note.into();
    shop.save_invoice(draft).unwrap()
}

#[tokio::test(start_paused = true)]
async fn edits_of_different_fields_join_on_both_sides() {
    let shop = connected("demo").await;
    shop.sync_well().await;
    edit_phone(&shop, "555-0001");
    edit_there(&shop, json!({ "Notes": "Prefers tea", "PrimaryEmailAddr": { "Address": "anna@new.example" } }));
    shop.sync_well().await;
    let here = shop.customer("Anna Lindqvist").draft;
    assert_eq!(
        (here.phone.as_str(), here.notes.as_str(), here.email.as_str()),
        ("555-0001", "Prefers tea", "anna@new.example")
    );
    let there = anna(&shop);
    assert_eq!(
        (&there["PrimaryPhone"]["FreeFormNumber"], &there["Notes"]),
        (&json!("555-0001"), &json!("Prefers tea"))
    );
    assert_eq!(there["PrimaryEmailAddr"]["Address"], "anna@new.example");
    assert!(shop.problems().is_empty() && shop.outbox().is_empty());
    assert_eq!(shop.sync_well().await.parts.iter().map(|p| p.sent_count + p.updated_count).sum::<u32>(), 0);
}

#[tokio::test(start_paused = true)]
async fn an_edit_there_while_ours_is_under_way_joins_as_well() {
    let shop = connected("demo").await;
    shop.sync_well().await;
    edit_phone(&shop, "555-0002");
    // The first try is lost without effect; meanwhile the bookkeeper writes.
    shop.plan(Vendor::Quickbooks, vendor_sim::FaultKind::TimeoutBefore, "POST", "customer");
    shop.sync().await;
    assert_eq!(shop.outbox()[0].state, OutboxState::Unknown);
    edit_there(&shop, json!({ "Notes": "Meanwhile" }));
    for _ in 0..3 {
        tokio::time::sleep(std::time::Duration::from_mins(10)).await;
        shop.sync().await;
    }
    assert!(shop.outbox().is_empty() && shop.problems().is_empty(), "{:#?} {:#?}", shop.outbox(), shop.problems());
    let (here, there) = (shop.customer("Anna Lindqvist").draft, anna(&shop));
    assert_eq!((here.phone.as_str(), here.notes.as_str()), ("555-0002", "Meanwhile"));
    assert_eq!((&there["PrimaryPhone"]["FreeFormNumber"], &there["Notes"]), (&json!("555-0002"), &json!("Meanwhile")));
}

/// Both sides change the telephone number. Returns the shop with the conflict on its list.
async fn quarrel() -> Shop {
    let shop = connected("demo").await;
    shop.sync_well().await;
    edit_phone(&shop, "111");
    edit_there(&shop, json!({ "PrimaryPhone": { "FreeFormNumber": "222" }, "Notes": "Joined all the same" }));
    assert_eq!(shop.sync().await.state, RunState::DoneWithProblems);
    let problems = shop.problems();
    assert_eq!(problems.len(), 1, "{problems:#?}");
    assert_eq!(problems[0].action, ProblemAction::Decide);
    assert!(problems[0].message.contains("111") && problems[0].message.contains("222"), "{}", problems[0].message);
    let here = shop.customer("Anna Lindqvist");
    assert_eq!((here.draft.phone.as_str(), here.draft.notes.as_str()), ("111", "Joined all the same"));
    assert!(here.sync.iter().any(|sync| sync.state == RecordSyncState::Conflict), "{:?}", here.sync);
    assert_eq!(anna(&shop)["PrimaryPhone"]["FreeFormNumber"], "222", "nothing is overwritten");
    for _ in 0..2 {
        shop.sync().await;
        assert_eq!(shop.problems().len(), 1, "it is told once");
    }
    shop
}

#[tokio::test(start_paused = true)]
async fn the_same_field_changed_on_both_sides_waits_for_the_owner_who_keeps_ours() {
    let shop = quarrel().await;
    edit_phone(&shop, "333");
    shop.sync_well().await;
    assert!(shop.problems().is_empty() && shop.outbox().is_empty());
    assert_eq!(anna(&shop)["PrimaryPhone"]["FreeFormNumber"], "333");
    assert_eq!(shop.customer("Anna Lindqvist").draft.phone, "333");
}

#[tokio::test(start_paused = true)]
async fn the_same_field_changed_on_both_sides_waits_for_the_owner_who_takes_theirs() {
    let shop = quarrel().await;
    let conflict = shop.list_conflicts(None, 10).unwrap().rows.remove(0);
    let theirs = |field: &ConflictField| ConflictChoice { field: field.field.clone(), side: ConflictSide::Theirs };
    let choices: Vec<ConflictChoice> = conflict.fields.iter().map(theirs).collect();
    shop.resolve_conflict(conflict.connection_id, &conflict.kind, &conflict.record_id, &choices).unwrap();
    shop.sync_well().await;
    assert!(shop.problems().is_empty() && shop.outbox().is_empty());
    assert_eq!(shop.customer("Anna Lindqvist").draft.phone, "222");
    assert_eq!(anna(&shop)["PrimaryPhone"]["FreeFormNumber"], "222");
}

#[tokio::test(start_paused = true)]
async fn the_same_change_on_both_sides_is_no_conflict() {
    let shop = connected("demo").await;
    shop.sync_well().await;
    edit_phone(&shop, "444");
    edit_there(&shop, json!({ "PrimaryPhone": { "FreeFormNumber": "444" } }));
    shop.sync_well().await;
    assert!(shop.problems().is_empty() && shop.outbox().is_empty());
    assert_eq!(shop.requests(Vendor::Quickbooks, "POST", "customer").iter().filter(|r| r.applied).count(), 0);
}

#[tokio::test(start_paused = true)]
async fn an_invoice_deleted_there_is_void_here_and_neither_comes_back_nor_gets_lost() {
    let shop = connected("demo").await;
    shop.sync_well().await;
    shop.act(Vendor::Quickbooks, "delete_invoice", &json!({ "id": id_there(&shop, "1006") }));
    shop.sync_well().await;
    let here = shop.invoice("1006");
    assert_eq!((here.status, here.balance.minor.as_str()), (InvoiceStatus::Void, "0"));
    for _ in 0..3 {
        shop.sync_well().await;
    }
    assert_eq!((shop.invoices().len(), shop.there(Vendor::Quickbooks, "Invoice").len()), (10, 9));
    shop.assert_sound();
}

#[tokio::test(start_paused = true)]
async fn a_deletion_beside_an_unreadable_record_is_seen_once_that_can_be_read() {
    let shop = connected("demo").await;
    shop.sync_well().await;
    let (odd, deleted) = (id_there(&shop, "1006"), id_there(&shop, "1007"));
    shop.act(Vendor::Quickbooks, "edit_invoice", &json!({ "id": odd, "PrivateNote": "Odd" }));
    shop.act(Vendor::Quickbooks, "delete_invoice", &json!({ "id": deleted }));
    shop.world().poison(Poison::of(Vendor::Quickbooks, "Id", odd, Harm::BrokenJson).within("Invoice"));
    shop.sync().await;
    assert_eq!(shop.invoice("1007").status, InvoiceStatus::Open, "nothing can show the deletion now");
    for _ in 0..2 {
        shop.world().advance(chrono::Duration::hours(7));
        shop.sync().await;
    }
    shop.world().clear_poisons();
    shop.world().advance(chrono::Duration::hours(7));
    shop.sync_well().await;
    assert_eq!(shop.invoice("1007").status, InvoiceStatus::Void);
    assert_eq!(shop.invoice("1006").draft.note, "Odd", "and the record itself has come in by then");
    shop.assert_sound();
}

#[tokio::test(start_paused = true)]
async fn trying_unreadable_records_again_misses_no_deletion() {
    let (outside, folder) = (Outside::new("demo"), tempfile::tempdir().unwrap());
    let data = || Some(folder.path().to_path_buf());
    let shop = set_up(outside.start(data()));
    shop.connect_all().await;
    shop.sync_well().await;
    let deleted = id_there(&shop, "1007");
    for odd in ["1005", "1006"].map(|number| id_there(&shop, number)) {
        shop.act(Vendor::Quickbooks, "edit_invoice", &json!({ "id": odd, "PrivateNote": "Odd" }));
        shop.world().poison(Poison::of(Vendor::Quickbooks, "Id", odd, Harm::BrokenJson).within("Invoice"));
    }
    shop.sync().await;
    let problems = shop.problems();
    assert!(problems.iter().all(|problem| problem.message.contains("could not be understood")), "{problems:#?}");
    assert_eq!(problems.len(), 2);
    shop.world().clear_poisons();
    shop.act(Vendor::Quickbooks, "delete_invoice", &json!({ "id": deleted }));
    // Further back than windows overlap, and in an app that was started since.
    drop(shop);
    outside.world.advance(chrono::Duration::hours(5));
    let shop = outside.start(data());
    shop.retry_problems(problems.iter().map(|problem| problem.id).collect()).unwrap();
    shop.sync_well().await;
    shop.sync_well().await;
    assert_eq!(shop.invoice("1007").status, InvoiceStatus::Void);
    assert_eq!(["1005", "1006"].map(|number| shop.invoice(number).draft.note), ["Odd", "Odd"]);
    shop.assert_sound();
}

#[tokio::test(start_paused = true)]
async fn an_invoice_deleted_there_while_our_change_waits_stays_for_the_owner() {
    let shop = connected("demo").await;
    shop.sync_well().await;
    edit_note(&shop, "1007", "Call before delivery");
    shop.act(Vendor::Quickbooks, "delete_invoice", &json!({ "id": id_there(&shop, "1007") }));
    shop.sync().await;
    let problems = shop.problems();
    assert_eq!(problems.len(), 1, "{problems:#?}");
    assert!(problems[0].message.contains("deleted"), "{problems:#?}");
    assert_eq!(shop.invoice("1007").draft.note, "Call before delivery");
    shop.dismiss_problem(problems[0].id).unwrap();
    shop.sync_well().await;
    assert_eq!(shop.there(Vendor::Quickbooks, "Invoice").len(), 9, "it is not made again");
    assert!(shop.outbox().is_empty() && shop.problems().is_empty());
}

#[tokio::test(start_paused = true)]
async fn an_invoice_deleted_there_is_sent_anew_under_a_new_key() {
    let shop = connected("demo").await;
    shop.sync_well().await;
    edit_note(&shop, "1007", "Call before delivery");
    shop.act(Vendor::Quickbooks, "delete_invoice", &json!({ "id": id_there(&shop, "1007") }));
    shop.sync().await;
    let problem = shop.problems().remove(0);
    assert_eq!(problem.action, ProblemAction::SendAnew);
    shop.send_anew(problem.connection_id, problem.kind, problem.record_id.unwrap()).unwrap();
    shop.sync_well().await;
    let there = shop.one_there(Vendor::Quickbooks, "Invoice", "DocNumber", "1007");
    assert_eq!(there["PrivateNote"], "Call before delivery");
    assert_eq!((shop.invoices().len(), shop.there(Vendor::Quickbooks, "Invoice").len()), (10, 10));
    assert!(shop.outbox().is_empty() && shop.problems().is_empty());
    let again = shop.sync_well().await;
    assert_eq!(again.parts.iter().map(|part| part.sent_count + part.updated_count).sum::<u32>(), 0, "{again:#?}");
    shop.assert_sound();
}

#[tokio::test(start_paused = true)]
async fn a_change_of_an_order_merged_away_names_the_order_that_stays() {
    let shop = connected("demo").await;
    shop.sync_well().await;
    let id = |number: &str| shop.one_there(Vendor::Shipstation, "orders", "orderNumber", number)["orderId"].clone();
    shop.act(Vendor::Shipstation, "merge", &json!({ "orderIds": [id("1050"), id("1051")] }));
    let mut draft = shop.order("1051").draft;
    draft.internal_note = "Handle with care".to_owned();
    let away = shop.save_order(draft).unwrap();
    shop.sync().await;
    let problems = shop.problems();
    assert_eq!(problems.len(), 1, "{problems:#?}");
    assert!(problems[0].message.contains("merged into Order 1050"), "{problems:#?}");
    let refused = shop.send_anew(problems[0].connection_id, "order".into(), away.draft.id.to_string()).unwrap_err();
    assert!(refused.to_string().contains("merged into Order 1050"), "{refused}");
    shop.dismiss_problem(problems[0].id).unwrap();
    shop.sync_well().await;
    assert!(shop.outbox().is_empty() && shop.problems().is_empty());
}

#[tokio::test(start_paused = true)]
async fn voids_go_both_ways() {
    let shop = connected("demo").await;
    shop.sync_well().await;
    shop.act(Vendor::Quickbooks, "void_invoice", &json!({ "id": id_there(&shop, "1004") }));
    let ours = shop.invoice("1008");
    shop.void_invoices(vec![ours.draft.id]).unwrap();
    shop.sync_well().await;
    assert_eq!((shop.invoice("1004").status, shop.invoice("1008").status), (InvoiceStatus::Void, InvoiceStatus::Void));
    let there = shop.one_there(Vendor::Quickbooks, "Invoice", "DocNumber", "1008");
    assert_eq!((there["TotalAmt"].to_string(), there["Balance"].to_string()), ("0".to_owned(), "0".to_owned()));
    shop.sync_well().await;
    shop.assert_sound();
}

#[tokio::test(start_paused = true)]
async fn archived_here_is_inactive_there_and_the_other_way_round() {
    let shop = connected("demo").await;
    shop.sync_well().await;
    shop.archive_customers(vec![shop.customer("North Pier Books").draft.id], true).unwrap();
    shop.act(Vendor::Quickbooks, "deactivate_item", &json!({ "id": 7 }));
    let grinder = shop.item("GRIND-H").id;
    shop.sync_well().await;
    let there = shop.one_there(Vendor::Quickbooks, "Customer", "DisplayName", "North Pier Books");
    assert_eq!(there["Active"], false);
    assert!(shop.get_item(grinder).unwrap().archived);
    shop.sync_well().await;
}

#[tokio::test(start_paused = true)]
async fn customers_merged_there_leave_their_invoices_with_the_one_that_stays() {
    let shop = connected("demo").await;
    shop.sync_well().await;
    let owed = |name: &str| shop.customer(name).open_balance.minor.parse::<i64>().unwrap();
    let sum = owed("Maple Street Bakery") + owed("Blue Heron Cafe");
    assert!(owed("Maple Street Bakery") > 0);
    shop.act(Vendor::Quickbooks, "merge_customers", &json!({ "keep": 1, "gone": 4 }));
    shop.sync_well().await;
    assert_eq!(owed("Blue Heron Cafe"), sum);
    assert!(shop.customers().iter().all(|row| row.display_name != "Maple Street Bakery"), "archived, not in the list");
    shop.sync_well().await;
    shop.assert_sound();
}

#[tokio::test(start_paused = true)]
async fn a_merge_of_customers_beside_an_unreadable_one_is_seen_once_that_can_be_read() {
    let shop = connected("demo").await;
    shop.sync_well().await;
    let odd = shop.one_there(Vendor::Quickbooks, "Customer", "DisplayName", "North Pier Books")["Id"].clone();
    shop.act(Vendor::Quickbooks, "edit_customer", &json!({ "id": odd, "Notes": "Odd" }));
    shop.act(Vendor::Quickbooks, "merge_customers", &json!({ "keep": 1, "gone": 4 }));
    shop.world().poison(Poison::of(Vendor::Quickbooks, "Id", odd, Harm::BrokenJson).within("Customer"));
    let is_here =
        |shop: &Shop| shop.customers().iter().any(|row| row.display_name == "Maple Street Bakery" && !row.archived);
    shop.sync().await;
    assert!(is_here(&shop), "nothing can show the merge now");
    for _ in 0..2 {
        shop.world().advance(chrono::Duration::hours(7));
        shop.sync().await;
    }
    shop.world().clear_poisons();
    shop.world().advance(chrono::Duration::hours(7));
    shop.sync_well().await;
    assert!(!is_here(&shop));
    shop.assert_sound();
}

#[tokio::test(start_paused = true)]
async fn an_invoice_edited_here_and_paid_there_has_both() {
    let shop = connected("demo").await;
    shop.sync_well().await;
    let number = "1010";
    edit_note(&shop, number, "Deliver to the back door");
    let theirs = shop.one_there(Vendor::Quickbooks, "Invoice", "DocNumber", number);
    let body = json!({ "CustomerRef": theirs["CustomerRef"], "TotalAmt": 100,
                       "Line": [{ "Amount": 100, "LinkedTxn": [{ "TxnId": theirs["Id"], "TxnType": "Invoice" }] }] });
    shop.act(Vendor::Quickbooks, "create_payment", &body);
    shop.sync_well().await;
    let here = shop.invoice(number);
    assert_eq!((here.draft.note.as_str(), here.paid.minor.as_str()), ("Deliver to the back door", "10000"));
    let there = shop.one_there(Vendor::Quickbooks, "Invoice", "DocNumber", number);
    assert_eq!(there["PrivateNote"], "Deliver to the back door");
    assert!(shop.outbox().is_empty());
    shop.assert_sound();
}

#[tokio::test(start_paused = true)]
async fn an_order_edited_on_both_sides_joins_and_one_merged_away_is_cancelled() {
    let shop = connected("demo").await;
    shop.sync_well().await;
    let mut draft = shop.order("1050").draft;
    draft.internal_note = "Ours".to_owned();
    shop.save_order(draft).unwrap();
    shop.act(Vendor::Shipstation, "edit_order", &json!({ "orderNumber": "1050", "customerNotes": "Theirs" }));
    shop.sync_well().await;
    let there = shop.one_there(Vendor::Shipstation, "orders", "orderNumber", "1050");
    assert_eq!((&there["internalNotes"], &there["customerNotes"]), (&json!("Ours"), &json!("Theirs")));
    assert_eq!(shop.order("1050").draft.customer_note, "Theirs");
    let id = |number: &str| shop.one_there(Vendor::Shipstation, "orders", "orderNumber", number)["orderId"].clone();
    shop.act(Vendor::Shipstation, "merge", &json!({ "orderIds": [id("1050"), id("1051")] }));
    shop.sync_well().await;
    assert_eq!(shop.order("1051").status, backroom_core::orders::OrderStatus::Cancelled);
    assert_eq!(shop.order("1050").lines.len(), 3);
    shop.sync_well().await;
    shop.assert_sound();
}
