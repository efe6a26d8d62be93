//! A run's folder, read back.

use std::{
    collections::BTreeSet,
    fs::{self, OpenOptions},
    io::Write,
    path::Path,
};

use taskstorm::{
    protocol::{REFERENCE, TaskKey},
    record::{LoadWindow, Record, Recorder, RunResult, StopReason, TimeSource, TxRecord},
    run_folder::{FinishedRun, RunDir, RunFolder},
};
use tempfile::TempDir;

use super::sample::{facts, good_run, trouble};

const SCENARIO: &str = "name = \"sample\"\nseed = 7\n[chain]\nkind = \"embedded\"\n[owners]\ncount = 1\ntasks = 1\n\
                        min_nodes = 3\nmax_nodes = 3\nredundancy = 3\n[miners]\ncount = 3\n";

fn records() -> Vec<Record> {
    let mut records = good_run(10);
    records.extend(trouble());
    records
}

/// The folder of a run with these records, and its result.
pub(crate) fn written(records: &[Record]) -> (TempDir, RunResult) {
    let folder = tempfile::tempdir().unwrap();
    let mut dir = RunDir::create(folder.path()).unwrap();
    let mut recorder = Recorder::new(REFERENCE).with_journal(dir.journal());
    records.iter().for_each(|record| recorder.record(record));
    let (result, histograms) = recorder.finish(facts());
    dir.write(&FinishedRun {
        result: &result,
        histograms: &histograms,
        scenario: SCENARIO,
    })
    .unwrap();
    (folder, result)
}

/// The same transaction as its row tells it: the session of a task is the task's.
fn told(transaction: &TxRecord) -> TxRecord {
    TxRecord {
        session: transaction
            .session
            .or(transaction.task.map(|key: TaskKey| key.session)),
        ..transaction.clone()
    }
}

#[test]
fn what_was_written_reads_back() {
    let records = records();
    let (dir, result) = written(&records);
    let folder = RunFolder::open(dir.path()).unwrap();
    assert_eq!(*folder.result(), result);
    assert_eq!(folder.scenario(), Some(SCENARIO));
    assert!(folder.notes().is_empty() && !folder.is_rebuilt() && folder.host().is_none());

    let p99 = |phase: &str| {
        folder
            .histograms()
            .get(phase, "response_us")
            .unwrap()
            .value_at_quantile(0.99)
    };
    for (phase, of_phase) in result.phases.iter().filter(|(_, of)| of.response_us.is_some()) {
        let stats = of_phase.response_us.unwrap();
        assert!(
            p99(phase.name()).abs_diff(stats.p99) <= stats.p99 / 1000,
            "{phase:?}"
        );
    }
    for name in ["task.ack", "task.total"] {
        assert_eq!(folder.histograms().get(name, "duration_us").unwrap().len(), 10);
    }
    assert!(folder.histograms().get("ack", "service_us").is_some());
    assert!(folder.histograms().get("generator", "lateness_us").is_some());

    let mut transactions = folder.transactions().unwrap().unwrap();
    let mut tasks = folder.tasks().unwrap().unwrap();
    let mut blocks = folder.blocks().unwrap().unwrap();
    for record in &records {
        match record {
            Record::Transaction(written) => {
                assert_eq!(transactions.next().unwrap().unwrap(), told(written));
            }
            Record::Task(written) => assert_eq!(tasks.next().unwrap().unwrap(), *written),
            Record::Block(written) => assert_eq!(blocks.next().unwrap().unwrap(), *written),
            Record::Violation(_) => {}
        }
    }
    assert!(transactions.next().is_none() && tasks.next().is_none() && blocks.next().is_none());
    assert!(!transactions.was_cut() && !tasks.was_cut() && !blocks.was_cut());
}

/// What rows tell is counted again to the same numbers; what they do not tell is not made up.
#[test]
fn a_run_that_was_killed_is_counted_again_from_its_rows() {
    let (dir, result) = written(&records());
    fs::remove_file(dir.path().join("summary.json")).unwrap();
    fs::remove_file(dir.path().join("latency.hlog")).unwrap();
    let folder = RunFolder::open(dir.path()).unwrap();
    let again = folder.result();
    assert_eq!(again.check_consistency(), Ok(()));
    assert_eq!((again.complete, again.stop_reason), (false, StopReason::Unknown));
    assert_eq!((again.clock, again.started_at), (TimeSource::Virtual, None));
    assert_eq!((again.scenario.name.as_str(), again.scenario.seed), ("sample", 7));
    assert_eq!(again.chain.kind, "embedded");
    assert_eq!(again.invariants.checked, BTreeSet::new());
    let load = LoadWindow {
        setup_end_us: None,
        ..result.load
    };
    assert_eq!(again.load, load);
    assert_eq!(
        (&again.tasks, &again.transactions, &again.phases, &again.functions),
        (
            &result.tasks,
            &result.transactions,
            &result.phases,
            &result.functions
        )
    );
    assert_eq!(
        (&again.task_phases, again.rates, again.generator, again.blocks),
        (&result.task_phases, result.rates, result.generator, result.blocks)
    );
    assert_eq!(folder.notes().len(), 1, "{:?}", folder.notes());
}

