//! The logs of a block, and whether a node's answer can be all of them.

use std::collections::BTreeSet;

use alloy::primitives::{Address, B256, Bloom, BloomInput, Bytes, U64};
use serde::Deserialize;
use serde_json::json;

use super::{Http, RpcError, header::Header};
use crate::chain::Log;

/// The logs of a block by the hash of the transaction that wrote them, in their order.
pub(super) type LogsByTransaction = Vec<(B256, Vec<Log>)>;

/// A log and where it stands.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct LogOfBlock {
    block_hash: Option<B256>,
    log_index: Option<U64>,
    transaction_hash: B256,
    address: Address,
    topics: Vec<B256>,
    data: Bytes,
}

impl LogOfBlock {
    /// Whether it is of the block with this hash, as far as it says.
    pub(super) fn is_of(&self, hash: B256) -> bool {
        self.block_hash.is_none_or(|other| other == hash)
    }
}

/// Reads the logs of block `number`, in their order, as often as it takes.
pub(super) async fn logs(http: &Http, number: u64) -> Result<Vec<LogOfBlock>, RpcError> {
    http.read(METHOD, filter(number)).await
}

/// As [`logs`], in one attempt: of a block that may not be there.
pub(super) async fn logs_at_once(http: &Http, number: u64) -> Result<Vec<LogOfBlock>, RpcError> {
    http.call(METHOD, filter(number)).await
}

const METHOD: &str = "eth_getLogs";

fn filter(number: u64) -> [serde_json::Value; 1] {
    let number = U64::from(number);
    [json!({ "fromBlock": number, "toBlock": number })]
}

/// What shows that `logs` are not all logs of the block of `header`, and no others; `None` if nothing does.
///
/// They carry their block's hash and count from 0, and together they make up the header's bloom filter.
pub(super) fn doubt(header: &Header, logs: &[LogOfBlock]) -> Option<String> {
    if !logs.iter().all(|log| log.is_of(header.hash)) {
        return Some("its logs are another block's of that number".to_owned());
    }
    let out_of_order =
        |(at, log): (usize, &LogOfBlock)| log.log_index.is_some_and(|index| index != U64::from(at));
    if logs.iter().enumerate().any(out_of_order) {
        return Some("some of its logs are left out".to_owned());
    }
    doubt_bloom(
        header,
        logs.iter().map(|log| (&log.address, log.topics.as_slice())),
    )
}

/// As [`doubt`], by the bloom filter alone.
pub(super) fn doubt_bloom<'a>(
    header: &Header,
    logs: impl Iterator<Item = (&'a Address, &'a [B256])>,
) -> Option<String> {
    let expected = header.logs_bloom?;
    // Few addresses and topics come again and again; each is hashed once.
    let mut inputs = BTreeSet::new();
    for (address, topics) in logs {
        inputs.insert(address.as_slice());
        inputs.extend(topics.iter().map(|topic| topic.as_slice()));
    }
    // Some chains fill no filter in.
    if expected.is_zero() && !inputs.is_empty() {
        return None;
    }
    let mut bloom = Bloom::default();
    for input in inputs {
        bloom.accrue(BloomInput::Raw(input));
    }
    (bloom != expected).then(|| "its logs do not make up its header's bloom filter".to_owned())
}

/// A block's logs by the transaction that wrote them.
pub(super) fn by_transaction(logs: Vec<LogOfBlock>) -> LogsByTransaction {
    let mut by_transaction: LogsByTransaction = Vec::new();
    for (place, log) in (0..).zip(logs) {
        let hash = log.transaction_hash;
        let log = Log {
            index: log.log_index.map_or(place, |index| index.to()),
            address: log.address,
            topics: log.topics,
            data: log.data,
        };
        match by_transaction.last_mut() {
            Some((last, logs)) if *last == hash => logs.push(log),
            _ => by_transaction.push((hash, vec![log])),
        }
    }
    by_transaction
}

#[cfg(test)]
mod tests {
    use super::*;

    fn log(index: u64, topic: u8, block_hash: B256) -> LogOfBlock {
        LogOfBlock {
            block_hash: Some(block_hash),
            log_index: Some(U64::from(index)),
            transaction_hash: B256::repeat_byte(index as u8),
            address: Address::repeat_byte(7),
            topics: vec![B256::repeat_byte(topic)],
            data: Bytes::new(),
        }
    }

    #[test]
    fn logs_are_believed_if_they_are_all_of_the_block_and_no_others() {
        let hash = B256::repeat_byte(9);
        let logs = || [log(0, 1, hash), log(1, 2, hash), log(2, 1, hash)];
        let mut bloom = Bloom::default();
        for log in logs() {
            bloom.accrue(BloomInput::Raw(log.address.as_slice()));
            log.topics
                .iter()
                .for_each(|topic| bloom.accrue(BloomInput::Raw(topic.as_slice())));
        }
        let header = |logs_bloom| Header {
            hash,
            logs_bloom,
            ..Header::default()
        };
        let full = header(Some(bloom));
        assert_eq!(doubt(&full, &logs()), None);
        assert!(doubt(&full, &[]).is_some(), "an empty answer");
        assert!(doubt(&full, &logs()[..1]).is_some(), "the rest is missing");
        assert!(doubt(&full, &logs()[1..]).is_some(), "the first is missing");
        let [first, mut second, third] = logs();
        second.block_hash = Some(B256::ZERO);
        assert!(
            doubt(&full, &[first, second, third]).is_some(),
            "one is another block's"
        );
        assert!(doubt(&header(Some(Bloom::default())), &[]).is_none());
        for without in [None, Some(Bloom::default())] {
            assert_eq!(
                doubt(&header(without), &logs()),
                None,
                "no filter to hold them against"
            );
        }
    }
}
