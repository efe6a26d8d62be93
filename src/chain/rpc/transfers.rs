//! Plain transfers of money that are confirmed: from one account to many, and from many to one.

use std::time::Duration;

use alloy::primitives::{Address, B256, Bytes, U64, U256};
use secp256k1::SecretKey;
use serde::Deserialize;
use serde_json::json;
use tokio::time::Instant;

use super::{Endpoint, FeeMarket, Order, Refusal, Request, RpcError, TransactionStatus, masked};
use crate::{block::Invocation, fees::Eip1559Fees, seed::Key};

/// The most transfers of one account that wait in the node's pool at once: nodes take no more than some dozens.
const WAVE: usize = 50;
/// Calls in one request.
const BATCH: usize = 100;
/// How often receipts are asked for: soon at first, then less often.
const FIRST_POLL: Duration = Duration::from_millis(50);
const LONGEST_POLL: Duration = Duration::from_secs(1);
/// How often a transfer is sent, each time at a higher price.
const ATTEMPTS: u32 = 4;
/// How often those whose nonces others took are sent anew.
const ROUNDS: u32 = 4;
/// Gas of a transfer on Ethereum; other chains charge more.
const LEAST_GAS: u64 = 21_000;

/// The reason why money did not get where it was sent.
#[derive(Debug, thiserror::Error)]
pub enum TransferError {
    /// The node failed.
    #[error(transparent)]
    Rpc(#[from] RpcError),
    /// The node refused a transfer.
    #[error("{} refused a transfer from {from}: {reason}", masked(url))]
    Refused {
        /// The node's address.
        url: String,
        /// The account that pays.
        from: Address,
        /// The node's words.
        reason: String,
    },
    /// Transfers did not get into blocks.
    #[error("{count} transfers from {from} were not in a block after {} s: does {} mine blocks?", waited.as_secs(), masked(url))]
    NotIncluded {
        /// The node's address.
        url: String,
        /// The account that pays.
        from: Address,
        /// The number of transfers.
        count: usize,
        /// How long was waited.
        waited: Duration,
    },
}

/// Sends transfers on a chain and waits for them.
#[derive(Clone, Debug)]
pub struct Transfers {
    endpoint: Endpoint,
    market: FeeMarket,
    gas: u64,
    patience: Duration,
}

/// A transfer that is not confirmed.
#[derive(Debug)]
struct Open {
    key: SecretKey,
    to: Address,
    wei: U256,
    nonce: u64,
    fees: Eip1559Fees,
    hashes: Vec<B256>,
    /// The node's last words.
    refusal: Option<String>,
}

/// What became of money that was sent back.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Swept {
    /// The accounts that were emptied.
    pub accounts: u64,
    /// What came back, in wei.
    pub wei: U256,
    /// The accounts that still have money, how much, and why.
    pub left: Vec<(Address, U256, String)>,
}

#[derive(Deserialize)]
struct Receipt {
    status: Option<U64>,
}

impl Transfers {
    /// Transfers on the chain at `endpoint` at the prices of `market`, each of which may take so long to be in a block.
    ///
    /// # Errors
    /// Any [`RpcError`].
    pub async fn new(endpoint: &Endpoint, market: FeeMarket, patience: Duration) -> Result<Self, RpcError> {
        let (from, to) = (Address::ZERO, Address::repeat_byte(0x11));
        let asked = [json!({ "from": from, "to": to, "value": "0x0" })];
        // Some nodes estimate nothing for an account without money.
        let request = Request::new("eth_estimateGas", asked)?;
        let estimated: Result<U64, Refusal> = endpoint.http.call_once(&request).await?;
        let estimated = estimated.map_or(LEAST_GAS, |gas| gas.to());
        Ok(Self {
            endpoint: endpoint.clone(),
            market,
            gas: LEAST_GAS.max(estimated),
            patience,
        })
    }

