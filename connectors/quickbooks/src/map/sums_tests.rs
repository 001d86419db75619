//! Pieces, tax, deposits and what a payment pays: an update changes what was edited and leaves the other numbers to the letter.

use super::*;
use crate::testing::{context, json, methods, us};
use backroom_money::Currency;
use connector_contract::ConnectorError;
use connector_contract::record::{Invoice, Payment};
use serde_json::json as j;

const GRATUITY: &str = include_str!("../../fixtures/invoice_gratuity.json");
const PAYMENT: &str = include_str!("../../fixtures/payment.json");

fn usd(minor: i64) -> Money {
    Money::from_minor(minor, Currency::USD)
}

fn object(value: &Value) -> Object {
    value.as_object().cloned().unwrap()
}

fn invoice(value: &Value) -> Invoice {
    let read = record(Entity::Invoice, value.clone(), context(&us(), &[]));
    let Ok(Record::Invoice(invoice)) = read else { panic!("{read:?}") };
    invoice
}

fn payment(value: &Value) -> Payment {
    let read = record(Entity::Payment, value.clone(), context(&us(), &methods()));
    let Ok(Record::Payment(payment)) = read else { panic!("{read:?}") };
    payment
}

fn sent(stored: Option<&Value>, ours: Option<&Invoice>, wanted: &Invoice) -> Result<Value, ConnectorError> {
    let stored = stored.map(object);
    let change = InvoiceChange { wanted, stored: stored.as_ref(), base: ours, company: &us(), stand_in: Some("1") };
    Ok(Value::Object(invoice_body(&change)?.into_object()))
}

fn patch(stored: &Value, edit: impl Fn(&mut Invoice)) -> Value {
    let ours = invoice(stored);
    let mut wanted = ours.clone();
    edit(&mut wanted);
    sent(Some(stored), Some(&ours), &wanted).unwrap()
}

/// A first line of so many pieces, and an invoice of the sum.
fn with_pieces(qty: &str, price: &str, amount: &str, total: &str) -> Value {
    let mut stored = json(GRATUITY);
    let detail = &mut stored["Line"][0]["SalesItemLineDetail"];
    (detail["Qty"], detail["UnitPrice"]) = (json(qty), json(price));
    (stored["Line"][0]["Amount"], stored["TotalAmt"]) = (json(amount), json(total));
    stored
}

#[test]
fn pieces_finer_than_ours_stay_when_the_price_of_their_line_is_edited() {
    for (qty, price, amount, total) in [
        ("1.3333333", "75", "100.00", "125.00"),
        ("0.33333", "300", "100.00", "125.00"),
        ("1234.56789", "0.081", "100.00", "125.00"),
    ] {
        let stored = with_pieces(qty, price, amount, total);
        let body = patch(&stored, |i| {
            let line = &mut i.lines[0];
            line.unit_price = UnitPrice::parse("150.55", Currency::USD).unwrap();
            let amount = line.unit_price.times(line.quantity, Rounding::HalfUp).unwrap();
            i.total = i.total.checked_add(amount).unwrap().checked_sub(line.amount).unwrap();
            line.amount = amount;
        });
        let line = &body["Line"][0];
        assert_eq!(line["SalesItemLineDetail"]["Qty"].to_string(), qty);
        // And the amount is what pieces and price come to, or QuickBooks refuses the line.
        let number = |value: &Value| value.to_string().parse::<rust_decimal::Decimal>().unwrap();
        let says = number(&line["SalesItemLineDetail"]["Qty"]) * number(&line["SalesItemLineDetail"]["UnitPrice"]);
        let says = says.round_dp_with_strategy(2, rust_decimal::RoundingStrategy::MidpointAwayFromZero);
        assert_eq!(says, number(&line["Amount"]), "{qty}");
    }
}

#[test]
fn a_new_line_leaves_the_tax_and_all_that_belongs_to_it_as_quickbooks_has_it() {
    let mut stored = json(GRATUITY);
    stored["TxnTaxDetail"] = j!({ "TxnTaxCodeRef": { "value": "8" }, "TotalTax": json("0.00"), "UseAutomatedSalesTax": true,
        "X": [1], "TaxLine": [{ "Amount": 0, "DetailType": "TaxLineDetail" }] });
    let body = patch(&stored, |i| {
        let mut line = i.lines[0].clone();
        line.remote_line = None;
        i.total = i.total.checked_add(line.amount).unwrap();
        i.lines.push(line);
    });
    let mut expected = stored["TxnTaxDetail"].clone();
    expected.as_object_mut().unwrap().remove("TaxLine");
    assert_eq!(body["TxnTaxDetail"].to_string(), expected.to_string());
    let body = patch(&stored, |i| {
        (i.tax, i.total) = (usd(101), i.total.checked_add(usd(101)).unwrap());
    });
    expected["TotalTax"] = json("1.01");
    assert_eq!(body, j!({ "TxnTaxDetail": expected }));
}

