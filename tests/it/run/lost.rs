//! Runs that are cut short: the node dies, or somebody has had enough. What was measured is written, and no anvil stays.

use std::time::Duration;

use nix::sys::signal::Signal;
use taskstorm::record::StopReason;

use super::{
    command::{Ended, Trial, assert_ended, eventually},
    folder::Folder,
    node::Node,
    words::words,
};
use crate::support::processes::{children, send};

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
    let run = Trial::of(LONG).with(&["--quiet"]).start();
    let anvil = run.anvil();
    run.reaches_its_middle();
    send(anvil, Signal::SIGKILL);
    let ended = run.end_within(Duration::from_secs(10));
    assert_eq!(ended.code, Some(3));
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
    let run = Trial::on(&node.url(), &impatient).with(&["--quiet"]).start();
    run.reaches_its_middle();
    send(node.pid(), Signal::SIGKILL);
    let ended = run.end_within(Duration::from_secs(10));
    assert_eq!(ended.code, Some(3));
    let folder = cut_short(&ended, StopReason::ChainLost);
    let message = folder.result.stop_message.expect("a message");
    let place = node.url().replace("http://", "");
    assert!(message.contains(&place), "{message}");
}

#[test]
fn anvil_is_killed_while_the_scene_is_set() {
    let slow = LONG.replace("100ms\"\n[owners]", "10s\"\n[owners]");
    let run = Trial::of(&slow).with(&["--quiet"]).start();
    let anvil = run.anvil();
    std::thread::sleep(Duration::from_millis(1500));
    send(anvil, Signal::SIGKILL);
    let ended = run.end_within(Duration::from_secs(10));
    assert_eq!(ended.code, Some(3));
    assert!(!ended.out().exists(), "nothing was measured");
    insta::assert_snapshot!("anvil_killed_in_setup", words(&ended));
}

#[test]
fn signals_in_mid_run() {
    for signal in [Signal::SIGINT, Signal::SIGTERM, Signal::SIGHUP] {
        let run = Trial::of(LONG).with(&["--quiet"]).start();
        let anvil = run.anvil();
        run.reaches_its_middle();
        send(run.pid(), signal);
        let ended = run.end_within(Duration::from_secs(10));
        assert_eq!(ended.code, Some(130), "{signal}");
        cut_short(&ended, StopReason::Interrupted);
        assert_ended(anvil);
        insta::assert_snapshot!("interrupted", words(&ended));
    }
}

/// As GNU `timeout` sends it, and as a terminal does that closes.
#[test]
fn signals_within_a_second_are_one_request() {
    for (prelude, signal) in [("", Signal::SIGTERM), ("exec 2>/dev/full", Signal::SIGHUP)] {
        let run = Trial::of(LONG)
            .with(&["--junit", "junit.xml"])
            .after(prelude)
            .start();
        run.reaches_its_middle();
        for _ in 0..3 {
            send(run.pid(), signal);
        }
        let ended = run.end_within(Duration::from_secs(10));
        assert_eq!(ended.code, Some(130), "{signal}");
        cut_short(&ended, StopReason::Interrupted);
        for file in ["out/summary.md", "out/report.html", "junit.xml"] {
            assert!(ended.place().join(file).exists(), "{signal}: {file}");
        }
    }
}

#[test]
fn a_hangup_that_nohup_keeps_away_is_none() {
    let run = Trial::of(&LONG.replace("1000", "40"))
        .after("trap '' HUP")
        .start();
    run.reaches_its_middle();
    send(run.pid(), Signal::SIGHUP);
    run.end_within(Duration::from_secs(30)).success();
}

#[test]
fn a_signal_while_the_scene_is_set() {
    let slow = LONG.replace("100ms\"\n[owners]", "10s\"\n[owners]");
    let run = Trial::of(&slow).with(&["--quiet"]).start();
    let anvil = run.anvil();
    std::thread::sleep(Duration::from_millis(800));
    send(run.pid(), Signal::SIGINT);
    let ended = run.end_within(Duration::from_secs(10));
    assert_eq!(ended.code, Some(130));
    assert_ended(anvil);
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
    let run = Trial::of(LONG).after(prelude).start();
    let npm = eventually("npm", || children(run.pid(), "sleep", "47").first().copied());
    send(run.pid(), Signal::SIGINT);
    let ended = run.end_within(Duration::from_secs(5));
    assert_eq!(ended.code, Some(130));
    assert_ended(npm);
}
