//! `taskstorm compare`, as people and CI use it.

use std::{fs, process::Command};

use serde_json::Value;

use super::support::Runs;

struct Ended {
    code: Option<i32>,
    stdout: String,
    stderr: String,
}

fn compare(runs: &Runs, arguments: &[&str]) -> Ended {
    let output = Command::new(env!("CARGO_BIN_EXE_taskstorm"))
        .arg("compare")
        .args(arguments)
        .current_dir(runs.path(""))
        .env_remove("RUST_LOG")
        .env("COLUMNS", "100")
        .output()
        .expect("taskstorm starts");
    let text = |bytes| String::from_utf8(bytes).expect("UTF-8");
    Ended {
        code: output.status.code(),
        stdout: text(output.stdout),
        stderr: text(output.stderr),
    }
}

/// A base, the same with a dearer commit, and the same with slower work.
fn sides() -> Runs {
    let runs = Runs::new();
    runs.run("base", &[1], &[]);
    runs.run("dear", &[1], &[]);
    runs.plant_gas("dear/seed-1", "commit", 1.02);
    runs.run(
        "slow",
        &[1],
        &["miners.work_time={ uniform = [\"1.8s\", \"3s\"] }"],
    );
    runs
}

#[test]
fn every_output_says_the_same() {
    let runs = sides();
    let few = ["--resamples", "2000"];
    let dear = [&["base", "dear", "--fail-on", "gas > 1%"][..], &few].concat();
    let told = compare(&runs, &dear);
    assert_eq!(told.code, Some(4), "{}", told.stderr);
    assert!(
        told.stderr.contains("function.commit.gas.mean grew"),
        "{}",
        told.stderr
    );
    insta::assert_snapshot!("table", told.stdout);
    assert_eq!(
        compare(&runs, &dear).stdout,
        told.stdout,
        "the same is said twice"
    );

    let markdown = compare(&runs, &[&dear[..], &["--markdown"]].concat());
    for part in [
        "### taskstorm compare: 2 regressed, 0 improved",
        "| gas > 1% | FAILED | function.commit.gas.mean grew",
        "|---|--:|--:|--:|--:|--:|--:|--:|",
        "<details><summary>latencies without a change</summary>",
    ] {
        let text = markdown.stdout.replace("\\_", "_").replace("&gt;", ">");
        assert!(text.contains(part), "{part}: {text}");
    }

    let json = compare(
        &runs,
        &[&dear[..], &["--json", "--out", "compared.json"]].concat(),
    );
    assert_eq!((json.code, json.stdout.as_str()), (Some(4), ""));
    let json: Value = serde_json::from_str(&fs::read_to_string(runs.path("compared.json")).unwrap()).unwrap();
    assert_eq!(json["verdicts"]["worse"], 2);
    assert_eq!(json["rules"][0]["outcome"], "failed");
    assert_eq!(json["gas"][4]["statistics"][0]["name"], "calls");

    let slow = [
        &[
            "base",
            "slow",
            "--force",
            "--fail-on",
            "latency.p90>10%",
            "--fail-on",
            "gas.ack>1%",
            "--junit",
            "slow.xml",
        ][..],
        &few,
    ]
    .concat();
    let slow = compare(&runs, &slow);
    assert_eq!(slow.code, Some(4), "{}", slow.stderr);
    assert!(slow.stdout.starts_with("NOT COMPARABLE"), "{}", slow.stdout);
    let xml = fs::read_to_string(runs.path("slow.xml")).unwrap();
    for part in [
        "failures=\"1\"",
        "errors=\"1\"",
        "type=\"incomparable\"",
        "task.precommit.p90 grew",
    ] {
        assert!(xml.contains(part), "{part}: {xml}");
    }
    let all = compare(
        &runs,
        &[&["base", "dear", "--junit", "dear.xml"][..], &few].concat(),
    );
    assert_eq!(all.code, Some(0), "without a rule nothing fails");
    let xml = fs::read_to_string(runs.path("dear.xml")).unwrap();
    assert!(
        xml.contains("failures=\"2\"") && xml.contains("function.commit.gas"),
        "{xml}"
    );
}

#[test]
fn sides_are_one_folder_or_several() {
    let runs = Runs::new();
    runs.run("base", &[1, 2], &["owners.tasks=20"]);
    runs.run("new", &[1, 2], &["owners.tasks=20"]);
    let json = |arguments: &[&str]| -> Value {
        let ended = compare(&runs, &[arguments, &["--json", "--resamples", "200"]].concat());
        assert_eq!(ended.code, Some(0), "{}", ended.stderr);
        serde_json::from_str(&ended.stdout).unwrap()
    };
    let whole = json(&["base", "new"]);
    assert_eq!(whole["new"].as_array().unwrap().len(), 2);
    let apart = [
        "--base",
        "base/seed-2",
        "--base",
        "base/seed-1",
        "--new",
        "new/seed-1,new/seed-2",
    ];
    assert_eq!(json(&apart), whole);
}

#[test]
fn misuse_is_2_and_says_what_would_be_right() {
    let runs = Runs::new();
    runs.run("base", &[1], &["owners.tasks=3"]);
    runs.run("other", &[1], &["owners.tasks=4"]);
    let mut told = String::new();
    for arguments in [
        &["base", "other"][..],
        &["base", "nowhere"],
        &["base"],
        &["base", "other", "--base", "base"],
        &["--base", "base,base", "--new", "other"],
        &["base", "other", "--fail-on", "latncy.p99 > 10%"],
        &["base", "other", "--fail-on", "latency.p99"],
        &["base", "other", "--fail-on", "latency.p99 > fast"],
        &["base", "other", "--fail-on", "tasks.ended.ratio < 1%"],
        &["base", "other", "--fail-on", "phase.ack.gas.p99 > 1%"],
        &["base", "other", "--margin", "0.02"],
        &["base", "other", "--confidence", "95"],
    ] {
        let ended = compare(&runs, arguments);
        assert_eq!(
            (ended.code, ended.stdout.as_str()),
            (Some(2), ""),
            "{arguments:?}"
        );
        told.push_str(&format!(
            "$ taskstorm compare {}\n{}\n",
            arguments.join(" "),
            ended.stderr
        ));
    }
    insta::assert_snapshot!("misuse", told);
}
