//! The dishonest actor: an honest one, and what it makes of its calls.

use std::{collections::BTreeMap, sync::Arc, time::Duration};

use alloy::primitives::Address;
use rand::{RngExt, rngs::ChaCha8Rng};

use super::{
    Behaviour, BehaviourSpec, Cue, DishonestCall, MisbehaviourPlan, Misdeed, Owed, PublicTransaction,
    behaviour::Occasion, mangled, plan::draws,
};
use crate::{
    protocol::{
        Action, Actor, ActorId, ChainState, DeployedContracts, Directory, Input, Place, Protocol,
        ProtocolCall, ProtocolTimer, TaskKey, Temptation, TxOutcome,
    },
    seed::StreamSeed,
    time::Micros,
};

/// The fewest tasks with misdeeds that are worth looking through.
const FEW: usize = 256;

/// An actor that misbehaves once the load has begun, and until it is over.
#[derive(Debug)]
pub struct Misbehaving<P: Protocol> {
    honest: Box<dyn Actor<P>>,
    contracts: P::Contracts,
    directory: Arc<Directory>,
    id: ActorId,
    address: Address,
    stream: StreamSeed,
    coalition: StreamSeed,
    submits: bool,
    random: ChaCha8Rng,
    behaviours: Vec<BehaviourSpec>,
    /// Whether the load goes on.
    under_load: bool,
    /// What waits for its moment, by the number of its timer.
    waiting: BTreeMap<u64, Action<P>>,
    next_timer: u64,
    /// Tasks in which a misdeed may have taken the place of a later honest call.
    marked: BTreeMap<TaskKey, Behaviour>,
    /// A misdeed about no task that may have spoilt whatever comes later.
    spoilt: Option<Behaviour>,
    /// What it noted of tasks at misdeeds.
    notes: BTreeMap<TaskKey, Vec<u8>>,
    /// The number of them at which those that ended are forgotten.
    full: usize,
    actions: Vec<Action<P>>,
}

impl<P: Protocol> Misbehaving<P> {
    /// The actor `honest`, which misbehaves as `plan` says.
    #[must_use]
    pub fn new(
        honest: Box<dyn Actor<P>>,
        plan: &MisbehaviourPlan,
        contracts: P::Contracts,
        directory: Arc<Directory>,
    ) -> Self {
        Self {
            honest,
            contracts,
            id: plan.actor,
            address: directory.address(plan.actor),
            directory,
            stream: plan.stream,
            coalition: plan.coalition,
            submits: plan.submits,
            random: plan.stream.rng(),
            behaviours: plan.behaviours.clone(),
            under_load: false,
            waiting: BTreeMap::new(),
            next_timer: 0,
            marked: BTreeMap::new(),
            spoilt: None,
            notes: BTreeMap::new(),
            full: FEW,
            actions: Vec::new(),
        }
    }

    /// Those of its behaviours that this occasion tempts and that are drawn.
    fn tempted(&mut self, occasion: Occasion, call: &P::Call) -> Vec<BehaviourSpec> {
        let phase = call.function().phase_under_load();
        let (streams, random) = ([self.stream, self.coalition], &mut self.random);
        let of_occasion = self
            .behaviours
            .iter()
            .filter(|spec| spec.kind.is_tempted_by(occasion) && spec.concerns(phase));
        of_occasion
            .filter(|spec| draws(spec, call, streams, random))
            .cloned()
            .collect()
    }

