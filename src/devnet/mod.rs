//! A chain for client developers: anvil with the contracts on it, and simulated miners and an oracle that answer the
//! tasks of clients outside of this process until they are told to stop.

mod account;
mod deployment;
mod event_log;
mod folder;
mod settings;

use tokio_util::sync::CancellationToken;

pub use account::DevAccount;
pub use deployment::{Contract, Deployment};
pub use folder::{Folder, FolderError, Published};
pub use settings::DevnetSettings;

use self::event_log::EventLog;
use crate::{
    chain::rpc::RunClock,
    driver::{EndCondition, Ended, Engine, real_time},
    plan::Plan,
    protocol::{Checks, Protocol, REFERENCE, Reference, Violation},
    record::{Recorder, StopReason},
    run::{Node, RunError, Setup},
    scenario::Scenario,
};

/// How a devnet ended.
#[derive(Clone, Debug)]
pub struct Outcome {
    /// Why, and what there is to say about that.
    pub ended: Ended,
    /// Invariants that did not hold, the first 100.
    pub violations: Vec<Violation>,
}

/// Starts a devnet, tells `ready` where it is once clients can use it, and serves them until `stop` is cancelled or the
/// node is lost. What `ready` returned is dropped before anvil is ended, and anvil has ended when this returns.
///
/// # Errors
/// [`RunError`] if the node or the contracts on it could not be had.
pub async fn serve<T>(
    settings: &DevnetSettings,
    stop: CancellationToken,
    ready: impl FnOnce(&Deployment) -> T,
) -> Result<Outcome, RunError> {
    let clock = RunClock::start();
    let scenario = settings.scenario();
    let plan = Plan::of(&scenario);
    let begun = tokio::select! {
        biased;
        () = stop.cancelled() => None,
        begun = begin(settings, &scenario, &plan) => Some(begun?),
    };
    let Some((node, setup)) = begun else {
        return Ok(Outcome {
            ended: Ended::before_it_began(clock.now()),
            violations: Vec::new(),
        });
    };
    let deployment = Deployment::new(&node.endpoint, &setup.contracts);
    let driver_settings = real_time::RealTimeSettings {
        endpoint: node.endpoint.clone(),
        start: setup.start,
        clock,
        accounts: setup.accounts,
        end_condition: EndCondition::UNTIL_STOPPED,
        transaction_deadline: scenario.limits.transaction_deadline,
        market: None,
    };
    let of_run = plan.setup(&scenario);
    let (population, state) = (
        Reference::population(&of_run, &setup.contracts),
        Reference::state(&of_run, &setup.contracts, Checks::Events),
    );
    let engine = Engine::new(
        population.into(),
        setup.contracts,
        state,
        Recorder::new(REFERENCE),
    );
    let mut kept = None;
    let observer = EventLog::new(|| kept = Some(ready(&deployment)));
    let (recorder, mut ended) = real_time::run(engine, driver_settings, node.ended(), stop, observer).await;
    drop(kept);
    if let Some(exit) = node.close(ended.reason == StopReason::ChainLost).await {
        ended.message = Some(exit);
    }
    Ok(Outcome {
        ended,
        violations: recorder.violations().to_vec(),
    })
}

async fn begin(
    settings: &DevnetSettings,
    scenario: &Scenario,
    plan: &Plan,
) -> Result<(Node, Setup<Reference>), RunError> {
    let node = Node::start(&settings.search, &settings.anvil(scenario)).await?;
    let setup = Setup::run(&node.endpoint, scenario, plan, &plan.setup(scenario)).await?;
    Ok((node, setup))
}
