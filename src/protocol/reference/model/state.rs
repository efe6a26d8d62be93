//! The model's state of sessions and tasks.

use std::collections::BTreeMap;

use alloy::primitives::{Address, B256, U256, keccak256};

use crate::protocol::{NewSession, WindowSeconds};

/// A session, as events and the run's own calls tell.
#[derive(Clone, Debug)]
pub(super) struct Session {
    pub(super) owner: Address,
    /// What it was created or updated with; `None` if somebody else did that.
    pub(super) terms: Option<NewSession>,
    pub(super) active: bool,
    pub(super) dedicated: Vec<Address>,
    /// How many miners it must have, where no event tells which they are.
    pub(super) count: Option<u64>,
    /// The miners that it drew; `None` where no event tells which they are.
    pub(super) ephemeral: Option<Vec<Address>>,
    pub(super) routers: Vec<Address>,
    /// Wei that its owner may withdraw.
    pub(super) available: U256,
    /// Wei kept for open tasks.
    pub(super) reserved: U256,
    /// Tasks queued.
    pub(super) tasks: u64,
    /// How often each miner was assigned since the session's miners or terms last changed.
    pub(super) turns: BTreeMap<Address, u64>,
}

impl Session {
    /// All its miners, if they are known: dedicated ones, then drawn ones.
    pub(super) fn members(&self) -> Option<Vec<Address>> {
        let ephemeral = self.ephemeral.as_ref()?;
        Some(self.dedicated.iter().chain(ephemeral).copied().collect())
    }

    /// Whether its next task draws miners; `false` if that is not known.
    pub(super) fn lacks_miners(&self) -> bool {
        let (Some(members), Some(terms)) = (self.members(), &self.terms) else {
            return false;
        };
        terms.mode != 2 && (members.len() as u64) < terms.min_nodes.max(terms.redundancy)
    }

    /// It has a node no more.
    pub(super) fn release(&mut self, node: B256) {
        let others = |miner: &Address| keccak256(miner) != node;
        self.count = None;
        self.dedicated.retain(others);
        if let Some(ephemeral) = &mut self.ephemeral {
            ephemeral.retain(others);
        }
        self.turns.clear();
    }
}

/// A task, as events tell. Times are block timestamps in seconds.
#[derive(Clone, Debug)]
pub(super) struct Task {
    pub(super) global_id: u64,
    /// Its windows, as they were set when it was queued.
    pub(super) windows: WindowSeconds,
    /// Wei that each miner that commits is paid, as it was set then.
    pub(super) price: U256,
    /// Keccak-256 of its payload.
    pub(super) data: B256,
    pub(super) assigned_at: u64,
    pub(super) seats: Vec<Seat>,
    /// When its ack phase ended, at the latest its deadline; `None` while that is not known.
    pub(super) ack_over: Option<u64>,
    /// The same of its precommit phase.
    pub(super) precommit_over: Option<u64>,
    pub(super) commit_over: bool,
    pub(super) ended_at: Option<u64>,
}

/// A miner's part in a task: when it took each step.
#[derive(Clone, Debug, Default)]
pub(super) struct Seat {
    pub(super) miner: Address,
    pub(super) acked: Option<u64>,
    pub(super) precommitted: Option<u64>,
    /// What it precommitted, where the run sent that itself.
    pub(super) hash: Option<B256>,
    pub(super) committed: Option<u64>,
}

impl Task {
    pub(super) fn seat(&self, miner: Address) -> Option<&Seat> {
        self.seats.iter().find(|seat| seat.miner == miner)
    }

    pub(super) fn seat_mut(&mut self, miner: Address) -> Option<&mut Seat> {
        self.seats.iter_mut().find(|seat| seat.miner == miner)
    }

    /// The number of miners that have acked, precommitted and committed.
    pub(super) fn counts(&self) -> [usize; 3] {
        let count = |reached: fn(&Seat) -> bool| self.seats.iter().filter(|seat| reached(seat)).count();
        [
            count(|seat| seat.acked.is_some()),
            count(|seat| seat.precommitted.is_some()),
            count(|seat| seat.committed.is_some()),
        ]
    }

    /// The miners that precommitted, in the order of assignment; `one_more` counts as one of them.
    pub(super) fn precommitted(&self, one_more: Option<Address>) -> Vec<Address> {
        let has = |seat: &&Seat| seat.precommitted.is_some() || Some(seat.miner) == one_more;
        self.seats.iter().filter(has).map(|seat| seat.miner).collect()
    }

    /// The miners that committed, in the order of assignment; `one_more` counts as one of them.
    pub(super) fn committed(&self, one_more: Option<Address>) -> Vec<Address> {
        let has = |seat: &&Seat| seat.committed.is_some() || Some(seat.miner) == one_more;
        self.seats.iter().filter(has).map(|seat| seat.miner).collect()
    }

    /// The last moment for an ack.
    pub(super) const fn ack_deadline(&self) -> u64 {
        self.assigned_at + self.windows.ack
    }

    /// The last moment for a precommit, whoever ends the ack phase and when.
    pub(super) fn precommit_deadline(&self) -> u64 {
        self.ack_over.unwrap_or_else(|| self.ack_deadline()) + self.windows.precommit
    }

    /// Whether some miner acked, and each that did has precommitted.
    pub(super) fn all_acked_precommitted(&self) -> bool {
        let [acked, precommitted, _] = self.counts();
        acked > 0 && acked == precommitted
    }

    /// When its commit phase began or, where nobody ended the phases before it, begins with a commit at `timestamp`.
    pub(super) fn commit_opening(&self, timestamp: u64) -> Option<u64> {
        let last = self.precommit_deadline();
        let closable = match self.ack_over {
            None => timestamp > self.ack_deadline() && self.all_acked_precommitted(),
            Some(_) => false,
        };
        let overdue = closable || timestamp > last;
        self.precommit_over
            .or_else(|| (overdue && self.counts()[1] > 0).then_some(timestamp.min(last)))
    }

    /// The last moment of the open phase; `None` once the commit phase is over, or if it is not known.
    pub(super) fn deadline(&self) -> Option<u64> {
        if self.commit_over || self.ended_at.is_some() {
            return None;
        }
        Some(match (self.precommit_over, self.ack_over) {
            (Some(at), _) => at + self.windows.commit,
            (None, Some(_)) => self.precommit_deadline(),
            (None, None) => self.ack_deadline(),
        })
    }

    /// The last moment at which miners can do anything for it; 0 once the commit phase is over.
    pub(super) fn last_deadline(&self) -> u64 {
        let Some(open) = self.deadline() else {
            return 0;
        };
        let [acked, precommitted, _] = self.counts();
        let later = match (self.precommit_over, self.ack_over) {
            (Some(_), _) => 0,
            (None, Some(_)) if precommitted > 0 => self.windows.commit,
            (None, None) if acked > 0 => self.windows.precommit + self.windows.commit,
            (None, _) => 0,
        };
        open + later
    }

    /// `TaskStatus` as the contracts number it.
    pub(super) const fn status(&self) -> u8 {
        match self {
            Self {
                ended_at: Some(_), ..
            } => 5,
            Self {
                commit_over: true, ..
            } => 4,
            Self {
                precommit_over: Some(_),
                ..
            } => 3,
            Self {
                ack_over: Some(_), ..
            } => 2,
            _ => 1,
        }
    }
}