    /// What a transfer costs at most, in wei, besides what it transfers.
    #[must_use]
    pub fn cost(&self) -> U256 {
        self.cost_at(self.market.transfer_price().raised(1))
    }

    fn cost_at(&self, fees: Eip1559Fees) -> U256 {
        U256::from(self.gas) * U256::from(fees.max_fee)
    }

    /// Pays so many wei to each of these accounts, and returns when all payments are in blocks.
    ///
    /// The account may be used by others meanwhile: a payment whose nonce was taken is made anew.
    ///
    /// # Errors
    /// [`TransferError`]; earlier payments may have been made.
    pub async fn pay(&self, from: &Key, payments: &[(Address, U256)]) -> Result<(), TransferError> {
        for wave in payments.chunks(WAVE) {
            let mut todo = wave.to_vec();
            let mut rounds = 0;
            while !todo.is_empty() {
                rounds += 1;
                todo = self.pay_wave(from, &todo, rounds < ROUNDS).await?;
            }
        }
        Ok(())
    }

    /// Makes payments and returns those whose nonces others took, if they may be made `again`.
    async fn pay_wave(
        &self,
        from: &Key,
        payments: &[(Address, U256)],
        again: bool,
    ) -> Result<Vec<(Address, U256)>, TransferError> {
        let first = self.endpoint.nonce(from.address).await?;
        let fees = self.market.fees(Eip1559Fees::default());
        let key = secret(from);
        let open = (first..).zip(payments).map(|(nonce, (to, wei))| Open {
            key,
            to: *to,
            wei: *wei,
            nonce,
            fees,
            hashes: Vec::new(),
            refusal: None,
        });
        let open = self.confirm(open.collect()).await?;
        if open.is_empty() {
            return Ok(Vec::new());
        }
        let included = self.endpoint.included_nonces(&[from.address]).await?;
        let taken = |open: &Open| included.first().is_some_and(|included| *included > open.nonce);
        if again && open.iter().all(taken) {
            return Ok(open.into_iter().map(|open| (open.to, open.wei)).collect());
        }
        let url = self.endpoint.http.url().to_owned();
        let refusal = open.iter().find_map(|open| open.refusal.clone());
        Err(match refusal {
            Some(reason) => TransferError::Refused {
                url,
                from: from.address,
                reason,
            },
            None => TransferError::NotIncluded {
                url,
                from: from.address,
                count: open.len(),
                waited: self.patience,
            },
        })
    }

    /// Sends all that these accounts have to `to`, but for what that costs. Transactions of theirs that still wait in the
    /// node's pool get some time to leave it, and are replaced then.
    pub async fn sweep(&self, from: &[Key], to: Address) -> Swept {
        let mut swept = Swept::default();
        let mut keys: Vec<&Key> = from.iter().collect();
        let mut reasons: Vec<(Address, U256, String)> = Vec::new();
        for attempt in 0..3 {
            if keys.is_empty() {
                break;
            }
            match self.sweep_once(&keys, to, attempt).await {
                Ok((wei, accounts, left)) => {
                    swept.wei += wei;
                    swept.accounts += accounts;
                    keys.retain(|key| left.iter().any(|(account, ..)| *account == key.address));
                    reasons = left;
                }
                Err(error) => {
                    let why = error.to_string();
                    if reasons.is_empty() {
                        let unknown = |key: &&Key| (key.address, U256::ZERO, why.clone());
                        reasons = keys.iter().map(unknown).collect();
                    }
                    break;
                }
            }
        }
        swept.left = reasons;
        swept
    }

