//! Reading a block with what its transactions did, in a few calls whatever their number.

use std::sync::atomic::{AtomicBool, Ordering};

use alloy::primitives::{B256, U64};
use serde::Deserialize;

use super::{Http, RpcError, receipts, traces};
use crate::{
    chain::{Block, BlockLogs, Receipt},
    time::Micros,
};

/// The fields of a header that a run needs.
#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Header {
    pub(super) number: U64,
    timestamp: U64,
    pub(super) gas_used: U64,
    gas_limit: U64,
    #[serde(default)]
    base_fee_per_gas: U64,
    pub(super) transactions: Vec<B256>,
}

/// Reads blocks, by receipts or, where that is cheaper, by logs and traces.
#[derive(Debug)]
pub(super) struct BlockReader {
    http: Http,
    by_traces: AtomicBool,
}

impl BlockReader {
    /// A reader of the blocks of the node that calls itself `client`.
    ///
    /// Anvil up to 1.7.1 takes time in proportion to the square of a block's transactions to give its receipts: 1 s for
    /// 1,750 and 25 s for 5,400, where its logs and the traces that it keeps take 0.05 s and 0.23 s.
    pub(super) fn new(http: &Http, client: &str) -> Self {
        Self {
            http: http.clone(),
            by_traces: AtomicBool::new(client.starts_with("anvil/")),
        }
    }

    /// Whether the logs of a block are handed over before the rest of it.
    pub(super) fn tells_logs_first(&self) -> bool {
        self.by_traces.load(Ordering::Relaxed)
    }

    /// Reads block `number`, first seen at `seen`. Where its logs are there before the rest, they are handed to `tell`.
    pub(super) async fn read(
        &self,
        number: u64,
        seen: Micros,
        tell: impl FnOnce(BlockLogs),
    ) -> Result<Block, RpcError> {
        if self.tells_logs_first() {
            let (header, logs) = tokio::try_join!(self.header(number), traces::logs(&self.http, number))?;
            tell(BlockLogs {
                number,
                timestamp: header.timestamp.to(),
                seen,
                transactions: logs.clone(),
            });
            let traces = traces::traces(&self.http, &header.transactions).await?;
            if let Some(receipts) = traces.and_then(|traces| traces::receipts(&header, logs, traces)) {
                return Ok(header.block(seen, receipts));
            }
            tracing::debug!("the node's traces do not add up to the gas of block {number}: reading receipts");
            self.by_traces.store(false, Ordering::Relaxed);
        }
        let header = self.header(number).await?;
        let receipts = match header.transactions.as_slice() {
            [] => Vec::new(),
            _ => receipts::receipts(&self.http, &header).await?,
        };
        Ok(header.block(seen, receipts))
    }

    async fn header(&self, number: u64) -> Result<Header, RpcError> {
        let header: Option<Header> = self
            .http
            .call("eth_getBlockByNumber", (U64::from(number), false))
            .await?;
        header.ok_or_else(|| RpcError::MissingBlock {
            url: self.http.url().to_owned(),
            number,
        })
    }
}

impl Header {
    /// The block, first seen at `seen`, whose transactions have these receipts.
    fn block(&self, seen: Micros, receipts: Vec<Receipt>) -> Block {
        Block {
            number: self.number.to(),
            timestamp: self.timestamp.to(),
            seen,
            gas_used: self.gas_used.to(),
            gas_limit: self.gas_limit.to(),
            base_fee: self.base_fee_per_gas.to(),
            receipts,
        }
    }
}
