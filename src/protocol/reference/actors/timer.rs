//! The timers of the actors.

use super::Duty;
use crate::protocol::{ProtocolTimer, TaskKey};

/// What an actor wants to be woken for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Timer {
    /// An owner's next planned arrival.
    Arrival,
    /// An owner's closed load begins.
    Start,
    /// An owner has thought long enough about the session at this place in its plan.
    Think(u32),
    /// An owner's management of its sessions is due.
    Manage(Duty),
    /// A miner joins, or comes back.
    Join,
    /// A miner's time is over.
    Leave,
    /// A miner's ack is due.
    Ack(TaskKey),
    /// A miner's work is done.
    WorkDone(TaskKey),
    /// A miner's reveal is due.
    Commit(TaskKey),
    /// An oracle's next look at the deadlines.
    Check,
    /// The moment of the dishonest call with this number.
    Misdeed(u64),
}

impl ProtocolTimer for Timer {
    fn submits(self) -> bool {
        matches!(self, Self::Arrival | Self::Start | Self::Think(_))
    }

    fn of_misdeed(number: u64) -> Self {
        Self::Misdeed(number)
    }

    fn misdeed(self) -> Option<u64> {
        match self {
            Self::Misdeed(number) => Some(number),
            _ => None,
        }
    }
}
