//! Verdicts on a metric.

use serde::Serialize;

use super::interval::Interval;

/// The outcome of a metric of which less is better.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Verdict {
    /// It grew by more than the margin, for all that was measured.
    Worse,
    /// It shrank by more than the margin.
    Better,
    /// It changed, but only in how long transactions waited for the next block: actors sent them at another point between two
    /// blocks, and no later block took them than before.
    Shifted,
    /// It may have changed by more than the margin or not at all: there is not enough data.
    NotEnoughData,
    /// If it changed at all, then by no more than the margin.
    Same,
}

impl Verdict {
    /// The verdict in one word, as outputs for people write it.
    #[must_use]
    pub const fn words(self) -> &'static str {
        match self {
            Self::Worse => "regressed",
            Self::Better => "improved",
            Self::Shifted => "shifted",
            Self::NotEnoughData => "inconclusive",
            Self::Same => "unchanged",
        }
    }

    /// The verdict on a difference that is known exactly.
    pub(super) fn exact(difference: f64) -> Self {
        if difference > 0.0 {
            Self::Worse
        } else if difference < 0.0 {
            Self::Better
        } else {
            Self::Same
        }
    }

    /// The verdict on a difference that lies in `interval`, if changes of up to `margin` do not count.
    pub(super) fn within(interval: Interval, margin: f64) -> Self {
        if interval.low > margin {
            Self::Worse
        } else if interval.high < -margin {
            Self::Better
        } else if interval.low >= -margin && interval.high <= margin {
            Self::Same
        } else {
            Self::NotEnoughData
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_whole_interval_must_say_it() {
        for (low, high, verdict) in [
            (0.0, 0.0, Verdict::Same),
            (-2.0, 2.0, Verdict::Same),
            (1.0, 1.5, Verdict::Same),
            (1.0, 3.0, Verdict::NotEnoughData),
            (2.1, 9.0, Verdict::Worse),
            (-9.0, -2.1, Verdict::Better),
            (-9.0, 9.0, Verdict::NotEnoughData),
        ] {
            assert_eq!(
                Verdict::within(Interval { low, high }, 2.0),
                verdict,
                "{low} {high}"
            );
        }
    }
}
