//! Faults by a plan: what goes wrong with requests and transactions, and the state that faults of blocks leave.

use std::{
    sync::Mutex,
    time::{Duration, Instant},
};

use alloy::primitives::Address;
use tokio::sync::watch;

use super::{Names, lock};
use crate::{
    fault::{BlockVerdict, FaultLog, FaultPlan, Injector, Verdict},
    time::Micros,
};

/// The faults of a plan, and what they leave behind.
#[derive(Debug)]
pub(super) struct PlannedFaults {
    epoch: Instant,
    injector: Mutex<Injector>,
    names: Mutex<Names>,
    /// Until when the node answers nothing.
    stalled_until: Mutex<Option<Instant>>,
    /// Whether what is sent waits for the next block.
    holds_sends: watch::Sender<bool>,
    /// Until when WebSockets are refused. Those that are open are cut when it changes.
    sockets_down_until: watch::Sender<Option<Instant>>,
}

impl PlannedFaults {
    pub(super) fn new(plan: &FaultPlan, seed: u64, names: Names, epoch: Instant) -> Self {
        Self {
            epoch,
            injector: Mutex::new(Injector::at_node(plan, seed)),
            names: Mutex::new(names),
            stalled_until: Mutex::default(),
            holds_sends: watch::Sender::new(false),
            sockets_down_until: watch::Sender::new(None),
        }
    }

    fn now(&self) -> Micros {
        Micros::from(self.epoch.elapsed())
    }

    pub(super) fn begin(&self) {
        lock(&self.injector).begin(self.now());
    }

    pub(super) fn end(&self) {
        lock(&self.injector).end();
        self.holds_sends.send_replace(false);
    }

    pub(super) fn log(&self) -> FaultLog {
        lock(&self.injector).log(self.now())
    }

    pub(super) fn withheld_until(&self) -> Option<Duration> {
        lock(&self.injector)
            .withheld_until(self.now())
            .map(Duration::from)
    }

    pub(super) fn learn_function(&self, input: &[u8], name: &'static str) {
        if let Some(selector) = input.first_chunk() {
            lock(&self.names).functions.insert(*selector, name);
        }
    }

    /// The verdict on a request.
    pub(super) fn request(&self) -> Verdict {
        lock(&self.injector).request(self.now())
    }

    /// The verdict on a transaction.
    pub(super) fn transaction(&self, sender: Address, input: &[u8]) -> Verdict {
        let verdict =
            |subject: crate::fault::Subject<'_>| lock(&self.injector).transaction(self.now(), subject);
        lock(&self.names).subject(sender, input, verdict)
    }

    /// The verdict on the block after the latest.
    pub(super) fn block(&self) -> BlockVerdict {
        lock(&self.injector).block(self.now())
    }

    /// Whether the logs of an answer are missing.
    pub(super) fn logs_are_missing(&self) -> bool {
        lock(&self.injector).logs(self.now())
    }

    /// By how many blocks an answer is old, 0 for none.
    pub(super) fn age_of_read(&self) -> u64 {
        lock(&self.injector).read(self.now())
    }

    /// The node answers nothing for so long.
    pub(super) fn stall(&self, lasts: Duration) {
        *lock(&self.stalled_until) = Some(Instant::now() + lasts);
    }

    /// Waits until the node answers again.
    pub(super) async fn wait_for_answers(&self) {
        loop {
            let until = *lock(&self.stalled_until);
            match until.filter(|until| *until > Instant::now()) {
                Some(until) => tokio::time::sleep_until(until.into()).await,
                None => return,
            }
        }
    }

    /// What is sent waits, or no longer.
    pub(super) fn hold_sends(&self, hold: bool) {
        self.holds_sends.send_replace(hold);
    }

    /// Waits until what is sent comes through.
    pub(super) async fn wait_for_sends(&self) {
        // The sender of the channel lives as long as this.
        let _ = self.holds_sends.subscribe().wait_for(|hold| !hold).await;
    }

    /// WebSockets are cut now and refused for so long.
    pub(super) fn cut_sockets(&self, lasts: Duration) {
        self.sockets_down_until.send_replace(Some(Instant::now() + lasts));
    }

    /// Whether WebSockets are refused.
    pub(super) fn refuses_sockets(&self) -> bool {
        self.sockets_down_until
            .borrow()
            .is_some_and(|until| until > Instant::now())
    }

    /// Resolves when WebSockets that are open now are cut.
    pub(super) async fn sockets_cut(&self) {
        let mut cuts = self.sockets_down_until.subscribe();
        cuts.borrow_and_update();
        if cuts.changed().await.is_err() {
            std::future::pending::<()>().await;
        }
    }
}