#[test]
fn a_row_that_was_never_written_to_its_end_is_left_out_and_told() {
    let (dir, result) = written(&records());
    fs::remove_file(dir.path().join("summary.json")).unwrap();
    // Cut within the last cell, where the row has all its cells and yet is not whole.
    for (file, rest) in [
        ("transactions.csv", "9,miner,0,0xab"),
        ("tasks.csv", "7,0,1,1,owner"),
    ] {
        let mut file = OpenOptions::new()
            .append(true)
            .open(dir.path().join(file))
            .unwrap();
        file.write_all(rest.as_bytes()).unwrap();
    }
    let folder = RunFolder::open(dir.path()).unwrap();
    assert_eq!(folder.result().transactions, result.transactions);
    assert_eq!(folder.result().tasks, result.tasks);
    let notes = folder.notes().join("\n");
    assert!(notes.contains("the last row of transactions.csv"), "{notes}");
    assert!(notes.contains("the last row of tasks.csv"), "{notes}");
}

#[test]
fn tables_that_are_missing_are_told() {
    let (dir, result) = written(&records());
    for file in ["summary.json", "transactions.csv", "blocks.csv", "scenario.toml"] {
        fs::remove_file(dir.path().join(file)).unwrap();
    }
    let folder = RunFolder::open(dir.path()).unwrap();
    assert_eq!(folder.result().tasks, result.tasks);
    assert_eq!(folder.result().transactions.total, 0);
    assert!(folder.transactions().unwrap().is_none());
    let notes = folder.notes().join("\n");
    for file in [
        "transactions.csv",
        "blocks.csv",
        "scenario.toml",
        "taken for wall-clock",
    ] {
        assert!(notes.contains(file), "{notes}");
    }
}

#[test]
fn a_broken_latency_log_is_made_again() {
    let (dir, result) = written(&records());
    fs::write(
        dir.path().join("latency.hlog"),
        "Tag=ack,0.000,20.500,1.900,AAAA\n",
    )
    .unwrap();
    let folder = RunFolder::open(dir.path()).unwrap();
    assert_eq!(*folder.result(), result);
    let count = folder.histograms().get("ack", "response_us").unwrap().len();
    assert_eq!(
        count,
        result.phases[&taskstorm::protocol::Phase::ACK]
            .response_us
            .unwrap()
            .count
    );
    assert!(
        folder.notes()[0].starts_with("latency.hlog: "),
        "{:?}",
        folder.notes()
    );
}

#[test]
fn an_earlier_version_wrote_other_columns() {
    let (dir, result) = written(&records());
    fs::remove_file(dir.path().join("summary.json")).unwrap();
    let path = dir.path().join("blocks.csv");
    let rows = fs::read_to_string(&path).unwrap();
    // The last column first, and one that nobody knows.
    let turned: String = rows
        .lines()
        .map(|row| {
            let (rest, last) = row.rsplit_once(',').unwrap();
            format!("{last},new,{rest}\n")
        })
        .collect();
    fs::write(&path, turned).unwrap();
    assert_eq!(
        RunFolder::open(dir.path()).unwrap().result().blocks,
        result.blocks
    );
}

#[test]
fn what_is_wrong_is_named_with_its_place_and_a_remedy() {
    type Spoil = fn(&Path);
    fn replace(path: &Path, from: &str, to: &str) {
        let text = fs::read_to_string(path).unwrap();
        assert!(text.contains(from), "{from}");
        fs::write(path, text.replacen(from, to, 1)).unwrap();
    }
    let cases: [(&str, Spoil); 10] = [
        ("no folder", |dir| fs::remove_dir_all(dir).unwrap()),
        ("no run", |dir| {
            fs::remove_dir_all(dir).unwrap();
            fs::create_dir(dir).unwrap();
        }),
        ("several runs", |dir| {
            let files: Vec<_> = fs::read_dir(dir)
                .unwrap()
                .map(|file| file.unwrap().path())
                .collect();
            fs::create_dir(dir.join("seed-2")).unwrap();
            for file in files {
                fs::rename(&file, dir.join("seed-2").join(file.file_name().unwrap())).unwrap();
            }
            fs::write(dir.join("summary.json"), r#"{"schema_version": 1, "runs": []}"#).unwrap();
        }),
        ("later schema", |dir| {
            replace(
                &dir.join("summary.json"),
                "\"schema_version\": 1",
                "\"schema_version\": 99",
            );
        }),
        ("another protocol", |dir| {
            replace(
                &dir.join("summary.json"),
                "\"protocol\": \"reference\"",
                "\"protocol\": \"market\"",
            );
        }),
        ("summary of something else", |dir| {
            replace(
                &dir.join("summary.json"),
                "\"complete\": true",
                "\"complete\": \"yes\"",
            );
        }),
        ("half a summary", |dir| {
            let text = fs::read_to_string(dir.join("summary.json")).unwrap();
            fs::write(dir.join("summary.json"), &text[..100]).unwrap();
        }),
        ("no such column", |dir| {
            fs::remove_file(dir.join("summary.json")).unwrap();
            replace(&dir.join("transactions.csv"), "gas_used", "gas");
        }),
        ("no number", |dir| {
            fs::remove_file(dir.join("summary.json")).unwrap();
            replace(
                &dir.join("transactions.csv"),
                ",submitTask,submit,0,,2500000,",
                ",submitTask,submit,0,,2.5s,",
            );
        }),
        ("cells missing", |dir| {
            fs::remove_file(dir.join("summary.json")).unwrap();
            replace(&dir.join("tasks.csv"), "2500000,3000000,", "2500000,");
        }),
    ];
    let mut told = String::new();
    for (name, spoil) in cases {
        let (dir, _) = written(&good_run(2));
        spoil(dir.path());
        let error = RunFolder::open(dir.path()).expect_err(name).to_string();
        let error = error.replace(&dir.path().display().to_string(), "RUN");
        told.push_str(&format!("{name}:\n  {error}\n"));
    }
    insta::assert_snapshot!("unreadable", told);
}
