//! Mapping of every odd case, on objects shaped like the vendor's own.

use super::*;
use crate::testing::{context, json, methods, time, us};
use backroom_money::Currency;
use connector_contract::record::{Address, Applied, Customer, Invoice, Item, ItemKind, Payment};
use serde_json::json as j;

const CUSTOMER: &str = include_str!("../../fixtures/customer.json");
const CUSTOMER_BARE: &str = include_str!("../../fixtures/customer_bare.json");
const INVENTORY: &str = include_str!("../../fixtures/item_inventory.json");
const SERVICE: &str = include_str!("../../fixtures/item_service.json");
const CATEGORY: &str = include_str!("../../fixtures/item_category.json");
const INVOICE: &str = include_str!("../../fixtures/invoice.json");
const VOIDED: &str = include_str!("../../fixtures/invoice_voided.json");
const PAYMENT: &str = include_str!("../../fixtures/payment.json");
const CREDIT: &str = include_str!("../../fixtures/payment_credit.json");
const PAYMENT_VOIDED: &str = include_str!("../../fixtures/payment_voided.json");

fn usd(minor: i64) -> Money {
    Money::from_minor(minor, Currency::USD)
}

fn read(entity: Entity, value: Value) -> Pulled {
    pulled(entity, value, context(&us(), &methods())).unwrap()
}

fn customer(text: &str) -> Customer {
    let (company, methods) = (us(), methods());
    let Record::Customer(customer) = record(Entity::Customer, json(text), context(&company, &methods)).unwrap() else {
        panic!()
    };
    customer
}

fn item(text: &str) -> Item {
    let Record::Item(item) = record(Entity::Item, json(text), context(&us(), &[])).unwrap() else { panic!() };
    item
}

fn invoice(text: &str) -> Invoice {
    let Record::Invoice(invoice) = record(Entity::Invoice, json(text), context(&us(), &[])).unwrap() else { panic!() };
    invoice
}

fn payment(text: &str) -> Payment {
    let Record::Payment(payment) = record(Entity::Payment, json(text), context(&us(), &methods())).unwrap() else {
        panic!()
    };
    payment
}

fn object(text: &str) -> Object {
    json(text).as_object().cloned().unwrap()
}

fn over<'a, T>(stored: &'a Object, record: &'a T) -> Known<'a, T> {
    Known { stored, record, base: None }
}

/// Without knowledge of what was agreed before.
fn invoice_body(
    wanted: &Invoice,
    stored: Option<&Object>,
    company: &Company,
) -> Result<Body, connector_contract::ConnectorError> {
    super::invoice_body(&InvoiceChange { wanted, stored, base: None, company, stand_in: None })
}

fn sent(body: Result<Body, connector_contract::ConnectorError>) -> Value {
    Value::Object(body.unwrap().into_object())
}

fn refused(body: Result<Body, connector_contract::ConnectorError>) -> String {
    match body.unwrap_err() {
        connector_contract::ConnectorError::Rejected(rejection) => rejection.field.unwrap(),
        other => panic!("{other:?}"),
    }
}

#[test]
fn a_customer_comes_with_version_and_utc_time() {
    let pulled = read(Entity::Customer, json(CUSTOMER));
    assert_eq!((pulled.remote_id.0.as_str(), pulled.version.unwrap().0.as_str()), ("1", "3"));
    assert_eq!(pulled.updated_at, Some(time("2026-07-01T17:00:00Z")));
    let customer = customer(CUSTOMER);
    assert_eq!(customer.email.as_deref(), Some("birds@intuit.example"));
    let billing = customer.billing.unwrap();
    assert_eq!((billing.name.as_str(), billing.line1.as_str()), ("Amy's Bird Sanctuary", "4581 Finch St."));
    assert_eq!((billing.line2.as_str(), billing.country.as_str()), ("Suite 3", "US"));
}

#[test]
fn a_stamp_without_an_offset_is_pacific_time() {
    let pulled = read(Entity::Customer, json(CUSTOMER_BARE));
    assert_eq!(pulled.updated_at, Some(time("2026-01-07T00:48:43Z")));
}

