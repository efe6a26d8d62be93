//! Session management by owners, beside submitting tasks: owners update and fund sessions, change their routers and
//! dedicated nodes, and open new ones in their place.
//!
//! What is due is sent at once and taken as done: one account's transactions run in the order in which they were sent.
//! What fails is taken back when that is known.

mod balances;
mod reopening;
mod routers;

use std::collections::VecDeque;

use alloy::primitives::{Address, U256, map::HashMap};
use rand::rngs::ChaCha8Rng;

use self::{balances::SessionBalances, reopening::Reopening, routers::Routers};
use super::{Action, Duty, ManagePlan, Outbox, OwnerPlan, SessionPlan, Timer};
use crate::{
    protocol::{Call, Event, TxOutcome},
    time::Micros,
};

/// An owner's sessions: which session has which place in the plan.
#[derive(Debug, Default)]
pub(super) struct Sessions {
    /// Ids, in the plan's order.
    ids: Vec<u64>,
    /// Where in the plan a session has its place, those of the past included.
    places: HashMap<u64, usize>,
}

impl Sessions {
    /// Gives a session the next place that is free, and says which.
    pub(super) fn open(&mut self, session: u64) -> usize {
        let place = self.ids.len();
        self.ids.push(session);
        self.places.insert(session, place);
        place
    }

    /// The number of places that have a session.
    pub(super) const fn len(&self) -> usize {
        self.ids.len()
    }

    /// The session that has this place now.
    pub(super) fn at(&self, place: usize) -> u64 {
        self.ids[place]
    }

    /// The place that a session has or had.
    pub(super) fn place(&self, session: u64) -> Option<usize> {
        self.places.get(&session).copied()
    }

    /// Gives a place to another session, and returns the one that had it.
    fn replace(&mut self, place: usize, session: u64) -> u64 {
        self.places.insert(session, place);
        std::mem::replace(&mut self.ids[place], session)
    }
}

/// The part of an owner that manages its sessions.
#[derive(Debug)]
pub(super) struct Manager {
    plan: ManagePlan,
    sessions: Vec<SessionPlan>,
    owner: Address,
    /// The random stream of each of the plan's duties.
    streams: Vec<ChaCha8Rng>,
    /// How often each of the plan's duties was done.
    done: Vec<u64>,
    balances: SessionBalances,
    routers: Vec<Routers>,
    /// Dedicated nodes of the session at each place, in the order in which they came in.
    nodes: Vec<VecDeque<Address>>,
    /// Dedicated nodes that no session has, in the order in which they came out.
    spare: VecDeque<Address>,
    reopening: Reopening,
    /// Whether the load is over.
    over: bool,
}

impl Manager {
    /// The manager of an owner's sessions; `None` if there is nothing to manage.
    pub(super) fn of(owner: &OwnerPlan) -> Option<Self> {
        let plan = owner.manage.clone()?;
        let streams = plan
            .duties
            .iter()
            .map(|(duty, _)| owner.stream.rng_of(duty.choice()));
        Some(Self {
            streams: streams.collect(),
            done: vec![0; plan.duties.len()],
            balances: SessionBalances::default(),
            routers: owner.sessions.iter().map(|_| Routers::default()).collect(),
            nodes: owner
                .sessions
                .iter()
                .map(|session| session.dedicated.iter().copied().collect())
                .collect(),
            spare: plan.spare_nodes.iter().copied().collect(),
            reopening: Reopening::default(),
            over: false,
            sessions: owner.sessions.clone(),
            owner: owner.key.address,
            plan,
        })
    }

    /// How far its random streams were drawn, in words of 32 bits.
    pub(super) fn drawn(&self) -> impl Iterator<Item = u128> {
        self.streams.iter().map(ChaCha8Rng::get_word_pos)
    }

    /// The load begins.
    pub(super) fn begin(&mut self, now: Micros, actions: &mut Vec<Action>) {
        for index in 0..self.plan.duties.len() {
            self.wait(now, index, actions);
        }
    }

    /// The load is over: nothing more falls due. What is under way goes on to its end.
    pub(super) fn close(&mut self) {
        self.over = true;
        self.reopening.forget_those_that_wait();
    }

    /// Something is due.
    pub(super) fn due(
        &mut self,
        now: Micros,
        duty: Duty,
        sessions: &mut Sessions,
        actions: &mut Vec<Action>,
    ) {
        let Some(index) = self.plan.duties.iter().position(|(planned, _)| *planned == duty) else {
            return;
        };
        if self.over {
            return;
        }
        let place = (self.done[index] % sessions.len().max(1) as u64) as usize;
        self.done[index] += 1;
        if place < sessions.len() {
            self.perform(now, duty, place, sessions, actions);
        }
        self.wait(now, index, actions);
    }

    /// Waits for the next time that a duty is due.
    fn wait(&mut self, now: Micros, index: usize, actions: &mut Vec<Action>) {
        let (duty, gap) = &self.plan.duties[index];
        let gap = gap.sample(&mut self.streams[index]);
        actions.wake(now + gap, Timer::Manage(*duty));
    }

    fn perform(
        &mut self,
        now: Micros,
        duty: Duty,
        place: usize,
        sessions: &mut Sessions,
        actions: &mut Vec<Action>,
    ) {
        let session = sessions.at(place);
        match duty {
            Duty::Update => {
                let terms = self.sessions[place].spec.clone();
                let metadata = self.balances.next_revision(session);
                actions.send(
                    now,
                    Call::Update {
                        session,
                        terms,
                        metadata,
                    },
                );
            }
            Duty::TopUp => {
                let amount = self.plan.top_up;
                actions.send(now, Call::Deposit { session, amount });
            }
            Duty::Withdraw => self.withdraw(now, session, self.plan.withdraw, actions),
            Duty::Routers => {
                let change = self.routers[place].next(self.owner, session);
                actions.send(now, Call::Router { session, change });
            }
            Duty::Dedicated => self.rotate_nodes(now, place, session, actions),
            Duty::Reopen => self.reopen(now, place, actions),
        }
    }

