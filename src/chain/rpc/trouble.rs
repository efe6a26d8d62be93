//! The troubles that a node gave: failed requests that were repeated, by cause.

use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use super::RpcError;

/// Counts failed requests by cause. The first of each cause is a warning, the others are counted. Cloning shares the counts.
#[derive(Clone, Debug, Default)]
pub struct Troubles(Arc<Mutex<Noted>>);

#[derive(Debug, Default)]
struct Noted {
    counts: BTreeMap<String, u64>,
    /// What the node cannot do, by a name for each.
    notices: BTreeMap<&'static str, String>,
}

impl Troubles {
    /// Counts a request for `what` that failed and will be repeated.
    pub(super) fn count(&self, what: &str, error: &RpcError) {
        if self.note(what, error) == 1 {
            tracing::warn!(
                "the node could not answer {what} at that moment; it is asked again, and nothing is lost ({error}). Further \
                 ones are counted."
            );
        } else {
            tracing::debug!("{what} is asked again: {error}");
        }
    }

    /// Counts a trouble with `what` that is reported otherwise. Returns how often it was met.
    pub(super) fn note(&self, what: &str, error: &RpcError) -> u64 {
        let mut noted = self.noted();
        let count = noted
            .counts
            .entry(format!("{what}: {}", error.kind()))
            .or_default();
        *count += 1;
        *count
    }

    /// How many requests failed, by cause.
    #[must_use]
    pub fn by_cause(&self) -> BTreeMap<String, u64> {
        self.noted().counts.clone()
    }

    /// Takes note of something that the node cannot do and how that is worked around. The first notice of a name is a
    /// warning, others are dropped.
    pub(super) fn notice(&self, name: &'static str, what: String) {
        let mut noted = self.noted();
        if !noted.notices.contains_key(name) {
            tracing::warn!("{what}");
            noted.notices.insert(name, what);
        }
    }

    /// What the node was found not to do, a sentence each.
    #[must_use]
    pub fn notices(&self) -> Vec<String> {
        self.noted().notices.values().cloned().collect()
    }

    /// A count is whole at any moment: a poisoned lock is as good.
    fn noted(&self) -> MutexGuard<'_, Noted> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
