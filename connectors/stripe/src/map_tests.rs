//! Every odd object that Stripe's documentation or its integrators tell of, as a fixture.

use super::*;

fn fixture(text: &str) -> Value {
    serde_json::from_str(text).unwrap()
}

fn present(kind: RecordKind, object: &Value) -> Record {
    match pulled(kind, object, None).content {
        Content::Present(record) => *record,
        other => panic!("{other:?}"),
    }
}

fn reason(kind: RecordKind, object: &Value) -> String {
    match pulled(kind, object, None).content {
        Content::Unreadable { reason, .. } => reason,
        other => panic!("{other:?}"),
    }
}

fn charge_of(text: &str) -> Charge {
    match present(RecordKind::Charge, &fixture(text)) {
        Record::Charge(charge) => charge,
        other => panic!("{other:?}"),
    }
}

fn entry_of(pulled: Pulled) -> BalanceEntry {
    match pulled.content {
        Content::Present(record) => match *record {
            Record::BalanceEntry(entry) => entry,
            other => panic!("{other:?}"),
        },
        other => panic!("{other:?}"),
    }
}

#[test]
fn a_charge_keeps_the_shops_metadata_and_what_is_booked() {
    let charge = charge_of(include_str!("../fixtures/charge.json"));
    assert_eq!(charge.amount, Money::from_minor(2900, Currency::USD), "not what the buyer saw in euros");
    assert_eq!(charge.refunded, Money::from_minor(500, Currency::USD));
    assert_eq!(charge.status, ChargeStatus::Succeeded);
    assert_eq!(charge.customer_name.as_deref(), Some("Ada Pine"));
    assert_eq!(
        charge.customer_email.as_deref(),
        Some("ada@example.test"),
        "an empty e-mail gives way to the receipt's"
    );
    assert_eq!(charge.metadata.get("order").map(String::as_str), Some("1042"));
    assert_eq!(charge.balance_entry, Some(RemoteId("txn_3QaCard".into())));
}

#[test]
fn a_charge_of_an_older_version_is_read_with_its_expanded_balance_transaction() {
    let charge = charge_of(include_str!("../fixtures/charge_2022.json"));
    assert_eq!(charge.balance_entry, Some(RemoteId("txn_2OldShape".into())));
    assert!(charge.metadata.is_empty(), "metadata may be null");
    assert_eq!(charge.status, ChargeStatus::Succeeded);
}

#[test]
fn a_charge_that_is_only_reserved_is_pending_and_its_fee_unknown() {
    let charge = charge_of(include_str!("../fixtures/charge_not_captured.json"));
    assert_eq!(charge.status, ChargeStatus::Pending);
    assert_eq!(charge.balance_entry, None);
}

#[test]
fn a_released_reservation_never_counts_as_money() {
    let mut object = fixture(include_str!("../fixtures/charge_not_captured.json"));
    object["refunded"] = true.into();
    object["amount_refunded"] = 8900.into();
    let Record::Charge(charge) = present(RecordKind::Charge, &object) else { panic!("not a charge") };
    assert_eq!(charge.status, ChargeStatus::Failed);
    assert!(charge.failure.unwrap().contains("released"));
}

#[test]
fn a_declined_charge_says_why() {
    let charge = charge_of(include_str!("../fixtures/charge_failed.json"));
    assert_eq!(charge.status, ChargeStatus::Failed);
    assert_eq!(charge.failure.as_deref(), Some("Your card has insufficient funds."));
}

#[test]
fn a_status_nobody_knows_yet_does_not_stop_a_charge() {
    let mut object = fixture(include_str!("../fixtures/charge.json"));
    object["status"] = "settled_by_pigeon".into();
    let Record::Charge(charge) = present(RecordKind::Charge, &object) else { panic!("not a charge") };
    assert_eq!(charge.status, ChargeStatus::Succeeded, "paid is true");
}

#[test]
fn a_refund_that_failed_says_why() {
    let Record::Refund(refund) = present(RecordKind::Refund, &fixture(include_str!("../fixtures/refund_failed.json")))
    else {
        panic!("not a refund")
    };
    assert_eq!(refund.status, "failed");
    assert_eq!(refund.reason.as_deref(), Some("lost_or_stolen_card"));
    assert_eq!(refund.charge, Some(RemoteId("ch_3QaCard".into())));
}

#[test]
fn a_dispute_status_of_the_newest_version_is_kept_as_it_is() {
    let Record::Dispute(dispute) =
        present(RecordKind::Dispute, &fixture(include_str!("../fixtures/dispute_appeal.json")))
    else {
        panic!("not a dispute")
    };
    assert_eq!(dispute.status, "appeal_needs_response");
    assert_eq!(dispute.respond_by.unwrap().timestamp(), 1_794_700_799);
}

