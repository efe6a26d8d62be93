//! Decodes the logs of a chain, each once, off the driver's thread.

use std::sync::{Arc, Mutex, PoisonError};

use alloy::primitives::map::HashMap;

use crate::{
    chain::{BlockLogs, Log, Placed, rpc::ChainEvent},
    driver::transport::{NewBlock, Report},
    protocol::{DeployedContracts, Protocol},
};

/// Turns what a node tells into what events. A log that the node tells several times (announced, with the priority logs, with
/// all logs, in a receipt) is decoded the first time.
#[derive(Clone, Debug)]
pub(super) struct Decoder<P: Protocol> {
    contracts: P::Contracts,
    latest: Arc<Mutex<Latest<P>>>,
}

/// What is known of the latest block.
#[derive(Debug)]
struct Latest<P: Protocol> {
    number: u64,
    /// Its events by the places of their logs, `None` for logs that hold none.
    decoded: HashMap<u64, (Log, Option<P::Event>)>,
    /// Whether all of them were told.
    is_told: bool,
}

impl<P: Protocol> Latest<P> {
    /// Turns to block `number`.
    fn turn_to(&mut self, number: u64) {
        if self.number != number {
            *self = Self::of(number);
        }
    }

    fn of(number: u64) -> Self {
        Self {
            number,
            decoded: HashMap::default(),
            is_told: false,
        }
    }
}

impl<P: Protocol> Decoder<P> {
    pub(super) fn new(contracts: P::Contracts) -> Self {
        Self {
            contracts,
            latest: Arc::new(Mutex::new(Latest::of(0))),
        }
    }

    /// What happened by an event of the chain; `None` for a log that holds no event.
    pub(super) fn decode(&self, event: ChainEvent) -> Option<Report<P>> {
        let mut latest = self.latest.lock().unwrap_or_else(PoisonError::into_inner);
        Some(match event {
            ChainEvent::Log(early) => Report::Announced {
                seen: early.seen,
                block_timestamp: early.block_timestamp,
                event: self.contracts.decode(&early.log)?,
            },
            ChainEvent::PriorityLogs(logs) => {
                latest.turn_to(logs.number);
                Report::PriorityLogs(self.events(&mut latest, logs))
            }
            ChainEvent::Logs(logs) => {
                latest.turn_to(logs.number);
                let events = self.events(&mut latest, logs);
                latest.is_told = true;
                Report::Logs(events)
            }
            ChainEvent::Block(mut block) => {
                latest.turn_to(block.number);
                let is_told = std::mem::replace(&mut latest.is_told, false);
                let logs = block
                    .receipts
                    .iter_mut()
                    .map(|receipt| std::mem::take(&mut receipt.logs));
                let events = if is_told {
                    Vec::new()
                } else {
                    logs.map(|logs| self.of_transaction(&mut latest, logs)).collect()
                };
                *latest = Latest::of(0);
                Report::Block(NewBlock {
                    block,
                    events,
                    ids: None,
                })
            }
            ChainEvent::Reorg(reorg) => {
                *latest = Latest::of(0);
                Report::Reorg(reorg)
            }
        })
    }

    fn events(&self, latest: &mut Latest<P>, logs: BlockLogs) -> BlockLogs<Placed<P::Event>> {
        BlockLogs {
            number: logs.number,
            timestamp: logs.timestamp,
            seen: logs.seen,
            transactions: logs
                .transactions
                .into_iter()
                .map(|(hash, logs)| (hash, self.of_transaction(latest, logs)))
                .collect(),
        }
    }

    fn of_transaction(&self, latest: &mut Latest<P>, logs: Vec<Log>) -> Vec<Placed<P::Event>> {
        let mut events = Vec::with_capacity(logs.len());
        for log in logs {
            let index = log.index;
            let known = latest.decoded.get(&index).filter(|(known, _)| *known == log);
            let event = match known {
                Some((_, event)) => event.clone(),
                None => {
                    let event = self.contracts.decode(&log);
                    latest.decoded.insert(index, (log, event.clone()));
                    event
                }
            };
            events.extend(event.map(|what| Placed { index, what }));
        }
        events
    }
}
