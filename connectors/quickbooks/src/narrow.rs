//! One record must never block the others: what a failed page or capture means, and the record that made it fail.
//!
//! Some records make every answer fail that holds them: the server can't process them (4001, 4002, 500), answers with its own
//! failure, or with JSON that can't be read. The pages around such a record are narrowed down to it by `pull`. After that the
//! cursor has moved past it, so the search is not paid again with the next run.

use crate::connector::QuickBooks;
use crate::entity::Entity;
use connector_contract::{ConnectorError, Pulled, RemoteId};
use connector_http::may_be_one_row;

/// So many rows in a row that fail are not the rows' doing.
pub(crate) const MOST: usize = 20;

/// Hands an error back that asking for less may help against; fails where it says nothing about the content.
pub(crate) async fn by_content(
    connector: &QuickBooks,
    error: ConnectorError,
) -> Result<ConnectorError, ConnectorError> {
    let of_nobody_here = matches!(error, ConnectorError::Protocol(_)) && !may_be_one_row(&error);
    match &error {
        ConnectorError::TooLarge => Ok(error),
        ConnectorError::Rejected(refusal) if is_of_content(&refusal.code) => Ok(error),
        // The vendor may be out of order, or somebody between us answers for it. It is the content's doing only where another
        // question is answered well.
        ConnectorError::Unavailable(_) | ConnectorError::Protocol(_) if !of_nobody_here => {
            match connector.api.company_info().await {
                Ok(_) => Ok(error),
                Err(_) => Err(error),
            }
        }
        _ => Err(error),
    }
}

fn is_of_content(code: &str) -> bool {
    matches!(code, "500" | "4001" | "4002")
}

/// `None` for an answer that failed by its content, which is as good as one that was cut.
pub(crate) async fn whole<T>(
    connector: &QuickBooks,
    answer: Result<T, ConnectorError>,
) -> Result<Option<T>, ConnectorError> {
    match answer {
        Ok(whole) => Ok(Some(whole)),
        Err(error) => by_content(connector, error).await.map(|_| None),
    }
}

/// The error where nothing could be read: a later try may help.
pub(crate) fn later(error: ConnectorError) -> ConnectorError {
    match error {
        ConnectorError::Rejected(refusal) => {
            ConnectorError::Unavailable(format!("QuickBooks could not process the query: {}", refusal.text))
        }
        other => other,
    }
}

/// The same for an error of which only a failed query tells, among those of a write.
pub(crate) fn later_if_asked(error: ConnectorError) -> ConnectorError {
    let asked = matches!(&error, ConnectorError::Rejected(refusal) if matches!(refusal.code.as_str(), "4001" | "4002"));
    if asked { later(error) } else { error }
}

/// The record that makes every answer fail, by its id where QuickBooks tells that much.
pub(crate) fn passed_over(entity: Entity, id: Option<String>, position: u64, error: &ConnectorError) -> Pulled {
    let reason = match error {
        ConnectorError::TooLarge => {
            "QuickBooks shows it in an answer too large to read; shorten it there, its lines or notes".to_owned()
        }
        ConnectorError::Rejected(refusal) => format!("QuickBooks can't show it: {}", refusal.text),
        other => format!("QuickBooks can't show it: {other}"),
    };
    let id = id.map_or_else(|| RemoteId::of_place(&format!("{}+{position}", entity.name())), RemoteId);
    Pulled::unreadable(entity.kind(), id, reason)
}