    /// One attempt at sweeping: what came back, from how many accounts, and which still have how much and why.
    async fn sweep_once(
        &self,
        from: &[&Key],
        to: Address,
        attempt: u32,
    ) -> Result<(U256, u64, Vec<(Address, U256, String)>), RpcError> {
        let addresses: Vec<Address> = from.iter().map(|key| key.address).collect();
        let (included, pending) = self.settle(&addresses).await?;
        let balances = self.endpoint.balances(&addresses).await?;
        let price = self.market.transfer_price().raised(attempt);
        let mut open = Vec::new();
        for (((key, balance), included), pending) in from.iter().zip(balances).zip(included).zip(pending) {
            // To replace one that waits takes a higher price than it was sent with.
            let fees = if pending > included {
                self.market.fees(Eip1559Fees::default()).raised(2 + attempt)
            } else {
                price
            };
            // All of the price is paid: nothing is left. Some chains charge more, for their data.
            let fees = Eip1559Fees {
                tip: fees.max_fee,
                ..fees
            };
            let cost = self.cost_at(fees);
            let kept = cost.saturating_mul(U256::from(1_u64 << (2 * attempt)));
            if balance > kept && balance > cost.saturating_mul(U256::from(2)) {
                open.push(Open {
                    key: secret(key),
                    to,
                    wei: balance - kept,
                    nonce: included,
                    fees,
                    hashes: Vec::new(),
                    refusal: None,
                });
            }
        }
        let sent: U256 = open.iter().map(|open| open.wei).sum();
        let accounts = open.len() as u64;
        let by_key: Vec<(SecretKey, Address)> = from.iter().map(|key| (secret(key), key.address)).collect();
        let left = self.confirm_at(open, 1).await?;
        let unsent: U256 = left.iter().map(|open| open.wei).sum();
        let left: Vec<_> = left
            .into_iter()
            .map(|open| {
                let account = by_key.iter().find(|(key, _)| *key == open.key);
                let why = open
                    .refusal
                    .unwrap_or_else(|| "not in a block in time".to_owned());
                (
                    account.map_or(Address::ZERO, |(_, address)| *address),
                    open.wei,
                    why,
                )
            })
            .collect();
        Ok((sent - unsent, accounts - left.len() as u64, left))
    }

    /// The included and pending nonces of accounts, once nothing of theirs waits in the node's pool, or after a while.
    ///
    /// # Errors
    /// Any [`RpcError`].
    pub async fn settle(&self, accounts: &[Address]) -> Result<(Vec<u64>, Vec<u64>), RpcError> {
        let until = Instant::now() + self.patience / 3;
        loop {
            let included = self.endpoint.included_nonces(accounts).await?;
            let pending = self.endpoint.nonces(accounts).await?;
            if included
                .iter()
                .zip(&pending)
                .all(|(included, pending)| pending <= included)
                || Instant::now() >= until
            {
                return Ok((included, pending));
            }
            tokio::time::sleep(LONGEST_POLL / 2).await;
        }
    }

    /// Makes the account's transactions that wait in the node's pool leave it: those that no block takes in time are replaced
    /// by empty ones at a higher price. Returns how many still wait.
    ///
    /// # Errors
    /// Any [`RpcError`].
    pub async fn clear_pool(&self, accounts: &[Key]) -> Result<usize, RpcError> {
        let addresses: Vec<Address> = accounts.iter().map(|key| key.address).collect();
        let (included, pending) = self.settle(&addresses).await?;
        let price = self.market.fees(Eip1559Fees::default()).raised(3);
        let mut open = Vec::new();
        for ((key, included), pending) in accounts.iter().zip(included).zip(pending) {
            open.extend((included..pending).map(|nonce| Open {
                key: secret(key),
                to: key.address,
                wei: U256::ZERO,
                nonce,
                fees: price,
                hashes: Vec::new(),
                refusal: None,
            }));
        }
        let left = self.confirm(open).await?;
        // One whose nonce another took in the meantime is gone as well.
        let included = self.endpoint.included_nonces(&addresses).await?;
        let waits = |open: &&Open| {
            let place = accounts.iter().position(|key| secret(key) == open.key);
            place.is_some_and(|place| included[place] <= open.nonce)
        };
        Ok(left.iter().filter(waits).count())
    }

