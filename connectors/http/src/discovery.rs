//! Finding an OAuth provider's addresses: from its discovery document, with constants to fall back on.

use crate::exchange::bounded;
use crate::{Answer, Base, Exchange, Limits};
use bytes::Bytes;
use connector_contract::ConnectorError;
use http::Request;
use serde::Deserialize;
use url::Url;

/// The addresses of an OAuth provider.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Provider {
    /// The page the browser opens.
    pub authorize: Url,
    /// Where codes and refresh tokens are exchanged.
    pub token: Url,
    /// Where a grant is revoked.
    pub revoke: Option<Url>,
    /// The provider's page of the signed-in person, for vendors that use it.
    pub userinfo: Option<Url>,
    /// Whether PKCE (S256) is advertised; it is then used.
    pub pkce: bool,
}

/// How to find the addresses.
#[derive(Debug, Clone)]
pub struct Discovery {
    /// The discovery document; `None` uses the constants only.
    pub document: Option<Url>,
    /// What holds when the document cannot be had. `None` makes that an error.
    pub fallback: Option<Provider>,
}

/// The part of a provider's discovery document that matters here.
#[derive(Deserialize)]
struct Document {
    authorization_endpoint: String,
    token_endpoint: String,
    revocation_endpoint: Option<String>,
    userinfo_endpoint: Option<String>,
    #[serde(default)]
    code_challenge_methods_supported: Vec<String>,
}

impl Discovery {
    /// Reads the document. `Ok((provider, true))` may be kept; `false` means that the fallback stands in for now.
    pub(crate) async fn find(&self, exchange: &dyn Exchange) -> Result<(Provider, bool), ConnectorError> {
        let Some(document) = &self.document else {
            let missing = || ConnectorError::Protocol("the sign-in addresses are not known".to_owned());
            return self.fallback.clone().map(|provider| (provider, true)).ok_or_else(missing);
        };
        match read(exchange, document).await {
            Ok(provider) => Ok((provider, true)),
            Err(error) => {
                tracing::warn!(%error, "the sign-in addresses could not be read");
                self.fallback.clone().map(|provider| (provider, false)).ok_or(error)
            }
        }
    }
}

async fn read(exchange: &dyn Exchange, document: &Url) -> Result<Provider, ConnectorError> {
    let unusable = |_| ConnectorError::Protocol("the discovery address cannot be requested".to_owned());
    let request =
        Request::get(document.as_str()).header("accept", "application/json").body(Bytes::new()).map_err(unusable)?;
    let response = bounded(exchange, request, Limits::default())
        .await
        .map_err(|error| ConnectorError::Unavailable(error.to_string()))?;
    let (parts, body) = response.into_parts();
    if !parts.status.is_success() {
        return Err(ConnectorError::Unavailable(format!("discovery answered {}", parts.status.as_u16())));
    }
    let document: Document = Answer { status: parts.status, headers: parts.headers, body }.json()?;
    // Base refuses what is neither https nor on this machine, so a forged document cannot move secrets into the open.
    let url = |text: &str| Base::new(text).route("", &[]).url.map(|_| Url::parse(text)).map(Result::ok);
    let required = |text: &str| {
        url(text)?.ok_or_else(|| ConnectorError::Protocol("a sign-in address is not a web address".to_owned()))
    };
    Ok(Provider {
        authorize: required(&document.authorization_endpoint)?,
        token: required(&document.token_endpoint)?,
        revoke: document.revocation_endpoint.as_deref().map(required).transpose()?,
        userinfo: document.userinfo_endpoint.as_deref().map(required).transpose()?,
        pkce: document.code_challenge_methods_supported.iter().any(|method| method == "S256"),
    })
}
