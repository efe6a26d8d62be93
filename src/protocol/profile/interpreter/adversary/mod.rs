//! An adversary of a profile: its honest actors say what comes next, and the adversary decides what becomes of it.
//!
//! What an actor wants to send waits. Most often one of these calls is made; else it is left out, made late, made again, made by
//! somebody else, or something else is called: any function of the contracts with any arguments.

mod calls;
mod note;

use std::{
    collections::{BTreeMap, VecDeque},
    sync::Arc,
};

use alloy::primitives::{Address, Bytes, U256};
use rand::{RngExt, rngs::ChaCha8Rng};

use super::{
    super::plan::{ActorPlan, ProfileSetup},
    Profile, ProfileCall, ProfileContracts, ProfileEvent, ProfileState, ProfileTimer, World,
};
use crate::{
    protocol::{
        Action, Actor, ActorId, Adversary, Behaviour, BlockMoment, ChainState, DeployedContracts, Directory,
        Hunted, Input, Invocation, Move, Population, Protocol, Reader, Told, TxOutcome,
    },
    seed::StreamSeed,
    time::Micros,
};

/// The least and the most steps of a sequence, after set-up.
const STEPS: std::ops::RangeInclusive<u32> = 10..=60;
/// The most steps that waiting for something to happen takes.
const PATIENCE: u32 = 200;
/// Somebody without a part.
const STRANGER: Address = Address::new([0xc1; 20]);
/// Seconds that a long pause lasts at most.
const LONG: u64 = 7 * 24 * 3_600;

/// An adversary.
#[derive(Debug)]
struct ProfileAdversary {
    rng: ChaCha8Rng,
    world: Arc<World>,
    contracts: ProfileContracts,
    actors: Vec<Vec<Box<dyn Actor<Profile>>>>,
    directory: Directory,
    accounts: Vec<Address>,
    /// The stages of set-up that have not begun.
    stages: VecDeque<Vec<ActorId>>,
    has_begun: bool,
    /// What actors want sent, and when they meant it to be.
    wanted: Vec<(Micros, ActorId, ProfileCall)>,
    /// When actors want to be woken, and in which order they said so.
    timers: BTreeMap<(Micros, u64), (ActorId, ProfileTimer)>,
    asked: u64,
    /// The run's time: that of the latest block, or later.
    now: Micros,
    /// What was sent for an actor and is not in a block yet.
    sent: Option<(ActorId, ProfileCall)>,
    /// All calls that were made.
    made: Vec<(Address, ProfileCall)>,
    /// Steps that are left.
    left: u32,
}

impl Hunted for Profile {
    const RESUMES: bool = false;

    fn adversary(
        setup: &ProfileSetup<'_>,
        contracts: &ProfileContracts,
        stream: StreamSeed,
    ) -> Box<dyn Adversary<Self>> {
        let mut rng = stream.rng();
        let drawn: u64 = rng.random();
        let actors: Vec<ActorPlan> = (0..)
            .zip(setup.actors)
            .map(|(index, actor)| ActorPlan {
                stream: StreamSeed::derive(drawn, "hunt/actor", index),
                ..actor.clone()
            })
            .collect();
        let setup = ProfileSetup {
            actors: &actors,
            ..*setup
        };
        let Population {
            actors,
            directory,
            stages,
            ..
        } = Self::population(&setup, contracts);
        let accounts = directory.accounts().into_iter().map(|(_, account)| account);
        Box::new(ProfileAdversary {
            accounts: accounts.chain([STRANGER]).collect(),
            world: Arc::clone(contracts.world()),
            contracts: contracts.clone(),
            stages: stages.into(),
            has_begun: false,
            wanted: Vec::new(),
            timers: BTreeMap::new(),
            asked: 0,
            now: Micros::ZERO,
            sent: None,
            made: Vec::new(),
            left: rng.random_range(STEPS),
            actors,
            directory,
            rng,
        })
    }

    fn note(contracts: &ProfileContracts, call: &ProfileCall) -> Option<String> {
        note::write(contracts.world(), call)
    }

    fn recall(
        contracts: &ProfileContracts,
        from: Address,
        invocation: &Invocation,
        note: Option<&str>,
    ) -> Option<ProfileCall> {
        // What has no note no actor sent.
        let call = contracts.decode_call(from, invocation)?;
        Some(note::read(contracts.world(), call, note?))
    }

    /// A profile knows what its own actors submit, and not what others do.
    fn is_entered(event: &ProfileEvent, note: Option<&str>) -> bool {
        note.is_some() || !event.opens
    }
}

