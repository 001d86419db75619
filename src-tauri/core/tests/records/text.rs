//! Text as people write it: found, sorted, compared and scanned whatever its accents, case, width and invisible characters.

use backroom_core::customers::{CustomerDraft, CustomerQuery};
use backroom_core::invoices::{InvoiceDraft, InvoiceFilter, InvoiceSort};
use backroom_core::items::{ItemDraft, ItemFilter, ItemQuery, ItemSort};
use backroom_core::orders::{OrderDraft, OrderFilter, OrderQuery, OrderSort};
use backroom_core::testing::{
    TestCore, customer, draft_invoice, field_errors, first_page, invoice_line, item, order, order_line, wrong_fields,
};

fn listed(core: &TestCore, search: &str) -> Vec<String> {
    let query = CustomerQuery { search: search.into(), ..first_page() };
    core.list_customers(query).unwrap().rows.into_iter().map(|row| row.display_name).collect()
}

fn items(core: &TestCore, search: &str) -> Vec<String> {
    let query: ItemQuery = first_page::<ItemFilter, ItemSort>();
    core.list_items(ItemQuery { search: search.into(), ..query })
        .unwrap()
        .rows
        .into_iter()
        .map(|row| row.name)
        .collect()
}

fn found(core: &TestCore, search: &str) -> Vec<String> {
    core.search(search.into(), 20).unwrap().into_iter().map(|hit| hit.title).collect()
}

fn scanned(core: &TestCore, barcode: &str) -> Vec<String> {
    core.find_stock(barcode.into(), 20).unwrap().into_iter().map(|hit| hit.sku).collect()
}

const NAMES: [(&str, &str); 9] = [
    ("José Núñez", "jose nunez"),
    ("Straße & Söhne", "STRASSE sohne"),
    ("İstanbul Halı", "istanbul hali"),
    ("Łódź Ærø", "lodz aero"),
    ("ＴＯＫＹＯ Ltd", "tokyo"),
    ("東京都書店", "東京"),
    ("山田 太郎", "太郎"),
    ("서울 상사", "서울"),
    ("Cafe\u{301} Zoe\u{301}", "café zoé"),
];

#[test]
fn every_list_and_the_command_box_find_names_as_people_type_them() {
    let core = TestCore::new();
    for (name, search) in NAMES {
        let of = core.customer(name).draft;
        let stored = of.display_name.clone();
        let goods = core.save_item(ItemDraft { name: name.into(), ..item(name, "1") }).unwrap();
        let lines = vec![order_line(&goods, "1")];
        core.save_order(OrderDraft { customer_id: Some(of.id), customer_name: name.into(), ..order(lines) }).unwrap();
        core.save_invoice(draft_invoice(of.id, vec![invoice_line("Pens", "1", "1")])).unwrap();
        assert_eq!(listed(&core, search), [stored.as_str()], "{search}");
        assert_eq!(items(&core, search), [stored.as_str()], "{search}");
        assert!(found(&core, search).contains(&stored), "{search}");
        let orders = OrderQuery { search: search.into(), ..first_page::<OrderFilter, OrderSort>() };
        assert_eq!(core.list_orders(orders).unwrap().rows.len(), 1, "{search}");
        let mut invoices = first_page::<InvoiceFilter, InvoiceSort>();
        invoices.search = search.into();
        assert_eq!(core.list_invoices(invoices).unwrap().rows.len(), 1, "{search}");
    }
}

#[test]
fn words_of_one_or_two_signs_narrow_each_other_and_follow_changes() {
    let core = TestCore::new();
    let yamada = core.customer("山田 太郎").draft;
    core.customer("山田 花子");
    core.customer("山本 太郎");
    assert_eq!(listed(&core, "山田 太郎"), ["山田 太郎"]);
    assert_eq!(listed(&core, "山田").len(), 2);
    assert_eq!(listed(&core, "山").len(), 3);
    assert_eq!(found(&core, "太郎 山本"), ["山本 太郎"]);
    core.save_customer(CustomerDraft { display_name: "佐藤 太郎".into(), version: Some(1), ..yamada }).unwrap();
    assert_eq!(listed(&core, "山田"), ["山田 花子"], "the old name is gone from the index");
    assert_eq!(listed(&core, "佐藤"), ["佐藤 太郎"]);
}

#[test]
fn a_renamed_customer_is_found_by_the_new_name_on_its_invoices() {
    let core = TestCore::new();
    let ada = core.customer("Zoë Ångström").draft;
    core.save_invoice(draft_invoice(ada.id, vec![invoice_line("Pens", "1", "1")])).unwrap();
    let count = |search: &str| {
        let mut query = first_page::<InvoiceFilter, InvoiceSort>();
        query.search = search.into();
        core.list_invoices(query).unwrap().rows.len()
    };
    assert_eq!(count("angstrom"), 1);
    core.save_customer(CustomerDraft { display_name: "Émile Zola".into(), version: Some(1), ..ada }).unwrap();
    assert_eq!((count("angstrom"), count("emile")), (0, 1));
}

