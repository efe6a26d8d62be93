//! Faults of scenarios on a real anvil, and the proxy by itself in front of one.

use std::time::Duration;

use nix::sys::signal::Signal;
use serde_json::Value;

use super::stage::{LIMIT, SMALL, Stage, TASKS, each};
use crate::support::{
    self,
    place::Place,
    taskstorm::{Running, Taskstorm},
};

/// Faults, each in a run of its own.
const FAULTS: [&str; 9] = [
    "drop 5%",
    "delay 20% by 200ms..2s",
    "censor from 500ms until 1500ms role oracle",
    "reorg every 1s depth 2",
    "stall at 1s for 2s",
    "restart at 1s for 1s",
    "rpc_errors 5%",
    "stale_reads 20% depth 2",
    "full_blocks 20%",
];

#[test]
fn every_task_is_accounted_for_whatever_fails() {
    each(
        &FAULTS,
        |fault| (*fault).to_owned(),
        |fault| {
            let stage = Stage::new();
            let run = Taskstorm::run_on(&stage.node.url(), SMALL).args(["--fault", fault]);
            let ended = run.any_code().start().end_within(LIMIT);
            let folder = ended.folder();
            let result = &folder.result;
            assert_eq!(result.tasks.offered(), TASKS, "{fault}: {:?}", result.tasks);
            assert_eq!(result.check_consistency(), Ok(()), "{fault}");
            assert_eq!(result.invariants.violations, [], "{fault}");
            let faults = result.faults.as_ref().expect("faults were asked for");
            assert!(faults.faults[0].count > 0, "{fault}: {faults:?}");
            // What is lost may be lost again, until it counts as lost.
            let lost = result.transactions.lost > 0;
            assert!(
                lost || result.tasks.ended == TASKS,
                "{fault}: {:?} {}",
                result.tasks,
                ended.stderr
            );
        },
    );
}

/// `taskstorm proxy` with these faults, where it takes HTTP and where WebSockets.
fn proxy(node: &str, faults: &[&str]) -> (Running, String, String) {
    let place = Place::new();
    let faults = faults.iter().flat_map(|fault| ["--fault", fault]);
    let arguments = ["proxy", "--to", node].into_iter().chain(faults);
    let ready = place.path("ready");
    let stdout = std::fs::File::create(&ready).expect("a file");
    let running = place.taskstorm(arguments).stdout_to(stdout).start();
    let said = || std::fs::read_to_string(&ready).unwrap_or_default();
    running.until("the addresses of the proxy", || said().contains("forward"));
    let said = said();
    let mut words = said.split_whitespace();
    let http = words.next().expect("an address").to_owned();
    let ws = words.nth(1).expect("an address").to_owned();
    (running, http, ws)
}

#[test]
fn a_client_of_another_library_sits_behind_a_bad_node() {
    let stage = Stage::new();
    let (running, http, ws) = proxy(&stage.node.url(), &["drop 40%", "rpc_errors 10% until 1ms"]);
    let output = support::node::run("tests/js/bad-node.mjs", &[&http, &ws]);
    assert!(output.status.success(), "{}", support::node::stderr(&output));
    let seen: Value = serde_json::from_slice(&output.stdout).expect("JSON");
    running.signal(Signal::SIGINT);
    let ended = running.end_within(Duration::from_secs(20));
    let counts = std::fs::read_to_string(ended.place().path("ready")).expect("the counts");
    let dropped = counts
        .lines()
        .find(|line| line.trim_start().starts_with("drop 40%"))
        .and_then(|line| line.split_whitespace().last()?.parse::<u64>().ok());
    let dropped = dropped.unwrap_or_else(|| panic!("no count of drops: {counts}"));
    assert!((1..10).contains(&dropped), "{counts}");
    assert_eq!(seen["accepted"], 10);
    assert_eq!(seen["included"].as_u64(), Some(10 - dropped), "{counts}");
}

#[test]
fn what_is_wrong_with_a_proxy_is_said() {
    let refused = |arguments: &[&str], code: i32, part: &str| {
        Taskstorm::new(arguments).code(code).stderr_has(part).end();
    };
    let nobody = "http://127.0.0.1:1";
    refused(
        &["proxy", "--to", nobody, "--fault", "drp 2%"],
        2,
        "did you mean \"drop\"?",
    );
    refused(
        &["proxy", "--to", nobody, "--fault", "drop 2"],
        2,
        "a share is written as 2%",
    );
    refused(&["proxy", "--to", nobody, "--fault", "drop 2%"], 3, "127.0.0.1:1");
    refused(&["proxy", "--to", "ftp://x"], 2, "http");
}
