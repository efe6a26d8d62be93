//! The meaning of events and calls to a run: whom an event concerns, what must come before a call, and what is the same after a
//! reorg.

use alloy::primitives::Address;

use super::{Call, Event, Function, Step, TaskKey};

/// Whom an event concerns, beside who watches its task.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Concerns<'a> {
    /// Nobody.
    Nobody,
    /// These miners.
    Miners(&'a [Address]),
    /// Every miner that the task is assigned to.
    Assigned(TaskKey),
    /// These, and the owner of its session.
    AssignedAndOwner(TaskKey),
}

impl Event {
    /// Whom it concerns.
    #[must_use]
    pub fn concerns(&self) -> Concerns<'_> {
        match self {
            Self::TaskAssigned { miners, .. } => Concerns::Miners(miners),
            Self::TaskPrecommitEnded { key } => Concerns::Assigned(*key),
            Self::TaskEnded { key, .. } => Concerns::AssignedAndOwner(*key),
            _ => Concerns::Nobody,
        }
    }

    /// The session that it opens, and its owner.
    #[must_use]
    pub const fn opened_session(&self) -> Option<(u64, Address)> {
        match self {
            Self::SessionCreated { session, owner, .. } => Some((*session, *owner)),
            _ => None,
        }
    }

    /// Whether it puts a task onto the chain.
    #[must_use]
    pub const fn opens_task(&self) -> bool {
        matches!(self, Self::TaskQueued { .. })
    }

    /// The task that it ends.
    #[must_use]
    pub const fn ended_task(&self) -> Option<TaskKey> {
        match self {
            Self::TaskEnded { key, .. } => Some(*key),
            _ => None,
        }
    }

    /// The task that it assigns, and to whom.
    #[must_use]
    pub fn assignment(&self) -> Option<(TaskKey, &[Address])> {
        match self {
            Self::TaskAssigned { key, miners } => Some((*key, miners)),
            _ => None,
        }
    }

    /// The task whose end it allows: who watches it may answer at once.
    #[must_use]
    pub const fn endable_task(&self) -> Option<TaskKey> {
        match self {
            Self::TaskCommitEnded { key } => Some(*key),
            _ => None,
        }
    }

    /// What there is to say about it in a log for people; `None` for the steps on the way.
    #[must_use]
    pub fn headline(&self) -> Option<String> {
        Some(match self {
            Self::SessionCreated {
                session,
                owner,
                miners,
            } => format!(
                "session {session} created by {owner}, {}",
                count(miners.len(), "miner")
            ),
            Self::TaskAssigned { key, miners } => {
                format!("{key} queued, assigned to {}", count(miners.len(), "miner"))
            }
            Self::TaskEnded { key, miners } => {
                format!("{key} ended with {}", count(miners.len(), "result"))
            }
            _ => return None,
        })
    }

    /// What of it comes back as it was after a reorg: the order of tasks over all sessions may be another, and who is drawn or
    /// assigned.
    #[must_use]
    pub fn identity(&self) -> Self {
        match self {
            Self::TaskQueued { key, data, .. } => Self::TaskQueued {
                key: *key,
                global_id: 0,
                data: *data,
            },
            Self::TaskAssigned { key, .. } => assigned(*key),
            Self::SessionCreated { session, .. } => opened(*session),
            event => event.clone(),
        }
    }

    /// The identities of a miner's steps in a task.
    #[must_use]
    pub const fn steps_of(key: TaskKey, miner: Address) -> [Self; 3] {
        [
            Self::TaskAcked { key, miner },
            Self::TaskPrecommitted { key, miner },
            Self::TaskCommitted { key, miner },
        ]
    }
}

impl Call {
    /// The identities of the events that must come before it: without them the contracts refuse it to `from`.
    #[must_use]
    pub fn needs(&self, from: Address) -> Vec<Event> {
        let mut needs: Vec<Event> = self.session().map(opened).into_iter().collect();
        match *self {
            Self::Ack(key) => needs.push(assigned(key)),
            Self::Precommit { key, .. } => needs.push(Event::TaskAcked { key, miner: from }),
            Self::Commit { key, .. } => needs.extend([
                Event::TaskPrecommitted { key, miner: from },
                Event::TaskPrecommitEnded { key },
            ]),
            _ => {}
        }
        needs
    }

    /// The task of a miner's step, and the step.
    #[must_use]
    pub const fn step(&self) -> Option<(TaskKey, Step)> {
        match self {
            Self::Ack(key) => Some((*key, Step::Acked)),
            Self::Precommit { key, .. } => Some((*key, Step::Precommitted)),
            Self::Commit { key, .. } => Some((*key, Step::Committed)),
            _ => None,
        }
    }
}

impl Function {
    /// Whether all that its sender asks of its transaction is whether it was included.
    #[must_use]
    pub fn needs_no_events(self) -> bool {
        matches!(self, Self::ACK | Self::PRECOMMIT)
    }
}

/// The identity of a task's assignment.
const fn assigned(key: TaskKey) -> Event {
    Event::TaskAssigned {
        key,
        miners: Vec::new(),
    }
}

/// The identity of a session's opening.
const fn opened(session: u64) -> Event {
    Event::SessionCreated {
        session,
        owner: Address::ZERO,
        miners: Vec::new(),
    }
}

/// `1 miner`, `2 miners`
fn count(number: usize, what: &str) -> String {
    let plural = if number == 1 { "" } else { "s" };
    format!("{number} {what}{plural}")
}
