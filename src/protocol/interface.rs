//! The interface between a protocol and whatever drives it.
//!
//! A [`Protocol`] names the types; a value of its [`Protocol::Contracts`] turns calls into calldata and logs into events, and a
//! value of its [`Protocol::State`] is what the events of all blocks come to, held against the protocol's invariants. Neither
//! does I/O. The actors of a protocol are made by it and driven as [`super::Actor`]s. A [`Protocol::Setup`] says how all of them
//! begin.

use std::{
    collections::{BTreeMap, BTreeSet},
    fmt::Debug,
    hash::Hash,
    time::Duration,
};

use alloy::{
    json_abi::Function as FunctionAbi,
    primitives::{Address, Bytes},
};
use rand::rngs::ChaCha8Rng;

use super::{
    ActorId, Behaviour, Cue, Deployed, Directory, DishonestCall, Function, Invariant, Invocation, Owed,
    Population, ProtocolSchema, TaskKey, TaskPhase, Violation,
};
use crate::{
    block::{Log, LogPriority},
    time::Micros,
};

/// A protocol as a driver drives it.
pub trait Protocol: Copy + Debug + Eq + Send + Sync + 'static {
    /// A transaction that an actor wants sent, in the protocol's terms.
    type Call: ProtocolCall<Event = Self::Event>;
    /// An event of the contracts.
    type Event: ProtocolEvent;
    /// A read of the chain's state.
    type Query: ProtocolQuery;
    /// What a read returned.
    type Reply: Clone + Debug + Send + 'static;
    /// What an actor wants to be woken for.
    type Timer: ProtocolTimer;
    /// A call that is tried on a copy of the chain's state, to see that it is accepted or refused as it must be.
    type Trial: Debug + Sync;
    /// The deployed contracts.
    type Contracts: DeployedContracts<Self>;
    /// What the events of all blocks come to.
    type State: ChainState<Self>;
    /// What a run is set to: how the contracts are deployed, and who takes part.
    type Setup<'a>: Copy + Debug + Send + Sync;

    /// The deployment of the contracts by an account whose next nonce is `first_nonce`.
    ///
    /// # Errors
    /// Why the contracts cannot be deployed as the set-up has them.
    fn deployment(setup: &Self::Setup<'_>, first_nonce: u64) -> Result<Deployed<Self>, String>;
    /// The actors, each with its own random streams.
    fn population(setup: &Self::Setup<'_>, contracts: &Self::Contracts) -> Population<Self>;
    /// The state of a chain on which nothing happened.
    fn state(setup: &Self::Setup<'_>, contracts: &Self::Contracts, checks: Checks) -> Self::State;
    /// The invariants that a run was held against.
    fn checked(setup: &Self::Setup<'_>, reached: Reached) -> BTreeSet<Invariant>;
}

/// What a run holds against the invariants as it goes on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Checks {
    /// Events, one against another.
    Events,
    /// Whole transactions, too, against what the contracts must do.
    Transactions {
        /// Whether every transaction comes in the order of execution. On a node, those without events come after the others of
        /// their block.
        in_order: bool,
    },
}

/// How far a run came.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Reached {
    /// Setup was done.
    pub set_up: bool,
    /// All that the chain says at the end was read.
    pub audited: bool,
    /// As of [`Checks::Transactions`].
    pub in_order: bool,
}

/// A transaction that an actor wants sent.
pub trait ProtocolCall: Clone + Debug + Send + 'static {
    /// The events of the same protocol.
    type Event;

    /// The call that does nothing but use up a nonce.
    fn filler(schema: &'static ProtocolSchema) -> Self;
    /// The function that it calls.
    fn function(&self) -> Function;
    /// The task that it is about; `None` before a task has a name.
    fn task(&self) -> Option<TaskKey>;
    /// The session that it is about, if it is about one.
    fn session(&self) -> Option<u64>;
    /// Whether it puts a new task onto the chain.
    fn submits_task(&self) -> bool;
    /// Whether it races with others, so that to revert is no failure.
    fn races(&self) -> bool {
        false
    }
    /// Whether all that its sender needs to learn is that its transaction was included.
    fn needs_no_events(&self) -> bool;
    /// The identities of the events without which the contracts refuse it to `from`.
    fn needs(&self, from: Address) -> Vec<Self::Event>;
}

/// An event of the contracts.
pub trait ProtocolEvent: Clone + Debug + Eq + Hash + Send + 'static {
    /// The task that it is about, if it is about one.
    fn task(&self) -> Option<TaskKey>;
    /// The session that it is about, if it is about one.
    fn session(&self) -> Option<u64>;
    /// Whether it puts a task onto the chain.
    fn opens_task(&self) -> bool;
    /// The task that it ends.
    fn ended_task(&self) -> Option<TaskKey>;
    /// The task that its watcher may answer for at once, before anything else of the block is known.
    fn urgent_task(&self) -> Option<TaskKey>;
    /// The account whose step in a task it tells.
    fn by(&self) -> Option<Address>;
    /// The part of it that is the same if its transaction is included again after a reorg.
    fn identity(&self) -> Self;
    /// A line of a log for people; `None` for the steps on the way.
    fn headline(&self) -> Option<String>;
}

