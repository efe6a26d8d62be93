//! An adversary of the reference protocol: plans sequences with the model of the contracts.
//!
//! A sequence begins with miners and sessions, most of them as they must be. From then on most steps are ones that the model
//! says must be taken, at a moment of which deadlines are the most likely; the others are of the wrong account, at the wrong
//! moment, with wrong arguments, or nothing that an actor ever sends.

mod accounts;
mod opening;
mod texts;
mod valid;
mod wrong;

use std::collections::VecDeque;

use alloy::primitives::{Address, Bytes, U256};
use rand::{RngExt, rngs::ChaCha8Rng};

use self::accounts::Accounts;
use super::{Call, Contracts, Model, Reference, ReferenceSetup, RouterChange, State};
use crate::{
    protocol::{Adversary, BlockMoment, Directory, Hunted, Invocation, Move, Reader},
    seed::StreamSeed,
};

/// The share of steps that the contracts must take, in per cent.
const VALID: u32 = 60;
/// The least and the most steps of a sequence, after its opening.
const STEPS: std::ops::RangeInclusive<u32> = 8..=40;
/// The most first steps of those that lead tasks on towards their ends, if a sequence begins with such.
const STRAIGHT: u32 = 16;
/// One sequence of so many does one thing over and over.
const FLOODS: u32 = 24;
/// Prices that are set, and tasks that are submitted, one after the other: more than a byte counts.
const FLOOD: u32 = 260;
/// Routers that are added one after the other: more than a session may have.
const ROUTERS: u32 = 34;
/// The most steps that a sequence is wound up in.
const CLOSING: u32 = 24;

/// Something that is sent.
#[derive(Clone, Debug)]
struct Sent {
    from: Address,
    invocation: Invocation,
    kind: &'static str,
    refuse: Option<&'static str>,
}

/// What is done over and over.
#[derive(Clone, Copy, Debug)]
enum Flood {
    Routers,
    Prices,
    Tasks,
}

/// An adversary.
#[derive(Debug)]
struct ReferenceAdversary {
    rng: ChaCha8Rng,
    contracts: Contracts,
    accounts: Accounts,
    /// Steps of the opening that are to come.
    opening: VecDeque<(Address, Call)>,
    /// Steps that are left of those that lead tasks on.
    straight: u32,
    /// What is done over and over at first, and how many times still.
    flood: (Flood, u32),
    /// Steps that are left before the sequence is wound up.
    left: u32,
    /// Steps that are left then.
    closing: u32,
    /// What was sent last.
    last: Option<Sent>,
    /// Whether the deployer changes settings.
    has_admin: bool,
    /// Whether little time passes between steps: short windows are over before all miners have acted otherwise.
    is_calm: bool,
}

impl Hunted for Reference {
    const RESUMES: bool = true;

    fn adversary(
        setup: &ReferenceSetup<'_>,
        contracts: &Contracts,
        stream: StreamSeed,
    ) -> Box<dyn Adversary<Self>> {
        let mut rng = stream.rng();
        let accounts = Accounts::draw(setup, &mut rng);
        let opening = opening::draw(&accounts, setup.price, &mut rng);
        Box::new(ReferenceAdversary {
            straight: if rng.random_bool(0.5) {
                rng.random_range(1..=STRAIGHT)
            } else {
                0
            },
            flood: match rng.random_range(0..3 * FLOODS) {
                0 => (Flood::Routers, ROUTERS),
                1 => (Flood::Prices, FLOOD),
                2 => (Flood::Tasks, FLOOD),
                _ => (Flood::Tasks, 0),
            },
            left: rng.random_range(STEPS),
            closing: if rng.random_ratio(3, 4) { CLOSING } else { 0 },
            has_admin: rng.random_ratio(1, 4),
            is_calm: rng.random_bool(0.5),
            contracts: contracts.clone(),
            last: None,
            opening,
            accounts,
            rng,
        })
    }
}

