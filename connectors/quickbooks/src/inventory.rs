//! What there is, apart from what changed: lists whole, documents by their own day. Changes are found by their time stamp, and
//! a row that never showed up there shows up here.

use crate::api::quoted;
use crate::connector::QuickBooks;
use crate::cursor::{self, Walk};
use crate::entity::Entity;
use crate::pull::{Batch, records, rows_where};
use chrono::DateTime;
use connector_contract::{ConnectorError, Content, InventoryPage, InventoryRequest, Pulled, RecordKind, RemoteId};
use serde_json::Value;

/// In the order that makes references resolve.
pub(crate) static KINDS: [RecordKind; 4] =
    [RecordKind::Customer, RecordKind::Item, RecordKind::Invoice, RecordKind::Payment];

fn entity_of(kind: RecordKind) -> Result<Entity, ConnectorError> {
    Entity::of(kind).ok_or_else(|| ConnectorError::Protocol(format!("QuickBooks has no {} records", kind.as_str())))
}

/// One page of a kind.
pub(crate) async fn list(connector: &QuickBooks, request: &InventoryRequest) -> Result<InventoryPage, ConnectorError> {
    let entity = entity_of(request.kind)?;
    let walk = request.cursor.as_ref().map_or_else(|| Ok(Walk::start()), cursor::read)?;
    let (first, last) = request.days;
    let conditions = if entity.is_list() {
        Vec::new()
    } else {
        let (first, last) = (quoted(&first.to_string()), quoted(&last.to_string()));
        vec![format!("TxnDate >= {first}"), format!("TxnDate <= {last}")]
    };
    let (batch, next) = rows_where(connector, entity, conditions, &walk).await?;
    let records = records(connector, batch).await?;
    Ok(InventoryPage { records, next: next.as_ref().map(cursor::write).transpose()? })
}

/// One object as it is now. Reading by id shows stock keeping units, which change capture does not.
pub(crate) async fn fetch(connector: &QuickBooks, kind: RecordKind, id: &RemoteId) -> Result<Pulled, ConnectorError> {
    let entity = entity_of(kind)?;
    let object = connector.api.get(entity, &id.0).await?;
    let rows = vec![(entity, vec![Value::Object(object)])];
    let batch = Batch { rows, time: DateTime::UNIX_EPOCH, sku_selected: false, unreadable: Vec::new() };
    let gone = || ConnectorError::NotFound(format!("{} {}", entity.name(), id.0));
    let pulled = records(connector, batch).await?.into_iter().next().ok_or_else(gone)?;
    if matches!(pulled.content, Content::Deleted(_)) { Err(gone()) } else { Ok(pulled) }
}
