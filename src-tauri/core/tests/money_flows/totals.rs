//! The foot of every list: the count and the sums of the rows a query lists, and of those among them that are selected.

use crate::{invoice, payment};
use backroom_core::customers::CustomerQuery;
use backroom_core::invoices::{InvoiceFilter, InvoiceQuery, InvoiceSort};
use backroom_core::items::ItemQuery;
use backroom_core::orders::OrderQuery;
use backroom_core::payments::MoneyQuery;
use backroom_core::testing::{TODAY, TestCore, first_page, order, order_line};
use backroom_core::totals::{ListTotals, TotalsQuery};
use backroom_core::view::ListQuery;

fn sums(totals: &ListTotals) -> Vec<(&str, &str)> {
    totals.sums.iter().map(|sum| (sum.column.as_str(), sum.amount.minor.as_str())).collect()
}

fn invoices(filter: InvoiceFilter, search: &str) -> TotalsQuery {
    TotalsQuery::Invoices(InvoiceQuery { filter, search: search.into(), ..first_page() })
}

#[test]
fn invoices_are_counted_and_added_up_for_every_filter_and_search_as_the_list_shows_them() {
    let test = TestCore::new();
    let (ada, bob) = (test.customer("Ada Lovelace").draft.id, test.customer("Bob").draft.id);
    let first = invoice(&test, ada, "100").draft.id;
    let second = invoice(&test, bob, "40.50").draft.id;
    let void = invoice(&test, bob, "7").draft.id;
    test.void_invoices(vec![void]).unwrap();
    test.record_payment(payment(ada, "30", &[(first, "30")])).unwrap();
    let all = test.list_totals(invoices(InvoiceFilter::All, ""), None).unwrap();
    assert_eq!(
        (all.count, sums(&all)),
        (3, vec![("total", "14050"), ("balance", "11050")]),
        "a void one is a row and no money"
    );
    let open = test.list_totals(invoices(InvoiceFilter::Open, "lovelace"), None).unwrap();
    assert_eq!((open.count, sums(&open)), (1, vec![("total", "10000"), ("balance", "7000")]));
    let none = test.list_totals(invoices(InvoiceFilter::Draft, ""), None).unwrap();
    assert_eq!((none.count, sums(&none)), (0, vec![]));
    let nothing = test.list_totals(invoices(InvoiceFilter::All, "zz"), None).unwrap();
    assert_eq!((nothing.count, sums(&nothing)), (0, vec![]), "a search that can find nothing");
    let chosen = vec![second.to_string(), void.to_string(), "no such id".to_owned()];
    let selected = test.list_totals(invoices(InvoiceFilter::All, ""), Some(chosen)).unwrap();
    assert_eq!((selected.count, sums(&selected)), (2, vec![("total", "4050"), ("balance", "4050")]));
}

#[test]
fn the_count_is_that_of_all_pages_in_every_order() {
    let test = TestCore::new();
    let ada = test.customer("Ada").draft.id;
    for amount in 1..=7 {
        invoice(&test, ada, &amount.to_string());
    }
    for sort in
        [InvoiceSort::IssuedOn, InvoiceSort::DueOn, InvoiceSort::Number, InvoiceSort::Total, InvoiceSort::Balance]
    {
        let query = InvoiceQuery { sort, limit: 2, ..first_page() };
        let shown = test.list_invoices(query.clone()).unwrap();
        let query = TotalsQuery::Invoices(InvoiceQuery { cursor: shown.next_cursor, ..query });
        assert_eq!(test.list_totals(query, None).unwrap().count, 7, "{sort:?}");
    }
}

#[test]
fn every_list_has_a_foot() {
    let test = TestCore::new();
    let ada = test.customer("Ada").draft.id;
    let paid = invoice(&test, ada, "50").draft.id;
    test.record_payment(payment(ada, "60", &[(paid, "50")])).unwrap();
    let pen = test.item("PEN", "2.50");
    test.save_order(order(vec![order_line(&pen, "4")])).unwrap();
    let customers = test.list_totals(TotalsQuery::Customers(CustomerQuery { ..first_page() }), None).unwrap();
    assert_eq!(customers.count, 1);
    assert_eq!(customers.sums[0].column, "open_balance");
    let items = test.list_totals(TotalsQuery::Items(ItemQuery { ..first_page() }), None).unwrap();
    assert_eq!((items.count, items.sums.len()), (1, 0), "prices of different things have no sum");
    let orders = test.list_totals(TotalsQuery::Orders(OrderQuery { ..first_page() }), None).unwrap();
    assert_eq!((orders.count, sums(&orders)), (1, vec![("total", "1000")]));
    let payments = test.list_totals(TotalsQuery::Payments(MoneyQuery { ..first_page() }), None).unwrap();
    assert_eq!((payments.count, sums(&payments)), (1, vec![("amount", "6000"), ("unapplied", "1000")]));
    for query in
        [TotalsQuery::Charges(ListQuery { ..first_page() }), TotalsQuery::Payouts(ListQuery { ..first_page() })]
    {
        assert_eq!(test.list_totals(query, None).unwrap(), ListTotals { count: 0, sums: Vec::new() });
    }
}

#[test]
fn a_sum_that_fits_no_single_amount_keeps_its_last_cent_and_each_currency_stands_alone() {
    let test = TestCore::new();
    test.store()
        .write(|tx| {
            for (id, currency, minor) in [("a", "USD", i64::MAX), ("b", "USD", i64::MAX - 7), ("c", "JPY", -5), ("d", "JPY", i64::MIN + 1)] {
                tx.execute(
                    "INSERT INTO payouts (id, connection_id, remote_id, currency, amount_minor, status, arrives_on, created_at,
                         automatic, failure)
                     VALUES (?1, 'c', ?1, ?2, ?3, 'paid', ?4, '2026-11-20T00:00:00.000Z', 0, '')",
                    (id, currency, minor, TODAY),
                )?;
            }
            Ok(())
        })
        .unwrap();
    let totals = test.list_totals(TotalsQuery::Payouts(ListQuery { ..first_page() }), None).unwrap();
    let mut found: Vec<(&str, &str)> =
        totals.sums.iter().map(|sum| (sum.amount.currency.as_str(), sum.amount.minor.as_str())).collect();
    found.sort_unstable();
    assert_eq!(found, [("JPY", "-9223372036854775812"), ("USD", "18446744073709551607")]);
    assert_eq!(totals.count, 4);
}
