//! The run's folder and the files that it ends with.

use std::{fs, path::Path};

use hdrhistogram::{
    Histogram,
    serialization::{
        Deserializer,
        interval_log::{IntervalLogIterator, LogEntry},
    },
};
use taskstorm::{
    record::{Histograms, Record, RunFacts, RunResult, StopReason, TimeSource},
    run_folder::{Exporter, FinishedRun, LatencyHlog, PhasesCsv, RunDir, RunDirError, summary_json},
};

use super::sample::{facts, good_run, result, trouble};

/// Good and bad runs that every exporter must cope with.
fn runs() -> [(RunResult, Histograms); 4] {
    let mut troubled = good_run(10);
    troubled.extend(trouble());
    let lost = RunFacts {
        stop_reason: StopReason::ChainLost,
        stop_message: Some("gone".into()),
        ..facts()
    };
    let virtual_time = RunFacts {
        clock: TimeSource::Virtual,
        started_at: None,
        ..facts()
    };
    [
        result(&troubled, lost),
        result(&[], facts()),
        result(&trouble(), facts()),
        result(&good_run(1), virtual_time),
    ]
}

fn export(exporter: &dyn Exporter, (result, histograms): &(RunResult, Histograms)) -> Vec<u8> {
    exporter
        .export(&FinishedRun {
            result,
            histograms,
            scenario: "",
        })
        .unwrap()
}

#[test]
fn the_summary_reads_back_as_the_same_result() {
    for (result, _) in runs() {
        let text = summary_json(&result).unwrap();
        assert_eq!(serde_json::from_str::<RunResult>(&text).unwrap(), result);
    }
}

#[test]
fn the_summary_is_as_documented() {
    let [(mut result, _), ..] = runs();
    result.tool_version = "0.0.0".into();
    insta::assert_snapshot!("summary.json", summary_json(&result).unwrap());
}

#[test]
fn phases_have_a_row_per_metric_even_when_nothing_was_measured() {
    let [troubled, empty, ..] = runs();
    insta::assert_snapshot!(
        "phases.csv",
        String::from_utf8(export(&PhasesCsv, &troubled)).unwrap()
    );
    let rows = String::from_utf8(export(&PhasesCsv, &empty)).unwrap();
    assert_eq!(rows.lines().count(), 1 + 7 * 3 + 5 + 1);
    assert!(rows.contains("\nack,response_us,0,,,,,,,,,\n"));
}

#[test]
fn the_latency_log_reads_back_with_the_percentiles_of_the_summary() {
    for run in runs() {
        let bytes = export(&LatencyHlog, &run);
        let mut tags = Vec::new();
        for entry in IntervalLogIterator::new(&bytes) {
            let Ok(LogEntry::Interval(interval)) = entry else {
                continue;
            };
            let encoded = interval.encoded_histogram();
            let histogram: Histogram<u64> = decode(encoded);
            tags.push((interval.tag().unwrap().as_str().to_owned(), histogram));
        }
        assert_eq!(tags.len(), run.1.0.len());
        for ((tag, read), written) in tags.iter().zip(&run.1.0) {
            assert!(tag.starts_with(&written.phase), "{tag}");
            assert_eq!(*read, written.histogram, "{tag}");
        }
        for (phase, phase_result) in &run.0.phases {
            let found = tags.iter().find(|(tag, _)| tag == phase.name());
            assert_eq!(found.is_some(), phase_result.response_us.is_some());
            if let (Some((_, histogram)), Some(stats)) = (found, phase_result.response_us) {
                let p99 = histogram.value_at_quantile(0.99);
                assert!(
                    p99.abs_diff(stats.p99) <= stats.p99 / 1000,
                    "{p99}, not {}",
                    stats.p99
                );
                assert_eq!(histogram.len(), stats.count);
            }
        }
    }
}

fn decode(encoded: &str) -> Histogram<u64> {
    let bytes = base64(encoded);
    Deserializer::new().deserialize(&mut bytes.as_slice()).unwrap()
}

/// Standard base64 with padding.
fn base64(text: &str) -> Vec<u8> {
    const ALPHABET: &[u8] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let digits: Vec<u32> = text
        .bytes()
        .filter(|byte| *byte != b'=')
        .map(|byte| ALPHABET.iter().position(|digit| *digit == byte).unwrap() as u32)
        .collect();
    let mut bytes = Vec::new();
    for group in digits.chunks(4) {
        let bits = group.iter().fold(0, |bits, digit| bits << 6 | digit) << (6 * (4 - group.len()));
        bytes.extend(bits.to_be_bytes()[1..group.len()].iter());
    }
    bytes
}

