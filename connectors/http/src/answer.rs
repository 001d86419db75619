//! An answer, and reading it without trusting it.
//!
//! Error texts name what is wrong and where, but never quote the body: it may hold personal data or keys.

use crate::lenient;
use crate::vendor_clock::plausible;
use bytes::Bytes;
use chrono::{DateTime, Utc};
use connector_contract::ConnectorError;
use http::{HeaderMap, StatusCode, header};
use serde::de::DeserializeOwned;
use std::fmt;
use std::time::Duration;

/// The longest wait that a server's wish is taken for. Whatever it meant by more, a day later it is asked again.
pub const LONGEST_ASKED: Duration = Duration::from_hours(24);

/// What a server answered. Cheap to clone.
#[derive(Clone)]
pub struct Answer {
    /// The status.
    pub status: StatusCode,
    /// The headers.
    pub headers: HeaderMap,
    /// The whole body, decompressed.
    pub body: Bytes,
}

impl Answer {
    /// A header as text; `None` when absent or not ASCII.
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name)?.to_str().ok()
    }

    /// The content type without parameters, lower case; empty when absent.
    pub fn content_type(&self) -> String {
        let text = self.header(header::CONTENT_TYPE.as_str()).unwrap_or_default();
        text.split(';').next().unwrap_or_default().trim().to_ascii_lowercase()
    }

    /// The body as text, at most `max_chars` of it, for vendors that explain themselves outside JSON.
    pub fn text(&self, max_chars: usize) -> String {
        let head = self.body.get(..max_chars.saturating_mul(4)).unwrap_or(&self.body);
        String::from_utf8_lossy(head).chars().take(max_chars).collect()
    }

    /// The wait the server asks for with `Retry-After`, in seconds or as a date compared with its own `Date`; never more than
    /// [`LONGEST_ASKED`]. `None` when it says nothing that can be a wait: a word, a negative number, a date that has passed.
    pub fn retry_after(&self) -> Option<Duration> {
        let text = self.header(header::RETRY_AFTER.as_str())?.trim();
        let wait = if !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit()) {
            // More digits than a number holds are a long wait too.
            text.parse().map_or(LONGEST_ASKED, Duration::from_secs)
        } else {
            http_date(text)?.signed_duration_since(self.server_time()?).to_std().ok()?
        };
        Some(wait.min(LONGEST_ASKED))
    }

    /// The server's clock; `None` when it shows a time that can't be one, such as 1970 or 9999.
    pub fn server_time(&self) -> Option<DateTime<Utc>> {
        http_date(self.header(header::DATE.as_str())?).filter(|time| plausible(*time))
    }

    /// Reads the body as JSON of a known shape. A declared content type other than JSON, an empty body, broken JSON and
    /// a wrong field are [`ConnectorError::Protocol`], each in its own words. Characters that are none become U+FFFD. Lists
    /// of records are read row by row instead, with [`Answer::document`]: an answer of so many small values that a tree of it would
    /// fill the memory is [`ConnectorError::TooLarge`], like one of too many bytes.
    pub fn json<T: DeserializeOwned>(&self) -> Result<T, ConnectorError> {
        self.expect_json()?;
        let protocol = |what: String| ConnectorError::Protocol(what);
        let text = lenient::text(&self.body);
        if lenient::values(&text) > MOST_VALUES.max(text.len() / BYTES_A_VALUE) {
            return Err(ConnectorError::TooLarge);
        }
        let mut reader = serde_json::Deserializer::from_str(&text);
        let value =
            serde_path_to_error::deserialize(&mut reader).map_err(|error| protocol(describe(&error, "the answer")))?;
        reader.end().map_err(|_| protocol("something follows the JSON of the answer".to_owned()))?;
        Ok(value)
    }

    /// Whether the body is read just as it was sent: no character of it had to be replaced, and nothing was cut off. What is not must
    /// not go back to its vendor.
    pub fn is_as_sent(&self) -> bool {
        matches!(lenient::text(&self.body), std::borrow::Cow::Borrowed(_))
    }

    /// Refuses what can't be JSON by its size, its label or its first sign.
    pub(crate) fn expect_json(&self) -> Result<(), ConnectorError> {
        let protocol = |what: String| ConnectorError::Protocol(what);
        if self.body.iter().all(u8::is_ascii_whitespace) {
            return Err(protocol(format!("the answer is empty (status {})", self.status.as_u16())));
        }
        let content_type = self.content_type();
        let looks_like_markup = self.body.iter().find(|b| !b.is_ascii_whitespace()) == Some(&b'<');
        if content_type == "text/html" || looks_like_markup {
            return Err(protocol(format!("{WEB_PAGE} (status {})", self.status.as_u16())));
        }
        // Some vendors label JSON as text/plain or not at all; a label of another kind is believed.
        if !content_type.is_empty() && !content_type.contains("json") && !content_type.starts_with("text/") {
            return Err(protocol(format!("{content_type} came instead of JSON")));
        }
        Ok(())
    }
}

/// So many values are decoded at once whatever their size: more than a full page of any vendor holds.
const MOST_VALUES: usize = 500_000;

/// Beyond that, so many bytes of the answer for each of its values: a tree takes about a hundred for one, and is to take no more
/// than twice what the answer does.
const BYTES_A_VALUE: usize = 50;

/// How the refusal of a web page begins: that is somebody else's answer, and says nothing of any record.
pub(crate) const WEB_PAGE: &str = "a web page came instead of data";

/// Names the place and the kind of fault without the value, which the library's own text would quote. `whole` is what was
/// read: "the answer", or "it" of a record.
pub(crate) fn describe(error: &serde_path_to_error::Error<serde_json::Error>, whole: &str) -> String {
    let (path, inner) = (error.path(), error.inner());
    match inner.classify() {
        serde_json::error::Category::Eof => format!("{whole} breaks off"),
        serde_json::error::Category::Syntax if inner.to_string().starts_with("recursion limit") => {
            format!("{whole} is nested too deeply")
        }
        serde_json::error::Category::Syntax | serde_json::error::Category::Io => {
            format!("{whole} is not valid JSON at line {} column {}", inner.line(), inner.column())
        }
        serde_json::error::Category::Data => {
            let text = inner.to_string();
            // "missing field" names only the field, which the path lacks.
            let missing = text.strip_prefix("missing field `").and_then(|rest| rest.split('`').next());
            match missing {
                Some(field) => format!("the field \"{field}\" is missing at {path}"),
                None if path.iter().next().is_none() => format!("{whole} is not as documented"),
                None => format!("the field at {path} is not as documented"),
            }
        }
    }
}

fn http_date(text: &str) -> Option<DateTime<Utc>> {
    DateTime::parse_from_rfc2822(text.trim()).ok().map(|time| time.to_utc())
}

impl fmt::Debug for Answer {
    /// Leaves out headers and body.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Answer({}, {} bytes)", self.status.as_u16(), self.body.len())
    }
}
