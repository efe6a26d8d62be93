//! Runs that are cut short: the node dies, or somebody has had enough. What was measured is written, and no anvil stays.

use std::time::Duration;

use nix::sys::signal::Signal;
use serde_json::{Value, json};
use taskstorm::{chain::rpc::Http, record::StopReason};

use super::{
    node::{Node, quantity},
    words::words,
};
use crate::support::{
    anvil::free_port,
    folder::Folder,
    processes::{assert_gone, children, send},
    scenario,
    taskstorm::{Ended, Running, Taskstorm},
    wait::eventually,
};

/// Runs for a minute if it is let.
const LONG: &str = r#"
name = "long"
seed = 9
[chain]
block_time = "100ms"
[owners]
count = 2
tasks = 1000
redundancy = 2
load = { back_to_back = { in_flight = 3 } }
[miners]
count = 4
work_time = "5ms"
[oracle]
check_interval = "100ms"
"#;

/// What every run that was cut short has: its files, with all it measured, marked incomplete.
fn cut_short(ended: &Ended, reason: StopReason) -> Folder {
    let folder = ended.folder();
    assert!(!folder.result.complete);
    assert_eq!(folder.result.stop_reason, reason);
    let tasks = &folder.result.tasks;
    assert!(tasks.ended > 0 && tasks.unfinished > 0, "{tasks:?}");
    assert!(ended.out().join("latency.hlog").exists());
    assert!(ended.stdout.contains("INCOMPLETE"), "{}", ended.stdout);
    folder
}

#[test]
fn anvil_is_killed_in_mid_run() {
    let run = Taskstorm::run(LONG).args(["--quiet"]).code(3).start();
    let anvil = run.anvil();
    run.reaches_its_middle();
    send(anvil, Signal::SIGKILL);
    let ended = run.end_within(Duration::from_secs(10));
    let folder = cut_short(&ended, StopReason::ChainLost);
    assert_eq!(
        folder.result.stop_message.as_deref(),
        Some("anvil ended during the run: killed by SIGKILL")
    );
    insta::assert_snapshot!("anvil_killed", words(&ended));
}

#[tokio::test]
async fn a_node_elsewhere_is_killed_in_mid_run() {
    let node = Node::start(Duration::from_millis(100)).await;
    let impatient = format!("{LONG}[limits]\nnode_timeout = \"2s\"\n");
    let run = Taskstorm::run_on(&node.url(), &impatient)
        .args(["--quiet"])
        .code(3)
        .start();
    run.reaches_its_middle();
    send(node.pid(), Signal::SIGKILL);
    let ended = run.end_within(Duration::from_secs(10));
    let folder = cut_short(&ended, StopReason::ChainLost);
    let message = folder.result.stop_message.expect("a message");
    let place = node.url().replace("http://", "");
    assert!(message.contains(&place), "{message}");
}

/// A run of which transactions of the setup wait for a block of ten seconds.
fn in_setup(expect: impl Fn(Taskstorm) -> Taskstorm) -> Running {
    let port = free_port().to_string();
    let slow = scenario::with(LONG, "chain.block_time = \"10s\"");
    let run = expect(Taskstorm::run(&slow).args(["--quiet", "--port", &port])).start();
    let http = Http::new(&format!("http://127.0.0.1:{port}")).expect("a client");
    let runtime = tokio::runtime::Runtime::new().expect("a runtime");
    eventually("a transaction in the mempool", || {
        let pool: Value = runtime.block_on(http.call("txpool_status", json!([]))).ok()?;
        (quantity(&pool["pending"]) > 0).then_some(())
    });
    run
}

#[test]
fn anvil_is_killed_while_the_scene_is_set() {
    // Nothing is measured.
    let run = in_setup(|run| run.code(3).leaves_no("out"));
    send(run.anvil(), Signal::SIGKILL);
    let ended = run.end_within(Duration::from_secs(10));
    insta::assert_snapshot!("anvil_killed_in_setup", words(&ended));
}

#[test]
fn signals_in_mid_run() {
    for signal in [Signal::SIGINT, Signal::SIGTERM, Signal::SIGHUP] {
        let run = Taskstorm::run(LONG).args(["--quiet"]).code(130).start();
        let anvil = run.anvil();
        run.reaches_its_middle();
        run.signal(signal);
        let ended = run.end_within(Duration::from_secs(10));
        cut_short(&ended, StopReason::Interrupted);
        assert_gone(anvil);
        insta::assert_snapshot!("interrupted", words(&ended));
    }
}

/// As GNU `timeout` sends it, and as a terminal does that closes.
#[test]
fn signals_within_a_second_are_one_request() {
    for (prelude, signal) in [("", Signal::SIGTERM), ("exec 2>/dev/full", Signal::SIGHUP)] {
        let run = Taskstorm::run(LONG)
            .args(["--junit", "junit.xml"])
            .after(prelude)
            .code(130)
            .start();
        run.reaches_its_middle();
        for _ in 0..3 {
            run.signal(signal);
        }
        let ended = run.end_within(Duration::from_secs(10));
        cut_short(&ended, StopReason::Interrupted);
        for file in ["out/summary.md", "out/report.html", "junit.xml"] {
            assert!(ended.place().has(file), "{signal}: {file}");
        }
    }
}

#[test]
fn a_hangup_that_nohup_keeps_away_is_none() {
    let run = Taskstorm::run(&LONG.replace("1000", "40"))
        .after("trap '' HUP")
        .start();
    run.reaches_its_middle();
    run.signal(Signal::SIGHUP);
    run.end_within(Duration::from_secs(30)).success();
}

#[test]
fn a_signal_while_the_scene_is_set() {
    let run = in_setup(|run| run.code(130));
    let anvil = run.anvil();
    run.signal(Signal::SIGINT);
    let ended = run.end_within(Duration::from_secs(10));
    assert_gone(anvil);
    let result = ended.folder().result;
    assert_eq!(
        (result.complete, result.stop_reason),
        (false, StopReason::Interrupted)
    );
    assert_eq!(result.tasks.submitted, 0);
}

#[test]
fn a_signal_while_anvil_is_installed() {
    // An npm that takes its time, on a machine with nothing else.
    let prelude = r#"
        mkdir -p bin home cache
        printf '#!/bin/sh\nexec /bin/sleep 47\n' >bin/npm
        chmod +x bin/npm
        unset ANVIL
        export PATH="$PWD/bin" HOME="$PWD/home" XDG_CACHE_HOME="$PWD/cache""#;
    let run = Taskstorm::run(LONG).after(prelude).code(130).start();
    let npm = eventually("npm", || children(run.pid(), "sleep", "47").first().copied());
    run.signal(Signal::SIGINT);
    run.end_within(Duration::from_secs(5));
    assert_gone(npm);
}
