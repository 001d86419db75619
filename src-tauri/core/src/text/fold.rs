//! Keys of texts, by Unicode: for telling whether two are the same, and for searching and sorting.
//!
//! Absent on purpose: the orders of single languages (Å last in Swedish), which would need tables that change with each version
//! and keys that then have to be made again.

use super::clean::is_invisible;
use icu_normalizer::{ComposingNormalizerBorrowed, DecomposingNormalizerBorrowed};
use std::borrow::Cow;

const NFC: ComposingNormalizerBorrowed<'static> = ComposingNormalizerBorrowed::new_nfc();
const NFKD: DecomposingNormalizerBorrowed<'static> = DecomposingNormalizerBorrowed::new_nfkd();

/// A text as it is compared: two with the same key are one, whatever their case, width, composition, spaces, kind of dash and
/// apostrophe, and characters that nobody sees. Accents and other letters tell them apart.
pub fn same_key(text: &str) -> String {
    fold(
        text,
        |_| false,
        |c| match c {
            'ß' => Some("ss"),
            c => punctuation(c),
        },
    )
}

/// A text as it is searched and sorted: like [`same_key`], and without accents, with letters of one's neighbors as their nearest
/// plain ones. Vowel signs and voicing marks, which make another word, stay.
pub fn search_key(text: &str) -> String {
    fold(text, is_loose_mark, |c| {
        Some(match c {
            'ß' => "ss",
            'ø' => "o",
            'ł' => "l",
            'đ' | 'ð' => "d",
            'æ' => "ae",
            'œ' => "oe",
            'þ' => "th",
            'ħ' => "h",
            'ŧ' => "t",
            'ŋ' => "n",
            'ı' => "i",
            c => return punctuation(c),
        })
    })
}

/// A number such as `SO-999` as it is sorted: digits are padded, so that it comes before `SO-1000`.
pub fn number_key(text: &str) -> String {
    const WIDTH: usize = 12;
    let mut key = String::with_capacity(text.len() + WIDTH);
    let mut digits = String::new();
    for letter in search_key(text).chars().chain(std::iter::once('\0')) {
        if letter.is_ascii_digit() {
            digits.push(letter);
            continue;
        }
        if !digits.is_empty() {
            key.extend(std::iter::repeat_n('0', WIDTH.saturating_sub(digits.len())));
            key.push_str(&digits);
            digits.clear();
        }
        if letter != '\0' {
            key.push(letter);
        }
    }
    key
}

fn punctuation(c: char) -> Option<&'static str> {
    Some(match c {
        '’' | '‘' | 'ʼ' | '‛' => "'",
        '“' | '”' | '„' => "\"",
        '\u{2010}'..='\u{2015}' | '\u{2212}' => "-",
        _ => return None,
    })
}

fn fold(text: &str, dropped: fn(char) -> bool, replaced: impl Fn(char) -> Option<&'static str>) -> String {
    let mut key = String::with_capacity(text.len());
    let space = |key: &mut String| {
        if !key.is_empty() && !key.ends_with(' ') {
            key.push(' ');
        }
    };
    if text.is_ascii() {
        for letter in text.chars() {
            if letter.is_ascii_whitespace() || letter == '\u{B}' {
                space(&mut key);
            } else if !letter.is_ascii_control() {
                key.push(letter.to_ascii_lowercase());
            }
        }
    } else {
        for letter in NFKD.normalize(text).chars() {
            if letter.is_whitespace() {
                space(&mut key);
                continue;
            }
            // The dot of the Turkish capital İ is no mark of its own once it is small.
            let dot = letter == '\u{307}' && key.ends_with('i');
            if letter.is_control() || is_invisible(letter) || dropped(letter) || dot {
                continue;
            }
            // The small iota below is a mark that would turn into a letter.
            if letter == '\u{345}' {
                key.push(letter);
                continue;
            }
            for small in letter.to_uppercase().flat_map(char::to_lowercase) {
                match replaced(small) {
                    Some(plain) => key.push_str(plain),
                    None if dropped(small) => {}
                    None => key.push(small),
                }
            }
        }
        if let Cow::Owned(composed) = NFC.normalize(&key) {
            key = composed;
        }
    }
    key.truncate(key.trim_end_matches(' ').len());
    key
}

