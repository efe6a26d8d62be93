//! Cases: whole runs of small variants of a scenario, whose actors misbehave and whose chain and node fail.

use std::{
    panic::{AssertUnwindSafe, catch_unwind},
    thread,
};

use rand::{RngExt, rngs::ChaCha8Rng};
use tokio_util::sync::CancellationToken;
use tracing::subscriber::{NoSubscriber, with_default};

use super::{Broken, Coverage, Outcome, Participants, TracedTransaction, simpler::small};
use crate::{
    chain::embedded::BlockLog,
    fault::{Fault, FaultKind},
    plan::Plan,
    protocol::{Behaviour, BehaviourSpec},
    record::{MisbehaviourResult, Progress, Recorder, RunResult, StopReason},
    run::{simulate, simulate_logged},
    scenario::{ChainKind, Scenario, TaskCount},
    seed::StreamSeed,
    units::Parameter,
};

/// The most behaviours of a group, and the most faults of a case.
const MOST: usize = 2;
/// One case of so many has many tasks: more than a byte can count.
const LONG: u32 = 8;
/// How many those are.
const MANY: u64 = 300;
/// The share of actors' opportunities that a behaviour takes, where it is not its default.
const PROBABILITIES: [u64; 3] = [50_000, 300_000, 1_000_000];
/// The share of transactions, blocks or requests that a fault strikes.
const RATES: [u64; 3] = [10_000, 50_000, 200_000];

/// What a hunt runs whole.
#[derive(Clone, Debug)]
pub struct Cases {
    small: Scenario,
}

/// What came of a case.
#[derive(Debug)]
pub struct CasePlayed {
    /// What it ran.
    pub scenario: Scenario,
    /// What was broken, if something was.
    pub broken: Option<Broken>,
    /// Transactions in blocks.
    pub transactions: u64,
    /// What was covered.
    pub coverage: Vec<Coverage>,
}

impl Cases {
    /// Cases of a scenario: with few tasks and actors, so that a run takes milliseconds.
    #[must_use]
    pub fn of(scenario: &Scenario) -> Self {
        let mut scenario = Scenario {
            thresholds: Vec::new(),
            ..scenario.clone()
        };
        scenario.chain.kind = ChainKind::Embedded;
        Self {
            small: small(&scenario),
        }
    }

    /// Runs the case that `stream` draws.
    #[must_use]
    pub fn play(&self, stream: StreamSeed, stop: &CancellationToken) -> CasePlayed {
        let scenario = drawn(&self.small, &mut stream.rng());
        run_case(scenario, stop)
    }
}

/// A variant of the scenario: another seed, some behaviours, some faults.
fn drawn(small: &Scenario, random: &mut ChaCha8Rng) -> Scenario {
    let mut scenario = Scenario {
        seed: random.random_range(0..=Scenario::MAX_SEED),
        ..small.clone()
    };
    let is_profile = scenario.profile.is_some();
    let roles = scenario.profile.iter_mut().flat_map(|run| &mut run.groups);
    let groups = scenario.owners.iter_mut().map(|group| &mut group.behaviour);
    let groups = groups
        .chain(scenario.miners.iter_mut().map(|group| &mut group.behaviour))
        .chain(roles.map(|group| &mut group.behaviour));
    for group in groups {
        if random.random_bool(0.5) {
            group.extend((0..random.random_range(1..=MOST)).map(|_| behaviour(is_profile, random)));
        }
    }
    if random.random_bool(0.4) {
        let faults = (0..random.random_range(1..=MOST)).filter_map(|_| fault(&scenario, random));
        scenario.faults.faults = faults.collect();
        // Plans have faults in the order of their kinds.
        scenario.faults.faults.sort_by_key(|fault| fault.kind);
    }
    if random.random_ratio(1, LONG)
        && let Some(submissions) = scenario.submissions_mut().first_mut()
    {
        submissions.tasks = Some(TaskCount::Total(MANY));
    }
    scenario
}

fn behaviour(is_profile: bool, random: &mut ChaCha8Rng) -> BehaviourSpec {
    let is_possible = |kind: &Behaviour| match kind {
        // Who has no part from the start on leaves too few for the set-up of a small run.
        Behaviour::Outsider => false,
        Behaviour::Equivocate
        | Behaviour::Drain
        | Behaviour::Crafted
        | Behaviour::Doors
        | Behaviour::Registrar => !is_profile,
        _ => true,
    };
    let kinds: Vec<Behaviour> = Behaviour::ALL.into_iter().filter(is_possible).collect();
    let default = BehaviourSpec::of(kinds[random.random_range(0..kinds.len())]);
    match random.random_range(0..=PROBABILITIES.len()) {
        0 => default,
        place => BehaviourSpec {
            probability: Parameter::from_millionths(PROBABILITIES[place - 1]),
            ..default
        },
    }
}

