//! The reference protocol as drivers see it: its types, and what its calls, events and reads mean to a run.

use std::collections::{BTreeMap, BTreeSet};

use alloy::{
    json_abi::Function as FunctionAbi,
    primitives::{Address, Bytes},
};
use rand::rngs::ChaCha8Rng;

use super::{
    Call, Contracts, Event, Forbidden, Probe, Query, REFERENCE, ReferenceSetup, Reply, SessionRef, State,
    TaskState, actors::Timer, misbehaviour,
};
use crate::{
    block::{Log, LogPriority},
    protocol::{
        ActorId, Behaviour, Checks, Cue, Deployed, DeployedContracts, Directory, DishonestCall, Function,
        Invariant, Invocation, Owed, Population, Protocol, ProtocolCall, ProtocolEvent, ProtocolQuery,
        ProtocolSchema, Reached, Role, TaskKey, Temptation,
    },
};

/// The reference protocol.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Reference;

/// A call that is tried on a copy of the chain's state.
#[derive(Clone, Debug)]
pub enum Trial {
    /// A call of an actor, of which the model knows what must become of it.
    Probe(Probe),
    /// A call that nobody in a run makes and that must be refused.
    Forbidden(Forbidden),
}

impl Protocol for Reference {
    type Call = Call;
    type Event = Event;
    type Query = Query;
    type Reply = Reply;
    type Timer = Timer;
    type Trial = Trial;
    type Contracts = Contracts;
    type State = State;
    type Setup<'a> = ReferenceSetup<'a>;

    fn deployment(setup: &ReferenceSetup<'_>, first_nonce: u64) -> Result<Deployed<Self>, String> {
        Ok(setup.deployment(first_nonce))
    }

    fn population(setup: &ReferenceSetup<'_>, _: &Contracts) -> Population<Self> {
        setup.population()
    }

    fn state(setup: &ReferenceSetup<'_>, _: &Contracts, checks: Checks) -> State {
        setup.state(checks)
    }

    fn checked(setup: &ReferenceSetup<'_>, reached: Reached) -> BTreeSet<Invariant> {
        setup.checked(reached)
    }
}

impl ProtocolCall for Call {
    type Event = Event;

    fn filler(_: &'static ProtocolSchema) -> Self {
        Self::FillNonce
    }

    fn function(&self) -> Function {
        self.function()
    }

    fn task(&self) -> Option<TaskKey> {
        self.task()
    }

    fn session(&self) -> Option<u64> {
        self.session()
    }

    fn submits_task(&self) -> bool {
        matches!(self, Self::Submit { .. })
    }

    fn needs_no_events(&self) -> bool {
        matches!(self, Self::Ack(_) | Self::Precommit { .. })
    }

    fn needs(&self, from: Address) -> Vec<Event> {
        let mut needs: Vec<Event> = self.session().map(opened).into_iter().collect();
        match *self {
            Self::Ack(key) => needs.push(assigned(key)),
            Self::Precommit { key, .. } => needs.push(Event::TaskAcked { key, miner: from }),
            Self::Commit { key, .. } => needs.extend([
                Event::TaskPrecommitted { key, miner: from },
                Event::TaskPrecommitEnded { key },
            ]),
            _ => {}
        }
        needs
    }
}

impl ProtocolEvent for Event {
    fn task(&self) -> Option<TaskKey> {
        self.task()
    }

    fn session(&self) -> Option<u64> {
        self.session()
    }

    fn opens_task(&self) -> bool {
        matches!(self, Self::TaskQueued { .. })
    }

    fn ended_task(&self) -> Option<TaskKey> {
        match self {
            Self::TaskEnded { key, .. } => Some(*key),
            _ => None,
        }
    }

    fn urgent_task(&self) -> Option<TaskKey> {
        match self {
            Self::TaskCommitEnded { key } => Some(*key),
            _ => None,
        }
    }

    fn by(&self) -> Option<Address> {
        match self {
            Self::TaskAcked { miner, .. }
            | Self::TaskPrecommitted { miner, .. }
            | Self::TaskCommitted { miner, .. } => Some(*miner),
            _ => None,
        }
    }

    /// The order of tasks over all sessions may be another after a reorg, and so may be who is drawn or assigned.
    fn identity(&self) -> Self {
        match self {
            Self::TaskQueued { key, data, .. } => Self::TaskQueued {
                key: *key,
                global_id: 0,
                data: *data,
            },
            Self::TaskAssigned { key, .. } => assigned(*key),
            Self::SessionCreated { session, .. } => opened(*session),
            event => event.clone(),
        }
    }

    fn headline(&self) -> Option<String> {
        Some(match self {
            Self::SessionCreated {
                session,
                owner,
                miners,
            } => format!(
                "session {session} created by {owner}, {}",
                count(miners.len(), "miner")
            ),
            Self::TaskAssigned { key, miners } => {
                format!("{key} queued, assigned to {}", count(miners.len(), "miner"))
            }
            Self::TaskEnded { key, miners } => {
                format!("{key} ended with {}", count(miners.len(), "result"))
            }
            _ => return None,
        })
    }
}

impl ProtocolQuery for Query {
    fn task(&self) -> Option<TaskKey> {
        match *self {
            Self::TaskResults(key) | Self::TaskView(key, _) => Some(key),
            _ => None,
        }
    }

    fn outcome_of(&self) -> Option<TaskKey> {
        match *self {
            Self::TaskResults(key) => Some(key),
            _ => None,
        }
    }
}

