//! A run in this process, in virtual time.

use std::collections::BTreeSet;

use alloy::primitives::U256;
use tokio_util::sync::CancellationToken;

use super::{
    RunError,
    embedded_deployment::EmbeddedDeployment,
    facts::{DeployedFacts, facts, reached, set_by},
    gas_limits::GasLimits,
    threshold_monitor::ThresholdMonitor,
};
use crate::{
    chain::embedded::{BlockLog, Config, EmbeddedChain, TracedBlock, TransactionOrder, VERSION},
    driver::{
        EndCondition, Engine, FaultSettings, RunObserver,
        virtual_time::{self, SimulatedAccount, VirtualTimeSettings},
    },
    fault::FaultPlan,
    plan::{OrderPlan, Plan, PlannedAccount},
    protocol::{
        Checks, Contracts, DeployedContracts, Invariant, Protocol, Reached, Reference, ReferenceSetup,
        profile::{
            ProfileSetup,
            interpreter::{Profile, ProfileContracts},
        },
    },
    record::{ChainFacts, Histograms, Progress, Recorder, RunResult, WindowSpec},
    scenario::Scenario,
};

/// The id of the embedded chain; anvil's.
const CHAIN_ID: u64 = 31_337;
/// The timestamp at which every run in virtual time starts, in seconds since the Unix epoch: the start of 2026.
const START: u64 = 1_767_225_600;
/// How many blocks the deployment may take, each a second after the one before.
const DEPLOYMENT_BLOCKS: u64 = 100;

/// What a run in virtual time came to.
#[derive(Debug)]
pub struct Simulation {
    /// Its result.
    pub result: RunResult,
    /// The histograms behind the result's percentiles.
    pub histograms: Histograms,
    /// A digest of where every random stream stood at the end.
    pub draws: u64,
}

/// Runs `scenario` on an embedded chain, whatever kind it names, and keeps the calling thread busy until the end.
///
/// # Errors
/// [`RunError::Embedded`] if the contracts cannot be deployed as the scenario has them.
pub fn simulate(
    scenario: &Scenario,
    recorder: Recorder,
    stop: &CancellationToken,
    mut observer: impl RunObserver,
) -> Result<Simulation, RunError> {
    let limits = GasLimits::of(scenario)?;
    drive(scenario, recorder, stop, &mut observer, Extent::Judged, &limits)
}

/// As [`simulate`]. If something goes wrong in `scenario`, it is simulated once more without that, and the result says what
/// difference that made.
///
/// # Errors
/// As [`simulate`].
pub fn simulate_with_baseline(
    scenario: &Scenario,
    recorder: Recorder,
    stop: &CancellationToken,
    observer: impl RunObserver,
) -> Result<Simulation, RunError> {
    let mut ran = simulate(scenario, recorder, stop, observer)?;
    let Some(faults) = &mut ran.result.faults else {
        return Ok(ran);
    };
    let without = Scenario {
        faults: FaultPlan::default(),
        thresholds: Vec::new(),
        ..scenario.clone()
    };
    let recorder = Recorder::new(scenario.schema()).with_faults();
    let baseline = simulate_unjudged(&without, recorder, stop, |_: &Progress| {})?;
    if let Some(without) = baseline.result.faults.filter(|_| baseline.result.complete) {
        faults.compare_with(&without);
    }
    Ok(ran)
}

/// As [`simulate`], with the transactions of all blocks after the deployment in `log`.
///
/// # Errors
/// As [`simulate`].
pub fn simulate_logged(
    scenario: &Scenario,
    recorder: Recorder,
    stop: &CancellationToken,
    mut observer: impl RunObserver,
    log: BlockLog,
) -> Result<Simulation, RunError> {
    let limits = GasLimits::of(scenario)?;
    drive(
        scenario,
        recorder,
        stop,
        &mut observer,
        Extent::Logged(log),
        &limits,
    )
}

/// The same without holding the contracts against their model, for runs that only count.
pub(crate) fn simulate_unjudged(
    scenario: &Scenario,
    recorder: Recorder,
    stop: &CancellationToken,
    mut observer: impl RunObserver,
) -> Result<Simulation, RunError> {
    let limits = GasLimits::of(scenario)?;
    drive(scenario, recorder, stop, &mut observer, Extent::Plain, &limits)
}

