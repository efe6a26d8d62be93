//! Session balances: the tasks and the money of each of an owner's sessions.

use alloy::primitives::{U256, map::HashMap};

/// The balances of an owner's sessions, those of the past included.
#[derive(Debug, Default)]
pub(super) struct SessionBalances(HashMap<u64, SessionBalance>);

/// The balances of one session.
#[derive(Debug, Default)]
struct SessionBalance {
    /// Tasks submitted to it.
    submitted: u64,
    /// Those of them that are not over.
    open: u64,
    /// Wei that came in.
    deposited: U256,
    /// Wei that went to miners, or back.
    spent: U256,
    /// The number of times that it was updated.
    revision: u64,
}

impl SessionBalances {
    fn of(&mut self, session: u64) -> &mut SessionBalance {
        self.0.entry(session).or_default()
    }

    /// Tasks of a session that are not over.
    pub(super) fn open(&self, session: u64) -> u64 {
        self.0.get(&session).map_or(0, |balance| balance.open)
    }

    /// A task was submitted to a session; returns how many have been.
    pub(super) fn submitted(&mut self, session: u64) -> u64 {
        let balance = self.of(session);
        balance.open += 1;
        balance.submitted += 1;
        balance.submitted
    }

    /// A task of a session is over, and cost so much.
    pub(super) fn task_over(&mut self, session: u64, paid: U256) {
        let balance = self.of(session);
        balance.open = balance.open.saturating_sub(1);
        balance.spent += paid;
    }

    /// Money came in.
    pub(super) fn deposited(&mut self, session: u64, amount: U256) {
        self.of(session).deposited += amount;
    }

    /// A withdrawal was sent.
    pub(super) fn withdrawn(&mut self, session: u64, amount: U256) {
        self.of(session).spent += amount;
    }

    /// A withdrawal that was sent failed.
    pub(super) fn not_withdrawn(&mut self, session: u64, amount: U256) {
        let balance = self.of(session);
        balance.spent = balance.spent.saturating_sub(amount);
    }

    /// Wei that a session has left once none of its tasks is open.
    pub(super) fn left(&self, session: u64) -> U256 {
        let left = |balance: &SessionBalance| balance.deposited.saturating_sub(balance.spent);
        self.0.get(&session).map_or(U256::ZERO, left)
    }

    /// Wei that a session does not need for its open tasks, at most `task` each.
    pub(super) fn free(&self, session: u64, task: U256) -> U256 {
        let needed = task.saturating_mul(U256::from(self.open(session)));
        self.left(session).saturating_sub(needed)
    }

    /// The metadata of a session's next update.
    pub(super) fn next_revision(&mut self, session: u64) -> String {
        let balance = self.of(session);
        balance.revision += 1;
        format!("revision {}", balance.revision)
    }
}
