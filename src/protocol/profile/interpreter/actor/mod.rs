//! An account of a profile: it follows the rules of its role.

mod decision;
mod load;
mod memory;
mod setup;

pub(super) use self::setup::stages;

use std::{collections::BTreeMap, sync::Arc};

use alloy::primitives::Address;

use self::{decision::Decision, load::Submitter, memory::Memories, setup::SetUp};
use super::{
    ProfileCall, ProfileEvent, ProfileState, Purpose, World,
    protocol::{Profile, ProfileTimer},
};
use crate::{
    distribution::DelayDistribution,
    protocol::{
        Action, Actor, ActorId, Input, Outbox, TaskKey, TxOutcome,
        profile::{
            plan::ActorPlan,
            rule::{Delay, Rule, Trigger},
        },
    },
    seed::StreamSeed,
    time::Micros,
};

/// Tasks that are gathered for one call.
#[derive(Debug, Default)]
struct Batch {
    /// How many calls were made before.
    number: u64,
    tasks: Vec<TaskKey>,
}

/// What an actor does in a run.
type Actions = Vec<Action<Profile>>;

/// An account of a run that follows the rules of its role.
#[derive(Debug)]
pub struct ProfileActor {
    world: Arc<World>,
    id: ActorId,
    address: Address,
    stream: StreamSeed,
    delays: Vec<DelayDistribution>,
    set_up: SetUp,
    submitter: Option<Submitter>,
    memories: Memories,
    /// Decisions that wait for their moment or for reads.
    decisions: BTreeMap<u64, Decision>,
    /// The number of decisions so far.
    made: u64,
    /// The number of values that no other evaluation got.
    unique: u64,
    /// Tasks that are gathered for one call, by rule.
    batches: BTreeMap<u16, Batch>,
    /// Whether what goes on beside tasks is over.
    closed: bool,
}

impl ProfileActor {
    /// An actor that follows `plan`.
    pub(super) fn new(world: Arc<World>, id: ActorId, plan: ActorPlan) -> Self {
        let (address, stream) = (plan.key.address, plan.stream);
        Self {
            set_up: SetUp::of(&world, plan.role),
            submitter: plan.load.map(|load| Submitter::new(load, stream)),
            delays: plan.delays,
            memories: Memories::default(),
            decisions: BTreeMap::new(),
            made: 0,
            unique: 0,
            batches: BTreeMap::new(),
            closed: false,
            world,
            id,
            address,
            stream,
        }
    }

    /// The rules of its role with such a trigger, with their places.
    fn rules(&self, is_meant: impl Fn(&Trigger) -> bool) -> Vec<u16> {
        let rules = (0..).zip(&self.world.definition.rules);
        rules
            .filter(|(_, rule)| rule.role == self.id.role.index() && is_meant(&rule.trigger))
            .map(|(place, _)| place)
            .collect()
    }

    fn rule(&self, place: u16) -> &Rule {
        &self.world.definition.rules[usize::from(place)]
    }

    /// Whether it follows a rule about a task already: it called, or is about to.
    fn follows(&self, rule: u16, task: Option<TaskKey>, chain: &ProfileState) -> bool {
        let memory = task.and_then(|task| self.memories.get(task, chain));
        memory.is_some_and(|memory| memory.called.contains(&rule))
            || self.decisions.values().any(|decision| decision.is_of(rule, task))
    }

    /// Takes up what goes on beside tasks.
    fn begin(&mut self, now: Micros, actions: &mut Actions) {
        for rule in self.rules(|trigger| matches!(trigger, Trigger::Every(_))) {
            self.wait_for_next(now, rule, 0, actions);
        }
    }

    /// Waits for the next time that a rule is to be followed.
    fn wait_for_next(&mut self, now: Micros, rule: u16, round: u32, actions: &mut Actions) {
        let Trigger::Every(every) = self.rule(rule).trigger else {
            return;
        };
        let mut random = self
            .stream
            .rng_of_decision([u64::from(rule), u64::from(round), 1, 0]);
        let every = match every {
            Delay::Fixed(every) => every,
            Delay::Named(place) => self.delays[place].sample(&mut random),
        };
        // However short, time passes from one to the next.
        let every = every.max(std::time::Duration::from_millis(1));
        actions.wake(now + every, ProfileTimer::Every { rule, round });
    }

