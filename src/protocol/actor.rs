//! Actors: plain state machines, *(time, input) → actions*. They know no clock, socket, thread or global
//! generator, so the same actors run in wall-clock and in virtual time.

use std::fmt::Debug;

use super::{Invocation, Misdeed, Protocol, PublicTransaction, TxOutcome};
use crate::time::Micros;

/// A state machine that takes part in a run.
///
/// A driver calls [`Actor::step`] with whatever concerns the actor and carries out the actions.
///
/// # Example
/// A miner that registers, and acks every task a fixed time after it is assigned.
/// ```
/// use std::time::Duration;
///
/// use taskstorm::{
///     protocol::{Action, Actor, Call, Event, Input, Reference, State, TaskKey, Timer},
///     time::Micros,
/// };
///
/// #[derive(Debug)]
/// struct Acker {
///     delay: Duration,
/// }
///
/// impl Actor<Reference> for Acker {
///     fn step(&mut self, now: Micros, input: Input<'_, Reference>, _: &State, actions: &mut Vec<Action<Reference>>) {
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
/// let (mut actions, chain) = (Vec::new(), State::default());
/// let assigned = Event::TaskAssigned { key, miners: Vec::new() };
/// acker.step(Micros(1_000_000), Input::Event(&assigned, 1_767_225_601), &chain, &mut actions);
/// assert_eq!(actions, [Action::SetTimer(Micros(1_050_000), Timer::Ack(key))]);
///
/// // The timer expires: the ack is meant for that moment, however late the driver is.
/// actions.clear();
/// acker.step(Micros(1_050_000), Input::Timer(Timer::Ack(key)), &chain, &mut actions);
/// assert_eq!(actions, [Action::Send { call: Call::Ack(key), intended: Micros(1_050_000) }]);
/// ```
pub trait Actor<P: Protocol>: Debug + Send {
    /// Takes one input at `now` and says what to do about it.
    ///
    /// `now` is the moment the input became true: for a timer the moment it was set for, for anything in a block the
    /// moment that block was seen. Delays count from there, so a driver that runs late shows up as lateness and does
    /// not move what was intended.
    ///
    /// `chain` is what the events of all blocks came to, as every client can know it.
    fn step(&mut self, now: Micros, input: Input<'_, P>, chain: &P::State, actions: &mut Vec<Action<P>>);

    /// How far each of its random streams was drawn, in words of 32 bits: two runs of one seed that drew differently differ
    /// here.
    fn drawn(&self) -> Vec<u128> {
        Vec::new()
    }

    /// Whether it does what its protocol asks of it.
    fn is_honest(&self) -> bool {
        true
    }

    /// Whether it reads the transactions of others in the mempool.
    fn watches_mempool(&self) -> bool {
        false
    }
}

/// An input of an actor.
#[derive(Debug)]
pub enum Input<'a, P: Protocol> {
    /// Its setup begins: register, open sessions.
    SetUp,
    /// The load begins: from now on tasks are submitted.
    Begin,
    /// An event that concerns it, and the timestamp of its block in seconds since the Unix epoch.
    Event(&'a P::Event, u64),
    /// A task that it meant to submit to this session was dropped: too many are in flight.
    Dropped {
        /// The session's id.
        session: u64,
    },
    /// An event of which it was notified was in a block which is no longer the chain's. It may come back. Only watchers of
    /// tasks are notified.
    Undone(&'a P::Event),
    /// Every task is over: what goes on beside them ends.
    Close,
    /// A transaction that it asked for came to its end, with the events that it caused.
    Outcome(&'a P::Call, &'a TxOutcome, &'a [P::Event]),
    /// A timer that it set expired, or the chain came to a moment that the protocol has it act at.
    Timer(P::Timer),
    /// What a read that it asked for came to.
    Reply(&'a P::Query, Result<&'a P::Reply, &'a str>),
    /// The chain reached this timestamp (seconds since the Unix epoch). Only watchers of tasks are notified.
    ChainTime(u64),
    /// An honest transaction of somebody else was taken into the mempool. Only actors that watch it are notified.
    Seen(&'a PublicTransaction<P>),
}

impl<P: Protocol> Clone for Input<'_, P> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<P: Protocol> Copy for Input<'_, P> {}

/// What an actor wants done.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Action<P: Protocol> {
    /// Send a transaction that was meant to go out at `intended`.
    Send {
        /// The call.
        call: P::Call,
        /// When it was meant to be sent.
        intended: Micros,
    },
    /// Submit a task that no transaction carries: it is signed off the chain, and open from `intended` on.
    Announce {
        /// The submission, as a call that is not made.
        call: P::Call,
        /// When it was meant to be signed.
        intended: Micros,
    },
    /// Send a dishonest transaction that was meant to go out at `intended`.
    Misbehave {
        /// The call that it is recorded and routed as.
        call: P::Call,
        /// What is sent in the place of the call's own encoding.
        edited: Option<Invocation>,
        /// When it was meant to be sent.
        intended: Micros,
        /// The behaviour that it follows, and what it is owed.
        misdeed: Misdeed,
        /// Its place among the honest calls.
        place: Place,
    },
    /// Read the latest state. The reply is its own if the query says so; any other is held against what the run saw.
    Read(P::Query),
    /// Wake it at this moment.
    SetTimer(Micros, P::Timer),
    /// It cannot do what it was to do.
    CannotAct {
        /// When it meant to.
        intended: Micros,
        /// Whether it was to submit a task.
        submits: bool,
        /// Why not.
        reason: String,
    },
    /// From now on it submits no task. An actor that submits tasks says so once.
    LoadOver,
}

/// The place of a dishonest call among the honest calls of its actor.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Place {
    /// Beside them: the honest actor does not learn its outcome.
    Beside,
    /// In the place of one: its outcome is that of the honest call.
    Instead,
    /// It is an honest call that an earlier misdeed may have spoilt: a misdeed only if it is refused.
    Consequence,
}

/// The actions that an actor's code reads best with.
pub(crate) trait Outbox<P: Protocol> {
    /// Sends `call`, meant for `intended`.
    fn send(&mut self, intended: Micros, call: P::Call);
    /// Asks to be woken at `at`.
    fn wake(&mut self, at: Micros, timer: P::Timer);
}

impl<P: Protocol> Outbox<P> for Vec<Action<P>> {
    fn send(&mut self, intended: Micros, call: P::Call) {
        self.push(Action::Send { call, intended });
    }

    fn wake(&mut self, at: Micros, timer: P::Timer) {
        self.push(Action::SetTimer(at, timer));
    }
}