#[test]
fn tax_that_quickbooks_reckons_otherwise_stays_its_own_while_nobody_edits_the_tax() {
    let mut stored = json(GRATUITY);
    stored["TxnTaxDetail"] = j!({ "TotalTax": json("1.01") });
    stored["TotalAmt"] = json("126.01");
    let mut ours = invoice(&stored);
    // Ours comes to a cent less, which was reported to the owner.
    (ours.tax, ours.total) = (usd(100), usd(12_600));
    let mut wanted = ours.clone();
    let mut line = wanted.lines[0].clone();
    line.remote_line = None;
    wanted.total = wanted.total.checked_add(line.amount).unwrap();
    wanted.lines.push(line);
    let body = sent(Some(&stored), Some(&ours), &wanted).unwrap();
    assert_eq!(body["TxnTaxDetail"]["TotalTax"].to_string(), "1.01");
}

#[test]
fn a_deposit_is_read_and_only_a_new_invoice_is_sent_with_one() {
    let mut stored = json(GRATUITY);
    assert_eq!(invoice(&stored).deposit, Some(usd(0)), "none is none, not unknown");
    for (number, minor) in [("25", 2_500), ("25.50", 2_550), ("0", 0), ("0.00", 0), ("\"12.5\"", 1_250)] {
        stored["Deposit"] = json(number);
        assert_eq!(invoice(&stored).deposit, Some(usd(minor)), "{number}");
    }
    stored["Deposit"] = json("25.50");
    let edits: [fn(&mut Invoice); 5] = [
        |i| i.note = Some("Called".into()),
        |i| i.lines[0].description = "Install, second floor".into(),
        |i| (i.discount, i.total) = (usd(100), i.total.checked_sub(usd(100)).unwrap()),
        |i| i.deposit = Some(usd(9_900)),
        |i| i.deposit = None,
    ];
    for edit in edits {
        assert_eq!(patch(&stored, edit).get("Deposit"), None);
    }
    let wanted = Invoice { number: None, tax: usd(0), ..invoice(&stored) };
    let body = sent(None, None, &Invoice { deposit: Some(usd(2_550)), ..wanted.clone() }).unwrap();
    assert_eq!(body["Deposit"].to_string(), "25.50");
    for none in [None, Some(usd(0))] {
        assert_eq!(sent(None, None, &Invoice { deposit: none, ..wanted.clone() }).unwrap().get("Deposit"), None);
    }
}

#[test]
fn a_deposit_that_is_no_amount_makes_that_invoice_unreadable_and_no_other() {
    for odd in [j!({}), j!([1]), j!("soon"), json("1e400"), json("92233720368547758.08")] {
        let mut stored = json(GRATUITY);
        stored["Deposit"] = odd.clone();
        let found = pulled(Entity::Invoice, stored, context(&us(), &[])).unwrap();
        let Content::Unreadable { reason, .. } = found.content else { panic!("{odd}") };
        assert!(reason.contains("Deposit"), "{reason}");
    }
}

/// A payment of these lines, whole and applied.
fn paid_by(lines: &Value, total: &str, unapplied: &str) -> Value {
    let mut stored = json(PAYMENT);
    (stored["TotalAmt"], stored["UnappliedAmt"], stored["Line"]) = (json(total), json(unapplied), lines.clone());
    stored
}

fn part(id: &str, invoice: &str, amount: &str) -> Value {
    j!({ "Amount": json(amount), "LinkedTxn": [{ "TxnId": invoice, "TxnType": "Invoice" }], "LineEx": { "any": [id] } })
}

fn payment_patch(stored: &Value, edit: impl Fn(&mut Payment)) -> Value {
    let (ours, raw) = (payment(stored), object(stored));
    let mut wanted = ours.clone();
    edit(&mut wanted);
    let known = Known { stored: &raw, record: &ours, base: Some(&ours) };
    Value::Object(payment_body(&wanted, Some(known), "id", &methods(), &us()).unwrap().into_object())
}

