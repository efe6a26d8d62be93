//! The state of a profile's tasks as the events tell it, what all and each know, and who is to act next.

mod announce;
mod apply;
mod concerned;
mod finders;
mod invariants;
mod set;
mod task;
mod times;

use std::{
    collections::{BTreeMap, VecDeque},
    sync::Arc,
    time::Duration,
};

use alloy::primitives::{
    Address,
    map::{HashMap, HashSet},
};

pub(super) use self::task::Task;
pub(super) use self::times::Timed;
use self::{apply::Cause, finders::Finders, invariants::Check, set::FieldRead, times::Schedule};
use super::{
    ProfileCall, ProfileContracts, ProfileEvent, ProfileQuery, ProfileReply, Purpose, World,
    protocol::{Profile, ProfileTimer},
    view::View,
    world::task_key,
};
use crate::{
    protocol::{
        ActorId, Announced, BlockMoment, ChainState, Directory, InBlock, Protocol, TaskKey, TaskPhase,
        TaskSummary, Trial, Violation, profile::expression::Value,
    },
    time::Micros,
};

/// How many blocks a task is remembered after its end: who is slow may still act on it.
const REMEMBERED: u64 = 64;

/// What the events of all blocks came to.
#[derive(Clone, Debug)]
pub struct ProfileState {
    world: Arc<World>,
    /// Tasks in the order in which they came onto the chain.
    tasks: BTreeMap<u64, Task>,
    /// The places of tasks there.
    places: HashMap<TaskKey, u64>,
    /// Tasks by the fields that events find them by.
    finders: Finders,
    /// The number of tasks that came onto the chain.
    opened: u64,
    /// Tasks by their phase's place in the schema; of the last, those that ended.
    in_phase: Vec<u64>,
    /// The places of tasks that ended, with the block, as long as they are remembered.
    over: VecDeque<(u64, u64)>,
    /// The contracts that transactions of the run created, each with its address and its place among the contracts.
    created: HashSet<(Address, usize)>,
    shared: Vec<Option<Value>>,
    actors: HashMap<Address, Vec<Option<Value>>>,
    latest: BlockMoment,
    schedule: Schedule,
    /// What made actors act since they last did.
    triggered: Vec<Triggered>,
    /// What waits for fields that say who acts, with its event.
    waiting: Vec<(Triggered, Option<ProfileEvent>)>,
    /// Events since then.
    events: Vec<ProfileEvent>,
    /// Those that actors act on now.
    told: Vec<ProfileEvent>,
    /// Events that were about no task.
    without_task: u64,
    /// Tasks that ended and were not taken.
    ended: Vec<TaskKey>,
    /// Tasks whose submitters do not know that they ended.
    over_now: Vec<TaskKey>,
    /// The submissions of the latest blocks that opened a task without an event, each with its block.
    opened_by: BTreeMap<u64, u64>,
    /// Submissions in blocks whose key is that of a task which is open, with what is said of them.
    refused: BTreeMap<u64, String>,
    /// Their submitters, who do not know it.
    refused_now: Vec<Address>,
    /// Tasks whose key was said by the rule that opened them.
    predicted: u64,
    /// Whether an event was about a task of the run.
    spoken_of: bool,
    /// Fields that wait for reads.
    fields: BTreeMap<u64, FieldRead>,
    /// Events that found no task while a field to find them by waits for reads.
    not_found: Vec<ProfileEvent>,
    next_read: u64,
    /// Reads that were not taken.
    wanted: Vec<ProfileQuery>,
    /// Invariants that wait for reads.
    checks: BTreeMap<u16, Check>,
    violations: Vec<Violation>,
    /// Whether something could not be read in the audit.
    unreadable: bool,
    /// The block to which the chain had come at the latest reorg.
    reorged: Option<u64>,
    /// The block at which invariants were last looked at.
    inspected: u64,
}

/// A rule that was triggered, about a task or not, by an event of [`ProfileState::events`] or not.
#[derive(Clone, Copy, Debug)]
struct Triggered {
    rule: u16,
    task: Option<TaskKey>,
    event: Option<u32>,
    /// What was counted of its task before, from which `pick` draws.
    drawn: u64,
    /// Whether it may be that of before a reorg: who followed the rule then does not again.
    again: bool,
}

impl ProfileState {
    pub(super) fn new(world: Arc<World>) -> Self {
        let definition = &world.definition;
        Self {
            in_phase: vec![0; definition.schema.task_phases.len()],
            shared: vec![None; definition.shared.len()],
            schedule: Schedule::default(),
            tasks: BTreeMap::new(),
            places: HashMap::default(),
            finders: Finders::default(),
            opened: 0,
            created: HashSet::default(),
            over: VecDeque::new(),
            actors: HashMap::default(),
            latest: BlockMoment {
                number: 0,
                seen: Micros::ZERO,
                timestamp: 0,
            },
            triggered: Vec::new(),
            waiting: Vec::new(),
            events: Vec::new(),
            told: Vec::new(),
            without_task: 0,
            ended: Vec::new(),
            over_now: Vec::new(),
            opened_by: BTreeMap::new(),
            refused: BTreeMap::new(),
            refused_now: Vec::new(),
            predicted: 0,
            spoken_of: false,
            fields: BTreeMap::new(),
            not_found: Vec::new(),
            next_read: 0,
            wanted: Vec::new(),
            checks: BTreeMap::new(),
            violations: Vec::new(),
            unreadable: false,
            reorged: None,
            inspected: 0,
            world,
        }
    }

