//! Arrival times of the tasks of an open load.

use std::{iter, time::Duration};

use rand::{RngExt, rngs::ChaCha8Rng};
use rand_distr::Exp1;

use super::{Choice, StreamSeed};
use crate::{
    scenario::{Load, Mmpp, Scenario, Segment, Spacing, SubmittingGroup},
    time::Micros,
};

/// What is so close to the end of a segment, in expected tasks, lies beyond it: sums of rates are exact to far less. In a
/// segment of less than one task, so large a share of its tasks.
const CLOSE: f64 = 1e-6;

/// When the tasks of a group arrive, in ascending order, since the load of the run began; as many as its
/// count, its duration and its stages allow. `None` if its load is closed.
///
/// Random arrivals are those of a unit Poisson process, its time changed by the integral of the rate (Çınlar, 1975;
/// Lewis and Shedler, 1979): the same draws serve whatever the rates. They come from a stream of the group's own.
#[must_use]
pub fn group_arrivals(scenario: &Scenario, group: SubmittingGroup<'_>) -> Option<Vec<Micros>> {
    let (block_time, submissions) = (scenario.chain.block_time, group.submissions);
    let stream = StreamSeed::derive_arrivals(scenario.seed, group.name);
    let unit = |spacing| match spacing {
        Spacing::Even => UnitProcess::Even,
        Spacing::Poisson => UnitProcess::Poisson(Box::new(stream.rng_of(Choice::Arrivals))),
    };
    let due = |segments: Box<dyn Iterator<Item = Segment>>, spacing| -> Box<dyn Iterator<Item = Micros>> {
        Box::new(Changed::new(segments, unit(spacing), None))
    };
    let times: Box<dyn Iterator<Item = Micros>> = match &submissions.load {
        Load::BackToBack { .. } => return None,
        // In whole numbers, so that errors never add up.
        Load::Constant { rate } => {
            let rate = *rate;
            Box::new((0..).map(move |k| rate.due(k, block_time)))
        }
        Load::Poisson { rate } => {
            let segment = Segment::flat(f64::INFINITY, rate.per_micro(block_time));
            due(Box::new(iter::once(segment)), Spacing::Poisson)
        }
        Load::Bursts(bursts) => {
            let cycle = bursts.cycle(block_time);
            let segments = cycle.into_iter().cycle();
            Box::new(Changed::new(
                segments,
                unit(bursts.arrivals),
                Some(Cycle::of(cycle)),
            ))
        }
        Load::Mmpp(mmpp) => {
            let states = states(*mmpp, block_time, stream.rng_of(Choice::Sojourns));
            due(Box::new(states), Spacing::Poisson)
        }
        Load::Trace(replay) => Box::new(replay.rows().iter().map(|row| Micros::from(replay.due(row)))),
        Load::Stages(stages) => {
            let segments: Vec<_> = stages.segments(block_time).collect();
            due(Box::new(segments.into_iter()), stages.arrivals)
        }
    };
    let limit = usize::try_from(group.task_limit().unwrap_or(u64::MAX)).unwrap_or(usize::MAX);
    let end = submissions.duration.map_or(Micros(u64::MAX), Micros::from);
    Some(
        times
            .take(limit)
            .take_while(|at| *at < end)
            .map(|at| at + submissions.start)
            .collect(),
    )
}

/// The states of a modulated process, one after the other.
fn states(mmpp: Mmpp, block_time: Duration, mut draws: ChaCha8Rng) -> impl Iterator<Item = Segment> {
    let first = usize::from(draws.random::<f64>() >= mmpp.share_of_first());
    (first..).map(move |place| {
        let (rate, mean) = (mmpp.rates[place % 2], mmpp.sojourns[place % 2]);
        let length = mean.as_micros() as f64 * draws.sample::<f64, _>(Exp1);
        Segment::flat(length, rate.per_micro(block_time))
    })
}

/// Points on a line with one expected per unit.
enum UnitProcess {
    /// At 0, 1, 2, …
    Even,
    /// At the sums of independent exponentially distributed distances.
    Poisson(Box<ChaCha8Rng>),
}

