//! Writing, against a scripted exchange: replay, conflict, doubt.

use super::*;
use crate::testing::{ACCOUNTS, METHODS, PREFERENCES, asked, connected, connected_with, json};
use backroom_money::{Currency, Money};
use connector_contract::record::{Applied, Customer, Item, ItemKind, Payment};
use connector_contract::{Connector, IdempotencyKey};
use connector_http::testing::Script;
use std::sync::Arc;

const STALE: &str = include_str!("../../fixtures/fault_stale.json");
const TAKEN: &str = include_str!("../../fixtures/fault_duplicate_name.json");
const INVOICE: &str = include_str!("../../fixtures/invoice.json");
const VOIDED: &str = include_str!("../../fixtures/invoice_voided.json");
const KEY: &str = "0199a7b2-aaaa-7222-8333-944455556666-1";
const LOCAL: &str = "0199a7b2-1111-7222-8333-944455556666";

fn customer() -> Record {
    Record::Customer(Customer {
        display_name: "Ann O'Hara".into(),
        company: None,
        email: Some("ann@example.com".into()),
        phone: None,
        billing: None,
        shipping: None,
        notes: None,
        active: true,
        currency: None,
        created_at: None,
    })
}

fn payment() -> Record {
    let usd = |minor| Money::from_minor(minor, Currency::USD);
    Record::Payment(Payment {
        customer: RemoteId("24".into()),
        received_on: "2026-03-03".parse().unwrap(),
        amount: usd(5000),
        method: Some("visa".into()),
        reference: Some("1001".into()),
        note: None,
        applied: vec![Applied { invoice: RemoteId("130".into()), amount: usd(5000) }],
        voided: false,
        unapplied: None,
    })
}

fn item() -> Record {
    Record::Item(Item {
        name: "Pump".into(),
        sku: Some("P-1".into()),
        description: None,
        barcode: None,
        kind: ItemKind::Stocked,
        unit_price: Some(Money::from_minor(1999, Currency::USD).into()),
        unit_cost: None,
        taxable: Some(true),
        active: true,
        on_hand: None,
        created_at: None,
    })
}

/// The stored customer with this sync token.
fn stored(token: &str) -> Value {
    json!({ "Id": "58", "SyncToken": token, "DisplayName": "Ann O'Hara", "Active": true,
        "PrimaryEmailAddr": { "Address": "ann@example.com" } })
}

fn answer(name: &str, object: &Value) -> String {
    json!({ name: object, "time": "2026-11-20T01:00:00.000-08:00" }).to_string()
}

fn rows(name: &str, rows: &[Value]) -> String {
    json!({ "QueryResponse": { name: rows }, "time": "2026-11-20T01:00:00.000-08:00" }).to_string()
}

fn fault(code: &str, detail: &str) -> String {
    json!({ "Fault": { "Error": [{ "Message": "No", "Detail": detail, "code": code, "element": "" }], "type": "ValidationFault" } })
        .to_string()
}

async fn send(script: &Arc<Script>, attempt: Attempt, operation: Operation) -> Result<Pushed, ConnectorError> {
    let key = IdempotencyKey(KEY.into());
    connected(script).push(Push { key, attempt, natural_key: LOCAL.into(), operation }).await
}

fn create(record: Record) -> Operation {
    Operation::Create(Box::new(record))
}

fn update(id: &str, version: &str, record: Record) -> Operation {
    let version = Some(RemoteVersion(version.into()));
    Operation::Update { remote_id: RemoteId(id.into()), version, base: None, record: Box::new(record) }
}

fn retire(id: &str, version: &str, kind: RecordKind) -> Operation {
    Operation::Retire { remote_id: RemoteId(id.into()), version: Some(RemoteVersion(version.into())), kind }
}

fn token_of(pushed: &Pushed) -> (&str, &str) {
    (pushed.remote_id.0.as_str(), pushed.version.as_ref().unwrap().0.as_str())
}