/// A read of the chain's state.
pub trait ProtocolQuery: Clone + Debug + PartialEq + Send + Sync + 'static {
    /// The task that it asks about, if it asks about one.
    fn task(&self) -> Option<TaskKey>;
    /// The task whose outcome it asks for: it waits until the task has ended, and nothing more is asked of the task.
    fn outcome_of(&self) -> Option<TaskKey>;
    /// The actor that wants the reply for itself.
    fn asker(&self) -> Option<ActorId> {
        None
    }
}

/// What an actor wants to be woken for.
pub trait ProtocolTimer: Copy + Debug + Send + 'static {
    /// Whether a task may be submitted then.
    fn submits(self) -> bool;
    /// The timer of the dishonest call with this number.
    fn of_misdeed(number: u64) -> Self;
    /// The number of the dishonest call whose timer it is, if it is one.
    fn misdeed(self) -> Option<u64>;
}

/// The deployed contracts: calls to calldata, logs to events, and which actors an event concerns.
pub trait DeployedContracts<P: Protocol>: Clone + Debug + Send + Sync + 'static {
    /// The schema of the protocol.
    fn schema(&self) -> &'static ProtocolSchema;
    /// The contracts by their names.
    fn by_name(&self) -> BTreeMap<String, Address>;
    /// The contracts that are on the chain before the deployment, each as messages name it.
    fn expected(&self) -> Vec<(String, Address)> {
        Vec::new()
    }
    /// The events that actors want to hear of before the rest of their block.
    fn log_priority(&self) -> LogPriority;
    /// The content of the transaction that makes a call.
    fn encode(&self, call: &P::Call) -> Invocation;
    /// The call that a transaction of `from` makes, in the terms of the run; `None` for one that no actor makes.
    fn decode_call(&self, from: Address, invocation: &Invocation) -> Option<P::Call>;
    /// The event that a log holds, in the chain's terms; `None` for any other log.
    fn decode(&self, log: &Log) -> Option<P::Event>;
    /// An event in the terms of the run: what it is about may have another id there since a reorg.
    fn of_run(&self, event: P::Event) -> P::Event {
        event
    }
    /// The error in a failed transaction's return data; `None` where the node does not tell.
    fn decode_error(&self, output: Option<&Bytes>) -> String;
    /// The event that a call of the run from this account amounts to by what it returned, where no log tells it. `output` is
    /// `None` where the node does not tell what transactions return.
    ///
    /// # Errors
    /// Why it is not known.
    fn returned(
        &self,
        _call: &P::Call,
        _from: Address,
        _output: Option<&Bytes>,
    ) -> Result<Option<P::Event>, String> {
        Ok(None)
    }
    /// The contract (`None` for a program of its own) and the calldata of a read.
    fn encode_query(&self, query: &P::Query) -> (Option<Address>, Bytes);
    /// The reply in a read's return data.
    ///
    /// # Errors
    /// If the data is none.
    fn decode_reply(&self, query: &P::Query, data: &Bytes) -> Result<P::Reply, String>;

    /// The actor that watches a task's deadlines.
    fn watcher(&self, task: TaskKey, actors: &Directory) -> Option<ActorId>;
    /// Adds the actors that an event concerns, beside the task's watcher.
    fn concerned(&self, event: &P::Event, state: &P::State, actors: &Directory, concerned: &mut Vec<ActorId>);
    /// Whether enough is known to say whom an event concerns, before the block's other events are.
    fn can_route(&self, event: &P::Event, state: &P::State) -> bool;
    /// Whether an actor of the run will ask for the outcome of an ended task.
    fn is_asked_for(&self, task: TaskKey, state: &P::State, actors: &Directory) -> bool;

    /// Whether the ids of some sessions may be others on the chain than in the run.
    fn renumbers(&self) -> bool {
        false
    }
    /// Whether every session of the run is on the chain that ever was.
    fn is_complete(&self) -> bool {
        true
    }
    /// Whether a call may open a session.
    fn may_open(&self, _: &P::Call) -> bool {
        false
    }
    /// Takes note of an event in the chain's terms that may open a session, which had the id `known` in the run before a reorg.
    /// Returns the id that it has in the run.
    fn opened(&mut self, _: &P::Event, _known: Option<u64>) -> Option<u64> {
        None
    }
    /// Takes note that the block of an event is no longer the chain's.
    fn undone(&mut self, _: &P::Event, _actors: &Directory) {}
    /// The id on the chain of the session that a call is for.
    fn session_on_chain(&self, _: &P::Call) -> Option<u64> {
        None
    }
    /// The call that was made if it was encoded for the session with this id on the chain.
    fn made_for(&self, call: &P::Call, _session: u64) -> P::Call {
        call.clone()
    }
    /// Gives a session and a task of a record the ids that they have on the chain.
    fn name_on_chain(&self, _session: &mut Option<u64>, _task: &mut Option<TaskKey>) {}

    /// The ABI of the function that a transaction calls; `None` for one of no contract of the protocol.
    fn function_abi(&self, invocation: &Invocation) -> Option<FunctionAbi>;
    /// The calls that a dishonest actor makes on account of a call, in the place of it or beside it; none in its place leave it
    /// out. `None` if the call does not tempt to the behaviour.
    fn dishonest(
        &self,
        tempting: &mut Temptation<'_, P>,
        random: &mut ChaCha8Rng,
    ) -> Option<Vec<DishonestCall<P>>>;
    /// What the honest actor is told too early on account of a call of its own that was accepted, so that it goes on before
    /// it may.
    fn cues(&self, _tempting: &Temptation<'_, P>, _random: &mut ChaCha8Rng) -> Vec<Cue<P>> {
        Vec::new()
    }
    /// What the contracts owe a dishonest call of `from`; `edited` if other calldata is sent than the call's own.
    fn owed(
        &self,
        behaviour: Behaviour,
        from: Address,
        call: &P::Call,
        edited: bool,
        state: &P::State,
    ) -> Owed;
}

