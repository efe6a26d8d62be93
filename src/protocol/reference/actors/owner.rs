//! The session owner: opens its sessions, submits its tasks, reads the results of those that ended.

use std::time::Duration;

use rand::{RngExt, distr::Alphanumeric, rngs::ChaCha8Rng};

use super::{
    Action, Actor, Input, LoadPlan, Outbox, OwnerPlan, Reference, Timer,
    manage::{Manager, Sessions},
};
use crate::{
    protocol::{Call, Event, Query, State, TxOutcome},
    seed::Choice,
    time::Micros,
};

/// A session owner of a run.
#[derive(Debug)]
pub struct Owner {
    plan: OwnerPlan,
    payloads: ChaCha8Rng,
    thinking: ChaCha8Rng,
    sessions: Sessions,
    /// What manages its sessions, if something is to.
    manager: Option<Manager>,
    /// Tasks not submitted yet, by the session's place in the plan; `None` for no limit.
    remaining: Vec<Option<u64>>,
    /// Tasks that a closed load has in flight or thinks about.
    loops: u64,
    /// Whether it said that it submits no more.
    said_over: bool,
    /// When the load began.
    began: Micros,
    /// The next planned arrival of an open load.
    next_arrival: usize,
}

impl Owner {
    /// An owner that follows `plan`.
    #[must_use]
    pub fn new(plan: OwnerPlan) -> Self {
        Self {
            payloads: plan.stream.rng_of(Choice::Content),
            thinking: plan.stream.rng_of(Choice::ThinkTime),
            loops: 0,
            said_over: false,
            remaining: plan.sessions.iter().map(|session| session.tasks).collect(),
            sessions: Sessions::default(),
            manager: Manager::of(&plan),
            plan,
            began: Micros::ZERO,
            next_arrival: 0,
        }
    }

    /// Opens every session. Their ids come back in this order, since one account's transactions run in nonce order.
    fn open_sessions(&self, now: Micros, actions: &mut Vec<Action>) {
        for session in &self.plan.sessions {
            actions.send(now, Call::Create(session.spec.clone()));
        }
    }

    fn session_opened(&mut self, now: Micros, events: &[Event], actions: &mut Vec<Action>) {
        for event in events {
            if let Event::SessionCreated { session, .. } = event {
                let session = *session;
                let plan = &self.plan.sessions[self.sessions.open(session)];
                let amount = plan.deposit;
                if !amount.is_zero() {
                    actions.send(now, Call::Deposit { session, amount });
                }
                for node in plan.dedicated.iter().copied() {
                    actions.send(now, Call::AddDedicatedNode { session, node });
                }
            }
        }
    }

    fn begin(&mut self, now: Micros, actions: &mut Vec<Action>) {
        self.began = now;
        match self.plan.load {
            LoadPlan::Closed { start, .. } if !start.is_zero() => actions.wake(now + start, Timer::Start),
            LoadPlan::Closed { .. } => self.start_loops(now, actions),
            LoadPlan::Open(_) => self.submit_arrivals(now, actions),
        }
    }

    /// Submits every arrival that is due by `now`, each meant for its own planned moment, and waits for the next.
    fn submit_arrivals(&mut self, now: Micros, actions: &mut Vec<Action>) {
        loop {
            let LoadPlan::Open(arrivals) = &self.plan.load else {
                return;
            };
            let Some(&arrival) = arrivals.get(self.next_arrival) else {
                self.say_over(actions);
                return;
            };
            let due = Micros(self.began.0 + arrival.at.0);
            if due > now {
                actions.wake(due, Timer::Arrival);
                return;
            }
            self.next_arrival += 1;
            self.submit(due, arrival.session as usize, arrival.payload, actions);
        }
    }

    /// Brings each session of a closed load to so many tasks as are to be in flight.
    fn start_loops(&mut self, now: Micros, actions: &mut Vec<Action>) {
        let LoadPlan::Closed { in_flight, .. } = &self.plan.load else {
            return;
        };
        let in_flight: Vec<_> = in_flight.iter().copied().take(self.sessions.len()).collect();
        self.loops = in_flight.iter().copied().map(u64::from).sum();
        for (place, in_flight) in in_flight.into_iter().enumerate() {
            for _ in 0..in_flight {
                self.submit_next(now, place, actions);
            }
        }
        self.say_over_when_done(actions);
    }

    /// Submits the next task of a closed-loop session, if it has one left and time for it; if not, the loop is over.
    fn submit_next(&mut self, now: Micros, place: usize, actions: &mut Vec<Action>) {
        if !self.may_submit(now, place) {
            self.loops = self.loops.saturating_sub(1);
            return;
        }
        if let Some(remaining) = &mut self.remaining[place] {
            *remaining -= 1;
        }
        self.submit(now, place, None, actions);
    }

