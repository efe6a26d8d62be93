//! The actors: plain state machines, *(time, input) → actions*. They know no clock, socket, thread or global
//! generator, so the same actors run in wall-clock and in virtual time.

mod manage;
mod miner;
mod oracle;
mod owner;
mod presence;

pub use miner::Miner;
pub use oracle::Oracle;
pub use owner::Owner;

use crate::{
    plan::Duty,
    protocol::{Call, Event, Query, TaskKey},
    record::TxOutcome,
    time::Micros,
};

/// A state machine that takes part in a run.
///
/// A driver calls [`Actor::step`] with whatever concerns the actor and carries out the actions. The drivers of this
/// crate run its own [`Owner`], [`Miner`] and [`Oracle`]; an actor of another kind needs a loop of its own, or a test
/// that steps it by hand as below.
///
/// # Example
/// A miner that registers, and acks every task a fixed time after it is assigned.
/// ```
/// use std::time::Duration;
///
/// use taskstorm::{
///     actor::{Action, Actor, Input, Timer},
///     protocol::{Call, Event, TaskKey},
///     time::Micros,
/// };
///
/// struct Acker {
///     delay: Duration,
/// }
///
/// impl Actor for Acker {
///     fn step(&mut self, now: Micros, input: Input<'_>, actions: &mut Vec<Action>) {
///         let send = |call| Action::Send { call, intended: now };
///         match input {
///             Input::SetUp => actions.push(send(Call::Register)),
///             Input::Event(Event::TaskAssigned { key, .. }, _) => {
///                 actions.push(Action::SetTimer(now + self.delay, Timer::Ack(*key)));
///             }
///             Input::Timer(Timer::Ack(key)) => actions.push(send(Call::Ack(key))),
///             _ => {}
///         }
///     }
/// }
///
/// let mut acker = Acker { delay: Duration::from_millis(50) };
/// let key = TaskKey { session: 0, task: 7 };
///
/// // One second into the run, a block with timestamp 1,767,225,601 assigns the task.
/// let mut actions = Vec::new();
/// let assigned = Event::TaskAssigned { key, miners: Vec::new() };
/// acker.step(Micros(1_000_000), Input::Event(&assigned, 1_767_225_601), &mut actions);
/// assert_eq!(actions, [Action::SetTimer(Micros(1_050_000), Timer::Ack(key))]);
///
/// // The timer expires: the ack is meant for that moment, however late the driver is.
/// actions.clear();
/// acker.step(Micros(1_050_000), Input::Timer(Timer::Ack(key)), &mut actions);
/// assert_eq!(actions, [Action::Send { call: Call::Ack(key), intended: Micros(1_050_000) }]);
/// ```
pub trait Actor {
    /// Takes one input at `now` and says what to do about it.
    ///
    /// `now` is the moment the input became true: for a timer the moment it was set for, for anything in a block the
    /// moment that block was seen. Delays count from there, so a driver that runs late shows up as lateness and does
    /// not move what was intended.
    fn step(&mut self, now: Micros, input: Input<'_>, actions: &mut Vec<Action>);
}

/// An input of an actor.
#[derive(Clone, Copy, Debug)]
pub enum Input<'a> {
    /// Its setup begins: register, open sessions.
    SetUp,
    /// The load begins: from now on tasks are submitted.
    Begin,
    /// An event that concerns it, and the timestamp of its block in seconds since the Unix epoch.
    Event(&'a Event, u64),
    /// A task that it meant to submit to this session was dropped: too many are in flight.
    Dropped {
        /// The session's id.
        session: u64,
    },
    /// An event of which it was notified was in a block which is no longer the chain's. It may come back. Only oracles are notified.
    Undone(&'a Event),
    /// Every task is over: what goes on beside them ends.
    Close,
    /// A transaction that it asked for came to its end, with the events that it caused.
    Outcome(&'a Call, &'a TxOutcome, &'a [Event]),
    /// A timer that it set expired.
    Timer(Timer),
    /// The chain reached this timestamp (seconds since the Unix epoch). Only oracles are notified.
    ChainTime(u64),
}

/// What an actor wants done.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Action {
    /// Send a transaction that was meant to go out at `intended`.
    Send {
        /// The call.
        call: Call,
        /// When it was meant to be sent.
        intended: Micros,
    },
    /// Read the latest state; the driver checks the reply against what the run saw.
    Read(Query),
    /// Wake it at this moment.
    SetTimer(Micros, Timer),
    /// From now on it submits no task. An owner says so once.
    LoadOver,
}

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
}

/// The actions that an actor's code reads best with.
pub(crate) trait Outbox {
    /// Sends `call`, meant for `intended`.
    fn send(&mut self, intended: Micros, call: Call);
    /// Asks to be woken at `at`.
    fn wake(&mut self, at: Micros, timer: Timer);
}

impl Outbox for Vec<Action> {
    fn send(&mut self, intended: Micros, call: Call) {
        self.push(Action::Send { call, intended });
    }

    fn wake(&mut self, at: Micros, timer: Timer) {
        self.push(Action::SetTimer(at, timer));
    }
}
