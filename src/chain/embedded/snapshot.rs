//! Snapshots of the chain, to go back to.

use alloy::primitives::{Address, B256};

use super::{EmbeddedChain, PooledTransaction, evm::EvmState, hash::SimulatedHashes};

/// The chain after a block, without its mempool.
#[derive(Clone, Debug)]
pub struct ChainSnapshot {
    pub(super) state: EvmState,
    number: u64,
    timestamp: u64,
    base_fee: u64,
}

impl ChainSnapshot {
    /// The number of its latest block.
    #[must_use]
    pub const fn number(&self) -> u64 {
        self.number
    }
}

impl EmbeddedChain {
    /// A copy of the chain after its latest block. It takes time and memory in proportion to its state.
    #[must_use]
    pub fn snapshot(&self) -> ChainSnapshot {
        ChainSnapshot {
            state: self.evm.state(),
            number: self.number,
            timestamp: self.timestamp,
            base_fee: self.base_fee,
        }
    }

    /// Goes back to a snapshot: the blocks after it are no longer the chain's. The transactions that they held wait in the mempool
    /// again, in this order of arrival, behind those that wait already.
    pub fn restore(
        &mut self,
        snapshot: ChainSnapshot,
        transactions: impl IntoIterator<Item = PooledTransaction>,
    ) {
        self.evm.set_state(snapshot.state);
        self.number = snapshot.number;
        self.timestamp = snapshot.timestamp;
        self.base_fee = snapshot.base_fee;
        let evm = &self.evm;
        self.pool.rewind(|account| evm.account(account).0);
        for pending in transactions {
            let from = pending.from;
            let sender = self.pool.sender(from, self.chain_id, || self.evm.account(from).0);
            // Of two with the same nonce, the one that waits already stays.
            let _ = self.pool.insert(sender, pending);
        }
    }

    /// Loses every transaction that waits in the mempool, and tells nobody.
    pub fn lose_mempool(&mut self) {
        self.pool.lose_all();
    }

    /// Whether this transaction waits in the mempool.
    #[must_use]
    pub fn holds(&self, from: Address, nonce: u64, id: u64) -> bool {
        self.pool.holds(from, nonce, id)
    }

    /// Sets the next block's base fee, in wei per gas.
    pub const fn set_base_fee(&mut self, wei: u64) {
        self.base_fee = wei;
    }

    /// The gas that a block can hold.
    #[must_use]
    pub const fn gas_limit(&self) -> u64 {
        self.gas_limit
    }

    /// The hash that the first transaction with this nonce of an account gets.
    #[must_use]
    pub fn simulated_hash(&self, from: Address, nonce: u64) -> B256 {
        SimulatedHashes::new(self.chain_id, from).of(nonce, 0)
    }
}
