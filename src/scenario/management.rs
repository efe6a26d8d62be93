//! Session management by owners, and churn of miners.

use alloy::primitives::U256;

use super::units::Rate;

/// What owners of a group do with their sessions while the load goes on. Rates are of the whole group: its owners share
/// them alike, each at random moments of its own (a Poisson process), and take their sessions in turn.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Management {
    /// How often a session is updated: with the terms that it has, which fills it up from the pool.
    pub update: Option<Rate>,
    /// How often money is added to a session.
    pub top_up: Option<Funding>,
    /// How often money is taken out of a session.
    pub withdraw: Option<Funding>,
    /// How often a session's routers change.
    pub routers: Option<Rate>,
    /// How often a session's dedicated nodes rotate: one goes out and another comes in.
    pub dedicated: Option<Rate>,
    /// How often a session is opened in the place of another, which is deactivated.
    pub reopen: Option<Reopening>,
}

impl Management {
    /// Whether there is anything to do.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }

    /// Whether sessions draw miners from the pool while the load goes on.
    #[must_use]
    pub const fn draws(&self) -> bool {
        self.update.is_some() || self.reopen.is_some()
    }
}

/// Money that moves at a rate.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Funding {
    /// How often.
    pub rate: Rate,
    /// Wei each time, more than 0.
    pub amount: U256,
}

/// When a session is opened in the place of another.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reopening {
    /// At a rate.
    Rate(Rate),
    /// After so many tasks were submitted to it, from 1.
    EveryTasks(u64),
}

/// The miners that each session of a group has to itself from the start.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DedicatedNodes {
    /// The name of the group of miners that they come from; its miners stay out of the pool.
    pub group: String,
    /// Miners per session, from 1.
    pub nodes: u32,
}
