//! The tokens of one sign-in, as they lie in the keychain.

use chrono::{DateTime, Duration, Utc};
use connector_contract::{ConnectorError, Secret, SecretStore};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use std::collections::BTreeMap;
use std::fmt;

/// Tokens and when they end. Prints without its secrets.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct TokenSet {
    access_token: String,
    refresh_token: Option<String>,
    /// When the access token ends.
    pub access_ends_at: DateTime<Utc>,
    /// When the sign-in as a whole ends unless it is renewed before, where the vendor tells.
    #[serde(default)]
    pub sign_in_ends_at: Option<DateTime<Utc>>,
    /// The vendor has refused the refresh token; only a new sign-in helps.
    #[serde(default)]
    pub(crate) refused: bool,
}

impl TokenSet {
    /// The entry in the connection's secrets.
    pub(crate) const ENTRY: &'static str = "tokens";
    /// Renewed this long before its end, so that a slow request does not outlive it.
    const MARGIN: Duration = Duration::seconds(90);
    /// No access token is taken to live longer.
    const LONGEST: Duration = Duration::days(365);

    pub(crate) fn new(
        access_token: &str,
        refresh_token: Option<&str>,
        lifetime: Duration,
        fields: &BTreeMap<String, Value>,
        now: DateTime<Utc>,
    ) -> Self {
        // The vendor's lifetimes of the sign-in: a rolling one, and a fixed one that renewal does not move.
        let rolling = ["refresh_token_expires_in", "x_refresh_token_expires_in"];
        let fixed = ["refresh_token_hard_expires_in", "x_refresh_token_hard_expires_in"];
        let ends = rolling.iter().chain(&fixed).filter_map(|name| {
            let seconds = fields.get(*name)?;
            let seconds: i64 = seconds.as_str().map_or_else(|| seconds.to_string(), str::to_owned).parse().ok()?;
            now.checked_add_signed(Duration::try_seconds(seconds)?)
        });
        // A lifetime of ages would end beyond what a calendar shows; it is renewed in time all the same.
        let lifetime = lifetime.clamp(Duration::zero(), Self::LONGEST);
        Self {
            access_token: access_token.to_owned(),
            refresh_token: refresh_token.map(str::to_owned),
            access_ends_at: now.checked_add_signed(lifetime).unwrap_or(now),
            sign_in_ends_at: ends.min(),
            refused: false,
        }
    }

    /// The access token itself.
    pub(crate) fn access(&self) -> &str {
        &self.access_token
    }

    /// The refresh token itself.
    pub(crate) fn refresh(&self) -> Option<&str> {
        self.refresh_token.as_deref()
    }

    /// Whether the access token can be used for a while yet.
    pub(crate) fn is_fresh(&self, now: DateTime<Utc>) -> bool {
        self.access_ends_at.signed_duration_since(now) > Self::MARGIN
    }

    /// The same, marked as refused by the vendor.
    pub(crate) fn into_refused(self) -> Self {
        Self { refused: true, ..self }
    }

    /// Reads the stored tokens. Blocking, like the keychain.
    pub(crate) fn load(secrets: &dyn SecretStore) -> Result<Option<Self>, ConnectorError> {
        let Some(secret) = secrets.get(Self::ENTRY)? else { return Ok(None) };
        let unreadable =
            |_| ConnectorError::Unauthorized("the stored sign-in cannot be read; sign in again".to_owned());
        serde_json::from_str(secret.expose()).map(Some).map_err(unreadable)
    }

    /// Stores the tokens. Blocking; when it returns they are durable.
    pub(crate) fn store(&self, secrets: &dyn SecretStore) -> Result<(), ConnectorError> {
        let text = serde_json::to_string(self)
            .map_err(|_| ConnectorError::Protocol("the sign-in could not be written down".to_owned()))?;
        Ok(secrets.set(Self::ENTRY, &Secret::new(text))?)
    }
}

impl fmt::Debug for TokenSet {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "TokenSet(ends {}, refused {})", self.access_ends_at, self.refused)
    }
}
