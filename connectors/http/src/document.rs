//! A JSON answer taken apart without being read: its rows are decoded one by one, each for itself.
//!
//! So one row that is nested too deeply, too large, or not as documented is that row's trouble and never its page's; and an
//! answer of millions of small rows costs little more than its own bytes, because no tree of the whole is ever built and
//! rows beyond what was asked for are not even looked at. Absent on purpose: what the members mean.

use crate::answer::describe;
use crate::{Answer, lenient};
use bytes::Bytes;
use connector_contract::{ConnectorError, Pulled, RecordKind, RemoteId};
use serde::de::{DeserializeOwned, Deserializer as _, IgnoredAny, MapAccess, SeqAccess, Visitor};
use serde_json::Value;
use serde_json::value::RawValue;
use std::borrow::Cow;
use std::fmt;

/// The largest single value that is decoded. A tree takes many times the bytes of its text; no real record comes near.
const LARGEST_VALUE: usize = 4 * 1024 * 1024;

/// A whole answer that is known to be JSON.
pub struct Document(Held);

enum Held {
    /// As it came.
    AsItCame(Bytes),
    /// With what was no character replaced.
    Replaced(String),
}

impl Answer {
    /// The body as JSON whose parts are read one by one. Refuses what [`Answer::json`] refuses, but for the shape.
    pub fn document(&self) -> Result<Document, ConnectorError> {
        self.expect_json()?;
        let held = match lenient::text(&self.body) {
            Cow::Owned(text) => Held::Replaced(text),
            Cow::Borrowed(text) => {
                // Cut from the same buffer, so nothing is copied.
                Held::AsItCame(self.body.slice_ref(text.as_bytes()))
            }
        };
        let document = Document(held);
        let mut reader = serde_json::Deserializer::from_str(document.text());
        let checked = reader.deserialize_any(IgnoredAny).and_then(|_| reader.end());
        let broken = |error: &serde_json::Error| match error.classify() {
            serde_json::error::Category::Eof => "the answer breaks off".to_owned(),
            _ => format!("the answer is not valid JSON at line {} column {}", error.line(), error.column()),
        };
        checked.map_err(|error| ConnectorError::Protocol(broken(&error)))?;
        Ok(document)
    }
}

impl Document {
    fn text(&self) -> &str {
        match &self.0 {
            // Checked when it was made; an empty text has no members and no rows.
            Held::AsItCame(bytes) => std::str::from_utf8(bytes).unwrap_or_default(),
            Held::Replaced(text) => text,
        }
    }

    /// The value that is the whole answer.
    pub fn root(&self) -> Part<'_> {
        Part(self.text().trim())
    }
}

/// One value of an answer, not read yet.
#[derive(Clone, Copy)]
pub struct Part<'a>(&'a str);

/// Rows of a list, at most as many as were wanted.
pub struct Rows<'a> {
    /// In their order. `null` rows are kept: some vendors count them.
    pub rows: Vec<Part<'a>>,
    /// There were more than wanted; they were left where they are.
    pub cut: bool,
}

impl<'a> Part<'a> {
    /// A member of an object; `None` when it is absent, or when this is no object.
    pub fn get(self, name: &str) -> Option<Part<'a>> {
        self.members()?.into_iter().rev().find(|(found, _)| found == name).map(|(_, part)| part)
    }

    /// All members of an object, in their order.
    pub fn members(self) -> Option<Vec<(Cow<'a, str>, Part<'a>)>> {
        self.0.starts_with('{').then(|| self.visit(Members)).flatten()
    }

    /// The first `most` rows of a list; `None` when this is no list.
    pub fn rows(self, most: usize) -> Option<Rows<'a>> {
        self.0.starts_with('[').then(|| self.visit(First(most))).flatten()
    }

    /// A text or a number as text; `None` for anything else and for an empty text.
    pub fn text(self) -> Option<String> {
        let text = match self.0.as_bytes().first()? {
            b'"' => serde_json::from_str(self.0).ok()?,
            b'-' | b'0'..=b'9' => self.0.to_owned(),
            _ => String::new(),
        };
        Some(text).filter(|text| !text.is_empty())
    }

    /// Whether it is `null`.
    pub fn is_null(self) -> bool {
        self.0 == "null"
    }

    /// Its bytes in the answer.
    pub fn len(self) -> usize {
        self.0.len()
    }

    /// Whether it has no bytes; never so for a value of an answer.
    pub fn is_empty(self) -> bool {
        self.0.is_empty()
    }

    /// Decodes this value alone. The error says where and what is wrong, without the value.
    pub fn read<T: DeserializeOwned>(self) -> Result<T, String> {
        if self.0.len() > LARGEST_VALUE {
            return Err(format!("it is larger than {} MB", LARGEST_VALUE / 1024 / 1024));
        }
        let mut reader = serde_json::Deserializer::from_str(self.0);
        serde_path_to_error::deserialize(&mut reader).map_err(|error| describe(&error, "it"))
    }

    /// Decodes this value as a tree.
    pub fn value(self) -> Result<Value, String> {
        self.read()
    }

    /// Decodes a row, or gives what to report in its place. `id` is the member that names it; `place` stands for the name of
    /// one that has none, and must be the same whenever the same row is read.
    pub fn row<T: DeserializeOwned>(self, kind: RecordKind, id: &str, place: &str) -> Result<T, Box<Pulled>> {
        self.read().map_err(|reason| {
            let id = self.get(id).and_then(Self::text);
            let reason = format!("This record could not be read: {reason}.");
            Box::new(Pulled::unreadable(kind, id.map_or_else(|| RemoteId::of_place(place), RemoteId), reason))
        })
    }

    fn visit<V: Visitor<'a>>(self, visitor: V) -> Option<V::Value> {
        serde_json::Deserializer::from_str(self.0).deserialize_any(visitor).ok()
    }
}