impl DeployedContracts<Reference> for Contracts {
    fn schema(&self) -> &'static ProtocolSchema {
        REFERENCE
    }

    fn by_name(&self) -> BTreeMap<String, Address> {
        let addresses = self.addresses();
        BTreeMap::from([
            ("NodePool".to_owned(), addresses.node_pool),
            ("SessionV2".to_owned(), addresses.session),
            ("SessionQueueV2".to_owned(), addresses.session_queue),
        ])
    }

    fn log_priority(&self) -> LogPriority {
        self.log_priority()
    }

    fn encode(&self, call: &Call) -> Invocation {
        self.encode(call)
    }

    fn decode_call(&self, from: Address, invocation: &Invocation) -> Option<Call> {
        self.decode_call(from, invocation)
    }

    fn decode(&self, log: &Log) -> Option<Event> {
        self.decode(log)
    }

    fn of_run(&self, event: Event) -> Event {
        self.of_run(event)
    }

    fn decode_error(&self, output: Option<&Bytes>) -> String {
        self.decode_error(output)
    }

    fn encode_query(&self, query: &Query) -> (Option<Address>, Bytes) {
        self.encode_query(*query)
    }

    fn decode_reply(&self, query: &Query, data: &Bytes) -> Result<Reply, String> {
        self.decode_reply(*query, data)
    }

    /// Tasks are shared evenly among the oracles.
    fn watcher(&self, task: TaskKey, actors: &Directory) -> Option<ActorId> {
        let oracles = u64::from(actors.count(Role::ORACLE));
        let index = (task.session + task.task).checked_rem(oracles)?;
        Some(ActorId {
            role: Role::ORACLE,
            index: index as u32,
        })
    }

    fn concerned(&self, event: &Event, state: &State, actors: &Directory, concerned: &mut Vec<ActorId>) {
        match event {
            Event::TaskAssigned { miners, .. } => {
                concerned.extend(miners.iter().filter_map(|miner| actors.at(*miner)));
            }
            Event::TaskPrecommitEnded { key } | Event::TaskEnded { key, .. } => {
                let miners = state.ledger().task(*key).into_iter().flat_map(TaskState::miners);
                concerned.extend(miners.filter_map(|miner| actors.at(miner)));
                if matches!(event, Event::TaskEnded { .. }) {
                    concerned.extend(state.owner_of(key.session).and_then(|owner| actors.at(owner)));
                }
            }
            _ => {}
        }
    }

    /// Who is assigned stands in the event itself, who else is concerned in the ledger's task.
    fn can_route(&self, event: &Event, state: &State) -> bool {
        matches!(event, Event::TaskAssigned { .. })
            || event.task().is_some_and(|key| state.ledger().task(key).is_some())
    }

    fn is_asked_for(&self, task: TaskKey, state: &State, actors: &Directory) -> bool {
        let owner = state.owner_of(task.session);
        owner.is_some_and(|owner| actors.at(owner).is_some())
    }

    fn renumbers(&self) -> bool {
        self.renumbers()
    }

    fn is_complete(&self) -> bool {
        self.has_all_sessions()
    }

    fn may_open(&self, call: &Call) -> bool {
        matches!(call, Call::Create(_))
    }

    fn opened(&mut self, event: &Event, known: Option<u64>) -> Option<u64> {
        match event {
            Event::SessionCreated { session, .. } => Some(self.session_opened(*session, known)),
            _ => None,
        }
    }

    fn undone(&mut self, event: &Event, actors: &Directory) {
        if let Event::SessionCreated { session, owner, .. } = event {
            self.session_undone(*session, actors.at(*owner).is_some());
        }
    }

    fn session_on_chain(&self, call: &Call) -> Option<u64> {
        self.session_of(call)
    }

    fn made_for(&self, call: &Call, session: u64) -> Call {
        let mut made = call.clone();
        if let Some(named) = made.session_mut() {
            *named = self.session_of_run(session);
        }
        made
    }

    fn name_on_chain(&self, session: &mut Option<u64>, task: &mut Option<TaskKey>) {
        self.name_on_chain(session, task);
    }

    fn function_abi(&self, invocation: &Invocation) -> Option<FunctionAbi> {
        self.abi_of(invocation)
    }

    fn dishonest(
        &self,
        tempting: &mut Temptation<'_, Reference>,
        random: &mut ChaCha8Rng,
    ) -> Option<Vec<DishonestCall<Reference>>> {
        misbehaviour::dishonest(self, tempting, random)
    }

    /// The end of the precommit phase: a miner that has precommitted reveals.
    fn cues(&self, tempting: &Temptation<'_, Reference>, _: &mut ChaCha8Rng) -> Vec<Cue<Reference>> {
        match (tempting.behaviour, tempting.call) {
            (Behaviour::Early, Call::Precommit { key, .. }) => {
                vec![Cue::Event(Event::TaskPrecommitEnded { key: *key })]
            }
            _ => Vec::new(),
        }
    }

    /// The model judges what is in a block; this is what is certain before.
    fn owed(&self, _: Behaviour, from: Address, call: &Call, edited: bool, state: &State) -> Owed {
        if !edited && state.must_refuse(from, call) {
            Owed::MustBeRefused
        } else {
            Owed::MayBeAccepted
        }
    }
}

/// The identity of a task's assignment.
const fn assigned(key: TaskKey) -> Event {
    Event::TaskAssigned {
        key,
        miners: Vec::new(),
    }
}

/// The identity of a session's opening.
const fn opened(session: u64) -> Event {
    Event::SessionCreated {
        session,
        owner: Address::ZERO,
        miners: Vec::new(),
    }
}

/// `1 miner`, `2 miners`
fn count(number: usize, what: &str) -> String {
    let plural = if number == 1 { "" } else { "s" };
    format!("{number} {what}{plural}")
}
