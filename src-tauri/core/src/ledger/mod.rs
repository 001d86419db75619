//! The ledger: small, double-entry, append-only.
