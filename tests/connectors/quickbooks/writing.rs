//! Writing to a company: what arrives, and that it arrives exactly once whatever goes wrong on the way.

use super::{company, customer, invoice, item, over, payment};
use crate::bench::{Bench, DOUBTFUL, Meddling, PASSING, create, retire, update, usd, world};
use connector_contract::{ConnectorError, Operation, Pushed, Record, RecordKind, RemoteId, RemoteVersion, Written};
use serde_json::{Value, json};
use vendor_sim::{FaultKind, Vendor};

fn rows(bench: &Bench, entity: &str) -> Vec<Value> {
    bench.dump()[entity].as_array().unwrap().clone()
}

fn one(bench: &Bench, entity: &str, id: &RemoteId) -> Value {
    let found = rows(bench, entity).into_iter().find(|row| row["Id"] == id.0.as_str());
    found.unwrap_or_else(|| panic!("no {entity} {id:?}"))
}

fn count(bench: &Bench, entity: &str, field: &str, text: &str) -> usize {
    rows(bench, entity).iter().filter(|row| row[field].as_str().is_some_and(|t| t.contains(text))).count()
}

/// A customer and an item there, so that an invoice has something to refer to.
async fn basis(bench: &Bench) -> (Pushed, Pushed) {
    let who = bench.push("basis-customer", create(Record::Customer(customer("Basis Ltd")))).await.unwrap();
    let what = bench.push("basis-item", create(Record::Item(item("Basis tea")))).await.unwrap();
    (who, what)
}

#[tokio::test(start_paused = true)]
async fn customers_are_made_changed_and_retired_and_what_backroom_does_not_know_stays() {
    let bench = company("empty").await;
    let made = bench.push("customer-1", create(Record::Customer(customer("O'Brien \\ Söhne")))).await.unwrap();
    let theirs = one(&bench, "Customer", &made.remote_id);
    assert_eq!(theirs["DisplayName"], "O'Brien \\ Söhne");
    assert_eq!(theirs["PrimaryEmailAddr"]["Address"], "post@firm.example");
    assert_eq!(theirs["BillAddr"]["City"], "Bath");
    bench.act("edit_customer", &json!({ "id": made.remote_id.0, "Title": "Dr", "FamilyName": "Brien" }));
    bench.pull().await.unwrap();
    let version = one(&bench, "Customer", &made.remote_id)["SyncToken"].as_str().unwrap().to_owned();
    let mut wanted = customer("O'Brien \\ Söhne");
    wanted.notes = Some(String::new());
    wanted.phone = Some("1".to_owned());
    let seen = Pushed { version: Some(RemoteVersion(version)), ..made };
    let changed = bench.push("customer-2", update(&seen, Record::Customer(wanted.clone()))).await.unwrap();
    let theirs = one(&bench, "Customer", &changed.remote_id);
    assert_eq!((&theirs["Title"], &theirs["FamilyName"]), (&json!("Dr"), &json!("Brien")));
    assert_eq!(theirs["PrimaryPhone"]["FreeFormNumber"], "1");
    assert!(theirs["Notes"].as_str().unwrap_or_default().is_empty());
    let gone = bench.push("customer-3", retire(&changed, RecordKind::Customer)).await.unwrap();
    assert_eq!(one(&bench, "Customer", &gone.remote_id)["Active"], false);
    assert!(matches!(gone.record.as_deref(), Some(Record::Customer(c)) if !c.active));
    assert_eq!(rows(&bench, "Customer").len(), 1);
}