impl Adversary<Profile> for ProfileAdversary {
    fn directory(&self) -> &Directory {
        &self.directory
    }

    fn senders(&self) -> Vec<Address> {
        self.accounts.clone()
    }

    fn next(
        &mut self,
        state: &ProfileState,
        latest: &BlockMoment,
        read: &mut Reader<'_, Profile>,
    ) -> Option<Move> {
        self.now = self.now.max(latest.seen);
        for _ in 0..PATIENCE {
            self.wake(state, read);
            if !self.has_begun {
                if let Some(sent) = self.honest(0, latest) {
                    return Some(sent);
                }
                self.begin(state, read);
                continue;
            }
            if self.left == 0 {
                return None;
            }
            if let Some(sent) = self.step(latest) {
                self.left -= 1;
                return Some(sent);
            }
        }
        None
    }

    fn told(
        &mut self,
        state: &ProfileState,
        latest: &BlockMoment,
        told: Told<'_, Profile>,
        read: &mut Reader<'_, Profile>,
    ) {
        self.now = self.now.max(latest.seen);
        if let Some((actor, call)) = self.sent.take() {
            let outcome = match told.reverted {
                None => TxOutcome::Included,
                Some(reason) => TxOutcome::of_revert(reason.to_owned(), call.races),
            };
            self.notify(actor, Input::Outcome(&call, &outcome, told.events), state, read);
        }
        for (actor, timer) in told.due {
            self.notify(actor, Input::Timer(timer), state, read);
        }
    }

    fn shape(&self, state: &ProfileState, _: &BlockMoment) -> Vec<u64> {
        let tasks = self.world.definition.schema.task_phases.iter();
        let counts = tasks.map(|phase| state.in_phase(*phase).min(2));
        counts.chain([self.wanted.len().min(3) as u64]).collect()
    }
}

impl ProfileAdversary {
    /// Begins the next stage of set-up, or the load.
    fn begin(&mut self, state: &ProfileState, read: &mut Reader<'_, Profile>) {
        let (actors, input) = match self.stages.pop_front() {
            Some(stage) => (stage, Input::SetUp),
            None => {
                self.has_begun = true;
                let all = self.directory.accounts().into_iter().map(|(actor, _)| actor);
                (all.collect(), Input::Begin)
            }
        };
        for actor in actors {
            self.notify(actor, input, state, read);
        }
    }

    /// Wakes those whose time has come.
    fn wake(&mut self, state: &ProfileState, read: &mut Reader<'_, Profile>) {
        for _ in 0..PATIENCE {
            let Some(first) = self
                .timers
                .first_entry()
                .filter(|first| first.key().0 <= self.now)
            else {
                return;
            };
            let (actor, timer) = first.remove();
            self.notify(actor, Input::Timer(timer), state, read);
        }
    }

    /// Gives an actor an input, and takes what it wants done.
    fn notify(
        &mut self,
        actor: ActorId,
        input: Input<'_, Profile>,
        state: &ProfileState,
        read: &mut Reader<'_, Profile>,
    ) {
        let mut actions = Vec::new();
        let now = self.now;
        let known = self.actors.get_mut(actor.role.index());
        let Some(stepped) = known.and_then(|actors| actors.get_mut(actor.index as usize)) else {
            return;
        };
        stepped.step(now, input, state, &mut actions);
        let mut todo = VecDeque::from(actions);
        while let Some(action) = todo.pop_front() {
            match action {
                Action::Send { call, intended } => self.wanted.push((intended, actor, call)),
                Action::SetTimer(at, timer) => {
                    self.asked += 1;
                    self.timers.insert((at, self.asked), (actor, timer));
                }
                Action::Read(query) => {
                    let reply = read(&query);
                    let reply = reply.as_ref().map_err(String::as_str);
                    let mut more = Vec::new();
                    self.actors[actor.role.index()][actor.index as usize].step(
                        now,
                        Input::Reply(&query, reply),
                        state,
                        &mut more,
                    );
                    todo.extend(more);
                }
                // Actors of hunts are honest: the adversary is not. What is signed off the chain is no transaction; whole
                // runs have it.
                Action::Announce { .. }
                | Action::Misbehave { .. }
                | Action::CannotAct { .. }
                | Action::LoadOver => {}
            }
        }
    }