#[tokio::test(start_paused = true)]
async fn a_create_carries_the_key_as_request_id() {
    let script = Script::new();
    script.json(200, PREFERENCES).json(200, &answer("Customer", &stored("0")));
    let pushed = send(&script, Attempt::Clean, create(customer())).await.unwrap();
    assert_eq!(token_of(&pushed), ("58", "0"));
    assert!(matches!(pushed.record.as_deref(), Some(Record::Customer(c)) if c.display_name == "Ann O'Hara"));
    assert_eq!(asked(&script)[1], format!("POST /customer?requestid={KEY}"));
    assert!(script.lines()[1].contains("minorversion=75"));
    let expected = json!({ "DisplayName": "Ann O'Hara", "PrimaryEmailAddr": { "Address": "ann@example.com" } });
    assert_eq!(script.sent_json(1), expected);
}

#[tokio::test(start_paused = true)]
async fn a_lost_answer_is_unknown_and_is_not_sent_again_by_itself() {
    let script = Script::new();
    script.json(200, PREFERENCES).no_answer();
    let error = send(&script, Attempt::Clean, create(customer())).await.unwrap_err();
    assert!(matches!(error, ConnectorError::Unknown(_)), "{error:?}");
    assert_eq!(script.count(), 2);
    let script = Script::new();
    script.json(200, PREFERENCES).answer(504, &[("content-type", "text/html")], "<html>gateway</html>");
    let error = send(&script, Attempt::Clean, create(customer())).await.unwrap_err();
    assert!(matches!(error, ConnectorError::Unknown(_)), "{error:?}");
    let script = Script::new();
    script.json(200, PREFERENCES).answer(200, &[("content-type", "application/json")], "{\"Customer\":{\"Id\":");
    let error = send(&script, Attempt::Clean, create(customer())).await.unwrap_err();
    assert!(matches!(error, ConnectorError::Unknown(_)), "an unreadable answer to a write: {error:?}");
}

#[tokio::test(start_paused = true)]
async fn after_doubt_the_same_request_id_is_replayed_and_the_object_is_looked_at() {
    let script = Script::new();
    script
        .json(200, PREFERENCES)
        .json(200, &answer("Customer", &stored("0")))
        .json(200, &answer("Customer", &stored("2")));
    let pushed = send(&script, Attempt::AfterUnknown, create(customer())).await.unwrap();
    assert_eq!(token_of(&pushed), ("58", "0"), "as this write stored it; what was changed since is read later");
    assert_eq!(asked(&script)[1..], [format!("POST /customer?requestid={KEY}"), "GET /customer/58".into()]);
}

#[tokio::test(start_paused = true)]
async fn a_replay_of_an_object_deleted_since_is_not_taken_for_success() {
    let script = Script::new();
    let made = json!({ "Id": "140", "SyncToken": "0", "TotalAmt": 50, "TxnDate": "2026-03-03", "CustomerRef": { "value": "24" } });
    script.json(200, PREFERENCES).json(200, METHODS).json(200, &answer("Payment", &made));
    script.json(400, &fault("610", "Object Not Found : Something you're trying to use has been deleted."));
    let error = send(&script, Attempt::AfterUnknown, create(payment())).await.unwrap_err();
    assert!(matches!(&error, ConnectorError::DeletedSince(id) if id.0 == "140"), "{error:?}");
}

#[tokio::test(start_paused = true)]
async fn a_used_request_id_leads_to_the_object_by_its_name() {
    let script = Script::new();
    script
        .json(200, PREFERENCES)
        .json(400, &fault("600", "Duplicate request id"))
        .json(200, &rows("Customer", &[stored("1")]));
    let pushed = send(&script, Attempt::AfterUnknown, create(customer())).await.unwrap();
    assert_eq!(token_of(&pushed), ("58", "1"));
    assert!(
        asked(&script)[2]
            .contains(r"SELECT * FROM Customer WHERE DisplayName = 'Ann O\'Hara' AND Active IN (true,false)"),
        "{:?}",
        asked(&script)
    );
}

#[tokio::test(start_paused = true)]
async fn a_refused_request_id_without_an_object_is_followed_by_another_fixed_one() {
    let script = Script::new();
    script.json(200, PREFERENCES).json(400, &fault("2130", "Invalid request id")).json(200, &rows("Customer", &[]));
    script.json(200, &answer("Customer", &stored("0")));
    send(&script, Attempt::Clean, create(customer())).await.unwrap();
    assert_eq!(asked(&script)[3], format!("POST /customer?requestid={KEY}-2"));
}

