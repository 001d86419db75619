//! Text that can be read as JSON, from bytes that are almost JSON; and token answers that are almost what OAuth asks for.
//!
//! Vendors' stores hold half characters: a note cut in the middle of an emoji comes as a lone `\ud83c` or as invalid UTF-8,
//! and one such note would make a page of hundreds unreadable for good. What is no character becomes U+FFFD, as in any
//! browser; control characters inside texts are escaped. What is nested deeper than any field that is known is cut off there,
//! because a parser that gave up on it would give up on the whole page. Everything else is left to the parser: nothing is
//! guessed.

use bytes::Bytes;
use serde_json::{Map, Value};
use std::borrow::Cow;

/// Values nested deeper than this become `null`. The parser's own bound is 128; real records have less than ten levels.
const DEEPEST: usize = 100;

/// The body as text. Borrowed where nothing had to be replaced.
pub(crate) fn text(body: &[u8]) -> Cow<'_, str> {
    let body = body.strip_prefix(b"\xef\xbb\xbf").unwrap_or(body);
    match String::from_utf8_lossy(body) {
        Cow::Borrowed(text) => repaired(text).map_or(Cow::Borrowed(text), Cow::Owned),
        Cow::Owned(text) => Cow::Owned(repaired(&text).unwrap_or(text)),
    }
}

/// The text with lone surrogates replaced, control characters escaped and its depths cut off; `None` when it has none.
fn repaired(text: &str) -> Option<String> {
    let bytes = text.as_bytes();
    let mut out: Option<String> = None;
    let (mut at, mut copied, mut inside, mut depth) = (0, 0, false, 0_usize);
    while let Some(&byte) = bytes.get(at) {
        let (len, replacement) = match byte {
            b'"' => {
                inside = !inside;
                (1, None)
            }
            b'\\' if inside => escape(bytes, at),
            0..=0x1f if inside => (1, Some(format!("\\u{byte:04x}"))),
            b'[' | b'{' if !inside && depth == DEEPEST => (nested(bytes, at), Some("null".to_owned())),
            b'[' | b'{' if !inside => {
                depth += 1;
                (1, None)
            }
            b']' | b'}' if !inside => {
                depth = depth.saturating_sub(1);
                (1, None)
            }
            _ => (1, None),
        };
        if let Some(replacement) = replacement {
            let out = out.get_or_insert_with(|| String::with_capacity(text.len() + 64));
            out.push_str(text.get(copied..at).unwrap_or_default());
            out.push_str(&replacement);
            copied = at + len;
        }
        at += len;
    }
    let mut out = out?;
    out.push_str(text.get(copied..).unwrap_or_default());
    Some(out)
}

/// How many values a JSON text holds, about: what a tree of it costs goes by this, not by its length.
pub(crate) fn values(text: &str) -> usize {
    let (mut count, mut inside, mut escaped) = (1, false, false);
    for byte in text.bytes() {
        match byte {
            _ if escaped => escaped = false,
            b'\\' if inside => escaped = true,
            b'"' => inside = !inside,
            b'[' | b'{' | b',' if !inside => count += 1,
            _ => {}
        }
    }
    count
}

/// The length of the list or object that begins at `at`, or of the rest where it does not end.
fn nested(bytes: &[u8], at: usize) -> usize {
    let (mut depth, mut inside, mut escaped) = (0_usize, false, false);
    for (offset, byte) in bytes.iter().skip(at).enumerate() {
        match byte {
            _ if escaped => escaped = false,
            b'\\' if inside => escaped = true,
            b'"' => inside = !inside,
            b'[' | b'{' if !inside => depth += 1,
            b']' | b'}' if !inside => {
                depth -= 1;
                if depth == 0 {
                    return offset + 1;
                }
            }
            _ => {}
        }
    }
    bytes.len() - at
}

/// The length of the escape that begins at `at`, and what stands for it when it is half of a pair.
fn escape(bytes: &[u8], at: usize) -> (usize, Option<String>) {
    match unit(bytes, at) {
        Some(0xd800..=0xdbff) if matches!(unit(bytes, at + 6), Some(0xdc00..=0xdfff)) => (12, None),
        Some(0xd800..=0xdfff) => (6, Some("\\ufffd".to_owned())),
        // The escaped sign is passed over, so that an escaped quote does not end the text. A character of several bytes
        // can't be cut: the parser refuses it as an escape anyway, and nothing is replaced inside it.
        _ => (2, None),
    }
}

/// The UTF-16 unit of an escape such as `\u00e9`.
fn unit(bytes: &[u8], at: usize) -> Option<u32> {
    let digits = bytes.get(at..at + 6)?.strip_prefix(b"\\u")?;
    digits.iter().try_fold(0, |sum, &digit| Some(sum * 16 + char::from(digit).to_digit(16)?))
}

