//! The presence of a miner: it joins, leaves or crashes, and comes back.

use alloy::primitives::Address;
use rand::rngs::ChaCha8Rng;

use super::{Action, Departure, MinerPlan, Outbox, PresencePlan, Timer};
use crate::{
    protocol::{Call, TxOutcome},
    seed::Choice,
    time::Micros,
};

/// The comings and goings of a miner, and its membership of the pool.
#[derive(Debug)]
pub(super) struct Presence {
    plan: PresencePlan,
    miner: Address,
    joins: ChaCha8Rng,
    lifetimes: ChaCha8Rng,
    absences: ChaCha8Rng,
    /// Whether it takes tasks.
    here: bool,
    /// Whether the pool has it, as far as it knows.
    registered: bool,
    /// Whether a transaction that changes that is under way.
    under_way: bool,
    /// Whether it asked the session that holds it to let go of it since it left.
    asked_release: bool,
    /// Whether the load is over.
    over: bool,
}

impl Presence {
    pub(super) fn of(miner: &MinerPlan) -> Self {
        let plan = miner.presence.clone();
        Self {
            joins: miner.stream.rng_of(Choice::Join),
            lifetimes: miner.stream.rng_of(Choice::Lifetime),
            absences: miner.stream.rng_of(Choice::Absence),
            miner: miner.key.address,
            here: plan.join_after.is_none(),
            registered: false,
            under_way: false,
            asked_release: false,
            over: false,
            plan,
        }
    }

    /// How far its random streams were drawn, in words of 32 bits.
    pub(super) fn drawn(&self) -> [u128; 3] {
        [&self.joins, &self.lifetimes, &self.absences].map(ChaCha8Rng::get_word_pos)
    }

    /// Whether it takes tasks.
    pub(super) const fn is_here(&self) -> bool {
        self.here
    }

    /// Setup: whoever is there from the start enters the pool, and dedicated nodes give their consent.
    pub(super) fn set_up(&mut self, now: Micros, actions: &mut Vec<Action>) {
        if let Some(owner) = self.plan.dedicated_to {
            actions.send(now, Call::AllowDedication { owner });
        }
        self.settle(now, actions);
    }

    /// The load begins.
    pub(super) fn begin(&mut self, now: Micros, actions: &mut Vec<Action>) {
        match &self.plan.join_after {
            Some(delay) => {
                let delay = delay.sample(&mut self.joins);
                actions.wake(now + delay, Timer::Join);
            }
            None => self.stay(now, actions),
        }
    }

    /// The load is over: it neither goes nor comes any more.
    pub(super) const fn close(&mut self) {
        self.over = true;
    }

    /// It is there from now on, for a while.
    pub(super) fn join(&mut self, now: Micros, actions: &mut Vec<Action>) {
        if self.over {
            return;
        }
        self.here = true;
        self.settle(now, actions);
        self.stay(now, actions);
    }

    /// Its time is over. Says how it goes, if it does.
    pub(super) fn leave(&mut self, now: Micros, actions: &mut Vec<Action>) -> Option<Departure> {
        let churn = self.plan.churn.as_ref().filter(|_| !self.over)?;
        let kind = churn.kind;
        if let Some(away) = &churn.away {
            let away = away.sample(&mut self.absences);
            actions.wake(now + away, Timer::Join);
        }
        self.here = false;
        self.asked_release = false;
        self.settle(now, actions);
        Some(kind)
    }

    /// A transaction about its membership of the pool came to its end.
    pub(super) fn outcome(
        &mut self,
        now: Micros,
        call: &Call,
        outcome: &TxOutcome,
        actions: &mut Vec<Action>,
    ) {
        let included = *outcome == TxOutcome::Included;
        match call {
            Call::Register | Call::Unregister if included => {
                self.under_way = false;
                self.registered = *call == Call::Register;
                self.settle(now, actions);
            }
            // The pool lets nobody go that a session has to itself: the session has to let go first.
            Call::Unregister
                if matches!(outcome, TxOutcome::Reverted(_))
                    && !self.asked_release
                    && !self.here
                    && !self.over =>
            {
                self.asked_release = true;
                actions.send(now, Call::Release { node: self.miner });
                actions.send(now, Call::Unregister);
            }
            // What fails is not tried again before it goes or comes the next time.
            Call::Register | Call::Unregister => self.under_way = false,
            _ => {}
        }
    }

    fn stay(&mut self, now: Micros, actions: &mut Vec<Action>) {
        if let Some(churn) = &self.plan.churn {
            let lifetime = churn.lifetime.sample(&mut self.lifetimes);
            actions.wake(now + lifetime, Timer::Leave);
        }
    }

    /// Enters or leaves the pool if it ought to, once what is under way is known. A miner that crashed stays in.
    fn settle(&mut self, now: Micros, actions: &mut Vec<Action>) {
        if self.under_way || self.over || !self.plan.pooled {
            return;
        }
        let leaves = self
            .plan
            .churn
            .as_ref()
            .is_some_and(|churn| churn.kind == Departure::Leave);
        let call = match (self.here, self.registered) {
            (true, false) => Call::Register,
            (false, true) if leaves => Call::Unregister,
            _ => return,
        };
        self.under_way = true;
        actions.send(now, call);
    }
}
