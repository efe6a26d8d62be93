//! The settings of a chain that shows them in its blocks.

use std::time::Duration;

use alloy::primitives::{B256, U64};

use super::{Endpoint, RpcError, header::Header};

/// Blocks over which the time between them is measured.
const BLOCKS: u64 = 20;

/// What the latest blocks of a chain say of its settings.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Survey {
    /// Gas that the latest block can hold.
    pub gas_limit: u64,
    /// The latest block's base fee in wei per gas; `None` on a chain without one.
    pub base_fee: Option<u64>,
    /// The mean time between the latest blocks, and by how much it may be wrong, as timestamps are whole seconds; `None` if
    /// there are too few.
    pub block_time: Option<(Duration, Duration)>,
}

impl Endpoint {
    /// Reads the chain's settings from its latest blocks.
    ///
    /// # Errors
    /// Any [`RpcError`].
    pub async fn survey(&self) -> Result<Survey, RpcError> {
        let latest: Header = self.header("latest").await?;
        let number: u64 = latest.number.to();
        // The first block is no block like the others: its timestamp may be any.
        let count = number.saturating_sub(1).min(BLOCKS);
        let block_time = if count == 0 {
            None
        } else {
            let earlier: Header = self.header(U64::from(number - count)).await?;
            let seconds = latest.timestamp.saturating_sub(earlier.timestamp).to::<u64>();
            let mean = |seconds: u64| Duration::from_secs(seconds) / count as u32;
            Some((mean(seconds), mean(1)))
        };
        Ok(Survey {
            gas_limit: latest.gas_limit.to(),
            base_fee: latest.base_fee_per_gas.map(|fee| fee.to()),
            block_time,
        })
    }

    /// Whether the node tells what transactions return: in their traces.
    ///
    /// # Errors
    /// Any [`RpcError`].
    pub async fn tells_returns(&self) -> Result<bool, RpcError> {
        let nothing = [[B256::ZERO]];
        let answers: Vec<Result<serde_json::Value, _>> = self
            .http
            .read_each("debug_traceTransaction", nothing.iter(), 1)
            .await?;
        let refused = answers.into_iter().filter_map(Result::err);
        Ok(!refused.into_iter().any(|refusal| refusal.is_unknown_method()))
    }

    async fn header(&self, block: impl serde::Serialize + Send) -> Result<Header, RpcError> {
        self.http.read("eth_getBlockByNumber", (block, false)).await
    }
}
