//! Invoices, payments, the processor's money and the ledger, through the core as the shells drive it, on real `SQLite` in memory.

#![expect(clippy::unwrap_used, reason = "a step that fails must fail its test")]

mod decided;
mod invoices;
mod money_in;
mod numbers;
mod payments;
mod plans;
mod processor;
mod random;
mod reports;
mod totals;

use backroom_core::Core;
use backroom_core::company::{TaxCodeDraft, TaxCodeView};
use backroom_core::ids::{ConnectionId, CustomerId, InvoiceId, PaymentId, TaxCodeId};
use backroom_core::invoices::InvoiceView;
use backroom_core::payments::{AppliedDraft, PaymentDraft};
use backroom_core::testing::{TODAY, TestCore, draft_invoice, invoice_line};
use backroom_core::view::MoneyView;

/// Nothing in the data file contradicts anything else.
fn proven(core: &Core) {
    assert_eq!(core.check_ledger().unwrap(), Vec::<String>::new());
}

/// An amount of dollars in minor units, as text.
fn usd(view: &MoneyView) -> i64 {
    assert_eq!(view.currency, "USD");
    view.minor.parse().unwrap()
}

/// The balance of an account in minor units.
fn account(test: &TestCore, name: &str) -> i64 {
    test.count(&format!(
        "SELECT COALESCE((SELECT amount_minor FROM ledger_balances WHERE account = '{name}' AND currency = 'USD'), 0)"
    ))
}

fn tax_code(core: &Core, name: &str, percent: &str) -> TaxCodeView {
    let draft = TaxCodeDraft { id: TaxCodeId::new(), name: name.into(), percent: percent.into(), archived: false };
    core.save_tax_code(draft).unwrap()
}

/// An open invoice of one line.
fn invoice(core: &Core, customer: CustomerId, amount: &str) -> InvoiceView {
    core.save_invoice(draft_invoice(customer, vec![invoice_line("Pens", "1", amount)])).unwrap()
}

fn payment(customer_id: CustomerId, amount: &str, applied: &[(InvoiceId, &str)]) -> PaymentDraft {
    PaymentDraft {
        id: PaymentId::new(),
        customer_id,
        received_on: TODAY.into(),
        amount: amount.into(),
        method: "Check".into(),
        reference: "1234".into(),
        note: String::new(),
        applied: applied
            .iter()
            .map(|(invoice_id, amount)| AppliedDraft { invoice_id: *invoice_id, amount: (*amount).into() })
            .collect(),
    }
}

/// A payment processor's connection: nothing is sent to it.
fn processor_connection(test: &TestCore) -> ConnectionId {
    let id = connection(test, "cards");
    let silent = |tx: &backroom_core::store::Tx<'_>| {
        tx.execute("DELETE FROM connection_kinds WHERE connection_id = ?1", [id])?;
        Ok(())
    };
    test.store().write(silent).unwrap();
    id
}

/// A connection that takes invoices and payments, as far as the outbox looks at it.
fn connection(test: &TestCore, vendor: &str) -> ConnectionId {
    let id = ConnectionId::new();
    test.store()
        .write(|tx| {
            tx.execute(
                "INSERT INTO connections (id, vendor, environment, account_id, account_name, state, created_at)
                 VALUES (?1, ?2, 'practice', ?1, 'Practice', 'ready', '2026-11-20T00:00:00.000Z')",
                (id, vendor),
            )?;
            for kind in ["invoice", "payment"] {
                tx.execute(
                    "INSERT INTO connection_kinds (connection_id, kind, sends, receives) VALUES (?1, ?2, 1, 1)",
                    (id, kind),
                )?;
            }
            Ok(())
        })
        .unwrap();
    id
}
