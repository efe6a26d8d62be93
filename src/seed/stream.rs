//! Every actor's own source of random choices.

use alloy::primitives::keccak256;
use rand::{SeedableRng, rngs::ChaCha8Rng};

/// What an actor's random streams start from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct StreamSeed([u8; 32]);

impl StreamSeed {
    /// The seed of actor `index` of those that `label` names; unrelated to the actor's key.
    #[must_use]
    pub fn derive(seed: u64, label: &str, index: u32) -> Self {
        Self(super::digest("taskstorm/stream/1", seed, label, index, 0).0)
    }

    /// The seed of the delays between the same actor and the chain; unrelated to its other choices.
    #[must_use]
    pub fn derive_network(seed: u64, label: &str, index: u32) -> Self {
        Self(super::digest("taskstorm/network/1", seed, label, index, 0).0)
    }

    /// The seed of the arrivals of the group with this name, of owners or of a profile's submitting role; unrelated to all
    /// of its members' choices.
    #[must_use]
    pub fn derive_arrivals(seed: u64, group: &str) -> Self {
        Self::derive(seed, &format!("arrivals/{group}"), 0)
    }

    /// The stream from its beginning.
    #[must_use]
    pub fn rng(self) -> ChaCha8Rng {
        ChaCha8Rng::from_seed(self.0)
    }

    /// The stream of one decision, named by these numbers, unrelated to those of all others.
    #[must_use]
    pub fn rng_of_decision(self, numbers: [u64; 4]) -> ChaCha8Rng {
        let mut bytes = self.0.to_vec();
        bytes.extend(numbers.into_iter().flat_map(u64::to_be_bytes));
        ChaCha8Rng::from_seed(keccak256(bytes).0)
    }

    /// The stream of one kind of choices from its beginning, unrelated to those of the other kinds. So the third delay
    /// of a kind is the same however many choices of other kinds come before it.
    #[must_use]
    pub fn rng_of(self, choice: Choice) -> ChaCha8Rng {
        let mut rng = self.rng();
        rng.set_stream(choice as u64);
        rng
    }
}

/// A kind of choices that an actor or a group makes, each with a stream of its own.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Choice {
    /// What a transaction carries: its size and text.
    Content,
    /// How long an ack waits.
    AckDelay,
    /// The duration of work.
    WorkTime,
    /// How long a commit waits.
    CommitDelay,
    /// How long an owner thinks between two tasks.
    ThinkTime,
    /// The points of a group's Poisson arrivals.
    Arrivals,
    /// The states of a group's modulated arrivals.
    Sojourns,
    /// When sessions are updated.
    Update,
    /// When money is added to sessions.
    TopUp,
    /// When money is taken out of sessions.
    Withdraw,
    /// When routers change.
    Routers,
    /// When dedicated nodes are exchanged.
    Dedicated,
    /// When sessions are opened in the place of others.
    Reopen,
    /// When a miner joins for the first time.
    Join,
    /// How long a miner stays.
    Lifetime,
    /// How long a miner is away.
    Absence,
    /// How many miners the tasks of each of an owner's sessions are given to.
    Redundancy,
    /// How many tasks each of an owner's sessions keeps in flight.
    InFlight,
    /// How many tasks a miner works on at once.
    Concurrency,
    /// Which of several ways to submit a task.
    Submission,
    /// Which session of a group submits a task.
    Assignment,
}

/// The random stream of actor `index` of those that `label` names (`miner/<group>`).
#[must_use]
pub fn stream(seed: u64, label: &str, index: u32) -> ChaCha8Rng {
    StreamSeed::derive(seed, label, index).rng()
}
