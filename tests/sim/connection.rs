//! What a client must know to connect: the JSON line that `vendor-sim` prints.

use crate::{quickbooks, shipstation, stripe};
use serde::Serialize;

/// URLs and keys of all three simulators.
#[derive(Debug, Clone, Serialize)]
#[expect(missing_docs, reason = "the keys are the vendors' own words")]
pub struct Connection {
    pub base_url: String,
    pub quickbooks: QuickBooks,
    pub shipstation: ShipStation,
    pub stripe: Stripe,
}

/// `QuickBooks` Online.
#[derive(Debug, Clone, Serialize)]
#[expect(missing_docs, reason = "the keys are the vendors' own words")]
pub struct QuickBooks {
    pub base_url: String,
    pub discovery_url: String,
    pub client_id: String,
    pub client_secret: String,
    pub realm_id: String,
    pub redirect_uri: String,
}

/// `ShipStation`, both interfaces.
#[derive(Debug, Clone, Serialize)]
#[expect(missing_docs, reason = "the keys are the vendors' own words")]
pub struct ShipStation {
    pub v1_url: String,
    pub v2_url: String,
    pub api_key: String,
    pub api_secret: String,
    pub v2_key: String,
}

/// Stripe.
#[derive(Debug, Clone, Serialize)]
#[expect(missing_docs, reason = "the keys are the vendors' own words")]
pub struct Stripe {
    pub base_url: String,
    pub secret_key: String,
    pub restricted_key: String,
}

impl Connection {
    /// Below this base URL.
    pub fn of(base: &str) -> Self {
        Self {
            base_url: base.to_owned(),
            quickbooks: QuickBooks {
                base_url: format!("{base}/quickbooks"),
                discovery_url: format!("{base}/quickbooks/.well-known/openid_configuration"),
                client_id: quickbooks::CLIENT_ID.to_owned(),
                client_secret: quickbooks::CLIENT_SECRET.to_owned(),
                realm_id: quickbooks::REALM_ID.to_owned(),
                redirect_uri: format!("{base}/bounce"),
            },
            shipstation: ShipStation {
                v1_url: format!("{base}/shipstation/v1"),
                v2_url: format!("{base}/shipstation/v2"),
                api_key: shipstation::API_KEY.to_owned(),
                api_secret: shipstation::API_SECRET.to_owned(),
                v2_key: shipstation::V2_KEY.to_owned(),
            },
            stripe: Stripe {
                base_url: format!("{base}/stripe"),
                secret_key: stripe::SECRET_KEY.to_owned(),
                restricted_key: stripe::RESTRICTED_KEY.to_owned(),
            },
        }
    }
}
