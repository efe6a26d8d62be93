//! The oracle: ends tasks whose commit phase ended, and closes what miners did not finish in time.

use std::{collections::BTreeSet, time::Duration};

use alloy::primitives::map::HashMap;

use super::{Action, Actor, Input, OraclePlan, Outbox, Reference, Timer};
use crate::{
    protocol::{Call, Event, State, TaskKey, TxOutcome, WindowSeconds},
    time::Micros,
};

/// An oracle of a run. It watches the tasks whose events the driver gives it.
#[derive(Debug)]
pub struct Oracle {
    check_interval: Duration,
    windows: WindowSeconds,
    tasks: HashMap<TaskKey, Watch>,
    /// Tasks in the order of the deadline that their open phase has, in seconds since the Unix epoch.
    deadlines: BTreeSet<(u64, TaskKey)>,
    chain_time: u64,
}

/// What an oracle knows of a task.
#[derive(Debug)]
struct Watch {
    open: Open,
    deadline: u64,
    /// Miners that have not acked.
    silent: usize,
    acks: usize,
    precommits: usize,
    /// Whether a transaction of the oracle's that closes the open phase is under way.
    closing: bool,
    /// How often closing the open phase failed, and until when it is not tried again.
    failures: u32,
    not_before: Micros,
}

/// The longest pause between two attempts to close a phase.
const LONGEST_PAUSE: Duration = Duration::from_secs(30);

/// The phase that a task has open.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Open {
    Ack,
    Precommit,
    Commit,
    End,
}

impl Oracle {
    /// An oracle that follows `plan` on contracts with these windows.
    #[must_use]
    pub fn new(plan: &OraclePlan, windows: WindowSeconds) -> Self {
        Self {
            check_interval: plan.check_interval,
            windows,
            tasks: HashMap::default(),
            deadlines: BTreeSet::new(),
            chain_time: 0,
        }
    }

    fn assigned(&mut self, key: TaskKey, miners: usize, at: u64) {
        let deadline = at + self.windows.ack;
        self.tasks.insert(
            key,
            Watch {
                open: Open::Ack,
                deadline,
                silent: miners,
                acks: 0,
                precommits: 0,
                closing: false,
                failures: 0,
                not_before: Micros::ZERO,
            },
        );
        self.deadlines.insert((deadline, key));
    }

    fn acked(&mut self, key: TaskKey, at: u64) {
        let Some(watch) = self.tasks.get_mut(&key) else {
            return;
        };
        watch.acks += 1;
        watch.silent = watch.silent.saturating_sub(1);
        if watch.silent == 0 {
            self.open(key, Open::Precommit, at + self.windows.precommit);
        }
    }

    /// Notes that a phase is open until `deadline`, and its predecessor closed. Returns whether that is news: some
    /// events come twice, the first time before those that led to them.
    fn open(&mut self, key: TaskKey, open: Open, deadline: u64) -> bool {
        let Some(watch) = self.tasks.get_mut(&key).filter(|watch| watch.open < open) else {
            return false;
        };
        self.deadlines.remove(&(watch.deadline, key));
        self.deadlines.insert((deadline, key));
        watch.open = open;
        watch.deadline = deadline;
        watch.closing = false;
        watch.failures = 0;
        watch.not_before = Micros::ZERO;
        true
    }

    /// An event is taken back. A phase that is open again has its whole window from now on, as far as is known here: the
    /// contracts know better, and closing it too early or late costs an attempt.
    fn undone(&mut self, event: &Event) {
        let time = self.chain_time;
        match event {
            Event::TaskAssigned { key, .. } => self.forget(*key),
            Event::TaskAcked { key, .. } => {
                if let Some(watch) = self.tasks.get_mut(key) {
                    watch.acks = watch.acks.saturating_sub(1);
                    watch.silent += 1;
                    self.reopen(*key, Open::Ack, time + self.windows.ack);
                }
            }
            Event::TaskPrecommitted { key, .. } => {
                if let Some(watch) = self.tasks.get_mut(key) {
                    watch.precommits = watch.precommits.saturating_sub(1);
                }
            }
            Event::TaskPrecommitEnded { key } => {
                self.reopen(*key, Open::Precommit, time + self.windows.precommit);
            }
            Event::TaskCommitEnded { key } => self.reopen(*key, Open::Commit, time + self.windows.commit),
            Event::TaskEnded { key, .. } => {
                // Its end is under way again. How many acked and precommitted is known no more, but that some did.
                let watch = Watch {
                    open: Open::End,
                    deadline: time,
                    silent: 0,
                    acks: 1,
                    precommits: 1,
                    closing: true,
                    failures: 0,
                    not_before: Micros::ZERO,
                };
                self.deadlines.insert((time, *key));
                self.tasks.insert(*key, watch);
            }
            _ => {}
        }
    }

