//! What Stripe's refusals mean to the rest of the app: it is only read.

use connector_contract::Cause;

/// The vendor's code, or the connector's own word, and what it means.
pub(crate) const REFUSALS: &[(&str, Cause)] = &[("read_only", Cause::ReadOnly)];