#[tokio::test(start_paused = true)]
async fn a_taken_name_is_a_refusal_unless_it_is_our_own_lost_create() {
    let script = Script::new();
    script.json(200, PREFERENCES).json(400, TAKEN);
    let error = send(&script, Attempt::Clean, create(customer())).await.unwrap_err();
    assert!(
        matches!(&error, ConnectorError::Rejected(r) if r.code == "6240" && r.field.as_deref() == Some("display_name"))
    );

    let script = Script::new();
    script.json(200, PREFERENCES).json(400, TAKEN).json(200, &rows("Customer", &[stored("0")]));
    assert_eq!(token_of(&send(&script, Attempt::AfterUnknown, create(customer())).await.unwrap()), ("58", "0"));

    let script = Script::new();
    let mut other = stored("0");
    other["PrimaryEmailAddr"]["Address"] = "someone@else.example".into();
    script.json(200, PREFERENCES).json(400, TAKEN).json(200, &rows("Customer", &[other]));
    let error = send(&script, Attempt::AfterUnknown, create(customer())).await.unwrap_err();
    assert!(
        matches!(error, ConnectorError::Rejected(r) if r.code == "6240"),
        "somebody else's customer is not adopted"
    );
}

#[tokio::test(start_paused = true)]
async fn a_payment_is_found_again_by_our_marker() {
    let ours = json!({ "Id": "150", "SyncToken": "0", "TotalAmt": json("50.00"), "TxnDate": "2026-03-03",
        "CustomerRef": { "value": "24" }, "PrivateNote": format!("Backroom {LOCAL}") });
    let theirs = json!({ "Id": "149", "SyncToken": "0", "TotalAmt": 50, "TxnDate": "2026-03-03", "CustomerRef": { "value": "24" } });
    let script = Script::new();
    script.json(200, PREFERENCES).json(200, METHODS).json(400, &fault("600", "Duplicate"));
    script.json(200, &rows("Payment", &[theirs, ours]));
    let pushed = send(&script, Attempt::AfterUnknown, create(payment())).await.unwrap();
    assert_eq!(token_of(&pushed), ("150", "0"));
    assert!(asked(&script)[3].contains("SELECT * FROM Payment WHERE CustomerRef = '24' AND TxnDate = '2026-03-03'"));
    assert_eq!(script.sent_json(2)["PaymentMethodRef"]["value"], "3", "methods are known by name in any case");
}

#[tokio::test(start_paused = true)]
async fn an_invoice_is_found_again_by_its_number() {
    let Value::Object(object) = json(INVOICE) else { panic!() };
    let record = {
        let company = crate::testing::us();
        map::record(Entity::Invoice, Value::Object(object), crate::testing::context(&company, &[])).unwrap()
    };
    let script = Script::new();
    script.json(200, PREFERENCES).json(400, &fault("600", "Duplicate")).json(200, &rows("Invoice", &[json(INVOICE)]));
    let pushed = send(&script, Attempt::AfterUnknown, create(record)).await.unwrap();
    assert_eq!(token_of(&pushed), ("130", "4"));
    assert!(asked(&script)[2].contains("DocNumber = '1037'"));
}

#[tokio::test(start_paused = true)]
async fn an_update_sends_only_the_difference_with_the_known_token() {
    let script = Script::new();
    let mut before = stored("3");
    before["PrimaryEmailAddr"]["Address"] = "old@example.com".into();
    script.json(200, &answer("Customer", &before)).json(200, PREFERENCES).json(200, &answer("Customer", &stored("4")));
    let pushed = send(&script, Attempt::Clean, update("58", "3", customer())).await.unwrap();
    assert_eq!(token_of(&pushed), ("58", "4"));
    let expected =
        json!({ "Id": "58", "SyncToken": "3", "sparse": true, "PrimaryEmailAddr": { "Address": "ann@example.com" } });
    assert_eq!(script.sent_json(2), expected);
    assert_eq!(asked(&script)[2], format!("POST /customer?requestid={KEY}"));
}

