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