/// The same on a chain that tells of every transaction where its gas went, which takes longer and changes nothing else.
pub(super) fn simulate_metered(
    scenario: &Scenario,
    recorder: Recorder,
    stop: &CancellationToken,
    observer: &mut dyn RunObserver,
) -> Result<Simulation, RunError> {
    let limits = GasLimits::of(scenario)?;
    drive(scenario, recorder, stop, observer, Extent::Metered, &limits)
}

/// The same without holding them against their model, with these gas limits.
pub(super) fn simulate_with_limits(
    scenario: &Scenario,
    recorder: Recorder,
    stop: &CancellationToken,
    observer: &mut dyn RunObserver,
    limits: &GasLimits,
) -> Result<Simulation, RunError> {
    drive(scenario, recorder, stop, observer, Extent::Plain, limits)
}

/// The same without holding the contracts against their model, on a chain whose blocks' accesses `listener` hears, each
/// transaction with the name of the function that it calls.
pub(super) fn simulate_traced(
    scenario: &Scenario,
    recorder: Recorder,
    stop: &CancellationToken,
    observer: &mut dyn RunObserver,
    listener: impl FnMut(TracedBlock, Vec<Option<String>>) + 'static,
) -> Result<Simulation, RunError> {
    let limits = GasLimits::of(scenario)?;
    let extent = Extent::Traced(Box::new(listener));
    drive(scenario, recorder, stop, observer, extent, &limits)
}

/// What is done in a simulation beside what it is about.
enum Extent {
    /// Nothing.
    Plain,
    /// The contracts are held against their model.
    Judged,
    /// The same, and every transaction tells where its gas went.
    Metered,
    /// The accesses of every block are told, and the functions that its transactions call.
    Traced(Box<dyn FnMut(TracedBlock, Vec<Option<String>>)>),
    /// They are held against it, and the transactions of all blocks are kept.
    Logged(BlockLog),
}

fn drive(
    scenario: &Scenario,
    recorder: Recorder,
    stop: &CancellationToken,
    observer: &mut dyn RunObserver,
    extent: Extent,
    limits: &GasLimits,
) -> Result<Simulation, RunError> {
    let plan = Plan::of(scenario);
    let recorder = match scenario.faults.is_empty() {
        true => recorder,
        false => recorder.with_faults(),
    };
    if let Some(setup) = plan.profile_setup(scenario, CHAIN_ID) {
        let setup = ProfileSetup {
            gas_limits: limits.of_functions(),
            ..setup
        };
        let facts = |contracts: &ProfileContracts| DeployedFacts::of_profile(scenario, contracts);
        return drive_protocol::<Profile>(scenario, &plan, recorder, stop, observer, extent, &setup, facts);
    }
    let setup = ReferenceSetup {
        gas_limit_percent: limits.percent(),
        ..plan.setup(scenario)
    };
    let facts = |contracts: &Contracts| DeployedFacts::of_reference(scenario, contracts);
    drive_protocol::<Reference>(scenario, &plan, recorder, stop, observer, extent, &setup, facts)
}

#[expect(
    clippy::too_many_arguments,
    reason = "what a run consists of, and its protocol's part"
)]
fn drive_protocol<P: Protocol>(
    scenario: &Scenario,
    plan: &Plan,
    recorder: Recorder,
    stop: &CancellationToken,
    observer: &mut dyn RunObserver,
    extent: Extent,
    setup: &P::Setup<'_>,
    deployed: impl FnOnce(&P::Contracts) -> DeployedFacts,
) -> Result<Simulation, RunError> {
    let (monitor, recorder) = ThresholdMonitor::new(
        scenario,
        plan.tasks,
        recorder.measuring(WindowSpec::new(scenario.measure, plan.load_end)),
        stop,
    );
    let meters = matches!(extent, Extent::Metered);
    let (mut chain, contracts, steps) = open::<P>(scenario, plan, setup, meters)?;
    let checks = match extent {
        Extent::Plain => Checks::Events,
        Extent::Judged | Extent::Metered => Checks::Transactions { in_order: true },
        Extent::Logged(log) => {
            chain.log_to(log);
            Checks::Transactions { in_order: true }
        }
        Extent::Traced(mut listener) => {
            let contracts = contracts.clone();
            chain.trace(move |block| {
                let transactions = block.transactions.iter();
                let functions = transactions.map(|called| {
                    let function = contracts.function_abi(&called.invocation)?;
                    Some(function.name)
                });
                let functions = functions.collect();
                listener(block, functions);
            });
            Checks::Events
        }
    };
    let settings = VirtualTimeSettings {
        chain,
        block_time: scenario.chain.block_time,
        start_timestamp: START,
        submission_delay: plan.submission_delay.clone(),
        accounts: open_accounts(plan, steps),
        end_condition: EndCondition::of(scenario, plan),
        transaction_deadline: scenario.limits.transaction_deadline,
        faults: FaultSettings::of(scenario, plan),
    };
    let chain = ChainFacts {
        client_version: Some(VERSION.to_owned()),
        chain_id: CHAIN_ID,
        ..set_by(scenario, "embedded", deployed(&contracts))
    };
    let (population, state) = (
        P::population(setup, &contracts).misbehaving(&plan.misbehaviour, &contracts),
        P::state(setup, &contracts, checks),
    );
    let engine = Engine::new(population.into(), contracts, state, recorder);
    let (recorder, ended, draws) = virtual_time::run(engine, settings, &monitor.stop(), observer);
    let checked = checked::<P>(setup, plan, scenario, reached(&ended, true));
    let (mut result, histograms) = recorder.finish(facts(scenario, checked, None, chain, ended));
    monitor.evaluate(&mut result);
    Ok(Simulation {
        result,
        histograms,
        draws,
    })
}

