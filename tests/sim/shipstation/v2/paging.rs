//! Pages of the newer interface: totals and links.

use super::super::wire::{Call, Reply};
use super::bad;
use serde_json::{Value, json};

/// Which part of a list is asked for.
#[derive(Clone, Copy)]
pub struct Slice {
    page: usize,
    size: usize,
    shown: usize,
}

impl Slice {
    /// Reads `page` and one of the names of the size. Sizes beyond the limit are refused.
    pub fn of(call: &Call, size_names: &[&str], usual: usize, largest: usize) -> Result<Self, Reply> {
        let read = |name: &str| match call.query.get(name).map(str::parse::<usize>) {
            None => Ok(None),
            Some(Ok(number)) if number >= 1 => Ok(Some(number)),
            Some(_) => Err(bad(name, &format!("{name} must be a whole number of at least 1."))),
        };
        let mut size = usual;
        for name in size_names {
            if let Some(given) = read(name)? {
                if given > largest {
                    return Err(bad(name, &format!("{name} must not be larger than {largest}.")));
                }
                size = given;
            }
        }
        let shown = read("page")?.unwrap_or(1);
        let page = if call.repeat_page { shown.saturating_sub(1).max(1) } else { shown };
        Ok(Self { page, size, shown })
    }

    /// The envelope with the page's rows.
    pub fn envelope(self, call: &Call, collection: &str, rows: &[Value]) -> Reply {
        let pages = rows.len().div_ceil(self.size).max(1);
        let start = (self.page - 1).saturating_mul(self.size);
        let page: Vec<&Value> = rows.iter().skip(start).take(self.size).collect();
        let href = |page: usize| {
            let path = call.segments.join("/");
            let query = call.query.with("page", &page.to_string());
            json!({"href": format!("{}/shipstation/v2/{path}?{query}", call.base_url)})
        };
        let prev = if self.shown > 1 { href(self.shown - 1) } else { json!({}) };
        let next = if self.shown < pages { href(self.shown + 1) } else { json!({}) };
        Reply::ok(json!({
            collection: page,
            "total": rows.len(),
            "page": self.shown,
            "pages": pages,
            "links": {"first": href(1), "last": href(pages), "prev": prev, "next": next},
        }))
    }
}
