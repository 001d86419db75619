//! Deposits: what was paid with an invoice itself reduces what is due, is only changed by the vendor, and counts at most up to the
//! total.

use crate::world::{World, customer, invoice, payment, usd, with_books};
use backroom_core::customers::CustomerDraft;
use backroom_core::invoices::{InvoiceDraft, InvoiceStatus, InvoiceView};
use backroom_core::sync::{AuditCause, ProblemAction, RunState, UndoOutcome};
use backroom_core::testing::{first_page, invoice_line};
use backroom_money::{Currency, Money};
use connector_contract::{Record, RecordKind, RemoteId, record};

fn ada() -> RemoteId {
    RemoteId("c1".into())
}

/// An invoice of 467.00 with this deposit, and what the vendor says is due before any payment.
fn bill(deposit: i64, due: i64) -> record::Invoice {
    record::Invoice { deposit: Some(usd(deposit)), balance: Some(usd(due)), ..invoice("1008", &ada(), 46_700) }
}

async fn with_bill(bill: record::Invoice) -> World {
    let (world, _) = with_books().await;
    world.books.put("c1", Record::Customer(customer("Ada")));
    world.books.put("i1", Record::Invoice(bill));
    world
}

impl World {
    fn put_bill(&self, bill: record::Invoice) {
        self.books.put("i1", Record::Invoice(bill));
    }

    fn put_payment(&self, minor: i64) {
        self.books.put("p1", Record::Payment(payment(&ada(), &RemoteId("i1".into()), minor)));
    }

    fn the_bill(&self) -> InvoiceView {
        let row = self.list_invoices(first_page()).expect("invoices").rows.remove(0);
        self.get_invoice(row.id).expect("an invoice")
    }

    /// Deposit, paid and due.
    fn sums(&self) -> (i64, i64, i64, InvoiceStatus) {
        let bill = self.the_bill();
        let minor = |text: &str| text.parse().expect("an amount");
        let row = self.list_invoices(first_page()).expect("invoices").rows.remove(0);
        assert_eq!((row.status, &row.balance.minor), (bill.status, &bill.balance.minor), "the list says the same");
        (minor(&bill.deposit.minor), minor(&bill.paid.minor), minor(&bill.balance.minor), bill.status)
    }

    fn proven(&self) {
        assert_eq!(self.check_ledger().expect("a check"), Vec::<String>::new());
    }

    fn bank(&self) -> i64 {
        self.count("SELECT COALESCE(SUM(amount_minor), 0) FROM ledger_balances WHERE account = 'bank'")
    }
}

#[tokio::test]
async fn a_deposit_and_a_payment_pay_an_invoice_together() {
    let world = with_bill(bill(5_000, 41_700)).await;
    world.sync_well().await;
    assert_eq!(world.sums(), (5_000, 0, 41_700, InvoiceStatus::Overdue));
    world.put_payment(41_700);
    world.sync_well().await;
    assert_eq!(world.sums(), (5_000, 41_700, 0, InvoiceStatus::Paid));
    assert_eq!(world.bank(), 46_700);
    let home = world.home_summary().expect("a summary");
    assert_eq!((home.received_30_days.minor.as_str(), home.receivable.minor.as_str()), ("46700", "0"));
    world.proven();
}

#[tokio::test]
async fn a_deposit_that_changes_or_is_removed_there_is_followed_and_told_in_the_history() {
    let world = with_bill(bill(5_000, 41_700)).await;
    world.sync_well().await;
    for (deposit, status) in [
        (10_025, InvoiceStatus::Overdue),
        (46_700, InvoiceStatus::Paid),
        (0, InvoiceStatus::Overdue),
        (1, InvoiceStatus::Overdue),
    ] {
        let before = world.the_bill().deposit;
        world.put_bill(bill(deposit, 46_700 - deposit));
        world.sync_well().await;
        assert_eq!(world.sums(), (deposit, 0, 46_700 - deposit, status));
        assert_eq!(world.bank(), deposit);
        let told = &world.the_bill().history[0].fields[0];
        let text = |minor: i64| format!("{} USD", usd(minor).to_decimal_string());
        let was: i64 = before.minor.parse().expect("an amount");
        assert_eq!(
            (told.field.as_str(), told.before.clone(), told.after.clone()),
            ("deposit", Some(text(was)), Some(text(deposit)))
        );
        world.proven();
    }
}

#[tokio::test]
async fn an_edit_of_ours_and_a_deposit_of_theirs_join_and_the_deposit_is_never_sent_back_otherwise() {
    let world = with_bill(bill(5_000, 41_700)).await;
    world.sync_well().await;
    let draft = world.the_bill().draft;
    world.save_invoice(InvoiceDraft { note: "Ours".into(), ..draft }).expect("a save");
    world.put_bill(bill(7_500, 39_200));
    world.sync_well().await;
    let there = world.books_invoices().remove(0);
    assert_eq!((there.note.as_deref(), there.deposit), (Some("Ours"), Some(usd(7_500))));
    assert_eq!(world.sums(), (7_500, 0, 39_200, InvoiceStatus::Overdue));
    assert!(world.outbox().is_empty());
    world.proven();
}

