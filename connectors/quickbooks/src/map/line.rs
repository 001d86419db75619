//! Writing one line of an invoice: a new one, or a stored one with only what changed written into it.
//!
//! Absent on purpose: which stored line a line is, and the order of lines. That is in `lines`.

use super::body::{money_value, number, quantity_value};
use super::{Company, refuse};
use crate::wire::{self, Object};
use backroom_money::{Currency, Money, Rounding, UnitPrice};
use connector_contract::ConnectorError;
use connector_contract::record::InvoiceLine;
use rust_decimal::Decimal;
use serde_json::{Value, json};

/// What is needed to write lines.
#[derive(Debug, Clone, Copy)]
pub(super) struct Pen<'a> {
    pub company: &'a Company,
    /// The item of lines that have an amount and no item: QuickBooks takes one without for a remark and drops the amount.
    pub stand_in: Option<&'a str>,
}

impl Pen<'_> {
    /// A stored line with what the owner changed since `before`.
    pub(super) fn patched(
        &self,
        stored: &Value,
        before: &InvoiceLine,
        wanted: &InvoiceLine,
    ) -> Result<Value, ConnectorError> {
        let mut object = stored.as_object().cloned().unwrap_or_default();
        if is_same(before, wanted) {
            return Ok(stored.clone());
        }
        if wanted.description != before.description {
            object.insert("Description".into(), Value::from(wanted.description.as_str()));
        }
        let priced =
            (wanted.quantity, wanted.unit_price, wanted.amount) != (before.quantity, before.unit_price, before.amount);
        let (item, taxed) = (wanted.item != before.item, wanted.taxable != before.taxable);
        if !(priced || item || taxed) {
            return Ok(Value::Object(object));
        }
        if !object.contains_key("SalesItemLineDetail") {
            // A remark that became something sold is another kind of line.
            let mut line = self.fresh(wanted)?;
            if let Some(id) = object.get("Id") {
                line["Id"] = id.clone();
            }
            return Ok(line);
        }
        if wanted.amount != before.amount {
            object.insert("Amount".into(), money_value(wanted.amount));
        }
        if let Some(Value::Object(detail)) = object.get_mut("SalesItemLineDetail") {
            if priced {
                change_price(detail, before, wanted);
            }
            if item {
                self.set_item(detail, wanted);
            }
            if taxed {
                self.set_tax(detail, wanted)?;
            }
        }
        Ok(Value::Object(object))
    }

    /// A new line.
    pub(super) fn fresh(&self, line: &InvoiceLine) -> Result<Value, ConnectorError> {
        if line.item.is_none() && line.amount.is_zero() && line.unit_price.is_zero() {
            return Ok(json!({ "DetailType": "DescriptionOnly", "Description": line.description }));
        }
        let mut detail = Object::new();
        self.set_item(&mut detail, line);
        set_price(&mut detail, line);
        self.set_tax(&mut detail, line)?;
        let mut object = json!({
            "DetailType": "SalesItemLineDetail",
            "Amount": money_value(line.amount),
            "SalesItemLineDetail": detail,
        });
        if !line.description.is_empty() {
            object["Description"] = Value::from(line.description.as_str());
        }
        Ok(object)
    }

    fn set_item(&self, detail: &mut Object, line: &InvoiceLine) {
        let stand_in = self.stand_in.filter(|_| !line.amount.is_zero());
        match line.item.as_ref().map(|item| item.0.as_str()).or(stand_in) {
            Some(item) => detail.insert("ItemRef".into(), json!({ "value": item })),
            None => detail.remove("ItemRef"),
        };
    }

    /// A line without a code counts as taxable in the US, so `NON` is always said.
    fn set_tax(&self, detail: &mut Object, line: &InvoiceLine) -> Result<(), ConnectorError> {
        if self.company.is_us() {
            detail.insert("TaxCodeRef".into(), json!({ "value": if line.taxable { "TAX" } else { "NON" } }));
            Ok(())
        } else if line.taxable {
            Err(refuse("lines", "taxable lines can only be sent to US companies; enter this invoice in QuickBooks"))
        } else {
            detail.remove("TaxCodeRef");
            Ok(())
        }
    }
}