impl fmt::Debug for Part<'_> {
    /// Leaves out the value.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Part({} bytes)", self.0.len())
    }
}

struct Members;

impl<'a> Visitor<'a> for Members {
    type Value = Vec<(Cow<'a, str>, Part<'a>)>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object")
    }

    fn visit_map<A: MapAccess<'a>>(self, mut map: A) -> Result<Self::Value, A::Error> {
        let mut members = Vec::new();
        while let Some(name) = map.next_key::<String>()? {
            members.push((Cow::Owned(name), Part(map.next_value::<&'a RawValue>()?.get())));
        }
        Ok(members)
    }
}

/// The first so many rows.
struct First(usize);

impl<'a> Visitor<'a> for First {
    type Value = Rows<'a>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a list")
    }

    fn visit_seq<A: SeqAccess<'a>>(self, mut list: A) -> Result<Self::Value, A::Error> {
        let mut rows = Vec::new();
        while rows.len() < self.0 {
            match list.next_element::<&'a RawValue>()? {
                Some(row) => rows.push(Part(row.get())),
                None => return Ok(Rows { rows, cut: false }),
            }
        }
        let cut = list.next_element::<IgnoredAny>()?.is_some();
        while list.next_element::<IgnoredAny>()?.is_some() {}
        Ok(Rows { rows, cut })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use connector_contract::Content;
    use http::{HeaderMap, StatusCode};

    fn document(body: impl Into<Bytes>) -> Document {
        let answer = Answer { status: StatusCode::OK, headers: HeaderMap::new(), body: body.into() };
        answer.document().unwrap()
    }

    #[test]
    fn a_row_that_cannot_be_read_is_reported_by_its_id_and_its_neighbors_are_read() {
        let deep = format!("{}{}", "[".repeat(200), "]".repeat(200));
        let body = format!(
            r#" {{"total": 4, "orders": [{{"orderId": 1, "note": "\ud83c"}}, {{"x": {deep}, "orderId": 2}}, null, 7, {{"orderId": 3}}, [8]]}} "#
        );
        let document = document(body);
        let rows = document.root().get("orders").unwrap().rows(500).unwrap();
        assert!(!rows.cut && rows.rows[2].is_null());
        let read = |row: &Part| row.row::<serde_json::Map<String, Value>>(RecordKind::Order, "orderId", "orders+1");
        let first = read(&rows.rows[0]).unwrap();
        assert_eq!((&first["orderId"], &first["note"]), (&Value::from(1), &Value::from("\u{fffd}")));
        assert_eq!(read(&rows.rows[1]).unwrap()["orderId"], 2);
        assert_eq!(
            *read(&rows.rows[5]).unwrap_err(),
            Pulled::unreadable(
                RecordKind::Order,
                RemoteId::of_place("orders+1"),
                "This record could not be read: it is not as documented."
            )
        );
        assert_eq!(read(&rows.rows[3]).unwrap_err().remote_id.0, "unreadable:orders+1");
        assert_eq!(read(&rows.rows[4]).unwrap()["orderId"], 3);
        assert_eq!(document.root().get("total").unwrap().text().as_deref(), Some("4"));
    }

    #[test]
    fn nothing_is_read_beyond_what_was_asked_for() {
        let document = document("[1,2,3,4]");
        for (most, cut) in [(0, true), (3, true), (4, false), (9, false)] {
            let rows = document.root().rows(most).unwrap();
            assert_eq!((rows.rows.len(), rows.cut), (most.min(4), cut), "{most}");
        }
    }

    #[test]
    fn a_value_too_large_for_a_record_is_refused_without_being_decoded() {
        let document = document(format!("[{{\"id\":\"a\",\"lines\":[{}1]}},2]", "1,".repeat(LARGEST_VALUE / 2)));
        let rows = document.root().rows(9).unwrap().rows;
        let refused = rows[0].row::<Value>(RecordKind::Order, "id", "").unwrap_err();
        assert_eq!(refused.remote_id.0, "a");
        assert!(matches!(refused.content, Content::Unreadable { reason, .. } if reason.contains("larger than 4 MB")));
        assert_eq!(rows[1].value().unwrap(), 2);
    }

    #[test]
    fn what_is_missing_or_of_another_kind_is_none_and_never_a_fault() {
        let document = document(r#"{"a": {"b": "x"}, "list": [], "empty": "", "a\u0062": 1.50}"#);
        let root = document.root();
        assert!(root.get("nothing").is_none() && root.rows(9).is_none() && root.get("a").unwrap().rows(9).is_none());
        assert!(root.get("list").unwrap().get("b").is_none() && root.get("empty").unwrap().text().is_none());
        assert_eq!(root.get("a").unwrap().get("b").unwrap().text().as_deref(), Some("x"));
        assert_eq!(root.get("ab").unwrap().text().as_deref(), Some("1.50"));
    }

    #[test]
    fn an_answer_that_is_no_json_is_refused_whole() {
        for (body, words) in [
            ("", "empty"),
            ("<html>", "web page"),
            ("[1,", "breaks off"),
            ("[1] 2", "not valid JSON"),
            ("[NaN]", "not valid JSON"),
        ] {
            let answer = Answer { status: StatusCode::OK, headers: HeaderMap::new(), body: body.into() };
            match answer.document().map(drop) {
                Err(ConnectorError::Protocol(text)) => assert!(text.contains(words), "{body}: {text}"),
                other => panic!("{body}: {other:?}"),
            }
        }
    }
}
