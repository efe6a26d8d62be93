//! Ctrl-C and SIGTERM: the first asks the run to stop and write what it has, the second ends the process.

use std::{io, process};

use tokio::signal::unix::{SignalKind, signal};
use tokio_util::sync::CancellationToken;

use super::Exit;

/// A token that the first SIGINT or SIGTERM cancels.
///
/// # Errors
/// If the system does not let signals be handled.
pub(super) fn stop_on_signal() -> io::Result<CancellationToken> {
    let mut interrupt = signal(SignalKind::interrupt())?;
    let mut terminate = signal(SignalKind::terminate())?;
    let stop = CancellationToken::new();
    let token = stop.clone();
    tokio::spawn(async move {
        loop {
            tokio::select! {
                _ = interrupt.recv() => {}
                _ = terminate.recv() => {}
            }
            if token.is_cancelled() {
                process::exit(Exit::Interrupted as i32);
            }
            token.cancel();
        }
    });
    Ok(stop)
}
