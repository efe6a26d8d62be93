//! Setup on a node: funds accounts by the node's own methods, deploys contracts by transactions.

use std::time::Duration;

use alloy::primitives::{Address, B256, Bytes, U64, U256};
use secp256k1::SecretKey;
use serde::Deserialize;
use serde_json::json;

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
    #[error("transaction {step} of the contracts' deployment failed: {failure}")]
    Step {
        /// Which of those that were sent, from 0.
        step: usize,
        /// What became of it.
        failure: StepFailure,
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

/// What became of a transaction that failed.
#[derive(Debug, thiserror::Error)]
pub enum StepFailure {
    /// The node did not take it.
    #[error("{0}")]
    Refused(String),
    /// It reverted.
    #[error("it reverted")]
    Reverted {
        /// Gas that it used.
        gas_used: u64,
        /// Its error data, if the node tells it.
        output: Option<Bytes>,
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
#[serde(rename_all = "camelCase")]
struct Status {
    status: U64,
    gas_used: U64,
}

/// Sends transactions of a deployment from the account `from` of `key`, whose next nonce is `first_nonce`, each with these `fees`, all in
/// as few blocks as the node takes, and waits for them at most `patience`.
///
/// # Errors
/// [`SetupError::Step`] if a step fails, [`SetupError::NoBlocks`] if no block took it in, or any [`RpcError`].
pub async fn deploy(
    endpoint: &Endpoint,
    (from, key): (Address, &SecretKey),
    fees: Eip1559Fees,
    steps: &[Invocation],
    first_nonce: u64,
    patience: Duration,
) -> Result<(), SetupError> {
    let signer = endpoint.signer();
    let failed = |step: usize, failure: StepFailure| SetupError::Step { step, failure };
    let mut hashes = Vec::with_capacity(steps.len());
    let mut requests = Vec::with_capacity(steps.len());
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
            return Err(failed(step, StepFailure::Refused(refusal.to_string())));
        }
    }
    let wait = tokio::time::timeout(patience, async {
        for (step, hash) in hashes.iter().enumerate() {
            let receipt = receipt(&endpoint.http, *hash).await?;
            if receipt.status.is_zero() {
                let failure = failure(&endpoint.http, from, &steps[step], receipt.gas_used.to());
                return Err(failed(step, failure.await?));
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

/// What became of a transaction that reverted after so much gas: its error data is asked for by a call of the same.
async fn failure(
    http: &Http,
    from: Address,
    step: &Invocation,
    gas_used: u64,
) -> Result<StepFailure, RpcError> {
    let call = json!({
        "from": from,
        "to": step.to,
        "value": step.value,
        "gas": U64::from(step.gas_limit),
        "input": step.input,
    });
    let request = Request::new("eth_call", (call, "latest"))?;
    let output = match http.call_once::<Bytes>(&request).await? {
        Ok(_) => None,
        Err(refusal) => match refusal.error_data() {
            Some(data) => Some(data),
            None => return Ok(StepFailure::Refused(refusal.message)),
        },
    };
    Ok(StepFailure::Reverted { gas_used, output })
}
