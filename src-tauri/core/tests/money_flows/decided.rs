//! What was decided with past settings stays: rates, currencies, numbers, sums.

use crate::{account, invoice, payment, proven, tax_code, usd};
use backroom_core::Error;
use backroom_core::company::TaxCodeDraft;
use backroom_core::ids::TaxCodeId;
use backroom_core::invoices::{InvoiceDraft, InvoiceLineDraft, InvoiceSource, InvoiceStatus};
use backroom_core::orders::{OrderAction, OrderDraft};
use backroom_core::stock::{StockChange, StockDraft};
use backroom_core::testing::{TestCore, draft_invoice, field_errors, invoice_line, order, order_line, wrong_fields};

fn taxed(amount: &str, code: TaxCodeId) -> InvoiceLineDraft {
    InvoiceLineDraft { tax_code_id: Some(code), ..invoice_line("Pens", "1", amount) }
}

fn set_rate(test: &TestCore, id: TaxCodeId, name: &str, percent: &str, archived: bool) {
    let draft = TaxCodeDraft { id, name: name.into(), percent: percent.into(), archived };
    test.save_tax_code(draft).unwrap();
}

#[test]
fn a_paid_invoice_keeps_its_rate_when_the_code_changes_or_goes() {
    for (percent, archived) in [("9", false), ("0", false), ("8.25", true), ("12", true)] {
        for forgets_codes in [false, true] {
            let test = TestCore::new();
            let code = tax_code(&test, "Sales tax", "8.25").id;
            let customer = test.customer("Ada").draft.id;
            let saved = test.save_invoice(draft_invoice(customer, vec![taxed("100", code)])).unwrap();
            test.record_payment(payment(customer, "108.25", &[(saved.draft.id, "108.25")])).unwrap();
            if forgets_codes {
                // As earlier versions stored it.
                let sql = "UPDATE invoice_taxes SET tax_code_id = NULL";
                test.store().write(|tx| Ok(tx.execute(sql, [])?)).unwrap();
            }
            set_rate(&test, code, "State tax", percent, archived);
            let loaded = test.get_invoice(saved.draft.id).unwrap().draft;
            let noted = test.save_invoice(InvoiceDraft { note: "called".into(), ..loaded }).unwrap();
            assert_eq!((usd(&noted.totals.total), noted.status), (10_825, InvoiceStatus::Paid), "{percent}");
            let mut more = noted.draft;
            more.lines.push(taxed("100", code));
            let more = test.save_invoice(more).unwrap();
            assert_eq!((usd(&more.totals.total), more.totals.taxes[0].percent.as_str()), (21_650, "8.25"), "{percent}");
            proven(&test);
        }
    }
}

#[test]
fn bringing_a_state_back_brings_its_rate_and_a_duplicate_takes_the_one_of_today() {
    let test = TestCore::new();
    let code = tax_code(&test, "Sales tax", "8.25").id;
    let customer = test.customer("Ada").draft.id;
    let saved = test.save_invoice(draft_invoice(customer, vec![taxed("100", code)])).unwrap();
    let id = saved.draft.id;
    let first = saved.history[0].id;
    set_rate(&test, code, "Sales tax", "9", false);
    let mut untaxed = saved.draft;
    untaxed.lines = vec![invoice_line("Work", "1", "50")];
    let untaxed = test.save_invoice(untaxed).unwrap();
    assert_eq!(usd(&untaxed.totals.total), 5000);
    test.restore_record_version("invoice".into(), id.to_string(), first, untaxed.draft.version.unwrap()).unwrap();
    let back = test.get_invoice(id).unwrap();
    assert_eq!((usd(&back.totals.total), back.totals.taxes[0].percent.as_str()), (10_825, "8.25"));
    let copy = test.new_invoice(InvoiceSource::Copy { id }).unwrap();
    assert_eq!(usd(&test.save_invoice(copy).unwrap().totals.total), 10_900);
    proven(&test);
}

#[test]
fn a_discount_on_the_whole_is_spread_over_rates_with_negative_lines_too() {
    let test = TestCore::new();
    let (high, low) = (tax_code(&test, "High", "20").id, tax_code(&test, "Low", "5").id);
    let customer = test.customer("Ada").draft.id;
    for (discount, total) in [("10%", 7020), ("6", 7020), ("", 7800), ("100%", 0), ("50%", 3900)] {
        let lines = vec![taxed("100", high), taxed("-40", low)];
        let draft = InvoiceDraft { discount: discount.into(), ..draft_invoice(customer, lines) };
        assert_eq!(usd(&test.preview_invoice(draft).unwrap().total), total, "{discount}");
    }
    let lines = vec![taxed("100", high), taxed("-40", low)];
    let draft = InvoiceDraft { discount: "10%".into(), tax_inclusive: true, ..draft_invoice(customer, lines) };
    let preview = test.preview_invoice(draft).unwrap();
    // 90.00 contains 15.00, −36.00 contains −1.71.
    assert_eq!(preview.taxes.iter().map(|tax| usd(&tax.amount)).collect::<Vec<_>>(), [1500, -171]);
    assert_eq!(usd(&preview.total), 5400);
}

/// A customer that a vendor brought in and that is billed in yen.
fn billed_in_yen(test: &TestCore) -> backroom_core::ids::CustomerId {
    let id = test.customer("Kei").draft.id;
    let sql = "UPDATE customers SET currency = 'JPY' WHERE id = ?1";
    test.store().write(|tx| Ok(tx.execute(sql, [id])?)).unwrap();
    id
}

