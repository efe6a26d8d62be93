//! The backlog of blocks and events that the engine takes batch by batch. A block of a thousand transactions keeps
//! it busy for milliseconds, and all that falls due meanwhile would be late by as much.

use std::collections::VecDeque;

use super::{Engine, TxId};
use crate::{
    chain::{Block, BlockLogs, Placed},
    protocol::Protocol,
};

/// What is to be taken, in order.
#[derive(Debug)]
pub(super) struct Backlog<P: Protocol>(VecDeque<Reading<P>>);

impl<P: Protocol> Default for Backlog<P> {
    fn default() -> Self {
        Self(VecDeque::new())
    }
}

/// Something that was read, and how many of its transactions are taken.
#[derive(Debug)]
struct Reading<P: Protocol> {
    what: What<P>,
    /// The run's numbers of its transactions, `None` for those of others.
    txs: Vec<Option<TxId>>,
    taken: usize,
}

#[derive(Debug)]
enum What<P: Protocol> {
    /// The priority events of a block.
    PriorityLogs(BlockLogs<Placed<P::Event>>),
    /// The events of a block.
    Logs(BlockLogs<Placed<P::Event>>),
    /// A block, and the events of its transactions that were not told before.
    Block(Block, Vec<Vec<Placed<P::Event>>>),
}

impl<P: Protocol> Backlog<P> {
    /// Whether all is taken.
    pub(super) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The priority events of a block are to be taken.
    pub(super) fn priority_logs(&mut self, block: BlockLogs<Placed<P::Event>>, txs: Vec<Option<TxId>>) {
        self.push(What::PriorityLogs(block), txs);
    }

    /// The events of a block are to be taken.
    pub(super) fn logs(&mut self, block: BlockLogs<Placed<P::Event>>, txs: Vec<Option<TxId>>) {
        self.push(What::Logs(block), txs);
    }

    /// A block is to be taken.
    pub(super) fn block(&mut self, block: Block, events: Vec<Vec<Placed<P::Event>>>, txs: Vec<Option<TxId>>) {
        self.push(What::Block(block, events), txs);
    }

    fn push(&mut self, what: What<P>, txs: Vec<Option<TxId>>) {
        self.0.push_back(Reading { what, txs, taken: 0 });
    }

    /// Has the engine take the next batch of at most so many transactions, if there is one.
    pub(super) fn take_batch(&mut self, engine: &mut Engine<P>, most: usize) {
        let Some(reading) = self.0.front_mut() else { return };
        let from = reading.taken;
        reading.taken = reading.txs.len().min(from.saturating_add(most));
        let batch = from..reading.taken;
        match &mut reading.what {
            What::PriorityLogs(block) => engine.priority_logs(block, &reading.txs, batch),
            What::Logs(block) => engine.logs(block, &reading.txs, batch),
            What::Block(block, events) => engine.block(block, &reading.txs, events, batch),
        }
        if reading.taken == reading.txs.len() {
            self.0.pop_front();
        }
    }

    /// Has the engine take all of it.
    pub(super) fn take_all(&mut self, engine: &mut Engine<P>) {
        while !self.is_empty() {
            self.take_batch(engine, usize::MAX);
        }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::{Arc, Mutex};

    use alloy::primitives::{Address, B256};

    use super::*;
    use crate::{
        chain::Receipt,
        driver::Command,
        plan::Plan,
        protocol::{
            Actor, Addresses, Contracts, Directory, Input, Miner, Population, Reference, Role, State,
        },
        record::{Record, Recorder},
        scenario::Scenario,
        time::Micros,
    };

    /// An engine whose 45 miners register, the numbers of their transactions, and what is recorded: blocks, transactions.
    fn registering() -> (Engine<Reference>, Vec<TxId>, Arc<Mutex<[usize; 2]>>) {
        let scenario = "name = \"parts\"\n[owners]\ncount = 1\ntasks = 1\n[miners]\ncount = 45\n";
        let plan = Plan::of(&Scenario::from_toml("batches", scenario).expect("a scenario"));
        let miner = |plan| -> Box<dyn Actor<Reference>> { Box::new(Miner::new(plan)) };
        let accounts = plan
            .accounts()
            .filter(|account| account.actor.role == Role::MINER);
        let population = Population {
            directory: Directory::of(accounts.map(|account| (account.actor, account.key.address))),
            actors: vec![
                Vec::new(),
                plan.miners.into_iter().map(miner).collect(),
                Vec::new(),
            ],
            stages: Vec::new(),
            groups: vec![0],
            max_in_flight: vec![None],
        };
        let addresses = Addresses {
            node_pool: Address::repeat_byte(1),
            session: Address::repeat_byte(2),
            session_queue: Address::repeat_byte(3),
        };
        let recorded = Arc::new(Mutex::new([0; 2]));
        let heard = Arc::clone(&recorded);
        let recorder = Recorder::new(crate::protocol::REFERENCE).heard_by(move |record| {
            let [blocks, transactions] = &mut *heard.lock().expect("nobody panics");
            *blocks += usize::from(matches!(record, Record::Block(_)));
            *transactions += usize::from(matches!(record, Record::Transaction(_)));
        });
        let mut engine = Engine::new(
            population.into(),
            Contracts::new(addresses, 1),
            State::default(),
            recorder,
        );
        engine.notify_all(Role::MINER, Micros::ZERO, Input::SetUp);
        let mut commands = Vec::new();
        engine.swap_commands(&mut commands);
        let sent = commands.iter().filter_map(|command| match command {
            Command::Send { tx, .. } => Some(*tx),
            _ => None,
        });
        let sent = sent.collect();
        (engine, sent, recorded)
    }

    fn block(number: u64, transactions: usize) -> Block {
        let receipt = Receipt {
            hash: B256::ZERO,
            success: true,
            gas_used: 21_000,
            breakdown: None,
            output: None,
            logs: Vec::new(),
        };
        Block {
            number,
            timestamp: number,
            seen: Micros(number),
            gas_used: 21_000 * transactions as u64,
            gas_limit: 30_000_000,
            base_fee: 1,
            receipts: vec![receipt; transactions],
        }
    }

    #[test]
    fn every_transaction_of_every_block_is_taken_once_and_no_block_whole() {
        let (mut engine, sent, recorded) = registering();
        assert_eq!(sent.len(), 45);
        let recorded = || *recorded.lock().expect("nobody panics");
        let mut backlog = Backlog::default();
        backlog.block(block(1, 45), Vec::new(), sent.into_iter().map(Some).collect());
        backlog.block(block(2, 0), Vec::new(), Vec::new());
        for so_far in [[0, 20], [0, 40], [1, 45], [2, 45]] {
            assert!(!backlog.is_empty());
            backlog.take_batch(&mut engine, 20);
            assert_eq!(recorded(), so_far);
        }
        assert!(backlog.is_empty());
        assert_eq!(engine.in_flight(), 0);
    }

    #[test]
    fn what_is_left_is_taken_in_its_order() {
        let (mut engine, sent, recorded) = registering();
        let mut backlog = Backlog::default();
        let [first, last] = [&sent[..30], &sent[30..]].map(|txs| txs.iter().copied().map(Some).collect());
        backlog.block(block(1, 30), Vec::new(), first);
        backlog.block(block(2, 15), Vec::new(), last);
        backlog.take_batch(&mut engine, 20);
        backlog.take_all(&mut engine);
        assert!(backlog.is_empty());
        assert_eq!(*recorded.lock().expect("nobody panics"), [2, 45]);
    }
}
