//! The actors of a run, as its protocol makes them.

use super::{Actor, ActorId, Directory, Protocol};

/// The actors of a run.
#[derive(Debug)]
pub struct Population<P: Protocol> {
    /// The actors of each role, by the role's place in the schema.
    pub actors: Vec<Vec<Box<dyn Actor<P>>>>,
    /// Their accounts.
    pub directory: Directory,
    /// Who is set up one after the other, stage by stage.
    pub stages: Vec<Vec<ActorId>>,
    /// The group of each actor that submits tasks; these are of one role.
    pub groups: Vec<u32>,
    /// Tasks of each group that may be in flight at once; `None` for no limit.
    pub max_in_flight: Vec<Option<u32>>,
}
