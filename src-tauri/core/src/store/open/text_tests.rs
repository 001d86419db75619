//! Files from before texts had keys by Unicode.

use super::*;

const BEFORE: usize = 11;

fn old_file() -> Connection {
    let mut file = Connection::open_in_memory().expect("a file");
    prepare(&file).expect("settings");
    migrate(&mut file, None, &MIGRATIONS[..BEFORE]).expect("the format before");
    file
}

fn texts(file: &Connection, sql: &str) -> Vec<String> {
    let mut statement = file.prepare(sql).expect("a query");
    let rows = statement.query_map([], |row| row.get(0)).expect("rows");
    rows.collect::<rusqlite::Result<_>>().expect("texts")
}

#[test]
fn an_older_file_gets_the_keys_of_its_texts() {
    let mut file = old_file();
    file.execute_batch(
        "INSERT INTO customers (id, version, display_name, name_key, company, email, phone, billing, shipping, notes, currency,
             created_at, updated_at) VALUES
             ('a', 1, 'Émile Núñez', 'émile núñez', '', 'Me@X.co', '', '{}', '{}', '', 'USD', '', ''),
             ('b', 1, 'Zebra', 'zebra', '', '', '', '{}', '{}', '', 'USD', '', ''),
             ('c', 1, '東京書店', '東京書店', '', '', '', '{}', '{}', '', 'USD', '', '');
         INSERT INTO items (id, version, sku, sku_key, name, name_key, description, barcode, kind, currency, unit_price_minor,
             created_at, updated_at) VALUES
             ('i', 1, 'ＡＢ-1', 'ａｂ-1', 'Öl', 'öl', '', '036000291452', 'stocked', 'USD', 1, '', '');
         INSERT INTO orders (id, version, number, number_key, number_sort, status, ordered_at, ordered_on, customer_name,
             customer_email, billing, ship_to, currency, shipping_minor, tax_minor, total_minor, line_count, customer_note,
             internal_note, requested_service, source, created_at, updated_at) VALUES
             ('o', 1, 'SO－９', 'so－９', 'so－９', 'open', '', '', 'Émile', '', '{}', '{}', 'USD', 0, 0, 0, 0, '', '', '', 'owner', '', '');",
    )
    .expect("rows of before");
    migrate(&mut file, None, MIGRATIONS).expect("the newest format");
    assert_eq!(texts(&file, "SELECT name_key FROM customers ORDER BY name_key"), ["emile nunez", "zebra", "東京書店"]);
    assert_eq!(texts(&file, "SELECT email_key FROM customers WHERE id = 'a'"), ["me@x.co"]);
    let keys = "SELECT sku_key || '|' || name_key || '|' || barcode_key FROM items";
    assert_eq!(texts(&file, keys), ["ab-1|ol|00036000291452"]);
    assert_eq!(texts(&file, "SELECT number_key || '|' || number_sort FROM orders"), ["so-9|so-000000000009"]);
    let found =
        "SELECT t.id FROM customers_fts f JOIN customers t ON t.row = f.rowid WHERE customers_fts MATCH '\"nunez\"'";
    assert_eq!(texts(&file, found), ["a"]);
    let two = "SELECT DISTINCT t.id FROM customers_fts_terms f JOIN customers t ON t.row = f.doc
        WHERE term >= '書店' AND term < '書店' || char(1114111)";
    assert_eq!(texts(&file, two), ["c"]);
    file.execute("DELETE FROM customers WHERE id = 'c'", []).expect("gone");
    assert_eq!(texts(&file, two), Vec::<String>::new());
}

#[test]
fn a_hundred_thousand_names_get_their_keys_in_the_time_of_a_few_rewrites() {
    let mut file = old_file();
    file.execute_batch(
        "DROP TRIGGER customers_fts_insert;
         WITH RECURSIVE n (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM n WHERE n < 100000)
         INSERT INTO customers (id, version, display_name, name_key, company, email, phone, billing, shipping, notes, currency,
             created_at, updated_at)
         SELECT 'c' || n, 1, 'Émile ' || n, 'émile ' || n, 'Söhne ' || n, n || '@example.com', '', '{}', '{}', '', 'USD', '', ''
         FROM n;
         CREATE TRIGGER customers_fts_insert AFTER INSERT ON customers BEGIN SELECT 1; END;",
    )
    .expect("many names");
    let started = std::time::Instant::now();
    migrate(&mut file, None, MIGRATIONS).expect("the newest format");
    let took = started.elapsed();
    // The yardstick runs on the same machine under the same load: as many rows indexed by trigrams, twenty times over.
    let started = std::time::Instant::now();
    file.execute_batch(
        "CREATE VIRTUAL TABLE yardstick USING fts5 (text, tokenize = 'trigram');
         INSERT INTO yardstick SELECT display_name || company || email FROM customers;",
    )
    .expect("a yardstick");
    let yardstick = started.elapsed();
    assert!(took < yardstick * 20, "{took:?} against {yardstick:?}");
    assert_eq!(texts(&file, "SELECT name_key FROM customers WHERE id = 'c99999'"), ["emile 99999"]);
}
