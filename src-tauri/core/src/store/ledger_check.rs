//! Proof that the kept sums agree with what they are sums of. Reads everything, so it is for `doctor` and tests.

use crate::Result;
use rusqlite::Connection;

/// A proof: what is compared, and a query that gives one text for each record that differs.
struct Proof {
    what: &'static str,
    sql: &'static str,
}

/// At most this many differences of one proof are listed.
const MOST: usize = 20;

const PROOFS: [Proof; 10] = [
    Proof {
        what: "debits and credits of a ledger entry",
        sql: "SELECT entry_id || ' is out by ' || SUM(amount_minor) || ' ' || currency FROM ledger_postings
              GROUP BY entry_id, currency HAVING SUM(amount_minor) <> 0",
    },
    Proof {
        what: "a ledger entry without postings",
        sql: "SELECT id FROM ledger_entries e WHERE NOT EXISTS (SELECT 1 FROM ledger_postings p WHERE p.entry_id = e.id)",
    },
    Proof {
        what: "the kept balance of an account and its postings",
        sql: "SELECT account || ' ' || currency || ' is out by ' || SUM(minor) FROM (
                  SELECT account, currency, amount_minor AS minor FROM ledger_postings
                  UNION ALL SELECT account, currency, -amount_minor FROM ledger_balances
              ) GROUP BY account, currency HAVING SUM(minor) <> 0",
    },
    Proof {
        what: "what a customer owes and the receivable in the ledger",
        sql: "SELECT c.display_name || ': ' || c.open_minor || ' against ' || COALESCE(p.minor, 0) FROM customers c
              LEFT JOIN (SELECT customer_id, SUM(amount_minor) AS minor FROM ledger_postings
                  WHERE account = 'receivable' GROUP BY customer_id) p ON p.customer_id = c.id
              WHERE c.open_minor <> COALESCE(p.minor, 0)",
    },
    Proof {
        what: "what a customer owes and the open invoices less credit",
        sql: "SELECT c.display_name || ': ' || c.open_minor || ' against ' || COALESCE(o.minor, 0) FROM customers c
              LEFT JOIN (SELECT customer_id, SUM(minor) AS minor FROM (
                      SELECT customer_id, balance_minor AS minor FROM invoices WHERE status = 'open'
                      UNION ALL SELECT customer_id, -unapplied_minor FROM payments
                  ) GROUP BY customer_id) o ON o.customer_id = c.id
              WHERE c.open_minor <> COALESCE(o.minor, 0)",
    },
    Proof {
        what: "what is paid and open of an invoice, its deposit and the payments applied to it",
        sql: "SELECT i.number || ': paid ' || i.paid_minor || ' against ' || COALESCE(a.minor, 0) FROM invoices i
              LEFT JOIN (SELECT invoice_id, SUM(amount_minor) AS minor FROM payment_applications GROUP BY invoice_id) a
                  ON a.invoice_id = i.id
              WHERE i.paid_minor <> COALESCE(a.minor, 0)
                  OR i.balance_minor <> iif(i.status = 'open',
                          i.total_minor - max(0, min(i.deposit_minor, i.total_minor)) - i.paid_minor, 0)
                  OR i.balance_minor < 0",
    },
    Proof {
        what: "the credit left of a payment and what it pays",
        sql: "SELECT p.id || ': credit ' || p.unapplied_minor || ' of ' || p.amount_minor FROM payments p
              LEFT JOIN (SELECT payment_id, SUM(amount_minor) AS minor FROM payment_applications GROUP BY payment_id) a
                  ON a.payment_id = p.id
              WHERE p.unapplied_minor <> iif(p.voided, 0, p.amount_minor - COALESCE(a.minor, 0)) OR p.unapplied_minor < 0
                  OR (p.voided AND COALESCE(a.minor, 0) <> 0)",
    },
    Proof {
        what: "the lines, tax and total of an invoice",
        sql: "SELECT i.number || ': total ' || i.total_minor FROM invoices i
              WHERE i.subtotal_minor <> (SELECT COALESCE(SUM(amount_minor), 0) FROM invoice_lines WHERE invoice_id = i.id)
                  OR i.tax_minor <> (SELECT COALESCE(SUM(amount_minor), 0) FROM invoice_taxes WHERE invoice_id = i.id)
                  OR i.total_minor <> i.subtotal_minor - i.discount_minor + i.shipping_minor
                      + iif(i.tax_inclusive, 0, i.tax_minor)",
    },
    Proof {
        what: "a document and its one entry in force",
        sql: "SELECT d.kind || ' ' || d.id || ': ' || d.minor || ' against ' || COALESCE(l.minor, 0) FROM (
                  SELECT 'invoice' AS kind, id, iif(status = 'open',
                          total_minor - max(0, min(deposit_minor, total_minor)), 0) AS minor, 'receivable' AS account
                      FROM invoices
                  UNION ALL SELECT 'payment', id, iif(voided, 0, -amount_minor), 'receivable' FROM payments
                  UNION ALL SELECT 'balance_entry', id, net_minor, 'processor_clearing' FROM balance_entries
              ) d LEFT JOIN (
                  SELECT e.source_kind, e.source_id, p.account, SUM(p.amount_minor) AS minor FROM ledger_entries e
                  JOIN ledger_postings p ON p.entry_id = e.id
                  WHERE e.reverses IS NULL AND NOT EXISTS (SELECT 1 FROM ledger_entries r WHERE r.reverses = e.id)
                  GROUP BY e.source_kind, e.source_id, p.account
              ) l ON l.source_kind = d.kind AND l.source_id = d.id AND l.account = d.account
              WHERE d.minor <> COALESCE(l.minor, 0)",
    },
    Proof {
        what: "the kept sums of a payout and its entries",
        sql: "SELECT p.remote_id FROM payouts p WHERE (p.entry_count, p.gross_minor, p.fee_minor, p.net_minor) IS NOT (
                  SELECT COUNT(*), COALESCE(SUM(e.amount_minor), 0), COALESCE(SUM(e.fee_minor), 0),
                      COALESCE(SUM(e.net_minor), 0) FROM balance_entries e
                  WHERE e.connection_id = p.connection_id AND e.payout_remote_id = p.remote_id
                      AND e.source_remote_id IS NOT e.payout_remote_id)",
    },
];

/// Every difference found, each as a text; empty when all sums agree.
pub fn differences(db: &Connection) -> Result<Vec<String>> {
    let mut found = Vec::new();
    for proof in &PROOFS {
        let mut statement = db.prepare_cached(proof.sql)?;
        let mut rows = statement.query([])?;
        for _ in 0..MOST {
            let Some(row) = rows.next()? else { break };
            found.push(format!("{}: {}", proof.what, row.get::<_, String>(0)?));
        }
    }
    Ok(found)
}
