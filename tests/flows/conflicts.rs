//! Both sides change the same field: the owner decides field by field, or a rule does, and both sides agree afterwards.

use crate::shop::{Shop, connected, shop};
use backroom_core::company::TaxCodeDraft;
use backroom_core::ids::{ConnectionId, TaxCodeId};
use backroom_core::sync::{ConflictChoice, ConflictRule, ConflictSide, ProblemAction, RunState};
use serde_json::{Value, json};
use vendor_sim::Vendor;

fn books(shop: &Shop) -> ConnectionId {
    shop.list_connections().unwrap().into_iter().find(|row| row.vendor == "quickbooks").unwrap().id
}

/// Anna's telephone and notes are changed here, and then otherwise there.
fn both_edit(shop: &Shop) {
    let mut draft = shop.customer("Anna Lindqvist").draft;
    draft.phone = "555-0001".into();
    draft.notes = "Prefers coffee".into();
    shop.save_customer(draft).unwrap();
    let theirs = json!({ "id": 2, "Notes": "Prefers tea", "PrimaryPhone": { "FreeFormNumber": "555-0002" } });
    shop.act(Vendor::Quickbooks, "edit_customer", &theirs);
}

fn there(shop: &Shop) -> (Value, Value) {
    let anna = shop.one_there(Vendor::Quickbooks, "Customer", "DisplayName", "Anna Lindqvist");
    (anna["PrimaryPhone"]["FreeFormNumber"].clone(), anna["Notes"].clone())
}

#[tokio::test(start_paused = true)]
async fn the_owner_keeps_one_field_and_takes_the_other() {
    let shop = connected("demo").await;
    shop.sync_well().await;
    both_edit(&shop);
    assert_eq!(shop.sync().await.state, RunState::DoneWithProblems);
    let conflict = shop.list_conflicts(None, 50).unwrap().rows.remove(0);
    let fields: Vec<_> =
        conflict.fields.iter().map(|f| (f.field.as_str(), f.ours.as_deref(), f.theirs.as_deref())).collect();
    assert_eq!(
        fields,
        [("notes", Some("Prefers coffee"), Some("Prefers tea")), ("phone", Some("555-0001"), Some("555-0002")),]
    );
    assert!(conflict.theirs_at.is_some(), "QuickBooks tells when");
    let choices = [("notes", ConflictSide::Theirs), ("phone", ConflictSide::Ours)];
    let choices: Vec<_> =
        choices.into_iter().map(|(field, side)| ConflictChoice { field: field.into(), side }).collect();
    shop.resolve_conflict(conflict.connection_id, "customer", &conflict.record_id, &choices).unwrap();
    shop.sync_well().await;
    let here = shop.customer("Anna Lindqvist").draft;
    assert_eq!((here.phone.as_str(), here.notes.as_str()), ("555-0001", "Prefers tea"));
    assert_eq!(there(&shop), (json!("555-0001"), json!("Prefers tea")));
    assert_eq!(shop.sync_well().await.parts.iter().map(|p| p.sent_count + p.updated_count).sum::<u32>(), 0);
}

#[tokio::test(start_paused = true)]
async fn a_rule_decides_at_once_either_way_and_is_told() {
    for (rule, phone, action) in
        [(ConflictRule::Ours, "555-0001", "kept_ours"), (ConflictRule::Theirs, "555-0002", "took_theirs")]
    {
        let shop = connected("demo").await;
        shop.sync_well().await;
        shop.save_conflict_rule(books(&shop), rule).unwrap();
        both_edit(&shop);
        let run = shop.sync_well().await;
        assert_eq!(there(&shop).0, json!(phone));
        assert_eq!(shop.customer("Anna Lindqvist").draft.phone, phone);
        let changes = shop.get_run(run.id, None, 50).unwrap().changes;
        assert!(changes.iter().any(|change| change.action == action), "{changes:#?}");
        assert!(shop.outbox().is_empty() && shop.problems().is_empty());
    }
}

#[tokio::test(start_paused = true)]
async fn an_invoice_whose_number_is_taken_there_gets_the_next_one_by_one_wish() {
    let shop = connected("demo").await;
    shop.sync_well().await;
    shop.act(Vendor::Quickbooks, "preferences", &json!({ "SalesFormsPrefs": { "CustomTxnNumbers": true } }));
    let anna = shop.customer("Anna Lindqvist").draft.id;
    let mut draft = shop.new_invoice(backroom_core::invoices::InvoiceSource::Customer { id: anna }).unwrap();
    draft.lines = vec![backroom_core::testing::invoice_line("Work", "1", "25")];
    // The bookkeeper takes the same number before it arrives.
    let line = json!({ "Amount": 9, "DetailType": "SalesItemLineDetail", "SalesItemLineDetail": { "ItemRef": { "value": "1" } } });
    let body = json!({ "CustomerRef": { "value": "1" }, "DocNumber": draft.number, "Line": [line] });
    let saved = shop.save_invoice(draft).unwrap();
    shop.act(Vendor::Quickbooks, "create_invoice", &body);
    shop.sync().await;
    let problem = shop.problems().remove(0);
    assert_eq!(problem.action, ProblemAction::Renumber, "{problem:#?}");
    let number = shop.renumber_invoice(saved.draft.id).unwrap().draft.number;
    assert_ne!(number, saved.draft.number);
    shop.sync_well().await;
    assert!(shop.problems().is_empty() && shop.outbox().is_empty());
    shop.one_there(Vendor::Quickbooks, "Invoice", "DocNumber", &number);
    shop.assert_sound();
}

#[tokio::test(start_paused = true)]
async fn an_invoice_with_tax_asks_for_the_tax_code_where_the_company_names_none() {
    let shop = shop("demo");
    shop.act(
        Vendor::Quickbooks,
        "preferences",
        &json!({ "TaxPrefs": { "PartnerTaxEnabled": null, "TaxGroupCodeRef": null } }),
    );
    shop.connect_all().await;
    shop.sync_well().await;
    let books = books(&shop);
    let draft = TaxCodeDraft { id: TaxCodeId::new(), name: "Maine".into(), percent: "5.5".into(), archived: false };
    let code = shop.save_tax_code(draft).unwrap();
    let anna = shop.customer("Anna Lindqvist").draft.id;
    let mut draft = shop.new_invoice(backroom_core::invoices::InvoiceSource::Customer { id: anna }).unwrap();
    draft.lines = vec![backroom_core::testing::invoice_line("Work", "1", "100")];
    draft.lines[0].tax_code_id = Some(code.id);
    let number = shop.save_invoice(draft).unwrap().draft.number;
    shop.sync().await;
    let problem = shop.problems().remove(0);
    assert_eq!(problem.action, ProblemAction::ConnectionSettings, "{problem:#?}");
    assert_eq!(problem.setting.as_deref(), Some("tax_code"));
    assert!(problem.message.contains("sales tax code"), "{problem:#?}");
    let view = shop.refresh_connection_choices(books).await.unwrap();
    let setting = view.settings.iter().find(|setting| setting.id == "tax_code").unwrap();
    let choice = setting.options[0].value.clone();
    shop.save_connection_setting(books, "tax_code".into(), Some(choice)).unwrap();
    shop.sync_well().await;
    assert!(shop.problems().is_empty() && shop.outbox().is_empty());
    let there = shop.one_there(Vendor::Quickbooks, "Invoice", "DocNumber", &number);
    assert_eq!(there["TotalAmt"].to_string(), "105.5");
}
