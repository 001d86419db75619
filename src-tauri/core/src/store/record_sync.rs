//! How records stand with the connections: from their links, the changes that wait, and the problems.
//!
//! Absent on purpose: the vendors' names, which only their descriptors know; `vendor_name` holds the vendor's id here.

use crate::Result;
use crate::view::{RecordSync, RecordSyncState};
use connector_contract::RecordKind;
use rusqlite::{Connection, params};
use std::collections::{BTreeMap, HashMap};

fn state(name: &str) -> RecordSyncState {
    match name {
        "conflict" => RecordSyncState::Conflict,
        "problem" => RecordSyncState::Problem,
        "waiting" => RecordSyncState::Waiting,
        "not_sent" => RecordSyncState::NotSent,
        _ => RecordSyncState::Synced,
    }
}

/// How bad a state is; the worst is shown.
const fn weight(state: RecordSyncState) -> u8 {
    match state {
        RecordSyncState::Synced => 0,
        RecordSyncState::NotSent => 1,
        RecordSyncState::Waiting => 2,
        RecordSyncState::Problem => 3,
        RecordSyncState::Conflict => 4,
    }
}

const IDS: &str = "WITH ids AS MATERIALIZED (SELECT value FROM json_each(?2) ids)";

/// Links first, so that what else is told of a connection finds the remote id there.
const OF_RECORDS: &str = "
    SELECT ids.value, l.connection_id, 'synced' AS state, l.remote_id, l.agreed_at, NULL AS message
    FROM ids CROSS JOIN links l ON l.kind = ?1 AND l.local_id = ids.value AND l.deleted = 0
    UNION ALL
    SELECT ids.value, o.connection_id, CASE o.state WHEN 'rejected' THEN 'problem' ELSE 'waiting' END, NULL, NULL, o.why
    FROM ids CROSS JOIN outbox o ON o.kind = ?1 AND o.local_id = ids.value
    UNION ALL
    SELECT ids.value, p.connection_id, CASE p.code WHEN 'conflict' THEN 'conflict' ELSE 'problem' END, NULL, NULL, p.message
    FROM ids CROSS JOIN problems p ON p.kind = ?1 AND p.local_id = ids.value
    UNION ALL
    SELECT ids.value, d.connection_id, 'not_sent', NULL, NULL, d.reason
    FROM ids CROSS JOIN dropped d ON d.lacking = 1 AND d.kind = ?1 AND d.local_id = ids.value";

/// What is reported of an order's parcels counts for the order, which is what people look at.
const OF_PARCELS: &str = "
    UNION ALL
    SELECT ids.value, o.connection_id, CASE o.state WHEN 'rejected' THEN 'problem' ELSE 'waiting' END, NULL, NULL, o.why
    FROM ids CROSS JOIN shipments s ON s.order_id = ids.value
        CROSS JOIN outbox o ON o.kind = 'shipment' AND o.local_id = s.id
    UNION ALL
    SELECT ids.value, p.connection_id, 'problem', NULL, NULL, p.message
    FROM ids CROSS JOIN shipments s ON s.order_id = ids.value
        CROSS JOIN problems p ON p.kind = 'shipment' AND p.local_id = s.id
    UNION ALL
    SELECT ids.value, d.connection_id, 'not_sent', NULL, NULL, d.reason
    FROM ids CROSS JOIN shipments s ON s.order_id = ids.value
        CROSS JOIN dropped d ON d.lacking = 1 AND d.kind = 'shipment' AND d.local_id = s.id";

fn of_records(kind: RecordKind) -> String {
    [IDS, OF_RECORDS, if kind == RecordKind::Order { OF_PARCELS } else { "" }].concat()
}

/// The worst state of each of these records; those that no connection knows are left out. For the rows of one page.
pub fn worst_states(db: &Connection, kind: RecordKind, ids: &[String]) -> Result<HashMap<String, RecordSyncState>> {
    let mut states: HashMap<String, RecordSyncState> = HashMap::with_capacity(ids.len());
    let mut statement = db.prepare_cached(&of_records(kind))?;
    let mut rows = statement.query(params![kind.as_str(), serde_json::to_string(ids)?])?;
    while let Some(row) = rows.next()? {
        let found = state(row.get_ref(2)?.as_str().map_err(rusqlite::Error::from)?);
        let worst = states.entry(row.get(0)?).or_insert(found);
        if weight(found) > weight(*worst) {
            *worst = found;
        }
    }
    Ok(states)
}

/// How one record stands with each connection that knows it.
pub fn record_sync(db: &Connection, kind: RecordKind, id: &str) -> Result<Vec<RecordSync>> {
    let mut statement = db.prepare_cached(&format!(
        "SELECT c.vendor, s.* FROM ({}) s CROSS JOIN connections c ON c.id = s.connection_id",
        of_records(kind)
    ))?;
    let mut rows = statement.query(params![kind.as_str(), serde_json::to_string(&[id])?])?;
    let mut found: BTreeMap<crate::ids::ConnectionId, RecordSync> = BTreeMap::new();
    while let Some(row) = rows.next()? {
        let new = RecordSync {
            connection_id: row.get(2)?,
            vendor_name: row.get(0)?,
            state: state(&row.get::<_, String>(3)?),
            remote_id: row.get(4)?,
            synced_at: row.get(5)?,
            problem: row.get::<_, Option<String>>(6)?.filter(|text| !text.is_empty()),
        };
        let Some(known) = found.get_mut(&new.connection_id) else {
            found.insert(new.connection_id, new);
            continue;
        };
        known.remote_id = known.remote_id.take().or(new.remote_id);
        known.synced_at = known.synced_at.take().or(new.synced_at);
        if weight(new.state) >= weight(known.state) {
            known.state = new.state;
            known.problem = new.problem.or(known.problem.take());
        }
    }
    let mut all: Vec<RecordSync> = found.into_values().collect();
    for sync in &mut all {
        if matches!(sync.state, RecordSyncState::Synced | RecordSyncState::Waiting) {
            sync.problem = None;
        }
    }
    Ok(all)
}
