//! What must hold for any amount, quantity, rate and typed text.

use backroom_money::{
    AmountError, Currency, Money, Quantity, Rate, Rounding, allocate, allocate_signed, parse_amount, parse_expression,
};
use proptest::prelude::*;

fn currency() -> impl Strategy<Value = Currency> {
    prop_oneof![Just(Currency::USD), Just(Currency::EUR), Just(Currency::JPY), Just(Currency::KWD)]
}

fn rounding() -> impl Strategy<Value = Rounding> {
    prop_oneof![Just(Rounding::HalfUp), Just(Rounding::HalfEven), Just(Rounding::Down)]
}

proptest! {
    #[test]
    fn parts_always_add_up(minor in any::<i64>(), weights in prop::collection::vec(any::<i64>(), 0..40)) {
        let total = Money::from_minor(minor, Currency::USD);
        let parts = allocate(total, &weights).unwrap();
        prop_assert_eq!(parts.len(), weights.len());
        if !weights.is_empty() {
            let sum: i128 = parts.iter().map(|part| i128::from(part.minor())).sum();
            prop_assert_eq!(sum, i128::from(minor));
            // No part has another sign than the whole, and none is further than one unit from its exact share.
            prop_assert!(parts.iter().all(|part| part.minor() == 0 || (part.minor() < 0) == (minor < 0)));
        }
    }

    #[test]
    fn a_part_is_within_one_unit_of_its_share(minor in -1_000_000_i64..1_000_000, weights in prop::collection::vec(0_i64..10_000, 1..20)) {
        let whole: i64 = weights.iter().sum();
        prop_assume!(whole > 0);
        for (part, weight) in allocate(Money::from_minor(minor, Currency::USD), &weights).unwrap().iter().zip(&weights) {
            prop_assert!((part.minor() * whole - minor * weight).abs() < whole);
        }
    }

    #[test]
    fn parts_of_either_sign_add_up_and_are_within_one_unit_of_their_share(
        minor in -1_000_000_i64..1_000_000, weights in prop::collection::vec(-10_000_i64..10_000, 1..20)
    ) {
        let whole: i64 = weights.iter().sum();
        let parts = allocate_signed(Money::from_minor(minor, Currency::USD), &weights).unwrap();
        prop_assert_eq!(parts.iter().map(|part| part.minor()).sum::<i64>(), minor);
        if whole != 0 {
            for (part, weight) in parts.iter().zip(&weights) {
                prop_assert!((part.minor() * whole - minor * weight).abs() < whole.abs());
            }
        }
    }

    #[test]
    fn what_is_written_is_read_back(minor in any::<i64>(), currency in currency()) {
        let amount = Money::from_minor(minor, currency);
        prop_assert_eq!(Money::parse(&amount.to_decimal_string(), currency), Ok(amount));
        let json = serde_json::to_string(&amount).unwrap();
        prop_assert_eq!(serde_json::from_str::<Money>(&json).unwrap(), amount);
    }

    #[test]
    fn quantities_and_rates_are_read_back(scaled in any::<i64>()) {
        let quantity = Quantity::from_scaled(scaled);
        prop_assert_eq!(Quantity::parse(&quantity.to_decimal_string()), Ok(quantity));
        let rate = Rate::from_ppm(scaled);
        prop_assert_eq!(Rate::parse_percent(&rate.to_percent_string()), Ok(rate));
    }

    #[test]
    fn a_share_and_the_rest_make_the_whole(minor in -1_000_000_000_i64..1_000_000_000, ppm in 0_i64..=1_000_000, mode in rounding()) {
        let whole = Money::from_minor(minor, Currency::USD);
        let rate = Rate::from_ppm(ppm);
        let share = whole.share(rate, mode).unwrap();
        // Off the exact share by less than one unit, by half of one where rounding is to the nearest.
        let off = (i128::from(share.minor()) * 1_000_000 - i128::from(minor) * i128::from(ppm)).abs();
        prop_assert!(off < 1_000_000);
        if mode != Rounding::Down {
            prop_assert!(off <= 500_000);
        }
    }

    #[test]
    fn tax_taken_out_of_a_gross_amount_is_the_tax_put_on_its_net(net in 0_i64..100_000_000, ppm in 0_i64..=500_000) {
        let rate = Rate::from_ppm(ppm);
        let net = Money::from_minor(net, Currency::USD);
        let tax = net.share(rate, Rounding::HalfUp).unwrap();
        let gross = net.checked_add(tax).unwrap();
        let contained = gross.share_included(rate, Rounding::HalfUp).unwrap();
        prop_assert!((contained.minor() - tax.minor()).abs() <= 1);
    }

    #[test]
    fn a_ratio_of_itself_is_itself(minor in any::<i64>(), other in any::<i64>()) {
        prop_assume!(other != 0);
        let amount = Money::from_minor(minor, Currency::USD);
        prop_assert_eq!(amount.ratio(other, other, Rounding::HalfUp), Ok(amount));
        prop_assert_eq!(amount.ratio(other, 0, Rounding::HalfUp), Err(AmountError::DividedByZero));
    }

    #[test]
    fn no_text_makes_it_panic(text in ".{0,120}", decimals in 0_u32..=4, currency in currency()) {
        let _ = parse_expression(&text, decimals);
        let _ = parse_expression(&format!("{{,.}}{text}"), decimals);
        let _ = parse_amount(&text, currency, decimals);
        let _ = Money::parse(&text, currency);
        let _ = Money::parse_rounded(&text, currency, Rounding::HalfEven);
        let _ = Quantity::parse(&text);
        let _ = Rate::parse_percent(&text);
        let _ = text.parse::<Currency>();
    }

    #[test]
    fn no_sum_makes_it_panic(text in r"[-+*/() .,0-9eE]{0,60}", decimals in 0_u32..=4) {
        if let Ok(plain) = parse_expression(&text, decimals) {
            // What comes out is a plain decimal, or a number that is refused for its size, never another sum.
            prop_assert!(!plain.contains(['*', '/', '(', ')', ' ', ',']), "{} gave {}", text, plain);
            prop_assert!(!matches!(Money::parse_rounded(&plain, Currency::USD, Rounding::HalfUp), Err(AmountError::NotANumber(_))));
        }
    }

    #[test]
    fn a_sum_of_whole_numbers_is_exact(a in -1_000_000_i64..1_000_000, b in -1_000_000_i64..1_000_000, c in -1000_i64..1000) {
        let expected = (a + b * c).to_string();
        prop_assert_eq!(parse_expression(&format!("{a} + {b} * {c}"), 2), Ok(expected));
    }
}

