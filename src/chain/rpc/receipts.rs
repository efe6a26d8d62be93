//! A block with its receipts, read in two calls whatever the number of its transactions.

use alloy::primitives::{Address, B256, Bytes, U64, U256, hex};
use serde::Deserialize;
use serde_json::json;

use super::{Http, Refusal, Request, RpcError};
use crate::{
    chain::{Block, Log, Receipt},
    time::Micros,
};

/// The fields of a header that a run needs.
#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Header {
    pub(super) number: U64,
    timestamp: U64,
    gas_used: U64,
    gas_limit: U64,
    #[serde(default)]
    base_fee_per_gas: U64,
}

/// The fields of a receipt that a run needs; its bloom filter, most of its bytes, is skipped.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct RawReceipt {
    transaction_hash: B256,
    #[serde(default)]
    status: U64,
    gas_used: U64,
    #[serde(default)]
    effective_gas_price: U256,
    logs: Vec<RawLog>,
}

#[derive(Debug, Deserialize)]
struct RawLog {
    address: Address,
    topics: Vec<B256>,
    data: Bytes,
}

/// What the node's trace of a transaction says that it returned, in hex with or without `0x`.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Trace {
    return_value: String,
}

/// Reads the header of block `number`; `None` if there is none yet.
pub(super) async fn header(http: &Http, number: u64) -> Result<Option<Header>, RpcError> {
    http.call("eth_getBlockByNumber", (U64::from(number), false))
        .await
}

/// Reads the receipts of the block of `header`, first seen at `seen`.
pub(super) async fn block(http: &Http, header: &Header, seen: Micros) -> Result<Block, RpcError> {
    let empty = header.gas_used.is_zero();
    let raw: Vec<RawReceipt> = if empty {
        Vec::new()
    } else {
        http.call("eth_getBlockReceipts", [header.number]).await?
    };
    let reverted: Vec<B256> = raw
        .iter()
        .filter(|receipt| receipt.status.is_zero())
        .map(|receipt| receipt.transaction_hash)
        .collect();
    let mut outputs = revert_data(http, &reverted).await?.into_iter();
    let receipts = raw
        .into_iter()
        .map(|receipt| {
            let success = !receipt.status.is_zero();
            Receipt {
                hash: receipt.transaction_hash,
                success,
                gas_used: receipt.gas_used.to(),
                effective_gas_price: receipt.effective_gas_price.saturating_to(),
                output: if success { None } else { outputs.next().flatten() },
                logs: receipt.logs.into_iter().map(log).collect(),
            }
        })
        .collect();
    Ok(Block {
        number: header.number.to(),
        timestamp: header.timestamp.to(),
        seen,
        gas_used: header.gas_used.to(),
        gas_limit: header.gas_limit.to(),
        base_fee: header.base_fee_per_gas.to(),
        receipts,
    })
}

/// What each reverted transaction returned: its custom error. Receipts do not carry it, so the node's trace of each
/// is asked for, without the steps; `None` where it has none to give. An anvil that keeps no past states still answers
/// with this tracer, since it notes what a transaction returned when it runs it; `callTracer` would run it again.
async fn revert_data(http: &Http, hashes: &[B256]) -> Result<Vec<Option<Bytes>>, RpcError> {
    const BATCH: usize = 100;
    let options = json!({ "disableStorage": true, "disableStack": true });
    let mut outputs = Vec::with_capacity(hashes.len());
    for hashes in hashes.chunks(BATCH) {
        let requests: Vec<Request> = hashes
            .iter()
            .map(|hash| Request::new("debug_traceTransaction", (hash, &options)))
            .collect::<Result<_, _>>()?;
        let answers: Vec<Result<Trace, Refusal>> = http.batch(&requests).await?;
        outputs.extend(
            answers
                .into_iter()
                .map(|trace| hex::decode(trace.ok()?.return_value).ok().map(Bytes::from)),
        );
    }
    Ok(outputs)
}

fn log(raw: RawLog) -> Log {
    Log {
        address: raw.address,
        topics: raw.topics,
        data: raw.data,
    }
}
