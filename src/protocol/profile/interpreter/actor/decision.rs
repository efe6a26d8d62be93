//! Decisions: an actor follows a rule. It reads what the rule's expressions need, evaluates them, and calls.

mod evaluation;

use std::time::Duration;

use alloy::primitives::{Address, Bytes, U256};
use rand::{RngExt, rngs::ChaCha8Rng};

use self::evaluation::Step;
use super::{
    super::{
        ProfileCall, ProfileEvent, ProfileQuery, ProfileState, Purpose, protocol::ProfileTimer,
        world::task_key,
    },
    Actions, ProfileActor,
};
use crate::{
    protocol::{
        Action, Outbox, TaskKey,
        profile::{
            expression::{Answers, PreparedCall, Read, Value},
            rule::{Delay, Trigger, Who},
        },
    },
    time::Micros,
};

/// How long a decision waits for a field of its task that is being read, and how often it looks.
const READ_PATIENCE: Duration = Duration::from_secs(30);
const READ_INTERVAL: Duration = Duration::from_millis(10);

/// An occasion to follow a rule.
#[derive(Clone, Debug, Default)]
pub(super) struct Occasion {
    /// The task that it is about.
    pub(super) task: Option<TaskKey>,
    /// The tasks of a batch.
    pub(super) tasks: Vec<TaskKey>,
    /// The event that led to it.
    pub(super) event: Option<ProfileEvent>,
    /// The account that a step of set-up is for.
    pub(super) account: Option<Address>,
    /// The bytes of a payload that the load drew.
    pub(super) payload: Option<u64>,
    /// The tasks that the actor submitted before, of an arrival.
    pub(super) submitted: Option<u64>,
}

/// A decision under way.
#[derive(Debug)]
pub(super) struct Decision {
    rule: u16,
    occasion: Occasion,
    /// The moment at which the actor means to act.
    intended: Micros,
    random: ChaCha8Rng,
    stage: Stage,
    /// What was read for the expression at hand.
    answers: Answers,
    outstanding: usize,
    call: Option<PreparedCall>,
    value: U256,
    /// The words of the key of the task that the call opens.
    words: Vec<Value>,
    /// What is remembered where there is no task.
    mine: Vec<Option<Value>>,
}

impl Decision {
    /// Whether it is to follow this rule about this task.
    pub(super) fn is_of(&self, rule: u16, task: Option<TaskKey>) -> bool {
        self.rule == rule && self.occasion.task == task
    }
}

/// The expression at hand, in the order in which a rule's are evaluated.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Stage {
    When,
    Let(usize),
    Call,
    Value,
    Opens(usize),
    Done,
}

impl ProfileActor {
    /// An occasion to follow a rule: whether and when it does is drawn.
    pub(super) fn consider(
        &mut self,
        now: Micros,
        place: u16,
        task: Option<TaskKey>,
        event: Option<ProfileEvent>,
        chain: &ProfileState,
        actions: &mut Actions,
    ) {
        let takes_part = task.is_some_and(|task| self.memories.get(task, chain).is_some());
        if matches!(self.rule(place).who, Who::Participants) && !takes_part {
            return;
        }
        if let (Some(task), Some(limits)) = (task, self.rule(place).batch) {
            let batch = self.batches.entry(place).or_default();
            batch.tasks.push(task);
            let number = batch.number;
            if batch.tasks.len() >= limits.size as usize {
                self.close_batch(now, place, number, chain, actions);
            } else if batch.tasks.len() == 1 {
                actions.wake(now + limits.wait, ProfileTimer::Batch { rule: place, number });
            }
            return;
        }
        let occasion = Occasion {
            task,
            event,
            ..Occasion::default()
        };
        self.decide(now, place, occasion, chain, actions);
    }

