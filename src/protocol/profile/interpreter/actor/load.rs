//! The part of an actor that submits tasks when the load says so.

use std::time::Duration;

use rand::{Rng, RngExt, rngs::ChaCha8Rng};

use super::super::protocol::ProfileTimer;
use super::{Actions, ProfileActor, ProfileState, decision::Occasion};
use crate::{
    distribution::SizeDistribution,
    protocol::{
        Action, LoadPlan, Outbox,
        profile::{plan::ActorLoad, rule::Trigger},
    },
    seed::{Choice, StreamSeed},
    time::Micros,
};

/// The shortest time between a task that came to nothing and the next.
const LEAST_PAUSE: Duration = Duration::from_millis(1);

/// When an actor submits tasks, and how far it is.
#[derive(Debug)]
pub(super) struct Submitter {
    plan: LoadPlan,
    payload_size: SizeDistribution,
    /// Tasks that a closed load has left; `None` for no limit.
    remaining: Option<u64>,
    sizes: ChaCha8Rng,
    thinking: ChaCha8Rng,
    /// Which of several rules an arrival follows.
    choices: ChaCha8Rng,
    began: Micros,
    next_arrival: usize,
    /// Tasks that were submitted.
    submitted: u64,
    /// Tasks that a closed load has in flight or thinks about.
    loops: u64,
    said_over: bool,
}

impl Submitter {
    pub(super) fn new(load: ActorLoad, stream: StreamSeed) -> Self {
        Self {
            plan: load.plan,
            payload_size: load.payload_size,
            remaining: load.tasks,
            sizes: stream.rng_of(Choice::Content),
            thinking: stream.rng_of(Choice::ThinkTime),
            choices: stream.rng_of(Choice::Submission),
            began: Micros::ZERO,
            next_arrival: 0,
            submitted: 0,
            loops: 0,
            said_over: false,
        }
    }

    pub(super) fn drawn(&self) -> [u128; 3] {
        [&self.sizes, &self.thinking, &self.choices].map(ChaCha8Rng::get_word_pos)
    }

    /// Whether a closed load goes on at this moment.
    fn goes_on(&self, at: Micros) -> bool {
        let in_time = match self.plan {
            LoadPlan::Closed { end: Some(end), .. } => at < self.began + end,
            _ => true,
        };
        in_time && self.remaining != Some(0)
    }

    fn say_over(&mut self, actions: &mut Actions) {
        if !std::mem::replace(&mut self.said_over, true) {
            actions.push(Action::LoadOver);
        }
    }
}

impl ProfileActor {
    pub(super) fn begin_load(&mut self, now: Micros, chain: &ProfileState, actions: &mut Actions) {
        let Some(submitter) = &mut self.submitter else {
            return;
        };
        submitter.began = now;
        match submitter.plan {
            LoadPlan::Closed { start, .. } if !start.is_zero() => {
                actions.wake(now + start, ProfileTimer::Start)
            }
            LoadPlan::Closed { .. } => self.start_loop(now, chain, actions),
            LoadPlan::Open(_) => self.submit_arrivals(now, chain, actions),
        }
    }

    /// Submits every arrival that is due by `now`, each meant for its own planned moment, and waits for the next.
    pub(super) fn submit_arrivals(&mut self, now: Micros, chain: &ProfileState, actions: &mut Actions) {
        while let Some(submitter) = &mut self.submitter {
            let LoadPlan::Open(arrivals) = &submitter.plan else {
                return;
            };
            let Some(&arrival) = arrivals.get(submitter.next_arrival) else {
                submitter.say_over(actions);
                return;
            };
            let due = Micros(submitter.began.0 + arrival.at.0);
            if due > now {
                actions.wake(due, ProfileTimer::Arrival);
                return;
            }
            submitter.next_arrival += 1;
            self.submit(due, arrival.payload.map(u64::from), chain, actions);
        }
    }

    /// Brings a closed load to so many tasks as are to be in flight.
    pub(super) fn start_loop(&mut self, now: Micros, chain: &ProfileState, actions: &mut Actions) {
        let Some(submitter) = &mut self.submitter else {
            return;
        };
        let LoadPlan::Closed { in_flight, .. } = &submitter.plan else {
            return;
        };
        let in_flight = in_flight.first().copied().unwrap_or(1);
        submitter.loops = in_flight.into();
        for _ in 0..in_flight {
            self.submit_next(now, chain, actions);
        }
    }

    /// Submits the next task of a closed load, if it has one left and time for it; if not, the loop is over.
    pub(super) fn submit_next(&mut self, now: Micros, chain: &ProfileState, actions: &mut Actions) {
        let Some(submitter) = &mut self.submitter else {
            return;
        };
        if submitter.goes_on(now) {
            submitter.remaining = submitter.remaining.map(|remaining| remaining - 1);
            return self.submit(now, None, chain, actions);
        }
        submitter.loops = submitter.loops.saturating_sub(1);
        if submitter.loops == 0 {
            submitter.say_over(actions);
        }
    }

    /// A closed loop goes on when a task ended, and was thought about.
    pub(super) fn task_over(&mut self, now: Micros, chain: &ProfileState, actions: &mut Actions) {
        let Some(submitter) = &mut self.submitter else {
            return;
        };
        let LoadPlan::Closed { think_time, .. } = &submitter.plan else {
            return;
        };
        let think = think_time.sample(&mut submitter.thinking);
        if !think.is_zero() && submitter.goes_on(now + think) {
            actions.wake(now + think, ProfileTimer::Think);
        } else {
            self.submit_next(now + think, chain, actions);
        }
    }

    /// A closed loop goes on when a task came to nothing. Time passes until then, so that one whose every task does so ends.
    pub(super) fn task_failed(&mut self, now: Micros, actions: &mut Actions) {
        let Some(submitter) = &mut self.submitter else {
            return;
        };
        if let LoadPlan::Closed { think_time, .. } = &submitter.plan {
            let think = think_time.sample(&mut submitter.thinking).max(LEAST_PAUSE);
            actions.wake(now + think, ProfileTimer::Think);
        }
    }

    /// Submits a task, with a payload of so many bytes, or else of as many as are drawn.
    fn submit(
        &mut self,
        intended: Micros,
        payload: Option<u64>,
        chain: &ProfileState,
        actions: &mut Actions,
    ) {
        let rules = self.rules(|trigger| matches!(trigger, Trigger::Arrival));
        let weights: Vec<f64> = rules.iter().map(|rule| self.rule(*rule).chance).collect();
        let Some(submitter) = &mut self.submitter else {
            return;
        };
        let size = payload.unwrap_or_else(|| submitter.payload_size.sample(&mut submitter.sizes) as u64);
        let Some(chosen) = choose(&weights, &mut submitter.choices) else {
            return;
        };
        submitter.submitted += 1;
        let occasion = Occasion {
            payload: Some(size),
            submitted: Some(submitter.submitted - 1),
            ..Occasion::default()
        };
        self.decide(intended, rules[chosen], occasion, chain, actions);
    }
}

/// A place, with a probability in proportion to its weight.
fn choose(weights: &[f64], random: &mut impl Rng) -> Option<usize> {
    if weights.len() < 2 {
        return (!weights.is_empty()).then_some(0);
    }
    let total: f64 = weights.iter().sum();
    let mut left = random.random_range(0.0..total);
    weights.iter().position(|weight| {
        left -= weight;
        left < 0.0
    })
}
