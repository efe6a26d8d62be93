//! Headers of blocks, as a node sends them.

use alloy::primitives::{B256, Bloom, U64};
use serde::Deserialize;

use crate::{
    chain::{Block, Receipt},
    time::Micros,
};

/// A block's number and hash, which tells it from another of that number.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
pub struct BlockId {
    #[serde(with = "alloy::serde::quantity")]
    /// Its number.
    pub number: u64,
    /// Its hash.
    pub hash: B256,
}

/// The fields of a header that a run needs.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Header {
    pub(super) number: U64,
    pub(super) hash: B256,
    pub(super) parent_hash: B256,
    /// `None` where the node leaves it out.
    #[serde(default)]
    pub(super) logs_bloom: Option<Bloom>,
    pub(super) timestamp: U64,
    pub(super) gas_used: U64,
    pub(super) gas_limit: U64,
    /// `None` on a chain without one.
    #[serde(default)]
    pub(super) base_fee_per_gas: Option<U64>,
    pub(super) transactions: Vec<B256>,
}

impl Header {
    /// The block, first seen at `seen`, whose transactions have these receipts.
    pub(super) fn block(&self, seen: Micros, receipts: Vec<Receipt>) -> Block {
        Block {
            number: self.number.to(),
            timestamp: self.timestamp.to(),
            seen,
            gas_used: self.gas_used.to(),
            gas_limit: self.gas_limit.to(),
            base_fee: self.base_fee_per_gas.unwrap_or_default().to(),
            receipts,
        }
    }
}
