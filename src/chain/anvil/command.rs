//! Running a helper command to its end, within a time limit.

use std::io::{self, Read};
use std::os::unix::process::CommandExt;
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::mpsc;
use std::thread;
use std::time::{Duration, Instant};

use nix::sys::signal::{Signal, killpg};
use nix::unistd::Pid;

use super::guard::Guard;

/// How much output is kept: enough for a version or an error, whatever the command prints.
const OUTPUT_LIMIT: u64 = 64 * 1024;

/// What a command that ended by itself left behind.
pub(super) struct Finished {
    pub(super) status: ExitStatus,
    /// Standard output and standard error, as they came.
    pub(super) output: String,
}

/// Runs a command with no input and both outputs caught; `None` when it was ended for taking too long.
///
/// The command is put in a process group of its own, so that what it started ends with it.
pub(super) fn run(mut command: Command, limit: Duration) -> io::Result<Option<Finished>> {
    let deadline = Instant::now() + limit;
    let (mut reader, writer) = io::pipe()?;
    command
        .stdin(Stdio::null())
        .stdout(writer.try_clone()?)
        .stderr(writer)
        .process_group(0);
    let mut child = spawn(&mut command)?;
    let guard = Guard::over(&child).inspect_err(|_| {
        end_group(&mut child);
        let _ = child.wait();
    })?;
    // The command holds the pipe's other end: the reader would wait for ever.
    drop(command);
    let (sender, output) = mpsc::channel();
    thread::spawn(move || {
        let mut kept = Vec::new();
        let _ = reader.by_ref().take(OUTPUT_LIMIT).read_to_end(&mut kept);
        let _ = io::copy(&mut reader, &mut io::sink());
        let _ = sender.send(String::from_utf8_lossy(&kept).into_owned());
    });
    let Some(status) = wait_until(&mut child, deadline)? else {
        end_group(&mut child);
        child.wait()?;
        guard.dismiss();
        return Ok(None);
    };
    guard.dismiss();
    // A process left behind by the command could hold the output open: it gets a moment to end.
    let output = output.recv_timeout(Duration::from_secs(1)).unwrap_or_default();
    Ok(Some(Finished { status, output }))
}

/// Starts a command; a file that is being written (another process installs it) gets a second to be done.
pub(super) fn spawn(command: &mut Command) -> io::Result<Child> {
    let deadline = Instant::now() + Duration::from_secs(1);
    loop {
        match command.spawn() {
            Err(error) if error.kind() == io::ErrorKind::ExecutableFileBusy && Instant::now() < deadline => {
                thread::sleep(Duration::from_millis(10));
            }
            spawned => return spawned,
        }
    }
}

/// Waits for a child until a moment; `None` when it still runs then.
pub(super) fn wait_until(child: &mut Child, deadline: Instant) -> io::Result<Option<ExitStatus>> {
    loop {
        if let Some(status) = child.try_wait()? {
            return Ok(Some(status));
        }
        if Instant::now() >= deadline {
            return Ok(None);
        }
        thread::sleep(Duration::from_millis(2));
    }
}

/// Sends SIGKILL to a child that leads a process group, and to everything in that group.
///
/// Only for a child that has not been waited for: until then nobody else can get its number.
pub(super) fn end_group(child: &mut Child) {
    if let Ok(id) = i32::try_from(child.id()) {
        let _ = killpg(Pid::from_raw(id), Signal::SIGKILL);
    }
    let _ = child.kill();
}