#[tokio::test(start_paused = true)]
async fn an_invoice_with_discount_and_shipping_is_the_same_to_the_cent_and_can_be_paid_and_voided() {
    let bench = company("empty").await;
    let (who, what) = basis(&bench).await;
    let bill = invoice(Some("B-7"), &who.remote_id, &what.remote_id);
    let sent = bench.push("invoice-1", create(Record::Invoice(bill.clone()))).await.unwrap();
    let theirs = one(&bench, "Invoice", &sent.remote_id);
    assert_eq!((theirs["TotalAmt"].to_string(), theirs["DocNumber"].as_str()), ("55.5".to_owned(), Some("B-7")));
    assert_eq!(theirs["DueDate"], "2026-12-16");
    let Some(Record::Invoice(stored)) = sent.record.as_deref() else { panic!("{sent:?}") };
    assert_eq!((stored.total, stored.discount, stored.shipping), (usd(5550), usd(200), usd(750)));
    let paid = payment(&who.remote_id, &sent.remote_id, 5550);
    let money = bench.push("payment-1", create(Record::Payment(paid))).await.unwrap();
    assert_eq!(one(&bench, "Invoice", &sent.remote_id)["Balance"].to_string(), "0");
    let received = one(&bench, "Payment", &money.remote_id);
    assert_eq!(
        (received["PaymentMethodRef"]["value"].as_str(), received["PaymentRefNum"].as_str()),
        (Some("4"), Some("ch_1"))
    );
    bench.push("payment-2", retire(&money, RecordKind::Payment)).await.unwrap();
    assert_eq!(one(&bench, "Invoice", &sent.remote_id)["Balance"].to_string(), "55.5");
    // The payment moved the invoice on, so its old version is refused, not overwritten.
    let stale = bench.push("invoice-2", retire(&sent, RecordKind::Invoice)).await.unwrap_err();
    assert!(matches!(stale, ConnectorError::Conflict { .. }), "{stale:?}");
    let token = one(&bench, "Invoice", &sent.remote_id)["SyncToken"].as_str().unwrap().to_owned();
    let known = Pushed { version: Some(RemoteVersion(token)), ..sent };
    let voided = bench.push("invoice-3", retire(&known, RecordKind::Invoice)).await.unwrap();
    let theirs = one(&bench, "Invoice", &voided.remote_id);
    assert_eq!((theirs["TotalAmt"].to_string(), theirs["DocNumber"].as_str()), ("0".to_owned(), Some("B-7")));
    assert!(matches!(voided.record.as_deref(), Some(Record::Invoice(i)) if i.voided));
}

#[tokio::test(start_paused = true)]
async fn quickbooks_numbers_the_invoice_when_the_owner_lets_it() {
    let bench = company("empty").await;
    bench.act("preferences", &json!({ "SalesFormsPrefs": { "CustomTxnNumbers": false } }));
    let (who, what) = basis(&bench).await;
    let bill = invoice(Some("OURS-1"), &who.remote_id, &what.remote_id);
    let sent = bench.push("invoice-1", create(Record::Invoice(bill))).await.unwrap();
    let theirs = one(&bench, "Invoice", &sent.remote_id)["DocNumber"].as_str().unwrap().to_owned();
    assert_ne!(theirs, "OURS-1");
    assert!(matches!(sent.record.as_deref(), Some(Record::Invoice(i)) if i.number.as_deref() == Some(theirs.as_str())));
}

#[tokio::test(start_paused = true)]
async fn items_are_made_with_the_chosen_accounts_and_the_suggested_income_account_without_a_choice() {
    let bench = company("empty").await;
    let choices = bench.connector.choices().await.unwrap();
    let income = choices.iter().find(|c| c.setting == "income_account" && c.suggested).unwrap();
    assert_eq!(income.label, "Sales of Product Income");
    let made = bench.push("item-1", create(Record::Item(item("Oolong")))).await.unwrap();
    let theirs = one(&bench, "Item", &made.remote_id);
    assert_eq!((&theirs["IncomeAccountRef"]["value"], &theirs["Sku"]), (&json!(income.value), &json!("TEA-100")));
    let mut dearer = item("Oolong");
    dearer.unit_price = Some(usd(1399).into());
    let changed = bench.push("item-2", update(&made, Record::Item(dearer))).await.unwrap();
    assert_eq!(one(&bench, "Item", &changed.remote_id)["UnitPrice"].to_string(), "13.99");
    bench.push("item-3", retire(&changed, RecordKind::Item)).await.unwrap();
    assert_eq!(one(&bench, "Item", &changed.remote_id)["Active"], false);
}

