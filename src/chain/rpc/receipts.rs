//! Reads the effects of a block's transactions from its receipts.

use std::sync::atomic::{AtomicBool, Ordering};

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

/// Receipts in one request, where they are asked for one by one.
const SINGLE: usize = 100;

/// Reads what the transactions of the block of `header` did, or says why the node's answer cannot be that. `whole` says
/// whether the node gives all receipts of a block at once, as far as it is known, and `returns` whether it must be known what
/// transactions returned that succeeded.
pub(super) async fn receipts(
    http: &Http,
    header: &Header,
    whole: &AtomicBool,
    returns: bool,
) -> Result<Result<Vec<Receipt>, String>, RpcError> {
    let raw = raw_receipts(http, header, whole).await?;
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
    let traced: Vec<B256> = raw
        .iter()
        .filter(|receipt| returns || receipt.status.is_zero())
        .map(|receipt| receipt.transaction_hash)
        .collect();
    let mut outputs = return_data(http, &traced).await?.into_iter();
    let receipt = |raw: RawReceipt| {
        let success = !raw.status.is_zero();
        Receipt {
            hash: raw.transaction_hash,
            success,
            gas_used: raw.gas_used.to(),
            breakdown: None,
            output: if success && !returns {
                None
            } else {
                outputs.next().flatten()
            },
            logs: raw.logs,
        }
    };
    Ok(Ok(raw.into_iter().map(receipt).collect()))
}

/// The receipts of a block: all at once, or one by one where the node has no method for that.
async fn raw_receipts(http: &Http, header: &Header, whole: &AtomicBool) -> Result<Vec<RawReceipt>, RpcError> {
    const WHOLE: &str = "eth_getBlockReceipts";
    if whole.load(Ordering::Relaxed) {
        match http.read(WHOLE, [header.number]).await {
            Ok(raw) => return Ok(Option::unwrap_or_default(raw)),
            Err(RpcError::Refused { refusal, .. }) if refusal.is_unknown_method() => {
                whole.store(false, Ordering::Relaxed);
                let what = format!("the node has no {WHOLE}; receipts are read one by one");
                http.troubles.notice(WHOLE, what);
            }
            Err(error) => return Err(error),
        }
    }
    let hashes = header.transactions.iter().map(|hash| [hash]);
    let answers = http
        .read_each::<Option<RawReceipt>>("eth_getTransactionReceipt", hashes, SINGLE)
        .await?;
    // One that is not there yet shows in what is missing.
    Ok(answers
        .into_iter()
        .filter_map(|answer| answer.ok().flatten())
        .collect())
}

/// What a trace says that a transaction returned, in hex with or without `0x`.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Returned {
    return_value: String,
}

/// What each transaction returned: its custom error, of one that failed. Receipts do not carry it, so the node's trace of each is
/// asked for, without stack and storage; `None` where it has none to give.
async fn return_data(http: &Http, hashes: &[B256]) -> Result<Vec<Option<Bytes>>, RpcError> {
    const BATCH: usize = 100;
    let options = json!({ "disableStorage": true, "disableStack": true });
    let traced = hashes.iter().map(|hash| (hash, &options));
    let method = "debug_traceTransaction";
    let answers: Vec<Result<Returned, Refusal>> = http.read_each(method, traced, BATCH).await?;
    let refusals = answers.iter().filter_map(|answer| answer.as_ref().err());
    if let Some(refusal) = refusals.into_iter().find(|refusal| refusal.is_unknown_method()) {
        let what = "the node does not tell why transactions revert or what they return";
        let what = format!("{what}: it has no {method} ({refusal})");
        http.troubles.notice(method, what);
    }
    let output = |answer: Result<Returned, _>| hex::decode(answer.ok()?.return_value).ok().map(Bytes::from);
    Ok(answers.into_iter().map(output).collect())
}
