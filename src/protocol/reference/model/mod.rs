//! A model of the contracts: checks the effects of each transaction against the expected ones.
//!
//! The [`Ledger`](super::Ledger) knows what the events of a task add up to. The model knows more: who may call what and
//! when, which events a call emits, who is assigned, and what every session and miner has. It takes whole transactions
//! in the order of their blocks.

mod apply;
mod check;
mod expected;
mod look;
mod pool;
mod probe;
mod refusal;
mod state;

use std::collections::{BTreeMap, BTreeSet};

use alloy::primitives::{Address, U256, map::HashMap};

pub(super) use self::look::SessionLook;
pub use self::{
    check::{TaskView, TaskViewKind},
    probe::Probe,
};
use self::{
    refusal::CallVerdict,
    state::{Session, Task},
};
use super::{Call, Event, Invariant, Reference, TaskKey, Violation, WindowSeconds};
use crate::protocol::{InBlock, OwnTransaction};

/// A transaction of the run's own that is in a block.
type Own<'a> = OwnTransaction<'a, Reference>;

/// What the contracts were deployed with.
#[derive(Clone, Debug)]
pub struct Rules {
    /// Their windows.
    pub windows: WindowSeconds,
    /// Wei that each miner that commits is paid per task.
    pub price: U256,
    /// Who deployed the contracts.
    pub deployer: Address,
    /// Who may end tasks by force.
    pub oracles: BTreeSet<Address>,
    /// Whether every transaction reaches the model in the order of execution. On a node, transactions without events
    /// come after the others of their block.
    pub in_order: bool,
}

/// The model of the contracts that a run drives.
#[derive(Clone, Debug)]
pub struct Model {
    rules: Rules,
    sessions: BTreeMap<u64, Session>,
    /// The id of the next session; `None` where ids no longer come in the chain's order.
    next_session: Option<u64>,
    /// Tasks that have not ended, and the first that did.
    tasks: HashMap<TaskKey, Task>,
    next_global: u64,
    registered: BTreeSet<Address>,
    /// Whose dedicated node each miner lets itself be.
    consents: BTreeMap<Address, Address>,
    earnings: BTreeMap<Address, U256>,
    /// Who was an oracle once.
    former_oracles: BTreeSet<Address>,
    violations: Vec<Violation>,
}

/// Tasks that are kept when they ended, so that what the chain says of them can be checked.
const KEPT: u64 = 64;
/// How the reason of a revert begins that says nothing of a rule.
const NO_REASON: [&str; 2] = ["no error data", "no revert data"];

impl Model {
    /// A model of contracts that nobody has used yet.
    #[must_use]
    pub fn new(rules: Rules) -> Self {
        Self {
            rules,
            sessions: BTreeMap::new(),
            next_session: Some(0),
            tasks: HashMap::default(),
            next_global: 0,
            registered: BTreeSet::new(),
            consents: BTreeMap::new(),
            earnings: BTreeMap::new(),
            former_oracles: BTreeSet::new(),
            violations: Vec::new(),
        }
    }

    /// A reorg changed ids of sessions: from here on the run's are not the chain's, and the next may be any.
    pub const fn forget_session_order(&mut self) {
        self.next_session = None;
    }

    /// Whether there are violations that were not taken.
    #[must_use]
    pub fn has_violations(&self) -> bool {
        !self.violations.is_empty()
    }

    /// Takes the violations found since the last time.
    pub fn take_violations(&mut self) -> Vec<Violation> {
        std::mem::take(&mut self.violations)
    }

    /// Whether every transaction reaches it in the order of execution.
    #[must_use]
    pub const fn is_in_order(&self) -> bool {
        self.rules.in_order
    }

    /// Enters a transaction of a block.
    pub fn enter(&mut self, transaction: &InBlock<'_, Reference>) {
        let InBlock {
            timestamp,
            own,
            events,
            ..
        } = *transaction;
        if let Some(own) = own {
            self.check_transaction(timestamp, own, events);
        }
        for event in events {
            self.apply(timestamp, own, event);
        }
        if let Some(Own {
            call: Call::EndAck(key),
            reverted: None,
            ..
        }) = own
            && let Some(task) = self.tasks.get_mut(key)
        {
            let over = timestamp.min(task.ack_deadline());
            task.ack_over.get_or_insert(over);
        }
    }

    fn check_transaction(&mut self, timestamp: u64, own: Own<'_>, events: &[Event]) {
        let Own {
            from, call, reverted, ..
        } = own;
        let name = call.function().name();
        let verdict = self.verdict(from, call, timestamp);
        match (reverted, verdict) {
            (None, CallVerdict::Refuse((invariant, why)))
                if self.rules.in_order || !is_order_of_block(&why) =>
            {
                self.broken(
                    invariant,
                    call.task(),
                    format!("{name} of {from} was accepted, must be refused: {why}"),
                );
            }
            (Some(reason), CallVerdict::Accept)
                if self.rules.in_order && !NO_REASON.iter().any(|none| reason.starts_with(none)) =>
            {
                self.broken(
                    Invariant::REFUSALS,
                    call.task(),
                    format!("{name} of {from} must be accepted, was refused: {reason}"),
                );
            }
            _ => {}
        }
        if reverted.is_none()
            && let Some(wrong) = self.wrong_events(from, call, timestamp, events)
        {
            self.broken(
                Invariant::EVENTS,
                call.task(),
                format!("{name} of {from}: {wrong}"),
            );
        }
    }

    fn broken(&mut self, invariant: Invariant, task: Option<TaskKey>, detail: String) {
        self.violations.push(Violation {
            invariant,
            task,
            detail,
        });
    }
}

/// Whether a refusal rests on what transactions without events may have done before in the same block.
fn is_order_of_block(why: &str) -> bool {
    why.contains("is not in its precommit phase")
}
