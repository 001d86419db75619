//! Values that no vendor should send, as the bytes that would stand in an answer.
//!
//! Absent on purpose: where they are put (`spoil`).

/// Deeper than any honest record.
const DEEP: usize = 200;

/// JSON values, some of which are not even JSON.
pub const VALUES: &[&[u8]] = &[
    b"null",
    b"true",
    b"false",
    b"0",
    b"-1",
    b"1e400",
    b"-1e400",
    b"1e-400",
    b"9223372036854775807",
    b"9223372036854775808",
    b"-9223372036854775808",
    b"123456789012345678901234567890",
    b"0.12345678901234567890123",
    b"92233720368547758.07",
    b"\"\"",
    b"\" \"",
    b"\"0\"",
    b"\"true\"",
    b"\"NaN\"",
    b"\"1,234.56\"",
    b"\"\\ud83c\"",
    b"\"before \\udf55\\ud83c after\"",
    b"\"\\u0000\"",
    b"\"\\u200b\"",
    b"\"\\u202eabc\"",
    b"\"\xff\xfe\"",
    b"\"caf\xe9\"",
    b"\"2099-12-31T23:59:59Z\"",
    b"\"9999-12-31\"",
    b"\"+262142-12-31T00:00:00Z\"",
    b"\"0000-00-00\"",
    b"\"2026-02-30\"",
    b"\"1969-12-31T23:59:59-08:00\"",
    b"\"2026-11-20T10:00:00.9999999999999999\"",
    b"\"'; DROP TABLE customers; --\"",
    b"\"<b>bold</b>\"",
    b"[]",
    b"{}",
    b"[null]",
    b"[\"\",1]",
    b"{\"value\":null}",
    b"{\"value\":{\"value\":\"1\"}}",
];

/// A value drawn by its number: one of [`VALUES`], or one that is too long or too deep to stand in a list.
pub fn value(drawn: usize) -> Vec<u8> {
    match drawn.checked_sub(VALUES.len()) {
        None => VALUES.get(drawn).copied().unwrap_or(b"null").to_vec(),
        Some(0) => format!("\"{}\"", "x".repeat(70_000)).into_bytes(),
        Some(1) => [b"[".repeat(DEEP), b"]".repeat(DEEP)].concat(),
        Some(2) => [br#"{"a":"#.repeat(DEEP), b"1".to_vec(), b"}".repeat(DEEP)].concat(),
        Some(_) => b"1".repeat(400),
    }
}

/// How many values can be drawn.
pub const HOW_MANY: usize = VALUES.len() + 4;

/// Headers that a client reads, or might.
pub const HEADERS: &[&str] = &[
    "retry-after",
    "date",
    "content-type",
    "x-rate-limit-remaining",
    "x-rate-limit-reset",
    "link",
    "location",
    "www-authenticate",
    "set-cookie",
    "idempotent-replayed",
    "request-id",
    "intuit_tid",
];

/// What stands in them.
pub const HEADER_VALUES: &[&[u8]] = &[
    b"",
    b"0",
    b"-1",
    b"18446744073709551615",
    b"18446744073709551616",
    b"100000000",
    b"1e9",
    b"soon",
    b"Thu, 01 Jan 1970 00:00:00 GMT",
    b"Fri, 31 Dec 9999 23:59:59 GMT",
    b"Mon, 30 Feb 2026 00:00:00 GMT",
    b"text/html",
    b"application/json; charset=utf-16",
    b"http://127.0.0.1:1/",
    b"\xff\xfe",
];

/// Statuses in place of the right one.
pub const STATUSES: &[u16] = &[
    201, 202, 204, 206, 301, 302, 304, 400, 402, 403, 404, 405, 408, 409, 410, 411, 413, 415, 418, 422, 423, 429, 451,
    500, 501, 502, 503, 504, 507, 520, 529, 599,
];
