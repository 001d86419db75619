//! A small company to look around in, written through core as the window would write it. Running it again adds nothing.

use anyhow::Context as _;
use backroom_core::Core;
use backroom_core::company::{CompanySetup, LocationDraft};
use backroom_core::customers::CustomerDraft;
use backroom_core::ids::{CustomerId, InvoiceId, ItemId, LineId, LocationId, MovementId, OrderId, PaymentId};
use backroom_core::invoices::{InvoiceDraft, InvoiceLineDraft, InvoiceSource};
use backroom_core::items::{ItemDraft, ItemKind};
use backroom_core::orders::{OrderAction, OrderDraft, OrderLineDraft, ParcelDraft};
use backroom_core::payments::{AppliedDraft, PaymentDraft};
use backroom_core::stock::{StockChange, StockDraft};
use backroom_core::view::AddressView;
use chrono::{Days, NaiveDate};
use std::path::Path;
use uuid::Uuid;

/// Name of the company; the vendors' stand-ins know it by the same.
pub const COMPANY: &str = "Harbor & Pine Coffee Supply";

/// SKU, name, price, cost, on hand, of these in the showroom, reorder point.
const ITEMS: [(&str, &str, &str, &str, &str, &str, &str); 8] = [
    ("MUG-01", "Stoneware mug", "18.00", "7.20", "180", "24", "40"),
    ("MUG-02", "Travel mug", "24.50", "11.00", "96", "12", "20"),
    ("BEAN-250", "House espresso 250 g", "9.80", "4.10", "420", "36", "120"),
    ("BEAN-1K", "House espresso 1 kg", "32.00", "14.80", "130", "10", "40"),
    ("FILT-100", "Paper filters x100", "6.40", "1.90", "60", "10", "80"),
    ("KETT-09", "Gooseneck kettle 0.9 l", "64.00", "33.50", "24", "3", "6"),
    ("GRIND-H", "Hand grinder", "89.00", "46.20", "8", "2", "10"),
    ("GIFT-25", "Gift card", "25.00", "", "", "", ""),
];

/// Name, e-mail, telephone, street, city, postal code.
const CUSTOMERS: [(&str, &str, &str, &str, &str, &str); 6] = [
    ("Lighthouse Diner", "office@lighthousediner.example", "(207) 555-0161", "3 Beacon Way", "Bath", "04530"),
    ("Saltmarsh Yoga", "hello@saltmarsh.example", "(207) 555-0162", "41 Dune Road", "Wells", "04090"),
    ("Fern & Finch Florist", "shop@fernfinch.example", "(207) 555-0163", "18 Elm Street", "Brunswick", "04011"),
    ("Granite Bay Hotel", "purchasing@granitebay.example", "(207) 555-0164", "90 Cliff Walk", "Bar Harbor", "04609"),
    ("Junction Bike Works", "pedal@junctionbikes.example", "(207) 555-0165", "7 Depot Square", "Portland", "04101"),
    ("Oda Nakamura", "oda@mail.example", "(207) 555-0166", "66 Orchard Lane", "Saco", "04072"),
];

/// What becomes of an invoice after it is written.
enum Fate {
    Draft,
    Open,
    Paid { percent: i64, days_later: u64 },
    Void,
}

/// Items by their place above, with quantities.
type Bought = &'static [(usize, &'static str)];

/// An invoice; the terms decide whether it is overdue.
struct Sale(usize, u64, Bought, Fate);

/// Customer, days ago, what was bought, fate.
const INVOICES: [Sale; 8] = [
    Sale(0, 75, &[(3, "12"), (0, "6")], Fate::Paid { percent: 100, days_later: 21 }),
    Sale(3, 58, &[(0, "48"), (5, "2")], Fate::Paid { percent: 50, days_later: 30 }),
    Sale(1, 46, &[(2, "20"), (4, "10")], Fate::Open),
    Sale(4, 33, &[(6, "1"), (1, "4")], Fate::Void),
    Sale(2, 21, &[(2, "30"), (0, "4")], Fate::Paid { percent: 100, days_later: 2 }),
    Sale(3, 12, &[(3, "24"), (4, "20")], Fate::Open),
    Sale(5, 4, &[(6, "1"), (7, "1")], Fate::Open),
    Sale(0, 1, &[(3, "10"), (2, "15")], Fate::Draft),
];

