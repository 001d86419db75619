//! The home page, receivables by age, and the export.

use crate::{invoice, payment, proven, usd};
use backroom_core::Error;
use backroom_core::invoices::{InvoiceDraft, InvoiceFilter, InvoiceSort, InvoiceStatus};
use backroom_core::testing::{TestCore, draft_invoice, first_page, invoice_line};
use std::fs;

fn due(test: &TestCore, name: &str, days: &[(&str, &str)]) -> backroom_core::ids::CustomerId {
    let customer = test.customer(name).draft.id;
    for (due_on, amount) in days {
        let draft = InvoiceDraft {
            issued_on: "2026-07-01".into(),
            due_on: (*due_on).into(),
            ..draft_invoice(customer, vec![invoice_line("Pens", "1", amount)])
        };
        test.save_invoice(draft).unwrap();
    }
    customer
}

#[test]
fn receivables_are_sorted_by_age_from_the_due_day() {
    let test = TestCore::new();
    due(&test, "Ada", &[("2026-11-20", "1"), ("2026-11-19", "2"), ("2026-10-20", "4")]);
    let bob = due(&test, "Bob", &[("2026-09-20", "8"), ("2026-08-21", "16")]);
    test.record_payment(payment(bob, "3", &[])).unwrap();
    let report = test.aging_report().unwrap();
    assert_eq!(report.as_of, "2026-11-20");
    let names: Vec<&str> = report.rows.iter().map(|row| row.customer_name.as_str()).collect();
    assert_eq!(names, ["Bob", "Ada"], "largest first");
    let total = &report.total;
    let sums = [&total.current, &total.days_1_30, &total.days_31_60, &total.days_61_90, &total.days_91, &total.total];
    assert_eq!(sums.map(usd), [100 - 300, 200, 400, 800, 1600, 2800]);
    let home = test.home_summary().unwrap();
    assert_eq!((usd(&home.receivable), usd(&home.overdue), home.overdue_count), (2800, 3000, 4));
    assert_eq!(usd(&home.received_30_days), 300);
    assert!(home.has_customers && home.has_invoices && !home.has_items && !home.has_connections);
    proven(&test);
}

#[test]
fn the_home_page_of_a_new_company_is_all_zero() {
    let home = TestCore::new().home_summary().unwrap();
    assert_eq!((usd(&home.receivable), usd(&home.overdue), home.overdue_count), (0, 0, 0));
    assert!(!home.has_customers);
    assert!(matches!(TestCore::before_welcome().home_summary(), Err(Error::Refused(_))));
}

#[test]
fn invoices_are_listed_by_standing_in_any_order_page_by_page() {
    let test = TestCore::new();
    let customer = due(&test, "Ada", &[("2026-11-01", "5"), ("2026-12-01", "3"), ("2026-12-02", "4")]);
    let paid = invoice(&test, customer, "9").draft.id;
    test.record_payment(payment(customer, "9", &[(paid, "9")])).unwrap();
    let void = invoice(&test, customer, "7").draft.id;
    test.void_invoices(vec![void]).unwrap();
    let draft = InvoiceDraft { as_draft: true, ..draft_invoice(customer, vec![invoice_line("Pens", "1", "1")]) };
    test.save_invoice(draft).unwrap();
    for (filter, count) in [
        (InvoiceFilter::All, 6),
        (InvoiceFilter::Draft, 1),
        (InvoiceFilter::Open, 3),
        (InvoiceFilter::Overdue, 1),
        (InvoiceFilter::Paid, 1),
        (InvoiceFilter::Void, 1),
    ] {
        for sort in
            [InvoiceSort::IssuedOn, InvoiceSort::DueOn, InvoiceSort::Number, InvoiceSort::Total, InvoiceSort::Balance]
        {
            for descending in [false, true] {
                let mut query = first_page();
                (query.filter, query.sort, query.descending, query.limit) = (filter, sort, descending, 2);
                let mut seen = Vec::new();
                loop {
                    let page = test.list_invoices(query.clone()).unwrap();
                    seen.extend(page.rows.iter().map(|row| row.id));
                    query.cursor = page.next_cursor;
                    if query.cursor.is_none() {
                        break;
                    }
                }
                let all = seen.len();
                seen.sort_unstable();
                seen.dedup();
                assert_eq!((seen.len(), all), (count, count), "{filter:?} by {sort:?}");
            }
        }
    }
    let mut query = first_page();
    (query.filter, query.sort, query.descending) = (InvoiceFilter::Open, InvoiceSort::Total, true);
    let page = test.list_invoices(query).unwrap();
    assert_eq!(page.rows.iter().map(|row| usd(&row.total)).collect::<Vec<_>>(), [500, 400, 300]);
    assert_eq!(page.rows[0].status, InvoiceStatus::Overdue);
}

