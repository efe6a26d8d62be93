//! A taskstorm process under way.

use std::{
    fs::{self, File},
    mem,
    process::Child,
    thread,
    time::{Duration, Instant},
};

use nix::sys::signal::Signal;

use super::{Ended, expected::Expected, text};
use crate::support::{
    place::Place,
    processes::{children, is_alive, send},
    wait::{eventually, eventually_within},
};

/// How long a process may take where that is not what is tested.
const LIMIT: Duration = Duration::from_secs(300);

/// How long a condition may take: whole runs may come before it.
const PATIENCE: Duration = Duration::from_secs(120);

/// A process; it is killed when dropped.
pub(crate) struct Running {
    pub(super) place: Place,
    pub(super) line: String,
    pub(super) child: Child,
    pub(super) stdout: File,
    pub(super) stderr: File,
    pub(super) expected: Expected,
}

impl Running {
    pub(crate) fn pid(&self) -> u32 {
        self.child.id()
    }

    pub(crate) fn place(&self) -> &Place {
        &self.place
    }

    pub(crate) fn signal(&self, signal: Signal) {
        send(self.pid(), signal);
    }

    /// Waits for a condition that must come about while it runs.
    #[track_caller]
    pub(crate) fn until(&self, what: &str, condition: impl Fn() -> bool) {
        eventually_within(PATIENCE, what, || {
            if condition() {
                return Some(());
            }
            assert!(is_alive(self.pid()), "it ended before {what}: {}", self.line);
            None
        });
    }

    /// The anvil that it starts.
    pub(crate) fn anvil(&self) -> u32 {
        eventually("anvil", || {
            children(self.pid(), "anvil", "--port").first().copied()
        })
    }

    /// Waits until a run is in the middle of its load: tasks have ended, and their rows are written.
    pub(crate) fn reaches_its_middle(&self) {
        self.writes_tasks("out");
    }

    /// Waits until the run in this folder has written a task's row.
    pub(crate) fn writes_tasks(&self, folder: &str) {
        let tasks = self.place.path(folder).join("tasks.csv");
        self.until("a task's row", || {
            let rows = fs::read_to_string(&tasks).unwrap_or_default();
            rows.lines().count() > 1
        });
    }

    /// Waits for its end, and checks what came of it.
    #[track_caller]
    pub(crate) fn end(self) -> Ended {
        self.end_within(LIMIT)
    }

    /// The same, if it takes no longer than this.
    #[track_caller]
    pub(crate) fn end_within(mut self, limit: Duration) -> Ended {
        let began = Instant::now();
        let status = loop {
            if let Some(status) = self.child.try_wait().expect("a child") {
                break status;
            }
            if began.elapsed() > limit {
                self.child.kill().expect("to end it");
                let told = text(&mut self.stderr);
                panic!("{} did not end within {limit:?}; stderr:\n{told}", self.line);
            }
            thread::sleep(Duration::from_millis(2));
        };
        let ended = Ended {
            code: status.code(),
            stdout: text(&mut self.stdout),
            stderr: text(&mut self.stderr),
            waited: began.elapsed(),
            place: self.place.clone(),
        };
        mem::take(&mut self.expected).check(&self.line, &ended);
        ended
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        // It has ended already, or the test has failed.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