#[test]
fn lists_sort_by_letters_from_page_to_page() {
    let core = TestCore::new();
    for name in ["Zebra", "Eva", "Émile", "öl", "Oslo", "Ähre", "ａｂｃ", "Éva"] {
        core.customer(name);
        core.save_item(ItemDraft { name: name.into(), ..item("", "1") }).unwrap();
    }
    let (mut customers, mut goods, mut cursor) = (Vec::new(), Vec::new(), None);
    loop {
        let page = core.list_customers(CustomerQuery { cursor, limit: 3, ..first_page() }).unwrap();
        customers.extend(page.rows.into_iter().map(|row| row.display_name));
        cursor = page.next_cursor;
        if cursor.is_none() {
            break;
        }
    }
    loop {
        let query: ItemQuery = first_page::<ItemFilter, ItemSort>();
        let page = core.list_items(ItemQuery { cursor, limit: 3, sort: ItemSort::Name, ..query }).unwrap();
        goods.extend(page.rows.into_iter().map(|row| row.name));
        cursor = page.next_cursor;
        if cursor.is_none() {
            break;
        }
    }
    let sorted = ["ａｂｃ", "Ähre", "Émile", "Eva", "Éva", "öl", "Oslo", "Zebra"];
    assert_eq!(customers, sorted);
    assert_eq!(goods, sorted);
}

#[test]
fn a_name_that_nobody_sees_is_refused() {
    let core = TestCore::new();
    for name in ["\u{200B}", "\u{2060}\u{FEFF}", "\u{3164}", "\u{2800}", " \u{AD} ", "\u{202E}"] {
        assert_eq!(wrong_fields(core.save_customer(customer(name))), ["display_name"], "{name:?}");
        let draft = ItemDraft { name: name.into(), ..item("A", "1") };
        assert_eq!(wrong_fields(core.save_item(draft)), ["name"], "{name:?}");
    }
}

#[test]
fn names_numbers_and_skus_that_look_the_same_are_the_same() {
    let core = TestCore::new();
    let zoe = core.customer("Zoé").draft;
    for name in ["Zoe\u{301}", "ZOÉ", "Zo\u{200B}é", "\u{FEFF}Zoé"] {
        assert_eq!(wrong_fields(core.save_customer(customer(name))), ["display_name"], "{name:?}");
    }
    core.customer("Zoe");
    core.item("A-7", "1");
    for sku in ["a-7", "A-7\u{200B}", "Ａ－７", "A\u{2011}7"] {
        let draft = ItemDraft { name: format!("Other {sku}"), ..item(sku, "1") };
        assert_eq!(wrong_fields(core.save_item(draft)), ["sku"], "{sku:?}");
    }
    let invoice = |number: &str| InvoiceDraft {
        number: number.into(),
        ..draft_invoice(zoe.id, vec![invoice_line("Pens", "1", "1")])
    };
    let saved = core.save_invoice(invoice("INV-7\u{200B}")).unwrap();
    assert_eq!(saved.draft.number, "INV-7", "what nobody sees is not kept");
    for number in ["INV-7", "inv-7", "INV\u{2011}7", "INV-７"] {
        assert_eq!(wrong_fields(core.save_invoice(invoice(number))), ["number"], "{number:?}");
    }
}

#[test]
fn text_pasted_from_a_word_processor_is_cleaned() {
    let core = TestCore::new();
    let draft = ItemDraft { description: "one\u{B}two\u{7}\r\nthree\u{AD}s".into(), ..item("A", "1") };
    assert_eq!(core.save_item(draft).unwrap().draft.description, "one\ntwo\nthrees");
    let emoji = "👩\u{200D}🚀 kit";
    assert_eq!(core.customer(emoji).draft.display_name, emoji, "joiners of an emoji stay");
}

#[test]
fn a_barcode_is_found_at_every_length_of_its_number() {
    let core = TestCore::new();
    for (sku, barcode) in [
        ("UPC", "036000291452"),
        ("EAN", "4006381333931"),
        ("EIGHT", "73513537"),
        ("WRONG", "036000291453"),
        ("OWN", "Shelf 7"),
    ] {
        core.save_item(ItemDraft { barcode: barcode.into(), ..item(sku, "1") }).unwrap();
    }
    for (code, sku) in [
        ("036000291452", "UPC"),
        ("0036000291452", "UPC"),
        ("00036000291452", "UPC"),
        ("0 36000 29145 2", "UPC"),
        ("4006381333931", "EAN"),
        ("04006381333931", "EAN"),
        ("0000073513537", "EIGHT"),
        ("036000291453", "WRONG"),
        ("shelf 7", "OWN"),
        ("０３６０００２９１４５２", "UPC"),
    ] {
        assert_eq!(scanned(&core, code), [sku], "{code}");
    }
    assert_eq!(items(&core, "0036000291452"), ["Item UPC"], "the list finds a scanned code as well");
    assert_eq!(items(&core, "36000291452"), ["Item UPC"]);
}

#[test]
fn a_scan_reads_the_index_of_barcodes_and_nothing_else() {
    let core = TestCore::new();
    let plan: Vec<String> = core
        .store()
        .read(|db| {
            let sql = backroom_core::store::search::BY_BARCODE;
            let mut statement = db.prepare(&format!("EXPLAIN QUERY PLAN {sql}"))?;
            let mut rows = statement.raw_query();
            let mut steps = Vec::new();
            while let Some(row) = rows.next()? {
                steps.push(row.get::<_, String>(3)?);
            }
            Ok(steps)
        })
        .unwrap();
    assert!(plan[0].contains("SEARCH items USING INDEX items_by_barcode (barcode_key=?)"), "{plan:?}");
    assert!(!plan.iter().any(|step| step.contains("SCAN")), "{plan:?}");
}

#[test]
fn an_unclear_number_is_refused_with_both_ways_to_write_it() {
    let core = TestCore::new();
    let errors = field_errors(core.save_item(ItemDraft { unit_price: "{,.}12.50".into(), ..item("A", "1") }));
    assert_eq!(errors[0].reason, "\"12.50\" is not clear; write 12,50 or 1250.");
    let saved = core.save_item(ItemDraft { unit_price: "{,.}1.250,50".into(), ..item("A", "1") }).unwrap();
    assert_eq!(saved.draft.unit_price, "1250.50");
}
