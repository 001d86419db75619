//! What must hold for any unit price: it is exact, written in one way, and rounded only where the rounding is named.

use backroom_money::{AmountError, Currency, Money, Quantity, Rounding, UnitPrice};
use proptest::prelude::*;

fn currency() -> impl Strategy<Value = Currency> {
    prop::sample::select(Currency::all())
}

fn price(text: &str, currency: Currency) -> UnitPrice {
    UnitPrice::parse(text, currency).expect("a price")
}

#[test]
fn a_price_is_written_with_the_decimals_it_has_and_at_least_those_of_its_currency() {
    for (typed, currency, written, decimals) in [
        ("12.5", Currency::USD, "12.50", 1),
        ("0.0125", Currency::USD, "0.0125", 4),
        ("0.3333333", Currency::USD, "0.3333333", 7),
        ("-0.0125000", Currency::USD, "-0.0125", 4),
        ("-0.0000001", Currency::USD, "-0.0000001", 7),
        ("100", Currency::JPY, "100", 0),
        ("0.25", Currency::JPY, "0.25", 2),
        ("1.5", Currency::KWD, "1.500", 1),
        ("1.5001", Currency::KWD, "1.5001", 4),
        ("0", Currency::USD, "0.00", 0),
        ("1e-7", Currency::USD, "0.0000001", 7),
    ] {
        let price = price(typed, currency);
        assert_eq!(price.to_decimal_string(), written, "{typed}");
        assert_eq!(price.decimals(), decimals, "{typed}");
    }
}

#[test]
fn an_eighth_decimal_is_refused_and_rounded_only_by_a_named_rule() {
    let text = "0.12345675";
    assert_eq!(UnitPrice::parse(text, Currency::USD), Err(AmountError::TooManyDecimals { allowed: 7 }));
    for (rounding, written) in
        [(Rounding::HalfUp, "0.1234568"), (Rounding::HalfEven, "0.1234568"), (Rounding::Down, "0.1234567")]
    {
        let rounded = UnitPrice::parse_rounded(text, Currency::USD, rounding).unwrap();
        assert_eq!(rounded.to_decimal_string(), written);
    }
    assert_eq!(price("-0.0125", Currency::USD).rounded(2, Rounding::HalfUp), Ok(price("-0.01", Currency::USD)));
    assert_eq!(price("0.125", Currency::USD).rounded(2, Rounding::HalfEven), Ok(price("0.12", Currency::USD)));
}

#[test]
fn a_thousand_labels_come_to_twelve_fifty() {
    let label = price("0.0125", Currency::USD);
    let many = Quantity::from_whole(1000).unwrap();
    assert_eq!(label.times(many, Rounding::HalfUp), Ok(Money::from_minor(1250, Currency::USD)));
    assert_eq!(label.times(Quantity::ONE, Rounding::HalfUp), Ok(Money::from_minor(1, Currency::USD)));
    let third = price("0.3333333", Currency::USD);
    assert_eq!(
        third.times(Quantity::from_whole(3).unwrap(), Rounding::HalfUp),
        Ok(Money::from_minor(100, Currency::USD))
    );
}

