//! Makes a block and has the engine take it at the same time: while the chain executes a transaction, the engine decodes,
//! enters and lets actors act on those before it.
//!
//! What actors want on account of a block is carried out after it, so the two meet nowhere: a run is the same whether the engine
//! has a thread of its own or not.

use std::{sync::mpsc, thread};

use super::embedded::{EmbeddedTransport, drop_report, take_events};
use crate::{
    chain::{Block, Receipt, embedded::BuilderTerms},
    driver::{Engine, TxId, engine::BlockHead},
    protocol::{Protocol, ProtocolEvent},
};

/// Transactions in the mempool from which on the engine gets a thread: to start one takes as long as to execute some ten.
const WORTH_A_THREAD: usize = 256;
/// Receipts that are handed over at once.
const BATCH: usize = 64;

impl<P: Protocol> EmbeddedTransport<P> {
    /// Makes a block with the timestamp of this moment, and has the engine take it. Returns its number, and the lines about its
    /// events if they are wanted. What the chain dropped is to be taken next.
    pub(super) fn stream_block(
        &mut self,
        engine: &mut Engine<P>,
        wants_headlines: bool,
    ) -> (u64, Vec<String>) {
        let timestamp = self.timestamp(self.now);
        let chain = &mut self.chain;
        let head = BlockHead {
            number: chain.number() + 1,
            seen: self.now,
            timestamp: chain.timestamp().max(timestamp),
            base_fee: chain.base_fee(),
        };
        let mut taker = BlockTaker::of(engine, head, wants_headlines);
        let terms = BuilderTerms::default();
        let mined = if chain.pending_len() < WORTH_A_THREAD {
            chain.mine_streaming(timestamp, &terms, |id, receipt| taker.take(id, receipt))
        } else {
            let (sender, mut receiver) = mpsc::channel::<Vec<(TxId, Receipt)>>();
            let mined = thread::scope(|scope| {
                let (taker, receiver) = (&mut taker, &mut receiver);
                let take_all = move || {
                    let receipts = receiver.iter().flatten();
                    receipts.for_each(|(id, receipt)| taker.take(id, receipt));
                };
                // A system that has no thread left takes nothing here and all of it below.
                let _ = thread::Builder::new().spawn_scoped(scope, take_all);
                let mut batch = Vec::with_capacity(BATCH);
                let mined = chain.mine_streaming(timestamp, &terms, |id, receipt| {
                    batch.push((id, receipt));
                    if batch.len() == BATCH {
                        let full = std::mem::replace(&mut batch, Vec::with_capacity(BATCH));
                        // It cannot fail: the other end lives as long as the block.
                        let _ = sender.send(full);
                    }
                });
                let _ = sender.send(batch);
                drop(sender);
                mined
            });
            let left = receiver.try_iter().flatten();
            left.for_each(|(id, receipt)| taker.take(id, receipt));
            mined
        };
        let headlines = taker.close(Block {
            seen: self.now,
            ..mined.block
        });
        self.immediate.extend(mined.dropped.into_iter().map(drop_report));
        (head.number, headlines)
    }
}

/// Has the engine take a block, receipt by receipt.
struct BlockTaker<'a, P: Protocol> {
    engine: &'a mut Engine<P>,
    head: BlockHead,
    taken: usize,
    wants_headlines: bool,
    headlines: Vec<String>,
}

impl<'a, P: Protocol> BlockTaker<'a, P> {
    fn of(engine: &'a mut Engine<P>, head: BlockHead, wants_headlines: bool) -> Self {
        engine.open_block(&head);
        Self {
            engine,
            head,
            taken: 0,
            wants_headlines,
            headlines: Vec::new(),
        }
    }

    fn take(&mut self, id: TxId, mut receipt: Receipt) {
        let events = take_events::<P>(&mut receipt, self.engine.contracts());
        if self.wants_headlines {
            let lines = events.iter().filter_map(|placed| placed.what.headline());
            self.headlines.extend(lines);
        }
        self.engine.receipt(&self.head, &receipt, Some(id), events);
        self.taken += 1;
    }

    /// The block is complete. Returns the lines about its events.
    fn close(self, block: Block) -> Vec<String> {
        self.engine.close_block(&block, self.taken);
        self.headlines
    }
}
