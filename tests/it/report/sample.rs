//! A small run whose every number follows from arithmetic.

use std::collections::BTreeMap;

use alloy::primitives::{Address, B256, U256};
use taskstorm::{
    protocol::{
        ActorId, Function, Invariant, Phase, ProtocolSchema, REFERENCE, Role, TaskKey, TaskPhase, Violation,
    },
    record::{
        BlockRecord, ChainFacts, Histograms, NodeResult, Record, Recorder, RunFacts, RunResult,
        ScenarioFacts, StopReason, TaskOutcome, TaskRecord, TimeSource, TxOutcome, TxRecord,
    },
    time::Micros,
};

/// A moment in ms since the start.
pub(crate) const fn ms(ms: u64) -> Micros {
    Micros(ms * 1000)
}

/// Facts of a wall-clock run on anvil that finished.
pub(crate) fn facts() -> RunFacts {
    RunFacts {
        scenario: ScenarioFacts {
            name: "sample".into(),
            description: "Ten tasks.".into(),
            seed: 7,
        },
        started_at: Some("2026-11-24T20:39:00Z".parse().unwrap()),
        clock: TimeSource::Wall,
        chain: ChainFacts {
            kind: "anvil".into(),
            client_version: Some("anvil/v1.7.1".into()),
            chain_id: 31_337,
            hardfork: Some("prague".into()),
            block_time_us: Some(1_000_000),
            gas_limit: Some(30_000_000),
            contracts: BTreeMap::from([("NodePool".into(), Address::repeat_byte(0x11))]),
            contract_build: None,
            overrides: Vec::new(),
        },
        stop_reason: StopReason::Finished,
        stop_message: None,
        duration: ms(20_500),
        setup_end: Some(ms(2_000)),
        load_start: Some(ms(2_500)),
        node: None,
        checked: [Invariant::ORDER, Invariant::BINDING, Invariant::HIDING].into(),
    }
}

/// A transaction that was meant for `intended`, sent 1 ms and accepted 3 ms later and seen in a block after `response_ms`.
pub(crate) fn transaction(id: u64, function: Function, intended: Micros, response_ms: u64) -> TxRecord {
    let (role, index) = match function.phase() {
        Phase::SUBMIT | Phase::SETUP => (Role::OWNER, 0),
        Phase::END => (Role::ORACLE, 0),
        _ => (Role::MINER, (id % 3) as u32),
    };
    TxRecord {
        id,
        actor: ActorId { role, index },
        from: Address::with_last_byte(index as u8 + 1),
        nonce: Some(id),
        hash: Some(B256::with_last_byte(id as u8)),
        function,
        phase: function.phase(),
        value: U256::ZERO,
        session: Some(0),
        task: None,
        intended,
        sent: Some(Micros(intended.0 + 1_000)),
        accepted: Some(Micros(intended.0 + 3_000)),
        included: Some(Micros(intended.0 + response_ms * 1_000)),
        block_number: Some(intended.0 / 1_000_000 + 1),
        block_timestamp: Some(1_764_016_740 + intended.0 / 1_000_000),
        gas_used: Some(50_000 + 1_000 * function.index() as u64 + id % 5),
        gas_breakdown: None,
        effective_gas_price: Some(1_000_000_000),
        attempts: 1,
        misdeed: None,
        task_phase: None,
        outcome: TxOutcome::Included,
    }
}

/// The same transaction, not in a block.
pub(crate) fn unseen(transaction: TxRecord, outcome: TxOutcome) -> TxRecord {
    TxRecord {
        included: None,
        block_number: None,
        block_timestamp: None,
        gas_used: None,
        effective_gas_price: None,
        outcome,
        ..transaction
    }
}

/// A task that was meant for `intended` and went through each phase in `step_ms`.
pub(crate) fn task(id: u64, intended: Micros, step_ms: u64) -> TaskRecord {
    let step = |steps: u64| Some(Micros(intended.0 + steps * step_ms * 1_000));
    TaskRecord {
        id,
        key: Some(TaskKey { session: 0, task: id }),
        global_id: Some(id),
        owner: ActorId {
            role: Role::OWNER,
            index: 0,
        },
        intended,
        opened: step(1),
        steps: steps([step(1), step(2), step(2), step(3), step(4), step(4), step(4)]),
        ended: step(5),
        counts: [3, 3, 3, 3, 0, 0],
        phase: TaskPhase::ENDED,
        outcome: TaskOutcome::Ended,
        ended_as: None,
        key_text: None,
    }
}

