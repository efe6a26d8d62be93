//! A run on a node, in real time.

use jiff::Timestamp;
use tokio_util::sync::CancellationToken;

use super::{
    ChainChoice, Node, RunError, Setup,
    facts::{facts, node_facts},
    threshold_monitor::ThresholdMonitor,
};
use crate::{
    chain::rpc::RunClock,
    driver::{
        EndCondition, Ended, Engine, RunObserver,
        real_time::{self, RealTimeSettings},
    },
    plan::Plan,
    protocol::{Checks, Protocol, Reference},
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
    let started_at = Timestamp::now();
    let clock = RunClock::start();
    let plan = Plan::of(scenario);
    let (monitor, recorder) = ThresholdMonitor::new(
        scenario,
        plan.tasks,
        recorder.measuring(WindowSpec::new(scenario.measure, plan.load_end)),
        &stop,
    );
    let finish = |recorder: Recorder, ended: Ended, chain: ChainFacts| {
        let (mut result, histograms) =
            recorder.finish(facts(scenario, &plan, Some(started_at), chain, ended));
        monitor.evaluate(&mut result);
        (result, histograms)
    };

    let begun = tokio::select! {
        biased;
        () = stop.cancelled() => None,
        begun = begin(scenario, &plan, chain) => Some(begun?),
    };
    let Some((node, setup)) = begun else {
        let ended = Ended::before_it_began(clock.now());
        return Ok(finish(recorder, ended, ChainFacts::default()));
    };
    let chain = node_facts(scenario, &node, &setup.contracts);
    let settings = RealTimeSettings {
        endpoint: node.endpoint.clone(),
        start: setup.start,
        clock,
        accounts: setup.accounts,
        end_condition: EndCondition::of(scenario, &plan),
        transaction_deadline: scenario.limits.transaction_deadline,
    };
    let of_run = plan.setup(scenario);
    let engine = Engine::new(
        Reference::population(&of_run).into(),
        setup.contracts,
        Reference::state(&of_run, Checks::Transactions { in_order: false }),
        recorder,
    );
    let (recorder, mut ended) =
        real_time::run(engine, settings, node.ended(), monitor.stop(), observer).await;
    if let Some(exit) = node.close(ended.reason == StopReason::ChainLost).await {
        ended.message = Some(exit);
    }
    Ok(finish(recorder, ended, chain))
}

async fn begin(scenario: &Scenario, plan: &Plan, chain: &ChainChoice) -> Result<(Node, Setup), RunError> {
    let mut node = Node::open(chain, &scenario.chain).await?;
    node.endpoint.http = node.endpoint.http.with_patience(scenario.limits.node_timeout);
    let set = tokio::select! {
        set = Setup::run(&node.endpoint, scenario, plan) => set,
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
