//! Signing in to QuickBooks in the browser, and signing every request.
//!
//! The flow itself (renewal, rotation, one renewal at a time) is `connector-http`'s. What is Intuit's own is here: its
//! addresses, its scope, and the company id that comes with the redirect.

use crate::DESCRIPTOR;
use crate::fault;
use connector_contract::{BrowserSignIn, ConnectionConfig, ConnectorError};
use connector_http::{Answer, Dialect, Discovery, Exchange, OAuth, Provider, Quota, Verdict};
use http::{HeaderMap, HeaderName, HeaderValue};
use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;
use url::Url;

const SCOPE: &str = "com.intuit.quickbooks.accounting";
const AUTHORIZE: &str = "https://appcenter.intuit.com/connect/oauth2";
const TOKEN: &str = "https://oauth.platform.intuit.com/oauth2/v1/tokens/bearer";
const REVOKE: &str = "https://developer.api.intuit.com/v2/oauth2/tokens/revoke";
/// Asks for the end of the sign-in that renewing does not move: five years after consent.
const HARD_END: &str = "x-include-refresh-token-hard-expires-in";

/// The sign-in of one connection.
pub(crate) fn oauth(exchange: &Arc<dyn Exchange>, config: &ConnectionConfig) -> OAuth {
    OAuth::new(
        Arc::clone(exchange),
        discovery(config),
        &[SCOPE],
        &[(HeaderName::from_static(HARD_END), HeaderValue::from_static("true"))],
        Arc::clone(&config.secrets),
        Arc::clone(&config.clock),
    )
}

/// Intuit asks apps to read its addresses at start-up. The constants only stand in for Intuit's own document: falling
/// back to production from a stand-in would send practice keys to Intuit.
fn discovery(config: &ConnectionConfig) -> Discovery {
    const ENDPOINT: &str = "discovery";
    let production = DESCRIPTOR.endpoints.iter().find(|e| e.id == ENDPOINT).map_or("", |e| e.production);
    let address = config.endpoints.get(ENDPOINT).map_or(production, String::as_str);
    let fallback = match (Url::parse(AUTHORIZE), Url::parse(TOKEN)) {
        (Ok(authorize), Ok(token)) if address == production => {
            Some(Provider { authorize, token, revoke: Url::parse(REVOKE).ok(), userinfo: None, pkce: false })
        }
        _ => None,
    };
    Discovery { document: Url::parse(address).ok(), fallback }
}

/// The browser sign-in.
pub(crate) struct SignIn(pub OAuth);

#[async_trait::async_trait]
impl BrowserSignIn for SignIn {
    async fn authorize_url(&self, redirect_uri: &str, state: &str) -> Result<Url, ConnectorError> {
        self.0.authorize_url(redirect_uri, state).await
    }

    /// Consent binds exactly one company; its id comes as `realmId`, and without it no request can be made.
    async fn exchange(
        &self,
        redirect_uri: &str,
        code: &str,
        parameters: &BTreeMap<String, String>,
    ) -> Result<Option<String>, ConnectorError> {
        let realm = parameters.get("realmId").map(|realm| realm.trim()).unwrap_or_default();
        if realm.is_empty() || realm.len() > 40 || !realm.chars().all(|c| c.is_ascii_alphanumeric()) {
            let text = "QuickBooks did not say which company was chosen; start the sign-in again";
            return Err(ConnectorError::Unauthorized(text.to_owned()));
        }
        self.0.exchange_code(redirect_uri, code).await?;
        Ok(Some(realm.to_owned()))
    }

    async fn revoke(&self) -> Result<(), ConnectorError> {
        self.0.revoke().await
    }
}

/// QuickBooks' manners.
pub(crate) struct Intuit(pub OAuth);

#[async_trait::async_trait]
impl Dialect for Intuit {
    fn name(&self) -> &'static str {
        DESCRIPTOR.name
    }

    async fn authorize(&self, headers: &mut HeaderMap) -> Result<(), ConnectorError> {
        self.0.authorize(headers).await
    }

    async fn renew(&self, refused: &HeaderMap) -> Result<(), ConnectorError> {
        self.0.renew(refused).await
    }

    fn judge(&self, answer: &Answer) -> Verdict {
        fault::judge(answer)
    }

    /// 500 a minute for a company, 10 a second for a company and an app. Other apps of the owner share the first, so a
    /// part of it is left to them. Queries, change capture and single records have no limits of their own; batches (40 a
    /// minute) and reports (200 a minute) have, and are not used.
    fn quotas(&self) -> Vec<Quota> {
        vec![
            Quota { class: None, burst: 40, refill: 400, per: Duration::from_mins(1) },
            // Half of the published 10 a second: while a sign-in is checked a second client may ask for the same company, and
            // one call too many costs a whole minute.
            Quota { class: None, burst: 1, refill: 5, per: Duration::from_secs(1) },
        ]
    }

    fn request_id_header(&self) -> Option<&'static str> {
        Some("intuit_tid")
    }
}

#[cfg(test)]
mod tests;