#[test]
fn amounts_are_never_relabeled_with_another_currency() {
    let test = TestCore::new();
    let kei = billed_in_yen(&test);
    let pen = test.item("PEN", "10");
    let draft = OrderDraft { customer_id: Some(kei), ..order(vec![order_line(&pen, "3")]) };
    let ordered = test.save_order(draft).unwrap().draft.id;
    let Err(Error::Refused(told)) = test.new_invoice(InvoiceSource::Order { id: ordered }) else { panic!("accepted") };
    assert!(told.contains("30.00 USD") && told.contains("JPY"), "{told}");
    let by_hand = InvoiceDraft { order_id: Some(ordered), ..draft_invoice(kei, vec![invoice_line("Pens", "3", "10")]) };
    assert_eq!(wrong_fields(test.save_invoice(by_hand)), ["order_id"]);
    let open = invoice(&test, test.customer("Ada").draft.id, "100");
    let moved = field_errors(test.save_invoice(InvoiceDraft { customer_id: Some(kei), ..open.draft.clone() }));
    assert_eq!((moved.len(), moved[0].field.as_str()), (1, "customer_id"));
    assert!(moved[0].reason.contains("100.00 USD") && moved[0].reason.contains("JPY"), "{}", moved[0].reason);
    // The customer of a saved invoice is billed in another currency by now: it is edited as it is.
    let sql = "UPDATE customers SET currency = 'JPY'";
    test.store().write(|tx| Ok(tx.execute(sql, [])?)).unwrap();
    let noted = test.save_invoice(InvoiceDraft { note: "called".into(), ..open.draft }).unwrap();
    assert_eq!((noted.totals.total.minor.as_str(), noted.totals.total.currency.as_str()), ("10000", "USD"));
}

#[test]
fn a_canceled_order_is_not_billed() {
    let test = TestCore::new();
    let pen = test.item("PEN", "10");
    let id = test.order(&[(&pen, "1")]).draft.id;
    let started = test.new_invoice(InvoiceSource::Order { id }).unwrap();
    test.act_on_orders(vec![id], OrderAction::Cancel).unwrap();
    let customer = Some(test.customer("Ada").draft.id);
    assert_eq!(wrong_fields(test.save_invoice(InvoiceDraft { customer_id: customer, ..started })), ["order_id"]);
    assert!(matches!(test.new_invoice(InvoiceSource::Order { id }), Err(Error::Refused(_))));
}

#[test]
fn a_payment_dated_in_the_future_has_not_been_received() {
    let test = TestCore::new();
    let customer = test.customer("Ada").draft.id;
    for (day, amount) in
        [("2026-11-20", "1"), ("2026-10-21", "2"), ("2026-10-20", "4"), ("2026-11-21", "8"), ("2062-11-20", "16")]
    {
        let mut draft = payment(customer, amount, &[]);
        draft.received_on = day.into();
        test.record_payment(draft).unwrap();
    }
    assert_eq!(usd(&test.home_summary().unwrap().received_30_days), 300);
}

#[test]
fn what_no_sum_can_hold_is_refused_by_its_field_with_the_largest_value() {
    let test = TestCore::new();
    let customer = test.customer("Ada").draft.id;
    for huge in ["50000000000000000", "9999999999999.995", "-10000000000000"] {
        let draft = draft_invoice(customer, vec![invoice_line("Pens", "1", huge)]);
        let told = field_errors(test.save_invoice(draft));
        assert_eq!(told[0].field, "lines.0.unit_price", "{huge}");
        assert!(told[0].reason.contains("9999999999999.99 USD"), "{}", told[0].reason);
    }
    assert_eq!(wrong_fields(test.record_payment(payment(customer, "50000000000000000", &[]))), ["amount"]);
    let many = draft_invoice(customer, vec![invoice_line("Pens", "1000", "9999999999999.99")]);
    assert_eq!(wrong_fields(test.save_invoice(many)), ["lines.0.unit_price"]);
    let lines = (0..3).map(|_| invoice_line("Pens", "1", "9999999999999.99")).collect();
    assert_eq!(wrong_fields(test.save_invoice(draft_invoice(customer, lines))), ["lines"]);
    let pen = test.item("PEN", "1").draft;
    let receive = StockDraft {
        id: backroom_core::ids::MovementId::new(),
        item_id: pen.id,
        change: StockChange::Receive,
        location_id: test.get_item(pen.id).unwrap().levels[0].location_id,
        to_location_id: None,
        quantity: "500000000000000".into(),
        note: String::new(),
        seen: None,
        counted_before: false,
    };
    let told = field_errors(test.change_stock(receive));
    assert_eq!(told[0].field, "quantity");
    assert!(told[0].reason.contains("99999999999.9999"), "{}", told[0].reason);
    // Nothing that got in adds up to more than can be kept, and a sum that would is refused in words.
    test.save_invoice(draft_invoice(customer, vec![invoice_line("Pens", "1", "9999999999999.99")])).unwrap();
    let near = format!("UPDATE customers SET open_minor = {}", i64::MAX - 1);
    test.store().write(|tx| Ok(tx.execute(&near, [])?)).unwrap();
    let Err(Error::Refused(told)) = test.save_invoice(draft_invoice(customer, vec![invoice_line("Pens", "1", "1")]))
    else {
        panic!("accepted")
    };
    assert!(told.contains("9223372036854775807"), "{told}");
    assert_eq!(account(&test, "receivable"), 999_999_999_999_999, "nothing of it was booked");
}