#[tokio::test(start_paused = true)]
async fn a_newer_version_there_is_a_conflict_and_nothing_is_sent() {
    let script = Script::new();
    let mut newer = stored("5");
    newer["PrimaryEmailAddr"]["Address"] = "newer@example.com".into();
    script.json(200, &answer("Customer", &newer)).json(200, PREFERENCES);
    let error = send(&script, Attempt::Clean, update("58", "3", customer())).await.unwrap_err();
    assert_eq!(error, ConnectorError::Conflict { remote_version: Some(RemoteVersion("5".into())) });
}

#[tokio::test(start_paused = true)]
async fn a_change_between_reading_and_writing_is_a_conflict_too() {
    let script = Script::new();
    let mut before = stored("3");
    before["PrimaryEmailAddr"]["Address"] = "old@example.com".into();
    script.json(200, &answer("Customer", &before)).json(200, PREFERENCES).json(400, STALE);
    let error = send(&script, Attempt::Clean, update("58", "3", customer())).await.unwrap_err();
    assert_eq!(error, ConnectorError::Conflict { remote_version: None });
}

#[tokio::test(start_paused = true)]
async fn an_update_that_was_applied_before_its_answer_was_lost_is_recognised() {
    let script = Script::new();
    script.json(200, &answer("Customer", &stored("4"))).json(200, PREFERENCES);
    let pushed = send(&script, Attempt::AfterUnknown, update("58", "3", customer())).await.unwrap();
    assert_eq!(token_of(&pushed), ("58", "4"));
    assert_eq!(script.count(), 2, "nothing is written");
}

#[tokio::test(start_paused = true)]
async fn an_object_that_is_gone_is_not_found_and_a_missing_reference_is_a_refusal() {
    let gone = fault("610", "Object Not Found : Something you're trying to use has been deleted.");
    let script = Script::new();
    script.json(400, &gone);
    let error = send(&script, Attempt::Clean, update("58", "3", customer())).await.unwrap_err();
    assert!(matches!(error, ConnectorError::NotFound(_)));
    let script = Script::new();
    script.json(200, PREFERENCES).json(200, METHODS).json(400, &gone);
    let error = send(&script, Attempt::Clean, create(payment())).await.unwrap_err();
    assert!(matches!(error, ConnectorError::Rejected(r) if r.code == "610"));
}

#[tokio::test(start_paused = true)]
async fn retiring_voids_documents_and_deactivates_list_records() {
    let script = Script::new();
    script.json(200, &answer("Invoice", &json(VOIDED))).json(200, PREFERENCES);
    let pushed = send(&script, Attempt::Clean, retire("131", "1", RecordKind::Invoice)).await.unwrap();
    assert!(matches!(pushed.record.as_deref(), Some(Record::Invoice(invoice)) if invoice.voided));
    assert_eq!(asked(&script)[0], format!("POST /invoice?requestid={KEY}&operation=void"));
    assert_eq!(script.sent_json(0), json!({ "Id": "131", "SyncToken": "1" }));

    let script = Script::new();
    script
        .json(200, &answer("Payment", &json(include_str!("../../fixtures/payment_voided.json"))))
        .json(200, PREFERENCES);
    send(&script, Attempt::Clean, retire("142", "0", RecordKind::Payment)).await.unwrap();
    assert_eq!(asked(&script)[0], format!("POST /payment?requestid={KEY}&operation=update&include=void"));
    assert_eq!(script.sent_json(0), json!({ "Id": "142", "SyncToken": "0", "sparse": true }));

    let script = Script::new();
    script.json(200, &answer("Customer", &stored("4"))).json(200, PREFERENCES);
    send(&script, Attempt::Clean, retire("58", "3", RecordKind::Customer)).await.unwrap();
    assert_eq!(script.sent_json(0), json!({ "Id": "58", "SyncToken": "3", "sparse": true, "Active": false }));
}

#[tokio::test(start_paused = true)]
async fn a_void_that_was_applied_before_its_answer_was_lost_is_not_repeated() {
    let script = Script::new();
    script.json(200, &answer("Invoice", &json(VOIDED))).json(200, PREFERENCES);
    let pushed = send(&script, Attempt::AfterUnknown, retire("131", "1", RecordKind::Invoice)).await.unwrap();
    assert_eq!(token_of(&pushed), ("131", "2"));
    assert_eq!(asked(&script), ["GET /invoice/131", "GET /preferences"]);
}

