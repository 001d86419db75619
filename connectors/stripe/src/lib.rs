//! Stripe: charges, refunds, disputes, balance entries and payouts, read with the owner's own key.
//!
//! Follows the events API instead of webhooks, because a desktop app has no address that Stripe could call. Deliberately
//! absent: anything that moves money. What is odd about Stripe is told in `README.md` beside this crate.

mod auth;
mod cursor;
mod events;
mod inventory;
mod list;
mod map;
mod pull;
mod push;
mod refusals;
mod wire;

use auth::Key;
use connector_contract::{
    Account, Capability, ConnectionConfig, Connector, ConnectorError, Descriptor, Direction, Endpoint, Field,
    InventoryPage, InventoryRequest, Page, PullRequest, Pulled, Push, Pushed, RecordKind, RemoteId, Rest, SignIn,
    Stream, Vendor,
};
use connector_http::{Base, Client, Exchange};
use std::sync::Arc;

/// What Stripe says of itself.
pub static DESCRIPTOR: Descriptor = Descriptor {
    id: "stripe",
    name: "Stripe",
    summary: "Brings in charges, refunds, disputes, fees and payouts, so that every deposit is explained.",
    sign_in: SignIn::Keys,
    fields: &[Field {
        id: auth::SECRET_KEY,
        label: "Restricted or secret key",
        help: "In Stripe: Developers, API keys, Create restricted key. Set Events, Charges and Refunds, Disputes, \
               Payouts, Balance, Balance transaction sources and Connected accounts to Read, and leave the rest at None. \
               Paste the key that begins with rk_live_ (or rk_test_ to try it out). A secret key (sk_…) works too, but \
               can do more than is needed.",
        secret: true,
        optional: false,
    }],
    endpoints: &[Endpoint {
        id: "api",
        label: "API address",
        production: "https://api.stripe.com",
        practice: "stripe.base_url",
    }],
    settings: &[],
    refusals: refusals::REFUSALS,
    capabilities: &[
        Capability { kind: RecordKind::Charge, direction: Direction::In },
        Capability { kind: RecordKind::Refund, direction: Direction::In },
        Capability { kind: RecordKind::Dispute, direction: Direction::In },
        Capability { kind: RecordKind::BalanceEntry, direction: Direction::In },
        Capability { kind: RecordKind::Payout, direction: Direction::In },
    ],
};

/// Charges, refunds, disputes and payouts: the lists once, then events.
const EVENTS: Stream = Stream { id: "events", label: "charges, refunds and payouts" };
/// Rows of the balance: fees and everything else that moves it.
const BALANCE_ENTRIES: Stream = Stream { id: "balance_entries", label: "fees and balance entries" };

/// Stripe as the registry hands it to core.
pub fn vendor(exchange: Arc<dyn Exchange>) -> Vendor {
    let open = move |config: ConnectionConfig| -> Arc<dyn Connector> {
        let dialect = Arc::new(auth::StripeDialect::new(config.clone()));
        let base = Base::from_config(&config, &DESCRIPTOR, "api");
        let client = Client::new(exchange.clone(), dialect, config.clock.clone());
        let reader = pull::Reader::new(client, base);
        Arc::new(Stripe { reader, config })
    };
    Vendor { descriptor: &DESCRIPTOR, open: Arc::new(open), sign_in: None }
}

/// One account.
struct Stripe {
    reader: pull::Reader,
    config: ConnectionConfig,
}

#[async_trait::async_trait]
impl Connector for Stripe {
    async fn identify(&self) -> Result<Account, ConnectorError> {
        let key = Key::of(&self.config)?;
        let stand_in = key.stand_in_id();
        let (account, server_time) = match self.reader.account().await {
            Ok((account, server_time)) => (account, server_time),
            // A restricted key need not read the account. Then the key itself is the identity: another key cannot pass
            // for the same account, and whether this one works is found out where it matters, at the events.
            Err(ConnectorError::Unauthorized(_)) => {
                let server_time = self.reader.probe().await?;
                let name = format!("Stripe (key ending in {})", key.ending());
                return Ok(Account { id: stand_in, name, mode: Some(key.mode), currency: None, server_time });
            }
            Err(error) => return Err(error),
        };
        // A connection made before the key could read the account stays itself when the permission is added.
        let id = if self.config.account_id.as_ref() == Some(&stand_in) { stand_in } else { account.id };
        let name = account.name.unwrap_or_else(|| format!("Stripe {id}"));
        let currency = account.default_currency.and_then(|code| code.parse().ok());
        Ok(Account { id, name, mode: Some(key.mode), currency, server_time })
    }

    fn streams(&self) -> &'static [Stream] {
        const STREAMS: &[Stream] = &[EVENTS, BALANCE_ENTRIES];
        STREAMS
    }

    fn rest(&self) -> Option<Rest> {
        self.reader.rest(self.config.clock.now())
    }

    fn end_rest(&self) {
        self.reader.end_rest();
    }

    async fn pull(&self, request: PullRequest) -> Result<Page, ConnectorError> {
        match request.stream.id {
            id if id == EVENTS.id => self.reader.changes(&request).await,
            id if id == BALANCE_ENTRIES.id => self.reader.balance(&request).await,
            other => Err(ConnectorError::NotFound(format!("Stripe has no stream called {other}"))),
        }
    }

    async fn push(&self, push: Push) -> Result<Pushed, ConnectorError> {
        Err(push::refuse(&push))
    }

    fn inventory_kinds(&self) -> &'static [RecordKind] {
        const { &[RecordKind::Charge, RecordKind::Refund, RecordKind::Dispute, RecordKind::Payout, RecordKind::BalanceEntry] }
    }

    async fn inventory(&self, request: InventoryRequest) -> Result<InventoryPage, ConnectorError> {
        self.reader.inventory(&request).await
    }

    async fn fetch(&self, kind: RecordKind, id: &RemoteId) -> Result<Pulled, ConnectorError> {
        Ok(map::pulled(kind, &self.reader.object(kind, &id.0).await?, None))
    }
}

#[cfg(test)]
mod tests;
#[cfg(test)]
mod time_tests;
