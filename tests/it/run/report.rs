//! `taskstorm report` on what real runs left.

use std::{
    collections::BTreeMap,
    fs,
    path::Path,
    process::{Command, Output},
    time::Duration,
};

use super::command::{Ended, Trial};

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

fn report(place: &Path, arguments: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_taskstorm"))
        .arg("report")
        .args(arguments)
        .current_dir(place)
        .env_remove("RUST_LOG")
        .output()
        .expect("taskstorm starts")
}

fn embedded() -> Ended {
    Trial::of(SMALL)
        .with_charts()
        .with(&["--chain", "embedded", "--quiet"])
        .end()
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
    let again = report(ended.place(), &["out"]);
    assert!(
        again.status.success(),
        "{}",
        String::from_utf8_lossy(&again.stderr)
    );
    assert!(
        again.stderr.is_empty(),
        "{}",
        String::from_utf8_lossy(&again.stderr)
    );
    assert!(first == rendered(&ended.out()));
    let said = String::from_utf8_lossy(&again.stdout).into_owned();
    assert!(
        said.starts_with("small · seed 3 · embedded prague · simulated (virtual) time"),
        "{said}"
    );

    for (only, kept) in [
        ("csv,md", "phases.csv summary.md"),
        ("md", "summary.md"),
        ("svg", ".svg"),
        ("png", ".png"),
    ] {
        unrender(&ended.out());
        assert!(report(ended.place(), &["out", "--only", only]).status.success());
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
    let ended = Trial::of(SMALL)
        .with(&["--chain", "embedded", "--seeds", "9..10", "--quiet"])
        .end();
    assert_eq!(ended.code, Some(0), "{}", ended.stderr);
    let told = report(ended.place(), &["out", "--only", "svg"]);
    assert!(told.status.success(), "{}", String::from_utf8_lossy(&told.stderr));
    for seed in ["seed-9", "seed-10"] {
        assert_eq!(rendered(&ended.out().join(seed)).len(), 9 + 2, "{seed}");
    }
    let stdout = String::from_utf8_lossy(&told.stdout);
    assert!(stdout.find("seed 9").unwrap() < stdout.find("seed 10").unwrap());
}

#[cfg(unix)]
#[test]
fn a_run_that_was_killed_is_rendered_from_its_rows() {
    let running = Trial::of(&SMALL.replace("tasks = 12", "tasks = 2000"))
        .with(&["--quiet"])
        .start();
    running.reaches_its_middle();
    let pid = running.pid().to_string();
    assert!(
        Command::new("kill")
            .args(["-9", &pid])
            .status()
            .expect("kill")
            .success()
    );
    let ended = running.end_within(Duration::from_secs(10));
    assert!(!ended.out().join("summary.json").exists());

    let told = report(ended.place(), &["out"]);
    assert!(told.status.success(), "{}", String::from_utf8_lossy(&told.stderr));
    let stderr = String::from_utf8_lossy(&told.stderr);
    assert!(stderr.contains("summary.json is missing"), "{stderr}");
    let stdout = String::from_utf8_lossy(&told.stdout);
    assert!(stdout.starts_with("INCOMPLETE: it left no summary"), "{stdout}");
    assert!(
        stdout.contains("small · seed 3 · anvil prague · wall-clock time"),
        "{stdout}"
    );
    assert_eq!(rendered(&ended.out()).len(), 2 * 9 + 2);
    let markdown = fs::read_to_string(ended.out().join("summary.md")).expect("summary.md");
    assert!(markdown.contains("**Incomplete:**"), "{markdown}");
    assert!(
        !ended.out().join("summary.json").exists(),
        "a summary that nobody wrote is not made up"
    );
}

#[test]
fn what_is_no_run_is_bad_usage() {
    let place = tempfile::tempdir().expect("a folder");
    fs::create_dir(place.path().join("empty")).expect("a folder");
    for (arguments, said) in [
        (&["nowhere"][..], "nowhere is not a folder"),
        (&["empty"], "empty holds no run"),
        (&[], "required arguments"),
        (&["empty", "--only", "pdf"], "invalid value 'pdf'"),
    ] {
        let told = report(place.path(), arguments);
        let stderr = String::from_utf8_lossy(&told.stderr);
        assert_eq!(told.status.code(), Some(2), "{arguments:?}: {stderr}");
        assert!(stderr.contains(said), "{arguments:?}: {stderr}");
    }
}