#[test]
fn a_payout_arrives_on_its_day_and_its_rows_add_up() {
    let object = fixture(include_str!("../fixtures/payout.json"));
    let Record::Payout(payout) = present(RecordKind::Payout, &object) else { panic!("not a payout") };
    assert_eq!(payout.arrives_on.to_string(), "2026-11-09");
    assert!(has_members(&object));

    let rows = fixture(include_str!("../fixtures/payout_members.json"));
    let entries: Vec<BalanceEntry> =
        rows["data"].as_array().unwrap().iter().map(|row| entry_of(payout_member(row, "po_1Daily"))).collect();
    let members = entries.iter().filter(|entry| entry.payout == Some(RemoteId("po_1Daily".into())));
    assert_eq!(Money::sum(Currency::USD, members.map(|entry| entry.net)).unwrap(), payout.amount);
    assert_eq!(entries[0].payout, None, "the payout's own row is not a part of it");
    assert_eq!(entries[3].source, Some(RemoteId("ch_3QaCard".into())), "an expanded source is read as its id");
}

#[test]
fn only_reconciled_automatic_payouts_have_members() {
    let mut object = fixture(include_str!("../fixtures/payout.json"));
    object["reconciliation_status"] = "in_progress".into();
    assert!(!has_members(&object));
    object["reconciliation_status"] = Value::Null;
    assert!(has_members(&object), "older shapes do not say; paid is enough");
    object["automatic"] = false.into();
    assert!(!has_members(&object));
}

#[test]
fn a_row_without_a_reporting_category_goes_by_its_type() {
    let rows = fixture(include_str!("../fixtures/payout_members.json"));
    let mut row = rows["data"][1].clone();
    row.as_object_mut().unwrap().remove("reporting_category");
    assert_eq!(entry_of(pulled(RecordKind::BalanceEntry, &row, None)).category, "stripe_fee");
}

#[test]
fn a_row_that_contradicts_itself_is_unreadable() {
    let rows = fixture(include_str!("../fixtures/payout_members.json"));
    let mut row = rows["data"][3].clone();
    row["net"] = 2605.into();
    assert_eq!(reason(RecordKind::BalanceEntry, &row), "net is not amount less fee");
}

#[test]
fn every_currency_unit_becomes_exact_money_or_a_plain_reason() {
    for case in fixture(include_str!("../fixtures/currencies.json")).as_array().unwrap() {
        let mut object = fixture(include_str!("../fixtures/refund_failed.json"));
        object["amount"] = case["amount"].clone();
        object["currency"] = case["currency"].clone();
        let read = match pulled(RecordKind::Refund, &object, None).content {
            Content::Present(record) => match *record {
                Record::Refund(refund) => Some(refund.amount.to_decimal_string()),
                other => panic!("{other:?}"),
            },
            _ => None,
        };
        assert_eq!(read.as_deref(), case["written"].as_str(), "{case}");
    }
}

#[test]
fn what_cannot_be_read_is_explained_without_quoting_the_customer() {
    let mut object = fixture(include_str!("../fixtures/charge.json"));
    object["created"] = "Ada Pine".into();
    let reason = reason(RecordKind::Charge, &object);
    assert!(!reason.contains("Ada"), "{reason}");
    object.as_object_mut().unwrap().remove("created");
    let missing = pulled(RecordKind::Charge, &object, None);
    assert_eq!(missing.remote_id, RemoteId("ch_3QaCard".into()));
    assert!(matches!(missing.content, Content::Unreadable { reason, .. } if reason.contains("created")));
}

fn charge_with(changes: &str) -> Charge {
    let mut object = fixture(include_str!("../fixtures/charge.json"));
    for (name, value) in fixture(changes).as_object().unwrap() {
        object[name] = value.clone();
    }
    let Record::Charge(charge) = present(RecordKind::Charge, &object) else { panic!("not a charge") };
    charge
}