/// A call that tempts a dishonest actor: its own, or one of somebody else in the mempool.
#[derive(Debug)]
pub struct Temptation<'a, P: Protocol> {
    /// The behaviour that it tempts to.
    pub behaviour: Behaviour,
    /// The account of the dishonest actor.
    pub actor: Address,
    /// The account that makes the call.
    pub from: Address,
    /// The call.
    pub call: &'a P::Call,
    /// What the events of all blocks come to.
    pub state: &'a P::State,
    /// What the actor noted of the call's task at an earlier misdeed.
    pub note: &'a mut Vec<u8>,
}

/// A block's place in time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct BlockMoment {
    /// Its number.
    pub number: u64,
    /// When it was seen.
    pub seen: Micros,
    /// Its timestamp in seconds since the Unix epoch.
    pub timestamp: u64,
}

/// A transaction in a block.
#[derive(Clone, Copy, Debug)]
pub struct InBlock<'a, P: Protocol> {
    /// When its block was seen.
    pub seen: Micros,
    /// Its block's number.
    pub number: u64,
    /// Its block's timestamp, in seconds since the Unix epoch.
    pub timestamp: u64,
    /// What the run knows of one that it sent itself.
    pub own: Option<OwnTransaction<'a, P>>,
    /// Its events, in their order.
    pub events: &'a [P::Event],
}

