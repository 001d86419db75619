//! Numbers as people type, paste and scan them, read into plain decimals: the one place that knows separators of thousands and
//! decimals, digits of other scripts, the minus signs and spaces that word processors write, and signs of currencies.
//!
//! A text may begin with the separators it is written with, decimal then thousands, in braces: `{,.}1.250,00` comes from an owner
//! who reads `1.250,00 €`. Faces write that mark for the owner; without it a number is written as in `1,250.00`. So a number
//! never depends on a setting that somebody else could have changed between typing and reading.
//!
//! Absent on purpose: arithmetic (see `expression`), rounding, and guessing. What could be read in two ways is refused, and the
//! error shows how to write either.

use crate::{AmountError, Currency};

/// Longest text that is read; a longer one is no number a person typed.
const LONGEST: usize = 200;

/// How an owner writes numbers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Writing {
    decimal: char,
    group: char,
}

impl Writing {
    /// `1,250.00`
    pub const PLAIN: Self = Self { decimal: '.', group: ',' };

    /// A way to write numbers; `None` when the two marks could not be told apart from each other or from digits.
    pub fn new(decimal: char, group: char) -> Option<Self> {
        let (decimal, group) = (plain_char(decimal)?, plain_char(group)?);
        let mark = |c: char| matches!(c, '.' | ',' | '\'' | ' ' | ARABIC_DECIMAL | ARABIC_GROUP);
        (decimal != group && decimal != ' ' && mark(decimal) && mark(group)).then_some(Self { decimal, group })
    }

    /// Splits a typed text into how it is written and what is written.
    pub fn split(text: &str) -> (Self, &str) {
        let marked = || {
            let rest = text.trim_start().strip_prefix('{')?;
            let mut letters = rest.chars();
            let writing = Self::new(letters.next()?, letters.next()?)?;
            Some((writing, letters.as_str().strip_prefix('}')?))
        };
        marked().unwrap_or((Self::PLAIN, text))
    }

    /// The text with this writing's mark, as faces send it.
    pub fn mark(self, text: &str) -> String {
        if self == Self::PLAIN { text.to_owned() } else { format!("{{{}{}}}{text}", self.decimal, self.group) }
    }
}

const ARABIC_DECIMAL: char = '\u{66B}';
const ARABIC_GROUP: char = '\u{66C}';

/// Zeros of the scripts whose ten digits follow each other.
const ZEROS: [char; 24] = [
    '\u{660}', '\u{6F0}', '\u{7C0}', '\u{966}', '\u{9E6}', '\u{A66}', '\u{AE6}', '\u{B66}', '\u{BE6}', '\u{C66}',
    '\u{CE6}', '\u{D66}', '\u{DE6}', '\u{E50}', '\u{ED0}', '\u{F20}', '\u{1040}', '\u{1090}', '\u{17E0}', '\u{1810}',
    '\u{1946}', '\u{19D0}', '\u{A9D0}', '\u{FF10}',
];

/// The plain sign a character stands for; `None` for one that nobody sees.
fn plain_char(c: char) -> Option<char> {
    Some(match c {
        '\u{AD}'
        | '\u{61C}'
        | '\u{200B}'..='\u{200F}'
        | '\u{202A}'..='\u{202E}'
        | '\u{2060}'..='\u{206F}'
        | '\u{FEFF}' => {
            return None;
        }
        '\u{2212}' | '\u{2010}'..='\u{2013}' | '\u{FE63}' | '\u{FF0D}' => '-',
        '\u{FF0B}' | '\u{FE62}' => '+',
        '\u{D7}' | '\u{2217}' | '\u{FF0A}' => '*',
        '\u{F7}' | '\u{2044}' | '\u{2215}' | '\u{FF0F}' => '/',
        '\u{FF08}' => '(',
        '\u{FF09}' => ')',
        '\u{FF0E}' => '.',
        '\u{FF0C}' => ',',
        '\u{66A}' | '\u{FF05}' | '\u{FE6A}' => '%',
        '\u{FF04}' | '\u{FE69}' => '$',
        '\u{FFE0}' => '¢',
        '\u{FFE1}' => '£',
        '\u{FFE5}' => '¥',
        '\u{FFE6}' => '₩',
        '\u{2018}' | '\u{2019}' | '\u{2BC}' | '\u{FF07}' => '\'',
        c if c.is_whitespace() => ' ',
        c => match ZEROS.iter().find(|zero| (**zero..=digit(**zero, 9)).contains(&c)) {
            Some(zero) => digit('0', u32::from(c) - u32::from(*zero)),
            None => c,
        },
    })
}

