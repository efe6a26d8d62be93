//! The statistics that results give of a measured quantity.

use serde::{Deserialize, Serialize};

/// Statistics of one quantity, in its own unit. A percentile is the smallest value that at least that share of all
/// values does not exceed.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Stats {
    /// The number of values.
    pub count: u64,
    /// The smallest, exact.
    pub min: u64,
    /// The mean, exact to three decimals.
    pub mean: f64,
    /// The median. Latency percentiles are within 0.1 %; gas percentiles are exact unless values are very many.
    pub p50: u64,
    /// 90th percentile.
    pub p90: u64,
    /// 95th percentile.
    pub p95: u64,
    /// 99th percentile.
    pub p99: u64,
    /// 99.9th percentile.
    pub p99_9: u64,
    /// The largest, exact.
    pub max: u64,
    /// Standard deviation of all values (the population's, not a sample's), to three decimals.
    pub stddev: f64,
}
