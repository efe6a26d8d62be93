//! A node that is restarted with its state: the same chain, an empty mempool.

use std::{
    net::TcpStream,
    path::Path,
    process::{Child, Command, Stdio},
};

use nix::sys::signal::Signal;

use super::stage::{LIMIT, SMALL, recount, undisturbed};
use crate::support::{
    anvil,
    place::Place,
    processes::send,
    proxy::Proxy,
    taskstorm::{Ended, Taskstorm},
    wait::eventually,
};

/// An anvil that keeps its state in a file when it ends.
pub(crate) struct Kept {
    child: Child,
    pub(crate) url: String,
}

impl Kept {
    pub(crate) fn start(state: &Path) -> Self {
        let port = anvil::free_port();
        let child = Command::new(&anvil::found().executable)
            .args([
                "--silent",
                "--block-time",
                "0.2",
                "--hardfork",
                "prague",
                "--port",
            ])
            .arg(port.to_string())
            .arg("--state")
            .arg(state)
            .stdout(Stdio::null())
            .spawn()
            .expect("anvil starts");
        eventually("anvil", || TcpStream::connect(("127.0.0.1", port)).ok());
        Self {
            child,
            url: format!("http://127.0.0.1:{port}"),
        }
    }

    pub(crate) fn stop(mut self) {
        send(self.child.id(), Signal::SIGINT);
        self.child.wait().expect("a child");
    }
}

impl Drop for Kept {
    fn drop(&mut self) {
        // It has ended already, or the test has failed.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// A run of the scenario whose node is restarted in its middle and keeps its state, and the node that it is then.
pub(crate) fn restarted(scenario: &str, expect: impl FnOnce(Taskstorm) -> Taskstorm) -> (Ended, Kept) {
    let place = Place::new();
    let state = place.path("state.json");
    let before = Kept::start(&state);
    let proxy = Proxy::of(&before.url);
    let run = expect(Taskstorm::run_on(&proxy.url(), scenario)).start();
    run.reaches_its_middle();
    proxy.close();
    before.stop();
    let after = Kept::start(&state);
    proxy.open(&after.url);
    (run.end_within(LIMIT), after)
}

#[test]
fn a_node_that_is_restarted_with_its_state_costs_nothing() {
    let (ended, after) = restarted(SMALL, |run| run);
    undisturbed("restarted", &ended);
    recount("restarted", &after.url, &ended.out());
}

#[test]
fn a_node_that_is_restarted_without_its_state_is_another_chain() {
    let place = Place::new();
    let before = Kept::start(&place.path("before.json"));
    let proxy = Proxy::of(&before.url);
    let run = Taskstorm::run_on(&proxy.url(), SMALL).code(3).start();
    run.reaches_its_middle();
    proxy.close();
    before.stop();
    let after = Kept::start(&place.path("after.json"));
    proxy.open(&after.url);
    let ended = run.end_within(LIMIT);
    let result = ended.folder().result;
    let message = result.stop_message.as_deref().unwrap_or_default();
    assert!(message.contains("its genesis block changed"), "{message}");
    assert_eq!(result.check_consistency(), Ok(()));
    assert!(result.invariants.violations.is_empty());
}
