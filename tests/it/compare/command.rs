//! `taskstorm compare`, as people and CI use it.

use serde_json::Value;

use super::support::Runs;
use crate::support::taskstorm::Taskstorm;

fn compare(runs: &Runs, arguments: &[&str]) -> Taskstorm {
    runs.place.taskstorm(["compare"]).args(arguments)
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
    let dear = || {
        compare(&runs, &["base", "dear", "--fail-on", "gas > 1%"])
            .args(few)
            .code(4)
    };
    let told = dear().stderr_has("function.commit.gas.mean grew").end().stdout;
    insta::assert_snapshot!("table", told);
    // The same is said twice.
    dear().stdout(&told).end();

    let markdown = dear().args(["--markdown"]).end().stdout;
    let markdown = markdown.replace("\\_", "_").replace("&gt;", ">");
    for part in [
        "### taskstorm compare: 2 regressed, 0 improved",
        "| gas > 1% | FAILED | function.commit.gas.mean grew",
        "|---|--:|--:|--:|--:|--:|--:|--:|",
        "<details><summary>latencies without a change</summary>",
    ] {
        assert!(markdown.contains(part), "{part}: {markdown}");
    }

    dear().args(["--json", "--out", "compared.json"]).stdout("").end();
    let json: Value = serde_json::from_str(&runs.place.read("compared.json")).unwrap();
    assert_eq!(json["verdicts"]["worse"], 2);
    assert_eq!(json["rules"][0]["outcome"], "failed");
    assert_eq!(json["gas"][4]["statistics"][0]["name"], "calls");

    let rules = ["--fail-on", "latency.p90>10%", "--fail-on", "gas.ack>1%"];
    let slow = compare(&runs, &["base", "slow", "--force", "--junit", "slow.xml"]);
    let slow = slow.args(rules).args(few).code(4).end();
    assert!(slow.stdout.starts_with("NOT COMPARABLE"), "{}", slow.stdout);
    let xml = runs.place.read("slow.xml");
    for part in [
        "failures=\"1\"",
        "errors=\"1\"",
        "type=\"incomparable\"",
        "task.precommit.p90 grew",
    ] {
        assert!(xml.contains(part), "{part}: {xml}");
    }
    // Without a rule nothing fails.
    compare(&runs, &["base", "dear", "--junit", "dear.xml"])
        .args(few)
        .end();
    let xml = runs.place.read("dear.xml");
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
        let few = ["--json", "--resamples", "200"];
        compare(&runs, arguments).args(few).end().json()
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
        let ended = compare(&runs, arguments).code(2).stdout("").end();
        told.push_str(&format!(
            "$ taskstorm compare {}\n{}\n",
            arguments.join(" "),
            ended.stderr
        ));
    }
    insta::assert_snapshot!("misuse", told);
}
