//! The real taskstorm, run as a user runs it: a scenario file and an output folder in a place of its own.

use std::{
    fs::{self, File},
    io,
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    thread,
    time::{Duration, Instant},
};

use tempfile::TempDir;

use super::folder::Folder;
use crate::support::{
    anvil,
    processes::{children, is_alive},
};

/// A `taskstorm run` that is being put together.
pub(crate) struct Trial {
    place: TempDir,
    arguments: Vec<String>,
    /// Shell commands that come first in the process that becomes taskstorm.
    prelude: String,
    /// Whether nobody reads its stdout.
    unread: bool,
}

/// A `taskstorm run` under way.
pub(crate) struct Running {
    place: TempDir,
    child: Child,
}

/// A `taskstorm run` that ended.
pub(crate) struct Ended {
    pub(crate) code: Option<i32>,
    pub(crate) stdout: String,
    pub(crate) stderr: String,
    /// How long it took from when it was waited for.
    pub(crate) waited: Duration,
    place: TempDir,
}

impl Trial {
    /// A run of this scenario.
    pub(crate) fn of(scenario: &str) -> Self {
        let place = TempDir::new().expect("a temporary folder");
        fs::write(place.path().join("scenario.toml"), scenario).expect("a scenario file");
        Self::of_file_in(place, "scenario.toml")
    }

    /// A run of the scenario in this file.
    pub(crate) fn of_file(file: &Path) -> Self {
        let place = TempDir::new().expect("a temporary folder");
        Self::of_file_in(place, file.to_str().expect("a path of text"))
    }

    fn of_file_in(place: TempDir, file: &str) -> Self {
        Self {
            place,
            arguments: ["run", file, "--out", "out", "--no-charts"]
                .map(str::to_owned)
                .into(),
            prelude: String::new(),
            unread: false,
        }
    }

    /// A run of a scenario on a node that runs already.
    pub(crate) fn on(url: &str, scenario: &str) -> Self {
        Self::of(scenario).with(&["--chain", url])
    }

    pub(crate) fn with(mut self, arguments: &[&str]) -> Self {
        self.arguments
            .extend(arguments.iter().map(|&argument| argument.to_owned()));
        self
    }

    /// Has the charts drawn, which tests of other things do without.
    pub(crate) fn with_charts(mut self) -> Self {
        self.arguments.retain(|argument| argument != "--no-charts");
        self
    }

    pub(crate) fn after(mut self, prelude: &str) -> Self {
        prelude.clone_into(&mut self.prelude);
        self
    }

    pub(crate) fn unread(mut self) -> Self {
        self.unread = true;
        self
    }

    pub(crate) fn start(self) -> Running {
        let file = |name: &str| File::create(self.place.path().join(name)).expect("a file");
        let stdout = if self.unread {
            // The reading end is gone at once.
            Stdio::from(io::pipe().expect("a pipe").1)
        } else {
            Stdio::from(file("stdout"))
        };
        let child = Command::new("/bin/sh")
            .args(["-c", &format!("{}\nexec \"$@\"", self.prelude), "sh"])
            .arg(env!("CARGO_BIN_EXE_taskstorm"))
            .args(&self.arguments)
            .current_dir(self.place.path())
            .env("ANVIL", &anvil::found().executable)
            .env_remove("RUST_LOG")
            .stdout(stdout)
            .stderr(file("stderr"))
            .spawn()
            .expect("taskstorm starts");
        Running {
            place: self.place,
            child,
        }
    }

    /// Runs it to its end, which must come within a minute.
    pub(crate) fn end(self) -> Ended {
        self.start().end_within(Duration::from_secs(60))
    }
}

impl Running {
    pub(crate) fn pid(&self) -> u32 {
        self.child.id()
    }

    /// The anvil that it starts.
    pub(crate) fn anvil(&self) -> u32 {
        eventually("anvil", || {
            children(self.pid(), "anvil", "--port").first().copied()
        })
    }

    /// Waits until it is in the middle of its load: tasks have ended, and their rows are written.
    pub(crate) fn reaches_its_middle(&self) {
        let tasks = self.place.path().join("out/tasks.csv");
        eventually("a task's row", || {
            let rows = fs::read_to_string(&tasks).unwrap_or_default();
            (rows.lines().count() > 1).then_some(())
        });
    }

    pub(crate) fn end_within(mut self, limit: Duration) -> Ended {
        let began = Instant::now();
        let status = loop {
            if let Some(status) = self.child.try_wait().expect("a child") {
                break status;
            }
            if began.elapsed() > limit {
                self.child.kill().expect("to end it");
                panic!(
                    "it did not end within {limit:?}; stderr:\n{}",
                    self.text("stderr")
                );
            }
            thread::sleep(Duration::from_millis(5));
        };
        Ended {
            code: status.code(),
            stdout: self.text("stdout"),
            stderr: self.text("stderr"),
            waited: began.elapsed(),
            place: self.place,
        }
    }

    fn text(&self, name: &str) -> String {
        fs::read_to_string(self.place.path().join(name)).unwrap_or_default()
    }
}

impl Ended {
    /// The folder with its files.
    pub(crate) fn out(&self) -> PathBuf {
        self.place.path().join("out")
    }

    pub(crate) fn place(&self) -> &Path {
        self.place.path()
    }

    /// What is in its files. Whatever ended it, they hold what was measured, and the books balance.
    pub(crate) fn folder(&self) -> Folder {
        Folder::read(&self.out())
    }

    /// The files of a run that completed.
    pub(crate) fn success(&self) -> Folder {
        assert_eq!(self.code, Some(0), "{}\n{}", self.stdout, self.stderr);
        let folder = self.folder();
        assert!(folder.result.complete);
        folder
    }
}

/// Waits up to half a minute until there is something.
pub(crate) fn eventually<T>(what: &str, mut look: impl FnMut() -> Option<T>) -> T {
    let deadline = Instant::now() + Duration::from_secs(30);
    loop {
        if let Some(found) = look() {
            return found;
        }
        assert!(Instant::now() < deadline, "waited too long for {what}");
        thread::sleep(Duration::from_millis(10));
    }
}

/// That the process is gone: a run leaves no anvil behind.
pub(crate) fn assert_ended(pid: u32) {
    eventually("the end of anvil", || (!is_alive(pid)).then_some(()));
}