/// A transaction of the run's own that is in a block.
#[derive(Debug)]
pub struct OwnTransaction<'a, P: Protocol> {
    /// Its sender.
    pub from: Address,
    /// What it called.
    pub call: &'a P::Call,
    /// The run's number of the task that it submits.
    pub submission: Option<u64>,
    /// The reason why it reverted; `None` if it did not.
    pub reverted: Option<&'a str>,
}

impl<P: Protocol> Clone for OwnTransaction<'_, P> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<P: Protocol> Copy for OwnTransaction<'_, P> {}

/// A task that was submitted without a transaction.
#[derive(Debug)]
pub struct Announced<'a, P: Protocol> {
    /// The account that submits it.
    pub from: Address,
    /// The submission, as a call that is not made.
    pub call: &'a P::Call,
    /// The run's number of the task.
    pub submission: u64,
    /// When.
    pub at: Micros,
}

/// A task as the events have it.
#[derive(Clone, Debug)]
pub struct TaskSummary {
    /// The task.
    pub key: TaskKey,
    /// Its key as the contracts have it, where that is more than [`TaskKey`] says.
    pub name: Option<String>,
    /// Its id over all sessions.
    pub global_id: u64,
    /// The run's own number for its submission; `None` if somebody else submitted it.
    pub submission: Option<u64>,
    /// When the block was seen that brought it onto the chain.
    pub opened: Micros,
    /// When each of the schema's steps was seen.
    pub steps: [Option<Micros>; ProtocolSchema::MOST_STEPS],
    /// When its end was seen.
    pub ended: Option<Micros>,
    /// The schema's counts.
    pub counts: [u32; ProtocolSchema::MOST_COUNTS],
    /// Its phase.
    pub phase: TaskPhase,
    /// The way in which it ended, of the schema's.
    pub outcome: Option<&'static str>,
    /// Why it failed, of one that is over and did.
    pub failure: Option<String>,
}

/// A call to try on a copy of the chain's state.
#[derive(Debug)]
pub struct Trial<P: Protocol> {
    /// The sender.
    pub from: Address,
    /// The call.
    pub invocation: Invocation,
    /// The timestamp of the block to try it in; `None` for that of the latest.
    pub timestamp: Option<u64>,
    /// What must come of it.
    pub subject: P::Trial,
}