#[test]
fn fields_quickbooks_leaves_out_are_empty_rather_than_unknown() {
    let customer = customer(CUSTOMER_BARE);
    assert!(!customer.active);
    assert_eq!(customer.email.as_deref(), Some(""));
    assert_eq!(customer.billing, Some(Address::default()));
    assert_eq!(customer.currency, Some(Currency::USD));
}

#[test]
fn an_update_of_a_customer_sends_only_what_differs() {
    let known = customer(CUSTOMER);
    let mut wanted = known.clone();
    assert_eq!(sent(customer_body(&wanted, Some(over(&object(CUSTOMER), &known)), &us())), j!({}));
    wanted.email = Some(String::new());
    wanted.phone = None;
    assert_eq!(
        sent(customer_body(&wanted, Some(over(&object(CUSTOMER), &known)), &us())),
        j!({ "PrimaryEmailAddr": { "Address": "" } })
    );
}

#[test]
fn a_name_quickbooks_would_refuse_is_refused_here_with_its_field() {
    for name in ["a:b", "a\tb", "a\nb", "  ", &"x".repeat(501)] {
        let wanted = Customer { display_name: name.to_owned(), ..customer(CUSTOMER_BARE) };
        assert_eq!(refused(customer_body(&wanted, None, &us())), "display_name", "{name:?}");
    }
    let euro = Customer { currency: Some(Currency::EUR), ..customer(CUSTOMER_BARE) };
    assert_eq!(refused(customer_body(&euro, None, &us())), "currency");
}

#[test]
fn an_items_price_is_exact_and_left_alone_in_quickbooks() {
    let known = item(INVENTORY);
    assert_eq!(known.unit_price, Some(UnitPrice::parse("275.12345", Currency::USD).unwrap()));
    assert_eq!(known.on_hand, Some(Quantity::parse("2.0001").unwrap()));
    assert_eq!((known.kind, known.unit_cost), (ItemKind::Stocked, Some(usd(12_500).into())));
    let wanted = Item { description: Some("New".into()), ..known.clone() };
    let day = "2026-11-19".parse().unwrap();
    assert_eq!(
        sent(item_body(&wanted, Some(over(&object(INVENTORY), &known)), None, &us(), day)),
        j!({ "Description": "New" })
    );
}

#[test]
fn a_cost_of_zero_without_a_purchase_account_means_none_is_kept() {
    let service = item(SERVICE);
    assert_eq!((service.unit_cost, service.unit_price), (None, Some(usd(0).into())));
    assert_eq!(service.sku.as_deref(), Some(""));
    assert_eq!(service.taxable, Some(false));
}

#[test]
fn a_category_is_no_item_and_what_invoices_may_name_comes_in_whatever_its_type() {
    assert_eq!(pulled(Entity::Item, json(CATEGORY), context(&us(), &[])), None);
    for kind in ["OtherCharge", "Assembly", "Group", "FixedAsset"] {
        let odd = SERVICE.replace("\"Service\"", &format!("\"{kind}\""));
        assert_eq!(item(&odd).kind, ItemKind::NonStocked, "{kind}");
    }
    let mut odd = json(SERVICE);
    odd.as_object_mut().unwrap().remove("Type");
    let Content::Unreadable { reason, .. } = read(Entity::Item, odd).content else { panic!() };
    assert!(reason.starts_with("Type"), "{reason}");
}

#[test]
fn a_new_item_is_counted_in_quickbooks_only_with_all_accounts() {
    let wanted = Item { sku: None, ..item(INVENTORY) };
    let day = "2026-11-19".parse().unwrap();
    let mut accounts = ItemAccounts { income: "79".into(), ..ItemAccounts::default() };
    let plain = sent(item_body(&wanted, None, Some(&accounts), &us(), day));
    assert_eq!((&plain["Type"], &plain["IncomeAccountRef"]["value"]), (&j!("NonInventory"), &j!("79")));
    assert!(plain.get("PurchaseCost").is_none(), "a cost needs a purchase account");
    accounts.expense = Some("80".into());
    accounts.asset = Some("81".into());
    let counted = sent(item_body(&wanted, None, Some(&accounts), &us(), day));
    assert_eq!((&counted["Type"], &counted["InvStartDate"]), (&j!("Inventory"), &j!("2026-11-19")));
    assert_eq!(counted["PurchaseCost"].to_string(), "125.00");
}

