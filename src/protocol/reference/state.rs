//! State of the chain by its events: the ledger of tasks, the audit of money, and the model of the contracts, kept together
//! so that a reorg can take all of it back.

use std::{collections::BTreeSet, time::Duration};

use alloy::primitives::{
    Address, U256,
    map::{AddressSet, HashMap},
};

use super::{
    Audit, Call, Contracts, Event, Ledger, Model, Query, Reference, Reply, Rules, Seat, Step, TaskState,
    TaskView, TaskViewKind, Trial,
};
use crate::protocol::{
    ChainState, Directory, InBlock, Invariant, OwnTransaction, Role, TaskKey, TaskPhase, TaskSummary,
    Trial as TrialOf, Violation,
};

/// The first sessions, which are all looked at after a block that changed them.
const SESSIONS: u64 = 8;

/// What the events of all blocks come to.
#[derive(Clone, Debug, Default)]
pub struct State {
    ledger: Ledger,
    audit: Audit,
    /// What the contracts must do; `None` where nothing is known of them.
    model: Option<Model>,
    /// The owner of each session.
    owners: HashMap<u64, Address>,
    /// The latest block's timestamp.
    timestamp: u64,
    /// Tasks and sessions that the latest block changed, where each block is looked at.
    touched: BTreeSet<TaskKey>,
    touched_sessions: BTreeSet<u64>,
    /// Whether the calls that nobody makes were tried.
    forbidden_tried: bool,
}

impl State {
    /// Holds every transaction against what contracts that were deployed so must do.
    #[must_use]
    pub fn checked_by(rules: Rules) -> Self {
        Self {
            model: Some(Model::new(rules)),
            ..Self::default()
        }
    }

    /// The invariants that [`State::shared`] is held against: those that events of the run's own tasks tell.
    pub const CHECKED_IF_SHARED: [Invariant; 7] = [
        Invariant::ORDER,
        Invariant::BINDING,
        Invariant::HIDING,
        Invariant::RESERVATION,
        Invariant::FINALITY,
        Invariant::AGREEMENT,
        Invariant::LIVENESS,
    ];

    /// The state of contracts that others use, and used before: what these do is not known.
    #[must_use]
    pub fn shared() -> Self {
        Self {
            ledger: Ledger::shared(),
            ..Self::default()
        }
    }

    /// The ledger of tasks.
    #[must_use]
    pub const fn ledger(&self) -> &Ledger {
        &self.ledger
    }

    /// The model of the contracts.
    pub(super) const fn model(&self) -> Option<&Model> {
        self.model.as_ref()
    }

    /// The owner of a session.
    #[must_use]
    pub fn owner_of(&self, session: u64) -> Option<Address> {
        self.owners.get(&session).copied()
    }

    /// Wei that a session's owner may withdraw, if that is known.
    pub(super) fn available(&self, session: u64) -> Option<U256> {
        self.model.as_ref()?.available(session)
    }

    /// The seat of a miner at the task of its call.
    fn seat(&self, miner: Address, key: TaskKey) -> Option<&Seat> {
        let seats = &self.ledger.task(key)?.seats;
        seats.iter().find(|seat| seat.miner == miner)
    }

    /// Takes note of the tasks and sessions that a transaction changed, which is entered, and that are looked at closely.
    fn touch(&mut self, transaction: &InBlock<'_, Reference>) {
        let Some(model) = self.model.as_ref().filter(|model| model.is_in_order()) else {
            return;
        };
        let called = transaction.own.and_then(|own| own.call.task());
        let events = transaction.events;
        let tasks = events.iter().filter_map(Event::task).chain(called);
        self.touched.extend(tasks.filter(|key| model.is_sampled(*key)));
        let sessions = events
            .iter()
            .filter(|event| event.task().is_none())
            .filter_map(Event::session)
            .filter(|session| *session < SESSIONS || session.is_power_of_two());
        self.touched_sessions.extend(sessions);
    }

    /// Holds a reply against the model, unless it may be of a history that is undone.
    fn check_by_model(&mut self, contracts: &Contracts, reply: &Reply) {
        if !self.audit.is_complete() {
            return;
        }
        let Some(model) = &mut self.model else { return };
        match reply {
            // The model knows the hashes by the run's id of the session.
            Reply::TaskView(key, TaskView::Hashes(_))
                if contracts.session_on_chain(key.session) != key.session => {}
            Reply::TaskView(key, view) => model.check_task(*key, view),
            Reply::SessionBalance {
                session,
                available,
                reserved,
            } => model.check_balance(*session, [*available, *reserved]),
            Reply::Earnings { miner, earned } => model.check_earnings(*miner, *earned),
            Reply::ContractBalance(wei) => model.check_solvency(*wei),
            Reply::PoolCounts(counts) => model.check_pool(*counts),
            Reply::SessionNodes {
                session,
                own,
                shared,
                active,
            } => model.check_members(*session, own, shared, *active),
            Reply::TaskResults { .. } | Reply::TaskCount { .. } => {}
        }
    }
}