#[test]
fn numbers_at_the_edge_are_read_or_refused_in_words() {
    let usd = |text: &str| Money::parse(text, Currency::USD).map(Money::minor);
    assert_eq!(usd("92233720368547758.07"), Ok(i64::MAX));
    assert_eq!(usd("-92233720368547758.08"), Ok(i64::MIN));
    assert_eq!(usd("92233720368547758.08"), Err(AmountError::TooLarge));
    assert_eq!(usd("1e2"), Ok(10_000));
    assert_eq!(usd("10.5000000"), Ok(1050));
    assert_eq!(usd("10.505"), Err(AmountError::TooManyDecimals { allowed: 2 }));
    for text in ["-", "+", ".", "1e", "e5", "1e400", "1e-400", "1_000", "NaN", "inf", "0x10", "١٢", "1 000", "12a"] {
        assert!(usd(text).is_err(), "{text}");
    }
    assert!(usd(&"9".repeat(50_000)).is_err());
    assert!(usd(&format!("0.{}1", "0".repeat(60))).is_err());
    assert_eq!(Money::parse("7.00", Currency::JPY).map(Money::minor), Ok(7));
    assert!(Money::parse("7.5", Currency::JPY).is_err());
    assert_eq!(Money::parse("1.234", Currency::KWD).map(Money::minor), Ok(1234));
}

#[test]
fn the_smallest_amount_has_no_opposite_and_says_so() {
    let smallest = Money::from_minor(i64::MIN, Currency::USD);
    assert_eq!(smallest.checked_neg(), Err(AmountError::TooLarge));
    assert_eq!(smallest.times(Quantity::from_scaled(-10_000), Rounding::Down), Err(AmountError::TooLarge));
    assert_eq!(smallest.ratio(1, -1, Rounding::HalfUp), Err(AmountError::TooLarge));
}
