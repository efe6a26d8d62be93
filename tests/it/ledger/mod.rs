//! The ledger: correct histories break no invariant, and each doctored one breaks exactly its own.

mod doctored;
mod history;
mod interleavings;
mod model;
