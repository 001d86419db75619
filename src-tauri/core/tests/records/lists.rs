//! Pages of lists: every order, filter and search, walked from end to end.

use backroom_core::customers::{CustomerDraft, CustomerQuery, CustomerSort};
use backroom_core::ids::ConnectionId;
use backroom_core::items::{ItemDraft, ItemFilter, ItemQuery, ItemSort};
use backroom_core::orders::{OrderAction, OrderFilter, OrderQuery, OrderSort};
use backroom_core::testing::{TestCore, customer, first_page, item, wrong_fields};
use backroom_core::view::ArchiveFilter;
use backroom_core::view::RecordSyncState::{Conflict, Problem, Synced, Waiting};

/// All rows of a list in pages of two.
fn walk<Q: Clone, R>(query: &Q, page: impl Fn(Q, Option<String>) -> (Vec<R>, Option<String>)) -> Vec<R> {
    let mut all = Vec::new();
    let mut cursor = None;
    for _ in 0..100 {
        let (rows, next) = page(query.clone(), cursor);
        assert!(rows.len() <= 2);
        all.extend(rows);
        cursor = next;
        if cursor.is_none() {
            return all;
        }
    }
    panic!("the pages never end");
}

fn customers(core: &TestCore, query: &CustomerQuery) -> Vec<String> {
    walk(query, |query, cursor| {
        let page = core.list_customers(CustomerQuery { cursor, limit: 2, ..query }).unwrap();
        (page.rows.into_iter().map(|row| row.display_name).collect(), page.next_cursor)
    })
}

fn items(core: &TestCore, query: &ItemQuery) -> Vec<String> {
    walk(query, |query, cursor| {
        let page = core.list_items(ItemQuery { cursor, limit: 2, ..query }).unwrap();
        (page.rows.into_iter().map(|row| row.sku).collect(), page.next_cursor)
    })
}

fn orders(core: &TestCore, query: &OrderQuery) -> Vec<String> {
    walk(query, |query, cursor| {
        let page = core.list_orders(OrderQuery { cursor, limit: 2, ..query }).unwrap();
        (page.rows.into_iter().map(|row| row.number).collect(), page.next_cursor)
    })
}

#[test]
fn customers_are_listed_by_name_whatever_the_case() {
    let core = TestCore::new();
    for name in ["bob", "Ada", "carl", "Dora", "eve"] {
        core.customer(name);
    }
    let carl = core.list_customers(CustomerQuery { search: "carl".into(), ..first_page() }).unwrap().rows.remove(0).id;
    core.archive_customers(vec![carl], true).unwrap();
    let query = first_page();
    assert_eq!(customers(&core, &query), ["Ada", "bob", "Dora", "eve"]);
    let query = CustomerQuery { descending: true, ..query };
    assert_eq!(customers(&core, &query), ["eve", "Dora", "bob", "Ada"]);
    let query = CustomerQuery { filter: ArchiveFilter::All, ..query };
    assert_eq!(customers(&core, &query), ["eve", "Dora", "carl", "bob", "Ada"]);
    let query = CustomerQuery { filter: ArchiveFilter::Archived, sort: CustomerSort::UpdatedAt, ..query };
    assert_eq!(customers(&core, &query), ["carl"]);
}

#[test]
fn equal_sort_keys_lose_no_row() {
    let core = TestCore::new();
    for number in 0..9 {
        core.customer(&format!("Customer {number}"));
    }
    for filter in [ArchiveFilter::Active, ArchiveFilter::All] {
        for descending in [false, true] {
            let query = CustomerQuery { sort: CustomerSort::OpenBalance, filter, descending, ..first_page() };
            let mut names = customers(&core, &query);
            assert_eq!(names.len(), 9);
            names.sort();
            names.dedup();
            assert_eq!(names.len(), 9);
        }
    }
}

#[test]
fn a_search_keeps_order_filter_and_pages() {
    let core = TestCore::new();
    for (name, email) in
        [("Pen World", ""), ("Open Sky", ""), ("Ada", "ada@pens.example"), ("Carpenter", ""), ("Bob", "")]
    {
        core.save_customer(CustomerDraft { email: email.into(), ..customer(name) }).unwrap();
    }
    let query = CustomerQuery { search: "PEN".into(), ..first_page() };
    assert_eq!(customers(&core, &query), ["Ada", "Carpenter", "Open Sky", "Pen World"]);
    let query = CustomerQuery { search: "pen w".into(), ..query };
    assert_eq!(customers(&core, &query), ["Pen World"]);
    let query = CustomerQuery { search: "b".into(), ..query };
    assert_eq!(customers(&core, &query), ["Bob"]);
    let query = CustomerQuery { search: "100%".into(), ..query };
    assert!(customers(&core, &query).is_empty());
}

