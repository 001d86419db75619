//! Building, saving, editing and voiding invoices.

use crate::{account, connection, invoice, payment, proven, tax_code, usd};
use backroom_core::Error;
use backroom_core::ids::{CustomerId, InvoiceId, LineId, TaxCodeId, TermsId};
use backroom_core::invoices::{InvoiceDraft, InvoiceLineDraft, InvoiceSource, InvoiceStatus};
use backroom_core::orders::OrderDraft;
use backroom_core::testing::{TODAY, TestCore, draft_invoice, invoice_line, order, order_line, wrong_fields};

fn taxed(line: InvoiceLineDraft, code: TaxCodeId) -> InvoiceLineDraft {
    InvoiceLineDraft { tax_code_id: Some(code), ..line }
}

/// 2 pens at 10.00 less 10%, 3 hours at 20.00 untaxed, 5.00 off the whole, 4.50 shipping, 8.25% tax on the pens.
fn full_draft(test: &TestCore) -> InvoiceDraft {
    let customer = test.customer("Ada").draft.id;
    let code = tax_code(test, "Sales tax", "8.25").id;
    let pens = InvoiceLineDraft { discount: "10%".into(), ..taxed(invoice_line("Pens", "2", "10"), code) };
    InvoiceDraft {
        discount: "5".into(),
        shipping: "1.50 + 3".into(),
        ..draft_invoice(customer, vec![pens, invoice_line("Work", "3", "20")])
    }
}

#[test]
fn an_invoice_adds_up_and_is_booked() {
    let test = TestCore::new();
    let view = test.save_invoice(full_draft(&test)).unwrap();
    let totals = &view.totals;
    // 18.00 + 60.00; of the 5.00 off, 1.15 falls on the pens: 16.85 × 8.25% = 1.390 → 1.39.
    assert_eq!(usd(&totals.subtotal), 7800);
    assert_eq!(usd(&totals.discount), 500);
    assert_eq!(usd(&totals.taxes[0].taxable), 1685);
    assert_eq!(usd(&totals.taxes[0].amount), 139);
    assert_eq!(usd(&totals.shipping), 450);
    assert_eq!(usd(&totals.total), 7889);
    assert_eq!(usd(&view.balance), 7889);
    assert_eq!(view.status, InvoiceStatus::Open);
    for (name, minor) in
        [("receivable", 7889), ("discounts", 500), ("sales", -7800), ("tax_payable", -139), ("shipping_income", -450)]
    {
        assert_eq!(account(&test, name), minor, "{name}");
    }
    proven(&test);
}

#[test]
fn prices_may_contain_the_tax() {
    let test = TestCore::new();
    let draft = InvoiceDraft { tax_inclusive: true, ..full_draft(&test) };
    let view = test.save_invoice(draft).unwrap();
    // 16.85 contains 16.85 × 8.25 ÷ 108.25 = 1.284 → 1.28.
    assert_eq!(usd(&view.totals.taxes[0].amount), 128);
    assert_eq!(usd(&view.totals.taxes[0].taxable), 1557);
    assert_eq!(usd(&view.totals.total), 7750);
    assert_eq!(account(&test, "sales"), -(7800 - 128));
    proven(&test);
}

#[test]
fn currencies_without_cents_stay_whole() {
    let test = TestCore::in_currency("JPY");
    let customer = test.customer("Ada").draft.id;
    let code = tax_code(&test, "Tax", "10").id;
    let view = test.save_invoice(draft_invoice(customer, vec![taxed(invoice_line("Pens", "3", "333"), code)])).unwrap();
    assert_eq!((view.totals.total.minor.as_str(), view.totals.total.currency.as_str()), ("1099", "JPY"));
    // A price may be finer than the currency; what a line comes to is whole.
    let half = draft_invoice(customer, vec![invoice_line("Pens", "3", "0.5")]);
    assert_eq!(test.save_invoice(half).unwrap().totals.total.minor, "2");
    let shipped =
        InvoiceDraft { shipping: "0.5".into(), ..draft_invoice(customer, vec![invoice_line("Pens", "1", "1")]) };
    assert_eq!(wrong_fields(test.save_invoice(shipped)), ["shipping"]);
}