fn digit(zero: char, value: u32) -> char {
    char::from_u32(u32::from(zero) + value).unwrap_or(zero)
}

/// The text before or after a percent sign, when there is one at either end. Its writing stays with it.
pub fn strip_percent(text: &str) -> Option<String> {
    let (writing, body) = Writing::split(text);
    let percent = |c: char| plain_char(c) == Some('%');
    let body = body.trim();
    let rest = body.strip_suffix(percent).or_else(|| body.strip_prefix(percent))?;
    Some(writing.mark(rest.trim()))
}

/// What was typed, in plain signs: ASCII digits with a point for decimals and nothing between thousands, `+ - * / ( )`, and
/// spaces. Signs of `currency` are left out; those of another are refused. A number alone in brackets is negative, as
/// bookkeepers write it.
pub(crate) fn plain(text: &str, currency: Option<Currency>) -> Result<String, AmountError> {
    let (writing, body) = Writing::split(text);
    let body = body.trim();
    let letters: Vec<char> = body.chars().filter_map(plain_char).collect();
    if letters.iter().all(|c| *c == ' ') {
        return Err(AmountError::Empty);
    }
    let typed: String = body.chars().take(40).collect();
    if body.len() > LONGEST {
        return Err(AmountError::NotANumber(typed));
    }
    let mut plain = String::with_capacity(letters.len());
    let mut at = 0;
    while let Some(c) = letters.get(at).copied() {
        let run = |belongs: &dyn Fn(usize, char) -> bool| {
            let end = letters[at..].iter().enumerate().position(|(index, c)| !belongs(at + index, *c));
            end.map_or(letters.len(), |length| at + length)
        };
        let near_digit = |index: usize| letters.get(index).is_some_and(char::is_ascii_digit);
        let in_number = |index: usize, c: char| match c {
            // A space or an apostrophe belongs to a number only between two of its digits.
            ' ' | '\'' => near_digit(index + 1) && index.checked_sub(1).is_some_and(near_digit),
            c => c.is_ascii_digit() || is_mark(c),
        };
        let in_sign = |_: usize, c: char| c.is_alphabetic() || is_currency_sign(c);
        if in_number(at, c) {
            let end = run(&in_number);
            plain.push_str(&number(&letters[at..end], writing, &typed)?);
            at = end;
        } else if in_sign(at, c) {
            let end = run(&in_sign);
            let sign: String = letters[at..end].iter().collect();
            check_sign(&sign, currency, &typed)?;
            // A sign may end in a point, as in "Fr. 12"; what stands on both sides of it stays apart.
            plain.push(' ');
            at = end + usize::from(letters.get(end) == Some(&'.') && !near_digit(end + 1));
        } else {
            plain.push(c);
            at += 1;
        }
    }
    Ok(bracketed(plain.trim()).unwrap_or_else(|| plain.trim().to_owned()))
}

fn is_mark(c: char) -> bool {
    matches!(c, '.' | ',' | ARABIC_DECIMAL | ARABIC_GROUP)
}

fn is_currency_sign(c: char) -> bool {
    matches!(c, '$' | '\u{A2}'..='\u{A5}' | '\u{58F}' | '\u{60B}' | '\u{9F3}' | '\u{E3F}' | '\u{17DB}' | '\u{20A0}'..='\u{20CF}')
}

/// `-3` for `(3)` and `-(3)` for nothing else: only a lone number in brackets is the bookkeepers' minus.
fn bracketed(plain: &str) -> Option<String> {
    let mut inner = plain;
    while let Some(rest) = inner.strip_prefix('(').and_then(|rest| rest.strip_suffix(')')) {
        inner = rest.trim();
    }
    let lone = inner.len() < plain.len() && inner.contains(|c: char| c.is_ascii_digit());
    (lone && inner.chars().all(|c| c.is_ascii_digit() || c == '.')).then(|| format!("-{inner}"))
}

