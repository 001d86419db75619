//! Marking an order as shipped: one call that V1 takes once, has no key for, and answers without saying what it made.
//!
//! So the order and its fulfillments are looked at first, whatever is known of earlier tries: an order that is shipped with our very
//! tracking number was marked by us, and is not marked again. V1 marks the whole order; parts of one are orders of their own
//! there. Absent on purpose: buying labels.

use crate::auth::{is_explained_fault, words_of_fault};
use crate::body::{Raw, refuse};
use crate::wire::{Fields, list};
use crate::{ShipStation, map};
use connector_contract::record::Shipment;
use connector_contract::{
    Choice, ConnectorError, Content, Pulled, Pushed, Rejection, RemoteId, SHIPPING_CARRIER, Written,
};
use connector_http::Call;
use serde_json::{Map, Value, json};

impl ShipStation {
    pub(crate) async fn ship(&self, parcel: &Shipment) -> Result<Pushed, ConnectorError> {
        let Some(id) = &parcel.order else {
            return Err(ConnectorError::Protocol("a shipment has to name its order".to_owned()));
        };
        let carrier = parcel.carrier.as_deref().map(str::trim).filter(|carrier| !carrier.is_empty());
        let Some(carrier) = carrier else {
            return Err(refuse("carrier", "ShipStation needs the carrier of an order that is marked as shipped."));
        };
        if parcel.voided || parcel.is_return {
            return Err(refuse("", "Only parcels that left are marked as shipped in ShipStation."));
        }
        let order = self.order_to_ship(id).await?;
        match Fields(&order).text("orderStatus").as_deref() {
            Some("shipped") => return self.shipped_already(id, parcel).await,
            Some("cancelled") => {
                let text = "This order was canceled in ShipStation, so it can't be marked as shipped there.";
                return Err(ConnectorError::Rejected(Rejection::ours("canceled_there", None, text)));
            }
            _ => {}
        }
        let body = body(&order, parcel, carrier);
        // Not repeatable: sent twice it would be refused, and who marked it would be in doubt.
        let call = Call::post(self.v1_base.route("/orders/markasshipped", &[])).json(&body);
        match self.v1.send(call).await {
            Ok(_) => self.made(id, parcel).await,
            Err(ConnectorError::Unknown(reason)) if is_explained_fault(&reason) => {
                // V1 did answer, so by now the order is marked or it is not.
                match self.found(id, parcel).await {
                    Ok(Some(pushed)) => Ok(pushed),
                    Ok(None) => Err(ConnectorError::Rejected(Rejection::vendors("500", None, words_of_fault(&reason)))),
                    Err(_) => Err(ConnectorError::Unknown(reason)),
                }
            }
            Err(ConnectorError::NotFound(_)) => Err(gone()),
            Err(error) => Err(error),
        }
    }

    async fn order_to_ship(&self, id: &RemoteId) -> Result<Raw, ConnectorError> {
        match self.v1.send(Call::get(self.v1_base.route("/orders/{id}", &[&id.0]))).await {
            Err(ConnectorError::NotFound(_)) => Err(gone()),
            answer => answer?.json(),
        }
    }

    /// V1 took it. Its answer does not name the fulfillment, so that is looked up; not being able to leaves the change in doubt,
    /// and the next try finds it.
    async fn made(&self, id: &RemoteId, parcel: &Shipment) -> Result<Pushed, ConnectorError> {
        let found = self.found(id, parcel).await.map_err(|error| ConnectorError::Unknown(error.to_string()))?;
        // V1 may list it later than it makes it; then it comes in as the same parcel, known by its tracking number.
        Ok(found.unwrap_or_else(|| Pushed {
            remote_id: RemoteId(format!("o{}", id.0)),
            version: None,
            record: None,
            written: Written::default(),
        }))
    }