#[test]
fn everything_wrong_is_told_at_once() {
    let test = TestCore::new();
    let mut bad = draft_invoice(
        CustomerId::new(),
        vec![
            invoice_line("", "0", "x"),
            InvoiceLineDraft { discount: "120%".into(), ..invoice_line("Pens", "1.00001", "1.23456789") },
            InvoiceLineDraft { discount: "120%".into(), ..invoice_line("Pens", "1", "1") },
            InvoiceLineDraft {
                discount: "1.01".into(),
                tax_code_id: Some(TaxCodeId::new()),
                ..invoice_line("Pens", "1", "1")
            },
            invoice_line("Pens", "", ""),
        ],
    );
    bad.lines[4].item_id = Some(backroom_core::ids::ItemId::new());
    bad.number = "N".repeat(22);
    bad.issued_on = "2026-02-30".into();
    bad.due_on = "soon".into();
    bad.terms_id = Some(TermsId::new());
    bad.discount = "ten".into();
    bad.shipping = "-1".into();
    bad.email = "nobody".into();
    bad.message = "m".repeat(1001);
    bad.note = "n".repeat(4001);
    let mut expected = vec![
        "customer_id",
        "number",
        "issued_on",
        "terms_id",
        "due_on",
        "message",
        "note",
        "email",
        "lines.0.description",
        "lines.0.quantity",
        "lines.0.unit_price",
        "lines.1.quantity",
        "lines.1.unit_price",
        "lines.2.discount",
        "lines.3.tax_code_id",
        "lines.3.discount",
        "lines.4.item_id",
        "lines.4.quantity",
        "lines.4.unit_price",
        "discount",
        "shipping",
    ];
    let mut told = wrong_fields(test.save_invoice(bad.clone()));
    told.sort_unstable();
    expected.sort_unstable();
    assert_eq!(told, expected);
    let preview = test.preview_invoice(bad).unwrap();
    assert_eq!(preview.errors.len(), expected.len());
    assert_eq!(test.count("SELECT COUNT(*) FROM invoices"), 0);
}

#[test]
fn a_half_filled_form_is_computed_as_far_as_possible() {
    let test = TestCore::new();
    let mut draft = test.new_invoice(InvoiceSource::Blank).unwrap();
    draft.lines.push(invoice_line("Pens", "2", "1.50"));
    draft.lines.push(invoice_line("Ink", "3", ""));
    let preview = test.preview_invoice(draft).unwrap();
    assert_eq!(preview.line_amounts.iter().map(Option::is_some).collect::<Vec<_>>(), [false, true, false]);
    assert_eq!(usd(&preview.total), 300);
    assert_eq!(preview.due_on, "2026-12-20");
    let told: Vec<&str> = preview.errors.iter().map(|error| error.field.as_str()).collect();
    assert_eq!(told, ["customer_id", "lines.2.unit_price"], "the untouched line is no error");
}

#[test]
fn a_discount_or_credit_beyond_the_whole_is_refused() {
    let test = TestCore::new();
    let customer = test.customer("Ada").draft.id;
    let base = draft_invoice(customer, vec![invoice_line("Pens", "1", "10")]);
    let over = InvoiceDraft { discount: "10.01".into(), ..base.clone() };
    assert_eq!(wrong_fields(test.save_invoice(over)), ["discount"]);
    let credit =
        InvoiceDraft { lines: vec![invoice_line("Deposit", "1", "-10.01"), base.lines[0].clone()], ..base.clone() };
    assert_eq!(wrong_fields(test.save_invoice(credit)), ["lines"]);
    let nothing = InvoiceDraft { discount: "100%".into(), ..base };
    let view = test.save_invoice(nothing).unwrap();
    assert_eq!(view.status, InvoiceStatus::Paid, "nothing is owed");
    proven(&test);
}

#[test]
fn amounts_too_large_are_told_and_nothing_breaks() {
    let test = TestCore::new();
    let customer = test.customer("Ada").draft.id;
    let huge = "92233720368547758.07";
    let product = draft_invoice(customer, vec![invoice_line("Pens", "1000", huge)]);
    assert_eq!(wrong_fields(test.save_invoice(product)), ["lines.0.unit_price"]);
    let sum = draft_invoice(customer, vec![invoice_line("Pens", "1", huge), invoice_line("Pens", "1", huge)]);
    assert_eq!(wrong_fields(test.save_invoice(sum)), ["lines.0.unit_price", "lines.1.unit_price"]);
}

