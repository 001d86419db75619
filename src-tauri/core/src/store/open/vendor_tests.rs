//! Files written before money in, shipping and deposits had their columns: what vendors brought in keeps its meaning.

use super::*;
use crate::ids::{InvoiceId, OutboxId};
use serde_json::{Value, json};

/// The format with this number, counted from 1, in a new file.
fn file_of(format: usize) -> Connection {
    let mut file = Connection::open_in_memory().expect("a file");
    prepare(&file).expect("settings");
    migrate(&mut file, None, &MIGRATIONS[..format]).expect("the format");
    file
}

fn fill(file: &Connection, sql: &str) {
    file.pragma_update(None, "foreign_keys", false).expect("a setting");
    file.execute_batch(sql).expect("rows of the format before");
}

fn newest(file: &mut Connection) {
    migrate(file, None, MIGRATIONS).expect("the newest format");
    let broken: u32 =
        file.query_row("SELECT count(*) FROM pragma_foreign_key_check", [], |row| row.get(0)).expect("a check");
    assert_eq!(broken, 0, "every row still refers to one that is there");
}

fn texts(file: &Connection, sql: &str) -> Vec<String> {
    let mut statement = file.prepare(sql).expect("a query");
    let rows = statement.query_map([], |row| row.get(0)).expect("rows");
    rows.collect::<rusqlite::Result<_>>().expect("texts")
}

const CONNECTION: &str =
    "INSERT INTO connections (id, vendor, environment, account_id, account_name, state, created_at)
    VALUES ('c', 'cards', 'production', 'a', 'Cards', 'ready', '2026-11-20T09:00:00.000Z');";

