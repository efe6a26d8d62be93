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
    chain::{anvil, rpc::RunClock},
    driver::{EndCondition, Ended, Engine, real_time},
    plan::Plan,
    protocol::{Checks, DeployedContracts, Protocol, Reference, Violation, profile::interpreter::Profile},
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
    let scenario = settings.scenario();
    let plan = Plan::of(&scenario);
    let devnet = Devnet {
        settings,
        scenario: &scenario,
        plan: &plan,
        stop,
    };
    match plan.profile_setup(&scenario, anvil::Config::default().chain_id) {
        Some(setup) => devnet.serve::<Profile, T>(&setup, ready).await,
        None => devnet.serve::<Reference, T>(&plan.setup(&scenario), ready).await,
    }
}

/// A devnet, whatever its protocol.
struct Devnet<'a> {
    settings: &'a DevnetSettings,
    scenario: &'a Scenario,
    plan: &'a Plan,
    stop: CancellationToken,
}

impl Devnet<'_> {
    async fn serve<P: Protocol, T>(
        self,
        of_run: &P::Setup<'_>,
        ready: impl FnOnce(&Deployment) -> T,
    ) -> Result<Outcome, RunError> {
        let clock = RunClock::start();
        let begun = tokio::select! {
            biased;
            () = self.stop.cancelled() => None,
            begun = self.begin::<P>(of_run) => Some(begun?),
        };
        let Some((node, setup)) = begun else {
            return Ok(Outcome {
                ended: Ended::before_it_began(clock.now()),
                violations: Vec::new(),
            });
        };
        let deployment = Deployment::new(&node.endpoint, setup.contracts.by_name());
        let driver_settings = real_time::RealTimeSettings {
            proxy: None,
            old_replies: std::time::Duration::ZERO,
            endpoint: node.endpoint.clone(),
            start: setup.start,
            clock,
            accounts: setup.accounts,
            end_condition: EndCondition::UNTIL_STOPPED,
            transaction_deadline: self.scenario.limits.transaction_deadline,
            market: None,
        };
        let (population, state) = (
            P::population(of_run, &setup.contracts),
            P::state(of_run, &setup.contracts, Checks::Events),
        );
        let recorder = Recorder::new(self.scenario.schema());
        let engine = Engine::new(population.into(), setup.contracts, state, recorder);
        let mut kept = None;
        let observer = EventLog::new(|| kept = Some(ready(&deployment)));
        let (recorder, mut ended) =
            real_time::run(engine, driver_settings, node.ended(), self.stop, observer).await;
        drop(kept);
        if let Some(exit) = node.close(ended.reason == StopReason::ChainLost).await {
            ended.message = Some(exit);
        }
        Ok(Outcome {
            ended,
            violations: recorder.violations().to_vec(),
        })
    }

    async fn begin<P: Protocol>(&self, setup: &P::Setup<'_>) -> Result<(Node, Setup<P>), RunError> {
        let settings = self.settings;
        let node = Node::start(&settings.search, &settings.anvil(self.scenario)).await?;
        let setup = Setup::run(&node.endpoint, self.scenario, self.plan, setup).await?;
        Ok((node, setup))
    }
}
