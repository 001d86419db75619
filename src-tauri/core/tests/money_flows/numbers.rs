//! Invoice numbers: offered, used up, unique, restarted.

use crate::invoice;
use backroom_core::company::NumberRestart;
use backroom_core::invoices::{InvoiceDraft, InvoiceSource};
use backroom_core::testing::{TestCore, draft_invoice, field_errors, invoice_line};

fn offered(test: &TestCore) -> String {
    test.new_invoice(InvoiceSource::Blank).unwrap().number
}

fn with_pattern(pattern: &str, restart: NumberRestart) -> TestCore {
    let test = TestCore::new();
    let mut company = test.app_status().unwrap().company.unwrap();
    company.invoice_pattern = pattern.into();
    company.number_restart = restart;
    company.next_invoice_number = 1;
    test.save_company(company).unwrap();
    test
}

#[test]
fn a_number_is_used_up_only_by_saving() {
    let test = TestCore::new();
    assert_eq!(offered(&test), "INV-1001");
    assert_eq!(offered(&test), "INV-1001");
    let customer = test.customer("Ada").draft.id;
    assert_eq!(invoice(&test, customer, "1").draft.number, "INV-1001");
    assert_eq!(offered(&test), "INV-1002");
    assert_eq!(test.app_status().unwrap().company.unwrap().next_invoice_number, 1002);
    let draft = InvoiceDraft { as_draft: true, ..draft_invoice(customer, vec![invoice_line("Pens", "1", "1")]) };
    test.save_invoice(InvoiceDraft { number: offered(&test), ..draft }).unwrap();
    assert_eq!(offered(&test), "INV-1002", "a draft uses none up");
}

#[test]
fn a_taken_number_is_refused_with_a_free_one_on_offer() {
    let test = TestCore::new();
    let customer = test.customer("Ada").draft.id;
    let first = invoice(&test, customer, "1");
    let draft =
        InvoiceDraft { number: " inv-1001 ".into(), ..draft_invoice(customer, vec![invoice_line("Pens", "1", "1")]) };
    let told = field_errors(test.save_invoice(draft.clone()));
    assert_eq!(told[0].field, "number");
    assert!(told[0].reason.contains("INV-1002"), "{}", told[0].reason);
    assert_eq!(test.preview_invoice(draft.clone()).unwrap().errors, told);
    test.void_invoices(vec![first.draft.id]).unwrap();
    assert_eq!(field_errors(test.save_invoice(draft))[0].field, "number", "a void invoice keeps its number");
}

#[test]
fn own_numbers_are_taken_and_stepped_over() {
    let test = TestCore::new();
    let customer = test.customer("Ada").draft.id;
    let own = |number: &str| InvoiceDraft {
        number: number.into(),
        ..draft_invoice(customer, vec![invoice_line("Pens", "1", "1")])
    };
    assert_eq!(test.save_invoice(own("INV-1002")).unwrap().draft.number, "INV-1002");
    assert_eq!(test.save_invoice(own("A/7")).unwrap().draft.number, "A/7");
    assert_eq!(offered(&test), "INV-1001");
    invoice(&test, customer, "1");
    assert_eq!(offered(&test), "INV-1003");
}

#[test]
fn the_counter_starts_again_each_year_and_month() {
    let test = with_pattern("{year}-{n:3}", NumberRestart::Yearly);
    let customer = test.customer("Ada").draft.id;
    assert_eq!(invoice(&test, customer, "1").draft.number, "2026-001");
    assert_eq!(invoice(&test, customer, "1").draft.number, "2026-002");
    let dated = |day: &str| InvoiceDraft {
        issued_on: day.into(),
        ..draft_invoice(customer, vec![invoice_line("Pens", "1", "1")])
    };
    assert_eq!(test.save_invoice(dated("2027-01-01")).unwrap().draft.number, "2027-001");
    assert_eq!(test.save_invoice(dated("2026-12-31")).unwrap().draft.number, "2026-003", "a late bill of the old year");
    assert_eq!(test.save_invoice(dated("2027-01-02")).unwrap().draft.number, "2027-002");

    let test = with_pattern("{year}{month}/{n}", NumberRestart::Monthly);
    let customer = test.customer("Ada").draft.id;
    assert_eq!(invoice(&test, customer, "1").draft.number, "202611/1");
    test.clock.set("2026-12-01T15:00:00Z".parse().unwrap());
    assert_eq!(offered(&test), "202612/1");
}