/// A task that got as far as waiting for acks.
pub(crate) fn waiting(id: u64, outcome: TaskOutcome) -> TaskRecord {
    TaskRecord {
        steps: steps([Some(ms(3_500)), None, None, None, None, None, None]),
        ended: None,
        counts: [3, 0, 0, 0, 0, 0],
        phase: TaskPhase::ACK,
        outcome,
        ended_as: None,
        key_text: None,
        ..task(id, ms(3_000), 500)
    }
}

/// The steps of a task of the reference protocol.
fn steps(of: [Option<Micros>; 7]) -> [Option<Micros>; ProtocolSchema::MOST_STEPS] {
    let mut steps = [None; ProtocolSchema::MOST_STEPS];
    steps[..7].copy_from_slice(&of);
    steps
}

/// A block that is a tenth full.
pub(crate) const fn block(number: u64) -> BlockRecord {
    BlockRecord {
        number,
        timestamp: 1_764_016_740 + number,
        seen: ms(number * 1_000),
        gas_used: 3_000_000,
        gas_limit: 30_000_000,
        base_fee: 7,
        transactions: 12,
    }
}

/// Two reorgs, and requests that were repeated for two causes.
pub(crate) fn node() -> NodeResult {
    NodeResult {
        reorgs: 2,
        deepest_reorg: 3,
        blocks_dropped: 5,
        repeated: BTreeMap::from([
            ("eth_getLogs: timed out".into(), 5),
            ("eth_sendRawTransaction: <b>HTTP 502</b>".into(), 7),
        ]),
        notices: Vec::new(),
        funding: None,
    }
}

/// A broken invariant.
pub(crate) fn violation() -> Violation {
    Violation {
        invariant: Invariant::HIDING,
        task: Some(TaskKey { session: 0, task: 3 }),
        detail: "miner 2 committed before the precommit phase ended".into(),
    }
}

/// Setup and `tasks` tasks of redundancy 3 that all end, with their transactions and blocks.
pub(crate) fn good_run(tasks: u64) -> Vec<Record> {
    let mut records = Vec::new();
    let mut push = |function, intended, response_ms| {
        let id = records.len() as u64;
        records.push(Record::Transaction(transaction(
            id,
            function,
            intended,
            response_ms,
        )));
    };
    for _ in 0..4 {
        push(Function::REGISTER, ms(100), 900);
    }
    push(Function::CREATE, ms(1_100), 900);
    for id in 0..tasks {
        let start = ms(2_500 + id * 1_000);
        push(Function::SUBMIT, start, 400 + id * 10);
        for function in [Function::ACK, Function::PRECOMMIT, Function::COMMIT] {
            for miner in 0..3 {
                push(function, start, 700 + 100 * miner + id * 37);
            }
        }
        push(Function::END, start, 1_000 + id);
    }
    records.extend((0..tasks).map(|id| Record::Task(task(id, ms(2_500 + id * 1_000), 500 + id))));
    records.extend((1..=20).map(|number| Record::Block(block(number))));
    records
}

/// What comes on top when things go wrong: every outcome, more reasons than a summary lists, a broken invariant.
pub(crate) fn trouble() -> Vec<Record> {
    let ack = |id| transaction(id, Function::ACK, ms(5_000), 1_200);
    let mut records = vec![
        Record::Task(waiting(100, TaskOutcome::Failed("no result".into()))),
        Record::Task(waiting(101, TaskOutcome::Unfinished)),
        Record::Violation(violation()),
        Record::Transaction(unseen(
            ack(200),
            TxOutcome::Lost("not in a block after 30 s".into()),
        )),
    ];
    for id in 0..3 {
        let outcome = TxOutcome::Reverted("AlreadyAcked()".into());
        records.push(Record::Transaction(TxRecord {
            outcome,
            attempts: 2,
            ..ack(300 + id)
        }));
    }
    for id in 0..12 {
        let outcome = TxOutcome::Refused(format!("nonce too low: next {id}, asked\n{}", "0".repeat(80)));
        records.push(Record::Transaction(unseen(ack(400 + id), outcome)));
    }
    records
}

/// The result of some records.
pub(crate) fn result(records: &[Record], facts: RunFacts) -> (RunResult, Histograms) {
    let mut recorder = Recorder::new(REFERENCE);
    records.iter().for_each(|record| recorder.record(record));
    recorder.finish(facts)
}