    /// The next step; `None` if time went on without one.
    fn step(&mut self, latest: &BlockMoment) -> Option<Move> {
        match self.rng.random_range(0..100) {
            0..=64 if !self.wanted.is_empty() => {
                let place = self.rng.random_range(0..self.wanted.len().min(4));
                self.honest(place, latest)
            }
            // Nobody wants anything: time goes on to when somebody does.
            0..=64 => {
                let next = self.timers.first_key_value().map(|((at, _), _)| *at);
                match next.filter(|_| self.rng.random_ratio(9, 10)) {
                    Some(at) => {
                        self.now = self.now.max(at);
                        None
                    }
                    None => Some(self.pause(latest)),
                }
            }
            65..=72 => self.again(latest),
            73..=82 => self.by_another(latest),
            83..=85 if !self.wanted.is_empty() => {
                let place = self.rng.random_range(0..self.wanted.len());
                self.wanted.remove(place);
                None
            }
            83..=88 => Some(self.pause(latest)),
            89..=92 => self.mangled(latest),
            _ => self.any_call(latest),
        }
    }

    /// What an actor wants, as it wants it.
    fn honest(&mut self, place: usize, latest: &BlockMoment) -> Option<Move> {
        if place >= self.wanted.len() {
            return None;
        }
        let (intended, actor, call) = self.wanted.remove(place);
        self.now = self.now.max(intended);
        let from = self.directory.address(actor);
        self.made.push((from, call.clone()));
        let sent = self.call(from, &call, "valid", latest);
        self.sent = Some((actor, call));
        Some(sent)
    }

    /// A call that was made, again by the same account.
    fn again(&mut self, latest: &BlockMoment) -> Option<Move> {
        let (from, call) = self.some_call()?;
        Some(self.call(from, &call, "duplicate", latest))
    }

    /// A call that was made or is wanted, by somebody else.
    fn by_another(&mut self, latest: &BlockMoment) -> Option<Move> {
        let (_, call) = self.some_call()?;
        let from = self.somebody();
        let rules = &self.world.definition.rules;
        let rule = call.rule.map(|rule| &rules[usize::from(rule)]);
        let refuses = rule.is_some_and(|rule| rule.refuses.contains(&Behaviour::Stranger));
        Some(Move {
            refuse: (refuses && from == STRANGER).then_some("it is of somebody without a part"),
            ..self.call(from, &call, "stranger", latest)
        })
    }

    fn some_call(&mut self) -> Option<(Address, ProfileCall)> {
        let wanted = self.wanted.len();
        let all = wanted + self.made.len();
        if all == 0 {
            return None;
        }
        let place = self.rng.random_range(0..all);
        Some(match place.checked_sub(wanted) {
            None => {
                let (_, actor, call) = &self.wanted[place];
                (self.directory.address(*actor), call.clone())
            }
            Some(place) => self.made[place].clone(),
        })
    }

    /// Anybody but the deployer.
    fn somebody(&mut self) -> Address {
        let others = self
            .accounts
            .iter()
            .filter(|account| **account != self.world.deployer);
        let others: Vec<Address> = others.copied().collect();
        others[self.rng.random_range(0..others.len())]
    }

    /// Time goes on for a while, or for long.
    fn pause(&mut self, latest: &BlockMoment) -> Move {
        let next = self.timers.first_key_value().map(|((at, _), _)| *at);
        let pause = match self.rng.random_range(0..4) {
            0 => self.rng.random_range(1..=LONG),
            1 => self.rng.random_range(1..=3_600),
            _ => self.rng.random_range(1..=60),
        };
        let soon = Micros(self.now.0 + pause * 1_000_000);
        self.now = next
            .filter(|_| self.rng.random_bool(0.5))
            .unwrap_or(soon)
            .max(self.now);
        let nothing = Invocation {
            to: Some(Address::ZERO),
            value: U256::ZERO,
            input: Bytes::new(),
            gas_limit: 21_000,
        };
        self.sends(STRANGER, nothing, "pause", None, latest)
    }

    fn call(&mut self, from: Address, call: &ProfileCall, kind: &'static str, latest: &BlockMoment) -> Move {
        let invocation = self.contracts.encode(call);
        let note = note::write(&self.world, call);
        self.sends(from, invocation, kind, note, latest)
    }

    fn sends(
        &mut self,
        from: Address,
        invocation: Invocation,
        kind: &'static str,
        note: Option<String>,
        latest: &BlockMoment,
    ) -> Move {
        // The first block whose time is not before what was meant; blocks are a second apart or more.
        let seconds = (self.now.0.saturating_sub(latest.seen.0)).div_ceil(1_000_000);
        Move {
            timestamp: latest.timestamp + seconds.max(1),
            from,
            invocation,
            kind,
            refuse: None,
            note,
        }
    }
}
