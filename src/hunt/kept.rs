//! Sequences and runs that are kept for later hunts.

use super::{Participants, TracedTransaction};
use crate::scenario::Scenario;

/// A sequence that covered something new.
#[derive(Clone, Debug)]
pub struct Kept {
    /// The place of the variant.
    pub variant: usize,
    /// The run whose accounts it has.
    pub origin: u64,
    /// Whether that is a run of a hunt with the same seed, so that others can go on from it.
    pub of_hunt: bool,
    /// Who takes part.
    pub participants: Participants,
    /// The transactions.
    pub trace: Vec<TracedTransaction>,
    /// The scenario, if it is none of the variants. Without transactions it is run whole.
    pub scenario: Option<Box<Scenario>>,
}
