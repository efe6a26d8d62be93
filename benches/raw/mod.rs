//! The raw loop: revm's own EVM on its own in-memory database, every transaction committed by itself. No nonces, no
//! fees, no mempool, no blocks, no receipts.

use alloy::primitives::{Address, Bytes, TxKind, U256};
use revm::{
    Context, ExecuteCommitEvm, MainBuilder, MainContext, MainnetEvm,
    context::{TxEnv, result::ExecutionResult},
    database::InMemoryDB,
    handler::MainnetContext,
    primitives::hardfork::SpecId,
};
use taskstorm::{hardfork::Hardfork, protocol::Invocation};

pub(crate) struct Raw {
    evm: MainnetEvm<MainnetContext<InMemoryDB>>,
}

impl Raw {
    pub(crate) fn new(hardfork: Hardfork, chain_id: u64, timestamp: u64) -> Self {
        let mut context = Context::mainnet()
            .with_db(InMemoryDB::default())
            .modify_cfg_chained(|cfg| {
                cfg.set_spec_and_mainnet_gas_params(match hardfork {
                    Hardfork::Cancun => SpecId::CANCUN,
                    Hardfork::Prague => SpecId::PRAGUE,
                    Hardfork::Osaka => SpecId::OSAKA,
                });
                cfg.chain_id = chain_id;
                cfg.disable_nonce_check = true;
            });
        context.block.timestamp = U256::from(timestamp);
        Self {
            evm: context.build_mainnet(),
        }
    }

    /// The transaction as revm takes it.
    pub(crate) fn transaction(from: Address, invocation: &Invocation) -> TxEnv {
        TxEnv {
            caller: from,
            kind: invocation.to.map_or(TxKind::Create, TxKind::Call),
            value: invocation.value,
            data: Bytes::clone(&invocation.input),
            gas_limit: invocation.gas_limit,
            chain_id: None,
            ..TxEnv::default()
        }
    }

    /// Executes and commits each; returns the gas that they used.
    pub(crate) fn run(&mut self, transactions: Vec<TxEnv>) -> u64 {
        let mut gas = 0;
        for transaction in transactions {
            let done = self.evm.transact_commit(transaction);
            let done = done.expect("a valid transaction");
            assert!(matches!(done, ExecutionResult::Success { .. }), "{done:?}");
            gas += done.tx_gas_used();
        }
        gas
    }
}
