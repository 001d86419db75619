//! The façade both shells drive. Its methods live in the area modules.

/// One open data file with its rules and sync engine.
pub struct Core {}