    /// Tasks were gathered for one call: there are enough, or the time for that is over.
    pub(super) fn close_batch(
        &mut self,
        now: Micros,
        place: u16,
        number: u64,
        chain: &ProfileState,
        actions: &mut Actions,
    ) {
        let Some(batch) = self
            .batches
            .get_mut(&place)
            .filter(|batch| batch.number == number)
        else {
            return;
        };
        batch.number += 1;
        let occasion = Occasion {
            tasks: std::mem::take(&mut batch.tasks),
            ..Occasion::default()
        };
        self.decide(now, place, occasion, chain, actions);
    }

    /// Draws whether and when a rule is followed on an occasion, and waits until then.
    pub(super) fn decide(
        &mut self,
        now: Micros,
        place: u16,
        occasion: Occasion,
        chain: &ProfileState,
        actions: &mut Actions,
    ) {
        let number = self.made;
        self.made += 1;
        let mut random = self.stream.rng_of_decision(self.words(place, &occasion, number));
        let rule = self.rule(place);
        // Of several rules for arrivals, the load chose this one.
        let is_drawn = rule.chance < 1.0 && !matches!(rule.trigger, Trigger::Arrival);
        if is_drawn && !random.random_bool(rule.chance) {
            return;
        }
        let delay = match rule.delay {
            None => None,
            Some(Delay::Fixed(delay)) => Some(delay),
            Some(Delay::Named(delay)) => Some(self.delays[delay].sample(&mut random)),
        };
        let intended = delay.map_or(now, |delay| now + delay);
        if let Some(task) = occasion.task {
            let names = self.world.definition.mine.len();
            self.memories.of(task, chain, names).decisions += 1;
        }
        self.decisions.insert(
            number,
            Decision {
                rule: place,
                occasion,
                intended,
                random,
                stage: Stage::When,
                answers: Answers::new(),
                outstanding: 0,
                call: None,
                value: U256::ZERO,
                words: Vec::new(),
                mine: Vec::new(),
            },
        );
        if intended > now {
            actions.wake(intended, ProfileTimer::Act(number));
        } else {
            self.go_on(now, number, chain, actions);
        }
    }

    /// What a decision's random choices follow from: the rule, and the task with how often it was decided about before.
    fn words(&self, rule: u16, occasion: &Occasion, number: u64) -> [u64; 4] {
        let rule = u64::from(rule);
        match occasion.task {
            Some(task) => {
                let before = self.memories.decisions(task);
                [rule << 32 | before, 0, task.session, task.task]
            }
            None => [rule << 32, 1, number, 0],
        }
    }

    /// A read that a decision asked for came back.
    pub(super) fn reply(
        &mut self,
        now: Micros,
        number: u64,
        read: &Read,
        result: Result<Bytes, String>,
        chain: &ProfileState,
        actions: &mut Actions,
    ) {
        let Some(decision) = self.decisions.get_mut(&number) else {
            return;
        };
        decision.answers.set(read, result);
        decision.outstanding -= 1;
        if decision.outstanding == 0 {
            self.go_on(now, number, chain, actions);
        }
    }

    /// Goes on with a decision until something must be read, or the call is made.
    pub(super) fn go_on(&mut self, now: Micros, number: u64, chain: &ProfileState, actions: &mut Actions) {
        let Some(mut decision) = self.decisions.remove(&number) else {
            return;
        };
        // A reorg took the task back: if it comes back, so does what led here.
        if decision
            .occasion
            .task
            .is_some_and(|task| chain.known(task).is_none())
        {
            return;
        }
        let task = decision.occasion.task.and_then(|task| chain.known(task));
        if let (Some(phase), Some(task)) = (self.rule(decision.rule).during, task)
            && (task.phase() != phase || task.is_over())
        {
            return;
        }
        while decision.stage != Stage::Done {
            match self.evaluate(&mut decision, chain) {
                Ok(Step::Next(stage)) => {
                    decision.stage = stage;
                    decision.answers = Answers::new();
                }
                Ok(Step::Reads(reads)) => {
                    decision.outstanding = reads.len();
                    let purpose = Purpose::Decision {
                        actor: self.id,
                        decision: number,
                    };
                    let read = |read| Action::Read(ProfileQuery { purpose, read });
                    actions.extend(reads.into_iter().map(read));
                    self.decisions.insert(number, decision);
                    return;
                }
                Ok(Step::Refrains) => return self.refrain(now, &decision, None, chain, actions),
                // What it lacks may be what a node is slow to tell of the task.
                Err(_)
                    if now < decision.intended + READ_PATIENCE
                        && decision.occasion.task.is_some_and(|task| chain.is_reading(task)) =>
                {
                    self.decisions.insert(number, decision);
                    return actions.wake(now + READ_INTERVAL, ProfileTimer::Act(number));
                }
                Err(error) => {
                    let rule = self.rule(decision.rule);
                    let reason = format!(
                        "the rule {} ({}) could not be followed: {error}",
                        rule.name, rule.at
                    );
                    return self.refrain(now, &decision, Some(reason), chain, actions);
                }
            }
        }
        self.call(decision, chain, actions);
    }

