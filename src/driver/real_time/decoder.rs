//! Decodes the logs of a chain, each once, off the driver's thread.

use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex, PoisonError},
};

use alloy::primitives::map::HashMap;

use crate::{
    chain::{Block, BlockLogs, Log, Placed, rpc::ChainEvent},
    driver::transport::{NewBlock, Report},
    protocol::{DeployedContracts, Protocol},
};

/// Turns what a node tells into reports. A log that the node tells several times (announced, with the priority logs, with all
/// logs, in a receipt) is decoded the first time.
#[derive(Clone, Debug)]
pub(super) struct Decoder<P: Protocol> {
    contracts: P::Contracts,
    /// Blocks that are being read, by number: the node announces the next before the last is read.
    blocks: Arc<Mutex<BTreeMap<u64, Decoded<P>>>>,
}

/// The number of transactions whose priority logs are reported at once: the first actors act while the next logs are decoded.
const BATCH: usize = 50;

/// What is decoded of a block.
#[derive(Debug)]
struct Decoded<P: Protocol> {
    /// Its events by the places of their logs, `None` for logs that hold none.
    events: HashMap<u64, (Log, Option<P::Event>)>,
    /// Whether the latest logs were all of the block's: none of them is told again.
    is_last: bool,
}

impl<P: Protocol> Default for Decoded<P> {
    fn default() -> Self {
        Self {
            events: HashMap::default(),
            is_last: false,
        }
    }
}

impl<P: Protocol> Decoder<P> {
    pub(super) fn new(contracts: P::Contracts) -> Self {
        Self {
            contracts,
            blocks: Arc::default(),
        }
    }

    /// Hands what an event of the chain tells to `report`; nothing of a log that holds no event.
    pub(super) fn decode(&self, event: ChainEvent, report: impl Fn(Report<P>)) {
        let mut blocks = self.blocks.lock().unwrap_or_else(PoisonError::into_inner);
        report(match event {
            ChainEvent::Log(early) => {
                let decoded = blocks.entry(early.block_number).or_default();
                let Some(event) = self.event(decoded, early.log) else {
                    return;
                };
                Report::Announced {
                    seen: early.seen,
                    block_timestamp: early.block_timestamp,
                    event,
                }
            }
            ChainEvent::PriorityLogs(mut logs) => {
                let decoded = blocks.entry(logs.number).or_default();
                while logs.transactions.len() > BATCH {
                    let later = logs.transactions.split_off(BATCH);
                    let transactions = std::mem::replace(&mut logs.transactions, later);
                    let first = BlockLogs { transactions, ..logs };
                    report(Report::PriorityLogs(self.events(decoded, first)));
                }
                Report::PriorityLogs(self.events(decoded, logs))
            }
            ChainEvent::Logs(logs) => {
                let decoded = blocks.entry(logs.number).or_default();
                decoded.is_last = true;
                Report::Logs(self.events(decoded, logs))
            }
            ChainEvent::Block(block) => {
                let decoded = blocks.remove(&block.number).unwrap_or_default();
                *blocks = blocks.split_off(&block.number);
                Report::Block(self.block(decoded, block))
            }
            ChainEvent::Reorg(reorg) => {
                blocks.clear();
                Report::Reorg(reorg)
            }
        });
    }

    /// A block with the events that were not reported before.
    fn block(&self, mut decoded: Decoded<P>, mut block: Block) -> NewBlock<P> {
        let receipts = block.receipts.iter_mut();
        let logs = receipts.map(|receipt| std::mem::take(&mut receipt.logs));
        let events = if decoded.is_last {
            Vec::new()
        } else {
            decoded.is_last = true;
            logs.map(|logs| self.of_transaction(&mut decoded, logs)).collect()
        };
        NewBlock {
            block,
            events,
            ids: None,
        }
    }

    fn events(&self, decoded: &mut Decoded<P>, logs: BlockLogs) -> BlockLogs<Placed<P::Event>> {
        let transactions = logs.transactions.into_iter();
        let transactions = transactions.map(|(hash, logs)| (hash, self.of_transaction(decoded, logs)));
        BlockLogs {
            number: logs.number,
            timestamp: logs.timestamp,
            seen: logs.seen,
            transactions: transactions.collect(),
        }
    }

    fn of_transaction(&self, decoded: &mut Decoded<P>, logs: Vec<Log>) -> Vec<Placed<P::Event>> {
        let logs = logs.into_iter();
        let event = |log: Log| {
            let index = log.index;
            let what = self.event(decoded, log)?;
            Some(Placed { index, what })
        };
        logs.filter_map(event).collect()
    }

    /// The event of a log. It is kept for the next time that the log is told, unless this is the last.
    fn event(&self, decoded: &mut Decoded<P>, log: Log) -> Option<P::Event> {
        let known = decoded.events.remove(&log.index);
        let event = match known {
            Some((known, event)) if known == log => event,
            _ => self.contracts.decode(&log),
        };
        if !decoded.is_last {
            decoded.events.insert(log.index, (log, event.clone()));
        }
        event
    }
}
