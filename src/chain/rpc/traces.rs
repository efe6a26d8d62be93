//! Reads the effects of a block's transactions from its logs and from the traces that the node kept of them.

use alloy::primitives::{B256, Bytes};
use serde::Deserialize;

use super::{Http, Refusal, RpcError, header::Header, logs::LogsByTransaction};
use crate::chain::Receipt;

/// Traces in one request.
const BATCH: usize = 500;

/// The node's trace of a transaction, without its steps.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Trace {
    failed: bool,
    gas: u64,
    return_value: Bytes,
}

/// What the transactions of the block of `header` did, that wrote these logs and left these traces; `None` if the traces
/// do not add up to the block's gas.
pub(super) fn receipts(header: &Header, logs: LogsByTransaction, traces: Vec<Trace>) -> Option<Vec<Receipt>> {
    let gas = gas_of_each(&traces, header.gas_used.to())?;
    let mut logs = logs.into_iter().peekable();
    let receipts = header
        .transactions
        .iter()
        .zip(traces)
        .zip(gas)
        .map(|((hash, trace), gas_used)| Receipt {
            hash: *hash,
            success: !trace.failed,
            gas_used,
            breakdown: None,
            output: Some(trace.return_value),
            logs: logs
                .next_if(|(of, _)| of == hash)
                .map_or_else(Vec::new, |(_, logs)| logs),
        });
    Some(receipts.collect())
}

/// The trace of every transaction; `None` if the node does not have one.
pub(super) async fn traces(http: &Http, hashes: &[B256]) -> Result<Option<Vec<Trace>>, RpcError> {
    let traced = hashes.iter().map(|hash| [hash]);
    let answers: Vec<Result<Trace, Refusal>> =
        http.read_each("debug_traceTransaction", traced, BATCH).await?;
    Ok(answers.into_iter().collect::<Result<_, _>>().ok())
}

/// Gas that each transaction used. Where a trace should give that, anvil 1.7.1 gives what the block had used when the
/// transaction was done; which of the two it is shows in what they add up to.
fn gas_of_each(traces: &[Trace], block_gas: u64) -> Option<Vec<u64>> {
    let sum = traces
        .iter()
        .try_fold(0_u64, |sum, trace| sum.checked_add(trace.gas));
    if sum == Some(block_gas) {
        return Some(traces.iter().map(|trace| trace.gas).collect());
    }
    if traces.last()?.gas != block_gas {
        return None;
    }
    let mut before = 0;
    traces
        .iter()
        .map(|trace| trace.gas.checked_sub(std::mem::replace(&mut before, trace.gas)))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::{Trace, gas_of_each};

    fn traces(gas: &[u64]) -> Vec<Trace> {
        gas.iter()
            .map(|gas| Trace {
                failed: false,
                gas: *gas,
                return_value: Default::default(),
            })
            .collect()
    }

    #[test]
    fn gas_is_taken_as_each_transactions_own_or_as_the_blocks_so_far() {
        assert_eq!(gas_of_each(&traces(&[21_000]), 21_000), Some(vec![21_000]));
        assert_eq!(gas_of_each(&traces(&[30, 20, 50]), 100), Some(vec![30, 20, 50]));
        assert_eq!(gas_of_each(&traces(&[30, 50, 100]), 100), Some(vec![30, 20, 50]));
        assert_eq!(gas_of_each(&[], 0), Some(vec![]));
    }

    #[test]
    fn traces_that_do_not_add_up_to_the_block_are_not_believed() {
        assert_eq!(gas_of_each(&traces(&[30, 20, 50]), 99), None);
        assert_eq!(gas_of_each(&traces(&[60, 20, 100]), 100), None);
        assert_eq!(gas_of_each(&[], 7), None);
    }
}
