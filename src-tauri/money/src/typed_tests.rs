//! What people type and paste, in the writing of several countries.

use super::*;
use crate::parse_expression;

fn read(text: &str) -> Result<String, AmountError> {
    parse_expression(text, 2)
}

fn written(decimal: char, group: char, text: &str) -> Result<String, AmountError> {
    read(&Writing::new(decimal, group).expect("two marks").mark(text))
}

#[test]
fn numbers_are_read_as_their_owner_writes_them() {
    for (decimal, group, text, plain) in [
        (',', '.', "1.250", "1250"),
        (',', '.', "12,50", "12.50"),
        (',', '.', "1.250,00", "1250.00"),
        (',', '.', "1.234.567,89", "1234567.89"),
        (',', '.', "1250,5", "1250.5"),
        (',', '.', "0,125", "0.125"),
        (',', '.', ",5", "0.5"),
        (',', '.', "2,5+1", "3.5"),
        (',', '.', "1 250,50", "1250.50"),
        (',', '\u{202F}', "1\u{202F}250,50", "1250.50"),
        (',', '\u{202F}', "1 250,50", "1250.50"),
        (',', '\u{202F}', "12.50", "12.50"),
        (',', '\u{202F}', "1.250,50", "1250.50"),
        (',', '\u{202F}', "1.250.000", "1250000"),
        (',', '\u{A0}', "1\u{A0}250", "1250"),
        ('.', '’', "1’250.50", "1250.50"),
        ('.', '’', "1'250.50", "1250.50"),
        ('.', ',', "1,23,456.50", "123456.50"),
        ('٫', '٬', "١٬٢٥٠٫٥٠", "1250.50"),
        ('٫', '٬', "١٢٫٥", "12.5"),
        ('٫', '٬', "12.5", "12.5"),
    ] {
        assert_eq!(written(decimal, group, text).as_deref(), Ok(plain), "{decimal} {group} {text}");
    }
}

#[test]
fn what_can_be_read_in_two_ways_is_refused_and_shows_both() {
    for (decimal, group, text, hint) in [
        (',', '.', "1.25", "1,25 or 125"),
        (',', '.', "12.50", "12,50 or 1250"),
        (',', '.', "1250.50", "1250,50 or 125050"),
        (',', '.', "0.5", "0,5"),
        (',', '\u{202F}', "1.250", "1,250 or 1250"),
        ('.', ',', "1,5", "1.5 or 15"),
        ('.', ',', "12,50", "12.50 or 1250"),
        ('.', ',', "1.234,567", "1234.567 or 1234567"),
        ('.', ',', "1234,567", "1234.567 or 1234567"),
        ('.', ',', "0,500", "0.500"),
        ('.', ',', "1.2.3", "12.3 or 123"),
        ('.', ',', "1 2", "1.2 or 12"),
        ('.', ',', "1,250 000", "1250.000 or 1250000"),
    ] {
        match written(decimal, group, text) {
            Err(AmountError::Unclear { readings, .. }) => assert_eq!(readings, hint, "{text}"),
            other => panic!("{decimal} {group} {text}: {other:?}"),
        }
    }
}

#[test]
fn digits_signs_and_spaces_of_other_scripts_and_programs_are_read() {
    for (text, plain) in [
        ("１２．５０", "12.50"),
        ("１，２５０", "1250"),
        ("٥", "5"),
        ("۱۲٫۵", "12.5"),
        ("१२", "12"),
        ("\u{2212}5", "-5"),
        ("\u{2013}5", "-5"),
        ("－5", "-5"),
        ("\u{200E}-5", "-5"),
        ("1\u{A0}500", "1500"),
        ("1\u{202F}500.25", "1500.25"),
        ("1\u{2009}500", "1500"),
        ("\u{FEFF}12\u{200B}.5", "12.5"),
        ("3 × 2", "6"),
        ("10 ÷ 4", "2.5"),
        ("（３＋４）＊２", "14"),
        ("+5", "+5"),
    ] {
        assert_eq!(read(text).as_deref(), Ok(plain), "{text}");
    }
}

#[test]
fn a_lone_number_in_brackets_is_negative_as_bookkeepers_write_it() {
    for (text, plain) in [
        ("(3)", "-3"),
        ("( 3.50 )", "-3.50"),
        ("((3))", "-3"),
        ("(1,250)", "-1250"),
        ("(1+2)", "3"),
        ("(1+2)*3", "9"),
        ("10-(3)", "7"),
        ("(-3)", "-3"),
    ] {
        assert_eq!(read(text).as_deref(), Ok(plain), "{text}");
    }
}

#[test]
fn signs_of_the_own_currency_are_left_out_and_those_of_another_are_refused() {
    let amount = |text: &str, currency| crate::parse_amount(text, currency, 2);
    for (text, currency, plain) in [
        ("$12.50", Currency::USD, "12.50"),
        ("-$5", Currency::USD, "-5"),
        ("$-5", Currency::USD, "-5"),
        ("($5.00)", Currency::USD, "-5.00"),
        ("US$ 12.50", Currency::USD, "12.50"),
        ("12.50 USD", Currency::USD, "12.50"),
        ("usd 12.50", Currency::USD, "12.50"),
        ("＄12.50", Currency::USD, "12.50"),
        ("$5 + $7.50", Currency::USD, "12.5"),
        ("{,.}12,50 €", Currency::EUR, "12.50"),
        ("{,.}1.250,00\u{A0}€", Currency::EUR, "1250.00"),
        ("€12", Currency::EUR, "12"),
        ("￥1,500", Currency::JPY, "1500"),
        ("1500円", Currency::JPY, "1500"),
    ] {
        assert_eq!(amount(text, currency).as_deref(), Ok(plain), "{text}");
    }
    for text in ["€12", "12 EUR", "£5", "¥5", "R$5"] {
        assert!(matches!(amount(text, Currency::USD), Err(AmountError::OtherCurrency { .. })), "{text}");
    }
    for text in ["12 pcs", "abc", "12 €€", "5$50", "1e3", "4.00638E+12"] {
        assert!(amount(text, Currency::USD).is_err(), "{text}");
    }
    assert!(read("$5").is_err(), "a quantity has no currency");
}

#[test]
fn a_percent_sign_stands_at_either_end() {
    assert_eq!(strip_percent("10%").as_deref(), Some("10"));
    assert_eq!(strip_percent("{,.}7,5 %").as_deref(), Some("{,.}7,5"));
    assert_eq!(strip_percent("%10").as_deref(), Some("10"));
    assert_eq!(strip_percent("１０％").as_deref(), Some("１０"));
    assert_eq!(strip_percent("10"), None);
}

#[test]
fn a_mark_that_is_no_writing_is_no_number() {
    for text in ["{}5", "{..}5", "{5,}5", "{,.5", "{ab}5", "{", "{,.}"] {
        assert!(read(text).is_err(), "{text}");
    }
}
