//! Anvil never outlives the process that started it, whatever ends that process.

use std::io::{BufRead, BufReader, Read, Write};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::time::Duration;

use nix::sys::signal::Signal;

use crate::support::anvil;
use crate::support::processes::{assert_gone, assert_unguarded, is_alive, is_ignored, send};

const MODE: &str = "TASKSTORM_TEST_END";
const PID_LINE: &str = "anvil runs as ";

/// Not a test of its own: the others run it as a process, which starts anvil and ends as it is told to.
#[test]
#[ignore = "run as a process of its own by the tests below"]
fn helper() {
    let Ok(mode) = std::env::var(MODE) else { return };
    let runtime = tokio::runtime::Runtime::new().expect("a runtime");
    runtime.block_on(async {
        let anvil = anvil::start(&anvil::quick()).await;
        writeln!(std::io::stdout(), "\n{PID_LINE}{}", anvil.pid()).expect("stdout");
        // Until the other side has read the number and has seen anvil alive.
        std::io::stdin().read_exact(&mut [0]).expect("a word");
        match mode.as_str() {
            "return" => {}
            "panic" => panic!("as told"),
            "abort" => std::process::abort(),
            "exit" => std::process::exit(5),
            // Until it is killed; an end all the same if nobody does.
            _ => tokio::time::sleep(Duration::from_secs(60)).await,
        }
    });
}

/// A helper that has started anvil, and anvil's process id.
fn start_helper(mode: &str) -> (Child, u32) {
    // Found, and if need be installed, once for all: the helpers only look it up.
    let executable = &anvil::found().executable;
    let mut helper = Command::new(std::env::current_exe().expect("this test"))
        .args(["anvil::outlives::helper", "--exact", "--ignored", "--nocapture"])
        .env(MODE, mode)
        .env("ANVIL", executable)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .expect("to start");
    let mut stdout = BufReader::new(helper.stdout.take().expect("stdout"));
    let mut lines = stdout.by_ref().lines().map_while(Result::ok);
    let pid = lines.find_map(|line| line.strip_prefix(PID_LINE)?.parse().ok());
    // Kept open: the test harness in the helper still has its result to print.
    helper.stdout = Some(stdout.into_inner());
    (helper, pid.expect("a line with the process id"))
}

/// Has a helper start anvil and end, and looks whether anvil is gone.
fn ends(mode: &str, end: impl Fn(u32)) -> ExitStatus {
    let (mut helper, pid) = start_helper(mode);
    assert!(is_alive(pid), "{mode}");
    helper
        .stdin
        .take()
        .expect("stdin")
        .write_all(b"!")
        .expect("to tell it");
    end(helper.id());
    let status = helper.wait().expect("to end");
    assert_gone(pid);
    assert_unguarded(pid);
    status
}

#[test]
fn ways_to_end_by_itself() {
    for mode in ["return", "panic", "abort", "exit"] {
        let status = ends(mode, |_| ());
        assert_eq!(status.success(), mode == "return", "{mode}: {status}");
    }
}

#[test]
fn ways_to_be_ended() {
    // What starts the tests in the background may have them ignore some, and helpers inherit that.
    let signals = [Signal::SIGKILL, Signal::SIGTERM, Signal::SIGINT, Signal::SIGHUP];
    for signal in signals.into_iter().filter(|signal| !is_ignored(*signal)) {
        let status = ends(signal.as_str(), |helper| send(helper, signal));
        assert!(!status.success(), "{signal}: {status}");
    }
}