#[test]
fn a_price_stored_as_an_amount_is_read_and_written_back_as_it_was() {
    let old = r#"{"minor":1250,"currency":"USD"}"#;
    let read: UnitPrice = serde_json::from_str(old).unwrap();
    assert_eq!(read, price("12.50", Currency::USD));
    assert_eq!(serde_json::to_string(&read).unwrap(), old);
    let fine = serde_json::to_string(&price("-0.0125", Currency::USD)).unwrap();
    assert_eq!(fine, r#"{"minor":-1,"currency":"USD","finer":-25000}"#);
}

#[test]
fn what_no_amount_can_hold_is_no_price() {
    let most = Money::from_minor(i64::MAX, Currency::USD);
    assert_eq!(UnitPrice::from(most).to_decimal_string(), most.to_decimal_string());
    assert_eq!(UnitPrice::parse("92233720368547758.08", Currency::USD), Err(AmountError::TooLarge));
    assert_eq!(UnitPrice::from(most).checked_add(UnitPrice::from(most)), Err(AmountError::TooLarge));
    assert_eq!(
        UnitPrice::from(most).times(Quantity::from_whole(2).unwrap(), Rounding::Down),
        Err(AmountError::TooLarge)
    );
    assert_eq!(UnitPrice::per_piece(most, Quantity::ZERO, Rounding::HalfUp), Err(AmountError::DividedByZero));
    let yen = UnitPrice::zero(Currency::JPY);
    assert_eq!(
        yen.checked_add(UnitPrice::zero(Currency::USD)),
        Err(AmountError::MixedCurrencies(Currency::JPY, Currency::USD))
    );
}

proptest! {
    #[test]
    fn parts_text_and_json_hold_the_whole_price(minor in any::<i64>(), beyond in -9_999_999_i64..=9_999_999, currency in currency()) {
        let Ok(price) = UnitPrice::from_parts(minor, beyond, currency) else { return Ok(()) };
        prop_assert_eq!(UnitPrice::from_parts(price.minor(), price.finer(), currency), Ok(price));
        prop_assert!(price.finer() == 0 || price.is_negative() == (price.finer() < 0));
        prop_assert_eq!(UnitPrice::parse(&price.to_decimal_string(), currency), Ok(price));
        let json = serde_json::to_string(&price).unwrap();
        prop_assert_eq!(serde_json::from_str::<UnitPrice>(&json).unwrap(), price);
        prop_assert_eq!(price.rounded(price.decimals(), Rounding::Down), Ok(price));
    }

    #[test]
    fn an_amount_is_the_same_as_a_price_and_multiplies_the_same(minor in any::<i64>(), scaled in -1_000_000_i64..1_000_000, currency in currency()) {
        let amount = Money::from_minor(minor, currency);
        let price = UnitPrice::from(amount);
        prop_assert_eq!(price.to_decimal_string(), amount.to_decimal_string());
        prop_assert_eq!(serde_json::to_string(&price).unwrap(), serde_json::to_string(&amount).unwrap());
        let quantity = Quantity::from_scaled(scaled);
        prop_assert_eq!(price.times(quantity, Rounding::HalfUp).ok(), amount.times(quantity, Rounding::HalfUp).ok());
    }

    #[test]
    fn sums_are_exact_and_undone(a in any::<i32>(), b in any::<i32>(), currency in currency()) {
        let price = |units: i32| UnitPrice::from_parts(0, i64::from(units), currency).unwrap();
        let sum = price(a).checked_add(price(b)).unwrap();
        prop_assert_eq!(sum.checked_sub(price(b)), Ok(price(a)));
        prop_assert_eq!(sum.checked_neg().unwrap().checked_neg(), Ok(sum));
        prop_assert_eq!(price(a).compare(price(b)), Ok(a.cmp(&b)));
    }

    #[test]
    fn a_product_is_within_one_minor_unit(units in any::<i32>(), scaled in any::<i32>(), currency in currency()) {
        let price = UnitPrice::from_parts(0, i64::from(units), currency).unwrap();
        let whole = 10_i128.pow(7 - currency.decimals()) * 10_000;
        let exact = i128::from(units) * i128::from(scaled);
        for rounding in [Rounding::HalfUp, Rounding::HalfEven, Rounding::Down] {
            let amount = price.times(Quantity::from_scaled(i64::from(scaled)), rounding).unwrap();
            prop_assert!((i128::from(amount.minor()) * whole - exact).abs() < whole);
        }
    }

    #[test]
    fn a_price_per_piece_comes_back_to_the_amount(minor in -1_000_000_000_i64..1_000_000_000, pieces in 1_i64..1000) {
        let (amount, quantity) = (Money::from_minor(minor, Currency::USD), Quantity::from_whole(pieces).unwrap());
        let price = UnitPrice::per_piece(amount, quantity, Rounding::HalfUp).unwrap();
        prop_assert_eq!(price.times(quantity, Rounding::HalfUp), Ok(amount));
    }
}
