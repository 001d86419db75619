//! Text in CSV files that spreadsheets can open without running any of it.
//!
//! Buyers and vendors wrote much of what is exported. A part of a cell that a spreadsheet would take for a formula gets an
//! apostrophe in front: at the start of the cell, and after every separator, line break and quote, because a program that
//! splits cells at another mark would find it there. To read a cell back, take one apostrophe off in front of such a sign.
//! Numbers and telephone numbers stay as they are.
//!
//! Absent on purpose: quoting, which the CSV writer does, and files.

/// The text of a cell with its formulas made into text.
pub fn cell(text: &str) -> String {
    let mut harmless = String::with_capacity(text.len());
    // A break or tab in front is dropped by some programs, and what follows it runs.
    if text.starts_with(['\t', '\r', '\n']) {
        harmless.push('\'');
    }
    let mut rest = text;
    loop {
        let start =
            rest.trim_start_matches(|c: char| !is_break(c) && (c.is_whitespace() || super::clean::is_invisible(c)));
        let (lead, part) = rest.split_at(rest.len() - start.len());
        harmless.push_str(lead);
        let end = part.find(is_break).unwrap_or(part.len());
        if part.trim_start_matches('\'').starts_with(is_formula_sign) && !is_number(&part[..end]) {
            harmless.push('\'');
        }
        harmless.push_str(&part[..end]);
        let Some(separator) = part[end..].chars().next() else { return harmless };
        harmless.push(separator);
        rest = &part[end + separator.len_utf8()..];
    }
}

/// What programs split cells at.
fn is_break(c: char) -> bool {
    matches!(c, ',' | ';' | '|' | '\t' | '\r' | '\n' | '"' | '、' | '；' | '，')
}

fn is_formula_sign(c: char) -> bool {
    matches!(c, '=' | '+' | '-' | '@' | '＝' | '＋' | '－' | '＠' | '﹢' | '﹣' | '﹫' | '﹦')
}

/// A number, or a telephone number that is no sum: one with a space or bracket between its digits.
fn is_number(part: &str) -> bool {
    let Some(body) = part.trim_end().strip_prefix(['+', '-']) else { return false };
    let figures = |text: &str| text.chars().any(|c| c.is_ascii_digit());
    let number = body.chars().all(|c| c.is_ascii_digit() || c == '.');
    let phone = body.contains([' ', '(']) && body.chars().all(|c| c.is_ascii_digit() || " ().-/".contains(c));
    figures(body) && (number || phone)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn formulas_become_text_wherever_a_program_may_find_them() {
        for (text, written) in [
            ("=1+1", "'=1+1"),
            ("@SUM(A1)", "'@SUM(A1)"),
            ("-cmd|' /C calc'!A0", "'-cmd|' /C calc'!A0"),
            ("Pens;=cmd", "Pens;'=cmd"),
            ("Pens; =cmd", "Pens; '=cmd"),
            ("a,+b\t@c|-d", "a,'+b\t'@c|'-d"),
            ("\n=cmd", "'\n'=cmd"),
            ("\t=cmd", "'\t'=cmd"),
            ("one\r\n=two", "one\r\n'=two"),
            ("＝cmd", "'＝cmd"),
            ("＋1 － ＠", "'＋1 － ＠"),
            (" =cmd", " '=cmd"),
            ("\u{200B}=cmd", "\u{200B}'=cmd"),
            ("{\"name\":\"=cmd\"}", "{\"name\":\"'=cmd\"}"),
            ("'=kept apart", "''=kept apart"),
            ("+1-555-0100", "'+1-555-0100"),
            ("-2+3", "'-2+3"),
        ] {
            assert_eq!(cell(text), written, "{text:?}");
        }
    }

    #[test]
    fn numbers_telephone_numbers_and_plain_text_stay() {
        for text in [
            "",
            "-5.00",
            "+5",
            "+1 (555) 010-0199",
            "+49 30 123-45",
            "-1,234.50",
            "Pens = good",
            "a-b",
            "me@example.com",
            "O'Neil",
            "Müller; Söhne",
            "1;-5.00",
            "{\"phone\":\"+1 555 0100\"}",
        ] {
            assert_eq!(cell(text), text);
        }
    }
}