impl ChainState<Reference> for State {
    fn enter(&mut self, contracts: &Contracts, transaction: &InBlock<'_, Reference>) {
        self.timestamp = transaction.timestamp;
        if let Some(model) = &mut self.model {
            if contracts.renumbers() {
                model.forget_session_order();
            }
            model.enter(transaction);
        }
        self.touch(transaction);
        let own = transaction.own;
        for event in transaction.events {
            if let Event::SessionCreated { session, owner, .. } = event {
                self.owners.insert(*session, *owner);
            }
            let call = own.map(|own| own.call);
            self.ledger
                .enter(transaction.seen, event, call, own.and_then(|own| own.submission));
            self.audit.enter(event);
        }
        if let Some(OwnTransaction {
            call: Call::EndAck(key),
            reverted: None,
            ..
        }) = own
        {
            self.ledger.ack_ended(*key);
        }
    }

    fn replace(&mut self, events: Self) {
        self.audit.take_events(&events.audit);
        self.ledger = events.ledger;
        self.model = events.model;
        self.owners = events.owners;
    }

    fn phase(&self, task: TaskKey) -> Option<TaskPhase> {
        self.ledger.task(task).map(|task| task.phase)
    }

    fn in_phase(&self, phase: TaskPhase) -> u64 {
        self.ledger.in_phase(phase)
    }

    fn task(&self, task: TaskKey) -> Option<TaskSummary> {
        self.ledger.task(task).map(summary)
    }

    fn close(&mut self, task: TaskKey) {
        self.ledger.close(task);
    }

    fn close_all(&mut self) -> Vec<TaskSummary> {
        self.ledger.close_all().iter().map(summary).collect()
    }

    fn is_done(&self, from: Address, call: &Call) -> bool {
        let Some((key, step)) = call.step() else {
            return false;
        };
        self.seat(from, key).is_some_and(|seat| seat.step >= step)
    }

    fn is_dismissed(&self, from: Address, call: &Call) -> bool {
        let Some((key, _)) = call.step() else {
            return false;
        };
        self.ledger.task(key).is_some() && self.seat(from, key).is_none()
    }

    fn window_left(&self, call: &Call) -> Option<Duration> {
        let deadline = self.model.as_ref()?.deadline(call)?;
        Some(Duration::from_secs(deadline.saturating_sub(self.timestamp)))
    }

    fn has_violations(&self) -> bool {
        self.ledger.has_violations() || self.model.as_ref().is_some_and(Model::has_violations)
    }

    fn take_violations(&mut self) -> Vec<Violation> {
        let mut violations = self.ledger.take_violations();
        violations.extend(self.model.iter_mut().flat_map(Model::take_violations));
        violations
    }

    fn check_liveness(&mut self, withheld: u64) {
        if let Some(model) = self.model.as_mut().filter(|model| model.has_oracle()) {
            model.check_liveness(self.timestamp, withheld);
        }
    }

    /// Every session's tasks (I9) and, where there were such, the money deposited (I6) and the miners that sessions have to
    /// themselves (I5).
    fn audit(&mut self, actors: &Directory) -> Vec<Query> {
        let sessions: Vec<u64> = self
            .ledger
            .task_counts()
            .into_iter()
            .map(|(session, _)| session)
            .collect();
        let of_sessions = |query: fn(u64) -> Query| sessions.iter().copied().map(query);
        let mut queries: Vec<Query> = of_sessions(Query::TaskCount).collect();
        if self.audit.has_deposits() || self.model.is_some() {
            queries.extend(of_sessions(Query::SessionBalance));
            // Money may be in sessions that never had a task.
            let others = self.model.iter().flat_map(Model::session_ids);
            let others = others.filter(|session| sessions.binary_search(session).is_err());
            queries.extend(others.map(Query::SessionBalance));
            let miners = actors.all(Role::MINER).map(|miner| actors.address(miner));
            let mut earners: Vec<Address> = miners.collect();
            let listed: AddressSet = earners.iter().copied().collect();
            // Anybody may have become a miner.
            let others = self.model.iter().flat_map(Model::earners);
            earners.extend(others.filter(|account| !listed.contains(account)));
            queries.extend(earners.into_iter().map(Query::Earnings));
        }
        if let Some(model) = &self.model {
            let tasks = model.kept_tasks().into_iter();
            queries.extend(tasks.flat_map(|key| TaskViewKind::ALL.map(|kind| Query::TaskView(key, kind))));
            queries.push(Query::ContractBalance);
        }
        if self.ledger.has_reservations() || self.model.is_some() {
            queries.extend(of_sessions(Query::SessionNodes));
        }
        queries
    }

