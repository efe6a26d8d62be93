//! The engine's books: whatever becomes of each transaction, and whenever the run ends, everything that was asked for
//! is accounted for exactly once.

use std::collections::BTreeMap;

use alloy::{
    primitives::{Address, B256, Bytes, U256},
    sol_types::{SolCall, SolEvent},
};
use proptest::prelude::*;
use taskstorm::{
    chain::{Block, Eip1559Fees, Log, Placed, Receipt},
    driver::{Command, Engine},
    protocol::{
        Addresses, Checks, ContractBuild, Contracts, Invocation, Phase, Protocol, REFERENCE, Reference,
        ReferenceSetup, Role, TaskPhase, WindowSeconds,
    },
    record::{ChainFacts, Recorder, RunFacts, RunResult, ScenarioFacts, StopReason, TimeSource, TxOutcome},
    time::Micros,
};

use super::stage::{ms, plan};
use crate::contracts::bindings::{SessionQueueV2, SessionV2};

const ADDRESSES: Addresses = Addresses {
    node_pool: Address::repeat_byte(1),
    session: Address::repeat_byte(2),
    session_queue: Address::repeat_byte(3),
};
const WINDOWS: WindowSeconds = WindowSeconds {
    ack: 10,
    precommit: 20,
    commit: 5,
};
const FEES: Eip1559Fees = Eip1559Fees { max_fee: 10, tip: 1 };

/// What becomes of a transaction.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Fate {
    Included,
    Reverted,
    Refused,
    Lost,
    /// Handed to the node twice, and in no block when the run ends.
    Open,
    /// Not even signed when the run ends.
    NeverSent,
}

const FATES: [Fate; 6] = [
    Fate::Included,
    Fate::Reverted,
    Fate::Refused,
    Fate::Lost,
    Fate::Open,
    Fate::NeverSent,
];

/// A chain of blocks with one transaction each, which says what the contracts would of those that open and submit.
struct Chain {
    engine: Engine<Reference>,
    miners: Vec<Address>,
    owner: Address,
    now: u64,
    tasks: u64,
    fates: BTreeMap<Fate, u64>,
    submitted: u64,
}

impl Chain {
    fn new() -> Self {
        let plan = plan("tasks = 12\nload = { back_to_back = { in_flight = 4 } }", "");
        let setup = ReferenceSetup {
            contracts: &ContractBuild::built_in(),
            gas_limit_percent: 100,
            deployer: Address::ZERO,
            windows: WINDOWS,
            price: U256::ZERO,
            redundancy: 1,
            nodes: 1,
            has_deposits: false,
            owners: &plan.owners,
            miners: &plan.miners,
            oracles: &plan.oracles,
            max_in_flight: &plan.max_in_flight,
            existing: None,
        };
        Self {
            miners: plan.miners.iter().map(|miner| miner.key.address).collect(),
            owner: plan.owners[0].key.address,
            engine: Engine::new(
                Reference::population(&setup, &Contracts::new(ADDRESSES, 1)).into(),
                Contracts::new(ADDRESSES, 1),
                Reference::state(&setup, &Contracts::new(ADDRESSES, 1), Checks::Events),
                Recorder::new(REFERENCE),
            ),
            now: 0,
            tasks: 0,
            fates: BTreeMap::new(),
            submitted: 0,
        }
    }

    /// Carries out what the engine wants, each transaction with the next fate.
    fn carry_out(&mut self, fates: &mut impl Iterator<Item = Fate>) {
        let mut commands = Vec::new();
        self.engine.swap_commands(&mut commands);
        for command in commands {
            if let Command::Send { tx, invocation, .. } = command {
                let fate = fates.next().unwrap_or(Fate::Open);
                *self.fates.entry(fate).or_default() += 1;
                self.submitted += u64::from(calls::<SessionQueueV2::submitTaskCall>(&invocation));
                self.meets(tx, &invocation, fate);
            }
        }
    }

    fn meets(&mut self, tx: u64, invocation: &Invocation, fate: Fate) {
        self.now += 1;
        let (now, hash) = (ms(self.now), B256::from(U256::from(tx + 1)));
        if fate == Fate::NeverSent {
            return;
        }
        self.engine.sent(tx, now, tx, Some(hash), FEES);
        self.engine.accepted(tx, now, hash);
        match fate {
            Fate::Included => {
                let logs = self.logs(invocation);
                self.block(tx, hash, Ok(logs));
            }
            Fate::Reverted => self.block(tx, hash, Err(())),
            Fate::Refused => self.engine.failed(tx, now, TxOutcome::Refused("no".to_owned())),
            Fate::Lost => self.engine.failed(tx, now, TxOutcome::Lost("gone".to_owned())),
            Fate::Open | Fate::NeverSent => self.engine.sent(tx, now, tx, Some(hash), FEES),
        }
    }