/// Something to make, and how to count it there.
async fn subject(bench: &Bench, kind: RecordKind) -> (Operation, &'static str, &'static str, &'static str, usize) {
    let (who, what) = basis(bench).await;
    match kind {
        RecordKind::Customer => {
            (create(Record::Customer(customer("Once Only"))), "Customer", "DisplayName", "Once Only", 1)
        }
        RecordKind::Item => (create(Record::Item(item("Once tea"))), "Item", "Name", "Once tea", 1),
        RecordKind::Invoice => {
            let bill = invoice(Some("ONCE-1"), &who.remote_id, &what.remote_id);
            (create(Record::Invoice(bill)), "Invoice", "DocNumber", "ONCE-1", 1)
        }
        _ => {
            let bill = invoice(Some("PAID-1"), &who.remote_id, &what.remote_id);
            let sent = bench.push("basis-invoice", create(Record::Invoice(bill))).await.unwrap();
            let money = payment(&who.remote_id, &sent.remote_id, 1000);
            (create(Record::Payment(money)), "Payment", "PrivateNote", "local-once-key", 1)
        }
    }
}

const KINDS: [RecordKind; 4] = [RecordKind::Customer, RecordKind::Item, RecordKind::Invoice, RecordKind::Payment];

#[tokio::test(start_paused = true)]
async fn a_create_happens_exactly_once_under_every_fault() {
    for kind in KINDS {
        for fault in DOUBTFUL.into_iter().chain(PASSING).chain([FaultKind::EmptyBody]) {
            let bench = company("empty").await;
            let (operation, entity, field, text, expected) = subject(&bench, kind).await;
            bench.plan(fault, "POST", &entity.to_lowercase());
            let (pushed, errors) = bench.send_until_done("once-key", &operation).await;
            assert_eq!(count(&bench, entity, field, text), expected, "{kind:?} {fault:?} {errors:?}");
            assert_eq!(one(&bench, entity, &pushed.remote_id)["Id"], pushed.remote_id.0.as_str());
            let doubtful = !PASSING.contains(&fault);
            let right = errors.iter().all(|e| matches!(e, ConnectorError::Unknown(_)));
            assert!(right && errors.is_empty() != doubtful, "{kind:?} {fault:?}: {errors:?}");
        }
    }
}

#[tokio::test(start_paused = true)]
async fn two_lost_answers_in_a_row_still_make_one() {
    for kind in KINDS {
        let bench = company("empty").await;
        let (operation, entity, field, text, expected) = subject(&bench, kind).await;
        let path = entity.to_lowercase();
        for fault in [FaultKind::TimeoutAfter, FaultKind::CutAfter, FaultKind::ServerErrorAfter] {
            bench.plan(fault, "POST", &path);
        }
        let (_, errors) = bench.send_until_done("once-key", &operation).await;
        assert_eq!((errors.len(), count(&bench, entity, field, text)), (3, expected), "{kind:?}");
        let applied = bench
            .requests("POST", &path)
            .iter()
            .filter(|r| r.applied && r.idempotency_key.as_deref() == Some("once-key"))
            .count();
        assert_eq!(applied, 1, "{kind:?}");
    }
}

