//! What is read of blocks and waits to be taken by the engine, a part at a time. A block of a thousand transactions keeps
//! it busy for some ten milliseconds, and all that falls due meanwhile would be late by as much.

use std::collections::VecDeque;

use super::super::{Engine, TxId};
use crate::chain::{Block, BlockLogs};

/// Of how many transactions a part is. The engine takes one in some ten microseconds.
const PART: usize = 20;

/// What is to be taken, in order.
#[derive(Debug, Default)]
pub(super) struct Backlog(VecDeque<Reading>);

/// Something that was read, and how many of its transactions are taken.
#[derive(Debug)]
struct Reading {
    what: What,
    /// The run's numbers of its transactions, `None` for those of others.
    txs: Vec<Option<TxId>>,
    taken: usize,
}

#[derive(Debug)]
enum What {
    /// The urgent logs of a block.
    Urgent(BlockLogs),
    /// The logs of a block.
    Logs(BlockLogs),
    /// A block.
    Block(Block),
}

impl Backlog {
    /// Whether all is taken.
    pub(super) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The urgent logs of a block are to be taken.
    pub(super) fn urgent(&mut self, block: BlockLogs, txs: Vec<Option<TxId>>) {
        self.push(What::Urgent(block), txs);
    }

    /// The logs of a block are to be taken.
    pub(super) fn logs(&mut self, block: BlockLogs, txs: Vec<Option<TxId>>) {
        self.push(What::Logs(block), txs);
    }

    /// A block is to be taken.
    pub(super) fn block(&mut self, block: Block, txs: Vec<Option<TxId>>) {
        self.push(What::Block(block), txs);
    }

    fn push(&mut self, what: What, txs: Vec<Option<TxId>>) {
        self.0.push_back(Reading { what, txs, taken: 0 });
    }

    /// Has the engine take the next part, if there is one.
    pub(super) fn take_part(&mut self, engine: &mut Engine) {
        let Some(reading) = self.0.front_mut() else { return };
        let from = reading.taken;
        reading.taken = reading.txs.len().min(from + PART);
        let part = from..reading.taken;
        match &reading.what {
            What::Urgent(block) => engine.urgent(block, &reading.txs, part),
            What::Logs(block) => engine.logs(block, &reading.txs, part),
            What::Block(block) => engine.block(block, &reading.txs, part),
        }
        if reading.taken == reading.txs.len() {
            self.0.pop_front();
        }
    }

    /// Has the engine take all of it.
    pub(super) fn take_all(&mut self, engine: &mut Engine) {
        while !self.is_empty() {
            self.take_part(engine);
        }
    }
}
