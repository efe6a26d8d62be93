//! A look at the model for those that plan with it: what there is, and what the contracts must take.

use alloy::primitives::{Address, B256, U256};

use super::{Model, refusal::CallVerdict, state::Task};
use crate::protocol::{Call, TaskKey};

/// A miner's part in a task.
#[derive(Clone, Copy, Debug)]
pub(in crate::protocol::reference) struct SeatLook {
    pub(in crate::protocol::reference) miner: Address,
    pub(in crate::protocol::reference) acked: bool,
    /// What it precommitted, if it did and that is known.
    pub(in crate::protocol::reference) hash: Option<B256>,
    pub(in crate::protocol::reference) precommitted: bool,
    pub(in crate::protocol::reference) committed: bool,
}

/// A session.
#[derive(Clone, Debug)]
pub(in crate::protocol::reference) struct SessionLook {
    pub(in crate::protocol::reference) id: u64,
    pub(in crate::protocol::reference) owner: Address,
    pub(in crate::protocol::reference) active: bool,
    /// 0 ephemeral, 1 hybrid, 2 dedicated; `None` if that is not known.
    pub(in crate::protocol::reference) mode: Option<u8>,
    pub(in crate::protocol::reference) dedicated: Vec<Address>,
    pub(in crate::protocol::reference) members: Vec<Address>,
    pub(in crate::protocol::reference) routers: Vec<Address>,
    /// Wei that its owner may withdraw.
    pub(in crate::protocol::reference) available: U256,
    /// Wei that its next task takes.
    pub(in crate::protocol::reference) cost: U256,
}

impl Model {
    /// The tasks that have not ended, in the order of their global ids.
    pub(in crate::protocol::reference) fn open_tasks(&self) -> Vec<TaskKey> {
        self.tasks_where(|task| task.ended_at.is_none())
    }

    /// All tasks that are known, in the order of their global ids.
    pub(in crate::protocol::reference) fn all_tasks(&self) -> Vec<TaskKey> {
        self.tasks_where(|_| true)
    }

    fn tasks_where(&self, is_meant: impl Fn(&Task) -> bool) -> Vec<TaskKey> {
        let meant = self.tasks.iter().filter(|(_, task)| is_meant(task));
        let mut tasks: Vec<_> = meant.map(|(key, task)| (task.global_id, *key)).collect();
        tasks.sort_unstable();
        tasks.into_iter().map(|(_, key)| key).collect()
    }

    /// The miners of a task.
    pub(in crate::protocol::reference) fn seats(&self, key: TaskKey) -> Vec<SeatLook> {
        let seats = self.tasks.get(&key).into_iter().flat_map(|task| &task.seats);
        let look = seats.map(|seat| SeatLook {
            miner: seat.miner,
            acked: seat.acked.is_some(),
            hash: seat.hash,
            precommitted: seat.precommitted.is_some(),
            committed: seat.committed.is_some(),
        });
        look.collect()
    }

    /// The last moment of a task's open phase, of its precommits, and of all that miners can do, in seconds; 0 for none.
    pub(in crate::protocol::reference) fn edges(&self, key: TaskKey) -> [u64; 3] {
        self.tasks.get(&key).map_or([0; 3], |task| {
            [
                task.deadline().unwrap_or(0),
                task.precommit_deadline(),
                task.last_deadline(),
            ]
        })
    }

    /// The ids of all sessions, in order.
    pub(in crate::protocol::reference) fn session_ids(&self) -> impl Iterator<Item = u64> {
        self.sessions.keys().copied()
    }

    /// All sessions, in the order of their ids.
    pub(in crate::protocol::reference) fn sessions(&self) -> Vec<SessionLook> {
        let look = self.sessions.iter().map(|(id, session)| {
            let terms = session.terms.as_ref();
            SessionLook {
                id: *id,
                owner: session.owner,
                active: session.active,
                mode: terms.map(|terms| terms.mode),
                dedicated: session.dedicated.clone(),
                members: session.members().unwrap_or_default(),
                routers: session.routers.clone(),
                available: session.available,
                cost: terms
                    .map_or(U256::ZERO, |terms| U256::from(terms.redundancy))
                    .saturating_mul(self.rules.price),
            }
        });
        look.collect()
    }

    /// Whether a miner is in the pool.
    pub(in crate::protocol::reference) fn is_registered(&self, miner: Address) -> bool {
        self.registered.contains(&miner)
    }

    /// The owner whose dedicated node a miner lets itself be.
    pub(in crate::protocol::reference) fn consent(&self, miner: Address) -> Option<Address> {
        self.consents.get(&miner).copied()
    }

    /// Wei that a miner may withdraw.
    pub(in crate::protocol::reference) fn earned(&self, miner: Address) -> U256 {
        self.earnings.get(&miner).copied().unwrap_or_default()
    }

    /// Whether the contracts may take a call from `from` in a block of this timestamp, as far as the model knows.
    pub(in crate::protocol::reference) fn may_accept(
        &self,
        from: Address,
        call: &Call,
        timestamp: u64,
    ) -> bool {
        !matches!(self.verdict(from, call, timestamp), CallVerdict::Refuse(_))
    }

    /// What a task has in common with others that are as far: its phase, how many did what, and where the time is between its
    /// deadlines.
    pub(in crate::protocol::reference) fn shape(&self, key: TaskKey, timestamp: u64) -> Vec<u64> {
        let Some(task) = self.tasks.get(&key) else {
            return Vec::new();
        };
        let counts = task.counts().map(|count| count.min(3) as u64);
        let seats = task.seats.len().min(4) as u64;
        let place = |edge: u64| match timestamp.cmp(&edge) {
            std::cmp::Ordering::Less => 0,
            std::cmp::Ordering::Equal => 1,
            std::cmp::Ordering::Greater => 2,
        };
        let session = self.sessions.get(&key.session);
        let session = session.map_or(2, |session| u64::from(session.active));
        let facts = [u64::from(task.status()), session, u64::from(task.price.is_zero())];
        let places = self.edges(key).map(place);
        facts
            .into_iter()
            .chain(places)
            .chain(counts)
            .chain([seats])
            .collect()
    }
}
