//! Checking what the owner typed to connect. Pure but for the keychain, which fills in what is left empty on signing in again.

use super::{ConnectDraft, ConnectionEnvironment, NamedText};
use crate::ids::ConnectionId;
use crate::store::connections::ConnectionRow;
use crate::{Error, FieldError, Result};
use connector_contract::{Descriptor, Environment, Secret, SecretStore, SignIn, Vendor};
use serde_json::Value;
use std::collections::BTreeMap;

/// Stands for the redirect URI until the owner has put the bounce page (`assets/oauth-bounce`) on a site of his own. Vendors
/// only redirect to https addresses that are registered with them, so the real one can't be known here.
pub const REDIRECT_PLACEHOLDER: &str = "https://your-site.example/backroom/";

/// A draft that can be used.
pub struct Checked {
    /// The vendor.
    pub vendor: Vendor,
    /// The connection to sign in again.
    pub connection_id: Option<ConnectionId>,
    /// Where.
    pub environment: Environment,
    /// What was typed, by field.
    pub fields: BTreeMap<String, Secret>,
    /// Base URLs that the owner replaced.
    pub endpoints: BTreeMap<String, String>,
    /// The redirect URI; empty for vendors with keys.
    pub redirect_uri: String,
}

/// The stored name of an environment.
pub const fn environment_name(environment: Environment) -> &'static str {
    match environment {
        Environment::Production => "production",
        Environment::Practice => "practice",
    }
}

/// The environment with a stored name.
pub fn environment_named(name: &str) -> Environment {
    if name == "practice" { Environment::Practice } else { Environment::Production }
}

/// A text inside the stand-in's description, by the parts of its place.
pub fn practice_text(practice: Option<&Value>, place: &[&str]) -> Option<String> {
    let value = place.iter().try_fold(practice?, |value, part| value.get(part))?;
    value.as_str().map(str::to_owned)
}

/// The value of a field in Practice. A restricted key, where the stand-in offers one, is preferred to a full one.
pub fn practice_field(practice: Option<&Value>, vendor: &str, field: &str) -> Option<String> {
    let restricted = || practice_text(practice, &[vendor, "restricted_key"]);
    let preferred = if field == "secret_key" { restricted() } else { None };
    preferred.or_else(|| practice_text(practice, &[vendor, field]))
}

/// Base URLs of the stand-in, by endpoint.
pub fn practice_endpoints(practice: Option<&Value>, descriptor: &Descriptor) -> Option<BTreeMap<String, String>> {
    let place = |pointer: &'static str| -> Vec<&'static str> { pointer.split('.').collect() };
    descriptor
        .endpoints
        .iter()
        .map(|endpoint| Some((endpoint.id.to_owned(), practice_text(practice, &place(endpoint.practice))?)))
        .collect()
}

/// Checks a draft and lists everything that is wrong with it. `known`: the connection to sign in again, with its secrets.
pub fn check(
    draft: ConnectDraft,
    vendors: &[Vendor],
    practice: Option<&Value>,
    known: Option<(&ConnectionRow, &dyn SecretStore)>,
    sign_in: SignIn,
) -> Result<Checked> {
    let vendor = vendors.iter().find(|vendor| vendor.descriptor.id == draft.vendor);
    let Some(vendor) = vendor.cloned() else {
        return Err(Error::invalid("vendor", "There is no such vendor."));
    };
    let descriptor = vendor.descriptor;
    if descriptor.sign_in != sign_in {
        let reason = match descriptor.sign_in {
            SignIn::OAuth => format!("{} signs in through the browser.", descriptor.name),
            SignIn::Keys => format!("{} signs in with keys.", descriptor.name),
        };
        return Err(Error::invalid("vendor", reason));
    }
    let environment = match draft.environment {
        ConnectionEnvironment::Production => Environment::Production,
        ConnectionEnvironment::Practice => Environment::Practice,
    };
    let mut errors = Vec::new();
    if known.is_some_and(|(row, _)| row.vendor != draft.vendor || row.environment != environment_name(environment)) {
        errors.push(FieldError::new("connection_id", "This connection belongs to another vendor or environment."));
    }
    if environment == Environment::Practice && practice_endpoints(practice, descriptor).is_none() {
        errors.push(FieldError::new("environment", "Practice is not running. Choose Production."));
    }
    let fields = check_fields(&draft.fields, descriptor, known.map(|(_, secrets)| secrets), &mut errors)?;
    let endpoints = check_endpoints(&draft.endpoints, descriptor, known.map(|(row, _)| row), &mut errors);
    let redirect_uri = if sign_in == SignIn::OAuth {
        let kept = known.and_then(|(row, _)| row.redirect_uri.clone());
        let typed = draft.redirect_uri.map(|uri| uri.trim().to_owned()).filter(|uri| !uri.is_empty());
        check_redirect(typed.or(kept), environment, practice, descriptor, &mut errors)
    } else {
        String::new()
    };
    if errors.is_empty() {
        Ok(Checked { vendor, connection_id: draft.connection_id, environment, fields, endpoints, redirect_uri })
    } else {
        Err(Error::Invalid(errors))
    }
}

