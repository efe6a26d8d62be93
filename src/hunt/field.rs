//! The field of a hunt: variants of a scenario with their contracts deployed, and whole runs.

use std::fmt;

use super::{Cases, World};
use crate::{protocol::Protocol, scenario::Scenario};

/// A variant of the scenario, ready to be played against.
#[derive(Debug)]
pub struct Arena<'a, P: Protocol> {
    /// The set-up.
    pub setup: P::Setup<'a>,
    /// The chain with the contracts.
    pub world: World<P>,
}

/// Deploys the contracts of a scenario.
pub type Deploy<P> = dyn Fn(&Scenario) -> Result<World<P>, String> + Sync;

/// What a hunt is made on.
pub struct Field<'a, P: Protocol> {
    /// Variants that sequences are played against.
    pub arenas: Vec<Arena<'a, P>>,
    /// Whole runs.
    pub cases: Cases,
    /// Deploys the contracts of a scenario that is none of the variants.
    pub deploy: &'a Deploy<P>,
}

impl<P: Protocol> fmt::Debug for Field<'_, P> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("Field")
            .field("arenas", &self.arenas)
            .finish_non_exhaustive()
    }
}
