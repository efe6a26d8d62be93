//! Real time and peak memory of rendering the report of a large run.
//!
//! `cargo bench --bench render` writes the folder of a run of 10 million transactions (3 GB, below `target/tmp`), has
//! `taskstorm report` render all of it, once with its summary and once as if the run had been killed, and removes it.
//! The bounds are 60 s and 1 GiB. `-- 100000` writes that many transactions.

use std::{
    error::Error,
    fs,
    io::Write,
    path::Path,
    process::{Command, Stdio},
    thread,
    time::{Duration, Instant},
};

use alloy::primitives::{Address, B256, U256};
use taskstorm::{
    protocol::{ActorId, Function, ProtocolSchema, REFERENCE, Role, TaskKey, TaskPhase},
    record::{
        BlockRecord, ChainFacts, Record, Recorder, RunFacts, ScenarioFacts, StopReason, TaskOutcome,
        TaskRecord, TimeSource, TxOutcome, TxRecord,
    },
    run_folder::{FinishedRun, RunDir},
    time::Micros,
};

/// Transactions of a task with three miners.
const PER_TASK: u64 = 11;
/// Tasks per second of the run.
const RATE: u64 = 1000;
/// Bytes of a transaction's row, and of all that the run writes for it, at most.
const ROW: u64 = 320;
const BOUNDS: (u64, u64) = (60, 1 << 30);

fn main() -> Result<(), Box<dyn Error>> {
    let asked = std::env::args().find_map(|argument| argument.parse().ok());
    let transactions: u64 = asked.unwrap_or(10_000_000);
    let mut out = std::io::stdout();
    let place = Path::new(env!("CARGO_TARGET_TMPDIR")).join("render");
    let _ = fs::remove_dir_all(&place);
    fs::create_dir_all(&place)?;
    let needed = transactions * ROW + (1 << 30);
    if free(&place).is_some_and(|free| free < needed) {
        writeln!(
            out,
            "skipped: {} GB of free disk are needed",
            needed / 1_000_000_000
        )?;
        return Ok(());
    }
    let began = Instant::now();
    write_run(&place, transactions / PER_TASK)?;
    let bytes = fs::metadata(place.join("transactions.csv"))?.len();
    writeln!(
        out,
        "{transactions} transactions, {} MB, written in {:.1} s",
        bytes / 1_000_000,
        began.elapsed().as_secs_f64()
    )?;
    for killed in [false, true] {
        if killed {
            fs::remove_file(place.join("summary.json"))?;
        }
        let (took, peak) = report(&place)?;
        let what = if killed {
            "without a summary"
        } else {
            "with its summary"
        };
        let seconds = took.as_secs_f64();
        writeln!(
            out,
            "rendered {what}: {seconds:.1} s, at most {} MB",
            peak / 1_000_000
        )?;
        if asked.is_none() && (took.as_secs() >= BOUNDS.0 || peak > BOUNDS.1) {
            return Err("beyond 60 s or 1 GiB".into());
        }
    }
    fs::remove_dir_all(&place)?;
    Ok(())
}

/// Runs `taskstorm report`, and tells how long it took and its most memory in bytes (0 where the system does not tell).
fn report(folder: &Path) -> Result<(Duration, u64), Box<dyn Error>> {
    let began = Instant::now();
    let mut child = Command::new(env!("CARGO_BIN_EXE_taskstorm"))
        .arg("report")
        .arg(folder)
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()?;
    let mut peak = 0;
    let status = loop {
        peak = peak.max(most_memory(child.id()));
        if let Some(status) = child.try_wait()? {
            break status;
        }
        thread::sleep(Duration::from_millis(20));
    };
    if !status.success() {
        return Err(format!("taskstorm report: {status}").into());
    }
    Ok((began.elapsed(), peak))
}

/// The most memory that a process had so far, in bytes.
fn most_memory(pid: u32) -> u64 {
    let status = fs::read_to_string(format!("/proc/{pid}/status")).unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
    let kilobytes = line.and_then(|rest| rest.split_whitespace().next());
    kilobytes
        .and_then(|number| number.parse::<u64>().ok())
        .unwrap_or(0)
        * 1024
}

/// Free bytes where this folder is; `None` where the system does not tell.
fn free(folder: &Path) -> Option<u64> {
    let printed = Command::new("df").arg("-Pk").arg(folder).output().ok()?;
    let text = String::from_utf8(printed.stdout).ok()?;
    let blocks: u64 = text.lines().nth(1)?.split_whitespace().nth(3)?.parse().ok()?;
    Some(blocks * 1024)
}