#[tokio::test]
async fn a_deposit_in_another_currency_has_its_decimals() {
    for (code, deposit, text) in [("JPY", 5_000, "5000"), ("KWD", 5_005, "5.005"), ("EUR", 5_000, "50.00")] {
        let currency: Currency = code.parse().expect("a currency");
        let amount = |minor| Money::from_minor(minor, currency);
        let mut bill = invoice("1008", &ada(), 46_700);
        let line = &mut bill.lines[0];
        (line.amount, line.unit_price, bill.currency) = (amount(46_700), amount(46_700).into(), currency);
        (bill.discount, bill.shipping, bill.tax, bill.total) = (amount(0), amount(0), amount(0), amount(46_700));
        (bill.deposit, bill.balance) = (Some(amount(deposit)), Some(amount(46_700 - deposit)));
        let world = with_bill(bill).await;
        world.books.put("c1", Record::Customer(record::Customer { currency: Some(currency), ..customer("Ada") }));
        world.sync_well().await;
        let view = world.the_bill();
        assert_eq!((view.deposit.minor.clone(), view.deposit.currency.as_str()), (deposit.to_string(), code));
        let told = view.history[0].fields.iter().find(|field| field.field == "deposit").expect("a deposit");
        assert_eq!(told.after, Some(format!("{text} {code}")));
        assert_eq!(view.balance.minor, (46_700 - deposit).to_string(), "{code}");
        world.proven();
    }
}

#[tokio::test]
async fn a_deposit_beyond_the_total_or_below_nothing_counts_as_far_as_it_can_and_is_said() {
    for (deposit, said_due, counts, words) in [
        (60_000, 0, 46_700, "the deposit is 600.00 USD in Books and 467.00 USD here, a difference of 133.00 USD"),
        (60_000, -13_300, 46_700, "the balance due is -133.00 USD in Books and 0.00 USD here"),
        (-500, 47_200, 0, "the balance due is 472.00 USD in Books and 467.00 USD here, a difference of 5.00 USD"),
        (i64::MAX, 0, 46_700, "the deposit is"),
        (i64::MIN, 46_700, 0, "the deposit is"),
    ] {
        let world = with_bill(bill(deposit, said_due)).await;
        assert_eq!(world.sync().await.state, RunState::DoneWithProblems, "{deposit}");
        assert_eq!((world.sums().0, world.sums().2), (counts, 46_700 - counts));
        let problems = world.problems();
        assert_eq!((problems.len(), problems[0].action), (1, ProblemAction::CompareAgain), "{problems:#?}");
        assert!(problems[0].message.contains(words), "{words}: {}", problems[0].message);
        world.proven();
        // Corrected there, nothing of it remains.
        world.put_bill(bill(5_000, 41_700));
        world.sync_well().await;
        assert!(world.problems().is_empty());
        assert_eq!(world.sums().0, 5_000);
        world.proven();
    }
}

#[tokio::test]
async fn a_deposit_and_payments_beyond_the_total_leave_credit_and_a_problem() {
    let world = with_bill(bill(0, 46_700)).await;
    world.put_payment(46_700);
    world.sync_well().await;
    world.put_bill(bill(5_000, 41_700));
    assert_eq!(world.sync().await.state, RunState::DoneWithProblems);
    assert_eq!(world.sums(), (5_000, 41_700, 0, InvoiceStatus::Paid));
    let problems = world.problems();
    assert_eq!(problems.len(), 1, "{problems:#?}");
    assert!(problems[0].message.contains("Invoice 1008 only has 417.00 open"), "{problems:#?}");
    world.proven();
    world.put_payment(41_700);
    world.sync_well().await;
    assert!(world.problems().is_empty(), "{:#?}", world.problems());
    assert_eq!(world.sums(), (5_000, 41_700, 0, InvoiceStatus::Paid));
    world.proven();
}

#[tokio::test]
async fn the_owner_can_edit_beside_a_deposit_but_not_bill_less_than_it_nor_void_it() {
    let world = with_bill(bill(5_000, 41_700)).await;
    world.sync_well().await;
    let draft = world.the_bill().draft;
    let id = draft.id;
    let less = InvoiceDraft { lines: vec![invoice_line("Work", "1", "49.99")], ..draft.clone() };
    let refused = world.save_invoice(less).expect_err("a refusal").to_string();
    assert!(refused.contains("50.00 of this invoice is paid") && refused.contains("deposit"), "{refused}");
    let refused = world.void_invoices(vec![id]).expect_err("a refusal").to_string();
    assert!(refused.contains("deposit of 50.00"), "{refused}");
    let mut whole = draft;
    whole.lines[0].unit_price = "50".into();
    world.save_invoice(whole).expect("a save");
    assert_eq!(world.sums(), (5_000, 0, 0, InvoiceStatus::Paid));
    world.sync().await;
    assert_eq!(world.books_invoices()[0].deposit, Some(usd(5_000)));
    world.proven();
    // Voided there it is void, and the books hold nothing of it.
    world.put_bill(record::Invoice { voided: true, ..bill(0, 0) });
    world.sync().await;
    assert_eq!((world.the_bill().status, world.bank()), (InvoiceStatus::Void, 0));
    world.proven();
}

