//! Costs: transactions and gas of tasks, sessions and miners.

use serde::Serialize;

/// Transactions and the gas that they use.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Cost {
    /// The number.
    pub transactions: u64,
    /// Gas of all.
    pub gas: u64,
}

impl Cost {
    pub(super) fn add(&mut self, other: Self) {
        self.transactions = self.transactions.saturating_add(other.transactions);
        self.gas = self.gas.saturating_add(other.gas);
    }

    /// What `real` cost if `sampled` cost this.
    pub(super) fn times(self, real: u64, sampled: u64) -> Self {
        let scale = |number: u64| {
            let scaled = u128::from(number) * u128::from(real) / u128::from(sampled.max(1));
            u64::try_from(scaled).unwrap_or(u64::MAX)
        };
        Self {
            transactions: scale(self.transactions),
            gas: scale(self.gas),
        }
    }
}

/// The setup of a group of owners.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct SessionCost {
    /// What creating all sessions costs.
    pub(super) creates: Cost,
    /// What follows it: deposits and dedicated nodes.
    pub(super) follow_ups: Cost,
}

impl SessionCost {
    /// All of it.
    pub(super) fn total(self) -> Cost {
        let mut total = self.creates;
        total.add(self.follow_ups);
        total
    }
}

/// What a group of owners costs.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct GroupCost {
    /// Tasks that were run.
    pub(super) sampled: u64,
    /// What those cost in all.
    pub(super) per_sample: Cost,
    /// What all sessions of the group cost, with their deposits.
    pub(super) sessions: SessionCost,
    /// What the registration of all miners costs.
    pub(super) miners: Cost,
    /// The duration of a task, in µs; `None` if none ended.
    pub(super) task_us: Option<u64>,
    /// How much longer than its blocks setup took, in µs.
    pub(super) besides_blocks_us: u64,
}

impl GroupCost {
    /// What is so large a `share` of the way from this to `other`.
    pub(super) fn towards(self, other: Self, share: f64) -> Self {
        let between =
            |one: u64, other: u64| (one as f64 + (other as f64 - one as f64) * share).round() as u64;
        let cost = |one: Cost, other: Cost| Cost {
            transactions: between(one.transactions, other.transactions),
            gas: between(one.gas, other.gas),
        };
        Self {
            sampled: self.sampled,
            per_sample: cost(self.per_sample, other.per_sample),
            sessions: SessionCost {
                creates: cost(self.sessions.creates, other.sessions.creates),
                follow_ups: cost(self.sessions.follow_ups, other.sessions.follow_ups),
            },
            miners: cost(self.miners, other.miners),
            task_us: self
                .task_us
                .zip(other.task_us)
                .map(|(one, other)| between(one, other)),
            besides_blocks_us: between(self.besides_blocks_us, other.besides_blocks_us),
        }
    }
}
