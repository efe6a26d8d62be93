//! `taskstorm report` on what real runs left.

use std::{collections::BTreeMap, fs, path::Path};

use nix::sys::signal::Signal;

use crate::support::taskstorm::{Ended, Taskstorm};

const SMALL: &str = r#"
name = "small"
seed = 3
[chain]
block_time = "100ms"
[owners]
count = 2
tasks = 12
redundancy = 3
load = { constant = "10/s" }
[miners]
count = 6
work_time = "20ms"
[oracle]
check_interval = "100ms"
"#;

/// `taskstorm report` on the run.
fn report(ended: &Ended, arguments: &[&str]) -> Taskstorm {
    ended.place().taskstorm(["report", "out"]).args(arguments)
}

/// A run in virtual time, with its charts.
fn embedded() -> Ended {
    let run = [
        "run",
        "scenario.toml",
        "--out",
        "out",
        "--chain",
        "embedded",
        "--quiet",
    ];
    Taskstorm::new(run).file("scenario.toml", SMALL).end()
}

/// The rendered files of a folder, by their path in it.
fn rendered(out: &Path) -> BTreeMap<String, Vec<u8>> {
    let charts = fs::read_dir(out.join("charts")).into_iter().flatten();
    let names = charts.map(|file| format!("charts/{}", file.unwrap().file_name().to_string_lossy()));
    let others = ["phases.csv", "summary.md"].map(str::to_owned);
    names
        .chain(others)
        .filter_map(|name| Some((name.clone(), fs::read(out.join(name)).ok()?)))
        .collect()
}

fn unrender(out: &Path) {
    for name in rendered(out).keys() {
        fs::remove_file(out.join(name)).expect("a file");
    }
    let _ = fs::remove_dir(out.join("charts"));
}

#[test]
fn a_run_is_rendered_again_to_the_same_bytes() {
    let (ended, other) = (embedded(), embedded());
    ended.success();
    let first = rendered(&ended.out());
    assert_eq!(first.len(), 2 * 9 + 2, "{:?}", first.keys());
    assert!(
        first == rendered(&other.out()),
        "the same scenario and seed, the same pictures"
    );

    unrender(&ended.out());
    let again = report(&ended, &[])
        .stdout_has("small · seed 3 · embedded prague · virtual time")
        .stderr("")
        .end();
    assert!(again.stdout.starts_with("small"), "{}", again.stdout);
    assert!(first == rendered(&ended.out()));

    for (only, kept) in [
        ("csv,md", "phases.csv summary.md"),
        ("md", "summary.md"),
        ("svg", ".svg"),
        ("png", ".png"),
    ] {
        unrender(&ended.out());
        report(&ended, &["--only", only]).end();
        let files = rendered(&ended.out());
        assert!(!files.is_empty());
        for name in files.keys() {
            let known = kept.split(' ').any(|kept| name.ends_with(kept));
            assert!(known, "--only {only} writes {name}");
        }
    }
}

#[test]
fn runs_of_several_seeds_are_rendered_each() {
    let ended = Taskstorm::simulate(SMALL).args(["--seeds", "9..10"]).end();
    let told = report(&ended, &["--only", "svg"]).end();
    for seed in ["seed-9", "seed-10"] {
        assert_eq!(rendered(&ended.out().join(seed)).len(), 9 + 2, "{seed}");
    }
    assert!(told.stdout.find("seed 9").unwrap() < told.stdout.find("seed 10").unwrap());
}

#[test]
fn a_run_that_was_killed_is_rendered_from_its_rows() {
    let run = Taskstorm::run(&SMALL.replace("tasks = 12", "tasks = 2000"));
    let run = run
        .args(["--quiet"])
        .any_code()
        .leaves_no("out/summary.json")
        .start();
    run.reaches_its_middle();
    run.signal(Signal::SIGKILL);
    let ended = run.end();

    let told = report(&ended, &[])
        .stderr_has("summary.json is missing")
        .stdout_has("small · seed 3 · anvil prague · wall-clock time")
        // A summary that nobody wrote is not made up.
        .leaves_no("out/summary.json")
        .end();
    let first = "INCOMPLETE: it left no summary";
    assert!(told.stdout.starts_with(first), "{}", told.stdout);
    assert_eq!(rendered(&ended.out()).len(), 2 * 9 + 2);
    let markdown = ended.place().read("out/summary.md");
    assert!(markdown.contains("**Incomplete:**"), "{markdown}");
}

#[test]
fn what_is_no_run_is_bad_usage() {
    for (arguments, said) in [
        (&["nowhere"][..], "nowhere is not a folder"),
        (&["empty"], "empty holds no run"),
        (&[], "required arguments"),
        (&["empty", "--only", "pdf"], "invalid value 'pdf'"),
    ] {
        let report = Taskstorm::new(["report"]).args(arguments).after("mkdir empty");
        report.code(2).stderr_has(said).end();
    }
}
