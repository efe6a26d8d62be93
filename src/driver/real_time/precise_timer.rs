//! A timer that expires to within some ten microseconds. The async runtime's own timers tick in whole milliseconds, which
//! would make a generator up to one late by itself.

use std::{
    io,
    sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError},
    thread,
    time::Instant,
};

use tokio::sync::Notify;

/// A thread that sleeps until the moment that it is set to. It ends when this is dropped.
#[derive(Debug)]
pub(super) struct PreciseTimer(Arc<Shared>);

#[derive(Debug, Default)]
struct Shared {
    setting: Mutex<Setting>,
    changed: Condvar,
    bell: Notify,
}

#[derive(Debug, Default)]
struct Setting {
    at: Option<Instant>,
    over: bool,
}

impl PreciseTimer {
    /// Starts a clock that is not set.
    ///
    /// # Errors
    /// If the system has no thread left for it.
    pub(super) fn start() -> io::Result<Self> {
        let shared = Arc::new(Shared::default());
        let clock = Self(Arc::clone(&shared));
        thread::Builder::new()
            .name("precise timer".to_owned())
            .spawn(move || shared.run())?;
        Ok(clock)
    }

    /// Sets the clock and waits until it rings: at `at`, or sooner if an earlier setting rang and nobody waited then.
    pub(super) async fn rings(&self, at: Instant) {
        let before = self.0.setting().at.replace(at);
        if before.is_none_or(|before| at < before) {
            self.0.changed.notify_one();
        }
        self.0.bell.notified().await;
    }
}

impl Drop for PreciseTimer {
    fn drop(&mut self) {
        self.0.setting().over = true;
        self.0.changed.notify_one();
    }
}

impl Shared {
    /// Nothing that holds the lock can leave a setting half made: a poisoned one is as good.
    fn setting(&self) -> MutexGuard<'_, Setting> {
        self.setting.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn run(&self) {
        let mut setting = self.setting();
        while !setting.over {
            let Some(at) = setting.at else {
                setting = self.changed.wait(setting).unwrap_or_else(PoisonError::into_inner);
                continue;
            };
            let left = at.saturating_duration_since(Instant::now());
            if left.is_zero() {
                setting.at = None;
                self.bell.notify_one();
            } else {
                let woken = self.changed.wait_timeout(setting, left);
                setting = woken.unwrap_or_else(PoisonError::into_inner).0;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    #[tokio::test]
    async fn it_rings_at_its_moment_and_not_before() {
        let clock = PreciseTimer::start().expect("a thread");
        for micros in [0, 300, 1_700, 100] {
            let at = Instant::now() + Duration::from_micros(micros);
            clock.rings(at).await;
            assert!(Instant::now() >= at);
        }
    }

    #[tokio::test]
    async fn it_can_be_set_to_an_earlier_and_to_a_later_moment() {
        let clock = PreciseTimer::start().expect("a thread");
        let began = Instant::now();
        let far = clock.rings(began + Duration::from_secs(60));
        assert!(tokio::time::timeout(Duration::from_millis(1), far).await.is_err());
        clock.rings(began + Duration::from_millis(5)).await;
        assert!(began.elapsed() >= Duration::from_millis(5));
        let near = clock.rings(began + Duration::from_millis(50));
        assert!(
            tokio::time::timeout(Duration::from_millis(1), near)
                .await
                .is_err()
        );
        clock.rings(began + Duration::from_millis(100)).await;
        assert!(began.elapsed() >= Duration::from_millis(100));
    }
}
