//! The scene of a run: funded accounts, deployed contracts, named oracles.

use std::time::Duration;

use alloy::primitives::{Address, U256};
use secp256k1::SecretKey;

use super::RunError;
use crate::{
    chain::{
        Bid,
        rpc::{Endpoint, Fees, deploy, fund},
    },
    driver::{accounts, real_time::Account},
    plan::{Key, Plan},
    protocol::{Contracts, Deployment, WindowSeconds},
    scenario::{OwnerGroup, Scenario, Windows},
};

/// What every account starts with, in wei: a billion ether, more than any run can spend.
pub(super) const BALANCE: U256 = U256::from_limbs([0x9fd0_803c_e800_0000, 0x033b_2e3c, 0, 0]);
/// The most that a transaction pays per gas, in wei: a million gwei. The base fee of a chain whose blocks are all
/// full gets there, from one gwei, after 117 blocks.
const MAX_FEE: u64 = 1_000_000_000_000_000;
/// The tip that a transaction offers per gas, in wei: one gwei, the least that anvil asks for by default.
const TIP: u64 = 1_000_000_000;
/// How many blocks the deployment may take.
const PATIENCE_BLOCKS: u32 = 10;
/// How long it may take at least.
const PATIENCE: Duration = Duration::from_secs(30);

/// What a run finds when it begins.
#[derive(Debug)]
pub struct Scene {
    /// The deployed contracts.
    pub contracts: Contracts,
    /// Their windows.
    pub windows: WindowSeconds,
    /// The account of every actor, funded.
    pub accounts: Vec<Account>,
    /// What transactions pay.
    pub fees: Fees,
}

impl Scene {
    /// Funds the accounts of `plan` on the node at `endpoint`, and deploys the contracts there as `scenario` has them.
    ///
    /// # Errors
    /// [`RunError::Rpc`] or [`RunError::Setup`].
    pub async fn set(endpoint: &Endpoint, scenario: &Scenario, plan: &Plan) -> Result<Self, RunError> {
        let fees = fees_on(endpoint.chain_id);
        let windows = window_seconds(scenario.windows);
        let everyone: Vec<Address> = accounts(plan)
            .map(|(_, key)| key.address)
            .chain([plan.deployer.address])
            .collect();
        fund(&endpoint.http, &everyone, BALANCE).await?;
        let nonce = endpoint.nonce(plan.deployer.address).await?;
        let oracles: Vec<_> = plan.oracles.iter().map(|oracle| oracle.key.address).collect();
        let deployment = Deployment::new(plan.deployer.address, nonce, windows, scenario.price, &oracles);
        let patience = PATIENCE.max(scenario.chain.block_time * PATIENCE_BLOCKS);
        let addresses = deploy(endpoint, &secret(&plan.deployer), fees, &deployment, patience).await?;
        Ok(Self {
            contracts: Contracts::new(addresses, redundancy(scenario)),
            windows,
            accounts: open_accounts(endpoint, plan).await?,
            fees,
        })
    }
}

/// What transactions pay on the chain of this id.
#[must_use]
pub const fn fees_on(chain_id: u64) -> Fees {
    Fees {
        chain_id,
        bid: Bid {
            max_fee: MAX_FEE,
            tip: TIP,
        },
    }
}

/// The accounts of `plan` with the nonces that the node has for them: an endpoint may have seen the same seed before.
async fn open_accounts(endpoint: &Endpoint, plan: &Plan) -> Result<Vec<Account>, RunError> {
    let addresses: Vec<_> = accounts(plan).map(|(_, key)| key.address).collect();
    let nonces = endpoint.nonces(&addresses).await?;
    let account = |((actor, key), nonce)| Account {
        actor,
        key: secret(key),
        nonce,
    };
    Ok(accounts(plan).zip(nonces).map(account).collect())
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

/// The most miners that a task of the run is assigned to.
pub(super) fn redundancy(scenario: &Scenario) -> u64 {
    let most = scenario.owners.iter().map(|group| group.redundancy).max();
    // Without owners the tasks are others', who choose as they like.
    most.unwrap_or(OwnerGroup::MAX_REDUNDANCY).into()
}
