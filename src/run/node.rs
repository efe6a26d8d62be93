//! The node of a run: an anvil of our own, or an endpoint that runs already.

use std::time::Duration;

use alloy::primitives::U256;

use super::{DeploymentFile, RunError};
use crate::{
    chain::{
        anvil::{self, Anvil, Found, Order, Search},
        rpc::Endpoint,
    },
    plan::Key,
    scenario::{BlockOrder, ChainKind, ChainSpec, Scenario},
};

/// How long an anvil that stopped answering is given to say how it ended.
const LAST_WORDS: Duration = Duration::from_secs(2);

/// How long an anvil may take to start from a state or a fork.
const STATE_TIMEOUT: Duration = Duration::from_secs(120);

/// Which chain a run is to use.
#[derive(Clone, Debug)]
pub enum ChainChoice {
    /// The one that the scenario asks for; an anvil is found by this search and listens on this port, or a free one.
    Scenario {
        /// The search for anvil.
        search: Search,
        /// The port.
        port: Option<u16>,
        /// Where the contracts are, if they are in the state that the chain starts from.
        deployment: Option<DeploymentFile>,
    },
    /// An endpoint that runs already.
    Endpoint(EndpointChoice),
}

/// An endpoint that runs already.
#[derive(Clone, Debug)]
pub struct EndpointChoice {
    /// Its address.
    pub url: String,
    /// The account that pays the accounts of a run; `None` to ask the node for balances, as anvil gives them.
    pub funder: Option<Key>,
    /// What each account gets for gas, in wei, instead of what the scenario says.
    pub allowance: Option<U256>,
    /// Where the contracts are, if they are there already.
    pub deployment: Option<DeploymentFile>,
}

impl ChainChoice {
    /// Whether a run of `scenario` is in virtual time: on the embedded chain, in this process.
    #[must_use]
    pub fn is_virtual(&self, scenario: &Scenario) -> bool {
        matches!(self, Self::Scenario { .. }) && scenario.chain.kind == ChainKind::Embedded
    }

    /// The same chain with contracts that are there already.
    #[must_use]
    pub fn with_deployment(mut self, file: DeploymentFile) -> Self {
        let (Self::Scenario { deployment, .. } | Self::Endpoint(EndpointChoice { deployment, .. })) =
            &mut self;
        *deployment = Some(file);
        self
    }

    /// The account that pays the accounts of a run.
    #[must_use]
    pub const fn funder(&self) -> Option<&Key> {
        match self {
            Self::Endpoint(chosen) => chosen.funder.as_ref(),
            Self::Scenario { .. } => None,
        }
    }

    /// Where the contracts are, if they are there already.
    #[must_use]
    pub const fn deployment(&self) -> Option<&DeploymentFile> {
        let (Self::Scenario { deployment, .. } | Self::Endpoint(EndpointChoice { deployment, .. })) = self;
        deployment.as_ref()
    }
}

/// A node that answers.
#[derive(Debug)]
pub struct Node {
    /// Where it answers.
    pub endpoint: Endpoint,
    anvil: Option<Anvil>,
}

impl Node {
    /// Starts an anvil with these settings, or connects to the endpoint that was chosen instead.
    ///
    /// # Errors
    /// [`RunError::Anvil`] or [`RunError::Rpc`] if there is no usable node, [`RunError::Order`] for an order of
    /// transactions that anvil does not know.
    pub async fn open(choice: &ChainChoice, spec: &ChainSpec) -> Result<Self, RunError> {
        let (search, port) = match choice {
            ChainChoice::Endpoint(chosen) => {
                return Ok(Self {
                    endpoint: Endpoint::connect(&chosen.url).await?,
                    anvil: None,
                });
            }
            ChainChoice::Scenario { search, port, .. } => (search, *port),
        };
        let config = anvil::Config {
            base_fee: Some(spec.base_fee),
            order: anvil_order(&spec.order)?,
            ..Self::config(port, spec)?
        };
        Self::start(search, &config).await
    }

    /// How anvil is started on `port`, or a free one, for a chain that is set to `spec`, its base fee and order left out.
    ///
    /// # Errors
    /// [`RunError::Fork`] if the chain to fork is in an environment variable that is not set.
    pub(crate) fn config(port: Option<u16>, spec: &ChainSpec) -> Result<anvil::Config, RunError> {
        Ok(anvil::Config {
            port,
            block_time: spec.block_time,
            gas_limit: spec.gas_limit,
            hardfork: spec.hardfork.name().to_owned(),
            fork: spec.fork.as_deref().map(fork_url).transpose()?,
            state: spec.state.as_ref().map(|state| state.path.clone()),
            start_timeout: if spec.starts_from_state() {
                STATE_TIMEOUT
            } else {
                anvil::Config::default().start_timeout
            },
            ..anvil::Config::default()
        })
    }

    /// Finds anvil and starts one with these settings.
    ///
    /// # Errors
    /// [`RunError::Anvil`] or [`RunError::Rpc`] if there is none, or none that answers.
    pub async fn start(search: &Search, config: &anvil::Config) -> Result<Self, RunError> {
        let found = find(search).await?;
        if let Some(warning) = &found.warning {
            tracing::warn!("{warning}");
        }
        let anvil = Anvil::start(&found, config).await?;
        let endpoint = Endpoint::connect(&anvil.http_url()).await?;
        Ok(Self {
            endpoint,
            anvil: Some(anvil),
        })
    }

    /// Whether it is an anvil that we started.
    #[must_use]
    pub const fn is_ours(&self) -> bool {
        self.anvil.is_some()
    }

    /// Resolves once an anvil that we started has ended; never for another node, which may come back.
    pub fn ended(&self) -> impl Future<Output = ()> + Send + 'static + use<> {
        let exited = self.anvil.as_ref().map(Anvil::exited);
        async move {
            match exited {
                Some(exited) => drop(exited.await),
                None => std::future::pending().await,
            }
        }
    }

    /// Ends an anvil that we started. If it was `lost`, returns how it ended.
    pub async fn close(self, lost: bool) -> Option<String> {
        let anvil = self.anvil?;
        let exit = if lost {
            tokio::time::timeout(LAST_WORDS, anvil.exited()).await.ok()
        } else {
            None
        };
        let output = anvil.output();
        anvil.stop().await;
        let exit = exit?;
        // What ended by itself may have said why; what was killed had no time to.
        Some(match output.filter(|_| exit.code().is_some()) {
            None => format!("anvil ended during the run: {exit}"),
            Some(output) => format!("anvil ended during the run: {exit}; its last words: {output}"),
        })
    }
}

/// The order by anvil's name.
fn anvil_order(order: &BlockOrder) -> Result<Order, RunError> {
    match order {
        BlockOrder::Fees => Ok(Order::Fees),
        BlockOrder::Fifo => Ok(Order::Fifo),
        other => Err(RunError::Order(other.name())),
    }
}

/// The address that a scenario's `fork` means: its own, or that of an environment variable.
fn fork_url(fork: &str) -> Result<String, RunError> {
    match fork.strip_prefix('$') {
        None => Ok(fork.to_owned()),
        Some(variable) => std::env::var(variable).map_err(|_| RunError::Fork(variable.to_owned())),
    }
}

/// Finds anvil, or installs it, off the threads that must not wait.
async fn find(search: &Search) -> Result<Found, RunError> {
    let search = search.clone();
    let found = tokio::task::spawn_blocking(move || anvil::find(&search, &|line| tracing::info!("{line}")));
    Ok(found.await.expect("looking for anvil does not panic")?)
}
