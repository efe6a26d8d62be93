//! The histograms behind a result's latency percentiles.

use hdrhistogram::Histogram;

/// A histogram of µs and what it is of.
#[derive(Clone, Debug)]
pub struct NamedHistogram {
    /// A phase's name; `task.ack` … `task.total` for how long that part of a task took; `generator`.
    pub phase: String,
    /// `response_us`, `service_us`, `duration_us` or `lateness_us`.
    pub metric: &'static str,
    /// The values in µs.
    pub histogram: Histogram<u64>,
}

/// All latency histograms of a run, in the order of `phases.csv`. Nothing measured, no histogram.
#[derive(Clone, Debug, Default)]
pub struct Histograms(pub Vec<NamedHistogram>);

impl Histograms {
    /// The histogram of a phase's metric, by the names that `phases.csv` gives them.
    #[must_use]
    pub fn get(&self, phase: &str, metric: &str) -> Option<&Histogram<u64>> {
        let found = self
            .0
            .iter()
            .find(|named| named.phase == phase && named.metric == metric);
        found.map(|named| &named.histogram)
    }
}
