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
    protocol::{
        Checks, DeployedContracts, Protocol, Reference, Violation,
        profile::{ProfileSetup, interpreter::Profile},
    },
    record::{Recorder, StopReason},
    run::{Node, ProfileSample, RunError, Setup, on_chain},
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
    let not_begun = || Outcome {
        ended: Ended::before_it_began(clock.now()),
        violations: Vec::new(),
    };
    let scenario = settings.scenario();
    let opened = tokio::select! {
        biased;
        () = stop.cancelled() => None,
        opened = open(settings, &scenario) => Some(opened?),
    };
    let Some((node, scenario)) = opened else {
        return Ok(not_begun());
    };
    let plan = Plan::of(&scenario);
    let chain_id = node.endpoint.chain_id;
    let devnet = Devnet {
        scenario: &scenario,
        plan: &plan,
        node,
        clock,
        stop,
    };
    let outcome = match plan.profile_setup(&scenario, chain_id) {
        Some(setup) => {
            // What calls need is found out with those who submit tasks.
            let sample = settings
                .profile
                .as_ref()
                .map(ProfileSample::of)
                .transpose()?
                .unwrap_or_default();
            let setup = ProfileSetup {
                gas_limits: &sample.gas_limits,
                ..setup
            };
            devnet.serve::<Profile, T>(&setup, ready).await?
        }
        None => {
            devnet
                .serve::<Reference, T>(&plan.setup(&scenario), ready)
                .await?
        }
    };
    Ok(outcome.unwrap_or_else(not_begun))
}

/// Starts the node, and finds the contracts that are there already.
async fn open(settings: &DevnetSettings, scenario: &Scenario) -> Result<(Node, Scenario), RunError> {
    let node = Node::start(&settings.search, &settings.anvil(scenario)?).await?;
    let scenario = match &settings.deployment {
        Some(file) => on_chain(scenario, &node.endpoint, file).await?,
        None => scenario.clone(),
    };
    Ok((node, scenario))
}

/// A devnet, whatever its protocol.
struct Devnet<'a> {
    scenario: &'a Scenario,
    plan: &'a Plan,
    node: Node,
    clock: RunClock,
    stop: CancellationToken,
}

impl Devnet<'_> {
    /// Serves clients; `None` if it was stopped before it was ready.
    async fn serve<P: Protocol, T>(
        self,
        of_run: &P::Setup<'_>,
        ready: impl FnOnce(&Deployment) -> T,
    ) -> Result<Option<Outcome>, RunError> {
        let node = self.node;
        let set_up = tokio::select! {
            biased;
            () = self.stop.cancelled() => None,
            set_up = Setup::<P>::run(&node.endpoint, self.scenario, self.plan, of_run) => Some(set_up?),
        };
        let Some(setup) = set_up else {
            return Ok(None);
        };
        let deployment = Deployment::new(&node.endpoint, setup.contracts.by_name());
        let driver_settings = real_time::RealTimeSettings {
            proxy: None,
            old_replies: std::time::Duration::ZERO,
            endpoint: node.endpoint.clone(),
            start: setup.start,
            clock: self.clock,
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
        let mut observer = EventLog::new(|| kept = Some(ready(&deployment)));
        let (recorder, mut ended) =
            real_time::run(engine, driver_settings, node.ended(), self.stop, &mut observer).await;
        drop(kept);
        if let Some(exit) = node.close(ended.reason == StopReason::ChainLost).await {
            ended.message = Some(exit);
        }
        Ok(Some(Outcome {
            ended,
            violations: recorder.violations().to_vec(),
        }))
    }
}