    /// The order is shipped: by an earlier try of this very change, or by somebody else.
    async fn shipped_already(&self, id: &RemoteId, parcel: &Shipment) -> Result<Pushed, ConnectorError> {
        if let Some(pushed) = self.found(id, parcel).await? {
            return Ok(pushed);
        }
        let text =
            "ShipStation has this order as shipped already, with another tracking number or carrier. Nothing was sent.";
        Err(ConnectorError::Rejected(Rejection::ours("shipped_there", None, text)))
    }

    /// The fulfillment of this order that is this parcel, the newest if there are several.
    async fn found(&self, id: &RemoteId, parcel: &Shipment) -> Result<Option<Pushed>, ConnectorError> {
        let call = Call::get(self.v1_base.route("/fulfillments", &[]))
            .query("orderId", &id.0)
            .query("sortBy", "CreateDate")
            .query("sortDir", "DESC")
            .query("pageSize", "500");
        let rows = list(&self.v1.send(call).await?, "fulfillments")?.rows;
        let is_ours = |row: &&Map<String, Value>| {
            let row = Fields(row);
            row.filled("orderId").as_deref() == Some(id.0.as_str()) && !row.flag("voided") && same_parcel(row, parcel)
        };
        let pulled = rows.iter().find(is_ours).and_then(|row| map::fulfillment(Fields(row)));
        Ok(pulled.map(|Pulled { remote_id, version, content, .. }| {
            let record = if let Content::Present(record) = content { Some(record) } else { None };
            Pushed { remote_id, version, record, written: Written::default() }
        }))
    }

    /// The account's carriers, to choose one from.
    pub(crate) async fn carriers(&self) -> Result<Vec<Choice>, ConnectorError> {
        let answer = self.v1.send(Call::get(self.v1_base.route("/carriers", &[]))).await?;
        let rows: Vec<Option<Map<String, Value>>> = answer.json()?;
        let choice = |row: &Map<String, Value>| {
            let row = Fields(row);
            let value = row.filled("code")?;
            let name = row.filled("name").unwrap_or_else(|| value.clone());
            let label = match row.filled("nickname").filter(|nickname| *nickname != name) {
                Some(nickname) => format!("{name} ({nickname})"),
                None => name,
            };
            Some(Choice { setting: SHIPPING_CARRIER, value, label, suggested: row.flag("primary") })
        };
        Ok(rows.iter().flatten().filter_map(choice).collect())
    }
}

fn body(order: &Raw, parcel: &Shipment, carrier: &str) -> Value {
    let mut body = json!({
        "orderId": order.get("orderId"),
        "carrierCode": carrier,
        "notifyCustomer": parcel.notify_buyer,
        "notifySalesChannel": parcel.notify_channel,
    });
    if let Some(day) = parcel.shipped_on {
        body["shipDate"] = day.to_string().into();
    }
    if let Some(tracking) = tracking(parcel) {
        body["trackingNumber"] = tracking.into();
    }
    body
}

fn tracking(parcel: &Shipment) -> Option<&str> {
    parcel.tracking_number.as_deref().map(str::trim).filter(|tracking| !tracking.is_empty())
}

/// By tracking number; without one by carrier.
fn same_parcel(row: Fields, parcel: &Shipment) -> bool {
    let theirs = row.filled("trackingNumber");
    match (theirs.as_deref().map(str::trim), tracking(parcel)) {
        (Some(theirs), Some(ours)) => theirs.eq_ignore_ascii_case(ours),
        (None, None) => {
            let carrier = parcel.carrier.as_deref().unwrap_or_default().trim();
            row.filled("carrierCode").is_some_and(|theirs| theirs.trim().eq_ignore_ascii_case(carrier))
        }
        _ => false,
    }
}

fn gone() -> ConnectorError {
    let text = "The order is no longer in ShipStation: deleted there, or merged into another order.";
    ConnectorError::Rejected(Rejection::ours("order_gone", None, text))
}

#[cfg(test)]
#[path = "ship_tests.rs"]
mod tests;
