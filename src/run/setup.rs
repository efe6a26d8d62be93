//! Setup of a run: funded accounts, deployed contracts, named oracles.

use std::time::Duration;

use alloy::primitives::{Address, U256};
use secp256k1::SecretKey;

use super::{RunError, gas_limits::gas_limit_percent, population::awaits_ends};
use crate::{
    chain::{
        Eip1559Fees, LogPriority,
        rpc::{BlockId, Endpoint, deploy, fund},
    },
    driver::real_time::NodeAccount,
    plan::{Key, Plan, PlannedAccount},
    protocol::{Addresses, Contracts, Deployment, Rules, WindowSeconds},
    scenario::{OwnerGroup, Scenario, Windows},
};

/// How many blocks the deployment may take.
const PATIENCE_BLOCKS: u32 = 10;
/// How long it may take at least.
const PATIENCE: Duration = Duration::from_secs(30);

/// What a run finds when it begins.
#[derive(Debug)]
pub struct Setup {
    /// The deployed contracts.
    pub contracts: Contracts,
    /// Their windows.
    pub windows: WindowSeconds,
    /// The events that the actors want to hear of before the rest of their block.
    pub priority: LogPriority,
    /// The account of every actor, funded.
    pub accounts: Vec<NodeAccount>,
    /// The latest block when all this was done.
    pub start: BlockId,
}

impl Setup {
    /// Funds the accounts of `plan` on the node at `endpoint`, and deploys the contracts there as `scenario` has them.
    ///
    /// # Errors
    /// [`RunError::Rpc`] or [`RunError::Setup`].
    pub async fn run(endpoint: &Endpoint, scenario: &Scenario, plan: &Plan) -> Result<Self, RunError> {
        let gas_limits = gas_limit_percent(scenario)?;
        let windows = window_seconds(scenario.windows);
        let everyone: Vec<Address> = plan
            .accounts()
            .map(|account| account.key.address)
            .chain([plan.deployer.address])
            .collect();
        fund(&endpoint.http, &everyone, U256::from(Scenario::BALANCE)).await?;
        let nonce = endpoint.nonce(plan.deployer.address).await?;
        let oracles: Vec<_> = plan.oracles.iter().map(|oracle| oracle.key.address).collect();
        let deployment = Deployment::new(
            &scenario.contracts,
            plan.deployer.address,
            nonce,
            windows,
            scenario.price,
            &oracles,
        );
        let patience = PATIENCE.max(scenario.chain.block_time * PATIENCE_BLOCKS);
        let addresses = deploy(
            endpoint,
            &secret(&plan.deployer),
            Eip1559Fees::default(),
            &deployment,
            patience,
        )
        .await?;
        let contracts = contracts(scenario, plan, addresses).with_gas_limits(gas_limits);
        Ok(Self {
            priority: contracts.log_priority(awaits_ends(plan)),
            contracts,
            windows,
            accounts: open_accounts(endpoint, plan).await?,
            start: endpoint.latest_block().await?,
        })
    }
}

/// The accounts of `plan` with the nonces that the node has for them: an endpoint may have seen the same seed before.
async fn open_accounts(endpoint: &Endpoint, plan: &Plan) -> Result<Vec<NodeAccount>, RunError> {
    let addresses: Vec<_> = plan.accounts().map(|account| account.key.address).collect();
    let nonces = endpoint.nonces(&addresses).await?;
    let account = |(planned, nonce): (PlannedAccount<'_>, u64)| NodeAccount {
        actor: planned.actor,
        key: secret(planned.key),
        fees: planned.fees,
        nonce,
    };
    Ok(plan.accounts().zip(nonces).map(account).collect())
}

/// The key as the signer takes it.
fn secret(key: &Key) -> SecretKey {
    SecretKey::from_byte_array(key.secret)
        .expect("a plan's keys are valid: their addresses were derived from them")
}

pub(super) const fn window_seconds(windows: Windows) -> WindowSeconds {
    WindowSeconds {
        ack: windows.ack.as_secs(),
        precommit: windows.precommit.as_secs(),
        commit: windows.commit.as_secs(),
    }
}

/// What the contracts of `scenario` must do; `in_order` as in [`Rules`].
pub(super) fn rules(scenario: &Scenario, plan: &Plan, in_order: bool) -> Rules {
    Rules {
        windows: window_seconds(scenario.windows),
        price: scenario.price,
        deployer: plan.deployer.address,
        oracles: plan.oracles.iter().map(|oracle| oracle.key.address).collect(),
        in_order,
    }
}

/// The contracts at `addresses`, for the tasks and sessions of `scenario` as `plan` has them.
pub(super) fn contracts(scenario: &Scenario, plan: &Plan, addresses: Addresses) -> Contracts {
    let nodes = scenario.owners.iter().map(|group| group.max_nodes).max();
    Contracts::new(addresses, redundancy(plan)).with_nodes(nodes.unwrap_or_default().into())
}

/// The most miners that a task of the run is assigned to.
fn redundancy(plan: &Plan) -> u64 {
    let sessions = plan.owners.iter().flat_map(|owner| &owner.sessions);
    let most = sessions.map(|session| session.spec.redundancy).max();
    // Without owners the tasks are others', who choose as they like.
    most.unwrap_or(OwnerGroup::MAX_REDUNDANCY.into())
}
