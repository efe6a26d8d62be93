//! Steps that the contracts must take, as far as the model knows.

use alloy::primitives::{Address, B256, U256};
use rand::RngExt;

use super::{
    super::{Call, Model, RouterChange, model::SessionLook},
    ReferenceAdversary, opening, texts,
};
use crate::protocol::{NewSession, TaskKey};

/// Tasks of a sequence that are open at once; more say little more.
const TASKS: usize = 3;

/// A step that may be taken. What it takes to make the call of it is drawn only if it is chosen.
#[derive(Clone, Copy, Debug)]
enum Step {
    Ack(TaskKey, Address),
    Precommit(TaskKey, Address),
    Commit(TaskKey, Address, B256),
    EndAck(TaskKey),
    EndPrecommit(TaskKey),
    EndCommit(TaskKey),
    End(TaskKey),
    Force(TaskKey, Address),
    // Of the session at this place.
    Submit(usize),
    Deposit(usize),
    Withdraw(usize),
    AddRouter(usize),
    UpdateRouter(usize, Address),
    RemoveRouter(usize, Address),
    ResetRouters(usize),
    AddDedicated(usize),
    RemoveDedicated(usize, Address),
    Release(usize, Address),
    Update(usize),
    Deactivate(usize),
    // Of the pool.
    Presence,
    Consent,
    Create,
}

impl ReferenceAdversary {
    /// A step that the contracts must take in a block of this timestamp; `None` if the model knows none.
    pub(super) fn valid(&mut self, model: &Model, timestamp: u64) -> Option<(Address, Call)> {
        let sessions = model.sessions();
        let mut steps = self.steps_of_tasks(model);
        let open = model.open_tasks().len();
        for (place, session) in sessions.iter().enumerate() {
            steps_of_session(place, session, open, &mut steps);
        }
        let has_active = sessions.iter().any(|session| session.active);
        steps.extend([
            (2, Step::Presence),
            (1, Step::Consent),
            (if has_active { 1 } else { 8 }, Step::Create),
        ]);
        self.chosen(model, timestamp, &sessions, steps)
    }

    /// The next step of a task's lifecycle, if one can be taken, or the submission of a task.
    pub(super) fn next_of_lifecycle(&mut self, model: &Model, timestamp: u64) -> Option<(Address, Call)> {
        let sessions = model.sessions();
        let mut steps = self.steps_of_tasks(model);
        let open = model.open_tasks().len();
        if open < TASKS {
            let weight = if open == 0 { 10 } else { 1 };
            steps.extend((0..sessions.len()).map(|place| (weight, Step::Submit(place))));
        }
        self.chosen(model, timestamp, &sessions, steps)
    }

    /// One of the steps, by their weights, of those that the contracts may take.
    fn chosen(
        &mut self,
        model: &Model,
        timestamp: u64,
        sessions: &[SessionLook],
        mut steps: Vec<(u32, Step)>,
    ) -> Option<(Address, Call)> {
        while !steps.is_empty() {
            let total: u32 = steps.iter().map(|(weight, _)| weight).sum();
            let mut drawn = self.rng.random_range(0..total);
            let chosen = steps.iter().position(|(weight, _)| {
                let is_it = drawn < *weight;
                drawn = drawn.saturating_sub(*weight);
                is_it
            })?;
            let (_, step) = steps.swap_remove(chosen);
            let call = self.call_of(step, model, sessions);
            if let Some((from, call)) = call.filter(|(from, call)| model.may_accept(*from, call, timestamp)) {
                return Some((from, call));
            }
        }
        None
    }

    fn steps_of_tasks(&self, model: &Model) -> Vec<(u32, Step)> {
        let mut steps = Vec::with_capacity(48);
        for key in model.open_tasks() {
            for seat in model.seats(key) {
                let miner = seat.miner;
                if !seat.acked {
                    steps.push((10, Step::Ack(key, miner)));
                } else if !seat.precommitted {
                    steps.push((10, Step::Precommit(key, miner)));
                } else if let Some(hash) = seat.hash.filter(|_| !seat.committed) {
                    steps.push((10, Step::Commit(key, miner, hash)));
                }
            }
            steps.extend([
                (6, Step::EndAck(key)),
                (6, Step::EndPrecommit(key)),
                (6, Step::EndCommit(key)),
                (8, Step::End(key)),
            ]);
            if let Some(oracle) = self.accounts.oracle() {
                steps.push((4, Step::Force(key, oracle)));
            }
        }
        steps
    }

