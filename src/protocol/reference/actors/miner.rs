//! The miner: acks what it is assigned, works, precommits, and reveals once the precommit phase ended. It may come and
//! go.

use std::collections::VecDeque;

use alloy::primitives::map::HashMap;
use rand::rngs::ChaCha8Rng;

use super::{
    Action, Actor, Departure, Input, MinerPlan, Outbox, Reference, Timer, owner::text, presence::Presence,
};
use crate::{
    protocol::{Call, Event, State, TaskKey, TxOutcome},
    seed::Choice,
    time::Micros,
};

/// A miner of a run.
#[derive(Debug)]
pub struct Miner {
    plan: MinerPlan,
    ack_delays: ChaCha8Rng,
    work_times: ChaCha8Rng,
    commit_delays: ChaCha8Rng,
    results: ChaCha8Rng,
    /// What it has on hand, by task.
    tasks: HashMap<TaskKey, Stage>,
    /// Acked tasks that wait for a free place at work.
    waiting: VecDeque<TaskKey>,
    /// Tasks at work now, those that closed meanwhile included.
    working: Vec<TaskKey>,
    presence: Presence,
}

/// Where a miner stands with a task.
#[derive(Debug)]
enum Stage {
    /// Means to ack, or has its ack under way.
    Acking,
    /// Acked, and waiting for its work to begin.
    Waiting,
    /// At work.
    Working,
    /// Has a result, and its precommit under way.
    Precommitting { result: String },
    /// Bound to its result until the precommit phase ends.
    Precommitted { result: String },
    /// Reveals.
    Committing { result: String },
}

impl Miner {
    /// A miner that follows `plan`.
    #[must_use]
    pub fn new(plan: MinerPlan) -> Self {
        Self {
            ack_delays: plan.stream.rng_of(Choice::AckDelay),
            work_times: plan.stream.rng_of(Choice::WorkTime),
            commit_delays: plan.stream.rng_of(Choice::CommitDelay),
            results: plan.stream.rng_of(Choice::Content),
            presence: Presence::of(&plan),
            plan,
            tasks: HashMap::default(),
            waiting: VecDeque::new(),
            working: Vec::new(),
        }
    }

    fn assigned(&mut self, now: Micros, key: TaskKey, actions: &mut Vec<Action>) {
        self.tasks.insert(key, Stage::Acking);
        let delay = self.plan.ack_delay.sample(&mut self.ack_delays);
        actions.wake(now + delay, Timer::Ack(key));
    }

    /// Takes an acked task to work, or to the queue for it.
    fn acked(&mut self, now: Micros, key: TaskKey, actions: &mut Vec<Action>) {
        if self.working.len() < self.plan.concurrency as usize {
            self.start_work(now, key, actions);
        } else {
            self.tasks.insert(key, Stage::Waiting);
            self.waiting.push_back(key);
        }
    }

    fn start_work(&mut self, now: Micros, key: TaskKey, actions: &mut Vec<Action>) {
        self.working.push(key);
        self.tasks.insert(key, Stage::Working);
        let work = self.plan.work_time.sample(&mut self.work_times);
        actions.wake(now + work, Timer::WorkDone(key));
    }

    /// Binds itself to its result, and turns to the next task that waits. A task that closed meanwhile leaves no
    /// result, but has taken its time all the same; work from before a crash is nobody's any more.
    fn work_done(&mut self, now: Micros, key: TaskKey, actions: &mut Vec<Action>) {
        let Some(place) = self.working.iter().position(|other| *other == key) else {
            return;
        };
        self.working.swap_remove(place);
        if let Some(stage) = self.tasks.get_mut(&key) {
            let size = self.plan.result_size.sample(&mut self.results);
            let result = text(&mut self.results, size);
            let precommit = Call::precommit(key, self.plan.key.address, &result);
            *stage = Stage::Precommitting { result };
            actions.send(now, precommit);
        }
        while let Some(next) = self.waiting.pop_front() {
            if self.tasks.contains_key(&next) {
                self.start_work(now, next, actions);
                break;
            }
        }
    }

