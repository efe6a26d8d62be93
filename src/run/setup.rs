//! Setup of a run on a node: funded accounts, deployed contracts, named oracles.

use std::time::Duration;

use alloy::primitives::{Address, U256};
use secp256k1::SecretKey;

use super::{Funding, RunError, node_deployment::NodeDeployment};
use crate::{
    chain::{
        Eip1559Fees,
        rpc::{BlockId, Endpoint, fund},
    },
    driver::real_time::NodeAccount,
    plan::{Key, Plan, PlannedAccount},
    protocol::{DeployedContracts as _, Protocol},
    scenario::Scenario,
};

/// How many blocks the deployment may take.
const PATIENCE_BLOCKS: u32 = 10;
/// How long it may take at least.
const PATIENCE: Duration = Duration::from_secs(30);

/// What a run finds when it begins.
#[derive(Debug)]
pub struct Setup<P: Protocol> {
    /// The deployed contracts.
    pub contracts: P::Contracts,
    /// The account of every actor, funded.
    pub accounts: Vec<NodeAccount>,
    /// The latest block when all this was done.
    pub start: BlockId,
}

impl<P: Protocol> Setup<P> {
    /// Funds the accounts of `plan` on the node at `endpoint` by the node's own method for that, and deploys the contracts there as
    /// `setup` has them.
    ///
    /// # Errors
    /// [`RunError::Rpc`], [`RunError::Setup`] or [`RunError::Deployment`].
    pub async fn run(
        endpoint: &Endpoint,
        scenario: &Scenario,
        plan: &Plan,
        setup: &P::Setup<'_>,
    ) -> Result<Self, RunError> {
        Self::run_as(endpoint, scenario, plan, setup, None, &plan.deployer).await
    }

    /// The same with accounts that `funding` pays, if somebody does, and another `deployer`.
    ///
    /// # Errors
    /// As [`Setup::run`], or [`RunError::Funding`].
    pub(super) async fn run_as(
        endpoint: &Endpoint,
        scenario: &Scenario,
        plan: &Plan,
        setup: &P::Setup<'_>,
        funding: Option<&Funding>,
        deployer: &Key,
    ) -> Result<Self, RunError> {
        let expected = P::deployment(setup, 0)
            .map_err(RunError::Deployment)?
            .contracts
            .expected();
        let addresses: Vec<Address> = expected.iter().map(|(_, address)| *address).collect();
        let without = endpoint.without_code(&addresses).await?;
        let missing = expected
            .into_iter()
            .find(|(_, address)| without.contains(address));
        if let Some((contract, address)) = missing {
            return Err(RunError::NoCode { contract, address });
        }
        let fees = match funding {
            Some(funding) => {
                funding.fund().await?;
                funding.market().fees(Eip1559Fees::default())
            }
            None => {
                give(endpoint, plan).await?;
                Eip1559Fees::default()
            }
        };
        let nonce = endpoint.nonce(deployer.address).await?;
        let deployed = P::deployment(setup, nonce).map_err(RunError::Deployment)?;
        let deployment = NodeDeployment {
            endpoint,
            deployer,
            fees,
            first_nonce: nonce,
            patience: patience(scenario.chain.block_time),
        };
        deployment.make(&deployed).await?;
        Ok(Self {
            contracts: deployed.contracts,
            accounts: open_accounts(endpoint, plan).await?,
            start: endpoint.latest_block().await?,
        })
    }
}

/// How long what takes some blocks may take on a chain with so much time between them.
pub(super) fn patience(block_time: Duration) -> Duration {
    PATIENCE.max(block_time * PATIENCE_BLOCKS)
}

/// Has the node give every account of `plan` a balance.
async fn give(endpoint: &Endpoint, plan: &Plan) -> Result<(), RunError> {
    let everyone: Vec<Address> = plan
        .accounts()
        .map(|account| account.key.address)
        .chain([plan.deployer.address])
        .collect();
    Ok(fund(&endpoint.http, &everyone, U256::from(Scenario::BALANCE)).await?)
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
pub(super) fn secret(key: &Key) -> SecretKey {
    SecretKey::from_byte_array(key.secret)
        .expect("a plan's keys are valid: their addresses were derived from them")
}
