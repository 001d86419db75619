//! ShipStation: orders and shipments both ways, through V1; a V2 key is checked and kept for stock levels.
//!
//! V1 carries orders, because V2 has none and only four states of a shipment. Absent on purpose: buying labels, rates,
//! webhooks (a desktop has no public address).

mod auth;
mod body;
mod inventory;
mod map;
#[cfg(test)]
mod map_tests;
mod patch;
#[cfg(test)]
mod patch_tests;
mod pull;
#[cfg(test)]
mod pull_tests;
mod push;
#[cfg(test)]
mod push_tests;
mod refusals;
mod ship;
mod walk;
mod wire;

use auth::{API_KEY, API_SECRET, V1, V2, V2_KEY};
use connector_contract::{
    Account, Capability, Choice, ConnectionConfig, Connector, ConnectorError, Descriptor, Direction, Endpoint, Field,
    InventoryPage, InventoryRequest, Mode, Page, PullRequest, Pulled, Push, Pushed, RecordKind, Rejection, RemoteId,
    Rest, SignIn, Stream, Vendor,
};
use connector_http::{Base, Call, Client, Exchange};
use serde_json::{Map, Value};
use std::sync::Arc;
use wire::Fields;

/// What the connect dialog needs to know.
pub static DESCRIPTOR: Descriptor = Descriptor {
    id: "shipstation",
    name: "ShipStation",
    summary: "Orders and shipments with tracking numbers, both ways.",
    sign_in: SignIn::Keys,
    fields: &[
        Field {
            id: API_KEY,
            label: "API key",
            help: "In ShipStation: Settings > Account > API Settings, choose Legacy API (V1).",
            secret: true,
            optional: false,
        },
        Field { id: API_SECRET, label: "API secret", help: "Shown beside the API key.", secret: true, optional: false },
        Field {
            id: V2_KEY,
            label: "V2 API key",
            help: "Optional, for stock levels. The same page with V2 chosen; it is shown only once.",
            secret: true,
            optional: true,
        },
    ],
    endpoints: &[
        Endpoint {
            id: "v1",
            label: "V1 address",
            production: "https://ssapi.shipstation.com",
            practice: "shipstation.v1_url",
        },
        Endpoint {
            id: "v2",
            label: "V2 address",
            production: "https://api.shipstation.com",
            practice: "shipstation.v2_url",
        },
    ],
    settings: &[],
    refusals: refusals::REFUSALS,
    capabilities: &[
        Capability { kind: RecordKind::Order, direction: Direction::Both },
        Capability { kind: RecordKind::Shipment, direction: Direction::Both },
    ],
};

/// The vendor for the registry, over a given transport.
pub fn vendor(exchange: Arc<dyn Exchange>) -> Vendor {
    Vendor {
        descriptor: &DESCRIPTOR,
        open: Arc::new(move |config| Arc::new(ShipStation::open(exchange.clone(), config))),
        sign_in: None,
    }
}

/// One signed-in account.
struct ShipStation {
    v1: Client,
    v1_base: Base,
    v2: Client,
    v2_base: Base,
    config: ConnectionConfig,
}

impl ShipStation {
    fn open(exchange: Arc<dyn Exchange>, config: ConnectionConfig) -> Self {
        let v1 = V1 { secrets: config.secrets.clone() };
        let v2 = V2 { secrets: config.secrets.clone() };
        Self {
            v1: Client::new(exchange.clone(), Arc::new(v1), config.clock.clone()),
            v1_base: Base::from_config(&config, &DESCRIPTOR, "v1"),
            v2: Client::new(exchange, Arc::new(v2), config.clock.clone()),
            v2_base: Base::from_config(&config, &DESCRIPTOR, "v2"),
            config,
        }
    }

    /// Tries the V2 key while connecting. Later runs leave it alone: a lapsed key must not stop orders.
    async fn check_v2(&self) -> Result<(), ConnectorError> {
        let connecting = self.config.account_id.is_none();
        if !connecting || auth::read(&self.config.secrets, [V2_KEY]).await? == [None] {
            return Ok(());
        }
        let call = Call::get(self.v2_base.route("/v2/warehouses", &[]));
        match self.v2.send(call).await {
            Err(ConnectorError::Unauthorized(text)) => Err(ConnectorError::Unauthorized(format!("V2: {text}"))),
            result => result.map(|_| ()),
        }
    }
}

#[async_trait::async_trait]
impl Connector for ShipStation {
    /// V1 has no account endpoint and keys are replaced, so the account is known by its lowest store id: the manual store
    /// that every account starts with. Inactive stores count, lest switching one off look like another account.
    async fn identify(&self) -> Result<Account, ConnectorError> {
        let call = Call::get(self.v1_base.route("/stores", &[])).query("showInactive", "true");
        let answer = self.v1.send(call).await?;
        let rows: Vec<Option<Map<String, Value>>> = answer.json()?;
        let mut stores: Vec<(u64, Fields)> = rows
            .iter()
            .flatten()
            .map(Fields)
            .filter_map(|store| Some((store.text("storeId")?.parse().ok()?, store)))
            .collect();
        stores.sort_by_key(|(id, _)| *id);
        let Some((id, _)) = stores.first() else {
            let text = "The ShipStation account has no store yet; add one there first.";
            return Err(ConnectorError::Rejected(Rejection::ours("no_store", None, text)));
        };
        self.check_v2().await?;
        // The shop's own name, else that of its first store in use.
        let active = || stores.iter().map(|(_, store)| *store).filter(|store| store.flag("active"));
        let company = active().find_map(|store| store.filled("companyName"));
        let name = company.or_else(|| active().find_map(|store| store.filled("storeName")));
        Ok(Account {
            id: format!("store-{id}"),
            name: name.unwrap_or_else(|| "ShipStation".to_owned()),
            mode: Some(Mode::Live),
            currency: Some(map::CURRENCY),
            server_time: answer.server_time(),
        })
    }

    fn streams(&self) -> &'static [Stream] {
        const { &[pull::ORDERS, pull::SHIPMENTS, pull::FULFILLMENTS] }
    }

    /// V1 does all the work; V2 is only asked while connecting.
    fn rest(&self) -> Option<Rest> {
        self.v1.rest(self.config.clock.now())
    }

    fn end_rest(&self) {
        self.v1.end_rest();
    }

    async fn pull(&self, request: PullRequest) -> Result<Page, ConnectorError> {
        self.pull_page(request).await
    }

    async fn push(&self, push: Push) -> Result<Pushed, ConnectorError> {
        self.push_change(push).await
    }

    async fn choices(&self) -> Result<Vec<Choice>, ConnectorError> {
        self.carriers().await
    }

    fn inventory_kinds(&self) -> &'static [RecordKind] {
        const { &[RecordKind::Order, RecordKind::Shipment] }
    }

    async fn inventory(&self, request: InventoryRequest) -> Result<InventoryPage, ConnectorError> {
        self.list_all(&request).await
    }

    /// V1 tells no label by its id.
    fn looks_up(&self, kind: RecordKind, id: &RemoteId) -> bool {
        kind == RecordKind::Order || id.0.starts_with('f')
    }

    async fn fetch(&self, kind: RecordKind, id: &RemoteId) -> Result<Pulled, ConnectorError> {
        self.look_up(kind, id).await
    }
}
