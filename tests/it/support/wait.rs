//! Waits for conditions.

use std::{
    thread,
    time::{Duration, Instant},
};

/// How long things may take to come about; shorter than what tests start and must see ended lives by itself.
const PATIENCE: Duration = Duration::from_secs(30);
/// The time between two looks.
const PAUSE: Duration = Duration::from_millis(5);

/// Waits until there is something.
#[track_caller]
pub(crate) fn eventually<T>(what: &str, look: impl FnMut() -> Option<T>) -> T {
    eventually_within(PATIENCE, what, look)
}

/// The same with another patience.
#[track_caller]
pub(crate) fn eventually_within<T>(patience: Duration, what: &str, mut look: impl FnMut() -> Option<T>) -> T {
    let deadline = Instant::now() + patience;
    loop {
        if let Some(found) = look() {
            return found;
        }
        assert!(Instant::now() < deadline, "waited too long for {what}");
        thread::sleep(PAUSE);
    }
}

/// Waits until there is something, and lets other tasks of this thread go on.
pub(crate) async fn eventually_async<T>(what: &str, mut look: impl AsyncFnMut() -> Option<T>) -> T {
    let deadline = Instant::now() + PATIENCE;
    loop {
        if let Some(found) = look().await {
            return found;
        }
        assert!(Instant::now() < deadline, "waited too long for {what}");
        tokio::time::sleep(PAUSE).await;
    }
}
