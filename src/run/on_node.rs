//! A run on a node, in real time.

use jiff::Timestamp;
use tokio_util::sync::CancellationToken;

use super::{
    ChainChoice, Node, RunError, Setup,
    facts::{DeployedFacts, facts, node_facts, reached},
    gas_limits::GasLimits,
    threshold_monitor::ThresholdMonitor,
};
use crate::{
    chain::{
        anvil,
        rpc::{Endpoint, RunClock},
    },
    driver::{
        EndCondition, Ended, Engine, RunObserver,
        real_time::{self, RealTimeSettings},
    },
    plan::Plan,
    protocol::{
        Checks, Contracts, Protocol, Reference, ReferenceSetup,
        profile::{
            ProfileSetup,
            interpreter::{Profile, ProfileContracts},
        },
    },
    record::{ChainFacts, Histograms, Recorder, RunResult, StopReason, WindowSpec},
    scenario::Scenario,
};

/// Runs `scenario` on a node.
///
/// # Errors
/// [`RunError`] if it could not begin: nothing was recorded then.
pub(super) async fn run(
    scenario: &Scenario,
    chain: &ChainChoice,
    recorder: Recorder,
    stop: CancellationToken,
    observer: impl RunObserver,
) -> Result<(RunResult, Histograms), RunError> {
    let limits = GasLimits::of(scenario)?;
    let plan = Plan::of(scenario);
    let chain_id = chain_id(chain).await?;
    if let Some(setup) = plan.profile_setup(scenario, chain_id) {
        let setup = ProfileSetup {
            gas_limits: limits.of_functions(),
            ..setup
        };
        let facts = |contracts: &ProfileContracts| DeployedFacts::of_profile(scenario, contracts);
        return drive::<Profile>(scenario, &plan, chain, recorder, stop, observer, &setup, facts).await;
    }
    let setup = ReferenceSetup {
        gas_limit_percent: limits.percent(),
        ..plan.setup(scenario)
    };
    let facts = |contracts: &Contracts| DeployedFacts::of_reference(scenario, contracts);
    drive::<Reference>(scenario, &plan, chain, recorder, stop, observer, &setup, facts).await
}

/// The chain's id: a node's own, or that of the anvil that will be started.
async fn chain_id(chain: &ChainChoice) -> Result<u64, RunError> {
    match chain {
        ChainChoice::Endpoint(url) => Ok(Endpoint::connect(url).await?.chain_id),
        ChainChoice::Scenario { .. } => Ok(anvil::Config::default().chain_id),
    }
}

#[expect(
    clippy::too_many_arguments,
    reason = "what a run consists of, and its protocol's part"
)]
async fn drive<P: Protocol>(
    scenario: &Scenario,
    plan: &Plan,
    chain: &ChainChoice,
    recorder: Recorder,
    stop: CancellationToken,
    observer: impl RunObserver,
    setup: &P::Setup<'_>,
    deployed: impl FnOnce(&P::Contracts) -> DeployedFacts,
) -> Result<(RunResult, Histograms), RunError> {
    let started_at = Timestamp::now();
    let clock = RunClock::start();
    let (monitor, recorder) = ThresholdMonitor::new(
        scenario,
        plan.tasks,
        recorder.measuring(WindowSpec::new(scenario.measure, plan.load_end)),
        &stop,
    );
    let finish = |recorder: Recorder, ended: Ended, chain: ChainFacts| {
        let (mut result, histograms) = recorder.finish(facts(
            scenario,
            P::checked(setup, reached(&ended, false)),
            Some(started_at),
            chain,
            ended,
        ));
        monitor.evaluate(&mut result);
        (result, histograms)
    };

    let begun = tokio::select! {
        biased;
        () = stop.cancelled() => None,
        begun = begin::<P>(scenario, plan, chain, setup) => Some(begun?),
    };
    let Some((node, found)) = begun else {
        let ended = Ended::before_it_began(clock.now());
        return Ok(finish(recorder, ended, ChainFacts::default()));
    };
    let chain = node_facts(scenario, &node, deployed(&found.contracts));
    let settings = RealTimeSettings {
        endpoint: node.endpoint.clone(),
        start: found.start,
        clock,
        accounts: found.accounts,
        end_condition: EndCondition::of(scenario, plan),
        transaction_deadline: scenario.limits.transaction_deadline,
    };
    let checks = Checks::Transactions { in_order: false };
    let (population, state) = (
        P::population(setup, &found.contracts),
        P::state(setup, &found.contracts, checks),
    );
    let engine = Engine::new(population.into(), found.contracts, state, recorder);
    let (recorder, mut ended) =
        real_time::run(engine, settings, node.ended(), monitor.stop(), observer).await;
    if let Some(exit) = node.close(ended.reason == StopReason::ChainLost).await {
        ended.message = Some(exit);
    }
    Ok(finish(recorder, ended, chain))
}

async fn begin<P: Protocol>(
    scenario: &Scenario,
    plan: &Plan,
    chain: &ChainChoice,
    setup: &P::Setup<'_>,
) -> Result<(Node, Setup<P>), RunError> {
    let mut node = Node::open(chain, &scenario.chain).await?;
    node.endpoint.http = node.endpoint.http.with_patience(scenario.limits.node_timeout);
    let set = tokio::select! {
        set = Setup::run(&node.endpoint, scenario, plan, setup) => set,
        () = node.ended() => Err(RunError::Lost("anvil ended".to_owned())),
    };
    match set {
        Ok(setup) => Ok((node, setup)),
        Err(error) => Err(match node.close(error.is_silence()).await {
            Some(exit) => RunError::Lost(exit),
            None => error,
        }),
    }
}