    /// The call of a step, and who makes it; `None` if there is none after all.
    fn call_of(&mut self, step: Step, model: &Model, sessions: &[SessionLook]) -> Option<(Address, Call)> {
        let of = |place: usize| (sessions[place].id, sessions[place].owner);
        let route = |place: usize, change: RouterChange| {
            let (session, owner) = of(place);
            Some((owner, Call::Router { session, change }))
        };
        match step {
            Step::Ack(key, miner) => Some((miner, Call::Ack(key))),
            Step::Precommit(key, miner) => {
                let hash = texts::hash(key, miner, &mut self.rng);
                let binds = None;
                Some((miner, Call::Precommit { key, hash, binds }))
            }
            Step::Commit(key, miner, hash) => {
                let data = texts::bound(key, miner, hash)?;
                Some((miner, Call::Commit { key, data }))
            }
            Step::EndAck(key) => Some((self.anybody(), Call::EndAck(key))),
            Step::EndPrecommit(key) => Some((self.anybody(), Call::EndPrecommit(key))),
            Step::EndCommit(key) => Some((self.anybody(), Call::EndCommit(key))),
            Step::End(key) => Some((self.anybody(), Call::End { key, force: false })),
            Step::Force(key, oracle) => Some((oracle, Call::End { key, force: true })),
            Step::Submit(place) => {
                let (session, owner) = of(place);
                let data = texts::data(&mut self.rng);
                Some((owner, Call::Submit { session, data }))
            }
            Step::Deposit(place) => {
                let session = sessions[place].id;
                let amount = sessions[place].cost.max(self.wei());
                Some((self.anybody(), Call::Deposit { session, amount }))
            }
            Step::Withdraw(place) => {
                let (session, owner) = of(place);
                let available = sessions[place].available;
                let amount = if self.rng.random_bool(0.5) {
                    available
                } else {
                    available.min(self.wei())
                };
                Some((owner, Call::Withdraw { session, amount }))
            }
            Step::AddRouter(place) => {
                let (router, info) = (self.miner(), texts::data(&mut self.rng));
                route(place, RouterChange::Add { router, info })
            }
            Step::UpdateRouter(place, router) => {
                let info = texts::data(&mut self.rng);
                route(place, RouterChange::Update { router, info })
            }
            Step::RemoveRouter(place, router) => route(place, RouterChange::Remove { router }),
            Step::ResetRouters(place) => route(place, RouterChange::Reset),
            Step::AddDedicated(place) => {
                let (session, owner) = of(place);
                let members = &sessions[place].members;
                let mut nodes = self.accounts.miners().iter().copied();
                let node =
                    nodes.find(|node| model.consent(*node) == Some(owner) && !members.contains(node))?;
                Some((owner, Call::AddDedicatedNode { session, node }))
            }
            Step::RemoveDedicated(place, node) => {
                let (session, owner) = of(place);
                Some((owner, Call::RemoveDedicatedNode { session, node }))
            }
            Step::Release(place, node) => {
                let from = if self.rng.random_bool(0.5) {
                    node
                } else {
                    of(place).1
                };
                Some((from, Call::Release { node }))
            }
            Step::Update(place) => {
                let (session, owner) = of(place);
                let terms = NewSession {
                    mode: 0,
                    reserve: false,
                    ..self.terms()
                };
                let metadata = texts::data(&mut self.rng);
                let update = Call::Update {
                    session,
                    terms,
                    metadata,
                };
                Some((owner, update))
            }
            Step::Deactivate(place) => {
                let (session, owner) = of(place);
                Some((owner, Call::Deactivate { session }))
            }
            Step::Presence => {
                let miner = self.miner();
                if !model.is_registered(miner) {
                    return Some((miner, Call::Register));
                }
                // One that leaves is seldomer than one that comes.
                self.rng.random_bool(0.5).then_some((miner, Call::Unregister))
            }
            Step::Consent => {
                let owner = self.owner();
                Some((self.miner(), Call::AllowDedication { owner }))
            }
            Step::Create => Some((self.owner(), Call::Create(self.terms()))),
        }
    }

    /// Terms of a session.
    pub(super) fn terms(&mut self) -> NewSession {
        opening::terms(self.accounts.miners().len() as u64, &mut self.rng)
    }

    /// Wei that nobody has.
    pub(super) fn too_much(&mut self, session: &SessionLook) -> U256 {
        session.available + U256::from(1)
    }
}

fn steps_of_session(place: usize, session: &SessionLook, open: usize, steps: &mut Vec<(u32, Step)>) {
    let is_poor = session.available < session.cost;
    steps.extend([
        (if open < TASKS { 12 } else { 1 }, Step::Submit(place)),
        (if is_poor { 6 } else { 1 }, Step::Deposit(place)),
        (1, Step::Withdraw(place)),
        (1, Step::AddRouter(place)),
        (1, Step::Update(place)),
        (1, Step::Deactivate(place)),
    ]);
    for router in &session.routers {
        steps.push((1, Step::UpdateRouter(place, *router)));
        steps.push((1, Step::RemoveRouter(place, *router)));
    }
    if !session.routers.is_empty() {
        steps.push((1, Step::ResetRouters(place)));
    }
    if session.mode != Some(0) {
        steps.push((3, Step::AddDedicated(place)));
    }
    if let Some(node) = session.dedicated.first() {
        steps.push((2, Step::RemoveDedicated(place, *node)));
    }
    if let Some(node) = session.members.first() {
        steps.push((2, Step::Release(place, *node)));
    }
}