/// A fault; `None` where the one that was drawn needs a role, and the protocol has none.
fn fault(scenario: &Scenario, random: &mut ChaCha8Rng) -> Option<Fault> {
    let kind = FaultKind::ALL[random.random_range(0..FaultKind::ALL.len())];
    let mut fault = Fault {
        rate: Some(Parameter::from_millionths(
            RATES[random.random_range(0..RATES.len())],
        )),
        depth: random.random_range(1..=4),
        ..Fault::new(kind)
    };
    if kind.needs_target() {
        let roles = &scenario.schema().roles;
        let role = roles.get(random.random_range(0..roles.len().max(1)))?;
        fault.target.role = Some(role.name().to_owned());
        // What is cut off for ever can end nothing.
        fault.rate = None;
        fault.until = Some(scenario.windows.total());
    }
    Some(fault)
}

/// Runs a scenario and says what is broken.
#[must_use]
pub fn run_case(scenario: Scenario, stop: &CancellationToken) -> CasePlayed {
    let recorder = Recorder::new(scenario.schema());
    let ran = quietly(|| simulate(&scenario, recorder, stop, |_: &Progress| {}));
    let (broken, transactions, coverage) = match &ran {
        Ok(Ok(ran)) => {
            let result = &ran.result;
            let coverage = result.misbehaviour.iter().flat_map(covered).collect();
            (fault_of(result), result.transactions.in_blocks(), coverage)
        }
        Ok(Err(error)) => (
            Some(Broken::of_tool("cannot-run", error.to_string())),
            0,
            Vec::new(),
        ),
        Err(panic) => {
            let message = panic.downcast_ref::<String>().map(String::as_str);
            let message = message.or_else(|| panic.downcast_ref::<&str>().copied());
            let message = message.unwrap_or("no message").to_owned();
            (Some(Broken::of_tool("panicked", message)), 0, Vec::new())
        }
    };
    CasePlayed {
        scenario,
        broken,
        transactions,
        coverage,
    }
}

/// Does something without a word of what happens meanwhile: of that there is far too much. Returns a panic as an error.
fn quietly<T>(work: impl FnOnce() -> T) -> thread::Result<T> {
    with_default(NoSubscriber::new(), || catch_unwind(AssertUnwindSafe(work)))
}

/// The transactions of a run of a scenario, and who takes part; `None` if it cannot run.
#[must_use]
pub fn traced_case(
    scenario: &Scenario,
    stop: &CancellationToken,
) -> Option<(Participants, Vec<TracedTransaction>)> {
    let (recorder, log) = (Recorder::new(scenario.schema()), BlockLog::default());
    let ran = quietly(|| simulate_logged(scenario, recorder, stop, |_: &Progress| {}, log.clone()));
    ran.ok()?.ok()?;
    let logged = log.transactions();
    let before = logged.first()?.block - 1;
    let trace = logged.into_iter().map(|logged| TracedTransaction {
        block: logged.block - before,
        timestamp: logged.timestamp,
        from: logged.from,
        to: logged.invocation.to,
        value: logged.invocation.value,
        input: logged.invocation.input,
        refuse: None,
        kind: String::new(),
        note: None,
    });
    let plan = Plan::of(scenario);
    let actors = plan
        .accounts()
        .map(|account| (account.actor, account.key.address));
    let participants = Participants {
        actors: actors.collect(),
        contracts: Vec::new(),
    };
    Some((participants, trace.collect()))
}

/// What is wrong with a run: a broken invariant, counts that do not add up, or a failure of the program.
fn fault_of(result: &RunResult) -> Option<Broken> {
    if let Some(violation) = result.invariants.violations.first() {
        return Some(Broken::of(violation, None));
    }
    let message = || result.stop_message.clone().unwrap_or_default();
    match result.stop_reason {
        // Who stops a hunt finds nothing by that.
        StopReason::Interrupted => return None,
        StopReason::Failed | StopReason::ChainLost => return Some(Broken::of_tool("failed", message())),
        _ => {}
    }
    let unbalanced = result.check_consistency().err()?;
    Some(Broken::of_tool("unbalanced", unbalanced.to_string()))
}

/// What the dishonest calls of a behaviour covered.
fn covered(row: &MisbehaviourResult) -> impl Iterator<Item = Coverage> {
    let of = |outcome| Coverage {
        function: row.function.name(),
        outcome,
        phase: row.task_phase.map_or("", |phase| phase.name()),
        kind: row.behaviour.name().to_owned(),
    };
    let outcomes = [
        (row.accepted, Outcome::Accepted),
        (row.refused, Outcome::refused("refused")),
    ];
    outcomes
        .into_iter()
        .filter(|(count, _)| *count > 0)
        .map(move |(_, outcome)| of(outcome))
        .collect::<Vec<_>>()
        .into_iter()
}