    /// Takes the dedicated node out that has been in for the longest, and puts that in which has been out for the
    /// longest. A session that lost one gets one.
    fn rotate_nodes(&mut self, now: Micros, place: usize, session: u64, actions: &mut Vec<Action>) {
        if self.nodes[place].len() >= self.sessions[place].dedicated.len()
            && let Some(node) = self.nodes[place].pop_front()
        {
            self.spare.push_back(node);
            actions.send(now, Call::RemoveDedicatedNode { session, node });
        }
        if let Some(node) = self.spare.pop_front() {
            self.nodes[place].push_back(node);
            actions.send(now, Call::AddDedicatedNode { session, node });
        }
    }

    /// Opens a session in the place of another, once the one before it is closed.
    fn reopen(&mut self, now: Micros, place: usize, actions: &mut Vec<Action>) {
        if self.reopening.ask(place) {
            self.create(now, place, actions);
        }
    }

    fn create(&mut self, now: Micros, place: usize, actions: &mut Vec<Action>) {
        let mut spec = self.sessions[place].spec.clone();
        spec.name = format!("{} ({})", spec.name, self.reopening.next_number());
        actions.send(now, Call::Create(spec));
    }

    /// A session was asked for in the place of another, and came to be: it gets what the other need not keep. Tasks go
    /// to it from now on, and the other closes when its own are over.
    fn opened(&mut self, now: Micros, session: u64, sessions: &mut Sessions, actions: &mut Vec<Action>) {
        let Some(place) = self.reopening.creating() else {
            return;
        };
        let old = sessions.replace(place, session);
        let plan = &self.sessions[place];
        let task = self.plan.price.saturating_mul(U256::from(plan.spec.redundancy));
        let amount = self.balances.free(old, task);
        if !amount.is_zero() {
            actions.send(now, Call::Deposit { session, amount });
        }
        for node in self.nodes[place].iter().copied() {
            actions.send(now, Call::RemoveDedicatedNode { session: old, node });
            actions.send(now, Call::AddDedicatedNode { session, node });
        }
        self.routers[place] = Routers::default();
        self.reopening.drain(old);
        self.close_if_over(now, old, actions);
    }

    /// Closes a session that another took the place of, if no task of it is open.
    fn close_if_over(&mut self, now: Micros, session: u64, actions: &mut Vec<Action>) {
        if self.balances.open(session) > 0 || !self.reopening.close(session) {
            return;
        }
        actions.send(now, Call::Deactivate { session });
        let amount = self.balances.left(session);
        if !amount.is_zero() {
            self.withdraw(now, session, amount, actions);
        }
        self.next_reopening(now, actions);
    }

    fn withdraw(&mut self, now: Micros, session: u64, amount: U256, actions: &mut Vec<Action>) {
        self.balances.withdrawn(session, amount);
        actions.send(now, Call::Withdraw { session, amount });
    }

    fn next_reopening(&mut self, now: Micros, actions: &mut Vec<Action>) {
        if let Some(place) = self.reopening.next() {
            self.create(now, place, actions);
        }
    }

    /// A task was submitted to a session.
    pub(super) fn submitted(
        &mut self,
        now: Micros,
        session: u64,
        sessions: &Sessions,
        actions: &mut Vec<Action>,
    ) {
        let count = self.balances.submitted(session);
        if self.plan.reopen_every == Some(count)
            && !self.over
            && let Some(place) = sessions.place(session)
        {
            self.reopen(now, place, actions);
        }
    }

    /// A task of a session is over; `paid` miners were paid for it.
    pub(super) fn task_over(&mut self, now: Micros, session: u64, paid: usize, actions: &mut Vec<Action>) {
        let paid = self.plan.price.saturating_mul(U256::from(paid));
        self.balances.task_over(session, paid);
        self.close_if_over(now, session, actions);
    }

    /// A transaction of the owner's came to its end.
    pub(super) fn outcome(
        &mut self,
        now: Micros,
        call: &Call,
        outcome: &TxOutcome,
        events: &[Event],
        sessions: &mut Sessions,
        actions: &mut Vec<Action>,
    ) {
        let included = *outcome == TxOutcome::Included;
        match call {
            Call::Create(_) if included => {
                for event in events {
                    if let Event::SessionCreated { session, .. } = event {
                        self.opened(now, *session, sessions, actions);
                    }
                }
            }
            Call::Create(_) => {
                self.reopening.give_up();
                self.next_reopening(now, actions);
            }
            Call::Deposit { session, amount } if included => self.balances.deposited(*session, *amount),
            Call::Withdraw { session, amount } if !included => self.balances.not_withdrawn(*session, *amount),
            Call::Router { session, .. } if !included => {
                if let Some(place) = sessions
                    .place(*session)
                    .filter(|place| sessions.at(*place) == *session)
                {
                    self.routers[place].start_over();
                }
            }
            Call::AddDedicatedNode { session, node } if !included => {
                if let Some(place) = sessions.place(*session)
                    && let Some(index) = self.nodes[place].iter().position(|other| other == node)
                {
                    self.nodes[place].remove(index);
                    self.spare.push_back(*node);
                }
            }
            _ => {}
        }
    }
}