#[test]
fn a_search_that_finds_thousands_still_gives_sorted_pages() {
    let core = TestCore::new();
    core.store()
        .write(|tx| {
            for number in 0..9_000 {
                tx.execute(
                    "INSERT INTO customers (id, version, display_name, name_key, company, email, phone, billing, shipping,
                         notes, currency, open_minor, created_at, updated_at)
                     VALUES (?1, 1, ?2, lower(?2), '', '', '', '{}', '{}', '', 'USD', ?3, ?4, ?4)",
                    rusqlite::params![
                        backroom_core::ids::CustomerId::new(),
                        format!("{} Trading {number:04}", if number % 2 == 0 { "Acme" } else { "Zeta" }),
                        (number * 7919) % 9_000,
                        "2026-01-01T00:00:00.000Z"
                    ],
                )?;
            }
            Ok(())
        })
        .unwrap();
    for (search, expected) in [("trading", 9_000), ("Acme trad", 4_500), ("ac", 4_500), ("t", 0), ("", 9_000)] {
        let mut last = -1;
        let mut count = 0;
        let mut cursor = None;
        loop {
            let query = CustomerQuery {
                search: search.into(),
                sort: CustomerSort::OpenBalance,
                cursor,
                limit: 200,
                ..first_page()
            };
            let page = core.list_customers(query).unwrap();
            for row in page.rows {
                let balance: i64 = row.open_balance.minor.parse().unwrap();
                assert!(balance > last);
                last = balance;
                count += 1;
            }
            cursor = page.next_cursor;
            if cursor.is_none() {
                break;
            }
        }
        assert_eq!(count, expected, "{search}");
    }
}

#[test]
fn items_are_listed_in_every_order_and_by_low_stock() {
    let core = TestCore::new();
    for (sku, name, on_hand, reorder) in
        [("C", "Alpha", "5", "10"), ("A", "Gamma", "1", ""), ("B", "Beta", "3", "3"), ("D", "Delta", "9", "1")]
    {
        let draft = ItemDraft {
            name: name.into(),
            opening_quantity: on_hand.into(),
            reorder_point: reorder.into(),
            ..item(sku, "1")
        };
        core.save_item(draft).unwrap();
    }
    let by =
        |sort, low_stock| ItemQuery { sort, filter: ItemFilter { low_stock, ..ItemFilter::default() }, ..first_page() };
    assert_eq!(items(&core, &by(ItemSort::Name, false)), ["C", "B", "D", "A"]);
    assert_eq!(items(&core, &by(ItemSort::Sku, false)), ["A", "B", "C", "D"]);
    assert_eq!(items(&core, &by(ItemSort::Available, false)), ["A", "B", "C", "D"]);
    assert_eq!(items(&core, &by(ItemSort::Name, true)), ["C", "B"]);
    assert_eq!(items(&core, &ItemQuery { search: "a".into(), ..by(ItemSort::Name, false) }), ["C", "A"]);
    let row = core.list_items(by(ItemSort::Sku, true)).unwrap().rows.remove(0);
    assert_eq!((row.sku.as_str(), row.available.as_str(), row.low), ("B", "3", true));
}

#[test]
fn orders_are_listed_as_people_count_and_by_status() {
    let core = TestCore::new();
    let pen = core.stocked_item("PEN", "1", "100");
    for (number, quantity) in [("SO-999", "3"), ("SO-1000", "1"), ("SO-12", "2")] {
        let mut draft = core.order(&[(&pen, quantity)]).draft;
        draft.number = number.into();
        core.save_order(draft).unwrap();
    }
    let by = |sort, filter| OrderQuery { sort, filter, ..first_page() };
    assert_eq!(orders(&core, &by(OrderSort::Number, OrderFilter::All)), ["SO-12", "SO-999", "SO-1000"]);
    assert_eq!(orders(&core, &by(OrderSort::Total, OrderFilter::All)), ["SO-1000", "SO-12", "SO-999"]);
    assert_eq!(orders(&core, &OrderQuery { search: "so".into(), ..by(OrderSort::Number, OrderFilter::All) }).len(), 3);
    let id = core.list_orders(OrderQuery { search: "SO-999".into(), ..first_page() }).unwrap().rows.remove(0).id;
    core.act_on_orders(vec![id], OrderAction::Hold { until: None }).unwrap();
    for sort in [OrderSort::OrderedAt, OrderSort::Number, OrderSort::Total] {
        assert_eq!(orders(&core, &by(sort, OrderFilter::OnHold)), ["SO-999"]);
        assert_eq!(orders(&core, &by(sort, OrderFilter::Open)).len(), 2);
        assert!(orders(&core, &by(sort, OrderFilter::Cancelled)).is_empty());
    }
}