#[test]
fn an_invoice_has_at_most_750_lines() {
    let test = TestCore::new();
    let customer = test.customer("Ada").draft.id;
    let lines = |count| (0..count).map(|_| invoice_line("Pens", "1", "1")).collect();
    assert_eq!(wrong_fields(test.save_invoice(draft_invoice(customer, lines(751)))), ["lines"]);
    let view = test.save_invoice(draft_invoice(customer, lines(750))).unwrap();
    assert_eq!(usd(&view.totals.total), 75_000);
    assert_eq!(wrong_fields(test.save_invoice(draft_invoice(customer, Vec::new()))), ["lines"]);
}

#[test]
fn saving_twice_writes_once() {
    let test = TestCore::new();
    connection(&test, "books");
    let draft = full_draft(&test);
    let first = test.save_invoice(draft.clone()).unwrap();
    let second = test.save_invoice(draft).unwrap();
    assert_eq!(first.draft.version, second.draft.version);
    assert_eq!(test.count("SELECT COUNT(*) FROM ledger_entries"), 1);
    assert_eq!(test.count("SELECT COUNT(*) FROM outbox"), 1);
    assert_eq!(test.count("SELECT COUNT(*) FROM history WHERE kind = 'invoice'"), 1);
    let again = test.save_invoice(second.draft.clone()).unwrap();
    assert_eq!(again.draft.version, Some(1), "what a form loaded and did not change is not written");
    assert_eq!(again.totals.total, first.totals.total);
}

#[test]
fn a_stale_save_is_refused_and_changes_nothing() {
    let test = TestCore::new();
    let loaded = invoice(&test, test.customer("Ada").draft.id, "10").draft;
    test.save_invoice(InvoiceDraft { note: "first".into(), ..loaded.clone() }).unwrap();
    let stale = test.save_invoice(InvoiceDraft { note: "second".into(), ..loaded.clone() });
    assert!(matches!(stale, Err(Error::Stale("invoice"))), "{stale:?}");
    assert_eq!(test.get_invoice(loaded.id).unwrap().draft.note, "first");
    let gone = InvoiceDraft { id: InvoiceId::new(), ..loaded };
    assert!(matches!(test.save_invoice(gone), Err(Error::NotFound("invoice"))));
}

#[test]
fn editing_reverses_and_books_anew() {
    let test = TestCore::new();
    let customer = test.customer("Ada").draft.id;
    let mut draft = invoice(&test, customer, "10").draft;
    draft.lines[0].unit_price = "12".into();
    let view = test.save_invoice(draft).unwrap();
    assert_eq!(usd(&view.balance), 1200);
    assert_eq!(test.count("SELECT COUNT(*) FROM ledger_entries"), 3);
    assert_eq!(test.count("SELECT COUNT(*) FROM ledger_entries WHERE reverses IS NOT NULL"), 1);
    assert_eq!(account(&test, "receivable"), 1200);
    assert_eq!(usd(&test.get_customer(customer).unwrap().open_balance), 1200);
    let note = InvoiceDraft { note: "only a note".into(), ..view.draft };
    let view = test.save_invoice(note).unwrap();
    assert_eq!(test.count("SELECT COUNT(*) FROM ledger_entries"), 3, "a note books nothing");
    let told: Vec<&str> = view.history.iter().map(|entry| entry.action.as_str()).collect();
    assert_eq!(told, ["updated", "updated", "created"]);
    assert!(
        view.history[1]
            .fields
            .iter()
            .any(|change| change.field == "total" && change.after.as_deref() == Some("12.00 USD"))
    );
    proven(&test);
}

#[test]
fn an_edit_may_not_fall_below_what_is_paid() {
    let test = TestCore::new();
    let customer = test.customer("Ada").draft.id;
    let mut draft = invoice(&test, customer, "10").draft;
    test.record_payment(payment(customer, "4", &[(draft.id, "4")])).unwrap();
    draft.lines[0].unit_price = "3.99".into();
    assert!(matches!(test.save_invoice(draft.clone()), Err(Error::Refused(_))));
    let other = test.customer("Bob").draft.id;
    let moved = InvoiceDraft { customer_id: Some(other), ..test.get_invoice(draft.id).unwrap().draft };
    assert_eq!(wrong_fields(test.save_invoice(moved)), ["customer_id"]);
    draft.lines[0].unit_price = "4".into();
    let view = test.save_invoice(draft).unwrap();
    assert_eq!(view.status, InvoiceStatus::Paid);
    proven(&test);
}

