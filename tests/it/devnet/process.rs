//! A devnet that runs as a process of its own.

use std::{
    fs,
    path::{Path, PathBuf},
    process::{Child, Command, Output, Stdio},
    rc::Rc,
    thread,
    time::{Duration, Instant},
};

use nix::{
    sys::signal::{Signal, kill},
    unistd::Pid,
};
use serde_json::Value;
use tempfile::TempDir;

use crate::support::{anvil, node};

/// How long a devnet may take to be ready; on a busy machine most of it is waiting.
const READY: Duration = Duration::from_secs(60);

/// A running `taskstorm devnet`. Dropping it ends it.
pub(super) struct Devnet {
    child: Option<Child>,
    folder: Rc<TempDir>,
}

/// `taskstorm devnet` that writes to `folder`, with blocks that do not keep a test waiting.
pub(super) fn command(folder: &TempDir, arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_taskstorm"));
    let pace: &[&str] = if arguments.contains(&"--block-time") {
        &[]
    } else {
        &["--block-time", "200ms"]
    };
    command
        .args(["devnet", "--work-time", "50ms"])
        .args(pace)
        .args(arguments)
        .arg("--anvil")
        .arg(&anvil::found().executable)
        .arg("--out")
        .arg(folder.path())
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped());
    command
}

impl Devnet {
    /// Starts one on a free port and waits until it is ready.
    pub(super) fn start(arguments: &[&str]) -> Self {
        Self::start_until(arguments, "deployment.json")
    }

    /// Starts one on a free port and waits until it has written this file.
    pub(super) fn start_until(arguments: &[&str], file: &str) -> Self {
        let folder = Rc::new(TempDir::new().expect("a temporary directory"));
        Self::start_in(&folder, arguments, |_| ()).until(|folder| folder.join(file).exists())
    }

    /// Starts one on a free port that writes to this folder, without waiting for anything.
    pub(super) fn start_in(
        folder: &Rc<TempDir>,
        arguments: &[&str],
        adapt: impl FnOnce(&mut Command),
    ) -> Self {
        let arguments = [&["--port", "0"], arguments].concat();
        let mut command = command(folder, &arguments);
        adapt(&mut command);
        Self {
            child: Some(command.spawn().expect("to start")),
            folder: Rc::clone(folder),
        }
    }

    /// Waits for this to be true of its folder.
    pub(super) fn until(mut self, met: impl Fn(&Path) -> bool) -> Self {
        let deadline = Instant::now() + READY;
        while !met(self.folder()) {
            let ended = self.child().try_wait().expect("its state").is_some();
            if ended || Instant::now() > deadline {
                panic!("it did not come so far: {:?}", self.output());
            }
            thread::sleep(Duration::from_millis(10));
        }
        self
    }

    pub(super) fn folder(&self) -> &Path {
        self.folder.path()
    }

    pub(super) fn deployment_file(&self) -> PathBuf {
        self.folder().join("deployment.json")
    }

    pub(super) fn deployment(&self) -> Value {
        let text = fs::read_to_string(self.deployment_file()).expect("the file");
        serde_json::from_str(&text).expect("JSON")
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
        self.child.as_ref().expect("it was not ended").id()
    }

    /// Sends it a signal and returns what it said from its beginning to its end.
    pub(super) fn end(mut self, signal: Signal) -> Output {
        let pid = Pid::from_raw(self.pid().try_into().expect("a pid"));
        kill(pid, signal).expect("to signal it");
        self.output()
    }

    /// Waits for its end.
    pub(super) fn output(&mut self) -> Output {
        let child = self.child.take().expect("it was not ended");
        child.wait_with_output().expect("its output")
    }

    fn child(&mut self) -> &mut Child {
        self.child.as_mut().expect("it was not ended")
    }
}

impl Drop for Devnet {
    fn drop(&mut self) {
        if let Some(mut child) = self.child.take() {
            let _ = child.kill();
            let _ = child.wait();
        }
    }
}