    fn block(&mut self, tx: u64, hash: B256, outcome: Result<Vec<Log>, ()>) {
        let receipt = Receipt {
            hash,
            success: outcome.is_ok(),
            gas_used: 21_000,
            breakdown: None,
            output: outcome.is_err().then(Bytes::new),
            logs: Vec::new(),
        };
        let logs = outcome.unwrap_or_default();
        let contracts = Contracts::new(ADDRESSES, 1);
        let events = logs.iter().filter_map(|log| {
            let what = contracts.decode(log)?;
            let index = log.index;
            Some(Placed { index, what })
        });
        let mut events = [events.collect()];
        let block = Block {
            number: self.now,
            timestamp: self.now,
            seen: ms(self.now),
            gas_used: 21_000,
            gas_limit: 30_000_000,
            base_fee: 1,
            receipts: vec![receipt],
        };
        self.engine.block(&block, &[Some(tx)], &mut events, 0..1);
    }

    fn logs(&mut self, invocation: &Invocation) -> Vec<Log> {
        let (session, miners) = (U256::ZERO, vec![self.miners[0]]);
        if calls::<SessionV2::createCall>(invocation) {
            let created = SessionV2::SessionCreated {
                sessionId: session,
                sid: B256::ZERO,
                owner: self.owner,
                miners,
            };
            return vec![log(0, ADDRESSES.session, &created)];
        }
        if !calls::<SessionQueueV2::submitTaskCall>(invocation) {
            return Vec::new();
        }
        let task = U256::from(self.tasks);
        self.tasks += 1;
        let queued = SessionQueueV2::TaskQueued {
            sessionId: session,
            taskId: task,
            globalId: task,
            taskData: String::new(),
        };
        let assigned = SessionQueueV2::TaskAssigned {
            sessionId: session,
            taskId: task,
            miners,
        };
        vec![
            log(0, ADDRESSES.session_queue, &queued),
            log(1, ADDRESSES.session_queue, &assigned),
        ]
    }

    fn finish(self) -> RunResult {
        let facts = RunFacts {
            scenario: ScenarioFacts::default(),
            started_at: None,
            clock: TimeSource::Wall,
            chain: ChainFacts::default(),
            stop_reason: StopReason::Interrupted,
            stop_message: None,
            duration: Micros(1),
            setup_end: None,
            load_start: None,
            node: None,
            faults: None,
            checked: [].into(),
        };
        self.engine.finish().finish(facts).0
    }
}

fn calls<C: SolCall>(invocation: &Invocation) -> bool {
    invocation.input.starts_with(&C::SELECTOR)
}

fn log(index: u64, address: Address, event: &impl SolEvent) -> Log {
    let data = event.encode_log_data();
    Log {
        index,
        address,
        topics: data.topics().to_vec(),
        data: data.data.clone(),
    }
}

proptest! {
    #[test]
    fn every_transaction_and_every_task_has_one_outcome(
        fates in prop::collection::vec(prop::sample::select(&FATES[..]), 0..60),
    ) {
        let mut chain = Chain::new();
        chain.engine.notify_all(Role::MINER, ms(0), taskstorm::protocol::Input::SetUp);
        let mut always = std::iter::repeat(Fate::Included);
        chain.carry_out(&mut always);
        chain.engine.notify_all(Role::OWNER, ms(0), taskstorm::protocol::Input::SetUp);
        chain.carry_out(&mut always);
        chain.engine.notify_all(Role::OWNER, ms(0), taskstorm::protocol::Input::Begin);
        let mut fates = fates.into_iter();
        // A task that was never queued makes its owner submit the next.
        for _ in 0..12 {
            chain.carry_out(&mut fates);
        }
        let (asked, submitted, queued) = (chain.fates.clone(), chain.submitted, chain.tasks);
        let still_open = chain.engine.in_flight() as u64;
        let result = chain.finish();

        prop_assert_eq!(result.check_consistency(), Ok(()));
        let count = |fate| asked.get(&fate).copied().unwrap_or(0);
        let counts = result.transactions;
        prop_assert_eq!(counts.included, count(Fate::Included));
        prop_assert_eq!(counts.reverted, count(Fate::Reverted));
        prop_assert_eq!(counts.refused, count(Fate::Refused));
        prop_assert_eq!(still_open, count(Fate::Open) + count(Fate::NeverSent));
        prop_assert_eq!(counts.lost, count(Fate::Lost) + still_open);
        prop_assert_eq!(counts.resent, count(Fate::Open));
        prop_assert_eq!(result.gas_total(), 21_000 * (count(Fate::Included) + count(Fate::Reverted)));

        let tasks = &result.tasks;
        prop_assert_eq!((tasks.submitted, tasks.ended), (submitted, 0));
        prop_assert_eq!(tasks.unfinished_by_phase.get(&TaskPhase::ACK).copied().unwrap_or(0), queued);
        let failures = &result.phases[&Phase::SUBMIT].transactions;
        let open: u64 = result.phases[&Phase::SUBMIT].failures.lost.iter()
            .filter(|(reason, _)| reason.as_str() != "gone").map(|(_, count)| count).sum();
        prop_assert_eq!(tasks.failed, failures.failed() - open);
        prop_assert_eq!(tasks.unfinished, queued + open);
    }
}
