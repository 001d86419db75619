//! One connected company.

use crate::api::Api;
use crate::choices;
use chrono::{DateTime, Utc};
use connector_contract::{
    Account, Choice, ConnectionConfig, Connector, ConnectorError, Environment, InventoryPage, InventoryRequest, Mode,
    Page, PullRequest, Pulled, Push, Pushed, RecordKind, RemoteId, Rest, Stream,
};
use connector_http::Exchange;
use std::sync::{Arc, Mutex, PoisonError};
use tokio::sync::OnceCell;

/// The connector. What it keeps is only a saving: it can be opened anew at any moment.
pub(crate) struct QuickBooks {
    pub(crate) api: Api,
    pub(crate) config: ConnectionConfig,
    /// When the earliest first sync seen in this life began; see [`crate::pull`].
    began: Mutex<Option<DateTime<Utc>>>,
    /// The item that stands in on lines without one, once known.
    pub(crate) stand_in: OnceCell<String>,
}

impl QuickBooks {
    pub(crate) fn open(exchange: &Arc<dyn Exchange>, config: ConnectionConfig) -> Self {
        Self { api: Api::new(exchange, &config), config, began: Mutex::new(None), stand_in: OnceCell::new() }
    }

    /// A setting, unless it is empty.
    pub(crate) fn setting(&self, id: &str) -> Option<String> {
        self.config.settings.get(id).map(|value| value.trim().to_owned()).filter(|value| !value.is_empty())
    }

    /// Notes when a first sync began, and returns the earliest noted so far.
    pub(crate) fn note_began(&self, began: Option<DateTime<Utc>>) -> Option<DateTime<Utc>> {
        let mut noted = self.began.lock().unwrap_or_else(PoisonError::into_inner);
        *noted = match (*noted, began) {
            (Some(a), Some(b)) => Some(a.min(b)),
            (a, b) => a.or(b),
        };
        *noted
    }
}

#[async_trait::async_trait]
impl Connector for QuickBooks {
    async fn identify(&self) -> Result<Account, ConnectorError> {
        let realm = self.api.realm()?.to_owned();
        let (info, server_time) = self.api.company_info().await?;
        // The company's record calls itself "1" in most companies and by the company's id in others.
        if let Some(id) = info.id.filter(|id| id != "1" && *id != realm && !id.is_empty()) {
            let text = format!("this sign-in belongs to another QuickBooks company ({id})");
            return Err(ConnectorError::Unauthorized(text.chars().take(120).collect()));
        }
        let mode = match self.config.environment {
            Environment::Production => Mode::Live,
            Environment::Practice => Mode::Test,
        };
        Ok(Account {
            id: realm,
            name: info.company_name.unwrap_or_default(),
            mode: Some(mode),
            currency: Some(self.api.company().await?.home),
            server_time,
        })
    }

    fn streams(&self) -> &'static [Stream] {
        &crate::pull::STREAMS
    }

    fn rest(&self) -> Option<Rest> {
        self.api.rest(self.config.clock.now())
    }

    fn end_rest(&self) {
        self.api.end_rest();
    }

    async fn pull(&self, request: PullRequest) -> Result<Page, ConnectorError> {
        crate::pull::pull(self, request).await.map_err(crate::narrow::later_if_asked)
    }

    fn keeps(&self, kind: RecordKind, field: &str) -> bool {
        crate::written::keeps(kind, field)
    }

    async fn push(&self, push: Push) -> Result<Pushed, ConnectorError> {
        crate::push::push(self, push).await
    }

    async fn choices(&self) -> Result<Vec<Choice>, ConnectorError> {
        let mut choices = choices::choices(self.api.accounts().await?);
        choices.extend(choices::items(self.api.service_items().await?));
        let default = self.api.company().await?.tax_code.as_deref();
        choices.extend(choices::tax_codes(self.api.tax_codes().await?, default));
        Ok(choices)
    }

    fn inventory_kinds(&self) -> &'static [RecordKind] {
        &crate::inventory::KINDS
    }

    async fn inventory(&self, request: InventoryRequest) -> Result<InventoryPage, ConnectorError> {
        crate::inventory::list(self, &request).await.map_err(crate::narrow::later_if_asked)
    }

    async fn fetch(&self, kind: RecordKind, id: &RemoteId) -> Result<Pulled, ConnectorError> {
        crate::inventory::fetch(self, kind, id).await
    }
}