#[test]
fn voiding_reverses_and_asks_to_be_sent() {
    let test = TestCore::new();
    connection(&test, "books");
    let customer = test.customer("Ada").draft.id;
    let (one, two) = (invoice(&test, customer, "10"), invoice(&test, customer, "20"));
    test.record_payment(payment(customer, "5", &[(two.draft.id, "5")])).unwrap();
    let refused = test.void_invoices(vec![one.draft.id, two.draft.id]);
    assert!(matches!(refused, Err(Error::Refused(_))));
    assert_eq!(test.get_invoice(one.draft.id).unwrap().status, InvoiceStatus::Open, "all or none");
    test.store().write(|tx| Ok(tx.execute("UPDATE outbox SET payload = '{}' WHERE kind = 'invoice'", [])?)).unwrap();
    test.void_invoices(vec![one.draft.id]).unwrap();
    test.void_invoices(vec![one.draft.id]).unwrap();
    let view = test.get_invoice(one.draft.id).unwrap();
    assert_eq!((view.status, view.editable, usd(&view.balance)), (InvoiceStatus::Void, false, 0));
    assert_eq!(account(&test, "receivable"), 1500);
    assert_eq!(test.count("SELECT COUNT(*) FROM outbox WHERE operation = 'retire'"), 1);
    let edit = InvoiceDraft { note: "late".into(), ..view.draft };
    assert!(matches!(test.save_invoice(edit), Err(Error::Refused(_))));
    assert!(matches!(test.void_invoices(vec![InvoiceId::new()]), Err(Error::NotFound("invoice"))));
    proven(&test);
}

#[test]
fn a_draft_counts_nowhere_until_it_is_issued() {
    let test = TestCore::new();
    connection(&test, "books");
    let customer = test.customer("Ada").draft.id;
    let draft = InvoiceDraft { as_draft: true, ..draft_invoice(customer, vec![invoice_line("Pens", "1", "10")]) };
    let view = test.save_invoice(draft).unwrap();
    assert_eq!((view.status, usd(&view.balance), view.draft.number.as_str()), (InvoiceStatus::Draft, 0, ""));
    assert_eq!(test.count("SELECT (SELECT COUNT(*) FROM outbox) + (SELECT COUNT(*) FROM ledger_entries)"), 0);
    let issued = test.save_invoice(InvoiceDraft { as_draft: false, ..view.draft }).unwrap();
    assert_eq!((issued.status, issued.draft.number.as_str()), (InvoiceStatus::Open, "INV-1001"));
    assert_eq!(issued.history[0].action, "issued");
    assert_eq!(test.count("SELECT COUNT(*) FROM outbox"), 1);
    let back = test.save_invoice(InvoiceDraft { as_draft: true, ..issued.draft });
    assert!(matches!(back, Err(Error::Refused(_))));
    let other = InvoiceDraft { as_draft: true, ..draft_invoice(customer, Vec::new()) };
    let other = test.save_invoice(other).unwrap();
    test.void_invoices(vec![other.draft.id]).unwrap();
    assert!(matches!(test.get_invoice(other.draft.id), Err(Error::NotFound(_))));
    proven(&test);
}

#[test]
fn terms_set_the_due_day_unless_one_is_typed() {
    let test = TestCore::new();
    let customer = test.customer("Ada").draft.id;
    let choices = test.choices().unwrap();
    let net_15 = choices.terms.iter().find(|terms| terms.due_days == 15).unwrap().id;
    let base =
        InvoiceDraft { terms_id: Some(net_15), ..draft_invoice(customer, vec![invoice_line("Pens", "1", "10")]) };
    let view = test.save_invoice(base.clone()).unwrap();
    assert_eq!((view.totals.due_on.as_str(), view.draft.due_on.as_str()), ("2026-12-05", ""));
    let typed = InvoiceDraft { id: InvoiceId::new(), due_on: "2026-11-30".into(), ..base.clone() };
    let typed = InvoiceDraft { lines: vec![invoice_line("Pens", "1", "10")], ..typed };
    let view = test.save_invoice(typed).unwrap();
    assert_eq!((view.totals.due_on.as_str(), view.draft.due_on.as_str()), ("2026-11-30", "2026-11-30"));
    let before = InvoiceDraft { id: InvoiceId::new(), due_on: "2026-11-19".into(), ..base };
    assert_eq!(wrong_fields(test.save_invoice(before)), ["due_on"]);
}