    /// A call of its own came to its end.
    fn outcome(
        &mut self,
        now: Micros,
        call: &ProfileCall,
        outcome: &TxOutcome,
        events: &[ProfileEvent],
        chain: &ProfileState,
        actions: &mut Actions,
    ) {
        let Some(rule) = call.rule.map(usize::from) else {
            return;
        };
        let included = *outcome == TxOutcome::Included;
        if matches!(self.world.definition.rules[rule].trigger, Trigger::SetUp { .. }) {
            if included {
                self.step_over(now, chain, actions);
            }
            return;
        }
        let opened = call.opened(events).filter(|_| included);
        if call.submits && opened.is_none() {
            self.task_failed(now, actions);
        }
        let is_own = |task: &TaskKey| chain.known(*task).and_then(|task| task.opener) == Some(self.address);
        if let Some(task) = opened.filter(|_| call.submits).filter(is_own) {
            let memory = self.memories.of(task, chain, self.world.definition.mine.len());
            // The key may be that of a task of its own which is open: then this one is refused.
            if !std::mem::replace(&mut memory.is_submitted, true)
                && let Some(mine) = &call.mine
            {
                memory.mine = mine.to_vec();
            }
        }
        let follows = self.rules(|trigger| match trigger {
            Trigger::Included(of) => included && *of == rule,
            Trigger::Failed(of) => !included && *of == rule,
            _ => false,
        });
        for rule in follows {
            self.consider(
                now,
                rule,
                call.task.or(opened),
                call.cause.clone(),
                chain,
                actions,
            );
        }
    }
}

impl Actor<Profile> for ProfileActor {
    fn step(&mut self, now: Micros, input: Input<'_, Profile>, chain: &ProfileState, actions: &mut Actions) {
        match input {
            Input::SetUp => self.begin_stage(now, chain, actions),
            Input::Begin => {
                self.begin(now, actions);
                self.begin_load(now, chain, actions);
            }
            Input::Close => self.closed = true,
            Input::Timer(ProfileTimer::Triggered {
                rule, task, again, ..
            }) if again && self.follows(rule, task, chain) => {}
            Input::Timer(ProfileTimer::Triggered {
                rule, task, event, ..
            }) => {
                let event = event.and_then(|event| chain.event(event)).cloned();
                self.consider(now, rule, task, event, chain, actions);
            }
            Input::Timer(ProfileTimer::Act(decision)) => self.go_on(now, decision, chain, actions),
            Input::Timer(ProfileTimer::Batch { rule, number }) => {
                self.close_batch(now, rule, number, chain, actions)
            }
            Input::Timer(ProfileTimer::Every { rule, round }) if !self.closed => {
                self.consider(now, rule, None, None, chain, actions);
                self.wait_for_next(now, rule, round + 1, actions);
            }
            Input::Timer(ProfileTimer::Every { .. } | ProfileTimer::Misdeed(_)) => {}
            Input::Timer(ProfileTimer::Arrival) => self.submit_arrivals(now, chain, actions),
            Input::Timer(ProfileTimer::Start) => self.start_loop(now, chain, actions),
            Input::Timer(ProfileTimer::Think) => self.submit_next(now, chain, actions),
            Input::Timer(ProfileTimer::Refused) => self.task_failed(now, actions),
            Input::Timer(ProfileTimer::Over(task)) => {
                if chain.known(task).is_some_and(|task| task.is_of_run()) {
                    self.task_over(now, chain, actions);
                }
            }
            Input::Reply(query, result) => {
                if let Purpose::Decision { decision, .. } = query.purpose {
                    let result = result.map(|reply| reply.data.clone()).map_err(str::to_owned);
                    self.reply(now, decision, &query.read, result, chain, actions);
                }
            }
            Input::Outcome(call, outcome, events) => self.outcome(now, call, outcome, events, chain, actions),
            Input::Dropped { .. }
            | Input::Event(..)
            | Input::Undone(_)
            | Input::ChainTime(_)
            | Input::Seen(_) => {}
        }
    }

    fn drawn(&self) -> Vec<u128> {
        let load = self.submitter.iter().flat_map(Submitter::drawn);
        load.chain([u128::from(self.made), u128::from(self.unique)])
            .collect()
    }
}