/// Whether a sign or code may stand beside an amount of this currency.
fn check_sign(sign: &str, currency: Option<Currency>, typed: &str) -> Result<(), AmountError> {
    let bad = || AmountError::NotANumber(typed.to_owned());
    let expected = currency.ok_or_else(bad)?;
    let code = expected.code();
    let symbol = expected.symbol();
    let upper = sign.to_uppercase();
    let dollars = upper.strip_suffix('$').is_some_and(|before| symbol.ends_with('$') && code.starts_with(before));
    let yen = matches!(sign, "¥" | "円" | "元") && matches!(code, "JPY" | "CNY");
    if upper == code || upper == symbol.trim_end_matches('.').to_uppercase() || dollars || yen {
        return Ok(());
    }
    let other = sign.chars().any(is_currency_sign) || (sign.len() == 3 && sign.parse::<Currency>().is_ok());
    if other { Err(AmountError::OtherCurrency { sign: sign.to_owned(), expected }) } else { Err(bad()) }
}

/// A run of digits and marks as a plain decimal.
fn number(run: &[char], writing: Writing, typed: &str) -> Result<String, AmountError> {
    let marks: Vec<(usize, char)> = run.iter().copied().enumerate().filter(|(_, c)| !c.is_ascii_digit()).collect();
    let digits = |part: &[char]| part.iter().filter(|c| c.is_ascii_digit()).collect::<String>();
    let Some(&(last, mark)) = marks.last() else { return Ok(digits(run)) };
    if marks.len() == run.len() {
        return Err(AmountError::NotANumber(typed.to_owned()));
    }
    let unclear = || AmountError::Unclear { typed: typed.to_owned(), readings: readings(run, last, writing) };
    let decimal = is_decimal(run, &marks, writing).ok_or_else(unclear)?;
    let (whole, fraction) = if decimal { (&run[..last], &run[last + 1..]) } else { (run, &run[run.len()..]) };
    let groups = if decimal { &marks[..marks.len() - 1] } else { &marks[..] };
    let one_kind =
        groups.windows(2).all(|two| two[0].1 == two[1].1) && !(decimal && groups.iter().any(|(_, c)| *c == mark));
    if !one_kind || !(groups.is_empty() || well_grouped(whole)) {
        return Err(unclear());
    }
    let whole = digits(whole);
    let fraction = digits(fraction);
    Ok(match (whole.is_empty(), fraction.is_empty()) {
        (_, true) => whole,
        (true, false) => format!("0.{fraction}"),
        (false, false) => format!("{whole}.{fraction}"),
    })
}

/// Whether the last mark of a run stands before decimals; `None` when it could be either.
fn is_decimal(run: &[char], marks: &[(usize, char)], writing: Writing) -> Option<bool> {
    let (last, mark) = *marks.last()?;
    match mark {
        ' ' | '\'' | ARABIC_GROUP => return Some(false),
        ARABIC_DECIMAL => return Some(true),
        mark if mark == writing.decimal => return Some(true),
        mark if mark == writing.group => return Some(false),
        _ => {}
    }
    // A mark that this owner's numbers don't have, such as the point of a French number pad.
    let before = &marks[..marks.len() - 1];
    if before.iter().any(|(_, c)| *c == mark) {
        return Some(false);
    }
    let whole = &run[..last];
    let may_group = matches!(whole.len(), 1..=3) && whole.first() != Some(&'0') && run.len() - last - 1 == 3;
    (!before.is_empty() || !may_group).then_some(true)
}

/// Groups of three, or of two before the last one, as in India. A number in groups does not begin with a zero.
fn well_grouped(whole: &[char]) -> bool {
    let lengths: Vec<usize> = whole.split(|c| !c.is_ascii_digit()).map(<[char]>::len).collect();
    let [first, middle @ .., 3] = lengths.as_slice() else { return false };
    let thousands = matches!(first, 1..=3) && middle.iter().all(|length| *length == 3);
    let lakhs = matches!(first, 1..=2) && middle.iter().all(|length| *length == 2);
    whole.first() != Some(&'0') && (thousands || lakhs)
}

/// What an unclear number may have meant, as this owner would write it: with decimals, or without.
fn readings(run: &[char], last: usize, writing: Writing) -> String {
    let digits = |part: &[char]| part.iter().filter(|c| c.is_ascii_digit()).collect::<String>();
    let (whole, fraction, all) = (digits(&run[..last]), digits(&run[last + 1..]), digits(run));
    let mut readings = Vec::new();
    if !fraction.is_empty() {
        let whole = if whole.is_empty() { "0" } else { &whole };
        readings.push(format!("{whole}{}{fraction}", writing.decimal));
    }
    if !all.starts_with('0') {
        readings.push(all);
    }
    readings.join(" or ")
}

#[cfg(test)]
#[path = "typed_tests.rs"]
mod tests;
