//! Names of actors and tasks.

use std::fmt;

use serde::{Deserialize, Serialize};

use super::schema::Role;

/// One simulated actor: its role and its index within that role, from 0 over all groups.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct ActorId {
    /// What it does.
    pub role: Role,
    /// Which of that role it is, from 0.
    pub index: u32,
}

impl fmt::Display for ActorId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.role.name(), self.index)
    }
}

/// A task's name on chain: its session's id and its id within that session, both dense from 0.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct TaskKey {
    /// The session's id.
    pub session: u64,
    /// The task's id within its session.
    pub task: u64,
}

impl fmt::Display for TaskKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "task {} of session {}", self.task, self.session)
    }
}
