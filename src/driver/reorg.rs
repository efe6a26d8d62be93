//! Reorgs: what the dropped blocks held is undone, and the transactions that were under way are looked for.

use alloy::primitives::B256;

use super::{TxId, run_loop::Driver, transport::Transport};
use crate::{chain::rpc::Reorg, protocol::Protocol, record::NodeResult};

/// How often, block by block, those that were under way during a reorg are looked for.
pub(super) const LOOKS: u32 = 6;

/// What reorgs left to be done.
#[derive(Debug, Default)]
pub(super) struct Reorgs {
    /// Transactions that a reorg took back and the node does not have, to be sent again.
    dropped: Vec<TxId>,
    /// Blocks that a reorg took back since the latest block came.
    dropped_blocks: u64,
    /// Transactions that were under way during a reorg, and how many more times they are looked for.
    suspects: Vec<TxId>,
    looks_left: u32,
    result: NodeResult,
}

impl Reorgs {
    /// A new block came.
    pub(super) const fn block(&mut self) {
        self.dropped_blocks = 0;
    }

    /// The node does not have these transactions any more.
    pub(super) fn gone(&mut self, txs: Vec<TxId>) {
        self.dropped.extend(txs);
    }

    /// Whether a transaction was under way during the latest reorg.
    pub(super) fn suspects(&self, tx: TxId) -> bool {
        self.suspects.contains(&tx)
    }

    /// What there is to say of the node.
    pub(super) fn into_result(self) -> NodeResult {
        self.result
    }
}

impl<P: Protocol, T: Transport<P>> Driver<P, T> {
    /// Blocks are no longer the chain's. What they held is undone, and their transactions are looked for: they may be in the
    /// node's pool, in other blocks, or gone.
    pub(super) fn reorg(&mut self, reorg: Reorg) {
        // One that is noticed in the making comes in parts.
        self.reorgs.result.reorg(reorg.depth, self.reorgs.dropped_blocks);
        self.reorgs.dropped_blocks += reorg.depth;
        self.backlog.take_all(&mut self.engine);
        let again = self.engine.undo_after(reorg.last, self.transport.now());
        tracing::warn!(
            "reorg: {} block(s) after block {} are no longer the chain's; {} transactions under way are looked for",
            reorg.depth,
            reorg.last,
            again.len()
        );
        self.pool.forget_full_block();
        for tx in &again {
            if let Some(under_way) = self.engine.under_way(*tx) {
                for hash in under_way.hashes() {
                    self.hashes.insert(hash, *tx);
                }
                self.accounts.reopen(under_way.actor, under_way.nonce, *tx);
                self.watch_deadline(*tx);
            }
        }
        self.reorgs.suspects = again;
        self.reorgs.looks_left = LOOKS;
        self.look_for_suspects();
    }

    /// Asks the node where it has the transactions that were under way during a reorg. One that waited in its pool then may
    /// be dropped later: anvil drops those whose nonces are too high when it makes the next block.
    pub(super) fn look_for_suspects(&mut self) {
        if self.reorgs.looks_left == 0 {
            return;
        }
        self.reorgs.looks_left -= 1;
        let mut txs: Vec<(TxId, Vec<B256>)> = Vec::with_capacity(self.reorgs.suspects.len());
        for tx in std::mem::take(&mut self.reorgs.suspects) {
            if let Some(under_way) = self.engine.under_way(tx) {
                self.reorgs.suspects.push(tx);
                if !self.reorgs.dropped.contains(&tx) {
                    txs.push((tx, under_way.hashes()));
                }
            }
        }
        if !txs.is_empty() {
            self.transport.find_gone(txs);
        }
    }

    /// Sends transactions again that the node does not have any more, each once what led to it is back.
    pub(super) fn send_dropped(&mut self) {
        if self.reorgs.dropped.is_empty() || !self.backlog.is_empty() {
            return;
        }
        for tx in std::mem::take(&mut self.reorgs.dropped) {
            if self.engine.is_premature(tx) {
                self.reorgs.dropped.push(tx);
            } else if let Some(under_way) = self.engine.under_way(tx) {
                self.engine.excuse(tx);
                self.send_again(tx, under_way);
            }
        }
    }
}