impl UnitProcess {
    /// Where the first lies.
    fn first(&mut self) -> f64 {
        match self {
            Self::Even => 0.0,
            Self::Poisson(_) => self.step(),
        }
    }

    /// How far it is from one to the next.
    fn step(&mut self) -> f64 {
        match self {
            Self::Even => 1.0,
            Self::Poisson(draws) => draws.sample(Exp1),
        }
    }
}

/// The moments at which the integral of a rate goes beyond the points of a unit process, to the nearest microsecond.
struct Changed<I> {
    segments: I,
    /// What the segments repeat for ever, if they do.
    cycle: Option<Cycle>,
    points: UnitProcess,
    /// The segment, and when it began in µs.
    segment: Option<(Segment, f64)>,
    /// From the beginning of the segment to the next point, in expected tasks.
    ahead: f64,
}

/// Segments that repeat: their length and the tasks expected in them.
#[derive(Clone, Copy, Debug)]
struct Cycle {
    length: f64,
    tasks: f64,
}

impl Cycle {
    /// From so many cycles to the next point on, they are skipped at once rather than walked through.
    const MANY: f64 = 1_000.0;

    fn of(segments: [Segment; 2]) -> Self {
        let [one, other] = segments;
        Self {
            length: one.length + other.length,
            tasks: one.tasks() + other.tasks(),
        }
    }

    /// How many cycles to skip on the way to the point that is `ahead` expected tasks away; they end before it.
    fn skipped(self, ahead: f64) -> f64 {
        let cycles = (ahead / self.tasks).floor() - 1.0;
        if cycles >= Self::MANY { cycles } else { 0.0 }
    }
}

impl<I: Iterator<Item = Segment>> Changed<I> {
    fn new(mut segments: I, mut points: UnitProcess, cycle: Option<Cycle>) -> Self {
        Self {
            cycle,
            segment: segments.next().map(|segment| (segment, 0.0)),
            ahead: points.first(),
            segments,
            points,
        }
    }
}

impl<I: Iterator<Item = Segment>> Iterator for Changed<I> {
    type Item = Micros;

    fn next(&mut self) -> Option<Micros> {
        loop {
            let (segment, began) = self.segment?;
            let skipped = self.cycle.map_or(0.0, |cycle| cycle.skipped(self.ahead));
            if let Some(cycle) = self.cycle.filter(|_| skipped > 0.0) {
                self.ahead -= skipped * cycle.tasks;
                self.segment = Some((segment, began + skipped * cycle.length));
                continue;
            }
            let tasks = segment.tasks();
            if self.ahead < tasks - CLOSE * tasks.min(1.0) {
                let at = began + segment.time_of(self.ahead);
                self.ahead += self.points.step();
                return Some(Micros(at.round() as u64));
            }
            self.ahead = (self.ahead - tasks).max(0.0);
            self.segment = self.segments.next().map(|next| (next, began + segment.length));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cycles_without_a_task_are_skipped() {
        // A task in 10⁹ cycles of 2 µs.
        let segments = [Segment::flat(1.0, 1e-9), Segment::flat(1.0, 0.0)];
        let cycle = Cycle::of(segments);
        let mut changed = Changed::new(segments.into_iter().cycle(), UnitProcess::Even, Some(cycle));
        assert_eq!(changed.next(), Some(Micros(0)));
        for task in 1..4_u64 {
            let at = changed.next().unwrap().0;
            assert!(at.abs_diff(task * 2_000_000_000) < 4_000, "{at}");
        }
    }

    #[test]
    fn a_ramp_is_inverted_to_the_end_that_it_comes_to() {
        // 0 to 2 tasks per µs in 100 µs: t² / 100 tasks after t.
        let up = Segment {
            length: 100.0,
            from: 0.0,
            to: 2.0,
        };
        assert_eq!(
            (up.tasks(), up.time_of(0.0), up.time_of(25.0)),
            (100.0, 0.0, 50.0)
        );
        let down = Segment {
            length: 100.0,
            from: 2.0,
            to: 0.0,
        };
        assert_eq!(down.time_of(75.0), 50.0);
        assert!((down.time_of(99.999_999) - 99.99).abs() < 1e-6);
    }
}