#[test]
fn a_run_leaves_all_its_files_and_nothing_else() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("a/b");
    let mut dir = RunDir::create(&path).unwrap();
    drop(dir.journal());
    for (result, histograms) in &runs() {
        dir.write(&FinishedRun {
            result,
            histograms,
            scenario: "seed = 7\n",
        })
        .unwrap();
    }
    let mut files: Vec<_> = fs::read_dir(&path)
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect();
    files.sort();
    let expected = [
        "blocks.csv",
        "latency.hlog",
        "phases.csv",
        "scenario.toml",
        "summary.json",
        "summary.md",
        "tasks.csv",
        "transactions.csv",
    ];
    assert_eq!(files, expected);
    assert_eq!(
        fs::read_to_string(path.join("scenario.toml")).unwrap(),
        "seed = 7\n"
    );
}

#[test]
fn one_file_that_cannot_be_written_does_not_cost_the_others() {
    let folder = tempfile::tempdir().unwrap();
    let dir = RunDir::create(folder.path()).unwrap();
    fs::create_dir_all(folder.path().join("phases.csv/in the way")).unwrap();
    let [(result, histograms), ..] = runs();
    let error = dir
        .write(&FinishedRun {
            result: &result,
            histograms: &histograms,
            scenario: "",
        })
        .unwrap_err();
    assert!(error.to_string().contains("phases.csv"), "{error}");
    assert!(folder.path().join("summary.json").is_file());
    assert!(!folder.path().join("phases.csv.tmp").exists());
}

#[test]
fn a_folder_that_holds_a_run_is_refused_and_kept() {
    for file in ["summary.json", "transactions.csv", "scenario.toml"] {
        let folder = tempfile::tempdir().unwrap();
        fs::write(folder.path().join(file), "precious").unwrap();
        let error = RunDir::create(folder.path()).unwrap_err();
        assert!(matches!(error, RunDirError::HoldsARun { .. }), "{error}");
        assert!(
            error
                .to_string()
                .contains(&format!("already holds a run ({file}); choose another")),
            "{error}"
        );
        assert_eq!(fs::read_to_string(folder.path().join(file)).unwrap(), "precious");
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1);
    }
}

#[test]
fn a_path_that_is_a_file_or_below_one_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("file");
    fs::write(&file, "").unwrap();
    for path in [file.clone(), file.join("below")] {
        let error = RunDir::create(&path).unwrap_err();
        assert!(matches!(error, RunDirError::NotAFolder { .. }), "{error}");
    }
}

#[cfg(target_os = "linux")]
#[test]
fn a_folder_that_takes_no_files_is_refused() {
    let error = RunDir::create("/proc/self/fd").unwrap_err();
    assert!(matches!(error, RunDirError::Unwritable { .. }), "{error}");
    assert!(
        error.to_string().ends_with("choose another folder with --out"),
        "{error}"
    );
    let error = RunDir::create_unique(Path::new("/proc/nowhere"), "x", facts().started_at.unwrap());
    assert!(matches!(error.unwrap_err(), RunDirError::Unwritable { .. }));
}

#[test]
fn default_folders_are_named_by_scenario_and_time_and_never_shared() {
    let reports = tempfile::tempdir().unwrap();
    let now = facts().started_at.unwrap();
    for expected in [
        "quick-start-20261124T203900Z",
        "quick-start-20261124T203900Z-2",
        "quick-start-20261124T203900Z-3",
    ] {
        let dir = RunDir::create_unique(reports.path(), "quick start", now).unwrap();
        assert_eq!(dir.path(), reports.path().join(expected));
    }
}

#[test]
fn a_run_that_never_began_leaves_no_trace_and_no_damage() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("run");
    RunDir::create(&path).unwrap().discard();
    assert!(!path.exists());
    RunDir::create(&path).unwrap().discard();

    fs::write(folder.path().join("notes"), "mine").unwrap();
    RunDir::create(folder.path()).unwrap().discard();
    assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1);
}

#[test]
fn records_reach_the_result_in_any_number_of_steps() {
    let records = good_run(3);
    let (whole, _) = result(&records, facts());
    let reversed: Vec<Record> = records.into_iter().rev().collect();
    let (backwards, _) = result(&reversed, facts());
    assert_eq!(whole.transactions, backwards.transactions);
    assert_eq!(whole.load, backwards.load);
    assert_eq!(whole.blocks, backwards.blocks);
}
