//! Money for the accounts of a run on a node that creates none: a funder pays them before the run, tops them up while it goes
//! on, and gets back what is left.

mod purse;

use std::time::Duration;

use alloy::primitives::{Address, U256};

pub use self::purse::Purse;
pub(super) use self::purse::purses;
use crate::{
    chain::{
        Eip1559Fees,
        rpc::{Endpoint, FeeMarket, RpcError, Swept, TransferError, Transfers},
    },
    plan::Key,
    record::FundingResult,
};

/// How often the accounts' balances are looked at.
const INTERVAL: Duration = Duration::from_secs(3);
/// Accounts that a message names one by one.
const NAMED: usize = 3;

/// The reason why accounts could not be paid.
#[derive(Debug, thiserror::Error)]
pub enum FundingError {
    /// The funder has too little.
    #[error(
        "the funder {funder} has {}, and {} is needed to pay {accounts} accounts ({} each at most) and the transfers",
        amount(*has), amount(*needs), amount(*each)
    )]
    Dry {
        /// The funder's account.
        funder: Address,
        /// What it has, in wei.
        has: U256,
        /// What it needs, in wei.
        needs: U256,
        /// The number of accounts to pay.
        accounts: usize,
        /// The most that one of them gets.
        each: U256,
    },
    /// A payment failed.
    #[error(transparent)]
    Transfer(#[from] TransferError),
    /// The node failed.
    #[error(transparent)]
    Rpc(#[from] RpcError),
}

impl FundingError {
    /// The error of the node, if it is one.
    #[must_use]
    pub const fn rpc(&self) -> Option<&RpcError> {
        match self {
            Self::Rpc(error) | Self::Transfer(TransferError::Rpc(error)) => Some(error),
            Self::Dry { .. } | Self::Transfer(_) => None,
        }
    }
}

/// A funder and the accounts that it pays.
#[derive(Debug)]
pub struct Funding {
    endpoint: Endpoint,
    funder: Key,
    market: FeeMarket,
    transfers: Transfers,
    purses: Vec<Purse>,
    /// What each account gets, in wei, instead of what its purse says.
    allowance: Option<U256>,
    paid: std::sync::Mutex<U256>,
}

impl Funding {
    /// A funder of these purses on the chain at `endpoint`, a transfer on which may take `patience`. Each account gets
    /// `allowance` wei for what comes after setup, or what its purse says at the fees of the chain.
    ///
    /// # Errors
    /// Any [`RpcError`].
    pub async fn open(
        endpoint: &Endpoint,
        funder: Key,
        purses: Vec<Purse>,
        allowance: Option<U256>,
        patience: Duration,
    ) -> Result<Self, RpcError> {
        let market = FeeMarket::open(endpoint).await?;
        Ok(Self {
            endpoint: endpoint.clone(),
            funder,
            transfers: Transfers::new(endpoint, market.clone(), patience).await?,
            market,
            purses,
            allowance,
            paid: std::sync::Mutex::default(),
        })
    }

    /// The fees that the chain asks for.
    #[must_use]
    pub const fn market(&self) -> &FeeMarket {
        &self.market
    }

    /// Pays every account what it lacks. Transactions of an earlier run that still wait in the node's pool are cleared away
    /// first: those of this one would wait behind them.
    ///
    /// # Errors
    /// [`FundingError`].
    pub async fn fund(&self) -> Result<(), FundingError> {
        let targets: Vec<U256> = self
            .purses
            .iter()
            .map(|purse| self.target(purse).saturating_add(purse.value))
            .collect();
        let lacking = self.lacking(&targets).await?;
        let (has, needs) = (self.balance().await?, self.needs(&lacking));
        if has < needs {
            return Err(FundingError::Dry {
                funder: self.funder.address,
                has,
                needs,
                accounts: lacking.len(),
                each: lacking.iter().map(|(_, wei)| *wei).max().unwrap_or_default(),
            });
        }
        if !lacking.is_empty() {
            tracing::info!(
                "the funder {} pays {} accounts {} in all; it has {}",
                self.funder.address,
                lacking.len(),
                amount(lacking.iter().map(|(_, wei)| *wei).sum()),
                amount(has)
            );
            self.pay(&lacking).await?;
        }
        let keys: Vec<Key> = self.purses.iter().map(|purse| purse.key.clone()).collect();
        let waiting = self.transfers.clear_pool(&keys).await?;
        if waiting > 0 {
            tracing::warn!(
                "{waiting} transactions of an earlier run wait in the node's pool and cannot be replaced"
            );
        }
        Ok(())
    }

    /// Tops accounts up that have less than half of what they were paid for what comes after setup, until the future is dropped.
    ///
    /// Returns why an account cannot pay for its next transaction any more: the funder has run dry.
    pub async fn keep_up(&self) -> FundingError {
        let mut warned = false;
        loop {
            tokio::time::sleep(INTERVAL).await;
            match self.top_up().await {
                Ok(None) => {}
                Ok(Some(dry)) => {
                    if !std::mem::replace(&mut warned, true) {
                        tracing::warn!("accounts are not topped up any more: {dry}");
                    }
                }
                Err(error @ FundingError::Dry { .. }) => return error,
                // The run itself notices a node that does not answer.
                Err(error) => tracing::warn!("accounts could not be topped up: {error}"),
            }
        }
    }

    /// Tops up once. `Some` if the funder has too little for all, and nobody is out of money yet.
    async fn top_up(&self) -> Result<Option<FundingError>, FundingError> {
        let actors = self.actors();
        let addresses: Vec<Address> = actors.iter().map(|purse| purse.key.address).collect();
        let balances = self.endpoint.balances(&addresses).await?;
        let mut needy: Vec<(U256, &Purse)> = balances
            .into_iter()
            .zip(actors)
            .filter(|(balance, purse)| *balance < self.target(purse) / U256::from(2))
            .collect();
        if needy.is_empty() {
            return Ok(None);
        }
        // The poorest first: the funder may not have enough for all.
        needy.sort_by_key(|(balance, purse)| (*balance, purse.key.address));
        let payments: Vec<(Address, U256)> = needy
            .iter()
            .map(|(balance, purse)| (purse.key.address, self.target(purse) - balance))
            .collect();
        let has = self.balance().await?;
        let affordable = (0..=payments.len())
            .rev()
            .find(|count| self.needs(&payments[..*count]) <= has)
            .unwrap_or_default();
        self.pay(&payments[..affordable]).await?;
        let Some((balance, purse)) = needy.get(affordable) else {
            return Ok(None);
        };
        let dry = FundingError::Dry {
            funder: self.funder.address,
            has,
            needs: self.needs(&payments),
            accounts: payments.len(),
            each: payments.iter().map(|(_, wei)| *wei).max().unwrap_or_default(),
        };
        let gas = U256::from(purse.largest) * U256::from(self.price());
        let next = gas.saturating_add(purse.largest_value);
        if *balance < next { Err(dry) } else { Ok(Some(dry)) }
    }

    /// Sends what the accounts have left back to the funder, and says what could not be sent.
    pub async fn sweep(&self) -> FundingResult {
        let keys: Vec<Key> = self.purses.iter().map(|purse| purse.key.clone()).collect();
        tracing::info!(
            "sweeping {} accounts back to the funder; to interrupt this leaves their money where it is",
            keys.len()
        );
        let Swept { accounts, wei, left } = self.swept(&keys).await;
        tracing::info!("{} came back from {accounts} accounts", amount(wei));
        if !left.is_empty() {
            let mut named: Vec<String> = left
                .iter()
                .take(NAMED)
                .map(|(account, wei, why)| match wei.is_zero() {
                    true => format!("{account}: {why}"),
                    false => format!("{account} has {}: {why}", amount(*wei)),
                })
                .collect();
            if left.len() > NAMED {
                named.push(format!("{} more", left.len() - NAMED));
            }
            tracing::warn!(
                "{} accounts could not be swept ({}); a run with the same seed and funder pays them less and sweeps them",
                left.len(),
                named.join("; ")
            );
        }
        let paid = *self
            .paid
            .lock()
            .unwrap_or_else(std::sync::PoisonError::into_inner);
        FundingResult {
            funder: self.funder.address,
            paid_wei: paid.to_string(),
            returned_wei: wei.to_string(),
            left: left
                .into_iter()
                .map(|(account, wei, _)| (account.to_string(), wei.to_string()))
                .collect(),
        }
    }

    /// Sweeps these accounts, unless the node is gone.
    async fn swept(&self, keys: &[Key]) -> Swept {
        // A payment that is on its way would come after the sweep.
        match self.transfers.settle(&[self.funder.address]).await {
            Ok(_) => self.transfers.sweep(keys, self.funder.address).await,
            Err(error) => {
                let why = error.to_string();
                let unknown = |key: &Key| (key.address, U256::ZERO, why.clone());
                Swept {
                    left: keys.iter().map(unknown).collect(),
                    ..Swept::default()
                }
            }
        }
    }

    async fn pay(&self, payments: &[(Address, U256)]) -> Result<(), FundingError> {
        self.transfers.pay(&self.funder, payments).await?;
        let sum: U256 = payments.iter().map(|(_, wei)| *wei).sum();
        *self
            .paid
            .lock()
            .unwrap_or_else(std::sync::PoisonError::into_inner) += sum;
        Ok(())
    }

    /// The accounts that have less than these targets, and what they lack.
    async fn lacking(&self, targets: &[U256]) -> Result<Vec<(Address, U256)>, RpcError> {
        let addresses: Vec<Address> = self.purses.iter().map(|purse| purse.key.address).collect();
        let balances = self.endpoint.balances(&addresses).await?;
        let accounts = addresses.into_iter().zip(balances).zip(targets);
        let lacking = accounts.map(|((account, balance), target)| (account, target.saturating_sub(balance)));
        Ok(lacking.filter(|(_, wei)| !wei.is_zero()).collect())
    }

    /// What payments take, with their own cost.
    fn needs(&self, payments: &[(Address, U256)]) -> U256 {
        let sum: U256 = payments.iter().map(|(_, wei)| *wei).sum();
        sum + self.transfers.cost() * U256::from(payments.len())
    }

    async fn balance(&self) -> Result<U256, RpcError> {
        let balances = self.endpoint.balances(&[self.funder.address]).await?;
        Ok(balances.into_iter().next().unwrap_or_default())
    }

    /// All purses but the deployer's, which is empty once the contracts are there.
    fn actors(&self) -> &[Purse] {
        self.purses.split_last().map_or(&[], |(_, actors)| actors)
    }

    /// What an account gets for what comes after setup, in wei.
    fn target(&self, purse: &Purse) -> U256 {
        let gas = U256::from(purse.gas) * U256::from(self.price());
        match self.allowance {
            // The deployment costs what it costs.
            Some(allowance) if purse.largest > 0 => allowance,
            _ => gas.saturating_add(purse.value_ahead),
        }
    }

    /// The max fee that transactions offer now: nodes take none whose sender could not pay it.
    fn price(&self) -> u64 {
        self.market.fees(Eip1559Fees::default()).max_fee
    }
}

/// Wei as messages write them: rounded up to a millionth of an ether where it is that much, else in gwei or wei.
fn amount(wei: U256) -> String {
    const MILLIGWEI: u128 = 1_000_000;
    const MICROETHER: u128 = 1_000_000_000_000;
    let (unit, digits, name) = match u128::try_from(wei) {
        Ok(wei) if wei < MILLIGWEI => return format!("{wei} wei"),
        Ok(wei) if wei < MICROETHER => (MILLIGWEI, 3, "gwei"),
        _ => (MICROETHER, 6, "ether"),
    };
    let units = wei.div_ceil(U256::from(unit));
    let text = format!("{:.digits$}", f64::from(units) / 10_f64.powi(digits as i32));
    format!("{} {name}", text.trim_end_matches('0').trim_end_matches('.'))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn amounts_are_rounded_up_to_what_a_person_reads() {
        for (wei, text) in [
            (0_u128, "0 wei"),
            (999, "999 wei"),
            (21_000_000_001, "21.001 gwei"),
            (2_500_000_000_000_001, "0.002501 ether"),
            (3_000_000_000_000_000_000, "3 ether"),
            (1_200_000_000_000_000_000_000, "1200 ether"),
        ] {
            assert_eq!(amount(U256::from(wei)), text);
        }
    }
}
