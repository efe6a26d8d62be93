//! Steps that the contracts must take, as far as the model knows.

use alloy::primitives::{Address, U256};
use rand::RngExt;

use super::{
    super::{Call, Model, RouterChange, model::SessionLook},
    ReferenceAdversary, opening, texts,
};
use crate::protocol::TaskKey;

/// Tasks of a sequence that are open at once; more say little more.
const TASKS: usize = 3;

/// A step with how likely it is.
type Weighted = (u32, Address, Call);

impl ReferenceAdversary {
    /// A step that the contracts must take in a block of this timestamp; `None` if the model knows none.
    pub(super) fn valid(&mut self, model: &Model, timestamp: u64) -> Option<(Address, Call)> {
        let open = model.open_tasks();
        let sessions = model.sessions();
        let mut steps: Vec<Weighted> = Vec::new();
        for key in &open {
            self.steps_of_task(model, *key, &mut steps);
        }
        for session in &sessions {
            self.steps_of_session(model, session, open.len(), &mut steps);
        }
        self.steps_of_pool(model, &sessions, &mut steps);
        steps.retain(|(_, from, call)| model.may_accept(*from, call, timestamp));
        let total: u32 = steps.iter().map(|(weight, ..)| weight).sum();
        let mut drawn = self.rng.random_range(0..total.max(1));
        let chosen = steps.into_iter().find(|(weight, ..)| {
            let is_it = drawn < *weight;
            drawn = drawn.saturating_sub(*weight);
            is_it
        });
        chosen.map(|(_, from, call)| (from, call))
    }

    fn steps_of_task(&mut self, model: &Model, key: TaskKey, steps: &mut Vec<Weighted>) {
        for seat in model.seats(key) {
            let miner = seat.miner;
            if !seat.acked {
                steps.push((10, miner, Call::Ack(key)));
            } else if !seat.precommitted {
                let hash = texts::hash(key, miner, &mut self.rng);
                let call = Call::Precommit {
                    key,
                    hash,
                    binds: None,
                };
                steps.push((10, miner, call));
            } else if !seat.committed
                && let Some(data) = seat.hash.and_then(|hash| texts::bound(key, miner, hash))
            {
                steps.push((10, miner, Call::Commit { key, data }));
            }
        }
        let anybody = self.anybody();
        steps.extend([
            (6, anybody, Call::EndAck(key)),
            (6, anybody, Call::EndPrecommit(key)),
            (6, anybody, Call::EndCommit(key)),
            (8, anybody, Call::End { key, force: false }),
        ]);
        if let Some(oracle) = self.accounts.oracle() {
            steps.push((4, oracle, Call::End { key, force: true }));
        }
    }

    fn steps_of_session(
        &mut self,
        model: &Model,
        session: &SessionLook,
        open: usize,
        steps: &mut Vec<Weighted>,
    ) {
        let (id, owner) = (session.id, session.owner);
        let submit = Call::Submit {
            session: id,
            data: texts::data(&mut self.rng),
        };
        steps.push((if open < TASKS { 12 } else { 1 }, owner, submit));
        let amount = session.cost.max(self.wei());
        let is_poor = session.available < session.cost;
        steps.push((
            if is_poor { 6 } else { 1 },
            self.anybody(),
            Call::Deposit { session: id, amount },
        ));
        let part = if self.rng.random_bool(0.5) {
            session.available
        } else {
            session.available.min(self.wei())
        };
        steps.push((
            1,
            owner,
            Call::Withdraw {
                session: id,
                amount: part,
            },
        ));
        let router = self.miner();
        let info = texts::data(&mut self.rng);
        let mut route = |change| {
            let call = Call::Router { session: id, change };
            steps.push((1, owner, call));
        };
        route(RouterChange::Add {
            router,
            info: info.clone(),
        });
        for known in &session.routers {
            route(RouterChange::Update {
                router: *known,
                info: info.clone(),
            });
            route(RouterChange::Remove { router: *known });
        }
        if !session.routers.is_empty() {
            route(RouterChange::Reset);
        }
        if session.mode != Some(0)
            && let Some(node) = self
                .accounts
                .miners()
                .iter()
                .find(|node| model.consent(**node) == Some(owner) && !session.members.contains(node))
        {
            let node = *node;
            steps.push((3, owner, Call::AddDedicatedNode { session: id, node }));
        }
        if let Some(node) = session.dedicated.first() {
            let node = *node;
            steps.push((2, owner, Call::RemoveDedicatedNode { session: id, node }));
        }
        if let Some(node) = session.members.first() {
            let from = if self.rng.random_bool(0.5) { *node } else { owner };
            steps.push((2, from, Call::Release { node: *node }));
        }
        let terms = opening::terms(self.accounts.miners().len() as u64, &mut self.rng);
        let update = Call::Update {
            session: id,
            terms: crate::protocol::NewSession {
                mode: 0,
                reserve: false,
                ..terms
            },
            metadata: texts::data(&mut self.rng),
        };
        steps.push((1, owner, update));
        steps.push((1, owner, Call::Deactivate { session: id }));
    }

    fn steps_of_pool(&mut self, model: &Model, sessions: &[SessionLook], steps: &mut Vec<Weighted>) {
        let miner = self.miner();
        let owner = self.owner();
        let is_registered = model.is_registered(miner);
        steps.push(if is_registered {
            (1, miner, Call::Unregister)
        } else {
            (4, miner, Call::Register)
        });
        steps.push((1, miner, Call::AllowDedication { owner }));
        let has_active = sessions.iter().any(|session| session.active);
        let terms = opening::terms(self.accounts.miners().len() as u64, &mut self.rng);
        steps.push((if has_active { 1 } else { 8 }, owner, Call::Create(terms)));
    }

    /// Wei that nobody has.
    pub(super) fn too_much(&mut self, session: &SessionLook) -> U256 {
        session.available + U256::from(1)
    }
}
