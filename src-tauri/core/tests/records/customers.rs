//! Saving and archiving customers.

use backroom_core::Error;
use backroom_core::customers::CustomerDraft;
use backroom_core::event::{Event, Tag};
use backroom_core::ids::{CustomerId, TermsId};
use backroom_core::testing::{TestCore, customer, field_errors, wrong_fields};
use backroom_core::view::AddressView;

#[test]
fn a_customer_is_kept_with_its_history() {
    let core = TestCore::new();
    let draft = CustomerDraft {
        email: "ada@example.com".into(),
        billing: AddressView { line1: "1 Main St".into(), city: "Albany".into(), ..AddressView::default() },
        ..customer("  Ada Lovelace ")
    };
    let saved = core.save_customer(draft).unwrap();
    assert_eq!(saved.draft.display_name, "Ada Lovelace");
    assert_eq!(saved.draft.version, Some(1));
    assert_eq!(saved.open_balance.minor, "0");
    assert_eq!(saved.history.len(), 1);
    assert_eq!((saved.history[0].who.as_str(), saved.history[0].action.as_str()), ("owner", "created"));
    let mut edit = saved.draft.clone();
    edit.email = "countess@example.com".into();
    edit.billing.city = String::new();
    let saved = core.save_customer(edit).unwrap();
    assert_eq!(saved.draft.version, Some(2));
    let fields: Vec<(&str, Option<&str>, Option<&str>)> = saved.history[0]
        .fields
        .iter()
        .map(|change| (change.field.as_str(), change.before.as_deref(), change.after.as_deref()))
        .collect();
    assert_eq!(
        fields,
        [("email", Some("ada@example.com"), Some("countess@example.com")), ("billing.city", Some("Albany"), None),]
    );
}

#[test]
fn saving_the_same_new_customer_twice_writes_once() {
    let core = TestCore::new();
    let draft = customer("Ada");
    let first = core.save_customer(draft.clone()).unwrap();
    core.events.lock().clear();
    let second = core.save_customer(draft.clone()).unwrap();
    assert_eq!((first.draft.version, second.draft.version), (Some(1), Some(1)));
    assert_eq!(core.count("SELECT count(*) FROM history"), 1);
    assert!(core.events.lock().is_empty(), "nothing changed, so nobody is told");
    let other = CustomerDraft { notes: "late".into(), ..draft };
    assert!(matches!(core.save_customer(other), Err(Error::Stale("customer"))));
}

#[test]
fn a_stale_save_is_refused_and_changes_nothing() {
    let core = TestCore::new();
    let loaded = core.customer("Ada").draft;
    core.save_customer(CustomerDraft { phone: "1".into(), ..loaded.clone() }).unwrap();
    assert!(matches!(core.save_customer(CustomerDraft { phone: "2".into(), ..loaded.clone() }), Err(Error::Stale(_))));
    assert_eq!(core.get_customer(loaded.id).unwrap().draft.phone, "1");
    let gone = CustomerDraft { version: Some(3), ..customer("Nobody") };
    assert!(matches!(core.save_customer(gone), Err(Error::NotFound("customer"))));
}

#[test]
fn every_wrong_field_is_named() {
    let core = TestCore::new();
    core.customer("Ada");
    let long = "x".repeat(10_000);
    let draft = CustomerDraft {
        email: "two@a.example, three@b.example".into(),
        phone: "1\n2".into(),
        notes: long.clone(),
        billing: AddressView { city: long.clone(), ..AddressView::default() },
        terms_id: Some(TermsId::new()),
        ..customer("ADA")
    };
    let errors = field_errors(core.save_customer(draft));
    let fields: Vec<&str> = errors.iter().map(|error| error.field.as_str()).collect();
    assert_eq!(fields, ["email", "phone", "billing.city", "notes", "display_name", "terms_id"]);
    for error in &errors {
        assert!(error.reason.ends_with('.') && error.reason.len() < 200, "{error:?}");
    }
    assert_eq!(wrong_fields(core.save_customer(customer(&long))), ["display_name"]);
    assert_eq!(wrong_fields(core.save_customer(customer("Parent:Child"))), ["display_name"]);
    assert_eq!(wrong_fields(core.save_customer(customer("Tab\tname"))), ["display_name"]);
    assert_eq!(wrong_fields(core.save_customer(customer("\0"))), ["display_name"]);
    assert_eq!(wrong_fields(core.save_customer(customer("   "))), ["display_name"]);
    assert_eq!(core.count("SELECT count(*) FROM customers"), 1);
}

#[test]
fn names_are_unique_among_active_customers_in_any_alphabet() {
    let core = TestCore::new();
    let first = core.customer("Émile Zola");
    assert_eq!(wrong_fields(core.save_customer(customer("ÉMILE ZOLA"))), ["display_name"]);
    core.archive_customers(vec![first.draft.id], true).unwrap();
    let second = core.customer("émile zola");
    assert!(matches!(core.archive_customers(vec![first.draft.id], false), Err(Error::Refused(_))));
    core.archive_customers(vec![second.draft.id], true).unwrap();
    core.archive_customers(vec![first.draft.id], false).unwrap();
    assert!(!core.get_customer(first.draft.id).unwrap().archived);
}

#[test]
fn archiving_is_all_or_none_and_told_once() {
    let core = TestCore::new();
    let ada = core.customer("Ada").draft.id;
    core.events.lock().clear();
    assert!(matches!(core.archive_customers(vec![ada, CustomerId::new()], true), Err(Error::NotFound(_))));
    assert!(!core.get_customer(ada).unwrap().archived);
    assert!(core.events.lock().is_empty());
    core.archive_customers(vec![ada], true).unwrap();
    core.archive_customers(vec![ada], true).unwrap();
    let view = core.get_customer(ada).unwrap();
    assert!(view.archived);
    assert_eq!(view.history[0].action, "archived");
    assert_eq!(view.history.len(), 2);
    let told = core
        .events
        .lock()
        .iter()
        .filter(|event| matches!(event, Event::Changed { tags } if tags.contains(&Tag::Customers)))
        .count();
    assert_eq!(told, 1);
}

#[test]
fn a_missing_customer_is_said_to_be_gone() {
    let core = TestCore::new();
    assert_eq!(core.get_customer(CustomerId::new()).unwrap_err().to_string(), "this customer no longer exists");
}