    fn may_submit(&self, at: Micros, place: usize) -> bool {
        let in_time = match self.plan.load {
            LoadPlan::Closed { end: Some(end), .. } => at < self.began + end,
            _ => true,
        };
        in_time && self.remaining[place] != Some(0)
    }

    fn say_over_when_done(&mut self, actions: &mut Vec<Action>) {
        if self.loops == 0 {
            self.say_over(actions);
        }
    }

    fn say_over(&mut self, actions: &mut Vec<Action>) {
        if !std::mem::replace(&mut self.said_over, true) {
            actions.push(Action::LoadOver);
        }
    }

    /// Submits a task to a session, with a payload of so many bytes, or else of as many as are drawn.
    fn submit(&mut self, intended: Micros, place: usize, payload: Option<u16>, actions: &mut Vec<Action>) {
        let size = payload.map_or_else(|| self.plan.payload_size.sample(&mut self.payloads), usize::from);
        let data = text(&mut self.payloads, size);
        let session = self.sessions.at(place);
        actions.send(intended, Call::Submit { session, data });
        if let Some(manager) = &mut self.manager {
            manager.submitted(intended, session, &self.sessions, actions);
        }
    }

    /// Has its sessions managed, before it goes on itself.
    fn manage(&mut self, now: Micros, input: Input<'_>, actions: &mut Vec<Action>) {
        let Some(manager) = &mut self.manager else { return };
        match input {
            Input::Begin => manager.begin(now, actions),
            Input::Close => manager.close(),
            Input::Timer(Timer::Manage(duty)) => manager.due(now, duty, &mut self.sessions, actions),
            Input::Event(Event::TaskEnded { key, miners }, _) => {
                manager.task_over(now, key.session, miners.len(), actions);
            }
            Input::Outcome(Call::Submit { session, .. }, outcome, _) if *outcome != TxOutcome::Included => {
                manager.task_over(now, *session, 0, actions);
            }
            Input::Dropped { session } => manager.task_over(now, session, 0, actions),
            Input::Outcome(call, outcome, events) => {
                manager.outcome(now, call, outcome, events, &mut self.sessions, actions);
            }
            _ => {}
        }
    }

    /// A closed loop goes on when a task is over, whether it ended or never was queued, and was thought about.
    fn task_over(&mut self, now: Micros, session: u64, actions: &mut Vec<Action>) {
        let (LoadPlan::Closed { think_time, .. }, Some(place)) =
            (&self.plan.load, self.sessions.place(session))
        else {
            return;
        };
        let think = if self.may_submit(now, place) {
            think_time.sample(&mut self.thinking)
        } else {
            Duration::ZERO
        };
        if !think.is_zero() && self.may_submit(now + think, place) {
            actions.wake(now + think, Timer::Think(place as u32));
        } else {
            self.submit_next(now + think, place, actions);
            self.say_over_when_done(actions);
        }
    }

    fn thought(&mut self, now: Micros, place: usize, actions: &mut Vec<Action>) {
        self.submit_next(now, place, actions);
        self.say_over_when_done(actions);
    }
}

impl Actor<Reference> for Owner {
    fn step(&mut self, now: Micros, input: Input<'_>, _: &State, actions: &mut Vec<Action>) {
        self.manage(now, input, actions);
        match input {
            Input::SetUp => self.open_sessions(now, actions),
            Input::Begin => self.begin(now, actions),
            Input::Timer(Timer::Arrival) => self.submit_arrivals(now, actions),
            Input::Timer(Timer::Start) => self.start_loops(now, actions),
            Input::Timer(Timer::Think(place)) => self.thought(now, place as usize, actions),
            Input::Outcome(Call::Create(_), TxOutcome::Included, events)
                if self.sessions.len() < self.plan.sessions.len() =>
            {
                self.session_opened(now, events, actions);
            }
            Input::Outcome(Call::Submit { session, .. }, outcome, _) if *outcome != TxOutcome::Included => {
                self.task_over(now, *session, actions);
            }
            Input::Event(Event::TaskEnded { key, .. }, _) => {
                actions.push(Action::Read(Query::TaskResults(*key)));
                self.task_over(now, key.session, actions);
            }
            _ => {}
        }
    }
    fn drawn(&self) -> Vec<u128> {
        let own = [&self.payloads, &self.thinking].map(ChaCha8Rng::get_word_pos);
        let managed = self.manager.iter().flat_map(Manager::drawn);
        own.into_iter().chain(managed).collect()
    }
}

/// `size` random letters and digits.
pub(super) fn text(random: &mut ChaCha8Rng, size: usize) -> String {
    random
        .sample_iter(Alphanumeric)
        .take(size)
        .map(char::from)
        .collect()
}