/// Marks that people leave out when they search.
fn is_loose_mark(c: char) -> bool {
    matches!(c,
        '\u{300}'..='\u{36F}' | '\u{1AB0}'..='\u{1AFF}' | '\u{1DC0}'..='\u{1DFF}' | '\u{20D0}'..='\u{20FF}'
        | '\u{FE20}'..='\u{FE2F}' | '\u{591}'..='\u{5BD}' | '\u{64B}'..='\u{65F}' | '\u{670}' | '\u{640}')
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn a_search_finds_texts_however_they_are_written() {
        for (text, typed) in [
            ("José Núñez", "jose nunez"),
            ("Straße", "STRASSE"),
            ("STRAẞE", "strasse"),
            ("İstanbul", "istanbul"),
            ("ISPARTA", "ısparta"),
            ("Cafe\u{301}", "café"),
            ("ＡＢＣ１２３", "abc123"),
            ("ﾎﾞﾙﾄ", "ボルト"),
            ("a\u{200B}b\u{FEFF}c\u{7}", "abc"),
            ("  a\u{A0}\t b ", "a b"),
            ("ΣΊΣΥΦΟΣ", "σίσυφος"),
            ("Łódź", "lodz"),
            ("Ærø", "aero"),
            ("Đorđe", "dorde"),
            ("한국", "\u{1112}\u{1161}\u{11ab}\u{1100}\u{116e}\u{11a8}"),
            ("ﬁne", "fine"),
            ("№5", "no5"),
            ("O’Neil", "o'neil"),
            ("Ångström", "angstrom"),
        ] {
            assert_eq!(search_key(text), search_key(typed), "{text} {typed}");
        }
        for (one, other) in [("か", "が"), ("ば", "ぱ"), ("कि", "क"), ("Anna", "Ana")] {
            assert_ne!(search_key(one), search_key(other));
        }
    }

    #[test]
    fn names_and_numbers_are_the_same_whatever_nobody_sees_of_them() {
        for (one, other) in [
            ("INV-7", "inv-7\u{200B}"),
            ("INV-7", "ＩＮＶ－７"),
            ("INV-7", "INV\u{2011}7"),
            ("Zoé", "Zoe\u{301}"),
            ("Straße", "STRASSE"),
            ("O’Neil", "O'Neil"),
            ("İstanbul", "istanbul"),
            ("a  b ", "A\u{A0}b"),
            ("me@x.co\u{FEFF}", "Me@X.co"),
        ] {
            assert_eq!(same_key(one), same_key(other), "{one} {other}");
        }
        for (one, other) in [("José", "Jose"), ("Müller", "Muller"), ("Møller", "Moller"), ("か", "が"), ("A-1", "A1")]
        {
            assert_ne!(same_key(one), same_key(other), "{one} {other}");
        }
    }

    #[test]
    fn lists_sort_by_letters_and_not_by_their_codes() {
        let mut names = ["Zebra", "Eva", "Émile", "öl", "Oslo", "Ähre"];
        names.sort_by_key(|name| search_key(name));
        assert_eq!(names, ["Ähre", "Émile", "Eva", "öl", "Oslo", "Zebra"]);
    }

    #[test]
    fn numbers_sort_as_people_count() {
        let mut numbers = vec!["SO-1000", "so-999", "SO-１2", "A7", "SO-12-2"];
        numbers.sort_by_key(|number| number_key(number));
        assert_eq!(numbers, ["A7", "SO-１2", "SO-12-2", "so-999", "SO-1000"]);
    }

    proptest! {
        #[test]
        fn keys_of_keys_are_the_keys(text in "\\PC{0,24}") {
            prop_assert_eq!(search_key(&search_key(&text)), search_key(&text));
            prop_assert_eq!(same_key(&same_key(&text)), same_key(&text));
        }

        #[test]
        fn what_is_the_same_is_found_by_the_same_search(text in "\\PC{0,24}") {
            prop_assert_eq!(search_key(&same_key(&text)), search_key(&text));
        }
    }

    #[test]
    fn every_letter_keeps_what_keys_promise() {
        for letter in (1..0x3_0000_u32).filter_map(char::from_u32) {
            let text = format!("x{letter}y");
            let (same, search) = (same_key(&text), search_key(&text));
            assert_eq!(same_key(&same), same, "{letter:?}");
            assert_eq!(search_key(&search), search, "{letter:?}");
            assert_eq!(search_key(&same), search, "{letter:?}");
        }
    }
}
