//! Random sequences of saves, edits, voids, payments, cancellations, a vendor's edits and charges: after every step all kept sums
//! agree and numbers are unique, and nothing fails for another reason than a rule.

use crate::{payment, processor_connection, proven, tax_code};
use backroom_core::Error;
use backroom_core::ids::{ConnectionId, CustomerId, InvoiceId, PaymentId, TaxCodeId};
use backroom_core::invoices::{InvoiceDraft, InvoiceState, write};
use backroom_core::payments::{look_at_charge, record_charge};
use backroom_core::store;
use backroom_core::testing::{TestCore, draft_invoice, invoice_line};
use backroom_money::{Currency, Money};
use connector_contract::record::{Charge, ChargeStatus, RemoteId};
use proptest::prelude::*;

/// What a line is made of: quantity in hundredths, price in cents, discount in percent, taxed.
type Line = (i64, i64, u8, bool);

#[derive(Debug, Clone)]
enum Step {
    Save { customer: usize, lines: Vec<Line>, discount: u8, shipping: i64, inclusive: bool, draft: bool },
    Edit { which: usize, lines: Vec<Line>, discount: u8, issue: bool },
    Void { which: usize },
    Pay { customer: usize, amount: i64, parts: Vec<(usize, i64)> },
    Cancel { which: usize },
    VendorLowers { which: usize, percent: i64 },
    VendorVoids { which: usize },
    Charge { which: usize, amount: i64, remote: u8 },
}

fn lines() -> impl Strategy<Value = Vec<Line>> {
    prop::collection::vec((1_i64..500, -500_i64..20_000, 0_u8..=100, any::<bool>()), 1..5)
}

fn step() -> impl Strategy<Value = Step> {
    let which = || 0_usize..12;
    prop_oneof![
        4 => (0_usize..3, lines(), 0_u8..50, 0_i64..2000, any::<bool>(), any::<bool>()).prop_map(
            |(customer, lines, discount, shipping, inclusive, draft)| {
                Step::Save { customer, lines, discount, shipping, inclusive, draft }
            }
        ),
        3 => (which(), lines(), 0_u8..50, any::<bool>())
            .prop_map(|(which, lines, discount, issue)| Step::Edit { which, lines, discount, issue }),
        1 => which().prop_map(|which| Step::Void { which }),
        3 => (0_usize..3, 1_i64..50_000, prop::collection::vec((which(), 1_i64..20_000), 0..4))
            .prop_map(|(customer, amount, parts)| Step::Pay { customer, amount, parts }),
        1 => which().prop_map(|which| Step::Cancel { which }),
        1 => (which(), 0_i64..100).prop_map(|(which, percent)| Step::VendorLowers { which, percent }),
        1 => which().prop_map(|which| Step::VendorVoids { which }),
        2 => (which(), 1_i64..30_000, 0_u8..6).prop_map(|(which, amount, remote)| Step::Charge { which, amount, remote }),
    ]
}

struct World {
    test: TestCore,
    customers: Vec<CustomerId>,
    code: TaxCodeId,
    invoices: Vec<InvoiceId>,
    payments: Vec<PaymentId>,
    processor: ConnectionId,
}

fn typed(minor: i64) -> String {
    Money::from_minor(minor, Currency::USD).to_decimal_string()
}

impl World {
    fn new() -> Self {
        let test = TestCore::new();
        let customers = ["Ada", "Bob", "Eve"].map(|name| test.customer(name).draft.id).to_vec();
        let code = tax_code(&test, "Sales tax", "8.875").id;
        let processor = processor_connection(&test);
        Self { test, customers, code, invoices: Vec::new(), payments: Vec::new(), processor }
    }

    fn lines(&self, lines: &[Line]) -> Vec<backroom_core::invoices::InvoiceLineDraft> {
        let line = |(quantity, price, discount, taxed): &Line| {
            let mut line = invoice_line("Pens", &typed(*quantity), &typed(*price));
            line.discount = format!("{discount}%");
            line.tax_code_id = taxed.then_some(self.code);
            line
        };
        lines.iter().map(line).collect()
    }

