//! Setup of a run on a node: funded accounts, deployed contracts, named oracles.

use std::time::Duration;

use alloy::primitives::{Address, U256};
use secp256k1::SecretKey;

use super::{Funding, RunError, existing::Existing, gas_limits::gas_limit_percent};
use crate::{
    chain::{
        Eip1559Fees,
        rpc::{BlockId, Endpoint, deploy, fund},
    },
    driver::real_time::NodeAccount,
    plan::{Key, OraclePlan, Plan, PlannedAccount},
    protocol::{Contracts, Protocol, Reference, ReferenceSetup},
    scenario::Scenario,
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
    /// The account of every actor, funded.
    pub accounts: Vec<NodeAccount>,
    /// The latest block when all this was done.
    pub start: BlockId,
}

impl Setup {
    /// Funds the accounts of `plan` on the node at `endpoint` by the node's own method for that, and deploys the contracts there as
    /// `scenario` has them.
    ///
    /// # Errors
    /// [`RunError::Rpc`] or [`RunError::Setup`].
    pub async fn run(endpoint: &Endpoint, scenario: &Scenario, plan: &Plan) -> Result<Self, RunError> {
        Self::run_as(endpoint, scenario, plan, None, None).await
    }

    /// The same with accounts that `funding` pays, if somebody does, and without a deployment of contracts that are `existing`.
    ///
    /// # Errors
    /// [`RunError::Rpc`], [`RunError::Funding`] or [`RunError::Setup`].
    pub(super) async fn run_as(
        endpoint: &Endpoint,
        scenario: &Scenario,
        plan: &Plan,
        funding: Option<&Funding>,
        existing: Option<&Existing>,
    ) -> Result<Self, RunError> {
        let setup = ReferenceSetup {
            gas_limit_percent: gas_limit_percent(scenario)?,
            ..plan.setup(scenario)
        };
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
        let owner = existing.and_then(|existing| existing.owner.as_ref());
        let deployer = owner.unwrap_or(&plan.deployer);
        let nonce = endpoint.nonce(deployer.address).await?;
        let mut deployed = Reference::deployment(&setup, nonce);
        if let Some(existing) = existing {
            deployed.contracts = deployed
                .contracts
                .existing(existing.addresses, existing.contracts.sessions);
            let oracles = plan.oracles.iter().zip(&existing.contracts.oracles);
            let unnamed = oracles.filter(|(_, named)| !**named);
            let name = |(oracle, _): (&OraclePlan, _)| deployed.contracts.name_oracle(oracle.key.address);
            deployed.steps = unnamed.map(name).collect();
        }
        deploy(
            endpoint,
            &secret(deployer),
            fees,
            &deployed.steps,
            nonce,
            patience(scenario.chain.block_time),
        )
        .await?;
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
fn secret(key: &Key) -> SecretKey {
    SecretKey::from_byte_array(key.secret)
        .expect("a plan's keys are valid: their addresses were derived from them")
}
