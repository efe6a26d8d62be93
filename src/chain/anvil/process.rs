//! A process that is watched from its first instruction to its end.

use std::ffi::OsString;
use std::fmt;
use std::io::{self, PipeReader, Read, Write};
use std::net::SocketAddr;
use std::os::unix::process::{CommandExt, ExitStatusExt};
use std::path::Path;
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread;
use std::time::{Duration, Instant};

use nix::sys::signal::Signal;
use tokio::sync::watch;

use super::command;
use super::guard::{Guard, SHELL};
use super::output::Tail;

/// Waits for the word to go and becomes the program; ends if nobody is left to say it.
///
/// The guard is put in place before the word is given, so there is no moment at which the program runs unguarded.
const LAUNCHER: &str = r#"read -r _ && exec nice -n 10 "$@" </dev/null"#;

/// The duration of ending may block: far longer than a kill.
const END_LIMIT: Duration = Duration::from_secs(2);

/// How a process ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Exit(ExitStatus);

impl Exit {
    /// The exit code, if it ended by itself.
    #[must_use]
    pub fn code(self) -> Option<i32> {
        self.0.code()
    }

    /// The number of the signal that ended it, if one did.
    #[must_use]
    pub fn signal(self) -> Option<i32> {
        self.0.signal()
    }
}

impl fmt::Display for Exit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match (self.code(), self.signal()) {
            (Some(code), _) => write!(f, "exit code {code}"),
            (None, Some(number)) => match Signal::try_from(number) {
                Ok(signal) => write!(f, "killed by {signal}"),
                Err(_) => write!(f, "killed by signal {number}"),
            },
            (None, None) => write!(f, "{}", self.0),
        }
    }
}

/// How far a process has come.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum State {
    Starting,
    Listening(SocketAddr),
    Ended(Exit),
}

/// A running process, its guard and its output. Dropping it ends it.
#[derive(Debug)]
pub(super) struct Process {
    id: u32,
    pair: Arc<Mutex<Pair>>,
    tail: Arc<Mutex<Tail>>,
    state: watch::Receiver<State>,
}

impl Process {
    /// Starts a program in a process group of its own, under guard.
    pub(super) fn spawn(program: &Path, arguments: &[OsString]) -> io::Result<Self> {
        let (output, writer) = io::pipe()?;
        let mut launcher = Command::new(SHELL)
            .args(["-c", LAUNCHER, "taskstorm-launcher"])
            .arg(program)
            .args(arguments)
            .stdin(Stdio::piped())
            .stdout(writer.try_clone()?)
            .stderr(writer)
            // A terminal's Ctrl-C must not end the chain before we have read what it did.
            .process_group(0)
            .spawn()?;
        let id = launcher.id();
        let word = launcher.stdin.take();
        let guard = Guard::over(&launcher);
        let pair = Arc::new(Mutex::new(Pair {
            child: launcher,
            guard: None,
        }));
        let tail = Arc::new(Mutex::new(Tail::default()));
        let (sender, state) = watch::channel(State::Starting);
        let process = Self {
            id,
            pair,
            tail,
            state,
        };
        lock(&process.pair).guard = Some(guard?);

        let (pair, tail) = (Arc::clone(&process.pair), Arc::clone(&process.tail));
        thread::Builder::new()
            .name("anvil-output".to_owned())
            .spawn(move || {
                read_output(output, &tail, &sender);
                sender.send_replace(State::Ended(Exit(wait(&pair))));
            })?;
        word.map_or(Ok(()), |mut word| word.write_all(b"go\n"))?;
        Ok(process)
    }

    pub(super) fn id(&self) -> u32 {
        self.id
    }

    pub(super) fn state(&self) -> watch::Receiver<State> {
        self.state.clone()
    }

    pub(super) fn tail(&self) -> MutexGuard<'_, Tail> {
        lock(&self.tail)
    }

    /// Kills it, without waiting until it is gone.
    pub(super) fn kill(&self) {
        lock(&self.pair).kill();
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        let deadline = Instant::now() + END_LIMIT;
        self.kill();
        while lock(&self.pair).reap().is_none() && Instant::now() < deadline {
            thread::sleep(Duration::from_millis(1));
        }
    }
}

/// The process and its guard, which must not outlast it: its number could be another's then.
#[derive(Debug)]
struct Pair {
    child: Child,
    guard: Option<Guard>,
}

impl Pair {
    fn reap(&mut self) -> Option<ExitStatus> {
        let status = self.child.try_wait().ok().flatten()?;
        if let Some(guard) = self.guard.take() {
            guard.dismiss();
        }
        Some(status)
    }

    fn kill(&mut self) {
        if self.reap().is_none() {
            command::end_group(&mut self.child);
        }
    }
}

/// Reads until the process is gone, so that it never blocks on a full pipe.
fn read_output(mut output: PipeReader, tail: &Mutex<Tail>, state: &watch::Sender<State>) {
    let mut buffer = [0; 8 * 1024];
    while let Ok(length @ 1..) = output.read(&mut buffer) {
        let mut tail = lock(tail);
        tail.push(&buffer[..length]);
        let starting = *state.borrow() == State::Starting;
        if let Some(address) = starting.then(|| tail.listening()).flatten() {
            state.send_replace(State::Listening(address));
        }
    }
}

/// Waits for a process that has closed its output. Polls, so as never to hold the lock for long.
fn wait(pair: &Mutex<Pair>) -> ExitStatus {
    loop {
        if let Some(status) = lock(pair).reap() {
            return status;
        }
        thread::sleep(Duration::from_millis(1));
    }
}

/// Locks whatever a panicking thread left: ending a process must work then, too.
fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