#[test]
fn several_lines_of_one_invoice_are_one_part_and_stay_lines_of_their_own() {
    let lines = j!([part("a", "12", "30.00"), part("b", "13", "20.0"), part("c", "12", "10")]);
    let stored = paid_by(&lines, "100", "40");
    let read = payment(&stored);
    let parts: Vec<(&str, i64)> =
        read.applied.iter().map(|part| (part.invoice.0.as_str(), part.amount.minor())).collect();
    assert_eq!(parts, [("12", 4_000), ("13", 2_000)]);
    assert_eq!(payment_patch(&stored, |p| p.note = Some("Called".into())).get("Line"), None);
    let body = payment_patch(&stored, |p| p.applied[1].amount = usd(2_500));
    let mut expected = lines.clone();
    expected[1]["Amount"] = json("25.00");
    assert_eq!(body["Line"].to_string(), expected.to_string(), "the lines of the other invoice are as they came");
    let body = payment_patch(&stored, |p| p.applied[0].amount = usd(3_500));
    let mut expected = lines.clone();
    expected[0]["Amount"] = json("25.00");
    assert_eq!(body["Line"].to_string(), expected.to_string(), "the first takes the change");
    // Less than the others pay alone.
    let body = payment_patch(&stored, |p| p.applied[0].amount = usd(500));
    assert_eq!((body["Line"].as_array().unwrap().len(), body["Line"][0]["Amount"].to_string()), (2, "5.00".into()));
    let body = payment_patch(&stored, |p| drop(p.applied.remove(0)));
    assert_eq!(body["Line"], j!([lines[1]]));
}

#[test]
fn a_day_that_no_calendar_here_can_hold_makes_that_record_unreadable_and_names_the_field() {
    for odd in ["0000-01-01", "0000-00-00", "9999-12-31", "+99999-1-1", "-999-01-01", "2026-02-30", "soon", "20261130"]
    {
        let (mut invoice, mut payment) = (json(GRATUITY), json(PAYMENT));
        for (entity, stored, field) in [
            (Entity::Invoice, &mut invoice, "TxnDate"),
            (Entity::Invoice, &mut json(GRATUITY), "DueDate"),
            (Entity::Payment, &mut payment, "TxnDate"),
        ] {
            stored[field] = odd.into();
            let found = pulled(entity, stored.clone(), context(&us(), &methods())).unwrap();
            let Content::Unreadable { reason, .. } = found.content else { panic!("{field} {odd}") };
            assert!(reason.contains(field), "{reason}");
        }
    }
    for kept in ["0001-01-01", "9998-12-31", "2026-11-30-08:00"] {
        let mut stored = json(GRATUITY);
        (stored["TxnDate"], stored["DueDate"]) = (kept.into(), kept.into());
        assert_eq!(invoice(&stored).issued_on.to_string(), kept[..10]);
    }
}

#[test]
fn a_time_of_an_answer_that_no_clock_shows_is_none() {
    for odd in [
        j!(i64::MIN),
        j!(i64::MAX),
        j!(-8_334_601_228_800_000_i64),
        j!(253_402_300_800_000_i64),
        j!(0),
        json("1e400"),
        j!("0001-01-01T00:00:00Z"),
        j!("9999-12-31T23:59:59Z"),
        j!("-262143-01-01T00:00:00"),
        j!("+262142-12-31T23:59:59"),
        j!(""),
        j!(null),
        j!({}),
    ] {
        assert_eq!(wire::answer_time(&object(&j!({ "time": odd }))), None, "{odd}");
    }
    for good in [j!("2026-11-30T08:00:00-08:00"), j!(1_796_054_400_000_i64)] {
        assert!(wire::answer_time(&object(&j!({ "time": good }))).is_some(), "{good}");
    }
}

#[test]
fn amounts_that_do_not_fit_make_their_record_unreadable() {
    let most = "92233720368547758.07";
    for odd in [most, "-92233720368547758.08", "92233720368547758.08", "1e30"] {
        let mut stored = json(GRATUITY);
        for at in 0..2 {
            stored["Line"][at]["Amount"] = json(odd);
        }
        let found = pulled(Entity::Invoice, stored.clone(), context(&us(), &[])).unwrap();
        // Read, or reported; the sum of its lines never wraps.
        if let Content::Present(record) = found.content {
            let Record::Invoice(read) = *record else { panic!() };
            assert!(Money::sum(Currency::USD, read.lines.iter().map(|line| line.amount)).is_err(), "{odd}");
        }
        let mut paid = json(PAYMENT);
        paid["Line"] = j!([part("a", "12", odd), part("b", "12", odd)]);
        (paid["TotalAmt"], paid["UnappliedAmt"]) = (json(odd), j!(0));
        let found = pulled(Entity::Payment, paid, context(&us(), &methods())).unwrap();
        assert!(matches!(found.content, Content::Unreadable { .. }), "{odd}");
    }
}