    /// What is known of a task.
    #[must_use]
    pub fn known(&self, key: TaskKey) -> Option<&Task> {
        self.tasks.get(self.places.get(&key)?)
    }

    /// The event at this place of those that actors act on now.
    pub(super) fn event(&self, place: u32) -> Option<&ProfileEvent> {
        self.told.get(place as usize)
    }

    /// The view of an account, which sees the latest block.
    pub(super) fn view(&self, sender: Address) -> View<'_> {
        View {
            actor: self.actors.get(&sender).map(Vec::as_slice),
            shared: &self.shared,
            sender,
            number: self.latest.number,
            timestamp: self.latest.timestamp,
            ..View::of(&self.world)
        }
    }

    /// The tasks that are known, in the order in which they came onto the chain.
    pub(super) fn tasks(&self) -> impl Iterator<Item = &Task> {
        self.tasks.values()
    }

    /// The tasks that are open, in the order in which they came onto the chain.
    fn open_tasks(&self) -> impl Iterator<Item = &Task> {
        self.tasks.values().filter(|task| task.ended.is_none())
    }

    /// Forgets the tasks that ended long ago.
    fn forget(&mut self) {
        let now = self.latest.number;
        while let Some((_, place)) = self.over.pop_front_if(|(ended, _)| *ended + REMEMBERED < now) {
            let Some(task) = self.tasks.remove(&place) else {
                continue;
            };
            self.finders.remove(&self.world.definition.finders, &task);
            // Another may have its key by now.
            if self.places.get(&task.key) == Some(&place) {
                self.places.remove(&task.key);
            }
        }
        self.opened_by.retain(|_, block| *block + REMEMBERED >= now);
    }
}

impl ChainState<Profile> for ProfileState {
    fn enter(&mut self, contracts: &ProfileContracts, transaction: &InBlock<'_, Profile>) {
        self.latest = BlockMoment {
            number: transaction.number,
            seen: transaction.seen,
            timestamp: transaction.timestamp,
        };
        self.forget();
        let own = transaction.own.as_ref().filter(|own| own.reverted.is_none());
        let mut cause = Cause::default();
        if let Some(own) = own {
            self.remember(own.from, own.call, transaction.events);
            cause = Cause {
                opener: Some((own.from, own.submission)),
                task: own.call.task.or_else(|| own.call.opened(transaction.events)),
                taken: None,
            };
            if let Some(words) = &own.call.opens {
                self.opened_by
                    .extend(own.submission.map(|submission| (submission, transaction.number)));
                let key = task_key(words);
                self.predicted += 1;
                self.open(key, words, &mut cause);
                self.settle(key);
            }
        }
        self.note_created(transaction.events);
        for event in transaction.events {
            self.apply(contracts, event, &mut cause);
        }
        if let Some(own) = own
            && !self.refuse(own.from, own.call, &cause)
        {
            self.include(own.from, own.call, transaction.events);
        }
    }

    fn announce(
        &mut self,
        announced: &Announced<'_, Profile>,
        actors: &Directory,
        due: &mut Vec<(ActorId, ProfileTimer)>,
    ) {
        self.open_signed(announced, actors, due);
    }

    fn replace(&mut self, events: Self) {
        let mut before = std::mem::replace(self, events);
        for task in self.tasks.values_mut() {
            if let Some(known) = before.known(task.key) {
                task.keep(known);
            }
        }
        self.finders
            .enter_all(&self.world.definition.finders, self.tasks.values());
        before
            .fields
            .retain(|_, read| self.places.contains_key(&read.task));
        // Reads for fields of tasks that are still there go on, and no other gets the number of one.
        self.next_read = self.next_read.max(before.next_read);
        self.fields = before.fields;
        self.not_found = before.not_found;
        self.waiting = before.waiting;
        for (triggered, _) in &mut self.waiting {
            triggered.again = true;
        }
        self.reorged = Some(before.latest.number);
        self.unreadable |= before.unreadable;
        self.inspected = before.inspected;
    }

    fn take_ended(&mut self) -> Vec<TaskKey> {
        std::mem::take(&mut self.ended)
    }

    fn discard(&mut self) {
        self.ended.clear();
        self.over_now.clear();
        self.refused.clear();
        self.refused_now.clear();
        self.triggered.clear();
        self.waiting.clear();
        self.events.clear();
        self.wanted.clear();
        self.fields.clear();
        self.not_found.clear();
        self.violations.clear();
    }