    /// Sends transfers until they are in blocks, some times at rising prices; returns those that are not.
    async fn confirm(&self, open: Vec<Open>) -> Result<Vec<Open>, RpcError> {
        self.confirm_at(open, ATTEMPTS).await
    }

    async fn confirm_at(&self, mut open: Vec<Open>, attempts: u32) -> Result<Vec<Open>, RpcError> {
        for attempt in 0..attempts {
            if open.is_empty() {
                break;
            }
            if attempt > 0 {
                for transfer in &mut open {
                    transfer.fees = self
                        .market
                        .replacing(transfer.fees, Eip1559Fees::default())
                        .unwrap_or(transfer.fees);
                }
            }
            self.send(&mut open).await?;
            self.wait(&mut open, self.patience / attempts).await?;
        }
        Ok(open)
    }

    /// Signs and sends transfers as they stand.
    async fn send(&self, open: &mut [Open]) -> Result<(), RpcError> {
        let signer = self.endpoint.signer();
        for batch in open.chunks_mut(BATCH) {
            let mut requests = Vec::with_capacity(batch.len());
            for transfer in batch.iter_mut() {
                let signed = signer.sign(&Order {
                    tx: 0,
                    key: transfer.key,
                    nonce: transfer.nonce,
                    invocation: Invocation {
                        to: Some(transfer.to),
                        value: transfer.wei,
                        input: Bytes::new(),
                        gas_limit: self.gas,
                    },
                    fees: transfer.fees,
                });
                transfer.hashes.push(signed.hash);
                requests.push(Request::new("eth_sendRawTransaction", [signed.raw])?);
            }
            let answers = self.endpoint.http.send(&requests, |_| ()).await?;
            for (transfer, answer) in batch.iter_mut().zip(answers) {
                transfer.refusal = answer.err().map(|refusal| refusal.to_string());
            }
        }
        Ok(())
    }

    /// Waits until transfers are in blocks, and keeps those that are not in time. Those that the node refused and does not
    /// have are not waited for.
    async fn wait(&self, open: &mut Vec<Open>, patience: Duration) -> Result<(), RpcError> {
        let until = Instant::now() + patience;
        let mut pause = FIRST_POLL;
        loop {
            tokio::time::sleep(pause).await;
            pause = (pause * 2).min(LONGEST_POLL);
            let hashes: Vec<B256> = open.iter().flat_map(|open| open.hashes.clone()).collect();
            let asked = hashes.iter().map(|hash| [hash]);
            let method = "eth_getTransactionReceipt";
            let answers = self
                .endpoint
                .http
                .read_each::<Option<Receipt>>(method, asked, BATCH)
                .await?;
            let mut receipts = answers.into_iter().map(|answer| answer.ok().flatten());
            open.retain(|open| {
                let mut of_one = receipts
                    .by_ref()
                    .take(open.hashes.len())
                    .collect::<Vec<_>>()
                    .into_iter();
                let succeeded = |receipt: Receipt| receipt.status.is_none_or(|status| !status.is_zero());
                !of_one.any(|receipt| receipt.is_some_and(succeeded))
            });
            if open.is_empty() || Instant::now() >= until {
                return Ok(());
            }
            if open.iter().all(|open| open.refusal.is_some()) && self.knows_none(open).await? {
                return Ok(());
            }
        }
    }

    /// Whether the node has none of these transfers.
    async fn knows_none(&self, open: &[Open]) -> Result<bool, RpcError> {
        let hashes: Vec<B256> = open.iter().flat_map(|open| open.hashes.clone()).collect();
        let statuses = self.endpoint.transaction_statuses(&hashes).await?;
        Ok(statuses
            .into_iter()
            .all(|status| status == TransactionStatus::Unknown))
    }
}

/// The key as the signer takes it.
fn secret(key: &Key) -> SecretKey {
    SecretKey::from_byte_array(key.secret).expect("a key is valid: its address was derived from it")
}