/// The invariants that a run was held against.
pub(super) fn checked<P: Protocol>(
    setup: &P::Setup<'_>,
    plan: &Plan,
    scenario: &Scenario,
    reached: Reached,
) -> BTreeSet<Invariant> {
    let mut checked = P::checked(setup, reached);
    if !plan.misbehaviour.is_empty() && reached.set_up {
        checked.insert(scenario.schema().misbehaviour);
    }
    checked
}

/// A chain with every account of `plan` funded and the contracts deployed, in the blocks just before the run starts, and how
/// many transactions that took.
fn open<P: Protocol>(
    scenario: &Scenario,
    plan: &Plan,
    setup: &P::Setup<'_>,
    meter_gas: bool,
) -> Result<(EmbeddedChain, P::Contracts, u64), RunError> {
    let mut chain = EmbeddedChain::new(Config {
        hardfork: scenario.chain.hardfork,
        chain_id: CHAIN_ID,
        gas_limit: scenario.chain.gas_limit,
        genesis_timestamp: START - DEPLOYMENT_BLOCKS,
        base_fee: scenario.chain.base_fee,
        below_base_fee: scenario.chain.below_base_fee,
        order: order(&plan.order),
        seed: scenario.seed,
        meter_gas,
    });
    if let Some(state) = &scenario.chain.state {
        chain.load(&state.dump);
        let mut accounts = plan.accounts().map(|account| account.key.address);
        let used = accounts.find(|account| chain.nonce(*account) > 0);
        if let Some(account) =
            used.or_else(|| Some(plan.deployer.address).filter(|key| chain.nonce(*key) > 0))
        {
            return Err(RunError::Embedded(format!(
                "account {account} of this seed was used in the state that the chain starts from; choose another --seed"
            )));
        }
    }
    for account in plan.accounts() {
        chain.fund(account.key.address, U256::from(Scenario::BALANCE));
    }
    let deployer = plan.deployer.address;
    chain.fund(deployer, U256::from(Scenario::BALANCE));
    let deployed = P::deployment(setup, 0).map_err(RunError::Deployment)?;
    let mut deployment = EmbeddedDeployment::new(&mut chain, deployer, &deployed);
    deployment.check_expected()?;
    deployment.make(START - DEPLOYMENT_BLOCKS, START)?;
    Ok((chain, deployed.contracts, deployed.steps.len() as u64))
}

/// The account of every actor of `plan`. The deployer, if it is one, sent so many transactions.
fn open_accounts(plan: &Plan, deployment: u64) -> Vec<SimulatedAccount> {
    let account = |planned: PlannedAccount<'_>| SimulatedAccount {
        nonce: if planned.key.address == plan.deployer.address {
            deployment
        } else {
            0
        },
        actor: planned.actor,
        address: planned.key.address,
        fees: planned.fees,
        network: planned.network,
    };
    plan.accounts().map(account).collect()
}

fn order(plan: &OrderPlan) -> TransactionOrder {
    match plan {
        OrderPlan::Fees => TransactionOrder::Fees,
        OrderPlan::Fifo => TransactionOrder::Fifo,
        OrderPlan::Random(_) => TransactionOrder::Random,
        OrderPlan::Adversarial(last) => TransactionOrder::Adversarial(last.clone()),
    }
}
