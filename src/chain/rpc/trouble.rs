//! The troubles that a node gave: failed requests that were repeated, by cause.

use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use super::RpcError;

/// Counts failed requests by cause. The first of each cause is a warning, the others are counted. Cloning shares the counts.
#[derive(Clone, Debug, Default)]
pub struct Troubles(Arc<Mutex<BTreeMap<String, u64>>>);

impl Troubles {
    /// Counts a request for `what` that failed and will be repeated.
    pub(super) fn count(&self, what: &str, error: &RpcError) {
        if self.note(what, error) == 1 {
            tracing::warn!("{what} failed and is repeated: {error}");
        } else {
            tracing::debug!("{what} failed and is repeated: {error}");
        }
    }

    /// Counts a trouble with `what` that is reported otherwise. Returns how often it was met.
    pub(super) fn note(&self, what: &str, error: &RpcError) -> u64 {
        let mut counts = self.counts();
        let count = counts.entry(format!("{what}: {}", error.kind())).or_default();
        *count += 1;
        *count
    }

    /// How many requests failed, by cause.
    #[must_use]
    pub fn by_cause(&self) -> BTreeMap<String, u64> {
        self.counts().clone()
    }

    /// A count is whole at any moment: a poisoned lock is as good.
    fn counts(&self) -> MutexGuard<'_, BTreeMap<String, u64>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
