//! The rate of an open load over time, and its integral.

use std::time::Duration;

use super::{Bursts, Load, Mmpp, Replay, Stages};

/// A stretch of an open load in which its rate changes linearly. Times are in µs, rates in tasks per µs.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Segment {
    /// How long it lasts; may be infinite if the rate stays the same and is more than 0.
    pub(crate) length: f64,
    /// The rate at its beginning.
    pub(crate) from: f64,
    /// The rate at its end.
    pub(crate) to: f64,
}

impl Segment {
    /// The same rate throughout.
    pub(crate) const fn flat(length: f64, rate: f64) -> Self {
        Self {
            length,
            from: rate,
            to: rate,
        }
    }

    /// Tasks expected in all of it.
    pub(crate) fn tasks(self) -> f64 {
        if self.length == 0.0 {
            return 0.0;
        }
        self.length * f64::midpoint(self.from, self.to)
    }

    /// Tasks expected in its first `time`, which is at most its length.
    fn tasks_until(self, time: f64) -> f64 {
        Self {
            length: time,
            from: self.from,
            to: self.rate_at(time),
        }
        .tasks()
    }

    fn rate_at(self, time: f64) -> f64 {
        if self.from == self.to || self.length == 0.0 {
            return self.to;
        }
        self.from + (self.to - self.from) * time / self.length
    }

    /// The time until so many tasks are expected; less than [`Segment::tasks`], at least 0.
    ///
    /// The root of *from* t + (*to* − *from*) t² / (2 *length*) = tasks, in the form that loses no digits.
    pub(crate) fn time_of(self, tasks: f64) -> f64 {
        if tasks <= 0.0 {
            return 0.0;
        }
        let slope = if self.from == self.to {
            0.0
        } else {
            (self.to - self.from) / self.length
        };
        let root = (self.from * self.from + 2.0 * tasks * slope).max(0.0).sqrt();
        2.0 * tasks / (self.from + root)
    }
}

impl Stages {
    /// Its stages as segments, with blocks of this length.
    pub(crate) fn segments(&self, block_time: Duration) -> impl Iterator<Item = Segment> + '_ {
        let mut from = self.from.per_micro(block_time);
        self.stages.iter().map(move |stage| {
            let to = stage.to.per_micro(block_time);
            Segment {
                length: micros(stage.length),
                from: std::mem::replace(&mut from, to),
                to,
            }
        })
    }
}

impl Bursts {
    /// A burst and the time up to the next, with blocks of this length.
    pub(crate) fn cycle(&self, block_time: Duration) -> [Segment; 2] {
        [
            Segment::flat(micros(self.on), self.rate.per_micro(block_time)),
            Segment::flat(micros(self.off), self.idle.per_micro(block_time)),
        ]
    }
}

impl Mmpp {
    /// The share of time that it spends in the first state.
    pub(crate) fn share_of_first(&self) -> f64 {
        let [first, second] = self.sojourns.map(micros);
        first / (first + second)
    }

    fn mean(&self, block_time: Duration) -> f64 {
        let [first, second] = self.rates.map(|rate| rate.per_micro(block_time));
        let share = self.share_of_first();
        first * share + second * (1.0 - share)
    }
}

impl Load {
    /// Expected tasks in the first `time` since the group's start, with blocks of this length: the integral of the rate.
    /// `None` for a closed load.
    #[must_use]
    pub fn expected(&self, time: Duration, block_time: Duration) -> Option<f64> {
        let (length, time) = (time, micros(time));
        Some(match self {
            Self::BackToBack { .. } => return None,
            Self::Trace(replay) => replay.due_before(length) as f64,
            Self::Constant { rate } | Self::Poisson { rate } => rate.per_micro(block_time) * time,
            Self::Mmpp(mmpp) => mmpp.mean(block_time) * time,
            Self::Bursts(bursts) => {
                let [on, off] = bursts.cycle(block_time);
                let cycles = (time / (on.length + off.length)).floor();
                let rest = time - cycles * (on.length + off.length);
                cycles * (on.tasks() + off.tasks())
                    + on.tasks_until(rest.min(on.length))
                    + off.tasks_until((rest - on.length).max(0.0))
            }
            Self::Stages(stages) => {
                let mut left = time;
                let mut tasks = 0.0;
                for segment in stages.segments(block_time) {
                    tasks += segment.tasks_until(left.min(segment.length));
                    left = (left - segment.length).max(0.0);
                }
                tasks
            }
        })
    }

    /// The mean rate of an open load in tasks per second, with blocks of this length: over whole cycles of bursts, in
    /// the long run of a modulated process, over all stages, over the whole of a trace. `None` for a closed load.
    #[must_use]
    pub fn offered_rate(&self, block_time: Duration) -> Option<f64> {
        let over = |length: Duration| Some(self.expected(length, block_time)? / length.as_secs_f64());
        match self {
            Self::BackToBack { .. } => None,
            Self::Constant { rate } | Self::Poisson { rate } => Some(rate.per_micro(block_time) * 1e6),
            Self::Mmpp(mmpp) => Some(mmpp.mean(block_time) * 1e6),
            // Single arrivals have no rate.
            Self::Trace(replay) if replay.length().is_zero() => Some(0.0),
            Self::Trace(replay) => Some(mean_of(replay) * 1e6),
            Self::Bursts(bursts) => over(bursts.on + bursts.off),
            Self::Stages(stages) => over(stages.length()),
        }
    }
}

/// Arrivals per µs of a trace as a whole; of one shorter than a second, as if it took a second.
fn mean_of(replay: &Replay) -> f64 {
    replay.rows().len() as f64 / micros(replay.length()).max(1e6)
}

fn micros(time: Duration) -> f64 {
    time.as_micros() as f64
}
