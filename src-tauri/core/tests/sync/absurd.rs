//! What no calendar and no ledger can hold: that record is reported by name, and everything beside it goes on.

use crate::world::{World, customer, invoice, order, payment, usd, with_books};
use backroom_core::sync::{AuditCause, RunState};
use chrono::{DateTime, Datelike as _, NaiveDate, Utc};
use connector_contract::{Record, RemoteId, record};

fn ada() -> RemoteId {
    RemoteId("c1".into())
}

impl World {
    /// One of everything that is as it should be came in, nothing was called internal, and every sum still adds up.
    async fn goes_on(&self, case: &str) {
        self.books.put("good", Record::Invoice(invoice("GOOD", &ada(), 1_000)));
        let run = self.sync().await;
        assert!(matches!(run.state, RunState::Done | RunState::DoneWithProblems), "{case}: {run:#?}");
        let good = self.count("SELECT count(*) FROM invoices WHERE number = 'GOOD' AND total_minor = 1000");
        assert_eq!(good, 1, "{case}: {:#?}", self.problems());
        let said = format!("{:?}{run:?}", self.problems());
        assert!(
            !said.contains("internal") && !said.contains("REAL") && !said.contains("fault in Backroom"),
            "{case}: {said}"
        );
        assert_eq!(self.check_ledger().expect("a check"), Vec::<String>::new(), "{case}");
        self.home_summary().expect("a summary");
        self.aging_report().expect("a report");
        assert!(self.audit_now(None, 30).await.is_ok(), "{case}");
    }
}

#[tokio::test]
async fn amounts_near_the_end_of_numbers_are_refused_by_name() {
    for minor in [i64::MAX, i64::MAX - 1, 5_000_000_000_000_000_000, 5_000_000_000_000_000_000 / 2] {
        let (world, _) = with_books().await;
        world.books.put("c1", Record::Customer(customer("Ada")));
        // Two of each: one may still fit where their sum does not.
        for n in 0..2 {
            world.books.put(&format!("i{n}"), Record::Invoice(invoice(&format!("100{n}"), &ada(), minor)));
            let paid = record::Payment {
                applied: Vec::new(),
                reference: Some(format!("check {n}")),
                ..payment(&ada(), &ada(), minor)
            };
            world.books.put(&format!("p{n}"), Record::Payment(paid));
        }
        world.goes_on(&minor.to_string()).await;
        let problems = world.problems();
        assert_eq!(problems.len(), 4, "{minor}: {problems:#?}");
        assert!(
            problems.iter().all(|problem| problem.message.contains("too large") || problem.message.contains("too big")),
            "{problems:#?}"
        );
    }
}

#[tokio::test]
async fn amounts_below_nothing_are_refused_by_name() {
    for minor in [i64::MIN, i64::MIN + 1, -1] {
        let (world, _) = with_books().await;
        world.books.put("c1", Record::Customer(customer("Ada")));
        let paid = record::Payment { applied: Vec::new(), ..payment(&ada(), &ada(), minor) };
        world.books.put("p1", Record::Payment(paid));
        world.books.put("i1", Record::Invoice(invoice("1001", &ada(), minor)));
        world.goes_on(&minor.to_string()).await;
        assert_eq!(world.problems().len(), 2, "{minor}: {:#?}", world.problems());
    }
}

#[tokio::test]
async fn days_at_the_ends_of_the_calendar_stop_nothing() {
    let days = [NaiveDate::MIN, NaiveDate::MAX, day("0001-01-01"), day("9999-12-31"), day("1753-01-01")];
    for day in days {
        let (world, _) = with_books().await;
        world.books.put("c1", Record::Customer(customer("Ada")));
        let odd = record::Invoice { issued_on: day, due_on: Some(day), ..invoice("1001", &ada(), 5_000) };
        world.books.put("i1", Record::Invoice(odd));
        let paid = record::Payment { received_on: day, ..payment(&ada(), &RemoteId("i1".into()), 2_000) };
        world.books.put("p1", Record::Payment(paid));
        world.goes_on(&day.to_string()).await;
        let said =
            world.problems().iter().filter(|problem| problem.detail.contains("not a date that can be kept")).count();
        assert_eq!(said, if (1..=9998).contains(&day.year()) { 0 } else { 2 }, "{day}: {:#?}", world.problems());
        // A charge near it, and a second payment like it, are compared over some days around.
        let again =
            record::Payment { received_on: day, amount: usd(2_000), applied: Vec::new(), ..payment(&ada(), &ada(), 1) };
        world.books.put("p2", Record::Payment(again));
        world.goes_on(&day.to_string()).await;
    }
}

fn day(text: &str) -> NaiveDate {
    text.parse().expect("a day")
}

#[tokio::test]
async fn moments_at_the_ends_of_time_stop_nothing() {
    let moments = [DateTime::<Utc>::MIN_UTC, DateTime::<Utc>::MAX_UTC, DateTime::<Utc>::UNIX_EPOCH];
    for at in moments {
        let (world, _) = with_books().await;
        world.connect_parcels().await;
        world.books.put("c1", Record::Customer(customer("Ada")));
        world.parcels.put("o1", Record::Order(record::Order { ordered_at: at, ..order("1001", "PEN-1", 1) }));
        world.parcels.put("o2", Record::Order(order("1002", "PEN-1", 1)));
        world.goes_on(&at.to_string()).await;
        let good = world.count("SELECT count(*) FROM orders WHERE number = '1002'");
        assert_eq!(good, 1, "{at}: {:#?}", world.problems());
        let said = world.problems().iter().filter(|problem| problem.detail.contains("ordered at")).count();
        assert_eq!(said, usize::from(at != DateTime::UNIX_EPOCH), "{at}: {:#?}", world.problems());
        assert!(
            world
                .list_audit_findings(None, 50)
                .expect("findings")
                .rows
                .iter()
                .all(|row| row.cause != AuditCause::DeletedThere)
        );
    }
}
