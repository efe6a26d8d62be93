//! Histograms of times, one per bin.

use hdrhistogram::Histogram;

use super::Bins;

/// Significant digits of the times of one bin: 1 % is less than a pixel.
const BIN_DIGITS: u8 = 2;

/// An empty histogram of times per bin.
pub(super) fn binned(bins: Bins) -> Vec<Histogram<u64>> {
    (0..bins.count()).map(|_| histogram(BIN_DIGITS)).collect()
}

/// Adds a value; no time and no gas is beyond what a histogram that grows can hold.
pub(super) fn record(values: &mut Histogram<u64>, value: u64) {
    let _ = values.record(value.min(i64::MAX as u64));
}

/// An empty histogram that grows as it must.
pub(super) fn histogram(digits: u8) -> Histogram<u64> {
    // The digits that are asked for are within what HdrHistogram can do.
    Histogram::new(digits).unwrap_or_else(|_| unreachable!("between 0 and 5 digits"))
}