#[test]
fn an_invoice_adds_up_from_its_lines_shipping_tax_and_discount() {
    let invoice = invoice(INVOICE);
    assert_eq!(invoice.lines.len(), 5, "subtotal, discount and shipping are no lines");
    assert_eq!((invoice.discount, invoice.shipping, invoice.tax), (usd(4000), usd(1250), usd(2088)));
    assert_eq!((invoice.total, invoice.balance), (usd(39_338), Some(usd(36_207))));
    let sum = invoice.lines.iter().map(|line| line.amount.minor()).sum::<i64>();
    assert_eq!(sum + 1250 + 2088 - 4000, invoice.total.minor());
    assert!(!invoice.voided);
    assert_eq!(
        invoice.billing.unwrap().line2,
        "Sonnenschein Family Store, 5647 Cypress Hill Ave., Middlefield, CA  94303"
    );
}

#[test]
fn the_amount_of_a_line_counts_and_its_price_is_exact() {
    let screws = &invoice(INVOICE).lines[1];
    // The file names eight decimals; seven are what QuickBooks documents, and more are rounded half up.
    let price = UnitPrice::parse("0.3333333", Currency::USD).unwrap();
    assert_eq!((screws.amount, screws.unit_price), (usd(10_000), price));
    assert_eq!(screws.quantity, Quantity::from_whole(300).unwrap());
    assert!(!screws.taxable);
}

#[test]
fn a_line_of_text_and_the_parts_of_a_bundle_are_lines() {
    let lines = invoice(INVOICE).lines;
    assert_eq!((lines[2].item.clone(), lines[2].quantity, lines[2].amount), (None, Quantity::ZERO, usd(0)));
    assert_eq!(lines[2].description, "Thank you for the order");
    assert_eq!((lines[3].description.as_str(), lines[4].description.as_str()), ("Pump", "Hose"));
}

#[test]
fn a_line_with_only_an_amount_is_one_piece_of_it() {
    let mut value = json(INVOICE);
    value["Line"] = j!([{ "Id": "1", "Amount": 9.99, "DetailType": "SalesItemLineDetail", "SalesItemLineDetail": {} },
        { "Id": "2", "Amount": 10, "DetailType": "SalesItemLineDetail", "SalesItemLineDetail": { "Qty": 4 } }]);
    let lines = invoice(&value.to_string()).lines;
    assert_eq!((lines[0].quantity, lines[0].unit_price), (Quantity::ONE, usd(999).into()));
    assert_eq!(lines[1].unit_price, usd(250).into());
    assert!(lines[0].taxable, "a line without a code counts as taxable where tax is charged");
}

#[test]
fn a_voided_invoice_is_known_by_its_note_and_zeros() {
    let invoice = invoice(VOIDED);
    assert!(invoice.voided);
    assert_eq!((invoice.note.as_deref(), invoice.total), (Some("Deliver in the morning"), usd(0)));
    let open = INVOICE.replace("Deliver in the morning", "Voided cheque, ask again");
    assert!(!super::tests::invoice(&open).voided, "with an amount it is only a note");
    assert_eq!(unvoided("Voidedness"), None);
}

#[test]
fn one_unreadable_field_is_named_and_nothing_is_quoted() {
    let mut value = json(INVOICE);
    value["TotalAmt"] = j!({ "secret": "4111" });
    let Content::Unreadable { reason, .. } = read(Entity::Invoice, value).content else { panic!() };
    assert_eq!(reason, "TotalAmt can't be read");
    let mut value = json(INVOICE);
    value["Line"][1]["Amount"] = j!("12,5");
    let Content::Unreadable { reason, .. } = read(Entity::Invoice, value).content else { panic!() };
    assert!(reason.starts_with("Line[1].Amount"), "{reason}");
    let Content::Unreadable { reason, .. } = read(Entity::Invoice, j!({ "Id": "1" })).content else { panic!() };
    assert_eq!(reason, "CustomerRef is missing");
    assert!(matches!(read(Entity::Customer, j!("text")).content, Content::Unreadable { .. }));
}

#[test]
fn a_tombstone_is_a_deletion_and_a_missing_status_is_not() {
    let gone = read(Entity::Invoice, j!({ "domain": "QBO", "status": "Deleted", "Id": "119" }));
    assert_eq!(gone.content, Content::Deleted(connector_contract::RecordKind::Invoice));
    assert_eq!(gone.version, None);
    assert!(matches!(read(Entity::Invoice, json(INVOICE)).content, Content::Present(_)));
}