/// Equal but for the vendor's line id, which not everyone keeps.
pub(super) fn is_same(left: &InvoiceLine, right: &InvoiceLine) -> bool {
    InvoiceLine { remote_line: None, ..left.clone() } == InvoiceLine { remote_line: None, ..right.clone() }
}

/// What changed of pieces, price and amount. What is absent stays absent while the amount alone says it, and a price that did
/// not change stays as QuickBooks has it, with all its decimals.
fn change_price(detail: &mut Object, before: &InvoiceLine, wanted: &InvoiceLine) {
    let amount_alone = !detail.contains_key("Qty") && !detail.contains_key("UnitPrice");
    if amount_alone && wanted.quantity == before.quantity {
        return;
    }
    if wanted.quantity != before.quantity {
        detail.insert("Qty".into(), quantity_value(wanted.quantity));
    }
    if wanted.unit_price != before.unit_price {
        detail.insert("UnitPrice".into(), number(&wanted.unit_price.to_decimal_string()));
    }
    let (pieces, price) = (decimal_of(detail.get("Qty")), decimal_of(detail.get("UnitPrice")));
    let says = match (pieces, price) {
        (pieces, Some(price)) => price.checked_mul(pieces.unwrap_or(Decimal::ONE)),
        (_, None) => None,
    };
    if says.and_then(|says| rounded(says, wanted.amount.currency())) == Some(wanted.amount) {
        return;
    }
    // Pieces that were not edited stay as they are there, also where they are finer than ours.
    let kept = pieces.filter(|_| wanted.quantity == before.quantity);
    match kept.and_then(|pieces| price_of(wanted.amount, pieces)) {
        Some(price) => drop(detail.insert("UnitPrice".into(), number(&price))),
        None => set_price(detail, wanted),
    }
}

/// The price at which so many pieces come to exactly this amount, where seven decimals can say it.
fn price_of(amount: Money, pieces: Decimal) -> Option<String> {
    let price = amount.to_decimal_string().parse::<Decimal>().ok()?.checked_div(pieces)?.round_dp(7).normalize();
    let says = price.checked_mul(pieces).and_then(|says| rounded(says, amount.currency()));
    (says == Some(amount)).then(|| price.to_string())
}

/// QuickBooks refuses a line whose amount is not quantity × price (6070). A line discount is therefore written as the
/// price it comes to; where no price of seven decimals gives the amount, the amount stands alone.
fn set_price(detail: &mut Object, line: &InvoiceLine) {
    detail.remove("Qty");
    detail.remove("UnitPrice");
    let agrees = line.unit_price.times(line.quantity, Rounding::HalfUp) == Ok(line.amount);
    let price = if agrees { Some(line.unit_price.to_decimal_string()) } else { effective_price(line) };
    if let Some(price) = price {
        detail.insert("Qty".into(), quantity_value(line.quantity));
        detail.insert("UnitPrice".into(), number(&price));
    }
}

fn effective_price(line: &InvoiceLine) -> Option<String> {
    let price = UnitPrice::per_piece(line.amount, line.quantity, Rounding::HalfUp).ok()?;
    (price.times(line.quantity, Rounding::HalfUp) == Ok(line.amount)).then(|| price.to_decimal_string())
}

fn rounded(amount: Decimal, currency: Currency) -> Option<Money> {
    Money::parse_rounded(&amount.to_string(), currency, Rounding::HalfUp).ok()
}

fn decimal_of(value: Option<&Value>) -> Option<Decimal> {
    let text = wire::read::<wire::Decimal>(value?.clone()).ok()?.0;
    text.parse().or_else(|_| Decimal::from_scientific(&text)).ok()
}