/// The answer without what the `oauth2` crate would refuse it for although the tokens can be read: a wrong content type, and
/// side members of a wrong type. By then the vendor may have spent the old refresh token, so that refusing would end the sign-in.
pub(crate) fn readable_tokens(mut parts: http::response::Parts, body: &Bytes) -> oauth2::HttpResponse {
    let tokens = serde_json::from_slice::<Map<String, Value>>(body);
    let Ok(mut tokens) = tokens else { return http::Response::from_parts(parts, body.to_vec()) };
    parts.headers.remove(http::header::CONTENT_TYPE);
    if parts.status.is_success() {
        tokens.retain(|name, value| match name.as_str() {
            "expires_in" => value.is_u64(),
            "refresh_token" | "scope" | "token_type" => value.is_string(),
            _ => true,
        });
        tokens.entry("token_type").or_insert_with(|| "bearer".into());
    }
    http::Response::from_parts(parts, Value::Object(tokens).to_string().into_bytes())
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::Value;

    fn read(body: &[u8]) -> Value {
        let text = text(body);
        serde_json::from_str(&text).unwrap_or_else(|error| panic!("{error} in {text}"))
    }

    #[test]
    fn half_of_a_pair_becomes_one_replacement_and_whole_pairs_stay() {
        for (body, expected) in [
            (r#"["\ud83c"]"#, "\u{fffd}"),
            (r#"["a\uDF81b"]"#, "a\u{fffd}b"),
            (r#"["\ud83c\ud83c\udf81"]"#, "\u{fffd}\u{1f381}"),
            (r#"["\ud83c\\udf81"]"#, "\u{fffd}\\udf81"),
            (r#"["\\ud83c"]"#, r"\ud83c"),
            (r#"["\ud83c\n\u00e9"]"#, "\u{fffd}\n\u{e9}"),
            (r#"["\ud83cdf81"]"#, "\u{fffd}df81"),
        ] {
            assert_eq!(read(body.as_bytes())[0], expected, "{body}");
        }
        assert!(matches!(text(br#"{"a":"\ud83c\udf81 \"x\""}"#), Cow::Borrowed(_)));
    }

    #[test]
    fn bytes_that_are_no_utf8_become_replacements_and_their_neighbors_stay() {
        assert_eq!(read(b"{\"note\":\"caf\xe9\",\"n\":1}"), serde_json::json!({"note": "caf\u{fffd}", "n": 1}));
        assert_eq!(read(b"[\"cut \xf0\x9f\x8e\"]")[0], "cut \u{fffd}");
        assert_eq!(read(b"\xef\xbb\xbf[1]"), serde_json::json!([1]));
    }

    #[test]
    fn control_characters_inside_texts_are_kept_and_outside_they_are_the_parsers() {
        assert_eq!(read(b"[\"a\x0bb\nc\td\0\",\n\t1]"), serde_json::json!(["a\u{b}b\nc\td\0", 1]));
        assert!(serde_json::from_str::<Value>(&text(b"[\x0b1]")).is_err());
    }

    #[test]
    fn what_is_nested_without_end_is_cut_off_and_its_neighbors_are_read() {
        for (open, close) in [("[", "]"), (r#"{"a\"[":"#, "}")] {
            for levels in [50, 98, 99, 200, 100_000] {
                let deep = format!("{}\"]}}\"{}", open.repeat(levels), close.repeat(levels));
                let body = format!(r#"{{"deep": {deep}, "next": [1, {{"id": 7}}]}}"#);
                let value = read(body.as_bytes());
                assert_eq!(value["next"][1]["id"], 7, "{levels}");
                assert_eq!(matches!(text(body.as_bytes()), Cow::Borrowed(_)), levels < 100, "{levels}");
            }
        }
        assert!(serde_json::from_str::<Value>(&text("[".repeat(100_000).as_bytes())).is_err());
    }

    #[test]
    fn values_are_counted_outside_of_texts() {
        for (body, count) in [("7", 1), (r#"[1,2,"a,b[{"]"#, 4), (r#"{"a":[{}],"b\",":2}"#, 5)] {
            assert_eq!(values(body), count, "{body}");
        }
    }

    #[test]
    fn what_breaks_off_is_never_read_past_its_end() {
        let whole = "[\"\\ud83c\\udf81\u{e9}\\\"\\u00e9\"]".as_bytes();
        for end in 0..whole.len() {
            let cut = &whole[..end];
            assert!(serde_json::from_str::<Value>(&text(cut)).is_err());
        }
    }
}