    fn reach(
        &mut self,
        _: &ProfileContracts,
        actors: &Directory,
        block: &BlockMoment,
        due: &mut Vec<(ActorId, ProfileTimer)>,
    ) {
        self.latest = *block;
        self.fall_due();
        self.told = std::mem::take(&mut self.events);
        for triggered in std::mem::take(&mut self.triggered) {
            if self.must_wait(triggered) {
                let event = triggered.event.and_then(|event| self.event(event)).cloned();
                self.waiting.push((triggered, event));
            } else {
                self.fall_to_actors(triggered, actors, due);
            }
        }
        for key in std::mem::take(&mut self.over_now) {
            let opener = self.known(key).and_then(|task| task.opener);
            let opener = opener.and_then(|opener| actors.at(opener));
            due.extend(opener.map(|opener| (opener, ProfileTimer::Over(key))));
        }
        for submitter in std::mem::take(&mut self.refused_now) {
            due.extend(actors.at(submitter).map(|actor| (actor, ProfileTimer::Refused)));
        }
    }

    fn resume(&mut self, actors: &Directory, due: &mut Vec<(ActorId, ProfileTimer)>) {
        self.fall_to_waiting(actors, due);
    }

    fn has_opened(&self, submission: u64) -> bool {
        self.opened_by.contains_key(&submission)
    }

    fn take_refused(&mut self, submission: u64) -> Option<String> {
        self.refused.remove(&submission)
    }

    fn take_reads(&mut self) -> Vec<ProfileQuery> {
        std::mem::take(&mut self.wanted)
    }

    fn phase(&self, task: TaskKey) -> Option<TaskPhase> {
        let task = self.known(task)?;
        self.world.definition.schema.task_phases.get(task.phase).copied()
    }

    fn in_phase(&self, phase: TaskPhase) -> u64 {
        self.in_phase.get(phase.index()).copied().unwrap_or(0)
    }

    fn task(&self, task: TaskKey) -> Option<TaskSummary> {
        Some(self.known(task)?.summary(&self.world))
    }

    /// Tasks are forgotten some blocks after their end.
    fn close(&mut self, _: TaskKey) {}

    fn close_all(&mut self) -> Vec<TaskSummary> {
        self.doubt_predictions();
        self.places.clear();
        self.finders = Finders::default();
        let tasks = std::mem::take(&mut self.tasks);
        tasks.values().map(|task| task.summary(&self.world)).collect()
    }

    fn is_done(&self, _: Address, _: &ProfileCall) -> bool {
        false
    }

    fn is_dismissed(&self, _: Address, _: &ProfileCall) -> bool {
        false
    }

    /// Until the next transition of the task by time, where there is one.
    fn window_left(&self, call: &ProfileCall) -> Option<Duration> {
        self.seconds_left(call.task?).map(Duration::from_secs)
    }

    fn has_violations(&self) -> bool {
        !self.violations.is_empty()
    }

    fn take_violations(&mut self) -> Vec<Violation> {
        std::mem::take(&mut self.violations)
    }

    fn check_liveness(&mut self, _: u64) {}

    fn audit(&mut self, _: &Directory) -> Vec<ProfileQuery> {
        self.checks.clear();
        for invariant in 0..self.world.definition.invariants.len() {
            self.begin_check(invariant as u16);
        }
        self.take_reads()
    }

    fn check(&mut self, contracts: &ProfileContracts, reply: &ProfileReply, _: bool) {
        match reply.query.purpose {
            Purpose::Fields(number) => {
                self.field_read(contracts, number, &reply.query.read, Ok(reply.data.clone()));
            }
            Purpose::Invariant(invariant) => self.checked(invariant, &reply.query.read, &reply.data),
            Purpose::Decision { .. } => {}
        }
    }

    fn found(&mut self, _: &ProfileReply) {}

    fn unreadable(&mut self) {
        self.unreadable = true;
    }

    fn close_audit(&mut self) -> bool {
        !self.unreadable && self.checks.is_empty()
    }

    fn inspections(&mut self, _: &ProfileContracts) -> (Vec<ProfileQuery>, Vec<Trial<Profile>>) {
        if self.inspected < self.latest.number {
            self.inspected = self.latest.number;
            let due: Vec<u16> = (0..)
                .zip(&self.world.definition.invariants)
                .filter(|(_, invariant)| self.latest.number.is_multiple_of(invariant.every.max(1)))
                .map(|(place, _)| place)
                .collect();
            for invariant in due {
                self.begin_check(invariant);
            }
        }
        (self.further_inspections(), Vec::new())
    }

    fn further_inspections(&mut self) -> Vec<ProfileQuery> {
        let of_invariant = |query: &mut ProfileQuery| matches!(query.purpose, Purpose::Invariant(_));
        self.wanted.extract_if(.., of_invariant).collect()
    }

    fn inspected(&mut self, contracts: &ProfileContracts, reply: &ProfileReply) {
        self.check(contracts, reply, false);
    }

    fn tried(&mut self, _: &Trial<Profile>, _: Result<Vec<<Profile as Protocol>::Event>, &str>) {}
}