    fn act(&mut self, step: &Step) -> Result<(), Error> {
        let invoice = |which: &usize| self.invoices.get(*which).copied();
        match step {
            Step::Save { customer, lines, discount, shipping, inclusive, draft } => {
                let draft = InvoiceDraft {
                    discount: format!("{discount}%"),
                    shipping: typed(*shipping),
                    tax_inclusive: *inclusive,
                    as_draft: *draft,
                    ..draft_invoice(self.customers[*customer], self.lines(lines))
                };
                self.test.save_invoice(draft.clone())?;
                self.invoices.push(draft.id);
                let again = self.test.save_invoice(draft)?;
                assert_eq!(again.draft.version, Some(1), "saving twice writes once");
            }
            Step::Edit { which, lines, discount, issue } => {
                let Some(id) = invoice(which) else { return Ok(()) };
                let loaded = self.test.get_invoice(id)?.draft;
                self.test.save_invoice(InvoiceDraft {
                    lines: self.lines(lines),
                    discount: typed(i64::from(*discount)),
                    as_draft: loaded.as_draft && !issue,
                    ..loaded
                })?;
            }
            Step::Void { which } => self.test.void_invoices(invoice(which).into_iter().collect())?,
            Step::Pay { customer, amount, parts } => {
                let parts: Vec<(InvoiceId, String)> =
                    parts.iter().filter_map(|(which, part)| Some((invoice(which)?, typed(*part)))).collect();
                let parts: Vec<(InvoiceId, &str)> = parts.iter().map(|(id, part)| (*id, part.as_str())).collect();
                let draft = payment(self.customers[*customer], &typed(*amount), &parts);
                self.test.record_payment(draft.clone())?;
                self.payments.push(draft.id);
                self.test.record_payment(draft)?;
            }
            Step::Cancel { which } => {
                if let Some(id) = self.payments.get(*which) {
                    self.test.void_payment(*id)?;
                }
            }
            Step::VendorLowers { which, percent } => self.vendor(invoice(which), |invoice| {
                let cut = invoice.subtotal.minor() * percent / 100;
                let price = Money::from_minor(invoice.subtotal.minor() - cut, invoice.currency);
                invoice.lines.truncate(1);
                invoice.lines[0].amount = price;
                invoice.subtotal = price;
                invoice.discount = Money::zero(invoice.currency);
                invoice.tax = Money::zero(invoice.currency);
                invoice.taxes.clear();
                invoice.total = price.checked_add(invoice.shipping).unwrap();
            })?,
            Step::VendorVoids { which } => self.vendor(invoice(which), |invoice| invoice.state = InvoiceState::Void)?,
            Step::Charge { which, amount, remote } => self.charge(invoice(which), *amount, *remote)?,
        }
        Ok(())
    }

    fn vendor(&self, id: Option<InvoiceId>, edit: impl Fn(&mut backroom_core::invoices::Invoice)) -> Result<(), Error> {
        self.test.store().write(|tx| {
            let Some(before) = id.map(|id| store::invoices::get(tx, id)).transpose()?.flatten() else { return Ok(()) };
            if before.state == InvoiceState::Draft {
                return Ok(());
            }
            let mut after = before.clone();
            edit(&mut after);
            write(tx, Some(&before), &after, "Books", "2026-11-20T16:00:00Z".parse().unwrap())?;
            Ok(())
        })
    }

    fn charge(&self, id: Option<InvoiceId>, amount: i64, remote: u8) -> Result<(), Error> {
        let Some(id) = id else { return Ok(()) };
        let charge = Charge {
            amount: Money::from_minor(amount, Currency::USD),
            captured: None,
            refunded: Money::zero(Currency::USD),
            status: ChargeStatus::Succeeded,
            created_at: "2026-11-20T12:00:00Z".parse().unwrap(),
            customer_name: None,
            customer_email: None,
            description: None,
            metadata: [("backroom_invoice".to_owned(), id.to_string())].into_iter().collect(),
            balance_entry: None,
            failure: None,
        };
        let remote = RemoteId(format!("ch_{remote}"));
        let now = "2026-11-20T16:00:00Z".parse().unwrap();
        for _ in 0..2 {
            self.test.store().write(|tx| {
                record_charge(tx, self.processor, &remote, &charge)?;
                for id in store::charge_match::to_look_at(tx, self.processor)? {
                    drop(tx.attempt(|| look_at_charge(tx, id, "Stripe", now))?);
                }
                Ok::<_, Error>(())
            })?;
        }
        Ok(())
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 48, max_shrink_iters: 400, ..ProptestConfig::default() })]

    #[test]
    fn all_sums_agree_after_any_sequence(steps in prop::collection::vec(step(), 1..30)) {
        let mut world = World::new();
        for step in &steps {
            match world.act(step) {
                Ok(()) | Err(Error::Refused(_) | Error::Invalid(_) | Error::NotFound(_)) => {}
                Err(error) => panic!("{step:?}: {error:?}"),
            }
            proven(&world.test);
            let twice = "SELECT COUNT(*) FROM (SELECT 1 FROM invoices WHERE status <> 'draft' GROUP BY number_key HAVING COUNT(*) > 1)";
            prop_assert_eq!(world.test.count(twice), 0, "numbers are unique");
        }
    }
}