    fn check(&mut self, contracts: &Contracts, reply: &Reply, doubtful: bool) {
        self.check_by_model(contracts, reply);
        match reply {
            Reply::TaskResults { key, results } if !doubtful => self.ledger.check_results(*key, results),
            Reply::TaskCount { session, count } => self.ledger.check_count(*session, *count),
            Reply::SessionNodes {
                session,
                own,
                shared,
                active,
            } if self.ledger.has_reservations() => self.ledger.check_nodes(*session, own, shared, *active),
            // The model alone knows what they must be, and the audit their sum.
            _ => {}
        }
    }

    fn found(&mut self, reply: &Reply) {
        match reply {
            Reply::SessionBalance {
                available, reserved, ..
            } => self.audit.found(*available + *reserved),
            Reply::Earnings { earned, .. } => self.audit.found(*earned),
            _ => {}
        }
    }

    fn unreadable(&mut self) {
        self.audit.failed();
    }

    fn close_audit(&mut self) -> bool {
        self.ledger.violated(self.audit.verdict());
        self.audit.is_complete()
    }

    fn inspections(&mut self, contracts: &Contracts) -> (Vec<Query>, Vec<TrialOf<Reference>>) {
        let touched = std::mem::take(&mut self.touched);
        let sessions = std::mem::take(&mut self.touched_sessions);
        let Some(model) = &self.model else {
            return (Vec::new(), Vec::new());
        };
        let (mut queries, mut probes) = (Vec::new(), Vec::new());
        for key in touched.into_iter().filter(|key| model.is_sampled(*key)) {
            queries.extend(TaskViewKind::ALL.map(|kind| Query::TaskView(key, kind)));
            queries.extend(model.miners(key).into_iter().map(Query::Earnings));
            queries.push(Query::SessionBalance(key.session));
            probes.extend(model.probes(key, self.timestamp));
        }
        for session in sessions {
            queries.extend([Query::SessionBalance(session), Query::SessionNodes(session)]);
            probes.extend(model.session_probes(session, self.timestamp));
        }
        if !queries.is_empty() {
            queries.extend([Query::ContractBalance, Query::PoolCounts]);
        }
        let mut trials: Vec<_> = probes
            .into_iter()
            .map(|probe| TrialOf {
                from: probe.from,
                invocation: contracts.encode(&probe.call),
                timestamp: Some(probe.timestamp),
                subject: Trial::Probe(probe),
            })
            .collect();
        if !self.forbidden_tried {
            let forbidden = model.forbidden(contracts);
            self.forbidden_tried = !forbidden.is_empty();
            trials.extend(forbidden.into_iter().map(|call| TrialOf {
                from: call.from,
                invocation: call.invocation.clone(),
                timestamp: None,
                subject: Trial::Forbidden(call),
            }));
        }
        (queries, trials)
    }

    fn inspected(&mut self, contracts: &Contracts, reply: &Reply) {
        self.check_by_model(contracts, reply);
    }

    fn tried(&mut self, trial: &TrialOf<Reference>, outcome: Result<Vec<Event>, &str>) {
        let Some(model) = &mut self.model else { return };
        match &trial.subject {
            Trial::Probe(probe) => model.probed(probe, outcome),
            Trial::Forbidden(call) if outcome.is_ok() => model.intruded(call),
            Trial::Forbidden(_) => {}
        }
    }
}

/// A task in the terms of the schema.
fn summary(task: &TaskState) -> TaskSummary {
    let failed = task.phase.is_over() && task.reached(Step::Committed) == 0;
    TaskSummary {
        name: None,
        outcome: None,
        key: task.key,
        global_id: task.global_id,
        submission: task.submission,
        opened: task.moments.queued,
        steps: filled(task.moments.steps(), None),
        ended: task.moments.ended,
        counts: filled(task.counts(), 0),
        phase: task.phase,
        failure: failed.then(|| task.no_result().to_owned()),
    }
}

/// An array that begins with these, and goes on with the same.
fn filled<T: Copy, const SOME: usize, const ALL: usize>(some: [T; SOME], rest: T) -> [T; ALL] {
    let mut all = [rest; ALL];
    all[..SOME].copy_from_slice(&some);
    all
}