    /// Goes back to a phase that was over.
    fn reopen(&mut self, key: TaskKey, open: Open, deadline: u64) {
        if let Some(watch) = self.tasks.get_mut(&key).filter(|watch| watch.open > open) {
            self.deadlines.remove(&(watch.deadline, key));
            self.deadlines.insert((deadline, key));
            watch.open = open;
            watch.deadline = deadline;
            watch.closing = false;
        }
    }

    fn forget(&mut self, key: TaskKey) {
        if let Some(watch) = self.tasks.remove(&key) {
            self.deadlines.remove(&(watch.deadline, key));
        }
    }

    fn end(&mut self, now: Micros, key: TaskKey, at: u64, actions: &mut Vec<Action>) {
        if self.open(key, Open::End, at)
            && let Some(watch) = self.tasks.get_mut(&key)
        {
            watch.closing = true;
            actions.send(now, Call::End { key, force: false });
        }
    }

    /// Closes every phase whose deadline the chain has passed, unless a closing is under way.
    fn check(&mut self, now: Micros, actions: &mut Vec<Action>) {
        for &(_, key) in self
            .deadlines
            .range(..(self.chain_time, TaskKey { session: 0, task: 0 }))
        {
            let Some(watch) = self.tasks.get_mut(&key) else {
                continue;
            };
            if now >= watch.not_before && !std::mem::replace(&mut watch.closing, true) {
                actions.send(now, watch.closing_call(key));
            }
        }
        actions.wake(now + self.check_interval, Timer::Check);
    }

    /// A closing that failed is tried again at the next check, and later each time that it fails again. The end of an ack phase has no event of its own and
    /// moves the task on here: it is over, too, when an overdue phase cannot be closed, since then somebody else has.
    fn closed(&mut self, now: Micros, call: &Call, outcome: &TxOutcome) {
        let Some(key) = call.task() else { return };
        let Some(watch) = self.tasks.get_mut(&key) else {
            return;
        };
        let is_closed = matches!(outcome, TxOutcome::Included | TxOutcome::Reverted(_));
        if matches!(call, Call::EndAck(_)) && watch.open == Open::Ack && is_closed {
            self.open(key, Open::Precommit, self.chain_time + self.windows.precommit);
        } else if *outcome != TxOutcome::Included && watch.open.closed_by(call) {
            // One that lost the race against a miner's transaction was for a phase that is over: what closes the
            // phase that followed may be under way by now.
            watch.closing = false;
            if watch.failures > 0 {
                let pause = self.check_interval.saturating_mul(1 << watch.failures.min(16));
                watch.not_before = now + pause.min(LONGEST_PAUSE.max(self.check_interval));
            }
            watch.failures += 1;
        }
    }
}

impl Open {
    /// Whether `call` was meant to close this phase.
    fn closed_by(self, call: &Call) -> bool {
        match call {
            Call::EndAck(_) => self == Self::Ack,
            Call::EndPrecommit(_) => self == Self::Precommit,
            Call::EndCommit(_) => self == Self::Commit,
            Call::End { force: false, .. } => self == Self::End,
            Call::End { force: true, .. } => matches!(self, Self::Ack | Self::Precommit),
            _ => false,
        }
    }
}

impl Watch {
    /// What closes the open phase; the task itself where no miner can do anything for it any more.
    fn closing_call(&self, key: TaskKey) -> Call {
        match self.open {
            Open::Ack if self.acks == 0 => Call::End { key, force: true },
            Open::Precommit if self.precommits == 0 => Call::End { key, force: true },
            Open::Ack => Call::EndAck(key),
            Open::Precommit => Call::EndPrecommit(key),
            Open::Commit => Call::EndCommit(key),
            Open::End => Call::End { key, force: false },
        }
    }
}

impl Actor<Reference> for Oracle {
    fn step(&mut self, now: Micros, input: Input<'_>, _: &State, actions: &mut Vec<Action>) {
        match input {
            Input::Begin | Input::Timer(Timer::Check) => self.check(now, actions),
            Input::ChainTime(at) => self.chain_time = at,
            Input::Event(Event::TaskAssigned { key, miners }, at) => self.assigned(*key, miners.len(), at),
            Input::Event(Event::TaskAcked { key, .. }, at) => self.acked(*key, at),
            Input::Event(Event::TaskPrecommitted { key, .. }, _) => {
                if let Some(watch) = self.tasks.get_mut(key) {
                    watch.precommits += 1;
                }
            }
            Input::Event(Event::TaskPrecommitEnded { key }, at) => {
                self.open(*key, Open::Commit, at + self.windows.commit);
            }
            Input::Event(Event::TaskCommitEnded { key }, at) => self.end(now, *key, at, actions),
            Input::Event(Event::TaskEnded { key, .. }, _) => self.forget(*key),
            Input::Undone(event) => self.undone(event),
            Input::Outcome(call, outcome, _) => self.closed(now, call, outcome),
            _ => {}
        }
    }
}