#[test]
fn everything_is_exported_as_people_write_it() {
    let folder = tempfile::tempdir().unwrap();
    let test = TestCore::open(Some(folder.path().to_owned()), Vec::new());
    test.set_up_company(backroom_core::company::CompanySetup {
        name: "Paper & Pens".into(),
        currency: "USD".into(),
        time_zone: "UTC".into(),
    })
    .unwrap();
    let customer = test.customer("=HYPERLINK(\"x\"), Ada").draft.id;
    let draft = draft_invoice(customer, vec![invoice_line("Pens, \"blue\"", "1.5", "10.10")]);
    let id = test.save_invoice(draft).unwrap().draft.id;
    test.record_payment(payment(customer, "5", &[(id, "5")])).unwrap();
    let first = test.export_data().unwrap();
    let second = test.export_data().unwrap();
    assert_ne!(first.folder, second.folder);
    let read = |name: &str| -> Vec<std::collections::HashMap<String, String>> {
        let path = std::path::Path::new(&first.folder).join(name);
        csv::Reader::from_path(path).unwrap().deserialize().collect::<Result<_, _>>().unwrap()
    };
    assert_eq!(read("customers.csv")[0]["display_name"], "'=HYPERLINK(\"x\"), Ada");
    assert_eq!(read("customers.csv")[0]["open"], "10.15");
    let line = &read("invoice_lines.csv")[0];
    let cells = ["description", "quantity", "unit_price", "amount", "currency"].map(|name| line[name].as_str());
    assert_eq!(cells, ["Pens, \"blue\"", "1.5", "10.10", "15.15", "USD"]);
    assert_eq!(read("payment_applications.csv")[0]["amount"], "5.00");
    assert_eq!(read("ledger_postings.csv").len(), 4);
    let mut written: Vec<String> =
        fs::read_dir(&first.folder).unwrap().map(|file| file.unwrap().file_name().into_string().unwrap()).collect();
    let mut named = first.files.clone();
    written.sort_unstable();
    named.sort_unstable();
    assert_eq!(written, named);
    assert!(matches!(TestCore::new().export_data(), Err(Error::Refused(_))), "nowhere to write to");
}

#[test]
fn every_exported_file_says_that_it_is_utf_8_and_only_once() {
    let folder = tempfile::tempdir().unwrap();
    let test = TestCore::open(Some(folder.path().into()), Vec::new());
    test.set_up_company(backroom_core::company::CompanySetup {
        name: "Papier & Müller".into(),
        currency: "USD".into(),
        time_zone: "America/New_York".into(),
    })
    .unwrap();
    for name in ["Müller", "\u{FEFF}Zoé", "東京書店"] {
        test.customer(name);
    }
    let export = test.export_data().unwrap();
    assert!(export.files.len() > 3);
    for file in &export.files {
        let bytes = std::fs::read(std::path::Path::new(&export.folder).join(file)).unwrap();
        assert!(bytes.starts_with(&[0xEF, 0xBB, 0xBF]), "{file} begins with a byte-order mark");
        let written = String::from_utf8(bytes).unwrap();
        assert_eq!(written.matches('\u{FEFF}').count(), 1, "{file}");
        if file.starts_with("customers") {
            assert!(written.contains("Müller") && written.contains("東京書店"));
        }
    }
}
