//! Rules: what actors of a role do, and when.

use std::time::Duration;

use super::{
    expression::{CallTemplate, Expression},
    place::FilePlace,
};
use crate::protocol::{Behaviour, Function};

/// What actors of a role do.
#[derive(Clone, Debug)]
pub struct Rule {
    /// Its name.
    pub name: String,
    /// Where it is in the profile.
    pub at: FilePlace,
    /// Who.
    pub role: usize,
    /// What makes them.
    pub trigger: Trigger,
    /// Which of the role.
    pub who: Who,
    /// How long after.
    pub delay: Option<Delay>,
    /// The probability with which an actor does it; 1 if it always does.
    pub chance: f64,
    /// The phase that the task must be in at the moment of acting; `None` for any, and for one that is over.
    pub during: Option<usize>,
    /// The condition at the moment of acting.
    pub when: Option<Expression>,
    /// What the actor remembers of the task before it calls: place among [`Definition::mine`](super::Definition::mine), value.
    pub lets: Vec<(usize, Expression)>,
    /// The call; of one that is signed off the chain none.
    pub call: CallTemplate,
    /// Whether there is no transaction: the task that it submits is signed off the chain.
    pub is_signed: bool,
    /// Wei sent along.
    pub value: Option<Expression>,
    /// The function and phase that its transactions count under.
    pub function: Function,
    /// The most gas that a call may use; `None` to find out.
    pub gas: Option<u64>,
    /// The key of the task that the call opens, where no event tells it.
    pub opens: Option<Vec<Expression>>,
    /// Whether that key depends on what the call returned.
    pub opens_by_result: bool,
    /// The event among [`Definition::events`](super::Definition::events) that stands for what the call returned; `None` if the rule does not use it.
    pub returned: Option<usize>,
    /// Fields of the task that are set once the call is in a block, where no event tells them.
    pub sets: Vec<(usize, Expression)>,
    /// The phase that the task enters once the call is in a block, where no event tells it.
    pub enters: Option<usize>,
    /// The outcome with which the task ends then.
    pub closes: Option<usize>,
    /// What is remembered once the call is in a block.
    pub remembers: Option<Remember>,
    /// Whether to lose to others is expected: the call may revert.
    pub races: bool,
    /// The behaviours whose calls of it the contract must refuse, whatever happens.
    pub refuses: Vec<Behaviour>,
    /// One call for several tasks; expressions go over them with `list`, `sum` and `count`.
    pub batch: Option<Batch>,
}

impl Rule {
    /// The words of the key of the task that the call opens, of one that is known when the call is made.
    #[must_use]
    pub fn known_key(&self) -> Option<&[Expression]> {
        self.opens.as_deref().filter(|_| !self.opens_by_result)
    }
}

/// What makes an actor act.
#[derive(Clone, Debug)]
pub enum Trigger {
    /// Set-up, before the load.
    SetUp {
        /// The role for every account of which it is repeated.
        for_each: Option<usize>,
        /// The contract, as a place among [`Definition::contracts`](super::Definition::contracts), that is deployed after it; `None` if it comes after all.
        before: Option<usize>,
    },
    /// The load says so: the call submits a task.
    Arrival,
    /// This event.
    Event(usize),
    /// The task enters this phase.
    Entered(usize),
    /// The chain reaches this time, in seconds since the Unix epoch; once more whenever it changes.
    Time(Expression),
    /// The chain reaches this block; once more whenever it changes.
    Block(Expression),
    /// The actor's own call of this rule is in a block.
    Included(usize),
    /// The actor's own call of this rule failed.
    Failed(usize),
    /// So often while the load lasts; about no task.
    Every(Delay),
}

/// Which actors of a role act.
#[derive(Clone, Debug)]
pub enum Who {
    /// All.
    All,
    /// So many, drawn for each task.
    Pick(u32),
    /// The one that submitted the task.
    Opener,
    /// Those that remember something of the task.
    Participants,
    /// Those with these accounts: an address or an array of them.
    Accounts(Expression),
}

/// A delay.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Delay {
    /// That at this place of the role's.
    Named(usize),
    /// A fixed one.
    Fixed(Duration),
}

/// What is remembered of an event of one's own transaction.
#[derive(Clone, Debug)]
pub struct Remember {
    /// The event.
    pub event: usize,
    /// Whether all know it then.
    pub shared: bool,
    /// Places among [`Definition::actor`](super::Definition::actor) or [`Definition::shared`](super::Definition::shared), with their values.
    pub values: Vec<(usize, Expression)>,
}

/// How tasks are gathered for one call.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Batch {
    /// The call is made once so many are there.
    pub size: u32,
    /// And at the latest so long after the first.
    pub wait: Duration,
}
