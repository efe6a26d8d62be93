//! The story of a run: a node is opened, the contracts deployed on it, the actors driven, the node closed, and what was
//! recorded becomes the result.

mod node;
mod scene;

use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;
use tokio_util::sync::CancellationToken;

pub use node::{ChainChoice, Node};
pub use scene::Scene;

use crate::{
    chain::{
        anvil,
        rpc::{Clock, RpcError, SetupError},
    },
    driver::{
        Cast, Engine,
        real_time::{self, Ended, Settings},
    },
    plan::{LoadPlan, Plan},
    protocol::{Addresses, Invariant},
    record::{
        ChainFacts, Clock as ClockKind, Histograms, Progress, Recorder, RunFacts, RunResult, ScenarioFacts,
        StopReason,
    },
    scenario::{ChainKind, Scenario},
    time::Micros,
};

/// Why a run could not begin. What goes wrong after that is in its result.
#[derive(Debug, thiserror::Error)]
pub enum RunError {
    /// Anvil could not be found, installed or started.
    #[error(transparent)]
    Anvil(#[from] anvil::Error),
    /// The node cannot be used.
    #[error(transparent)]
    Rpc(#[from] RpcError),
    /// The scene could not be set.
    #[error(transparent)]
    Setup(#[from] SetupError),
    /// The anvil that we started ended before the scene was set.
    #[error("{0}")]
    Lost(String),
    /// The scenario asks for a chain that this version does not drive.
    #[error("chain kind \"{0}\" is not there yet; use kind = \"anvil\", or --chain with an endpoint")]
    Kind(ChainKind),
    /// The scenario asks for an order of transactions that anvil does not know.
    #[error(
        "anvil does not order transactions by \"{0}\"; use order = \"fees\" or \"fifo\", or kind = \"embedded\""
    )]
    Order(&'static str),
}

impl RunError {
    /// Whether the node did not answer, or stopped to.
    const fn is_silence(&self) -> bool {
        matches!(
            self,
            Self::Rpc(RpcError::Unreachable { .. })
                | Self::Setup(SetupError::Rpc(RpcError::Unreachable { .. }))
        )
    }
}

/// Runs `scenario` on `chain` until its tasks are over, something ends it, or `stop` is cancelled.
///
/// # Errors
/// [`RunError`] if it could not begin: nothing was recorded then.
pub async fn run(
    scenario: &Scenario,
    chain: &ChainChoice,
    recorder: Recorder,
    stop: CancellationToken,
    show: impl FnMut(&Progress),
) -> Result<(RunResult, Histograms), RunError> {
    let started_at = Timestamp::now();
    let clock = Clock::start();
    let plan = Plan::of(scenario);
    let facts = |ended: Ended, chain: ChainFacts| facts(scenario, started_at, chain, ended);

    let begun = tokio::select! {
        biased;
        () = stop.cancelled() => None,
        begun = begin(scenario, &plan, chain) => Some(begun?),
    };
    let Some((node, scene)) = begun else {
        let reason = StopReason::Interrupted;
        let ended = Ended {
            reason,
            message: None,
            at: clock.now(),
            setup_end: None,
            load_start: None,
        };
        return Ok(recorder.finish(facts(ended, ChainFacts::default())));
    };
    let chain = chain_facts(scenario, &node, scene.contracts.addresses());
    let settings = Settings {
        endpoint: node.endpoint.clone(),
        clock,
        accounts: scene.accounts,
        tasks: Some(plan.tasks),
        last_arrival: last_arrival(&plan).into(),
        transaction_deadline: scenario.limits.transaction_deadline,
        drain: scenario.limits.drain,
    };
    let engine = Engine::new(Cast::new(&plan, scene.windows), scene.contracts, recorder);
    let (recorder, mut ended) = real_time::run(engine, settings, stop, show).await;
    if let Some(exit) = node.close(ended.reason == StopReason::ChainLost).await {
        ended.message = Some(exit);
    }
    Ok(recorder.finish(facts(ended, chain)))
}

async fn begin(scenario: &Scenario, plan: &Plan, chain: &ChainChoice) -> Result<(Node, Scene), RunError> {
    let node = Node::open(chain, &scenario.chain).await?;
    match Scene::set(&node.endpoint, scenario, plan).await {
        Ok(scene) => Ok((node, scene)),
        Err(error) => Err(match node.close(error.is_silence()).await {
            Some(exit) => RunError::Lost(exit),
            None => error,
        }),
    }
}

/// When the last task of an open load arrives, from the load's beginning on.
fn last_arrival(plan: &Plan) -> Micros {
    let last = |load: &LoadPlan| match load {
        LoadPlan::Open(arrivals) => arrivals.last().map(|arrival| arrival.at),
        LoadPlan::Closed { .. } => None,
    };
    plan.owners
        .iter()
        .filter_map(|owner| last(&owner.load))
        .max()
        .unwrap_or_default()
}

fn facts(scenario: &Scenario, started_at: Timestamp, chain: ChainFacts, ended: Ended) -> RunFacts {
    let checked = match ended.setup_end {
        Some(_) => CHECKED.into(),
        None => BTreeSet::new(),
    };
    RunFacts {
        scenario: ScenarioFacts {
            name: scenario.name.clone(),
            description: scenario.description.clone(),
            seed: scenario.seed,
        },
        started_at: Some(started_at),
        clock: ClockKind::Wall,
        chain,
        stop_reason: ended.reason,
        stop_message: ended.message,
        duration: ended.at,
        setup_end: ended.setup_end,
        load_start: ended.load_start,
        checked,
    }
}

/// The invariants that every run in real time holds its events and reads against.
const CHECKED: [Invariant; 7] = [
    Invariant::Order,
    Invariant::Binding,
    Invariant::Hiding,
    Invariant::Finality,
    Invariant::Reservation,
    Invariant::Identity,
    Invariant::Agreement,
];

fn chain_facts(scenario: &Scenario, node: &Node, addresses: &Addresses) -> ChainFacts {
    let ours = node.is_ours();
    ChainFacts {
        kind: if ours { "anvil" } else { "rpc" }.to_owned(),
        client_version: Some(node.endpoint.client.clone()),
        chain_id: node.endpoint.chain_id,
        hardfork: ours.then(|| scenario.chain.hardfork.name().to_owned()),
        block_time_us: ours.then(|| Micros::from(scenario.chain.block_time).0),
        gas_limit: ours.then_some(scenario.chain.gas_limit),
        contracts: contracts_by_name(addresses),
    }
}

/// The contracts' addresses by their names.
#[must_use]
pub fn contracts_by_name(addresses: &Addresses) -> BTreeMap<String, alloy::primitives::Address> {
    BTreeMap::from([
        ("NodePool".to_owned(), addresses.node_pool),
        ("SessionV2".to_owned(), addresses.session),
        ("SessionQueueV2".to_owned(), addresses.session_queue),
    ])
}