    /// A number that no other actor has.
    fn number(&self) -> u64 {
        ((self.id.role.index() as u64) << 32) | u64::from(self.id.index)
    }

    /// A rule is not followed: its condition does not hold, or, for this reason, it cannot be.
    fn refrain(
        &mut self,
        now: Micros,
        decision: &Decision,
        failure: Option<String>,
        chain: &ProfileState,
        actions: &mut Actions,
    ) {
        match self.rule(decision.rule).trigger {
            Trigger::SetUp { .. } => self.skip_step(now, failure, chain, actions),
            Trigger::Arrival => {
                let reason = failure.unwrap_or_else(|| {
                    let rule = &self.rule(decision.rule).name;
                    format!("the condition of the rule {rule} did not hold")
                });
                actions.push(Action::CannotAct {
                    intended: decision.intended,
                    submits: true,
                    reason,
                });
                self.task_failed(now, actions);
            }
            _ => {
                if let Some(reason) = failure {
                    actions.push(Action::CannotAct {
                        intended: decision.intended,
                        submits: false,
                        reason,
                    });
                }
            }
        }
    }

    /// Makes the call that was decided on.
    fn call(&mut self, decision: Decision, chain: &ProfileState, actions: &mut Actions) {
        if let Some(task) = decision.occasion.task {
            let memory = self.memories.of(task, chain, self.world.definition.mine.len());
            if !memory.called.contains(&decision.rule) {
                memory.called.push(decision.rule);
            }
        }
        let rule = self.rule(decision.rule);
        let Some(call) = decision.call else { return };
        let signed = rule.is_signed.then(|| task_key(&decision.words));
        // What is set once the call is in a block may depend on what the actor remembers now.
        let of_task = decision.occasion.task.filter(|_| !rule.sets.is_empty());
        let mine = of_task
            .and_then(|task| self.memories.get(task, chain))
            .map_or(decision.mine.as_slice(), |memory| &memory.mine);
        let mine = (!mine.is_empty()).then(|| mine.into());
        let call = ProfileCall {
            rule: Some(decision.rule),
            function: rule.function,
            to: Some(call.to),
            input: call.calldata,
            value: decision.value,
            task: decision.occasion.task,
            tasks: decision.occasion.tasks.into(),
            submits: matches!(rule.trigger, Trigger::Arrival),
            races: rule.races,
            opens: rule.known_key().map(|_| decision.words.into()),
            cause: decision.occasion.event,
            mine,
        };
        match signed {
            Some(task) => {
                self.sign(task, &call, chain);
                actions.push(Action::Announce {
                    call,
                    intended: decision.intended,
                });
            }
            None => actions.send(decision.intended, call),
        }
    }

    /// Keeps what it remembers of a task that it signs, unless another of its own that is open has the key.
    fn sign(&mut self, task: TaskKey, call: &ProfileCall, chain: &ProfileState) {
        if chain.known(task).is_some_and(|task| !task.is_over()) {
            return;
        }
        let memory = self.memories.of(task, chain, self.world.definition.mine.len());
        memory.is_submitted = true;
        if let Some(mine) = &call.mine {
            memory.mine = mine.to_vec();
        }
    }
}