#[test]
fn a_capture_of_less_is_no_refund() {
    let usd = |minor| Money::from_minor(minor, Currency::USD);
    for (changes, captured, refunded) in [
        (r#"{"amount": 46700, "amount_captured": 45700, "amount_refunded": 1000}"#, 45700, 0),
        (r#"{"amount": 46700, "amount_captured": 45700, "amount_refunded": 6000}"#, 45700, 5000),
        (r#"{"amount": 46700, "amount_captured": 45700, "amount_refunded": 46700}"#, 45700, 45700),
        (r#"{"amount": 46700, "amount_captured": 45700, "amount_refunded": 0}"#, 45700, 0),
        (r#"{"amount": 46700, "amount_captured": 46700, "amount_refunded": 1000}"#, 46700, 1000),
        (r#"{"amount": 46700, "amount_captured": 0, "captured": false, "amount_refunded": 0}"#, 0, 0),
    ] {
        let charge = charge_with(changes);
        assert_eq!((charge.captured, charge.refunded), (Some(usd(captured)), usd(refunded)), "{changes}");
    }
    let old = charge_with(r#"{"amount": 46700, "amount_captured": null, "amount_refunded": 1000}"#);
    assert_eq!((old.captured, old.refunded), (None, usd(1000)), "an old shape does not say");
}

#[test]
fn captured_amounts_are_in_the_units_of_their_currency() {
    for (changes, code, captured) in [
        (r#"{"amount": 500, "amount_captured": 500, "amount_refunded": 0, "currency": "jpy"}"#, "JPY", 500),
        (r#"{"amount": 500, "amount_captured": 500, "amount_refunded": 0, "currency": "isk"}"#, "ISK", 5),
        (r#"{"amount": 5120, "amount_captured": 5000, "amount_refunded": 120, "currency": "kwd"}"#, "KWD", 5000),
    ] {
        let charge = charge_with(changes);
        let currency: Currency = code.parse().unwrap();
        assert_eq!(charge.captured, Some(Money::from_minor(captured, currency)), "{changes}");
        assert!(charge.refunded.is_zero(), "{changes}");
    }
}

#[test]
fn a_charge_of_less_than_nothing_is_unreadable() {
    for field in ["amount", "amount_captured", "amount_refunded"] {
        let mut object = fixture(include_str!("../fixtures/charge.json"));
        object[field] = (-5).into();
        assert_eq!(reason(RecordKind::Charge, &object), format!("{field} is less than nothing"));
    }
}

#[test]
fn a_disputes_status_says_what_it_means_for_the_money() {
    use DisputeOutcome::{Inquiry, Lost, Open, Won};
    for (status, outcome) in [
        ("warning_needs_response", Inquiry),
        ("warning_under_review", Inquiry),
        ("warning_closed", Won),
        ("needs_response", Open),
        ("under_review", Open),
        ("appeal_under_review", Open),
        ("a_word_of_next_year", Open),
        ("won", Won),
        ("prevented", Won),
        ("lost", Lost),
    ] {
        let dispute = Value::from_iter([
            ("id", Value::from("dp_1")),
            ("amount", 100.into()),
            ("currency", "usd".into()),
            ("created", 1_795_186_800.into()),
            ("charge", "ch_1".into()),
            ("status", status.into()),
        ]);
        let Record::Dispute(dispute) = present(RecordKind::Dispute, &dispute) else { panic!("not a dispute") };
        assert_eq!(dispute.outcome, outcome, "{status}");
    }
}

#[test]
fn a_time_that_cannot_be_kept_makes_its_record_unreadable_and_names_the_field() {
    // Around the years 1 and 9999, and the ends of numbers.
    for odd in
        [i64::MIN, i64::MAX, -62_135_596_801, -62_135_596_800, 253_402_300_800, 253_370_764_800, 8_210_266_876_799]
    {
        for (kind, text, fields) in [
            (RecordKind::Charge, include_str!("../fixtures/charge.json"), &["created"][..]),
            (RecordKind::Payout, include_str!("../fixtures/payout.json"), &["created", "arrival_date"]),
        ] {
            for field in fields {
                let mut object = fixture(text);
                object[*field] = odd.into();
                assert!(reason(kind, &object).contains(field), "{field} {odd}");
            }
        }
    }
}

#[test]
fn amounts_at_the_ends_of_numbers_neither_panic_nor_wrap() {
    let mut charge = fixture(include_str!("../fixtures/charge.json"));
    for amount in [i64::MAX, i64::MIN, i64::MAX - 1] {
        for (captured, refunded) in [(i64::MAX, i64::MAX), (0, i64::MAX), (i64::MIN, i64::MIN), (0, 0)] {
            charge["amount"] = amount.into();
            (charge["amount_captured"], charge["amount_refunded"]) = (captured.into(), refunded.into());
            for currency in ["usd", "jpy", "ugx", "mga", "kwd"] {
                charge["currency"] = currency.into();
                if let Content::Present(record) = pulled(RecordKind::Charge, &charge, None).content {
                    let Record::Charge(read) = *record else { panic!() };
                    assert!(read.amount.minor() > 0 && read.refunded.minor() >= 0, "{charge}");
                }
            }
        }
    }
}