#[test]
fn a_next_number_that_is_set_counts_in_the_new_year_too() {
    let test = with_pattern("{year}-{n:3}", NumberRestart::Yearly);
    let customer = test.customer("Ada").draft.id;
    assert_eq!(invoice(&test, customer, "1").draft.number, "2026-001");
    test.clock.set("2027-01-02T15:00:00Z".parse().unwrap());
    let mut company = test.app_status().unwrap().company.unwrap();
    company.next_invoice_number = 50;
    test.save_company(company.clone()).unwrap();
    assert_eq!(offered(&test), "2027-050");
    let draft = || InvoiceDraft {
        issued_on: "2027-01-02".into(),
        ..draft_invoice(customer, vec![invoice_line("Pens", "1", "1")])
    };
    assert_eq!(test.save_invoice(draft()).unwrap().draft.number, "2027-050");
    assert_eq!(test.save_invoice(draft()).unwrap().draft.number, "2027-051");
    test.clock.set("2028-01-02T15:00:00Z".parse().unwrap());
    assert_eq!(offered(&test), "2028-001");
}

#[test]
fn a_pattern_of_numbers_too_long_for_an_invoice_is_refused_in_settings() {
    let test = TestCore::new();
    let before = test.app_status().unwrap().company.unwrap();
    for pattern in ["INVOICE-OF-PAPER-AND-PENS-{n:9}", "ABCDEFGHIJKLMNOPQR{n}", "{year}-{month}-ABCDEF-{n:9}"] {
        let mut company = before.clone();
        company.invoice_pattern = pattern.into();
        let told = field_errors(test.save_company(company));
        assert_eq!(told[0].field, "invoice_pattern", "{pattern}");
        assert!(told[0].reason.contains("21"), "{}", told[0].reason);
    }
    let mut company = before;
    company.invoice_pattern = "ABCDEFGHIJKLMNOP{n}".into();
    test.save_company(company).unwrap();
    assert_eq!(offered(&test), "ABCDEFGHIJKLMNOP1001");
}

#[test]
fn the_next_number_is_found_behind_a_hundred_thousand_taken_ones() {
    for (pattern, like, next) in [
        ("INV-{n:4}", "'inv-' || printf('%04d', n)", "INV-101002"),
        ("{n}", "n", "101002"),
        ("{year}{n:3}", "'2026' || n", "2026101002"),
        ("{n}/{year}", "n || '/2026'", "101002/2026"),
    ] {
        let test = with_pattern(pattern, NumberRestart::Never);
        let id = invoice(&test, test.customer("Ada").draft.id, "1").draft.id;
        let mut company = test.app_status().unwrap().company.unwrap();
        company.next_invoice_number = 1001;
        test.save_company(company).unwrap();
        let columns = "version, number_sort, status, customer_id, customer_name, currency, issued_on, due_on,
            discount_text, discount_minor, shipping_minor, subtotal_minor, tax_minor, total_minor, balance_minor, message,
            note, email, billing, shipping_address, source, created_at, updated_at";
        let taken = format!(
            "INSERT INTO invoices (id, number_key, number, {columns})
             WITH RECURSIVE c (n) AS (SELECT 1001 UNION ALL SELECT n + 1 FROM c WHERE n < 101001)
             SELECT 'i' || n, {like}, {like}, {columns} FROM c JOIN invoices i ON i.id = '{id}'"
        );
        test.store().write(|tx| Ok(tx.execute_batch(&taken)?)).unwrap();
        assert_eq!(offered(&test), next, "{pattern}");
        let gap = format!("DELETE FROM invoices WHERE id = 'i{}'", 50_000);
        test.store().write(|tx| Ok(tx.execute_batch(&gap)?)).unwrap();
        assert_eq!(offered(&test), next.replace("101002", "50000"), "the first gap of {pattern}");
    }
}
