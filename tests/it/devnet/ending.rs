//! The end of a devnet: nothing is left of it.

use std::{
    fs::{self, File},
    net::TcpStream,
    path::Path,
    rc::Rc,
    time::{Duration, Instant},
};

use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;
use tempfile::TempDir;

use super::process::Devnet;

/// The processes that this one started and that still run: anvil and its guard.
fn children(pid: u32) -> Vec<u32> {
    let entries = fs::read_dir("/proc").into_iter().flatten().flatten();
    let pids = entries.filter_map(|entry| entry.file_name().to_str()?.parse().ok());
    pids.filter(|child| parent_and_state(*child).is_some_and(|(parent, _)| parent == pid))
        .collect()
}

/// After the name in parentheses come the state and the parent's id.
fn parent_and_state(pid: u32) -> Option<(u32, char)> {
    let stat = fs::read_to_string(format!("/proc/{pid}/stat")).ok()?;
    let (_, rest) = stat.rsplit_once(") ")?;
    let mut fields = rest.split(' ');
    let state = fields.next()?.chars().next()?;
    Some((fields.next()?.parse().ok()?, state))
}

fn is_gone(pid: u32) -> bool {
    parent_and_state(pid).is_none_or(|(_, state)| state == 'Z')
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

        let output = devnet.end(signal);
        assert_eq!(output.status.code(), Some(0), "{signal}: {output:?}");
        assert!(!answers(&deployment), "{signal}: something still listens");
        assert!(
            !file.exists(),
            "{signal}: the description outlives what it describes"
        );
        let deadline = Instant::now() + Duration::from_secs(3);
        while !children.iter().all(|child| is_gone(*child)) {
            assert!(Instant::now() < deadline, "{signal}: {children:?} still run");
            std::thread::sleep(Duration::from_millis(10));
        }
    }
}

#[test]
fn the_description_goes_with_the_devnet_that_wrote_it() {
    let folder = Rc::new(TempDir::new().expect("a temporary directory"));
    let file = folder.path().join("deployment.json");
    let read = || fs::read_to_string(&file).unwrap_or_default();
    let arguments = ["--miners", "2"];
    let first = Devnet::start_in(&folder, &arguments, |_| ()).until(|_| file.exists());
    let written = read();
    let second = Devnet::start_in(&folder, &arguments, |_| ()).until(|_| read() != written);
    let replaced = read();

    let output = first.end(Signal::SIGTERM);
    assert_eq!(output.status.code(), Some(0), "{output:?}");
    assert_eq!(read(), replaced, "it is the second's");
    let output = second.end(Signal::SIGTERM);
    assert_eq!(output.status.code(), Some(0), "{output:?}");
    assert!(!file.exists());
}

#[test]
fn stderr_that_takes_nothing_changes_nothing() {
    let folder = Rc::new(TempDir::new().expect("a temporary directory"));
    let file = folder.path().join("deployment.json");
    let full = File::options()
        .write(true)
        .open("/dev/full")
        .expect("a full device");
    let devnet = Devnet::start_in(&folder, &["--miners", "3"], |command| {
        command.stderr(full);
    })
    .until(|_| file.exists());
    // What the client does is told on stderr.
    devnet.client("tests/js/two-tasks.mjs");
    let output = devnet.end(Signal::SIGTERM);
    assert_eq!(output.status.code(), Some(0), "{output:?}");
    assert!(!file.exists());
}

#[test]
fn a_signal_before_it_is_ready_interrupts_it() {
    // The ABIs are written before anvil is started.
    let devnet = Devnet::start_until(&[], "abi/SessionQueueV2.json");
    let file = devnet.deployment_file();
    let output = devnet.end(Signal::SIGINT);
    assert_eq!(output.status.code(), Some(130), "{output:?}");
    assert!(output.stdout.is_empty());
    assert!(!file.exists());
}

#[test]
fn it_says_when_anvil_is_lost() {
    let mut devnet = Devnet::start(&["--miners", "2"]);
    let file = devnet.deployment_file();
    let anvil = children(devnet.pid())
        .into_iter()
        .find(|child| command_line(*child).contains("--hardfork"));
    // Only where there is a /proc to find it in.
    let Some(anvil) = anvil else { return };
    kill(Pid::from_raw(anvil.try_into().expect("a pid")), Signal::SIGKILL).expect("to kill it");
    let output = devnet.output();
    assert_eq!(output.status.code(), Some(3), "{output:?}");
    let stderr = String::from_utf8(output.stderr).expect("plain text");
    assert!(
        stderr.contains("anvil ended during the run: killed by SIGKILL"),
        "{stderr}"
    );
    assert!(!file.exists());
}

fn command_line(pid: u32) -> String {
    let line = fs::read(format!("/proc/{pid}/cmdline")).unwrap_or_default();
    String::from_utf8_lossy(&line).replace('\0', " ")
}
