//! Payments that the owner records and cancels.

use crate::{account, connection, invoice, payment, proven, usd};
use backroom_core::Error;
use backroom_core::ids::PaymentId;
use backroom_core::invoices::{Invoice, InvoiceState, InvoiceStatus, write};
use backroom_core::payments::{MoneyFilter, PaymentDraft};
use backroom_core::store;
use backroom_core::testing::{TestCore, first_page, wrong_fields};

#[test]
fn a_payment_pays_several_invoices_and_leaves_credit() {
    let test = TestCore::new();
    connection(&test, "books");
    let customer = test.customer("Ada").draft.id;
    let (one, two) = (invoice(&test, customer, "10").draft.id, invoice(&test, customer, "20").draft.id);
    assert_eq!(test.open_invoices(customer).unwrap().len(), 2);
    let draft = payment(customer, "10+15", &[(one, "10"), (two, "5")]);
    let view = test.record_payment(draft.clone()).unwrap();
    test.record_payment(draft.clone()).unwrap();
    assert_eq!((usd(&view.row.amount), usd(&view.row.unapplied)), (2500, 1000));
    assert_eq!(view.applied.len(), 2);
    assert_eq!(test.get_invoice(one).unwrap().status, InvoiceStatus::Paid);
    let part = test.get_invoice(two).unwrap();
    assert_eq!((part.status, usd(&part.balance), part.payments.len()), (InvoiceStatus::PartlyPaid, 1500, 1));
    assert_eq!(usd(&test.get_customer(customer).unwrap().open_balance), 500, "15.00 open less 10.00 credit");
    assert_eq!((account(&test, "bank"), account(&test, "receivable")), (2500, 500));
    assert_eq!(test.count("SELECT COUNT(*) FROM outbox WHERE kind = 'payment'"), 1);
    let mut query = first_page();
    query.filter = MoneyFilter::Unmatched;
    assert_eq!(test.list_payments(query).unwrap().rows.len(), 1);
    let other = PaymentDraft { amount: "26".into(), ..draft };
    assert!(matches!(test.record_payment(other), Err(Error::Stale("payment"))));
    proven(&test);
}

#[test]
fn everything_wrong_with_a_payment_is_told_at_once() {
    let test = TestCore::new();
    let (ada, bob) = (test.customer("Ada").draft.id, test.customer("Bob").draft.id);
    let (ours, theirs) = (invoice(&test, ada, "10").draft.id, invoice(&test, bob, "10").draft.id);
    let mut bad = payment(ada, "5", &[(ours, "10.01"), (theirs, "1"), (ours, "3"), (ours, "4")]);
    bad.received_on = "yesterday".into();
    let told = wrong_fields(test.record_payment(bad));
    assert_eq!(told, ["received_on", "applied.0.amount", "applied.1.amount", "applied.3.amount"]);
    assert_eq!(wrong_fields(test.record_payment(payment(ada, "5", &[(ours, "6")]))), ["amount"]);
    assert_eq!(wrong_fields(test.record_payment(payment(ada, "0", &[]))), ["amount"]);
    assert_eq!(wrong_fields(test.record_payment(payment(ada, "-5", &[]))), ["amount"]);
    assert_eq!(test.count("SELECT COUNT(*) FROM payments"), 0);
}

#[test]
fn a_cancelled_payment_opens_its_invoices_again() {
    let test = TestCore::new();
    let customer = test.customer("Ada").draft.id;
    let id = invoice(&test, customer, "10").draft.id;
    let paid = test.record_payment(payment(customer, "12", &[(id, "10")])).unwrap();
    test.void_payment(paid.row.id).unwrap();
    test.void_payment(paid.row.id).unwrap();
    let view = test.get_payment(paid.row.id).unwrap();
    assert!(view.row.voided && view.applied.is_empty());
    assert_eq!(usd(&view.row.unapplied), 0);
    assert_eq!(usd(&test.get_invoice(id).unwrap().balance), 1000);
    assert_eq!((account(&test, "bank"), account(&test, "receivable")), (0, 1000));
    assert!(matches!(test.void_payment(PaymentId::new()), Err(Error::NotFound("payment"))));
    test.void_invoices(vec![id]).unwrap();
    proven(&test);
}

/// A vendor may do what the owner's save refuses: lower the total below what is paid, or void with payments.
#[test]
fn what_a_vendor_took_off_an_invoice_becomes_credit() {
    let test = TestCore::new();
    let customer = test.customer("Ada").draft.id;
    let id = invoice(&test, customer, "10").draft.id;
    test.record_payment(payment(customer, "6", &[(id, "6")])).unwrap();
    test.record_payment(payment(customer, "4", &[(id, "4")])).unwrap();
    let change = |edit: &dyn Fn(&mut Invoice)| {
        test.store()
            .write(|tx| {
                let before = store::invoices::get(tx, id)?.expect("the invoice");
                let mut after = before.clone();
                edit(&mut after);
                write(tx, Some(&before), &after, "Books", "2026-11-20T16:00:00Z".parse().unwrap())
            })
            .unwrap()
            .record
    };
    let lower = change(&|invoice| {
        let price = backroom_money::Money::from_minor(700, invoice.currency);
        (invoice.lines[0].unit_price, invoice.lines[0].amount) = (price.into(), price);
        (invoice.subtotal, invoice.total) = (price, price);
    });
    assert_eq!((lower.paid.minor(), lower.balance.minor()), (700, 0));
    assert_eq!(usd(&test.get_customer(customer).unwrap().open_balance), -300);
    proven(&test);
    let void = change(&|invoice| invoice.state = InvoiceState::Void);
    assert_eq!((void.paid.minor(), void.balance.minor()), (0, 0));
    assert_eq!(usd(&test.get_customer(customer).unwrap().open_balance), -1000);
    proven(&test);
    let unbalanced = test.store().write(|tx| {
        let before = store::invoices::get(tx, id)?.expect("the invoice");
        let after = Invoice { state: InvoiceState::Open, ..before.clone() };
        write(tx, Some(&before), &after, "Books", "2026-11-20T16:00:00Z".parse().unwrap())
    });
    assert!(matches!(unbalanced, Err(Error::Refused(_))), "void stays void");
}

#[test]
fn totals_that_do_not_add_up_are_never_stored() {
    let test = TestCore::new();
    let customer = test.customer("Ada").draft.id;
    let id = invoice(&test, customer, "10").draft.id;
    let result = test.store().write(|tx| {
        let before = store::invoices::get(tx, id)?.expect("the invoice");
        let after = Invoice { total: backroom_money::Money::from_minor(1001, before.currency), ..before.clone() };
        write(tx, Some(&before), &after, "Books", "2026-11-20T16:00:00Z".parse().unwrap())
    });
    assert!(matches!(result, Err(Error::Refused(_))));
    proven(&test);
}
