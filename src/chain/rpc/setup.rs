//! Setup on a node: funds accounts by the node's own methods, deploys contracts by transactions.

use std::time::Duration;

use alloy::primitives::{Address, B256, U64, U256};
use secp256k1::SecretKey;
use serde::Deserialize;

use super::{Endpoint, Http, Order, Refusal, Request, RpcError, TransactionStatus, masked};
use crate::chain::{Eip1559Fees, Invocation};

/// Calls in one request.
const BATCH: usize = 500;
/// How often the receipts of the deployment are asked for.
const POLL: Duration = Duration::from_millis(20);

/// Errors of setup.
#[derive(Debug, thiserror::Error)]
pub enum SetupError {
    /// The node failed.
    #[error(transparent)]
    Rpc(#[from] RpcError),
    /// The node has no way to give accounts a balance.
    #[error(
        "{} does not fund accounts: {refusal}; only anvil has anvil_setBalance",
        masked(url)
    )]
    NoFunding {
        /// The node's address.
        url: String,
        /// Its words.
        refusal: Refusal,
    },
    /// A transaction that deploys or connects the contracts failed.
    #[error("step {step} of {steps} of the contracts' deployment failed: {cause}")]
    Deployment {
        /// Which, from 1.
        step: usize,
        /// Of how many.
        steps: usize,
        /// What the node said of it.
        cause: String,
    },
    /// The deployment never got into a block.
    #[error("the contracts' deployment was not in a block after {} s: does {} mine blocks?", waited.as_secs(), masked(url))]
    NoBlocks {
        /// The node's address.
        url: String,
        /// How long was waited.
        waited: Duration,
    },
}

/// Gives each account a balance of `wei`.
///
/// # Errors
/// [`SetupError::NoFunding`] if the node has no method for it, or any [`RpcError`].
pub async fn fund(http: &Http, accounts: &[Address], wei: U256) -> Result<(), SetupError> {
    let balances = accounts.iter().map(|account| (account, wei));
    let answers: Vec<Result<Option<bool>, Refusal>> =
        http.read_each("anvil_setBalance", balances, BATCH).await?;
    match answers.into_iter().find_map(Result::err) {
        None => Ok(()),
        Some(refusal) => Err(SetupError::NoFunding {
            url: http.url().to_owned(),
            refusal,
        }),
    }
}

#[derive(Deserialize)]
struct Status {
    status: U64,
}

/// Makes the steps of a deployment from the account of `key`, whose next nonce is `first_nonce`, each with these `fees`, all in as few blocks as the
/// node takes, and waits for it at most `patience`.
///
/// # Errors
/// [`SetupError::Deployment`] if a step fails, [`SetupError::NoBlocks`] if no block took it in, or any [`RpcError`].
pub async fn deploy(
    endpoint: &Endpoint,
    key: &SecretKey,
    fees: Eip1559Fees,
    steps: &[Invocation],
    first_nonce: u64,
    patience: Duration,
) -> Result<(), SetupError> {
    let signer = endpoint.signer();
    let count = steps.len();
    let failed = |step: usize, cause: String| SetupError::Deployment {
        step: step + 1,
        steps: count,
        cause,
    };
    let mut hashes = Vec::with_capacity(count);
    let mut requests = Vec::with_capacity(count);
    for (invocation, nonce) in steps.iter().zip(first_nonce..) {
        let signed = signer.sign(&Order {
            tx: 0,
            key: *key,
            nonce,
            invocation: invocation.clone(),
            fees,
        });
        hashes.push(signed.hash);
        requests.push(Request::new("eth_sendRawTransaction", [signed.raw])?);
    }
    let answers = endpoint.http.send(&requests, |_| ()).await?;
    for (step, (answer, hash)) in answers.into_iter().zip(&hashes).enumerate() {
        // One that was handed over twice may be refused because the node has it.
        if let Err(refusal) = answer
            && endpoint.transaction_status(*hash).await? == TransactionStatus::Unknown
        {
            return Err(failed(step, refusal.to_string()));
        }
    }
    let wait = tokio::time::timeout(patience, async {
        for (step, hash) in hashes.iter().enumerate() {
            let status = receipt(&endpoint.http, *hash).await?.status;
            if status.is_zero() {
                return Err(failed(step, format!("transaction {hash} reverted")));
            }
        }
        Ok(())
    });
    wait.await.unwrap_or_else(|_| {
        Err(SetupError::NoBlocks {
            url: endpoint.http.url().to_owned(),
            waited: patience,
        })
    })
}

async fn receipt(http: &Http, hash: B256) -> Result<Status, RpcError> {
    loop {
        if let Some(status) = http.read("eth_getTransactionReceipt", [hash]).await? {
            return Ok(status);
        }
        tokio::time::sleep(POLL).await;
    }
}
