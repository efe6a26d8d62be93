//! A task's whole life on the embedded chain, with the calls and events that a run uses.

use alloy::primitives::{Address, Bytes, U256};
use taskstorm::{
    chain::{
        Receipt,
        embedded::{Config, EmbeddedChain, Evm, Message, PooledTransaction, Status},
    },
    hardfork::Hardfork,
    protocol::{
        Call, ContractBuild, Contracts, Deployment, Event, Invocation, NewSession, Query, Reply, TaskKey,
        WindowSeconds,
    },
};

use super::support::{ETHER, FEES, account, mine};

const OWNER: u64 = 1;
const ORACLE: u64 = 2;
const DEPLOYER: u64 = 3;
const MINERS: [u64; 3] = [11, 12, 13];
const KEY: TaskKey = TaskKey { session: 0, task: 0 };

/// The contracts on a chain, and on an EVM that executes each transaction by itself.
pub(super) struct World {
    pub(super) chain: EmbeddedChain,
    evm: Evm,
    contracts: Contracts,
    sent: u64,
    pub(super) blocks: Vec<SentBlock>,
}

/// A block of the world.
pub(super) struct SentBlock {
    pub(super) number: u64,
    pub(super) timestamp: u64,
    /// Its transactions, each with its sender.
    pub(super) calls: Vec<(Address, Invocation)>,
}

impl World {
    pub(super) fn new(hardfork: Hardfork) -> Self {
        let config = Config {
            hardfork,
            ..Config::default()
        };
        let evm = Evm::new(hardfork, config.chain_id);
        let mut chain = EmbeddedChain::new(config);
        for index in [OWNER, ORACLE, DEPLOYER].into_iter().chain(MINERS) {
            chain.fund(account(index), U256::from(1_000) * ETHER);
        }
        let windows = WindowSeconds {
            ack: 60,
            precommit: 60,
            commit: 60,
        };
        let oracle = account(ORACLE);
        let deployment = Deployment::new(
            &ContractBuild::built_in(),
            account(DEPLOYER),
            0,
            windows,
            U256::ZERO,
            &[oracle],
        );
        let mut world = Self {
            chain,
            evm,
            contracts: Contracts::new(deployment.addresses, 3),
            sent: 0,
            blocks: Vec::new(),
        };
        let steps = deployment.steps.into_iter().map(|step| (account(DEPLOYER), step));
        let deployed = world.execute(steps.collect());
        assert!(deployed.iter().all(|receipt| receipt.success));
        world
    }

    /// Registers the miners and creates a session of all of them.
    fn open_session(&mut self) {
        self.block(MINERS.map(|miner| (miner, Call::Register)));
        let session = NewSession {
            name: "session".into(),
            min_nodes: 3,
            max_nodes: 3,
            redundancy: 3,
            mode: 0,
            reserve: false,
        };
        self.block([(OWNER, Call::Create(session))]);
    }

    /// Sends the call in a block of its own; its gas limit must hold it and leave little over.
    fn within_limit(&mut self, from: u64, call: &Call, length: usize) {
        let invocation = self.contracts.encode(call);
        let (function, limit) = (call.function(), invocation.gas_limit);
        let receipts = self.execute(vec![(account(from), invocation)]);
        let used = receipts[0].gas_used;
        assert!(
            receipts[0].success,
            "{function:?}, {length} bytes: {used} of {limit} gas"
        );
        assert!(
            limit - used < 300_000 + used / 10,
            "{function:?}, {length} bytes: {used} of {limit} gas"
        );
    }

    /// Sends the calls, mines one block, and returns the events in it.
    fn block(&mut self, calls: impl IntoIterator<Item = (u64, Call)>) -> Vec<Event> {
        let calls = calls.into_iter();
        let encoded = calls.map(|(from, call)| (account(from), self.contracts.encode(&call)));
        let receipts = self.execute(encoded.collect());
        assert!(receipts.iter().all(|receipt| receipt.success));
        let logs = receipts.iter().flat_map(|receipt| &receipt.logs);
        logs.filter_map(|log| self.contracts.decode(log)).collect()
    }

