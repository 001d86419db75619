//! A vendor as core receives it from the registry: its descriptor and how to open one of its accounts.

use crate::{Clock, Connector, ConnectorError, Descriptor, Environment, SecretStore};
use std::collections::BTreeMap;
use std::sync::Arc;

/// Opens something for one connection.
pub type Opener<T> = Arc<dyn Fn(ConnectionConfig) -> Arc<T> + Send + Sync>;

/// A vendor that can be connected.
#[derive(Clone)]
pub struct Vendor {
    /// What it says of itself.
    pub descriptor: &'static Descriptor,
    /// Opens a connector for one account. Cheap; no request is made.
    pub open: Opener<dyn Connector>,
    /// Opens the browser sign-in; `None` for vendors with keys.
    pub sign_in: Option<Opener<dyn BrowserSignIn>>,
}

/// All a connector may know of the connection it works for.
#[derive(Clone)]
pub struct ConnectionConfig {
    /// Production or Practice.
    pub environment: Environment,
    /// The vendor's id of the account, once known.
    pub account_id: Option<String>,
    /// Replaced base URLs by endpoint id; missing ones are production's.
    pub endpoints: BTreeMap<String, String>,
    /// Chosen settings by setting id.
    pub settings: BTreeMap<String, String>,
    /// This connection's secrets, by field id; tokens are kept here too.
    pub secrets: Arc<dyn SecretStore>,
    /// The time.
    pub clock: Arc<dyn Clock>,
}

/// Signing in through the system browser (OAuth 2 authorization code).
#[async_trait::async_trait]
pub trait BrowserSignIn: Send + Sync {
    /// The page to open. `state` comes back unchanged with the redirect.
    async fn authorize_url(&self, redirect_uri: &str, state: &str) -> Result<url::Url, ConnectorError>;

    /// Exchanges the code and stores the tokens in the connection's secrets. `parameters` are all query parameters of the
    /// redirect except `code` and `state`. Returns the account's id where the redirect names it.
    async fn exchange(
        &self,
        redirect_uri: &str,
        code: &str,
        parameters: &BTreeMap<String, String>,
    ) -> Result<Option<String>, ConnectorError>;

    /// Tells the vendor to forget the grant, when the owner disconnects. Best effort.
    async fn revoke(&self) -> Result<(), ConnectorError>;
}

/// The secrets of one connection inside a shared store: every name gets a prefix.
pub struct ScopedSecrets {
    store: Arc<dyn SecretStore>,
    prefix: String,
}

impl ScopedSecrets {
    /// All names become `prefix/name`.
    pub fn new(store: Arc<dyn SecretStore>, prefix: impl Into<String>) -> Self {
        Self { store, prefix: prefix.into() }
    }

    fn name(&self, name: &str) -> String {
        format!("{}/{name}", self.prefix)
    }
}

impl SecretStore for ScopedSecrets {
    fn get(&self, name: &str) -> Result<Option<crate::Secret>, crate::SecretError> {
        self.store.get(&self.name(name))
    }

    fn set(&self, name: &str, secret: &crate::Secret) -> Result<(), crate::SecretError> {
        self.store.set(&self.name(name), secret)
    }

    fn delete(&self, name: &str) -> Result<(), crate::SecretError> {
        self.store.delete(&self.name(name))
    }

    fn alone(&self) -> Result<Option<Box<dyn Send>>, crate::SecretError> {
        self.store.alone()
    }
}
