//! Reads the effects of a block's transactions from its receipts.

use alloy::primitives::{B256, Bytes, U64, hex};
use serde::Deserialize;
use serde_json::json;

use super::{Http, Refusal, RpcError, header::Header, logs::doubt_bloom};
use crate::chain::{Log, Receipt};

/// The fields of a receipt that a run needs; its bloom filter, most of its bytes, is skipped.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct RawReceipt {
    transaction_hash: B256,
    block_hash: B256,
    #[serde(default)]
    status: U64,
    gas_used: U64,
    logs: Vec<Log>,
}

/// Reads what the transactions of the block of `header` did, or says why the node's answer cannot be that.
pub(super) async fn receipts(http: &Http, header: &Header) -> Result<Result<Vec<Receipt>, String>, RpcError> {
    let raw: Option<Vec<RawReceipt>> = http.read("eth_getBlockReceipts", [header.number]).await?;
    let raw = raw.unwrap_or_default();
    let theirs = raw
        .iter()
        .map(|receipt| (receipt.block_hash, receipt.transaction_hash));
    if !theirs.eq(header.transactions.iter().map(|hash| (header.hash, *hash))) {
        return Ok(Err("its receipts are not those of its transactions".to_owned()));
    }
    let logs = raw.iter().flat_map(|receipt| &receipt.logs);
    if let Some(doubt) = doubt_bloom(header, logs.map(|log| (&log.address, log.topics.as_slice()))) {
        return Ok(Err(doubt));
    }
    let failed: Vec<B256> = raw
        .iter()
        .filter(|receipt| receipt.status.is_zero())
        .map(|receipt| receipt.transaction_hash)
        .collect();
    let mut outputs = revert_data(http, &failed).await?.into_iter();
    let receipt = |raw: RawReceipt| {
        let success = !raw.status.is_zero();
        Receipt {
            hash: raw.transaction_hash,
            success,
            gas_used: raw.gas_used.to(),
            breakdown: None,
            output: if success { None } else { outputs.next().flatten() },
            logs: raw.logs,
        }
    };
    Ok(Ok(raw.into_iter().map(receipt).collect()))
}

/// What a trace says that a transaction returned, in hex with or without `0x`.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Returned {
    return_value: String,
}

/// What each failed transaction returned: its custom error. Receipts do not carry it, so the node's trace of each is
/// asked for, without stack and storage; `None` where it has none to give.
async fn revert_data(http: &Http, hashes: &[B256]) -> Result<Vec<Option<Bytes>>, RpcError> {
    const BATCH: usize = 100;
    let options = json!({ "disableStorage": true, "disableStack": true });
    let traced = hashes.iter().map(|hash| (hash, &options));
    let answers: Vec<Result<Returned, Refusal>> =
        http.read_each("debug_traceTransaction", traced, BATCH).await?;
    let output = |answer: Result<Returned, _>| hex::decode(answer.ok()?.return_value).ok().map(Bytes::from);
    Ok(answers.into_iter().map(output).collect())
}
