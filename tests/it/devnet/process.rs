//! A devnet that runs as a process of its own.

use std::path::PathBuf;

use nix::sys::signal::Signal;
use serde_json::Value;

use crate::support::{
    node,
    place::Place,
    taskstorm::{Ended, Running, Taskstorm},
};

/// A running `taskstorm devnet`. Dropping it ends it.
pub(super) struct Devnet(Running);

/// `taskstorm devnet` that writes to `place`, on a free port, with blocks that do not keep a test waiting.
pub(super) fn devnet(place: &Place, arguments: &[&str]) -> Taskstorm {
    let defaults = [("--port", "0"), ("--block-time", "200ms")];
    let defaults = defaults.iter().filter(|(flag, _)| !arguments.contains(flag));
    place
        .taskstorm(["devnet", "--work-time", "50ms", "--out"])
        .args([place.path("")])
        .args(defaults.flat_map(|(flag, value)| [flag, value]))
        .args(arguments)
}

impl Devnet {
    /// Starts one and waits until it is ready.
    pub(super) fn start(arguments: &[&str]) -> Self {
        Self::ready(devnet(&Place::new(), arguments))
    }

    /// Starts this one and waits until it is ready.
    pub(super) fn ready(devnet: Taskstorm) -> Self {
        Self::until(devnet, |place| place.has("deployment.json"))
    }

    /// Starts this one and waits for this to be true of its folder.
    pub(super) fn until(devnet: Taskstorm, met: impl Fn(&Place) -> bool) -> Self {
        let running = devnet.start();
        running.until("its files", || met(running.place()));
        Self(running)
    }

    pub(super) fn place(&self) -> &Place {
        self.0.place()
    }

    pub(super) fn deployment_file(&self) -> PathBuf {
        self.place().path("deployment.json")
    }

    pub(super) fn deployment(&self) -> Value {
        serde_json::from_str(&self.place().read("deployment.json")).expect("JSON")
    }

    /// Runs a client against it and returns the last line of what it says.
    pub(super) fn client(&self, script: &str) -> Value {
        let file = self.deployment_file();
        let output = node::run(script, &[file.to_str().expect("plain text")]);
        assert!(output.status.success(), "{}", node::stderr(&output));
        let stdout = String::from_utf8(output.stdout).expect("plain text");
        let last = stdout.lines().last().expect("a report");
        serde_json::from_str(last).expect("JSON")
    }

    pub(super) fn pid(&self) -> u32 {
        self.0.pid()
    }

    /// Sends it a signal and waits for its end.
    pub(super) fn end(self, signal: Signal) -> Ended {
        self.0.signal(signal);
        self.0.end()
    }

    /// Waits for its end.
    pub(super) fn ended(self) -> Ended {
        self.0.end()
    }
}