    /// The honest actor is about to make a call.
    fn about_to_send(
        &mut self,
        now: Micros,
        call: P::Call,
        intended: Micros,
        chain: &P::State,
        actions: &mut Vec<Action<P>>,
    ) {
        for spec in self.tempted(Occasion::Beside, &call) {
            for dishonest in self
                .dishonest(&spec, &call, self.address, chain)
                .unwrap_or_default()
            {
                self.act(intended, spec.kind, dishonest, Place::Beside, chain, actions);
            }
        }
        for spec in self.tempted(Occasion::Sending, &call) {
            if self.sends_instead(now, intended, &spec, &call, chain, actions) {
                return;
            }
        }
        let marked = call.task().and_then(|task| self.marked.get(&task)).copied();
        actions.push(match marked.or(self.spoilt) {
            Some(behaviour) => Action::Misbehave {
                misdeed: Misdeed {
                    behaviour,
                    owed: Owed::MayBeAccepted,
                },
                call,
                edited: None,
                intended,
                place: Place::Consequence,
            },
            None => Action::Send { call, intended },
        });
    }

    /// Does something else than the honest actor; whether it does.
    fn sends_instead(
        &mut self,
        now: Micros,
        intended: Micros,
        spec: &BehaviourSpec,
        call: &P::Call,
        chain: &P::State,
        actions: &mut Vec<Action<P>>,
    ) -> bool {
        match spec.kind {
            // The load says how many tasks there are.
            Behaviour::Lazy | Behaviour::Silent => !call.submits_task(),
            Behaviour::Late => {
                let at = now + chain.window_left(call).unwrap_or_default() + spec.by;
                let dishonest = DishonestCall::of(call.clone());
                self.act_later(at, spec.kind, dishonest, Place::Instead, chain, actions);
                true
            }
            Behaviour::Edges => match self.edge(now, call, chain) {
                Some(at) => {
                    let dishonest = DishonestCall::of(call.clone());
                    self.act_later(at, spec.kind, dishonest, Place::Instead, chain, actions);
                    true
                }
                None => false,
            },
            kind => {
                let Some(calls) = self.dishonest(spec, call, self.address, chain) else {
                    return false;
                };
                for dishonest in calls {
                    self.act(intended, kind, dishonest, Place::Instead, chain, actions);
                }
                true
            }
        }
    }

    /// A call of its own was accepted.
    fn accepted(&mut self, now: Micros, call: &P::Call, chain: &P::State, actions: &mut Vec<Action<P>>) {
        for spec in self.tempted(Occasion::Accepted, call) {
            let calls = match spec.kind {
                Behaviour::Duplicate => vec![DishonestCall::of(call.clone())],
                Behaviour::Early | Behaviour::Skip => {
                    self.go_on(now, &spec, call, chain, actions);
                    Vec::new()
                }
                _ => self
                    .dishonest(&spec, call, self.address, chain)
                    .unwrap_or_default(),
            };
            for dishonest in calls {
                self.act(now, spec.kind, dishonest, Place::Beside, chain, actions);
            }
        }
    }

    /// Has the honest actor go on before it may. What comes of that later is not told from what it would do anyhow: it is a
    /// misdeed if it is refused.
    fn go_on(
        &mut self,
        now: Micros,
        spec: &BehaviourSpec,
        call: &P::Call,
        chain: &P::State,
        actions: &mut Vec<Action<P>>,
    ) {
        let mut note = Vec::new();
        let tempting = Temptation {
            behaviour: spec.kind,
            actor: self.address,
            from: self.address,
            call,
            state: chain,
            note: &mut note,
        };
        let cues = self.contracts.cues(&tempting, &mut self.random);
        for cue in cues {
            if let Some(task) = call.task() {
                self.mark(task, spec.kind, chain);
            }
            let input = match &cue {
                Cue::Event(event) => Input::Event(event, 0),
                Cue::Timer(timer) => Input::Timer(*timer),
            };
            self.step_honestly(now, input, chain, actions);
        }
    }

