//! Many seeds of one scenario, and the check that a seed decides everything.

use std::{
    collections::BTreeMap,
    fs,
    path::{Path, PathBuf},
    process::{Command, Output},
};

use taskstorm::{record::RunResult, report::Aggregate};

const SMOKE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/scenarios/smoke.toml");

fn run(arguments: &[&str]) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_taskstorm"));
    command
        .args(["run", SMOKE, "--quiet"])
        .args(arguments)
        .output()
        .expect("taskstorm starts")
}

fn simulate(out: &Path, arguments: &[&str]) -> Output {
    let out = out.to_str().expect("UTF-8");
    let output = run(&[&["--chain", "embedded", "--out", out], arguments].concat());
    assert_eq!(
        output.status.code(),
        Some(0),
        "{}",
        String::from_utf8_lossy(&output.stderr)
    );
    output
}

/// Every file below `folder` by its path there, but for what the machine decides.
fn files(folder: &Path) -> BTreeMap<PathBuf, Vec<u8>> {
    let mut found = BTreeMap::new();
    let mut folders = vec![folder.to_owned()];
    while let Some(next) = folders.pop() {
        for entry in fs::read_dir(next).expect("a folder").map(Result::unwrap) {
            let path = entry.path();
            if path.is_dir() {
                folders.push(path);
            } else if !path.ends_with("host.json") {
                let name = path.strip_prefix(folder).expect("below it").to_owned();
                found.insert(name, fs::read(path).expect("a file"));
            }
        }
    }
    found
}

#[test]
fn runs_of_many_seeds_are_the_runs_of_each_and_come_out_the_same_in_any_order() {
    let folder = tempfile::tempdir().unwrap();
    let at = |name: &str| folder.path().join(name);
    simulate(&at("all"), &["--seeds", "3..6"]);
    simulate(&at("again"), &["--seeds", "6,4,3,5"]);
    assert_eq!(files(&at("all")), files(&at("again")));

    for seed in 3..=6 {
        let (one, name) = (at(&format!("one-{seed}")), format!("seed-{seed}"));
        simulate(&one, &["--seed", &seed.to_string(), "--no-charts"]);
        // Only a single run is given a page.
        fs::remove_file(one.join("report.html")).expect("a page");
        assert_eq!(files(&one), files(&at("all").join(&name)), "{name}");
        assert!(at("all").join(name).join("host.json").exists());
    }
    assert_ne!(files(&at("one-3")), files(&at("one-4")));
}

#[test]
fn the_aggregate_is_what_the_summaries_add_up_to() {
    let folder = tempfile::tempdir().unwrap();
    let all = folder.path().join("all");
    let printed = simulate(&all, &["--seeds", "1,2,3", "--json", "--no-transactions"]).stdout;
    let summary = fs::read(all.join("summary.json")).unwrap();
    assert_eq!(printed, summary);
    let aggregate: Aggregate = serde_json::from_slice(&summary).unwrap();

    let results: Vec<RunResult> = [1, 2, 3]
        .map(|seed| {
            let folder = all.join(format!("seed-{seed}"));
            assert!(!folder.join("transactions.csv").exists());
            serde_json::from_slice(&fs::read(folder.join("summary.json")).unwrap()).unwrap()
        })
        .into();
    assert!(aggregate.complete);
    assert_eq!(
        aggregate.runs.iter().map(|run| run.seed).collect::<Vec<_>>(),
        [1, 2, 3]
    );
    let p99 = |result: &RunResult| {
        result.phases[&taskstorm::protocol::Phase::ACK]
            .response_us
            .unwrap()
            .p99 as f64
    };
    let spread = aggregate.metrics["phases.ack.response_us.p99"];
    let mean = results.iter().map(p99).sum::<f64>() / 3.0;
    assert_eq!((spread.runs, spread.mean), (3, mean));
    assert_eq!(spread.max, results.iter().map(p99).fold(0.0, f64::max));
    assert_eq!(aggregate.metrics["tasks.ended"].stddev, 0.0);
    assert!(!aggregate.metrics.contains_key("scenario.seed"));
}

#[test]
fn a_scenario_that_runs_the_same_twice_is_said_to() {
    let output = run(&["--chain", "embedded", "--check-determinism"]);
    let text = String::from_utf8(output.stdout).unwrap();
    assert_eq!(output.status.code(), Some(0), "{text}");
    assert!(
        text.contains("deterministic") && text.contains("records, digest"),
        "{text}"
    );
}

#[test]
fn a_scenario_is_checked_for_the_chain_that_it_is_run_on() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("random.toml");
    let text = fs::read_to_string(SMOKE).unwrap();
    fs::write(
        &file,
        text.replacen("[chain]\n", "[chain]\norder = \"random\"\n", 1),
    )
    .unwrap();
    let run = |chain: &str| {
        let mut command = Command::new(env!("CARGO_BIN_EXE_taskstorm"));
        command
            .arg("run")
            .arg(&file)
            .args(["--quiet", "--chain", chain, "--out"]);
        command
            .arg(folder.path().join(chain))
            .output()
            .expect("taskstorm starts")
            .status
            .code()
    };
    assert_eq!((run("anvil"), run("embedded")), (Some(2), Some(0)));
}

#[test]
fn what_needs_virtual_time_is_refused_on_a_node() {
    for flag in [&["--seeds", "1..2"][..], &["--check-determinism"]] {
        let output = run(flag);
        let text = String::from_utf8(output.stderr).unwrap();
        assert_eq!(output.status.code(), Some(2), "{text}");
        assert!(
            text.contains("virtual time") && text.contains("--chain embedded"),
            "{text}"
        );
    }
}