#[test]
fn charges_of_the_format_before_money_in_are_looked_at_once_and_found_by_every_name_they_carry() {
    let mut file = file_of(12);
    let charge = |id: &str, status: &str, metadata: &str| {
        format!(
            "INSERT INTO charges (id, connection_id, remote_id, amount_minor, refunded_minor, currency, status, created_at,
                 customer_name, customer_email, description, metadata, failure)
             VALUES ('{id}', 'c', 'ch_{id}', 46700, 0, 'USD', '{status}', '2026-11-20T09:00:00.000Z', '', '', '',
                 '{metadata}', '');"
        )
    };
    let rows = [
        charge("a", "succeeded", r#"{"invoice":" #INV-7 ","note":"INV-9"}"#),
        charge("b", "succeeded", r#"{"Invoice_Number":"Zoé 8","invoice_id":"  "}"#),
        charge("d", "failed", r#"{"backroom_invoice":"7"}"#),
        charge("e", "succeeded", "{}"),
        "UPDATE charges SET payment_id = 'p' WHERE id = 'e';".to_owned(),
    ];
    let paid = "INSERT INTO customers (id, version, display_name, name_key, company, email, phone, billing, shipping, notes, currency,
            created_at, updated_at)
        VALUES ('k', 1, 'Ada', 'ada', '', '', '', '{}', '{}', '', 'USD', '', '');
        INSERT INTO payments (id, version, customer_id, customer_name, received_on, amount_minor, unapplied_minor, currency, method,
            reference, note, source, created_at, updated_at)
        VALUES ('p', 1, 'k', 'Ada', '2026-11-20', 46700, 46700, 'USD', '', '', '', 'owner', '', '');";
    let dispute = |id: &str, status: &str| {
        format!(
            "INSERT INTO disputes (id, connection_id, remote_id, amount_minor, currency, status, created_at, reason)
             VALUES ('{id}', 'c', 'dp_{id}', 46700, 'USD', '{status}', '2026-11-20T09:00:00.000Z', '');"
        )
    };
    let statuses =
        ["lost", "won", "warning_closed", "prevented", "warning_needs_response", "needs_response", "under_review"];
    let disputes: String = statuses.iter().map(|status| dispute(status, status)).collect();
    fill(&file, &format!("{CONNECTION}{paid}{}{disputes}", rows.concat()));
    newest(&mut file);
    assert_eq!(texts(&file, "SELECT id FROM charges WHERE look = 1 ORDER BY id"), ["a", "b"]);
    assert_eq!(
        texts(&file, "SELECT id FROM charges WHERE captured_minor IS NULL ORDER BY id").len(),
        4,
        "nobody said it"
    );
    assert_eq!(
        texts(&file, "SELECT charge_id || ' ' || name_key FROM charge_names ORDER BY 1"),
        ["a inv-7", "b zoe 8", "d 7"]
    );
    assert_eq!(
        texts(&file, "SELECT id || ' ' || outcome FROM disputes ORDER BY id"),
        [
            "lost lost",
            "needs_response open",
            "prevented won",
            "under_review open",
            "warning_closed won",
            "warning_needs_response inquiry",
            "won won"
        ]
    );
}

#[test]
fn words_of_ours_leave_the_vendors_mouth_and_where_orders_go_out_parcels_do_too() {
    let mut file = file_of(13);
    let problem = |id: &str, text: &str| {
        format!(
            "INSERT INTO problems (id, connection_id, kind, title, code, message, advice, vendor_text, action, since)
             VALUES ('{id}', 'c', 'order', '', '', '', '', '{text}', 'retry', '2026-11-20T09:00:00.000Z');"
        )
    };
    let problems = [
        problem("ours", "not_sendable: ShipStation needs a street: line 1"),
        problem("locked", "locked: It has been shipped"),
        problem("theirs", "6240: The name is taken: another customer has it"),
        problem("alike", "notXsent: theirs"),
        problem("none", ""),
    ];
    let kind = |connection: &str, kind: &str, sends: u8, receives: u8| {
        format!("INSERT INTO connection_kinds VALUES ('{connection}', '{kind}', {sends}, {receives});")
    };
    let kinds = [
        kind("c", "order", 1, 1),
        kind("c", "shipment", 0, 1),
        kind("d", "order", 0, 1),
        kind("d", "shipment", 0, 1),
        kind("e", "order", 1, 1),
        kind("e", "shipment", 0, 0),
    ];
    let others: String = ["d", "e"]
        .iter()
        .map(|id| CONNECTION.replace("'c'", &format!("'{id}'")).replace("'a'", &format!("'{id}'")))
        .collect();
    let queued =
        "INSERT INTO outbox (id, connection_id, kind, local_id, operation, state, attempts, created_at, updated_at)
        VALUES ('o', 'c', 'order', 'x', 'create', 'retrying', 3, '', '');";
    fill(&file, &format!("{CONNECTION}{others}{}{}{queued}", problems.concat(), kinds.concat()));
    newest(&mut file);
    assert_eq!(
        texts(&file, "SELECT id || '|' || vendor_text || '|' || detail FROM problems ORDER BY id"),
        [
            "alike|notXsent: theirs|",
            "locked||It has been shipped",
            "none||",
            "ours||ShipStation needs a street: line 1",
            "theirs|6240: The name is taken: another customer has it|"
        ]
    );
    let sends =
        "SELECT connection_id || ' ' || sends FROM connection_kinds WHERE kind = 'shipment' ORDER BY connection_id";
    assert_eq!(texts(&file, sends), ["c 1", "d 0", "e 0"]);
    assert_eq!(texts(&file, "SELECT attempts || ' ' || tried_before FROM outbox"), ["3 0"]);
}

fn agreed(deposit: &Value) -> String {
    let side = json!({ "currency": "USD", "note": "a", "total": { "minor": 46_700, "currency": "USD" } });
    let mut remote = side.clone();
    remote["deposit"] = deposit.clone();
    json!({ "remote": remote, "local": side, "seen_at": "2026-11-20T09:00:00Z" }).to_string()
}

#[test]
fn a_deposit_that_was_only_compared_before_is_taken_over_with_the_next_sync_and_no_other_invoice_has_changed() {
    let mut file = file_of(16);
    let link = |remote: &str, kind: &str, snapshot: &str| {
        let local = InvoiceId::new();
        format!(
            "INSERT INTO links (connection_id, kind, remote_id, local_id, version, snapshot, agreed_at)
             VALUES ('c', '{kind}', '{remote}', '{local}', '4', '{snapshot}', '');"
        )
    };
    let rows = [
        link("with", "invoice", &agreed(&json!({ "minor": 5_000, "currency": "USD" }))),
        link("none", "invoice", &agreed(&json!({ "minor": 0, "currency": "USD" }))),
        link("untold", "invoice", &agreed(&Value::Null)),
        link("other", "payment", &agreed(&json!({ "minor": 5_000, "currency": "USD" }))),
        format!(
            "INSERT INTO outbox (id, connection_id, kind, local_id, operation, state, payload, created_at, updated_at)
             VALUES ('{}', 'c', 'invoice', 'x', 'update', 'retrying',
                 '{{\"operation\":\"update\",\"fields\":{{\"currency\":\"USD\"}},\"base\":{{\"currency\":\"USD\"}}}}', '', '');",
            OutboxId::new()
        ),
    ];
    fill(&file, &format!("{CONNECTION}{}", rows.concat()));
    newest(&mut file);
    let waiting = texts(
        &file,
        "SELECT remote_id || ' ' || version || ' ' || json_extract(record, '$.deposit.minor') FROM parked",
    );
    assert_eq!(waiting, ["with 4 5000"]);
    let zero = r#"{"minor":0,"currency":"USD"}"#;
    for side in ["remote", "local"] {
        let sql = format!(
            "SELECT remote_id || ' ' || coalesce(json_extract(snapshot, '$.{side}.deposit'), '-') FROM links ORDER BY 1"
        );
        let others = if side == "remote" { r#"other {"currency":"USD","minor":5000}"# } else { "other -" };
        let sorted = |mut texts: Vec<String>| {
            texts.sort_unstable();
            texts
        };
        let expected = [format!("none {zero}"), others.to_owned(), format!("untold {zero}"), format!("with {zero}")];
        assert_eq!(sorted(texts(&file, &sql)), sorted(expected.to_vec()));
    }
    let frozen = texts(
        &file,
        "SELECT json_extract(payload, '$.fields.deposit') || json_extract(payload, '$.base.deposit') FROM outbox",
    );
    assert_eq!(frozen, [format!("{zero}{zero}")]);
}
