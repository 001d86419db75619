//! Finding any record by a few letters.

use backroom_core::customers::CustomerDraft;
use backroom_core::testing::{TestCore, customer, order, order_line};

fn titles(core: &TestCore, text: &str) -> Vec<(String, String)> {
    core.search(text.into(), 20).unwrap().into_iter().map(|hit| (hit.kind, hit.title)).collect()
}

fn pair(kind: &str, title: &str) -> (String, String) {
    (kind.into(), title.into())
}

#[test]
fn all_kinds_are_found_and_the_exact_one_comes_first() {
    let core = TestCore::new();
    core.save_customer(CustomerDraft { company: "Analytical Engines".into(), ..customer("Ada Lovelace") }).unwrap();
    core.customer("Lovely Things");
    let pen = core.item("LOVE", "1");
    core.save_order(order(vec![order_line(&pen, "1")])).unwrap();
    assert_eq!(
        titles(&core, "love"),
        [
            pair("item", "Item LOVE"),
            pair("customer", "Lovely Things"),
            pair("customer", "Ada Lovelace"),
            pair("order", "1001")
        ]
    );
    assert_eq!(titles(&core, "engines"), [pair("customer", "Ada Lovelace")]);
    assert_eq!(titles(&core, "lovelace ada"), [pair("customer", "Ada Lovelace"), pair("order", "1001")]);
    assert_eq!(titles(&core, "10"), [pair("order", "1001")]);
    let hit = core.search("1001".into(), 1).unwrap().remove(0);
    assert_eq!(hit.subtitle, "Ada Lovelace");
}

#[test]
fn odd_texts_find_nothing_and_break_nothing() {
    let core = TestCore::new();
    core.customer("Ada Lovelace");
    let long = "x".repeat(10_000);
    for text in [
        "",
        "  ",
        "\"",
        "\"\"\"",
        "ada\" OR *",
        "NEAR(ada love)",
        "%",
        "___",
        "-ada",
        "\0",
        "'; DROP TABLE customers",
        &long,
    ] {
        assert!(titles(&core, text).is_empty(), "{text:.30}");
    }
    assert_eq!(core.count("SELECT count(*) FROM customers"), 1);
}

#[test]
fn letters_of_every_alphabet_are_found_in_either_case() {
    let core = TestCore::new();
    core.customer("Ольга Петрова");
    core.customer("Müller & Söhne");
    assert_eq!(titles(&core, "ПЕТР"), [pair("customer", "Ольга Петрова")]);
    assert_eq!(titles(&core, "söhn"), [pair("customer", "Müller & Söhne")]);
    assert_eq!(titles(&core, "MÜ"), [pair("customer", "Müller & Söhne")]);
}

#[test]
fn archived_customers_are_left_out() {
    let core = TestCore::new();
    let ada = core.customer("Ada Lovelace");
    core.archive_customers(vec![ada.draft.id], true).unwrap();
    assert!(titles(&core, "lovelace").is_empty());
}

#[test]
fn a_limit_is_shared_between_the_kinds() {
    let core = TestCore::new();
    let pen = core.item("PEN", "1");
    for _ in 0..30 {
        core.order(&[(&pen, "1")]);
    }
    core.customer("Zoe lovelace");
    let found = titles(&core, "lovelace");
    assert_eq!(found.len(), 20);
    assert!(found.iter().any(|(kind, _)| kind == "customer"));
}

fn picked(core: &TestCore, text: &str, limit: u32) -> Vec<String> {
    core.find_customers(text.into(), limit).unwrap().into_iter().map(|row| row.display_name).collect()
}

#[test]
fn a_picker_offers_exactly_that_name_first_then_what_begins_with_it_then_what_contains_it() {
    let core = TestCore::new();
    // Many that contain the words without beginning with them, and sort before what is looked for.
    for number in 1..=60 {
        core.save_customer(CustomerDraft {
            company: "Tidewater Studio".into(),
            ..customer(&format!("Customer {number:05} Tidewater Studio"))
        })
        .unwrap();
    }
    for name in ["Tidewater Studio North", "Tidewater Stu", "Old Tidewater Studio", "Tidewater Studio", "tidewater st"]
    {
        core.customer(name);
    }
    assert_eq!(
        picked(&core, "Tidewater St", 4),
        ["tidewater st", "Tidewater Stu", "Tidewater Studio", "Tidewater Studio North"]
    );
    assert_eq!(picked(&core, "  TIDEWATER studio ", 2), ["Tidewater Studio", "Tidewater Studio North"]);
    assert_eq!(picked(&core, "old tide", 1), ["Old Tidewater Studio"]);
    assert_eq!(picked(&core, "studio tidewater", 20).len(), 20, "words in another order");
    assert_eq!(picked(&core, "", 1), ["Customer 00001 Tidewater Studio"], "nothing typed: the first by name");
    assert!(picked(&core, "nobody", 20).is_empty());
    assert!(picked(&core, "\"%_\0", 20).is_empty());
}

#[test]
fn a_picker_offers_no_archived_record_and_no_record_twice() {
    let core = TestCore::new();
    let gone = core.customer("Tidewater").draft.id;
    core.customer("Tidewater Two");
    core.archive_customers(vec![gone], true).unwrap();
    assert_eq!(picked(&core, "tidewater", 20), ["Tidewater Two"]);
}

#[test]
fn items_are_offered_by_name_and_by_sku() {
    let core = TestCore::new();
    for sku in ["PEN", "PEN-2", "XPEN", "BOX"] {
        core.item(sku, "1");
    }
    let skus = |text: &str| -> Vec<String> {
        core.find_items(text.into(), 20).unwrap().into_iter().map(|row| row.sku).collect()
    };
    assert_eq!(skus("pen"), ["PEN", "PEN-2", "XPEN"]);
    assert_eq!(skus("item box"), ["BOX"], "by its name");
    assert_eq!(skus("Item PEN"), ["PEN", "PEN-2", "XPEN"], "each word by itself");
}