/// What the events of all blocks come to: where every task stands, and which invariants did not hold.
pub trait ChainState<P: Protocol>: Clone + Debug + Send {
    /// Enters a transaction of a block, in the order of the chain as far as it is known.
    fn enter(&mut self, contracts: &P::Contracts, transaction: &InBlock<'_, P>);
    /// Takes the state of the chain from `events`, after a reorg. What was read of the chain stays.
    fn replace(&mut self, events: Self);

    /// Enters a task that was submitted without a transaction, and adds the actors that act on account of that.
    fn announce(&mut self, _: &Announced<'_, P>, _actors: &Directory, _due: &mut Vec<(ActorId, P::Timer)>) {}

    /// Takes the tasks that ended since the last time without an event that says so by itself.
    fn take_ended(&mut self) -> Vec<TaskKey> {
        Vec::new()
    }
    /// The chain has come to this block, whose transactions are entered: adds the actors that act on account of that alone.
    fn reach(
        &mut self,
        _: &P::Contracts,
        _actors: &Directory,
        _block: &BlockMoment,
        _due: &mut Vec<(ActorId, P::Timer)>,
    ) {
    }
    /// Whether the submission with this number brought a task onto the chain without an event that says so.
    fn has_opened(&self, _submission: u64) -> bool {
        false
    }
    /// Takes why the submission with this number, which is in a block, could not bring its task onto the chain, though it was to.
    fn take_refused(&mut self, _submission: u64) -> Option<String> {
        None
    }
    /// Takes the reads that what was entered so far asks for.
    fn take_reads(&mut self) -> Vec<P::Query> {
        Vec::new()
    }

    /// Adds the actors that act now that more was read.
    fn resume(&mut self, _actors: &Directory, _due: &mut Vec<(ActorId, P::Timer)>) {}

    /// Drops what would follow from the blocks entered so far: it did when they were new.
    fn discard(&mut self) {
        self.take_violations();
    }

    /// The phase of a task that is on the chain and not closed.
    fn phase(&self, task: TaskKey) -> Option<TaskPhase>;
    /// The number of tasks on the chain that are in a phase now; of the last, how many ended so far.
    fn in_phase(&self, phase: TaskPhase) -> u64;
    /// A task that is not closed.
    fn task(&self, task: TaskKey) -> Option<TaskSummary>;
    /// Forgets a task: nothing more will be asked of it.
    fn close(&mut self, task: TaskKey);
    /// Takes every task out, in the order in which they came onto the chain.
    fn close_all(&mut self) -> Vec<TaskSummary>;
    /// Whether the sender of a call has done already what the call does.
    fn is_done(&self, from: Address, call: &P::Call) -> bool;
    /// Whether the sender of a call has no part any more in the task of the call.
    fn is_dismissed(&self, from: Address, call: &P::Call) -> bool;

    /// The time from the latest block's timestamp to the last moment at which a call is in time; `None` if it has no window,
    /// or none that is known.
    fn window_left(&self, _call: &P::Call) -> Option<Duration> {
        None
    }

    /// Whether there are violations that were not taken.
    fn has_violations(&self) -> bool;
    /// Takes the violations found since the last time.
    fn take_violations(&mut self) -> Vec<Violation>;
    /// Holds the tasks that are still open against the time in which they had to end. What was due before the chain's time
    /// `withheld`, in seconds since the Unix epoch, may have been kept back until then.
    fn check_liveness(&mut self, withheld: u64);

    /// What to read of the chain at the end of a run.
    fn audit(&mut self, actors: &Directory) -> Vec<P::Query>;
    /// Holds a reply against the events. `doubtful` if what it says of a task may be of a history that is undone.
    fn check(&mut self, contracts: &P::Contracts, reply: &P::Reply, doubtful: bool);
    /// Counts a reply of the audit.
    fn found(&mut self, reply: &P::Reply);
    /// Takes note that something could not be read, or that what was read may be of another history.
    fn unreadable(&mut self);
    /// Closes the audit: whether everything could be read.
    fn close_audit(&mut self) -> bool;

    /// What to read and what to try of all that the latest block changed, where reads cost nothing.
    fn inspections(&mut self, contracts: &P::Contracts) -> (Vec<P::Query>, Vec<Trial<P>>);
    /// What is to be read next of what is inspected, on account of what was read.
    fn further_inspections(&mut self) -> Vec<P::Query> {
        Vec::new()
    }
    /// Holds a reply of an inspection against the events.
    fn inspected(&mut self, contracts: &P::Contracts, reply: &P::Reply);
    /// A trial was accepted with these events, or refused for this reason.
    fn tried(&mut self, trial: &Trial<P>, outcome: Result<Vec<P::Event>, &str>);
}
