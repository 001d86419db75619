//! The link that comes back from a sign-in: `backroom://oauth/<vendor>?…`, the bounce page's own https address when the owner
//! pasted that, or only its query. Pure, and suspicious: anyone can send such a link.

use std::collections::BTreeMap;

/// Longest link that is looked at, in bytes. Codes and states together stay far below.
const LONGEST: usize = 8 * 1024;

/// What a link says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Redirect {
    /// The vendor, where the link names one.
    pub vendor: Option<String>,
    /// All parameters of the query.
    pub parameters: BTreeMap<String, String>,
}

/// Reads a link. `None`: it is not the link of a sign-in, or names a parameter twice, which no vendor does.
pub fn parse(text: &str) -> Option<Redirect> {
    let text = text.trim();
    if text.is_empty() || text.len() > LONGEST {
        return None;
    }
    let (vendor, query) = match url::Url::parse(text) {
        Ok(link) if link.scheme() == "backroom" => {
            let vendor = link.path().trim_matches('/');
            if link.host_str() != Some("oauth") || vendor.is_empty() || vendor.contains('/') {
                return None;
            }
            (Some(vendor.to_owned()), link.query()?.to_owned())
        }
        Ok(link) if matches!(link.scheme(), "https" | "http") => (None, link.query()?.to_owned()),
        Ok(_) => return None,
        Err(_) => (None, text.trim_start_matches('?').to_owned()),
    };
    let mut parameters = BTreeMap::new();
    for (name, value) in url::form_urlencoded::parse(query.as_bytes()) {
        if parameters.insert(name.into_owned(), value.into_owned()).is_some() {
            return None;
        }
    }
    parameters.contains_key("state").then_some(Redirect { vendor, parameters })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn told(link: &str, vendor: Option<&str>) {
        let parameters = [("code", "a b"), ("state", "s")].map(|(name, value)| (name.to_owned(), value.to_owned()));
        let expected = Redirect { vendor: vendor.map(str::to_owned), parameters: parameters.into_iter().collect() };
        assert_eq!(parse(link), Some(expected), "{link}");
    }

    #[test]
    fn the_three_forms_of_a_link_say_the_same() {
        told("backroom://oauth/books?code=a%20b&state=s", Some("books"));
        // A slash at the end is the system's doing.
        told("backroom://oauth/books/?code=a+b&state=s", Some("books"));
        told("https://shop.example/bounce/?code=a+b&state=s#", None);
        told("  ?code=a+b&state=s\n", None);
        told("code=a+b&state=s", None);
    }

    #[test]
    fn anything_else_is_refused() {
        let long = format!("backroom://oauth/books?state={}", "x".repeat(LONGEST));
        for link in [
            "",
            "   ",
            "backroom://oauth/books",
            "backroom://oauth/?state=s",
            "backroom://oauth/a/b?state=s",
            "backroom://other/books?state=s",
            "javascript:alert(1)?state=s",
            "file:///etc/passwd?state=s",
            "https://shop.example/bounce",
            "code=only",
            "state=a&state=b",
            long.as_str(),
        ] {
            assert_eq!(parse(link), None, "{link:.60}");
        }
    }
}