/// What becomes of an order after it is typed in.
enum Turn {
    Stay,
    Hold { days: u64 },
    Ship { tracking: &'static str },
    Cancel,
}

/// An order.
struct Wish(&'static str, usize, u64, Bought, Turn);

/// Number, customer, days ago, what is wanted, turn.
const ORDERS: [Wish; 5] = [
    Wish("P-201", 4, 9, &[(1, "2")], Turn::Ship { tracking: "9400100000000000000001" }),
    Wish("P-202", 5, 6, &[(5, "1"), (3, "1")], Turn::Stay),
    Wish("P-203", 2, 5, &[(0, "8")], Turn::Hold { days: 7 }),
    Wish("P-204", 1, 3, &[(2, "6")], Turn::Cancel),
    Wish("P-205", 3, 1, &[(6, "12")], Turn::Stay),
];

/// Kinds of records, so that each has ids of its own.
#[derive(Clone, Copy)]
enum Kind {
    Item = 1,
    Customer,
    Invoice,
    Payment,
    Order,
    Line,
    Movement,
    Location,
}

/// The same id in every run: saving a second time then writes nothing.
fn id(kind: Kind, number: usize) -> Uuid {
    // Version 7 and variant bits as in every other id; the rest only has to be fixed.
    const FRAME: u128 = 0x0198_0000_0000_7000_8000_0000_0000_0000;
    Uuid::from_u128(FRAME | ((kind as u128) << 40) | number as u128)
}

/// Writes the company, unless it is there.
pub async fn write(folder: &Path) -> anyhow::Result<()> {
    let opened = backroom_host::open(folder).await?;
    // A window on the same folder would not hear of what is written here.
    let _lock = opened.engine?;
    let core = opened.core;
    core.set_up_company(CompanySetup {
        name: COMPANY.to_owned(),
        currency: "USD".to_owned(),
        time_zone: "America/New_York".to_owned(),
    })?;
    let today: NaiveDate = core.app_status()?.today.parse().context("today is no day")?;
    let before = |days: u64| today.checked_sub_days(Days::new(days)).unwrap_or(today).to_string();
    write_lists(&core)?;
    for (number, sale) in INVOICES.iter().enumerate() {
        write_invoice(&core, number, sale, &before(sale.1))?;
        if let Fate::Paid { percent, days_later } = sale.3 {
            pay(&core, number, sale.0, &before(sale.1 - days_later), percent)?;
        }
    }
    for (number, wish) in ORDERS.iter().enumerate() {
        let until = |days: u64| today.checked_add_days(Days::new(days)).unwrap_or(today).to_string();
        write_order(&core, number, wish, &before(wish.2), until)?;
    }
    Ok(())
}

fn write_lists(core: &Core) -> anyhow::Result<()> {
    let showroom = LocationId(id(Kind::Location, 0));
    core.save_location(LocationDraft { id: showroom, name: "Showroom".to_owned(), is_default: false })?;
    let main = core.choices()?.locations.into_iter().find(|place| place.is_default).context("a default location")?.id;
    for (number, (sku, name, price, cost, on_hand, shown, reorder)) in ITEMS.iter().enumerate() {
        let item = ItemId(id(Kind::Item, number));
        if core.get_item(item).is_ok() {
            continue;
        }
        let stocked = !on_hand.is_empty();
        core.save_item(ItemDraft {
            id: item,
            version: None,
            sku: (*sku).to_owned(),
            name: (*name).to_owned(),
            description: (*name).to_owned(),
            barcode: String::new(),
            kind: if stocked { ItemKind::Stocked } else { ItemKind::NonStocked },
            unit_price: (*price).to_owned(),
            unit_cost: (*cost).to_owned(),
            tax_code_id: None,
            reorder_point: (*reorder).to_owned(),
            opening_quantity: (*on_hand).to_owned(),
        })?;
        if stocked {
            core.change_stock(StockDraft {
                id: MovementId(id(Kind::Movement, number)),
                item_id: item,
                location_id: main,
                to_location_id: Some(showroom),
                change: StockChange::Transfer,
                quantity: (*shown).to_owned(),
                note: "For the shelves".to_owned(),
                seen: None,
                counted_before: false,
            })?;
        }
    }
    for (number, customer) in CUSTOMERS.iter().enumerate() {
        let customer_id = CustomerId(id(Kind::Customer, number));
        if core.get_customer(customer_id).is_err() {
            core.save_customer(draft_of(customer_id, customer))?;
        }
    }
    Ok(())
}

fn draft_of(
    id: CustomerId,
    (name, email, phone, street, city, postal): &(&str, &str, &str, &str, &str, &str),
) -> CustomerDraft {
    let address = AddressView {
        name: (*name).to_owned(),
        line1: (*street).to_owned(),
        city: (*city).to_owned(),
        region: "ME".to_owned(),
        postal_code: (*postal).to_owned(),
        country: "US".to_owned(),
        ..AddressView::default()
    };
    CustomerDraft {
        id,
        version: None,
        display_name: (*name).to_owned(),
        company: String::new(),
        email: (*email).to_owned(),
        phone: (*phone).to_owned(),
        billing: address.clone(),
        shipping: address,
        notes: String::new(),
        terms_id: None,
    }
}

fn write_invoice(core: &Core, number: usize, sale: &Sale, issued_on: &str) -> anyhow::Result<()> {
    let Sale(customer, _, lines, fate) = sale;
    let invoice = InvoiceId(id(Kind::Invoice, number));
    if core.get_invoice(invoice).is_ok() {
        return Ok(());
    }
    let blank = core.new_invoice(InvoiceSource::Customer { id: CustomerId(id(Kind::Customer, *customer)) })?;
    let lines = lines.iter().enumerate().map(|(line, (item, quantity))| InvoiceLineDraft {
        id: LineId(id(Kind::Line, number * 10 + line)),
        item_id: Some(ItemId(id(Kind::Item, *item))),
        description: ITEMS[*item].1.to_owned(),
        quantity: (*quantity).to_owned(),
        unit_price: ITEMS[*item].2.to_owned(),
        discount: String::new(),
        tax_code_id: None,
    });
    let draft = InvoiceDraft {
        id: invoice,
        issued_on: issued_on.to_owned(),
        due_on: String::new(),
        lines: lines.collect(),
        message: "Thank you for your business.".to_owned(),
        as_draft: matches!(fate, Fate::Draft),
        ..blank
    };
    core.save_invoice(draft)?;
    if matches!(fate, Fate::Void) {
        core.void_invoices(vec![invoice])?;
    }
    Ok(())
}

fn pay(core: &Core, number: usize, customer: usize, received_on: &str, percent: i64) -> anyhow::Result<()> {
    let payment = PaymentId(id(Kind::Payment, number));
    if core.get_payment(payment).is_ok() {
        return Ok(());
    }
    let invoice = InvoiceId(id(Kind::Invoice, number));
    let customer_id = CustomerId(id(Kind::Customer, customer));
    let open =
        core.open_invoices(customer_id)?.into_iter().find(|row| row.id == invoice).context("the invoice is open")?;
    let minor = open.balance.minor.parse::<i64>()? * percent / 100;
    let amount = format!("{}.{:02}", minor / 100, minor % 100);
    core.record_payment(PaymentDraft {
        id: payment,
        customer_id,
        received_on: received_on.to_owned(),
        amount: amount.clone(),
        method: "Check".to_owned(),
        reference: format!("{}", 4_400 + number),
        note: String::new(),
        applied: vec![AppliedDraft { invoice_id: invoice, amount }],
    })?;
    Ok(())
}

fn write_order(
    core: &Core,
    number: usize,
    wish: &Wish,
    ordered_on: &str,
    until: impl Fn(u64) -> String,
) -> anyhow::Result<()> {
    let Wish(text, customer, _, lines, turn) = wish;
    let order = OrderId(id(Kind::Order, number));
    if core.get_order(order).is_ok() {
        return Ok(());
    }
    let buyer = draft_of(CustomerId(id(Kind::Customer, *customer)), &CUSTOMERS[*customer]);
    let lines = lines.iter().enumerate().map(|(line, (item, quantity))| OrderLineDraft {
        id: LineId(id(Kind::Line, 1_000 + number * 10 + line)),
        item_id: Some(ItemId(id(Kind::Item, *item))),
        sku: ITEMS[*item].0.to_owned(),
        name: ITEMS[*item].1.to_owned(),
        quantity: (*quantity).to_owned(),
        unit_price: ITEMS[*item].2.to_owned(),
    });
    core.save_order(OrderDraft {
        id: order,
        version: None,
        number: (*text).to_owned(),
        ordered_on: ordered_on.to_owned(),
        customer_id: Some(buyer.id),
        customer_name: buyer.display_name,
        customer_email: buyer.email,
        ship_to: buyer.shipping,
        lines: lines.collect(),
        shipping: "6.50".to_owned(),
        tax: String::new(),
        customer_note: String::new(),
        internal_note: String::new(),
    })?;
    let action = match turn {
        Turn::Stay => return Ok(()),
        Turn::Hold { days } => OrderAction::Hold { until: Some(until(*days)) },
        Turn::Ship { tracking } => {
            let parcel = ParcelDraft { order_id: order, tracking_number: (*tracking).to_owned() };
            OrderAction::MarkShipped {
                carrier: "USPS".to_owned(),
                shipped_on: ordered_on.to_owned(),
                notify_buyer: false,
                notify_channel: false,
                parcels: vec![parcel],
            }
        }
        Turn::Cancel => OrderAction::Cancel,
    };
    Ok(core.act_on_orders(vec![order], action)?)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_second_run_adds_nothing_and_the_books_are_right() {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let count = || {
            let db = rusqlite::Connection::open(folder.path().join(backroom_core::DATA_FILE)).expect("the data file");
            ["items", "customers", "invoices", "payments", "orders", "stock_movements", "ledger_entries"].map(|table| {
                db.query_row(&format!("SELECT count(*) FROM {table}"), [], |row| row.get::<_, i64>(0)).expect("a count")
            })
        };
        write(folder.path()).await.expect("it can be written");
        let first = count();
        assert_eq!(first[..5], [8, 6, 8, 3, 5], "all of the tables above");
        write(folder.path()).await.expect("it can be written again");
        assert_eq!(count(), first, "nothing is added");
        let opened = backroom_host::open(folder.path()).await.expect("it can be opened");
        assert_eq!(opened.core.check_stock().expect("the stock can be checked"), Vec::<String>::new());
    }
}