#[test]
fn an_invoice_becomes_overdue_the_day_after_it_is_due() {
    let test = TestCore::new();
    let view = invoice(&test, test.customer("Ada").draft.id, "10");
    assert_eq!(view.status, InvoiceStatus::Open, "due today");
    // 04:59 UTC is still the evening before in New York.
    test.clock.set("2026-11-21T04:59:00Z".parse().unwrap());
    assert_eq!(test.get_invoice(view.draft.id).unwrap().status, InvoiceStatus::Open);
    test.clock.set("2026-11-21T05:00:00Z".parse().unwrap());
    assert_eq!(test.get_invoice(view.draft.id).unwrap().status, InvoiceStatus::Overdue);
}

#[test]
fn a_new_invoice_takes_what_is_known_of_its_customer() {
    let test = TestCore::new();
    let net_60 = test.choices().unwrap().terms.iter().find(|terms| terms.due_days == 60).unwrap().id;
    let mut customer = backroom_core::testing::customer("Ada");
    customer.email = "ada@example.com".into();
    customer.billing.city = "London".into();
    customer.terms_id = Some(net_60);
    let id = test.save_customer(customer).unwrap().draft.id;
    let draft = test.new_invoice(InvoiceSource::Customer { id }).unwrap();
    assert_eq!(draft.customer_id, Some(id));
    assert_eq!((draft.number.as_str(), draft.issued_on.as_str()), ("INV-1001", TODAY));
    assert_eq!((draft.email.as_str(), draft.billing.city.as_str()), ("ada@example.com", "London"));
    assert_eq!(draft.terms_id, Some(net_60));
}

#[test]
fn an_order_is_billed_once_with_the_total_the_buyer_saw() {
    let test = TestCore::new();
    let customer = test.customer("Ada").draft.id;
    let item = test.item("PEN", "10");
    let draft = OrderDraft {
        customer_id: Some(customer),
        shipping: "4".into(),
        tax: "1.77".into(),
        ..order(vec![order_line(&item, "2")])
    };
    let order = test.save_order(draft).unwrap();
    let draft = test.new_invoice(InvoiceSource::Order { id: order.draft.id }).unwrap();
    assert_eq!(draft.lines.len(), 2, "no tax code comes to 1.77, so the tax is a line");
    let view = test.save_invoice(draft.clone()).unwrap();
    assert_eq!(view.totals.total, order.total);
    assert_eq!(test.get_order(order.draft.id).unwrap().invoice_id, Some(draft.id));
    let again = test.new_invoice(InvoiceSource::Order { id: order.draft.id }).unwrap();
    assert_eq!(wrong_fields(test.save_invoice(again)), ["order_id"]);
    test.void_invoices(vec![draft.id]).unwrap();
    assert_eq!(test.get_order(order.draft.id).unwrap().invoice_id, None);
    let again = test.new_invoice(InvoiceSource::Order { id: order.draft.id }).unwrap();
    test.save_invoice(again).unwrap();
    proven(&test);
}

#[test]
fn an_order_taxed_as_we_would_tax_it_keeps_its_tax_code() {
    let test = TestCore::new();
    let customer = test.customer("Ada").draft.id;
    let code = tax_code(&test, "Sales tax", "8.25").id;
    let mut item = backroom_core::testing::item("PEN", "10");
    item.tax_code_id = Some(code);
    let item = test.save_item(item).unwrap();
    let draft = OrderDraft { customer_id: Some(customer), tax: "1.65".into(), ..order(vec![order_line(&item, "2")]) };
    let order = test.save_order(draft).unwrap();
    let draft = test.new_invoice(InvoiceSource::Order { id: order.draft.id }).unwrap();
    assert_eq!(draft.lines.iter().map(|line| line.tax_code_id).collect::<Vec<_>>(), [Some(code)]);
    let view = test.save_invoice(draft).unwrap();
    assert_eq!(view.totals.total, order.total);
    assert_eq!(account(&test, "tax_payable"), -165);
}

#[test]
fn a_copy_bills_the_same_again_under_its_own_number() {
    let test = TestCore::new();
    let first = test.save_invoice(full_draft(&test)).unwrap();
    let copy = test.new_invoice(InvoiceSource::Copy { id: first.draft.id }).unwrap();
    assert_ne!(copy.id, first.draft.id);
    let lines: Vec<LineId> = first.draft.lines.iter().map(|line| line.id).collect();
    assert!(copy.lines.iter().all(|line| !lines.contains(&line.id)));
    let second = test.save_invoice(copy).unwrap();
    assert_eq!(second.draft.number, "INV-1002");
    assert_eq!(second.totals.total, first.totals.total);
}