#[test]
fn a_cursor_of_another_order_or_of_nonsense_is_refused() {
    let core = TestCore::new();
    for name in ["a", "b", "c"] {
        core.customer(name);
    }
    let page = core.list_customers(CustomerQuery { limit: 1, ..first_page() }).unwrap();
    let query = CustomerQuery { cursor: page.next_cursor, sort: CustomerSort::UpdatedAt, ..first_page() };
    assert_eq!(wrong_fields(core.list_customers(query)), ["cursor"]);
    for nonsense in ["", "[]", "{\"o\":\"name_key+\"}", "🦀"] {
        let query = CustomerQuery { cursor: Some(nonsense.into()), ..first_page() };
        assert_eq!(wrong_fields(core.list_customers(query)), ["cursor"], "{nonsense}");
    }
    let all = core.list_customers(CustomerQuery { limit: 0, ..first_page() }).unwrap();
    assert_eq!(all.rows.len(), 1, "a limit of nothing still gives a row");
}

#[test]
fn rows_show_the_worst_of_their_sync_states() {
    let core = TestCore::new();
    let ids: Vec<_> =
        ["unknown", "synced", "waiting", "rejected", "conflict"].map(|name| core.customer(name).draft.id).into();
    let connections = [ConnectionId::new(), ConnectionId::new()];
    core.store()
        .write(|tx| {
            for (index, connection) in connections.iter().enumerate() {
                tx.execute(
                    "INSERT INTO connections (id, vendor, environment, account_id, account_name, state, created_at)
                     VALUES (?1, ?2, 'production', '1', 'Shop', 'ready', '2026-01-01T00:00:00.000Z')",
                    rusqlite::params![connection, format!("vendor{index}")],
                )?;
                for (number, id) in ids.iter().enumerate().skip(1) {
                    tx.execute(
                        "INSERT INTO links (connection_id, kind, remote_id, local_id, agreed_at)
                         VALUES (?1, 'customer', ?2, ?3, '2026-01-02T00:00:00.000Z')",
                        rusqlite::params![connection, number.to_string(), id],
                    )?;
                }
            }
            for (id, state) in [(ids[2], "waiting"), (ids[3], "rejected"), (ids[4], "waiting")] {
                tx.execute(
                    "INSERT INTO outbox (id, connection_id, kind, local_id, operation, state, created_at, updated_at)
                     VALUES (?1, ?2, 'customer', ?3, 'update', ?4, '', '')",
                    rusqlite::params![backroom_core::ids::OutboxId::new(), connections[1], id, state],
                )?;
            }
            tx.execute(
                "INSERT INTO problems (id, connection_id, kind, local_id, title, code, message, advice, vendor_text, action, since)
                 VALUES (?1, ?2, 'customer', ?3, '', 'conflict', 'Both sides changed the name.', '', '', 'edit_record', '')",
                rusqlite::params![backroom_core::ids::ProblemId::new(), connections[0], ids[4]],
            )?;
            Ok(())
        })
        .unwrap();
    let states: Vec<_> = core
        .list_customers(CustomerQuery { descending: true, ..first_page() })
        .unwrap()
        .rows
        .into_iter()
        .map(|row| (row.display_name, row.sync))
        .collect();
    let expected = [
        ("waiting", Some(Waiting)),
        ("unknown", None),
        ("synced", Some(Synced)),
        ("rejected", Some(Problem)),
        ("conflict", Some(Conflict)),
    ];
    assert_eq!(states, expected.map(|(name, state)| (name.to_owned(), state)));
    let view = core.get_customer(ids[4]).unwrap();
    let first = view.sync.iter().find(|sync| sync.connection_id == connections[0]).unwrap();
    assert_eq!((first.state, first.remote_id.as_deref()), (Conflict, Some("4")));
    assert_eq!(first.problem.as_deref(), Some("Both sides changed the name."));
    let second = view.sync.iter().find(|sync| sync.connection_id == connections[1]).unwrap();
    assert_eq!((second.state, second.problem.as_deref()), (Waiting, None));
}
