//! Ending: by us, and by others.

use std::time::{Duration, Instant};

use nix::sys::signal::Signal;

use taskstorm::chain::anvil::Anvil;

use super::machine::{Machine, explicit, quietly};
use crate::support::anvil;
use crate::support::processes::{assert_gone, assert_unguarded, guards, is_alive, send};

const KILL: i32 = Signal::SIGKILL as i32;

#[tokio::test]
async fn stopping_leaves_no_process() {
    let anvil = anvil::start(&anvil::quick()).await;
    let pid = anvil.pid();
    assert!(is_alive(pid));
    if cfg!(target_os = "linux") {
        assert_eq!(guards(pid), 1);
    }
    let exited = anvil.exited();
    let began = Instant::now();
    let exit = anvil.stop().await.expect("it ended");
    assert!(began.elapsed() < Duration::from_secs(2), "{:?}", began.elapsed());
    assert_eq!(exit.signal(), Some(KILL));
    assert_eq!(exited.await, exit);
    assert!(!is_alive(pid));
    assert_unguarded(pid);
}

#[tokio::test]
async fn dropping_leaves_no_process() {
    let anvil = anvil::start(&anvil::quick()).await;
    let pid = anvil.pid();
    drop(anvil);
    assert!(!is_alive(pid));
    assert_unguarded(pid);
}

#[test]
fn dropping_works_after_the_runtime_is_gone() {
    let runtime = tokio::runtime::Runtime::new().expect("a runtime");
    let anvil = runtime.block_on(anvil::start(&anvil::quick()));
    let pid = anvil.pid();
    drop(runtime);
    assert!(is_alive(pid));
    drop(anvil);
    assert!(!is_alive(pid));
    assert_unguarded(pid);
}

/// npm puts a script on PATH that starts the executable as a process of its own.
#[tokio::test]
async fn an_anvil_behind_a_wrapper_ends_with_it() {
    let machine = Machine::new();
    let (real, pid_file) = (&anvil::found().executable, machine.path("pid"));
    let body = format!(
        "'{}' \"$@\" & echo $! > '{}'; wait",
        real.display(),
        pid_file.display()
    );
    let wrapper = machine.script("wrapper", &body);
    let found = quietly(&explicit(machine.search(), wrapper)).expect("an anvil");
    let anvil = Anvil::start(&found, &anvil::quick()).await.expect("it starts");
    let pid = std::fs::read_to_string(pid_file).expect("a pid");
    let pid = pid.trim().parse().expect("a pid");
    assert!(pid != anvil.pid() && is_alive(pid));
    anvil.stop().await.expect("it ended");
    assert_gone(pid);
}

#[tokio::test]
async fn its_death_is_told_at_once() {
    // A SIGTERM ends anvil by the signal or with code 0, depending on how far its handler is set up.
    for (signal, told) in [
        (Signal::SIGKILL, &["killed by SIGKILL"][..]),
        (Signal::SIGTERM, &["killed by SIGTERM", "exit code 0"]),
    ] {
        let anvil = anvil::start(&anvil::quick()).await;
        let (pid, exited) = (anvil.pid(), anvil.exited());
        assert_eq!(anvil.exit(), None);
        send(pid, signal);
        let exit = tokio::time::timeout(Duration::from_secs(1), exited)
            .await
            .expect("within a second");
        assert!(told.contains(&exit.to_string().as_str()), "{exit}");
        assert_eq!(anvil.exit(), Some(exit));
        // The guard goes with it: the number may soon be another process's.
        assert_unguarded(pid);
        assert_eq!(anvil.stop().await, Some(exit));
    }
}