    /// Has the honest actor take an input, and does what comes of it.
    fn step_honestly(
        &mut self,
        now: Micros,
        input: Input<'_, P>,
        chain: &P::State,
        actions: &mut Vec<Action<P>>,
    ) {
        // Who submits tasks needs what it submits them to.
        let is_outsider = !self.submits
            && self
                .behaviours
                .iter()
                .any(|spec| spec.kind == Behaviour::Outsider);
        let mut honest = std::mem::take(&mut self.actions);
        self.honest.step(now, input, chain, &mut honest);
        for action in honest.drain(..) {
            match action {
                Action::Send { .. } if is_outsider => {}
                Action::Send { call, intended } if self.under_load => {
                    self.about_to_send(now, call, intended, chain, actions);
                }
                // A misdeed of its own may be why.
                Action::CannotAct { submits: false, .. } if self.under_load => {}
                other => actions.push(other),
            }
        }
        self.actions = honest;
    }

    /// Somebody else's call is in the mempool.
    fn seen(
        &mut self,
        now: Micros,
        seen: &PublicTransaction<P>,
        chain: &P::State,
        actions: &mut Vec<Action<P>>,
    ) {
        let own_role = self.directory.at(seen.from).map(|actor| actor.role) == Some(self.id.role);
        let is_stranger = !own_role || chain.is_dismissed(self.address, &seen.call);
        for spec in self.tempted(Occasion::Seen, &seen.call) {
            let calls = match spec.kind {
                Behaviour::Stranger if is_stranger => vec![DishonestCall::of(seen.call.clone())],
                Behaviour::Copycat if !is_stranger && !seen.call.submits_task() => {
                    vec![DishonestCall::of(seen.call.clone())]
                }
                Behaviour::Stranger | Behaviour::Copycat => Vec::new(),
                Behaviour::Outsider => vec![DishonestCall::of(seen.call.clone())],
                _ => self
                    .dishonest(&spec, &seen.call, seen.from, chain)
                    .unwrap_or_default(),
            };
            let at_edge = spec.kind == Behaviour::Edges;
            let edge = self.edge(now, &seen.call, chain).filter(|_| at_edge);
            for dishonest in calls {
                match edge {
                    Some(at) => self.act_later(at, spec.kind, dishonest, Place::Beside, chain, actions),
                    None => self.act(now, spec.kind, dishonest, Place::Beside, chain, actions),
                }
            }
        }
    }

    /// The calls that its protocol knows for a behaviour on account of a call of `from`.
    fn dishonest(
        &mut self,
        spec: &BehaviourSpec,
        call: &P::Call,
        from: Address,
        chain: &P::State,
    ) -> Option<Vec<DishonestCall<P>>> {
        if spec.kind == Behaviour::Mangle {
            let invocation = self.contracts.encode(call);
            let function = self.contracts.function_abi(&invocation);
            let input = function
                .and_then(|function| mangled(&function, &invocation.input, self.address, &mut self.random));
            let edited = input.map(|input| DishonestCall {
                call: call.clone(),
                edited: Some(invocation.with_input(input)),
            });
            return edited.map(|edited| vec![edited]);
        }
        let mut note = call
            .task()
            .and_then(|task| self.notes.remove(&task))
            .unwrap_or_default();
        let mut tempting = Temptation {
            behaviour: spec.kind,
            actor: self.address,
            from,
            call,
            state: chain,
            note: &mut note,
        };
        let calls = match call.task().filter(|_| spec.kind.is_of_tasks()) {
            // What it does about a task at one time agrees with what it does at another.
            Some(task) => {
                let stream = if spec.kind == Behaviour::Collude {
                    self.coalition
                } else {
                    self.stream
                };
                let mut random = stream.rng_of_decision([spec.kind as u64, 1, task.session, task.task]);
                self.contracts.dishonest(&mut tempting, &mut random)
            }
            None => self.contracts.dishonest(&mut tempting, &mut self.random),
        };
        if let Some(task) = call.task().filter(|_| !note.is_empty()) {
            self.notes.insert(task, note);
        }
        calls
    }

