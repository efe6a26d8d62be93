//! Ending a process when taskstorm ends, however it ends.
//!
//! A destructor does not run when taskstorm is killed. So a second process watches: a shell that reads from a pipe
//! whose other end only taskstorm holds. When the system closes that end, the read returns and the shell kills.

use std::io;
use std::os::unix::process::CommandExt;
use std::process::{Child, Command, Stdio};

pub(super) const SHELL: &str = "/bin/sh";

/// `read` is built into the shell: there is no second process to leave behind.
const SCRIPT: &str = r#"trap '' HUP INT TERM; read -r _; kill -s KILL -- "-$1""#;

/// A watch over a process group. Dropping it ends the group; [`Guard::dismiss`] ends the watch alone.
#[derive(Debug)]
pub(super) struct Guard(Child);

impl Guard {
    /// Watches the process group led by this process.
    pub(super) fn over(leader: &Child) -> io::Result<Self> {
        Command::new(SHELL)
            .args(["-c", SCRIPT, "taskstorm-guard", &leader.id().to_string()])
            .stdin(Stdio::piped())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            // A group of its own: what ends taskstorm's group must not end the guard first.
            .process_group(0)
            .spawn()
            .map(Self)
    }

    /// Ends the watch; to be called once the group's leader is gone and its number may be used anew.
    pub(super) fn dismiss(mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}