#[tokio::test(start_paused = true)]
async fn a_new_item_uses_the_chosen_income_account_else_the_one_for_products() {
    let script = Script::new();
    let made = json!({ "Id": "9", "SyncToken": "0", "Name": "Pump", "Type": "NonInventory" });
    script.json(200, PREFERENCES).json(200, ACCOUNTS).json(200, &answer("Item", &made));
    let pushed = send(&script, Attempt::Clean, create(item())).await.unwrap();
    assert_eq!(script.sent_json(2)["IncomeAccountRef"]["value"], "79");
    assert!(
        matches!(pushed.record.as_deref(), Some(Record::Item(item)) if item.sku.is_none()),
        "not told is not empty"
    );

    let script = Script::new();
    script.json(200, PREFERENCES).json(200, &answer("Item", &made));
    let connector = connected_with(&script, &[("income_account", "45")]);
    let (key, operation) = (IdempotencyKey(KEY.into()), create(item()));
    connector.push(Push { key, attempt: Attempt::Clean, natural_key: LOCAL.into(), operation }).await.unwrap();
    assert_eq!(script.sent_json(1)["IncomeAccountRef"]["value"], "45");
}

#[tokio::test(start_paused = true)]
async fn a_payment_goes_to_the_chosen_deposit_account() {
    let script = Script::new();
    let made = json!({ "Id": "150", "SyncToken": "0", "TotalAmt": 50, "TxnDate": "2026-03-03", "CustomerRef": { "value": "24" } });
    script.json(200, PREFERENCES).json(200, METHODS).json(200, &answer("Payment", &made));
    let connector = connected_with(&script, &[("deposit_account", "35")]);
    let (key, operation) = (IdempotencyKey(KEY.into()), create(payment()));
    connector.push(Push { key, attempt: Attempt::Clean, natural_key: LOCAL.into(), operation }).await.unwrap();
    let sent = script.sent_json(2);
    assert_eq!(
        (&sent["DepositToAccountRef"]["value"], &sent["PrivateNote"]),
        (&json!("35"), &json!(format!("Backroom {LOCAL}")))
    );
    assert_eq!(
        sent["Line"],
        json!([{ "Amount": json("50.00"), "LinkedTxn": [{ "TxnId": "130", "TxnType": "Invoice" }] }])
    );
}

#[tokio::test(start_paused = true)]
async fn errors_never_hold_a_secret() {
    let script = Script::new();
    script.json(200, PREFERENCES).json(401, include_str!("../../fixtures/fault_gateway.json")).json(500, "{}");
    let error = send(&script, Attempt::Clean, create(customer())).await.unwrap_err();
    for secret in ["hush", "access", "refresh"] {
        assert!(!format!("{error} {error:?}").contains(secret), "{error:?}");
    }
}

#[tokio::test(start_paused = true)]
async fn an_order_has_no_place_in_quickbooks() {
    let script = Script::new();
    let error = send(&script, Attempt::Clean, retire("1", "0", RecordKind::Order)).await.unwrap_err();
    assert!(matches!(error, ConnectorError::Rejected(_)));
    assert_eq!(script.count(), 0);
}

#[tokio::test(start_paused = true)]
async fn a_line_without_an_item_gets_the_one_that_stands_in() {
    let record = {
        let company = crate::testing::us();
        map::record(Entity::Invoice, json(INVOICE), crate::testing::context(&company, &[])).unwrap()
    };
    let Record::Invoice(mut invoice) = record else { panic!() };
    invoice.lines[0].item = None;
    let items = [json!({ "Id": "1", "Name": "Hours" }), json!({ "Id": "2", "Name": "Services" })];
    let script = Script::new();
    script.json(200, PREFERENCES).json(200, &rows("Item", &items)).json(200, &answer("Invoice", &json(INVOICE)));
    send(&script, Attempt::Clean, create(Record::Invoice(invoice))).await.unwrap();
    let lines = &script.sent_json(2)["Line"];
    assert_eq!(lines[0]["SalesItemLineDetail"]["ItemRef"]["value"], "2");
    assert_eq!(lines[2]["DetailType"], "DescriptionOnly", "a line of text needs none");
}