#[test]
fn a_renamed_customer_is_found_under_the_new_name() {
    let test = TestCore::new();
    let mut customer = test.customer("Ada Lovelace").draft;
    let id = invoice(&test, customer.id, "10").draft.id;
    customer.display_name = "Countess of Lovelace".into();
    test.save_customer(customer).unwrap();
    let mut query = backroom_core::testing::first_page();
    query.search = "countess".into();
    let page = test.list_invoices(query).unwrap();
    assert_eq!(
        page.rows.iter().map(|row| (row.id, row.customer_name.as_str())).collect::<Vec<_>>(),
        [(id, "Countess of Lovelace")]
    );
}

/// An invoice as a sync stores it: the tax was computed by the vendor, and the price is finer than ours.
fn from_vendor(test: &TestCore) -> InvoiceId {
    let id = invoice(test, test.customer("Ada").draft.id, "10").draft.id;
    let dollars = |minor| backroom_money::Money::from_minor(minor, backroom_money::Currency::USD);
    let change = |tx: &backroom_core::store::Tx<'_>| {
        let before = backroom_core::store::invoices::get(tx, id)?.expect("the invoice");
        let mut after = before.clone();
        after.lines[0].quantity = backroom_money::Quantity::parse("3").expect("a quantity");
        after.lines[0].unit_price = dollars(333).into();
        after.lines[0].amount = dollars(1000);
        after.lines[0].taxable = true;
        after.taxes = vec![backroom_core::invoices::InvoiceTax {
            tax_code_id: None,
            name: "Sales tax".into(),
            rate: backroom_money::Rate::ZERO,
            taxable: dollars(0),
            amount: dollars(83),
        }];
        (after.tax, after.total) = (dollars(83), dollars(1083));
        backroom_core::invoices::write(tx, Some(&before), &after, "Books", "2026-11-20T16:00:00Z".parse().expect("now"))
    };
    test.store().write(change).unwrap();
    id
}

#[test]
fn what_a_vendor_computed_stays_until_its_line_is_edited() {
    let test = TestCore::new();
    let id = from_vendor(&test);
    let loaded = test.get_invoice(id).unwrap().draft;
    let noted = test.save_invoice(InvoiceDraft { note: "called her".into(), ..loaded }).unwrap();
    assert_eq!((usd(&noted.totals.subtotal), usd(&noted.totals.total)), (1000, 1083));
    let mut doubled = noted.draft;
    doubled.lines[0].quantity = "6".into();
    let doubled = test.save_invoice(doubled).unwrap();
    // 6 × 3.33 = 19.98; the tax follows: 0.83 × 19.98 ÷ 10.00 = 1.658 → 1.66.
    assert_eq!((usd(&doubled.totals.subtotal), usd(&doubled.totals.total)), (1998, 1998 + 166));
    let mut ours = doubled.draft;
    ours.lines[0].tax_code_id = Some(tax_code(&test, "State tax", "5").id);
    let ours = test.save_invoice(ours).unwrap();
    let names: Vec<&str> = ours.totals.taxes.iter().map(|tax| tax.name.as_str()).collect();
    assert_eq!(names, ["State tax"], "a code of ours takes the place of the vendor's tax");
    assert_eq!(usd(&ours.totals.total), 1998 + 100);
    proven(&test);
}

#[test]
fn a_vendors_tax_on_lines_with_our_codes_is_not_counted_twice() {
    let test = TestCore::new();
    let code = tax_code(&test, "State tax", "5").id;
    let customer = test.customer("Bob").draft.id;
    let id = test.save_invoice(draft_invoice(customer, vec![taxed(invoice_line("Pens", "1", "10"), code)])).unwrap();
    let id = id.draft.id;
    let change = |tx: &backroom_core::store::Tx<'_>| {
        let before = backroom_core::store::invoices::get(tx, id)?.expect("the invoice");
        let mut after = before.clone();
        let tax = backroom_money::Money::from_minor(62, before.currency);
        after.taxes[0].rate = backroom_money::Rate::ZERO;
        after.taxes[0].amount = tax;
        after.tax = tax;
        after.total = after.subtotal.checked_add(tax)?;
        backroom_core::invoices::write(tx, Some(&before), &after, "Books", "2026-11-20T16:00:00Z".parse().expect("now"))
    };
    test.store().write(change).unwrap();
    let loaded = test.get_invoice(id).unwrap().draft;
    let view = test.save_invoice(InvoiceDraft { note: "called him".into(), ..loaded }).unwrap();
    assert_eq!((view.totals.taxes.len(), usd(&view.totals.total)), (1, 1062));
}