#[test]
fn an_unchanged_invoice_sends_nothing_even_without_line_ids() {
    let mut wanted = invoice(INVOICE);
    wanted.lines.iter_mut().for_each(|line| line.remote_line = None);
    assert_eq!(sent(invoice_body(&wanted, Some(&object(INVOICE)), &us())), j!({}));
}

#[test]
fn a_changed_note_leaves_the_lines_alone() {
    let wanted = Invoice { note: Some("In the evening".into()), ..invoice(INVOICE) };
    assert_eq!(sent(invoice_body(&wanted, Some(&object(INVOICE)), &us())), j!({ "PrivateNote": "In the evening" }));
}

#[test]
fn a_changed_line_keeps_what_only_quickbooks_knows_and_all_lines_are_sent() {
    let mut wanted = invoice(INVOICE);
    wanted.lines[0].quantity = Quantity::from_whole(2).unwrap();
    wanted.lines[0].amount = usd(55_000);
    wanted.total = usd(66_838);
    let body = sent(invoice_body(&wanted, Some(&object(INVOICE)), &us()));
    let lines = body["Line"].as_array().unwrap();
    assert_eq!(lines.len(), 7, "each in its place: {lines:?}");
    assert_eq!(lines[0]["SalesItemLineDetail"]["ClassRef"]["value"], "200");
    assert_eq!((lines[0]["Amount"].to_string(), &lines[0]["Id"]), ("550.00".into(), &j!("1")));
    assert_eq!(lines[1], json(INVOICE)["Line"][1], "an unchanged line goes back exactly as it came");
    assert_eq!(lines[3]["DetailType"], "GroupLineDetail", "a whole bundle stays one");
    let stored = json(INVOICE);
    assert_eq!(lines[1..], stored["Line"].as_array().unwrap()[1..], "the percentage of the discount and all");
    assert_eq!(body.get("TxnTaxDetail"), None, "the tax did not change");
}

#[test]
fn a_bundle_of_which_a_part_changed_stays_a_bundle() {
    let mut wanted = invoice(INVOICE);
    wanted.lines.remove(4);
    wanted.lines[3].description = "Pump, green".into();
    wanted.total = usd(38_338);
    let body = sent(invoice_body(&wanted, Some(&object(INVOICE)), &us()));
    let mut bundle = json(INVOICE)["Line"][3].clone();
    bundle["GroupLineDetail"]["Line"].as_array_mut().unwrap().pop();
    bundle["GroupLineDetail"]["Line"][0]["Description"] = "Pump, green".into();
    assert_eq!(body["Line"][3], bundle);
}

#[test]
fn a_new_invoice_names_every_line_as_taxable_or_not_and_sends_our_tax() {
    let mut wanted = invoice(INVOICE);
    wanted.lines.iter_mut().for_each(|line| line.remote_line = None);
    wanted.customer = RemoteId("24".into());
    let body = sent(invoice_body(&wanted, None, &us()));
    let codes: Vec<_> = body["Line"]
        .as_array()
        .unwrap()
        .iter()
        .map(|l| l["SalesItemLineDetail"]["TaxCodeRef"]["value"].clone())
        .collect();
    assert_eq!(codes[..2], [j!("TAX"), j!("NON")]);
    assert_eq!((&body["TxnDate"], &body["DocNumber"]), (&j!("2026-03-01"), &j!("1037")));
    assert_eq!(body["TxnTaxDetail"]["TotalTax"].to_string(), "20.88");
    let automatic = Company { own_numbers: false, automated_tax: true, ..us() };
    let body = sent(invoice_body(&wanted, None, &automatic));
    assert_eq!((body.get("DocNumber"), body["TxnTaxDetail"].get("TxnTaxCodeRef")), (None, None));
    let untold = Company { tax_code: None, ..us() };
    let refused = invoice_body(&wanted, None, &untold).err();
    let field =
        |error| if let connector_contract::ConnectorError::Rejected(refusal) = error { refusal.field } else { None };
    assert_eq!(refused.and_then(field).as_deref(), Some("tax_code"), "its tax would be dropped");
}