    /// When a call comes in the last second of its window, or in the first after it; `None` if it has none that is known.
    fn edge(&mut self, now: Micros, call: &P::Call, chain: &P::State) -> Option<Micros> {
        const HALF: Duration = Duration::from_millis(500);
        let last = now + chain.window_left(call)?;
        Some(if self.random.random_bool(0.5) {
            last + HALF
        } else {
            Micros(last.0.saturating_sub(HALF.as_micros() as u64)).max(now)
        })
    }

    /// Makes a dishonest call at a later moment.
    fn act_later(
        &mut self,
        at: Micros,
        behaviour: Behaviour,
        dishonest: DishonestCall<P>,
        place: Place,
        chain: &P::State,
        actions: &mut Vec<Action<P>>,
    ) {
        let mut later = Vec::new();
        self.act(at, behaviour, dishonest, place, chain, &mut later);
        for action in later {
            self.wait(at, action, actions);
        }
    }

    /// Makes a dishonest call.
    fn act(
        &mut self,
        intended: Micros,
        behaviour: Behaviour,
        dishonest: DishonestCall<P>,
        place: Place,
        chain: &P::State,
        actions: &mut Vec<Action<P>>,
    ) {
        let DishonestCall { call, edited } = dishonest;
        let owed = self
            .contracts
            .owed(behaviour, self.address, &call, edited.is_some(), chain);
        match call.task() {
            _ if owed == Owed::MustBeRefused => {}
            Some(task) => self.mark(task, behaviour, chain),
            // What a contract of its own does leaves its account as it was.
            None if edited.is_some() => {}
            None => {
                self.spoilt.get_or_insert(behaviour);
            }
        }
        actions.push(Action::Misbehave {
            misdeed: Misdeed { behaviour, owed },
            call,
            edited,
            intended,
            place,
        });
    }

    /// Notes that later honest calls about a task may be refused on account of a misdeed.
    fn mark(&mut self, task: TaskKey, behaviour: Behaviour, chain: &P::State) {
        if self.marked.len() >= self.full {
            let is_open = |task: &TaskKey| chain.phase(*task).is_some_and(|phase| !phase.is_over());
            self.marked.retain(|task, _| is_open(task));
            self.notes.retain(|task, _| is_open(task));
            self.full = FEW.max(2 * self.marked.len());
        }
        self.marked.entry(task).or_insert(behaviour);
    }

    /// Puts an action off until `at`.
    fn wait(&mut self, at: Micros, action: Action<P>, actions: &mut Vec<Action<P>>) {
        let number = self.next_timer;
        self.next_timer += 1;
        self.waiting.insert(number, action);
        actions.push(Action::SetTimer(at, P::Timer::of_misdeed(number)));
    }
}

impl<P: Protocol> Actor<P> for Misbehaving<P> {
    fn step(&mut self, now: Micros, input: Input<'_, P>, chain: &P::State, actions: &mut Vec<Action<P>>) {
        match input {
            Input::Begin => self.under_load = true,
            Input::Close => {
                self.under_load = false;
                self.waiting.clear();
            }
            Input::Seen(seen) => {
                if self.under_load {
                    self.seen(now, seen, chain, actions);
                }
                return;
            }
            Input::Timer(timer) => {
                if let Some(number) = timer.misdeed() {
                    actions.extend(self.waiting.remove(&number));
                    return;
                }
            }
            _ => {}
        }
        self.step_honestly(now, input, chain, actions);
        if let Input::Outcome(call, TxOutcome::Included, _) = input
            && self.under_load
        {
            self.accepted(now, call, chain, actions);
        }
    }

    fn drawn(&self) -> Vec<u128> {
        let mut drawn = self.honest.drawn();
        drawn.push(self.random.get_word_pos());
        drawn
    }

    fn is_honest(&self) -> bool {
        false
    }

    fn watches_mempool(&self) -> bool {
        self.behaviours
            .iter()
            .any(|spec| spec.kind.is_tempted_by(Occasion::Seen))
    }
}
