//! The end of a devnet: nothing is left of it.

use std::{fs, net::TcpStream, path::Path};

use nix::sys::signal::Signal;

use super::process::{Devnet, devnet};
use crate::support::{
    place::Place,
    processes::{arguments, assert_gone, send},
    taskstorm::full,
};

/// The processes that this one started and that still run: anvil and its guard.
fn children(pid: u32) -> Vec<u32> {
    let entries = fs::read_dir("/proc").into_iter().flatten().flatten();
    let pids = entries.filter_map(|entry| entry.file_name().to_str()?.parse().ok());
    pids.filter(|child| parent(*child) == Some(pid)).collect()
}

/// After the name in parentheses come the state and the parent's id.
fn parent(pid: u32) -> Option<u32> {
    let stat = fs::read_to_string(format!("/proc/{pid}/stat")).ok()?;
    let (_, rest) = stat.rsplit_once(") ")?;
    rest.split(' ').nth(1)?.parse().ok()
}

fn answers(deployment: &serde_json::Value) -> bool {
    let url = deployment["rpcUrl"].as_str().expect("a URL");
    TcpStream::connect(url.strip_prefix("http://").expect("HTTP")).is_ok()
}

#[test]
fn a_signal_ends_it_and_everything_it_started() {
    for signal in [Signal::SIGINT, Signal::SIGTERM, Signal::SIGHUP] {
        let devnet = Devnet::start(&["--miners", "2"]);
        let (file, deployment) = (devnet.deployment_file(), devnet.deployment());
        let children = children(devnet.pid());
        assert!(answers(&deployment));
        if Path::new("/proc/self/stat").exists() {
            assert!(!children.is_empty(), "anvil runs");
        }

        devnet.end(signal);
        assert!(!answers(&deployment), "{signal}: something still listens");
        assert!(
            !file.exists(),
            "{signal}: the description outlives what it describes"
        );
        children.into_iter().for_each(assert_gone);
    }
}

#[test]
fn the_description_goes_with_the_devnet_that_wrote_it() {
    let place = Place::new();
    let file = "deployment.json";
    let devnet = || devnet(&place, &["--miners", "2"]);
    let first = Devnet::ready(devnet());
    let written = place.read(file);
    let read = || fs::read_to_string(place.path(file)).unwrap_or_default();
    let second = Devnet::until(devnet().leaves_no(file), |_| read() != written);
    let replaced = place.read(file);

    first.end(Signal::SIGTERM);
    assert_eq!(place.read(file), replaced, "it is the second's");
    second.end(Signal::SIGTERM);
}

#[test]
fn stderr_that_takes_nothing_changes_nothing() {
    let devnet = devnet(&Place::new(), &["--miners", "3"]);
    let devnet = Devnet::ready(devnet.stderr_to(full()).leaves_no("deployment.json"));
    // What the client does is told on stderr.
    devnet.client("tests/js/two-tasks.mjs");
    devnet.end(Signal::SIGTERM);
}

#[test]
fn a_signal_before_it_is_ready_interrupts_it() {
    let devnet = devnet(&Place::new(), &[])
        .code(130)
        .stdout("")
        .leaves_no("deployment.json");
    // The ABIs are written before anvil is started.
    let devnet = Devnet::until(devnet, |place| place.has("abi/SessionQueueV2.json"));
    devnet.end(Signal::SIGINT);
}

#[test]
fn it_says_when_anvil_is_lost() {
    // Only where there is a /proc to find it in.
    if !Path::new("/proc/self/stat").exists() {
        return;
    }
    let devnet = devnet(&Place::new(), &["--miners", "2"])
        .code(3)
        .stderr_has("anvil ended during the run: killed by SIGKILL")
        .leaves_no("deployment.json");
    let devnet = Devnet::ready(devnet);
    let is_anvil = |child: &u32| arguments(*child).iter().any(|argument| argument == "--hardfork");
    let anvil = children(devnet.pid()).into_iter().find(is_anvil);
    send(anvil.expect("anvil"), Signal::SIGKILL);
    devnet.ended();
}