#[test]
fn a_line_discount_is_sent_as_the_price_it_comes_to() {
    let mut wanted = invoice(INVOICE);
    wanted.lines.truncate(1);
    let line = &mut wanted.lines[0];
    (line.remote_line, line.quantity, line.amount) = (None, Quantity::from_whole(3).unwrap(), usd(10_000));
    (wanted.discount, wanted.shipping, wanted.tax, wanted.total) = (usd(0), usd(0), usd(0), usd(10_000));
    let detail = |wanted: &Invoice| sent(invoice_body(wanted, None, &us()))["Line"][0]["SalesItemLineDetail"].clone();
    assert_eq!(detail(&wanted)["UnitPrice"].to_string(), "33.3333333");
    // No price of seven decimals times a million pieces gives this amount, so it stands alone.
    wanted.lines[0].quantity = Quantity::from_whole(7_000_000).unwrap();
    assert_eq!((detail(&wanted).get("UnitPrice"), detail(&wanted).get("Qty")), (None, None));
}

#[test]
fn an_invoice_quickbooks_would_change_is_refused_here() {
    let base = invoice(INVOICE);
    let check = |wanted: Invoice, company: Company| refused(invoice_body(&wanted, None, &company));
    assert_eq!(check(Invoice { total: usd(1), ..base.clone() }, us()), "total");
    assert_eq!(check(Invoice { lines: Vec::new(), ..base.clone() }, us()), "lines");
    assert_eq!(check(Invoice { number: Some("x".repeat(22)), ..base.clone() }, us()), "number");
    assert_eq!(check(base.clone(), Company { shipping: false, ..us() }), "shipping");
    assert_eq!(check(base.clone(), Company { discounts: false, ..us() }), "discount");
    assert_eq!(check(base, Company { home: Currency::EUR, multi_currency: true, ..us() }), "tax");
}

#[test]
fn a_payment_knows_its_invoices_method_and_full_reference() {
    let payment = payment(PAYMENT);
    let parts = [("130", 36_207), ("99", 4_924)]
        .map(|(id, minor)| Applied { invoice: RemoteId(id.into()), amount: usd(minor) });
    assert_eq!((payment.amount, payment.applied), (usd(43_131), parts.to_vec()));
    assert_eq!(payment.method.as_deref(), Some("Visa"));
    assert_eq!(payment.reference.as_deref(), Some("ch_3PqRsTuVwXyZaBcDeFgHiJkL"));
    assert_eq!(payment.note.as_deref(), Some("Paid online"), "our marker is not the owner's note");
}

#[test]
fn a_payment_goes_out_and_comes_back_the_same() {
    let sample = payment(PAYMENT);
    let body = sent(payment_body(&sample, None, "0199a7b2-1111-7222-8333-944455556666", &methods(), &us()));
    let stored = json(PAYMENT);
    for key in ["PaymentRefNum", "PrivateNote", "TxnDate"] {
        assert_eq!(body[key], stored[key], "{key}");
    }
    assert_eq!((body["TotalAmt"].to_string(), &body["PaymentMethodRef"]["value"]), ("431.31".into(), &j!("3")));
    assert!(is_same_payment(&stored, &sample, "0199a7b2-1111-7222-8333-944455556666"));
    assert!(!is_same_payment(&stored, &sample, "0199a7b2-0000-7222-8333-944455556666"));
    let (known, id) = (object(PAYMENT), "0199a7b2-1111-7222-8333-944455556666");
    assert_eq!(sent(payment_body(&sample, Some(over(&known, &sample)), id, &methods(), &us())), j!({}));
}

#[test]
fn an_update_of_a_payment_sends_the_lines_as_they_came_and_only_when_one_changed() {
    let stored = object(PAYMENT);
    let known = payment(PAYMENT);
    let id = "0199a7b2-1111-7222-8333-944455556666";
    let mut wanted = Payment { note: Some("Paid by phone".into()), ..known.clone() };
    let body = sent(payment_body(&wanted, Some(over(&stored, &known)), id, &methods(), &us()));
    let note = "Paid by phone\nReference ch_3PqRsTuVwXyZaBcDeFgHiJkL\nBackroom 0199a7b2-1111-7222-8333-944455556666";
    assert_eq!(body, j!({ "CustomerRef": stored["CustomerRef"], "TotalAmt": stored["TotalAmt"], "PrivateNote": note }));
    wanted.applied.pop();
    let body = sent(payment_body(&wanted, Some(over(&stored, &known)), id, &methods(), &us()));
    assert_eq!(body["Line"], j!([stored["Line"][0]]), "with what it says of the open balance");
}