    fn precommitted(&mut self, key: TaskKey) {
        if let Some(stage) = self.tasks.get_mut(&key)
            && let Stage::Precommitting { result } = stage
        {
            *stage = Stage::Precommitted {
                result: std::mem::take(result),
            };
        }
    }

    /// The precommit phase ended: those bound to a result may reveal it, the others are out.
    fn may_reveal(&mut self, now: Micros, key: TaskKey, actions: &mut Vec<Action>) {
        if let Some(Stage::Precommitted { result }) = self.tasks.remove(&key) {
            self.tasks.insert(key, Stage::Committing { result });
            let delay = self.plan.commit_delay.sample(&mut self.commit_delays);
            actions.wake(now + delay, Timer::Commit(key));
        }
    }

    fn reveal(&mut self, now: Micros, key: TaskKey, actions: &mut Vec<Action>) {
        if let Some(Stage::Committing { result }) = self.tasks.remove(&key) {
            actions.send(now, Call::Commit { key, data: result });
        }
    }
}

impl Miner {
    /// Acks a task. A miner that has left meanwhile takes it on no more.
    fn ack(&mut self, now: Micros, key: TaskKey, actions: &mut Vec<Action>) {
        if self.presence.is_here() {
            actions.send(now, Call::Ack(key));
        } else {
            self.tasks.remove(&key);
        }
    }

    /// Goes: with a crash it forgets all that it had on hand.
    fn leave(&mut self, now: Micros, actions: &mut Vec<Action>) {
        if self.presence.leave(now, actions) == Some(Departure::Crash) {
            self.tasks.clear();
            self.waiting.clear();
            self.working.clear();
        }
    }
}

impl Actor<Reference> for Miner {
    fn step(&mut self, now: Micros, input: Input<'_>, _: &State, actions: &mut Vec<Action>) {
        match input {
            Input::SetUp => self.presence.set_up(now, actions),
            Input::Begin => self.presence.begin(now, actions),
            Input::Close => self.presence.close(),
            Input::Timer(Timer::Join) => self.presence.join(now, actions),
            Input::Timer(Timer::Leave) => self.leave(now, actions),
            Input::Outcome(call @ (Call::Register | Call::Unregister), outcome, _) => {
                self.presence.outcome(now, call, outcome, actions);
            }
            Input::Event(Event::TaskAssigned { key, .. }, _) if self.presence.is_here() => {
                self.assigned(now, *key, actions);
            }
            Input::Timer(Timer::Ack(key)) if self.tasks.contains_key(&key) => self.ack(now, key, actions),
            Input::Outcome(Call::Ack(key), TxOutcome::Included, _) if self.tasks.contains_key(key) => {
                self.acked(now, *key, actions);
            }
            Input::Timer(Timer::WorkDone(key)) => self.work_done(now, key, actions),
            Input::Outcome(Call::Precommit { key, .. }, TxOutcome::Included, _) => self.precommitted(*key),
            Input::Event(Event::TaskPrecommitEnded { key }, _) => self.may_reveal(now, *key, actions),
            Input::Timer(Timer::Commit(key)) => self.reveal(now, key, actions),
            // A refused, reverted or lost ack or precommit takes the miner out of the task, and so does its end.
            Input::Outcome(Call::Ack(key) | Call::Precommit { key, .. }, _, _)
            | Input::Event(Event::TaskEnded { key, .. }, _) => {
                self.tasks.remove(key);
            }
            _ => {}
        }
    }
    fn drawn(&self) -> Vec<u128> {
        let own = [
            &self.ack_delays,
            &self.work_times,
            &self.commit_delays,
            &self.results,
        ];
        let own = own.map(ChaCha8Rng::get_word_pos).into_iter();
        own.chain(self.presence.drawn()).collect()
    }
}
