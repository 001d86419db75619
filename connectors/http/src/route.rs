//! Addresses: a vendor's base URL and the paths below it.
//!
//! A route carries its template, because a log may name `/invoice/{id}` but not the id.

use connector_contract::{ConnectionConfig, ConnectorError, Descriptor};
use url::{Host, Url};

/// A vendor's base URL. A bad one is kept and reported by the first call, since opening a connector cannot fail.
#[derive(Debug, Clone)]
pub struct Base(Result<Url, ConnectorError>);

impl Base {
    /// Takes an address such as `https://api.example.com` or one with a path. Plain `http` is only for this machine and
    /// for names under `.invalid`, which lead nowhere and stand for servers in process: keys must not travel unencrypted.
    pub fn new(text: &str) -> Self {
        let refuse = |why: &str| Err(ConnectorError::Protocol(format!("the address \"{text}\" {why}")));
        let Ok(url) = Url::parse(text.trim()) else {
            return Self(refuse("is not a web address"));
        };
        let local = match url.host() {
            Some(Host::Domain(name)) => name == "localhost" || name.rsplit('.').next() == Some("invalid"),
            Some(Host::Ipv4(address)) => address.is_loopback(),
            Some(Host::Ipv6(address)) => address.is_loopback(),
            None => false,
        };
        match url.scheme() {
            "https" => Self(Ok(url)),
            "http" if local => Self(Ok(url)),
            _ => Self(refuse("must start with https://")),
        }
    }

    /// The base URL of a connection: what it was given for this endpoint, else production's.
    pub fn from_config(config: &ConnectionConfig, descriptor: &Descriptor, endpoint: &str) -> Self {
        let production = || descriptor.endpoints.iter().find(|e| e.id == endpoint).map_or("", |e| e.production);
        Self::new(config.endpoints.get(endpoint).map_or_else(production, String::as_str))
    }

    /// A path below the base: each `{…}` in the template takes the next argument, percent-encoded as one segment.
    pub fn route(&self, template: &str, arguments: &[&str]) -> Route {
        let mut arguments = arguments.iter();
        let url = self.0.clone().map(|mut url| {
            if let Ok(mut path) = url.path_segments_mut() {
                path.pop_if_empty();
                for segment in template.split('/').filter(|segment| !segment.is_empty()) {
                    let hole = segment.starts_with('{');
                    path.push(if hole { arguments.next().copied().unwrap_or_default() } else { segment });
                }
            }
            url
        });
        Route { url, template: template.to_owned() }
    }
}

/// Where a call goes.
#[derive(Debug, Clone)]
pub struct Route {
    pub(crate) url: Result<Url, ConnectorError>,
    pub(crate) template: String,
}

impl From<&Url> for Route {
    /// For addresses a vendor hands out whole, such as a page link; only the host is logged.
    fn from(url: &Url) -> Self {
        let template = format!("(on {})", url.host_str().unwrap_or("?"));
        Self { url: Base::new(url.as_str()).0, template }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn url(base: &str, template: &str, arguments: &[&str]) -> String {
        Base::new(base).route(template, arguments).url.unwrap().to_string()
    }

    #[test]
    fn a_route_keeps_the_path_of_its_base_and_encodes_arguments() {
        assert_eq!(
            url("https://a.example/v1/", "/orders/{id}/x", &["a/b ?#"]),
            "https://a.example/v1/orders/a%2Fb%20%3F%23/x"
        );
        assert_eq!(url("http://127.0.0.1:9", "/orders", &[]), "http://127.0.0.1:9/orders");
        assert_eq!(url("http://sim.invalid/x", "/orders", &[]), "http://sim.invalid/x/orders");
    }

    #[test]
    fn keys_never_travel_unencrypted_to_another_machine() {
        for bad in ["http://api.example.com", "http://invalid.example.com", "ftp://127.0.0.1", "nonsense", ""] {
            assert!(matches!(Base::new(bad).route("/x", &[]).url, Err(ConnectorError::Protocol(_))), "{bad}");
        }
    }
}