#[tokio::test(start_paused = true)]
async fn a_company_without_an_item_of_work_gets_one_under_a_lasting_request_id() {
    let record = {
        let company = crate::testing::us();
        map::record(Entity::Invoice, json(INVOICE), crate::testing::context(&company, &[])).unwrap()
    };
    let Record::Invoice(mut invoice) = record else { panic!() };
    invoice.lines[0].item = None;
    let made = json!({ "Id": "12", "SyncToken": "0", "Name": "Services", "Type": "Service" });
    let script = Script::new();
    script.json(200, PREFERENCES).json(200, &rows("Item", &[])).json(200, ACCOUNTS).no_answer();
    let lost = send(&script, Attempt::Clean, create(Record::Invoice(invoice.clone()))).await.unwrap_err();
    assert!(matches!(lost, ConnectorError::Unavailable(_)), "the invoice itself was not sent: {lost:?}");
    let script = Script::new();
    script.json(200, PREFERENCES).json(200, &rows("Item", &[])).json(200, ACCOUNTS).json(200, &answer("Item", &made));
    script.json(200, &answer("Invoice", &json(INVOICE)));
    send(&script, Attempt::Clean, create(Record::Invoice(invoice))).await.unwrap();
    assert_eq!(asked(&script)[3], format!("POST /item?requestid=backroom-services-{}", crate::testing::REALM));
    assert_eq!(script.sent_json(4)["Line"][0]["SalesItemLineDetail"]["ItemRef"]["value"], "12");
}

#[tokio::test(start_paused = true)]
async fn a_note_beside_a_billable_expense_makes_three_requests_and_sends_the_note_alone() {
    let stored = json(include_str!("../../fixtures/invoice_billable.json"));
    let context = crate::testing::context;
    let (company, methods) = (crate::testing::us(), crate::testing::methods());
    let base = map::record(Entity::Invoice, stored.clone(), context(&company, &methods)).unwrap();
    let Record::Invoice(mut wanted) = base.clone() else { panic!() };
    wanted.note = Some("Called about the freight".into());
    let script = Script::new();
    script.json(200, &answer("Invoice", &stored)).json(200, PREFERENCES).json(200, &answer("Invoice", &stored));
    let operation = Operation::Update {
        remote_id: RemoteId("901".into()),
        version: Some(RemoteVersion("3".into())),
        base: Some(Box::new(base.clone())),
        record: Box::new(Record::Invoice(wanted)),
    };
    let pushed = send(&script, Attempt::Clean, operation).await.unwrap();
    let requests = asked(&script);
    let paths: Vec<&str> = requests.iter().map(|asked| asked.split('?').next().unwrap()).collect();
    assert_eq!(paths, ["GET /invoice/901", "GET /preferences", "POST /invoice"]);
    let body = json!({ "Id": "901", "SyncToken": "3", "sparse": true, "PrivateNote": "Called about the freight" });
    assert_eq!(script.sent_json(2), body);
    assert_eq!(pushed.written, Written::fields(["note"]));
    // And what both sides agreed on makes none.
    let script = Script::new();
    let operation = Operation::Update {
        remote_id: RemoteId("901".into()),
        version: Some(RemoteVersion("3".into())),
        base: Some(Box::new(base.clone())),
        record: Box::new(base),
    };
    let pushed = send(&script, Attempt::Clean, operation).await.unwrap();
    assert!(pushed.written.is_nothing() && asked(&script).is_empty());
}

#[test]
fn only_what_goes_back_as_it_came_can_go_back_spoiled() {
    for (value, spoiled) in [
        (json!([{ "Description": "caf\u{fffd}" }]), true),
        (json!({ "Line1": "caf\u{fffd}" }), true),
        (json!({ "Line1": "café" }), false),
        (json!("caf\u{fffd}"), false),
    ] {
        assert_eq!(super::goes_back_spoiled(&value), spoiled, "{value}");
    }
}
