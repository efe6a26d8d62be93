//! Runs a scenario: opens a chain, deploys the contracts, drives the actors, closes the chain and assembles the
//! result.

mod deployment_file;
mod determinism;
mod embedded_deployment;
mod existing;
mod facts;
mod funding;
mod gas;
mod gas_limits;
mod in_process;
mod node;
mod node_deployment;
mod on_node;
mod overrides;
mod parallel_map;
mod profile_sample;
mod setup;
mod threshold_monitor;
mod trace;

use alloy::primitives::Address;
use tokio_util::sync::CancellationToken;

pub use deployment_file::{DeploymentFile, DeploymentFileError};
pub use determinism::{Determinism, check_determinism};
pub use existing::ExistingError;
pub(crate) use existing::on_chain;
pub use funding::{Funding, FundingError, Purse};
pub use gas::{GasRun, measure_gas};
pub(crate) use in_process::simulate_unjudged;
pub use in_process::{Simulation, simulate, simulate_logged, simulate_with_baseline};
pub use node::{ChainChoice, EndpointChoice, Node};
pub use parallel_map::{parallel_map, parallel_map_seeds};
pub(crate) use profile_sample::ProfileSample;
pub use setup::Setup;
pub use trace::trace_accesses;

use crate::{
    chain::{
        anvil,
        rpc::{RpcError, SetupError},
    },
    driver::RunObserver,
    proxy::ProxyError,
    record::{Histograms, Recorder, RunResult},
    scenario::Scenario,
};

/// The reason why a run could not begin. What goes wrong after that is in its result.
#[derive(Debug, thiserror::Error)]
pub enum RunError {
    /// Anvil could not be found, installed or started.
    #[error(transparent)]
    Anvil(#[from] anvil::Error),
    /// The node cannot be used.
    #[error(transparent)]
    Rpc(#[from] RpcError),
    /// Setup failed.
    #[error(transparent)]
    Setup(#[from] SetupError),
    /// The contracts that are to be there cannot be used.
    #[error(transparent)]
    Existing(#[from] ExistingError),
    /// The accounts could not be paid.
    #[error(transparent)]
    Funding(Box<FundingError>),
    /// The anvil that we started ended before setup was done.
    #[error("{0}")]
    Lost(String),
    /// The contracts cannot be deployed as the scenario and its profile have them.
    #[error("the contracts cannot be deployed: {0}")]
    Deployment(String),
    /// There is no code where contracts are to be.
    #[error("the contract {contract} is to be at {address}, where this chain has no code")]
    NoCode {
        /// The first of them, with its place in the profile.
        contract: String,
        /// Where it is to be.
        address: Address,
    },
    /// A transaction of the deployment failed.
    #[error("the contracts cannot be deployed: {step} failed: {reason}")]
    Step {
        /// What it is.
        step: String,
        /// Why.
        reason: String,
    },
    /// The faulty proxy in front of the node could not start.
    #[error(transparent)]
    Proxy(#[from] ProxyError),
    /// The node is no anvil, and a fault of the scenario needs one.
    #[error(
        "the fault `{fault}` needs anvil's {method}, which {client} does not have; remove it, or use anvil"
    )]
    NotAnvil {
        /// The kind of fault.
        fault: &'static str,
        /// The method.
        method: &'static str,
        /// The node's own name.
        client: String,
    },
    /// Setup failed on the embedded chain.
    #[error("the contracts could not be deployed on the embedded chain: {0}")]
    Embedded(String),
    /// The scenario asks for an order of transactions that anvil does not know.
    #[error(
        "anvil does not order transactions by \"{0}\"; use order = \"fees\" or \"fifo\", or kind = \"embedded\""
    )]
    Order(&'static str),
    /// A profile needs what calls return, and the node does not tell that.
    #[error(
        "the profile takes the key of a task, or a field, from what a call returns (`result`), and the node at {0} does not tell \
         that: it has no debug_traceTransaction; use a node that has, or tell it otherwise (an event, a formula, a view function)"
    )]
    NoReturns(String),
    /// The environment variable with the address of the chain to fork is not set.
    #[error(
        "`chain.fork` names the environment variable {0}, which is not set: set it to the address of an endpoint"
    )]
    Fork(String),
}

impl From<FundingError> for RunError {
    fn from(error: FundingError) -> Self {
        Self::Funding(Box::new(error))
    }
}

impl RunError {
    /// Whether the chain is at fault, and not what was asked of it.
    #[must_use]
    pub fn is_of_chain(&self) -> bool {
        match self {
            Self::Embedded(_)
            | Self::Deployment(_)
            | Self::Step { .. }
            | Self::NoCode { .. }
            | Self::Order(_)
            | Self::Existing(_)
            | Self::Fork(_)
            | Self::Proxy(_)
            | Self::NotAnvil { .. }
            | Self::NoReturns(_)
            | Self::Rpc(RpcError::Address { .. }) => false,
            Self::Funding(error) => !matches!(**error, FundingError::Dry { .. }),
            Self::Anvil(_) | Self::Rpc(_) | Self::Setup(_) | Self::Lost(_) => true,
        }
    }

    /// Whether the node did not answer, or stopped to.
    fn is_silence(&self) -> bool {
        let silent = |error: &RpcError| matches!(error.root(), RpcError::Unreachable { .. });
        match self {
            Self::Rpc(error) | Self::Setup(SetupError::Rpc(error)) => silent(error),
            Self::Funding(error) => error.rpc().is_some_and(silent),
            Self::Lost(_) => true,
            _ => false,
        }
    }
}

/// Runs `scenario` on `chain` until its tasks are over, something ends it, or `stop` is cancelled: on a node in real
/// time, or in this process in virtual time, which keeps the calling thread busy until the end.
///
/// # Errors
/// [`RunError`] if it could not begin: nothing was recorded then.
pub async fn run(
    scenario: &Scenario,
    chain: &ChainChoice,
    recorder: Recorder,
    stop: CancellationToken,
    mut observer: impl RunObserver,
) -> Result<(RunResult, Histograms), RunError> {
    if !chain.is_virtual(scenario) {
        return on_node::run(scenario, chain, recorder, stop, &mut observer).await;
    }
    let ran = simulate_with_baseline(scenario, recorder, &stop, observer)?;
    Ok((ran.result, ran.histograms))
}
