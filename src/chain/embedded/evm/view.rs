//! Reads of a state, which change nothing: threads can make several at once.

use alloy::primitives::U256;
use revm::{
    Context, ExecuteEvm, MainBuilder, MainContext, MainnetEvm,
    context::{BlockEnv, Cfg, CfgEnv},
    database::{InMemoryDB, WrapDatabaseRef},
    handler::MainnetContext,
};

use super::{EvmError, Message, Outcome};

/// A state, and the block in which it is read.
#[derive(Debug)]
pub(in crate::chain::embedded) struct EvmView<'a> {
    state: &'a InMemoryDB,
    cfg: CfgEnv,
    block: BlockEnv,
}

/// Reads a state, one message after the other.
pub(in crate::chain::embedded) struct EvmReader<'a> {
    inner: MainnetEvm<MainnetContext<WrapDatabaseRef<&'a InMemoryDB>>>,
    gas_limit: u64,
}

impl<'a> EvmView<'a> {
    /// This state in such a block, in which messages are free of charge.
    pub(super) fn of(state: &'a InMemoryDB, cfg: &CfgEnv, block: &BlockEnv) -> Self {
        let mut cfg = cfg.clone();
        cfg.disable_nonce_check = true;
        let mut block = block.clone();
        block.basefee = 0;
        Self { state, cfg, block }
    }

    /// One that reads it.
    pub(in crate::chain::embedded) fn reader(&self) -> EvmReader<'a> {
        let context = Context::mainnet()
            .with_db(WrapDatabaseRef(self.state))
            .with_cfg(self.cfg.clone())
            .with_block(self.block.clone());
        EvmReader {
            inner: context.build_mainnet(),
            gas_limit: self.block.gas_limit.min(self.cfg.tx_gas_limit_cap()),
        }
    }
}

impl EvmReader<'_> {
    /// What becomes of a message in a block of this timestamp, in seconds.
    pub(in crate::chain::embedded) fn read(
        &mut self,
        message: Message,
        timestamp: u64,
    ) -> Result<Outcome, EvmError> {
        self.inner.ctx.block.timestamp = U256::from(timestamp);
        let transaction = message.into_transaction(self.gas_limit, self.inner.ctx.cfg.chain_id);
        let read = self.inner.transact(transaction);
        read.map(|done| done.result.into()).map_err(EvmError::new)
    }
}