fn check_fields(
    typed: &[NamedText],
    descriptor: &Descriptor,
    kept: Option<&dyn SecretStore>,
    errors: &mut Vec<FieldError>,
) -> Result<BTreeMap<String, Secret>> {
    let mut fields = BTreeMap::new();
    for field in descriptor.fields {
        let text = typed.iter().find(|text| text.id == field.id).map_or("", |text| text.value.trim());
        let path = || format!("fields.{}", field.id);
        if text.len() > 4096 || text.chars().any(char::is_control) {
            errors.push(FieldError::new(path(), format!("This can't be the {}.", field.label)));
        } else if !text.is_empty() {
            fields.insert(field.id.to_owned(), Secret::new(text));
        } else if let Some(secret) = kept.map(|kept| kept.get(field.id)).transpose()?.flatten() {
            fields.insert(field.id.to_owned(), secret);
        } else if !field.optional {
            errors.push(FieldError::new(path(), format!("Paste the {} here.", field.label)));
        }
    }
    for text in typed.iter().filter(|text| descriptor.fields.iter().all(|field| field.id != text.id)) {
        let reason = format!("{} does not ask for this.", descriptor.name);
        errors.push(FieldError::new(format!("fields.{}", text.id), reason));
    }
    Ok(fields)
}

fn check_endpoints(
    typed: &[NamedText],
    descriptor: &Descriptor,
    known: Option<&ConnectionRow>,
    errors: &mut Vec<FieldError>,
) -> BTreeMap<String, String> {
    let mut endpoints = known.map(|row| row.endpoints.clone()).unwrap_or_default();
    for NamedText { id, value } in typed {
        let value = value.trim().trim_end_matches('/');
        if value.is_empty() {
            continue;
        }
        if descriptor.endpoints.iter().all(|endpoint| endpoint.id != id) {
            errors.push(FieldError::new(format!("endpoints.{id}"), "There is no such address to replace."));
        } else if is_safe_address(value) {
            endpoints.insert(id.clone(), value.to_owned());
        } else {
            let reason = "Enter an address that begins with https:// (http:// only on this machine).";
            errors.push(FieldError::new(format!("endpoints.{id}"), reason));
        }
    }
    endpoints
}

/// Keys and tokens go to this address, so it has to be encrypted unless it never leaves the machine.
fn is_safe_address(text: &str) -> bool {
    let Ok(address) = url::Url::parse(text) else { return false };
    let local = match address.host() {
        Some(url::Host::Ipv4(ip)) => ip.is_loopback(),
        Some(url::Host::Ipv6(ip)) => ip.is_loopback(),
        Some(url::Host::Domain(name)) => name == "localhost",
        None => return false,
    };
    let plain = address.username().is_empty() && address.password().is_none() && address.query().is_none();
    plain && (address.scheme() == "https" || (address.scheme() == "http" && local))
}

fn check_redirect(
    typed: Option<String>,
    environment: Environment,
    practice: Option<&Value>,
    descriptor: &Descriptor,
    errors: &mut Vec<FieldError>,
) -> String {
    let typed = typed.filter(|uri| uri != REDIRECT_PLACEHOLDER);
    if environment == Environment::Practice {
        let offered = practice_text(practice, &[descriptor.id, "redirect_uri"]);
        return offered.or(typed).unwrap_or_default();
    }
    let Some(uri) = typed else {
        let reason = "Enter the https address of your own bounce page, exactly as registered with the vendor.";
        errors.push(FieldError::new("redirect_uri", reason));
        return String::new();
    };
    let fits = url::Url::parse(&uri).is_ok_and(|address| {
        address.scheme() == "https"
            && matches!(address.host(), Some(url::Host::Domain(_)))
            && address.query().is_none()
            && address.fragment().is_none()
    });
    if !fits {
        let reason = "Enter an address that begins with https://, with a name instead of numbers, and without ? or #.";
        errors.push(FieldError::new("redirect_uri", reason));
    }
    uri
}
