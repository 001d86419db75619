//! An invoice whose line names an item that never comes is taken over as far as known, and completed when the item is there.

use crate::world::{World, customer, invoice, payment, usd, with_books};
use backroom_core::invoices::{InvoiceDraft, InvoiceStatus, InvoiceView};
use backroom_core::sync::{ProblemAction, RunState};
use backroom_core::testing::first_page;
use connector_contract::{Content, Pulled, Record, RecordKind, RemoteId, record};

fn ada() -> RemoteId {
    RemoteId("c1".into())
}

/// An invoice of two lines, one of which names this item.
fn naming(item: &str) -> record::Invoice {
    let mut bill = invoice("1001", &ada(), 46_700);
    let line = |id: &str, item: Option<&str>, minor| record::InvoiceLine {
        remote_line: Some(id.into()),
        item: item.map(|item| RemoteId(item.into())),
        amount: usd(minor),
        unit_price: usd(minor).into(),
        ..bill.lines[0].clone()
    };
    bill.lines = vec![line("1", None, 40_000), line("2", Some(item), 6_700)];
    bill
}

fn pen() -> record::Item {
    record::Item {
        name: "Pen".into(),
        sku: Some(String::new()),
        description: None,
        barcode: None,
        kind: record::ItemKind::Service,
        unit_price: None,
        unit_cost: None,
        taxable: None,
        active: true,
        on_hand: None,
        created_at: None,
    }
}

async fn with_bill() -> World {
    let (world, _) = with_books().await;
    world.books.put("c1", Record::Customer(customer("Ada")));
    world.books.put("i1", Record::Invoice(naming("category-7")));
    world.books.put("p1", Record::Payment(payment(&ada(), &RemoteId("i1".into()), 46_700)));
    world
}

fn the_bill(world: &World) -> InvoiceView {
    let row = world.list_invoices(first_page()).expect("invoices").rows.remove(0);
    world.get_invoice(row.id).expect("an invoice")
}

#[tokio::test]
async fn it_comes_in_with_its_amounts_and_payments_and_the_owner_hears_of_the_item_once() {
    let world = with_bill().await;
    assert_eq!(world.sync().await.state, RunState::DoneWithProblems);
    let bill = the_bill(&world);
    assert_eq!((bill.status, bill.totals.total.minor.as_str()), (InvoiceStatus::Paid, "46700"));
    assert_eq!(bill.draft.lines.iter().filter(|line| line.item_id.is_some()).count(), 0);
    let problems = world.problems();
    assert_eq!((problems.len(), problems[0].action), (1, ProblemAction::Retry), "{problems:#?}");
    assert!(problems[0].message.contains("Invoice 1001 came in with its amounts"), "{problems:#?}");
    world.sync_well().await;
    assert_eq!(world.problems().len(), 1, "nothing new");
    assert!(world.check_ledger().expect("a check").is_empty());
    // Its balance is compared as any other's.
    world.books.put("i1", Record::Invoice(record::Invoice { balance: Some(usd(40_000)), ..naming("category-7") }));
    world.sync().await;
    assert!(
        world.problems().iter().any(|problem| problem.action == ProblemAction::CompareAgain),
        "{:#?}",
        world.problems()
    );
}

#[tokio::test]
async fn it_can_be_edited_on_both_sides_and_is_completed_when_the_item_comes() {
    let world = with_bill().await;
    world.sync().await;
    world.books.put("i1", Record::Invoice(record::Invoice { message: Some("theirs".into()), ..naming("category-7") }));
    world.sync().await;
    let draft = the_bill(&world).draft;
    assert_eq!(draft.message, "theirs");
    world.books.put("category-7", Record::Item(pen()));
    world.sync_well().await;
    let bill = the_bill(&world);
    assert!(bill.draft.lines[1].item_id.is_some() && bill.draft.lines[0].item_id.is_none());
    assert!(world.problems().is_empty(), "{:#?}", world.problems());
    world.save_invoice(InvoiceDraft { note: "ours".into(), ..bill.draft }).expect("a save");
    world.sync_well().await;
    let there = world.books_invoices().remove(0);
    assert_eq!(
        (there.note.as_deref(), there.lines[1].item.clone()),
        (Some("ours"), Some(RemoteId("category-7".into())))
    );
}

#[tokio::test]
async fn an_item_that_can_not_be_read_does_not_keep_out_what_names_it() {
    let world = with_bill().await;
    let content = Content::Unreadable { kind: RecordKind::Item, reason: "Type is missing".into() };
    let remote_id = RemoteId("category-7".into());
    world.books.feed(Pulled { remote_id, version: None, updated_at: None, content });
    world.sync().await;
    assert_eq!(the_bill(&world).status, InvoiceStatus::Paid);
    assert_eq!(world.problems().len(), 2, "{:#?}", world.problems());
}
