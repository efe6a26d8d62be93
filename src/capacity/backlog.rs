//! Tests a backlog for growth, with a statistic that knows its own noise.
//!
//! The system is compared with a virtual one that does exactly `c` tasks per second of the same arrivals. What piles up in
//! that one follows from the arrivals (Lindley, 1952), so that their chance is in both alike. The difference between the
//! tasks in flight and the virtual backlog drifts upwards if the system does less than `c`, and downwards if it does more
//! while more than `c` arrives. The drift is held against the spread of the difference's increments over batches of the
//! run (batch means; Student's t): above its capacity a backlog's increments are independent, below it they balance each
//! other, and the spread is overestimated.

use std::time::Duration;

use statrs::distribution::{ContinuousCDF, StudentsT};

use crate::time::Micros;

/// A bound that a run gives for the capacity is wrong with this probability. Some fifteen runs are near the limit, each of
/// which gives two bounds: together they are wrong with less than 5 %.
const ERROR: f64 = 0.0015;
/// A backlog whose growth is more than so many standard errors may grow, if that is not sure.
const MAY_GROW: f64 = 2.5;
/// Most batches of a run.
const MOST_BATCHES: usize = 16;
/// Fewest batches of a run that is judged.
const LEAST_BATCHES: usize = 6;
/// The standard error of a backlog is at least a task: they are whole, and come and go with blocks.
const LEAST_ERROR: f64 = 1.0;
/// Points of a block at which tasks in flight are counted.
const POINTS: u32 = 8;
/// Steps in which a bound of the capacity is narrowed down.
const HALVINGS: u32 = 14;

/// What piled up in a run. Times are seconds since its load began.
#[derive(Clone, Debug)]
pub(super) struct Backlog {
    /// When tasks arrived, in order.
    arrivals: Vec<f64>,
    /// When they were over, in order.
    ends: Vec<f64>,
    /// The end of the first part, in which the run fills.
    from: f64,
    /// The length of a batch.
    batch: f64,
    batches: usize,
    /// Time from one block to the next.
    block: f64,
    /// How long the first tasks took, which met no backlog: half of them at most so long.
    first: f64,
    /// Tasks by which the run was still filling after its first part.
    filling: f64,
}

/// By how much a backlog changed from the end of the first part to that of the run, in tasks, and a virtual one.
struct Compared {
    flying: f64,
    virtual_backlog: f64,
    /// The change of the difference in each batch.
    increments: Vec<f64>,
}

/// The drift of a backlog, less that of a virtual system, in tasks per second.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Drift {
    pub(super) per_s: f64,
    /// Its standard error.
    pub(super) error_per_s: f64,
    degrees_of_freedom: usize,
}

impl Drift {
    /// How many standard errors away from 0 the drift must be to be significant: wrong with `error` on one side.
    fn quantile(self, error: f64) -> f64 {
        StudentsT::new(0.0, 1.0, self.degrees_of_freedom as f64)
            .map_or(f64::INFINITY, |student| student.inverse_cdf(1.0 - error))
    }

    /// Whether it is more than chance. A backlog near the limit is never below 0, as a random walk that is reflected there:
    /// it goes as far up as one without a wall does in both directions.
    pub(super) fn is_up(self) -> bool {
        self.per_s > self.quantile(ERROR / 2.0) * self.error_per_s
    }

    fn is_down(self) -> bool {
        self.per_s < -self.quantile(ERROR) * self.error_per_s
    }
}

/// Whether a backlog that grows by so much may do so by more than chance: a longer run tells.
pub(super) fn may_grow(per_s: f64, error_per_s: f64) -> bool {
    per_s > MAY_GROW * error_per_s
}

impl Backlog {
    /// What piled up of `tasks`, each with its arrival and its end, that arrive for `duration` from `start` on. `None` if
    /// that is too short for a judgement.
    pub(super) fn of(
        tasks: &[(Micros, Option<Micros>)],
        start: Micros,
        duration: Duration,
        block_time: Duration,
    ) -> Option<Self> {
        let seconds = |at: Micros| at.since(start) as f64 / 1e6;
        let (length, block) = (duration.as_secs_f64(), block_time.as_secs_f64().max(1e-6));
        let mut arrivals: Vec<f64> = tasks.iter().map(|(arrived, _)| seconds(*arrived)).collect();
        let mut ends: Vec<f64> = tasks.iter().filter_map(|(_, end)| end.map(seconds)).collect();
        arrivals.sort_unstable_by(f64::total_cmp);
        ends.sort_unstable_by(f64::total_cmp);
        let early = tasks
            .iter()
            .filter(|(arrived, _)| seconds(*arrived) < length / 10.0);
        let mut first: Vec<f64> = early
            .map(|(arrived, end)| end.map_or(f64::INFINITY, |end| end.since(*arrived) as f64 / 1e6))
            .collect();
        first.sort_unstable_by(f64::total_cmp);
        let quarter = length / 4.0;
        let later = first.iter().map(|took| (took.min(length) - quarter).max(0.0));
        let filling = later.sum::<f64>() / first.len().max(1) as f64 * arrivals.len() as f64 / length;
        let first = first.get(first.len() / 2).copied().unwrap_or_default();
        // Whole numbers of blocks, as everything in flight rises and falls with them, and long enough that what arrives in
        // a batch ends in it or in the next.
        let blocks = ((length - quarter) / block + 1e-9).floor();
        let lag = (first.min(quarter) / 2.0 / block).ceil();
        let in_batch = (blocks / MOST_BATCHES as f64).ceil().max(lag).max(1.0);
        let batches = (blocks / in_batch).floor() as usize;
        (batches >= LEAST_BATCHES).then_some(Self {
            arrivals,
            ends,
            from: length - batches as f64 * in_batch * block,
            batch: in_batch * block,
            batches,
            block,
            first,
            filling,
        })
    }