    /// Makes the calls in one block and on the EVM; each costs and does the same on both.
    fn execute(&mut self, calls: Vec<(Address, Invocation)>) -> Vec<Receipt> {
        for (from, invocation) in &calls {
            let waiting = calls[..]
                .iter()
                .take_while(|call| !std::ptr::eq(&call.1, invocation));
            let before = waiting.filter(|call| call.0 == *from).count() as u64;
            let pending = PooledTransaction {
                id: self.sent,
                from: *from,
                nonce: self.chain.nonce(*from) + before,
                invocation: invocation.clone(),
                fees: FEES,
            };
            self.sent += 1;
            self.chain.submit(pending).expect("a valid transaction");
        }
        let mined = mine(&mut self.chain);
        assert_eq!(mined.ids.len(), calls.len());
        self.evm.set_block(mined.block.number, mined.block.timestamp);
        for ((from, invocation), receipt) in calls.iter().zip(&mined.block.receipts) {
            let message = Message {
                from: *from,
                to: invocation.to,
                value: invocation.value,
                data: invocation.input.clone(),
            };
            let outcome = self.evm.transact(message).expect("a valid transaction");
            assert_eq!(
                (outcome.status == Status::Success, outcome.gas_used),
                (receipt.success, receipt.gas_used)
            );
            assert_eq!(outcome.logs.len(), receipt.logs.len());
        }
        self.blocks.push(SentBlock {
            number: mined.block.number,
            timestamp: mined.block.timestamp,
            calls,
        });
        mined.block.receipts
    }

    /// Leads a task to its end, phase by phase in a block each.
    pub(super) fn lead_task(&mut self) {
        self.open_session();
        let data = "task".to_owned();
        let queued = self.block([(OWNER, Call::Submit { session: 0, data })]);
        let assigned = |event: &Event| matches!(event, Event::TaskAssigned { key: KEY, .. });
        assert!(queued.iter().any(assigned), "{queued:?}");
        self.block(MINERS.map(|miner| (miner, Call::Ack(KEY))));
        let precommits = MINERS.map(|miner| (miner, Call::precommit(KEY, account(miner), result(miner))));
        self.block(precommits);
        let commits = MINERS.map(|miner| {
            let data = result(miner);
            (miner, Call::Commit { key: KEY, data })
        });
        self.block(commits);
        let end = Call::End {
            key: KEY,
            force: false,
        };
        let ended = self.block([(ORACLE, end)]);
        assert!(ended.iter().any(is_end), "{ended:?}");
    }
}

fn result(miner: u64) -> String {
    format!("result of {miner}")
}

fn is_end(event: &Event) -> bool {
    matches!(event, Event::TaskEnded { key: KEY, miners } if miners.len() == MINERS.len())
}

#[test]
fn a_task_comes_to_its_end_on_every_hardfork_and_costs_what_it_costs_alone() {
    for hardfork in Hardfork::ALL {
        let mut world = World::new(hardfork);
        world.lead_task();

        let query = Query::TaskResults(KEY);
        let (to, input) = world.contracts.encode_query(query);
        let output = world
            .chain
            .call(to.expect("a contract"), input)
            .expect("an answer");
        let Ok(Reply::TaskResults { results, .. }) = world.contracts.decode_reply(query, &output) else {
            panic!("not the results of a task: {output}");
        };
        let mut results: Vec<_> = results.into_iter().map(|(_, result)| result).collect();
        results.sort_unstable();
        assert_eq!(
            results,
            MINERS.map(|miner| Bytes::from(result(miner).into_bytes()))
        );
    }
}

#[test]
fn the_gas_limits_of_payloads_of_any_length_hold_on_every_hardfork() {
    for hardfork in Hardfork::ALL {
        let mut world = World::new(hardfork);
        world.open_session();
        let lengths = [0, 32, 33, 96, 97, 1_024, 24_575, 24_576, 49_150, 49_151, 65_535];
        for (task, length) in (0..).zip(lengths) {
            let (key, data) = (TaskKey { session: 0, task }, "x".repeat(length));
            let submit = Call::Submit {
                session: 0,
                data: data.clone(),
            };
            world.within_limit(OWNER, &submit, length);
            world.block(MINERS.map(|miner| (miner, Call::Ack(key))));
            let precommits = MINERS.map(|miner| (miner, Call::precommit(key, account(miner), &data)));
            world.block(precommits);
            let commit = Call::Commit { key, data };
            for miner in MINERS {
                world.within_limit(miner, &commit, length);
            }
        }
    }
}

#[test]
fn a_call_out_of_turn_pays_and_reports_the_contracts_error() {
    let mut world = World::new(Hardfork::default());
    let before = world.chain.balance(account(11));
    let call = world.contracts.encode(&Call::Ack(KEY));
    let receipts = world.execute(vec![(account(11), call)]);
    assert!(!receipts[0].success);
    let error = world.contracts.decode_error(receipts[0].output.as_ref());
    assert_eq!(error, "TaskNotFound { sessionId: 0, taskId: 0 }");
    assert!(world.chain.balance(account(11)) < before);
}