#[test]
fn the_owners_lines_about_backroom_and_references_stay_in_a_payments_note() {
    for own in ["Backroom cleaning", "Reference was given by the customer on the phone", "Backroom 2026-11-30"] {
        let mut stored = object(PAYMENT);
        let note = format!("Paid\n{own}");
        stored.insert("PrivateNote".into(), note.as_str().into());
        let known = payment(&Value::Object(stored.clone()).to_string());
        assert_eq!(known.note.as_deref(), Some(note.as_str()));
        let wanted = Payment { note: Some(format!("{note}\nThanks")), ..known.clone() };
        let body = sent(payment_body(&wanted, Some(over(&stored, &known)), "0199a7b2-2222", &methods(), &us()));
        assert_eq!(body["PrivateNote"], format!("{note}\nThanks"));
    }
}

#[test]
fn money_that_comes_mixed_with_any_credit_is_a_problem_and_never_a_wrong_remainder() {
    for kind in ["CreditMemo", "JournalEntry", "Expense"] {
        let mut mixed = json(PAYMENT);
        (mixed["TotalAmt"], mixed["UnappliedAmt"]) = (100.into(), 40.into());
        mixed["Line"] = j!([{ "Amount": 80, "LinkedTxn": [{ "TxnId": "12", "TxnType": "Invoice" }] },
            { "Amount": 20, "LinkedTxn": [{ "TxnId": "7135", "TxnType": kind }] }]);
        let Content::Unreadable { reason, .. } = read(Entity::Payment, mixed).content else { panic!("{kind}") };
        assert!(reason.contains("credit"), "{reason}");
    }
    let mut other = json(PAYMENT);
    other["UnappliedAmt"] = 40.into();
    assert!(matches!(read(Entity::Payment, other).content, Content::Unreadable { .. }), "it does not add up");
    assert_eq!(payment(PAYMENT).unapplied, Some(usd(2_000)));
}

#[test]
fn a_payment_made_in_quickbooks_gets_no_marker() {
    let stored = object(&PAYMENT.replace("\\nBackroom 0199a7b2-1111-7222-8333-944455556666", ""));
    let known = payment(&Value::Object(stored.clone()).to_string());
    let wanted = Payment { note: Some("Paid late".into()), ..known.clone() };
    let body = sent(payment_body(&wanted, Some(over(&stored, &known)), "0199a7b2-2222", &methods(), &us()));
    assert_eq!(body["PrivateNote"], "Paid late\nReference ch_3PqRsTuVwXyZaBcDeFgHiJkL");
}

#[test]
fn a_payment_that_uses_a_credit_memo_is_a_problem_and_a_voided_one_is_not() {
    let Content::Unreadable { reason, .. } = read(Entity::Payment, json(CREDIT)).content else { panic!() };
    assert!(reason.contains("credit memo"), "{reason}");
    let voided = payment(PAYMENT_VOIDED);
    assert!(voided.voided && voided.applied.is_empty());
    assert_eq!(voided.note.as_deref(), Some(""));
}

#[test]
fn more_applied_than_paid_is_refused() {
    let wanted = Payment { amount: usd(100), ..payment(PAYMENT) };
    assert_eq!(refused(payment_body(&wanted, None, "local-id", &methods(), &us())), "applied");
}

#[test]
fn a_stored_object_covers_what_was_sent_by_value() {
    let stored = j!({ "Id": "1", "Qty": json("2.50"), "Note": "x", "Line": [{ "Id": "7", "Amount": 5 }, { "DetailType": "SubTotalLineDetail" }] });
    assert!(covers(
        &stored,
        &j!({ "Qty": json("2.5"), "Memo": { "value": "" }, "Line": [{ "Amount": json("5.00") }], "sparse": true })
    ));
    assert!(!covers(&stored, &j!({ "Note": "y" })));
    assert!(!covers(&stored, &j!({ "Line": [] })));
}