    /// Whether half of the first tasks took longer than the run had to fill.
    pub(super) fn is_filling(&self) -> bool {
        self.first > self.from
    }

    /// The drift of what is in flight beyond what would be if exactly `capacity` tasks per second were done. A virtual
    /// backlog that shrinks makes no growth of what does not grow; what still fills the system is none either.
    pub(super) fn growth(&self, capacity: f64) -> Drift {
        let compared = self.compared(capacity);
        self.drift(
            compared.flying - compared.virtual_backlog.max(0.0) - self.filling,
            &compared,
        )
    }

    /// The highest rate up to `most` that the system does at least: each lower one would have left significantly more in
    /// flight. `None` if there is none.
    pub(super) fn at_least(&self, most: f64) -> Option<f64> {
        let (mut sure, mut unsure) = (0.0, most);
        for _ in 0..HALVINGS {
            let middle = f64::midpoint(sure, unsure);
            let compared = self.compared(middle);
            if self
                .drift(compared.flying - compared.virtual_backlog, &compared)
                .is_down()
            {
                sure = middle;
            } else {
                unsure = middle;
            }
        }
        (sure > 0.0).then_some(sure)
    }

    fn compared(&self, capacity: f64) -> Compared {
        let ends = self.batch_ends();
        let flying = self.averaged(&ends, |times| self.in_flight(times));
        let piled_up = self.averaged(&ends, |times| self.virtual_backlog(times, capacity));
        let change = |of: &[f64]| of[of.len() - 1] - of[0];
        Compared {
            flying: change(&flying),
            virtual_backlog: change(&piled_up),
            increments: (1..ends.len())
                .map(|end| flying[end] - flying[end - 1] - piled_up[end] + piled_up[end - 1])
                .collect(),
        }
    }

    fn drift(&self, growth: f64, compared: &Compared) -> Drift {
        let arrived: Vec<f64> = self
            .batch_ends()
            .windows(2)
            .map(|pair| self.arrived_until(pair[1] - self.first) - self.arrived_until(pair[0] - self.first))
            .collect();
        let time = self.batch * self.batches as f64;
        let error = (self.batches as f64 * residual_variance(&compared.increments, &arrived)).sqrt();
        Drift {
            per_s: growth / time,
            error_per_s: error.max(LEAST_ERROR) / time,
            degrees_of_freedom: self.batches - 2,
        }
    }

    fn batch_ends(&self) -> Vec<f64> {
        (0..=self.batches)
            .map(|batch| self.from + batch as f64 * self.batch)
            .collect()
    }

    /// The mean of `count` over the block before each of `times`.
    fn averaged(&self, times: &[f64], count: impl Fn(&[f64]) -> Vec<f64>) -> Vec<f64> {
        let step = self.block / f64::from(POINTS);
        let points: Vec<f64> = times
            .iter()
            .flat_map(|time| (0..POINTS).rev().map(move |back| time - f64::from(back) * step))
            .collect();
        count(&points)
            .chunks(POINTS as usize)
            .map(|counts| counts.iter().sum::<f64>() / f64::from(POINTS))
            .collect()
    }

    fn arrived_until(&self, time: f64) -> f64 {
        self.arrivals.partition_point(|arrived| *arrived <= time) as f64
    }

    fn in_flight(&self, times: &[f64]) -> Vec<f64> {
        let ended = |time: f64| self.ends.partition_point(|end| *end <= time) as f64;
        times
            .iter()
            .map(|time| self.arrived_until(*time) - ended(*time))
            .collect()
    }

    /// What would have piled up by each of `times`, in order, if `capacity` tasks per second were done.
    fn virtual_backlog(&self, times: &[f64], capacity: f64) -> Vec<f64> {
        let mut arrivals = self.arrivals.iter().copied().peekable();
        let (mut backlog, mut last) = (0.0_f64, 0.0);
        times
            .iter()
            .map(|time| {
                while let Some(arrival) = arrivals.next_if(|arrival| arrival <= time) {
                    backlog = (backlog - capacity * (arrival - last)).max(0.0) + 1.0;
                    last = arrival;
                }
                (backlog - capacity * (time - last)).max(0.0)
            })
            .collect()
    }
}

/// The variance of `values` that a linear dependence on `causes` does not explain. What ends in a system that keeps up is
/// what arrived before: that part of the spread tells nothing of the capacity. Where work is always waiting, ends do not
/// depend on arrivals, and nothing is explained.
fn residual_variance(values: &[f64], causes: &[f64]) -> f64 {
    let n = values.len() as f64;
    let mean = |of: &[f64]| of.iter().sum::<f64>() / n;
    let (value_mean, cause_mean) = (mean(values), mean(causes));
    let (mut squares, mut together, mut cause_squares) = (0.0, 0.0, 0.0);
    for (value, cause) in values.iter().zip(causes) {
        let (value, cause) = (value - value_mean, cause - cause_mean);
        squares += value * value;
        together += value * cause;
        cause_squares += cause * cause;
    }
    let explained = if cause_squares > 0.0 {
        together * together / cause_squares
    } else {
        0.0
    };
    (squares - explained).max(0.0) / (n - 2.0).max(1.0)
}