/// Writes the folder of a run with this many tasks, as a run writes it.
fn write_run(folder: &Path, tasks: u64) -> Result<(), Box<dyn Error>> {
    let mut dir = RunDir::create(folder)?;
    let mut recorder = Recorder::new(REFERENCE).with_journal(dir.journal());
    let mut random = Random(1);
    let seconds = tasks / RATE + 10;
    for task in 0..tasks {
        let intended = Micros(2_000_000 + task * 1_000_000 / RATE);
        let key = TaskKey {
            session: task % 500,
            task: task / 500,
        };
        let mut at = intended;
        let mut moments = Vec::new();
        for (function, miners) in [
            (Function::SUBMIT, 1),
            (Function::ACK, 3),
            (Function::PRECOMMIT, 3),
            (Function::COMMIT, 3),
            (Function::END, 1),
        ] {
            let mut last = at;
            for miner in 0..miners {
                let id = task * PER_TASK + moments.len() as u64 * 3 + miner;
                let transaction = transaction(&mut random, id, function, at, key, miner);
                last = last.max(transaction.included.unwrap_or(at));
                recorder.record(&Record::Transaction(transaction));
            }
            moments.push(last);
            at = last;
        }
        recorder.record(&Record::Task(task_record(task, key, intended, &moments)));
    }
    for number in 1..=seconds {
        recorder.record(&Record::Block(BlockRecord {
            number,
            timestamp: 1_767_225_600 + number,
            seen: Micros(number * 1_000_000),
            gas_used: 600_000_000 + random.below(100_000_000),
            gas_limit: 1_000_000_000,
            base_fee: 1_000_000_000 + random.below(1_000_000),
            transactions: (RATE * PER_TASK) as u32,
        }));
    }
    let (result, histograms) = recorder.finish(facts(seconds));
    dir.write(&FinishedRun {
        result: &result,
        histograms: &histograms,
        scenario: "name = \"render\"\n",
    })?;
    Ok(())
}

fn transaction(
    random: &mut Random,
    id: u64,
    function: Function,
    intended: Micros,
    key: TaskKey,
    miner: u64,
) -> TxRecord {
    let sent = intended.0 + random.below(2_000);
    let included = sent + 50_000 + random.below(1_000_000);
    TxRecord {
        id,
        actor: ActorId {
            role: Role::MINER,
            index: (key.session * 3 + miner) as u32,
        },
        from: Address::from_word(B256::from(U256::from(random.next()))),
        nonce: Some(id / 1500),
        hash: Some(B256::from(U256::from_limbs([
            random.next(),
            random.next(),
            random.next(),
            random.next(),
        ]))),
        function,
        value: U256::ZERO,
        session: Some(key.session),
        task: Some(key),
        intended,
        sent: Some(Micros(sent)),
        accepted: Some(Micros(sent + 300)),
        included: Some(Micros(included)),
        block_number: Some(included / 1_000_000 + 1),
        block_timestamp: Some(1_767_225_600 + included / 1_000_000),
        gas_used: Some(35_000 + random.below(40) * 320),
        misdeed: None,
        task_phase: None,
        effective_gas_price: Some(1_000_000_000),
        phase: function.phase(),
        gas_breakdown: None,
        attempts: 1,
        outcome: TxOutcome::Included,
    }
}

fn task_record(id: u64, key: TaskKey, intended: Micros, moments: &[Micros]) -> TaskRecord {
    let at = |step: usize| moments.get(step).copied();
    let mut steps = [None; ProtocolSchema::MOST_STEPS];
    steps[..7].copy_from_slice(&[at(0), at(1), at(1), at(2), at(3), at(3), at(3)]);
    TaskRecord {
        id,
        key: Some(key),
        global_id: Some(id),
        owner: ActorId {
            role: Role::OWNER,
            index: key.session as u32,
        },
        intended,
        opened: at(0),
        steps,
        ended: at(4),
        counts: [3, 3, 3, 3, 0, 0],
        phase: TaskPhase::ENDED,
        outcome: TaskOutcome::Ended,
        ended_as: None,
        key_text: None,
    }
}

fn facts(seconds: u64) -> RunFacts {
    RunFacts {
        scenario: ScenarioFacts {
            name: "render".into(),
            ..ScenarioFacts::default()
        },
        started_at: None,
        clock: TimeSource::Virtual,
        chain: ChainFacts {
            kind: "embedded".into(),
            block_time_us: Some(1_000_000),
            ..ChainFacts::default()
        },
        stop_reason: StopReason::Finished,
        stop_message: None,
        duration: Micros(seconds * 1_000_000),
        setup_end: Some(Micros(1_000_000)),
        load_start: Some(Micros(2_000_000)),
        node: None,
        faults: None,
        checked: [].into(),
    }
}

/// Numbers that look random enough (a splitmix64), at no cost.
struct Random(u64);

impl Random {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    fn below(&mut self, bound: u64) -> u64 {
        self.next() % bound
    }
}