#[tokio::test(start_paused = true)]
async fn an_update_and_a_retirement_happen_exactly_once_under_every_fault() {
    for fault in DOUBTFUL.into_iter().chain(PASSING).chain([FaultKind::EmptyBody]) {
        let bench = company("empty").await;
        let (who, _) = basis(&bench).await;
        let mut wanted = customer("Basis Ltd");
        wanted.notes = Some("Changed once".to_owned());
        bench.plan(fault, "POST", "customer");
        let (changed, errors) = bench.send_until_done("update-key", &update(&who, Record::Customer(wanted))).await;
        let theirs = one(&bench, "Customer", &who.remote_id);
        assert_eq!(
            (&theirs["Notes"], &theirs["SyncToken"]),
            (&json!("Changed once"), &json!("1")),
            "{fault:?} {errors:?}"
        );
        bench.plan(fault, "POST", "customer");
        let (_, errors) = bench.send_until_done("retire-key", &retire(&changed, RecordKind::Customer)).await;
        let theirs = one(&bench, "Customer", &who.remote_id);
        assert_eq!((&theirs["Active"], &theirs["SyncToken"]), (&json!(false), &json!("2")), "{fault:?} {errors:?}");
    }
}

#[tokio::test(start_paused = true)]
async fn voiding_happens_exactly_once_under_every_fault() {
    for fault in DOUBTFUL {
        let bench = company("empty").await;
        let (who, what) = basis(&bench).await;
        let bill = invoice(Some("V-1"), &who.remote_id, &what.remote_id);
        let sent = bench.push("bill-key", create(Record::Invoice(bill))).await.unwrap();
        bench.plan(fault, "POST", "invoice");
        let (voided, errors) = bench.send_until_done("void-key", &retire(&sent, RecordKind::Invoice)).await;
        let theirs = one(&bench, "Invoice", &voided.remote_id);
        assert_eq!(
            (theirs["TotalAmt"].to_string(), &theirs["SyncToken"]),
            ("0".to_owned(), &json!("1")),
            "{fault:?} {errors:?}"
        );
        assert!(matches!(voided.record.as_deref(), Some(Record::Invoice(i)) if i.voided), "{fault:?}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_record_moved_on_there_is_a_conflict_and_stays_as_it_is() {
    let bench = company("empty").await;
    let (who, what) = basis(&bench).await;
    bench.act("edit_customer", &json!({ "id": who.remote_id.0, "Notes": "Theirs" }));
    let mut ours = customer("Basis Ltd");
    ours.notes = Some("Ours".to_owned());
    let error = bench.push("stale-1", update(&who, Record::Customer(ours))).await.unwrap_err();
    let newer = Some(RemoteVersion("1".to_owned()));
    assert_eq!(error, ConnectorError::Conflict { remote_version: newer });
    assert_eq!(one(&bench, "Customer", &who.remote_id)["Notes"], "Theirs");
    bench.act("edit_item", &json!({ "id": what.remote_id.0, "Description": "Theirs" }));
    let error = bench.push("stale-2", retire(&what, RecordKind::Item)).await.unwrap_err();
    assert!(matches!(error, ConnectorError::Conflict { .. }), "{error:?}");
    assert_eq!(one(&bench, "Item", &what.remote_id)["Active"], true);
}

#[tokio::test(start_paused = true)]
async fn a_change_that_slips_in_between_read_and_write_is_a_conflict_too() {
    let (world, clock, inner) = world("empty");
    let meddling =
        Meddling::new(inner, |request| request.method() == "POST" && request.uri().path().ends_with("/customer"));
    let bench = over(world.clone(), clock, meddling.clone()).await;
    let (who, _) = basis(&bench).await;
    let edit = json!({ "id": who.remote_id.0, "Notes": "Theirs" });
    meddling.then(move || drop(world.act(Vendor::Quickbooks, "edit_customer", &edit).unwrap()));
    let mut ours = customer("Basis Ltd");
    ours.phone = Some("99".to_owned());
    let error = bench.push("slip-1", update(&who, Record::Customer(ours))).await.unwrap_err();
    assert!(meddling.is_done() && matches!(error, ConnectorError::Conflict { .. }), "{error:?}");
    let theirs = one(&bench, "Customer", &who.remote_id);
    assert_eq!(
        (&theirs["Notes"], &theirs["PrimaryPhone"]["FreeFormNumber"]),
        (&json!("Theirs"), &json!("(207) 555-0177"))
    );
}

#[tokio::test(start_paused = true)]
async fn refusals_name_the_field_and_nothing_is_made() {
    let bench = company("demo").await;
    let field = |error: &ConnectorError| match error {
        ConnectorError::Rejected(rejection) => rejection.field.clone().unwrap_or_default(),
        other => panic!("{other:?}"),
    };
    let taken = bench.push("taken-1", create(Record::Customer(customer("Driftwood Inn")))).await.unwrap_err();
    assert_eq!(field(&taken), "display_name");
    let colon = bench.push("taken-2", create(Record::Customer(customer("a:b")))).await.unwrap_err();
    assert_eq!(field(&colon), "display_name");
    let bill = invoice(Some("1001"), &RemoteId("1".into()), &RemoteId("8".into()));
    let double = bench.push("taken-3", create(Record::Invoice(bill))).await.unwrap_err();
    assert_eq!(field(&double), "number");
    let bill = invoice(Some("N-1"), &RemoteId("999".into()), &RemoteId("8".into()));
    let nobody = bench.push("taken-4", create(Record::Invoice(bill))).await.unwrap_err();
    assert!(matches!(nobody, ConnectorError::Rejected(_)), "{nobody:?}");
    assert_eq!((rows(&bench, "Customer").len(), rows(&bench, "Invoice").len()), (8, 10));
}

#[tokio::test(start_paused = true)]
async fn what_was_deleted_there_after_a_lost_answer_is_not_made_again() {
    let bench = company("empty").await;
    let (operation, ..) = subject(&bench, RecordKind::Invoice).await;
    bench.plan(FaultKind::TimeoutAfter, "POST", "invoice");
    let lost = bench.push("once-key", operation.clone()).await.unwrap_err();
    assert!(matches!(lost, ConnectorError::Unknown(_)));
    let made = rows(&bench, "Invoice")[0]["Id"].clone();
    bench.act("delete_invoice", &json!({ "id": made }));
    let error = bench.push_again("once-key", operation).await.unwrap_err();
    assert!(matches!(&error, ConnectorError::DeletedSince(_)), "{error:?}");
    assert_eq!(rows(&bench, "Invoice").len(), 0);
}

#[tokio::test(start_paused = true)]
async fn updates_of_what_is_gone_there_are_not_found() {
    let bench = company("demo").await;
    let gone = Pushed { remote_id: RemoteId("99999".into()), version: None, record: None, written: Written::default() };
    for operation in [update(&gone, Record::Customer(customer("X Y"))), retire(&gone, RecordKind::Invoice)] {
        let error = bench.push("gone-key", operation).await.unwrap_err();
        assert!(matches!(error, ConnectorError::NotFound(_)), "{error:?}");
    }
    let unsent = bench.push("wrong-kind", retire(&gone, RecordKind::Order)).await.unwrap_err();
    assert!(matches!(unsent, ConnectorError::Rejected(_)), "{unsent:?}");
}

#[tokio::test(start_paused = true)]
async fn a_read_only_company_and_closed_books_change_nothing() {
    let bench = company("demo").await;
    bench.act("knobs", &json!({ "subscription_ended": true }));
    let ended = bench.push("ended-1", create(Record::Customer(customer("Later Ltd")))).await.unwrap_err();
    assert!(matches!(ended, ConnectorError::Unavailable(_)), "it waits until it is paid: {ended:?}");
    bench.act("knobs", &json!({ "subscription_ended": false }));
    bench.act("close_books", &json!({ "date": "2026-11-30" }));
    let bill = invoice(Some("C-1"), &RemoteId("1".into()), &RemoteId("8".into()));
    let closed = bench.push("closed-1", create(Record::Invoice(bill))).await.unwrap_err();
    let ConnectorError::Rejected(rejection) = closed else { panic!("{closed:?}") };
    assert_eq!((rejection.code.as_str(), rejection.field.as_deref()), ("6210", Some("issued_on")));
    assert_eq!((rows(&bench, "Customer").len(), rows(&bench, "Invoice").len()), (8, 10));
}
