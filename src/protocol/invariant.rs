//! Invariants of the protocol, and the report of violations.

use std::fmt;

use serde::{Deserialize, Serialize};

use super::TaskKey;

/// A rule of the protocol that no run may break.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Invariant {
    /// I1: a miner's ack, precommit and commit on a task happen once each, in that order, by an assigned miner.
    Order,
    /// I2: a committed result hashes to that miner's own precommit.
    Binding,
    /// I3: no commit is accepted before the task's precommit phase ended.
    Hiding,
    /// I4: a task ends exactly once, nothing about it changes afterwards, and its results are the accepted commits.
    Finality,
    /// I5: a reserved miner belongs to one session at a time.
    Reservation,
    /// I6: deposits = payouts + withdrawals + balances, to the wei.
    Conservation,
    /// I7: with one live oracle, every queued task ends by its last deadline plus a bounded slack.
    Liveness,
    /// I8: global ids are unique and dense; task ids are dense within a session.
    Identity,
    /// I9: what clients saw in events equals what the chain's state says.
    Agreement,
    /// I10: an accepted call emits exactly its events, with the arguments that it must.
    Events,
    /// I11: only a session's owner, an oracle, or the node itself does what is theirs to do.
    Authority,
    /// I12: a task is assigned to as many different miners of its session as it asks for, dedicated ones first, in turns.
    Assignment,
    /// I13: an accepted action lies in its phase and within its window.
    Windows,
    /// I14: each session and each miner has what its deposits, tasks and withdrawals come to.
    Payment,
    /// I15: the session contract holds the wei that sessions and miners have.
    Solvency,
    /// I16: what the chain says of a task or session is what its events came to.
    State,
    /// I17: what the protocol allows is not refused.
    Refusals,
}

impl Invariant {
    /// The invariant's short name, `I1` to `I17`.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::Order => "I1",
            Self::Binding => "I2",
            Self::Hiding => "I3",
            Self::Finality => "I4",
            Self::Reservation => "I5",
            Self::Conservation => "I6",
            Self::Liveness => "I7",
            Self::Identity => "I8",
            Self::Agreement => "I9",
            Self::Events => "I10",
            Self::Authority => "I11",
            Self::Assignment => "I12",
            Self::Windows => "I13",
            Self::Payment => "I14",
            Self::Solvency => "I15",
            Self::State => "I16",
            Self::Refusals => "I17",
        }
    }

    /// What must hold, in a sentence.
    #[must_use]
    pub const fn statement(self) -> &'static str {
        match self {
            Self::Order => {
                "A miner's ack, precommit and commit on a task happen once each, in that order, by an assigned miner."
            }
            Self::Binding => "A committed result hashes to that miner's own precommit.",
            Self::Hiding => "No commit is accepted before the task's precommit phase ended.",
            Self::Finality => {
                "A task ends exactly once, nothing about it changes afterwards, and its results are the accepted commits."
            }
            Self::Reservation => "A reserved miner belongs to one session at a time.",
            Self::Conservation => "Deposits = payouts + withdrawals + balances, to the wei.",
            Self::Liveness => {
                "With one live oracle, every queued task ends by its last deadline plus a bounded slack."
            }
            Self::Identity => "Global ids are unique and dense; task ids are dense within a session.",
            Self::Agreement => "The events seen by clients agree with the chain's state.",
            Self::Events => "An accepted call emits exactly its events, with the arguments that it must.",
            Self::Authority => {
                "Only the session's owner, an oracle or the node itself performs its privileged actions."
            }
            Self::Assignment => {
                "A task is assigned to as many different miners of its session as it asks for, dedicated ones first, in turns."
            }
            Self::Windows => "An accepted action lies in its phase and within its window.",
            Self::Payment => {
                "The balance of each session and miner equals its deposits less payments and withdrawals."
            }
            Self::Solvency => "The session contract holds the wei that sessions and miners have.",
            Self::State => "The chain's state of a task or session agrees with its events.",
            Self::Refusals => "What the protocol allows is not refused.",
        }
    }
}

/// An invariant that did not hold, and where.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Violation {
    /// Which rule.
    pub invariant: Invariant,
    /// The task that it was seen on, if it was one.
    pub task: Option<TaskKey>,
    /// What was seen, for people.
    pub detail: String,
}

impl fmt::Display for Violation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: ", self.invariant.code())?;
        if let Some(task) = self.task {
            write!(f, "{task}: ")?;
        }
        f.write_str(&self.detail)
    }
}
