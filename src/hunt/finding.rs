//! Findings: what was broken, and the shortest trace that was found to break it.

use super::{Broken, Evidence, Participants, TracedTransaction};
use crate::scenario::Scenario;

/// Something broken, with how to break it again.
#[derive(Clone, Debug)]
pub struct Finding {
    /// What is broken.
    pub broken: Broken,
    /// Where it was seen, at the end of the trace.
    pub evidence: Evidence,
    /// The place of the scenario's variant among those of the hunt.
    pub variant: usize,
    /// What was run, if that is none of these variants.
    pub scenario: Option<Box<Scenario>>,
    /// Who takes part.
    pub participants: Participants,
    /// The trace.
    pub trace: Vec<TracedTransaction>,
    /// The number of the run in which it was found, from 0.
    pub run: u64,
    /// Transactions of that run until then.
    pub found_after: usize,
    /// Runs in which the same was found.
    pub times: u64,
}

impl Finding {
    /// The scenario in which it was found, of these variants.
    #[must_use]
    pub fn scenario<'a>(&'a self, variants: &'a [Scenario]) -> &'a Scenario {
        self.scenario.as_deref().unwrap_or(&variants[self.variant])
    }

    /// A name for files: the rule, what was called, and some digits that tell it from others.
    #[must_use]
    pub fn name(&self) -> String {
        let digest = alloy::primitives::keccak256(self.broken.identity());
        let digits = alloy::primitives::hex::encode(&digest[..3]);
        let parts = [Some(self.broken.name.as_str()), self.broken.function.as_deref()];
        let parts: Vec<&str> = parts.into_iter().flatten().collect();
        format!("{}-{digits}", parts.join("-"))
    }
}