impl Adversary<Reference> for ReferenceAdversary {
    fn directory(&self) -> &Directory {
        self.accounts.directory()
    }

    fn senders(&self) -> Vec<Address> {
        [self.accounts.all(), &[self.accounts.deployer()]].concat()
    }

    fn contracts(&self) -> Vec<(Address, Bytes)> {
        self.accounts.contracts(&self.contracts)
    }

    fn next(&mut self, state: &State, latest: &BlockMoment, _: &mut Reader<'_, Reference>) -> Option<Move> {
        let model = state.model()?;
        let (timestamp, sent) = match self.next_of_opening() {
            Some(sent) => (latest.timestamp + self.rng.random_range(0..2), sent),
            None if self.flood.1 > 0 => {
                self.flood.1 -= 1;
                (latest.timestamp, self.flooding(model))
            }
            None if self.left > 0 => {
                self.left -= 1;
                let timestamp = self.moment(model, latest.timestamp);
                (timestamp, self.step(model, timestamp))
            }
            None if self.closing > 0 => {
                self.closing -= 1;
                self.wind_up(model, latest.timestamp)?
            }
            None => return None,
        };
        self.last = Some(sent.clone());
        Some(Move {
            timestamp,
            from: sent.from,
            invocation: sent.invocation,
            kind: sent.kind,
            refuse: sent.refuse,
            note: None,
        })
    }

    fn resume(&mut self, played: usize, stream: StreamSeed) {
        self.rng = stream.rng();
        let opened = played.min(self.opening.len());
        self.opening.drain(..opened);
        self.flood.1 = 0;
        self.left = self.rng.random_range(STEPS);
    }

    fn shape(&self, state: &State, latest: &BlockMoment) -> Vec<u64> {
        let Some(model) = state.model() else {
            return Vec::new();
        };
        let task = model.all_tasks().into_iter().next_back();
        let task = task.map(|key| model.shape(key, latest.timestamp));
        let sessions = model.sessions();
        let session = sessions.last().map(|session| {
            let has = [&session.dedicated, &session.members, &session.routers];
            let has = has.map(|list| u64::from(!list.is_empty()));
            let mode = u64::from(session.mode.unwrap_or(3));
            [&has[..], &[mode, u64::from(session.active)]].concat()
        });
        [session.unwrap_or_default(), task.unwrap_or_default()].concat()
    }
}

impl ReferenceAdversary {
    /// The next step of the opening; now and then another one in its place.
    fn next_of_opening(&mut self) -> Option<Sent> {
        let (from, call) = self.opening.pop_front()?;
        let other = self.rng.random_ratio(1, 40).then(|| self.anybody());
        // What takes no payment opens no session: the model says of an owner that it can withdraw.
        let from = other
            .filter(|other| !self.accounts.refuses(*other))
            .unwrap_or(from);
        Some(self.sent(from, &call, "opening"))
    }

    /// A moment for the next step: now or soon, or a deadline, or just after one.
    fn moment(&mut self, model: &Model, now: u64) -> u64 {
        let edges = model.open_tasks().into_iter().flat_map(|key| model.edges(key));
        let mut edges: Vec<u64> = edges.filter(|edge| *edge >= now).collect();
        edges.sort_unstable();
        edges.dedup();
        let (jumps, pause) = if self.is_calm { (1, 0..=1) } else { (3, 0..=2) };
        if edges.is_empty() || !self.rng.random_ratio(jumps, 10) {
            let passes = !self.is_calm || self.rng.random_ratio(1, 3);
            return now + u64::from(passes) * self.rng.random_range(pause);
        }
        let place = self.rng.random_range(0..edges.len().min(3));
        edges[place] + u64::from(self.rng.random_bool(0.5))
    }