#[tokio::test]
async fn an_audit_agrees_on_a_deposit_and_finds_one_that_the_feed_never_showed() {
    let world = with_bill(bill(5_000, 41_700)).await;
    world.sync_well().await;
    assert_eq!(world.audit_now(None, 30).await.expect("an audit").open_count, 0);
    world.put_bill(bill(6_000, 40_700));
    world.books.hide_unread(RecordKind::Invoice, "i1");
    let clock = world.clock.clone();
    clock.advance(chrono::Duration::hours(1));
    assert_eq!(world.audit_now(None, 30).await.expect("an audit").open_count, 1);
    let found = world.list_audit_findings(None, 50).expect("findings").rows.remove(0);
    assert_eq!((found.cause, found.fields[0].field.as_str()), (AuditCause::ChangedThere, "deposit"));
    world.fix_audit_finding(found.id).await.expect("mended");
    assert_eq!(world.sums(), (6_000, 0, 40_700, InvoiceStatus::Overdue));
    world.proven();
}

#[tokio::test]
async fn undoing_a_run_leaves_the_deposit_and_says_so() {
    let world = with_bill(bill(0, 46_700)).await;
    world.sync_well().await;
    world.put_bill(record::Invoice { note: Some("theirs".into()), ..bill(5_000, 41_700) });
    let run = world.sync_well().await;
    let (_, records) = world.undo(&run).await;
    assert_eq!(records[0].outcome, UndoOutcome::PutBack);
    assert_eq!(records[0].reasons, ["Its deposit was recorded in Books, so it stays."]);
    let there = world.books_invoices().remove(0);
    assert_eq!((there.note.as_deref(), there.deposit), (Some(""), Some(usd(5_000))));
    assert_eq!(world.sums().0, 5_000);
    world.proven();
    world.sync_well().await;
}

#[tokio::test]
async fn an_invoice_that_was_deleted_there_goes_out_again_with_its_deposit() {
    let world = with_bill(bill(5_000, 41_700)).await;
    world.sync_well().await;
    let draft = world.the_bill().draft;
    world.save_invoice(InvoiceDraft { note: "Ours".into(), ..draft }).expect("a save");
    world.books.delete(RecordKind::Invoice, "i1");
    world.sync().await;
    let problem = world.problems().remove(0);
    assert_eq!(problem.action, ProblemAction::SendAnew);
    let (books, id) = (problem.connection_id, world.the_bill().draft.id);
    world.send_anew(books, "invoice".into(), id.to_string()).expect("a wish");
    world.sync().await;
    assert_eq!(world.books_invoices()[0].deposit, Some(usd(5_000)));
    world.proven();
}

#[tokio::test]
async fn bringing_an_earlier_state_back_leaves_the_deposit() {
    let world = with_bill(bill(0, 46_700)).await;
    world.sync_well().await;
    let draft = world.the_bill().draft;
    let noted = world.save_invoice(InvoiceDraft { note: "Ours".into(), ..draft }).expect("a save");
    let first = noted.history.last().expect("an entry").id;
    world.sync_well().await;
    world.put_bill(record::Invoice { note: Some("Ours".into()), ..bill(5_000, 41_700) });
    world.sync_well().await;
    let now = world.the_bill();
    let (id, version) = (now.draft.id.to_string(), now.draft.version.expect("a version"));
    let shown = world.get_record_version("invoice".into(), id.clone(), first).expect("a version");
    let deposit = shown.fields.iter().find(|field| field.field == "deposit").expect("a deposit");
    assert_eq!(deposit.then, deposit.now, "it does not go back");
    world.restore_record_version("invoice".into(), id, first, version).expect("a save");
    assert_eq!((world.the_bill().draft.note.as_str(), world.sums().0), ("", 5_000));
    world.proven();
}

#[tokio::test]
async fn a_customer_with_a_deposit_stays_editable() {
    let world = with_bill(bill(5_000, 41_700)).await;
    world.sync_well().await;
    let draft = world.customer_named("Ada").draft;
    world.save_customer(CustomerDraft { notes: "Pays early".into(), ..draft }).expect("a save");
    world.sync_well().await;
    assert_eq!(world.customer_named("Ada").open_balance.minor, "41700");
}
