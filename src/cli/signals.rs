//! Signals: SIGINT, SIGTERM and SIGHUP ask for the end, and a file that reaches its size limit is an error.

use std::{
    fs, io, process,
    time::{Duration, Instant},
};

use nix::sys::signal::Signal;
use tokio::signal::unix::{SignalKind, signal};
use tokio_util::sync::CancellationToken;

use super::Exit;

/// Signals within this time after the first repeat it. GNU `timeout` sends the same signal to the process and to its
/// group within a millisecond, and a terminal that closes sends SIGHUP twice.
const SAME_REQUEST: Duration = Duration::from_secs(1);

/// A token that the first SIGINT, SIGTERM or SIGHUP cancels. Another one more than a second later ends the process.
///
/// SIGHUP stays ignored where it was ignored when the process started, as by `nohup`.
///
/// # Errors
/// If the system does not let signals be handled.
pub(super) fn stop_on_signal() -> io::Result<CancellationToken> {
    let mut interrupt = signal(SignalKind::interrupt())?;
    let mut terminate = signal(SignalKind::terminate())?;
    let mut hangup = if is_ignored(Signal::SIGHUP) {
        None
    } else {
        Some(signal(SignalKind::hangup())?)
    };
    let stop = CancellationToken::new();
    let token = stop.clone();
    tokio::spawn(async move {
        let mut first: Option<Instant> = None;
        loop {
            tokio::select! {
                _ = interrupt.recv() => {}
                _ = terminate.recv() => {}
                _ = async { hangup.as_mut()?.recv().await }, if hangup.is_some() => {}
            }
            match first {
                None => {
                    first = Some(Instant::now());
                    token.cancel();
                }
                Some(first) if first.elapsed() < SAME_REQUEST => {}
                Some(_) => process::exit(Exit::Interrupted as i32),
            }
        }
    });
    Ok(stop)
}

/// Makes a write beyond the limit on file sizes (`ulimit -f`) fail with an error: the signal that comes with it would
/// end the process. The signal is handled and not ignored, since a child process inherits what is ignored.
pub(super) fn survive_file_size_limit() {
    // Without the handler the signal ends the process, as it would have done before.
    let _ = signal(SignalKind::from_raw(Signal::SIGXFSZ as i32));
}

/// Whether this process ignores a signal, where the system tells: Linux does, as a mask with bit 0 for signal 1.
fn is_ignored(signal: Signal) -> bool {
    let status = fs::read_to_string("/proc/self/status").unwrap_or_default();
    let mask = status.lines().find_map(|line| line.strip_prefix("SigIgn:"));
    let mask = mask.and_then(|mask| u64::from_str_radix(mask.trim(), 16).ok());
    mask.is_some_and(|mask| mask >> (signal as i32 - 1) & 1 == 1)
}