    /// The next step of a flood, on the latest session.
    fn flooding(&self, model: &Model) -> Sent {
        let (flood, left) = self.flood;
        let session = model.sessions().pop();
        let (session, owner) =
            session.map_or((0, self.accounts.owners()[0]), |latest| (latest.id, latest.owner));
        match flood {
            Flood::Routers => {
                let mut router = self.accounts.miners()[0];
                router.0[1] = left as u8;
                let change = RouterChange::Add {
                    router,
                    info: String::new(),
                };
                self.sent(owner, &Call::Router { session, change }, "flood")
            }
            Flood::Prices => {
                let price = U256::from(left + 1);
                self.raw(self.accounts.deployer(), self.contracts.set_price(price), "flood")
            }
            Flood::Tasks => {
                let data = String::new();
                self.sent(owner, &Call::Submit { session, data }, "flood")
            }
        }
    }

    fn step(&mut self, model: &Model, timestamp: u64) -> Sent {
        if self.straight > 0 {
            self.straight -= 1;
            if let Some((from, call)) = self.next_of_lifecycle(model, timestamp) {
                return self.either_way(from, &call);
            }
        }
        if self.rng.random_range(0..100) < VALID
            && let Some((from, call)) = self.valid(model, timestamp)
        {
            return self.either_way(from, &call);
        }
        self.wrong(model, timestamp)
    }

    /// A call; a submission sometimes by the session contract, a session sometimes with a variable address.
    fn either_way(&mut self, from: Address, call: &Call) -> Sent {
        match call {
            Call::Submit { session, data } if self.rng.random_ratio(1, 4) => Sent {
                from,
                invocation: self.contracts.submit_to_session(*session, data),
                kind: "valid",
                refuse: None,
            },
            Call::Create(new) if self.rng.random_ratio(1, 4) => {
                let variable = self.anybody();
                self.raw(from, self.contracts.create_with(new, variable), "valid")
            }
            call => self.sent(from, call, "valid"),
        }
    }

    /// The next step that brings everything to its end: tasks first, then money. `None` if there is none.
    fn wind_up(&mut self, model: &Model, now: u64) -> Option<(u64, Sent)> {
        if let Some(key) = model.open_tasks().into_iter().next() {
            let [.., last] = model.edges(key);
            let timestamp = now.max(last + 1);
            let end = |force| Call::End { key, force };
            let from = self.anybody();
            if model.may_accept(from, &end(false), timestamp) {
                return Some((timestamp, self.sent(from, &end(false), "closing")));
            }
            let oracle = self.accounts.oracle()?;
            return Some((timestamp, self.sent(oracle, &end(true), "closing")));
        }
        let earned = |miner: &&Address| !model.earned(**miner).is_zero() && !self.accounts.refuses(**miner);
        if let Some(miner) = self.accounts.miners().iter().find(earned) {
            return Some((
                now,
                self.raw(*miner, self.contracts.withdraw_earnings(), "closing"),
            ));
        }
        let sessions = model.sessions();
        let rich = sessions.iter().find(|session| !session.available.is_zero())?;
        let withdraw = Call::Withdraw {
            session: rich.id,
            amount: rich.available,
        };
        Some((now, self.sent(rich.owner, &withdraw, "closing")))
    }

    fn sent(&self, from: Address, call: &Call, kind: &'static str) -> Sent {
        self.raw(from, self.contracts.encode(call), kind)
    }

    fn raw(&self, from: Address, invocation: Invocation, kind: &'static str) -> Sent {
        Sent {
            from,
            invocation,
            kind,
            refuse: None,
        }
    }

    fn anybody(&mut self) -> Address {
        let all = self.accounts.all();
        all[self.rng.random_range(0..all.len())]
    }

    fn miner(&mut self) -> Address {
        let miners = self.accounts.miners();
        miners[self.rng.random_range(0..miners.len())]
    }

    fn owner(&mut self) -> Address {
        let owners = self.accounts.owners();
        owners[self.rng.random_range(0..owners.len())]
    }

    fn wei(&mut self) -> U256 {
        U256::from(self.rng.random_range(1..=5_u64) * 1_000_003)
    }
}
