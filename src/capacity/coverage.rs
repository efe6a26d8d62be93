//! Tests of the search on synthetic queues whose capacity is known: how often its interval covers it, and how close its
//! estimate comes.

use std::{
    cmp::Reverse,
    collections::{BinaryHeap, VecDeque},
    time::Duration,
};

use rand::{RngExt, SeedableRng, rngs::ChaCha8Rng};
use rand_distr::{Exp1, LogNormal};

use super::{
    CapacitySettings, Evidence, Next, Search,
    backlog::{Backlog, may_grow},
};
use crate::time::Micros;

/// What every system here can do, in tasks per second.
const CAPACITY: f64 = 20.0;
const BLOCK: Duration = Duration::from_secs(1);
/// From a task's arrival to its work, and from its work to its end, in s.
const PIPELINE: f64 = 2.0;

#[derive(Clone, Copy, Debug)]
enum Arrivals {
    Constant,
    Poisson,
    /// 10 times the rate for 2 s in the mean, after 16 s in the mean.
    Bursts,
}

#[derive(Clone, Copy, Debug)]
enum Work {
    /// 60 workers, exponentially distributed work.
    Exponential,
    /// 60 workers; the logarithm of the work has a standard deviation of 1.
    LogNormal,
    /// Blocks of 20 tasks, each of one transaction.
    Blocks,
    /// Blocks of 200 transactions, ten for each task, one after the other, oldest first.
    Pipeline,
}

/// When as many tasks as `rate` says arrive in `seconds`.
fn arrivals(kind: Arrivals, rate: f64, seconds: f64, draws: &mut ChaCha8Rng) -> Vec<f64> {
    let tasks = (rate * seconds).round() as usize;
    let mut times: Vec<f64> = match kind {
        Arrivals::Constant => (0..tasks).map(|k| k as f64 / rate).collect(),
        Arrivals::Poisson => (0..tasks).map(|_| draws.random::<f64>() * seconds).collect(),
        Arrivals::Bursts => {
            let (mut states, mut at, mut total) = (Vec::new(), 0.0, 0.0);
            let mut bursts = draws.random::<f64>() * 18.0 > 16.0;
            while at < seconds {
                let (mean, height) = if bursts { (2.0, 10.0) } else { (16.0, 1.0) };
                let length = (mean * draws.sample::<f64, _>(Exp1)).min(seconds - at);
                states.push((at, height, total));
                (at, total, bursts) = (at + length, total + length * height, !bursts);
            }
            (0..tasks)
                .map(|_| {
                    let place = draws.random::<f64>() * total;
                    let state = states.partition_point(|(.., before)| *before <= place) - 1;
                    let (began, height, before) = states[state];
                    began + (place - before) / height
                })
                .collect()
        }
    };
    times.sort_unstable_by(f64::total_cmp);
    times
}

/// When each of the tasks that arrive at `times` is over.
fn ends(work: Work, times: &[f64], draws: &mut ChaCha8Rng) -> Vec<f64> {
    match work {
        Work::Blocks => blocks(times, 1),
        Work::Pipeline => blocks(times, 10),
        Work::Exponential | Work::LogNormal => {
            let workers = 60_u32;
            let mean = f64::from(workers) / CAPACITY;
            let log_normal = LogNormal::new(mean.ln() - 0.5, 1.0).unwrap();
            let mut free: BinaryHeap<_> = (0..workers).map(|_| Reverse(Micros(0))).collect();
            let end = |arrived: &f64| {
                let Reverse(Micros(free_at)) = free.pop().unwrap();
                let took = match work {
                    Work::LogNormal => draws.sample(log_normal),
                    _ => mean * draws.sample::<f64, _>(Exp1),
                };
                let done = (arrived + PIPELINE).max(free_at as f64 / 1e6) + took;
                free.push(Reverse(Micros((done * 1e6) as u64)));
                (done + PIPELINE).ceil()
            };
            times.iter().map(end).collect()
        }
    }
}

/// The same where each task is `passes` transactions, and a block holds as many as the capacity says.
fn blocks(times: &[f64], passes: u32) -> Vec<f64> {
    let mut ends = vec![0.0; times.len()];
    let (mut waiting, mut arrived, mut left, mut block) = (VecDeque::new(), 0, times.len(), 0.0);
    while left > 0 {
        block += 1.0;
        while times.get(arrived).is_some_and(|time| *time <= block) {
            waiting.push_back((arrived, 1));
            arrived += 1;
        }
        let room = (CAPACITY as usize * passes as usize).min(waiting.len());
        let included: Vec<_> = waiting.drain(..room).collect();
        for (task, pass) in included {
            if pass == passes {
                ends[task] = block;
                left -= 1;
            } else {
                waiting.push_back((task, pass + 1));
            }
        }
    }
    ends
}

/// What a step says.
fn step(kind: Arrivals, work: Work, rate: f64, doublings: u32, length: Duration, seed: u64) -> Evidence {
    let mut draws = ChaCha8Rng::seed_from_u64(seed);
    let times = arrivals(kind, rate, length.as_secs_f64(), &mut draws);
    let ends = ends(work, &times, &mut draws);
    let micros = |seconds: &f64| Micros((seconds * 1e6) as u64);
    let tasks: Vec<_> = times
        .iter()
        .map(micros)
        .zip(ends.iter().map(|end| Some(micros(end))))
        .collect();
    let Some(backlog) = Backlog::of(&tasks, Micros(0), length, BLOCK) else {
        return Evidence {
            doublings,
            ..Evidence::default()
        };
    };
    let growth = backlog.growth(rate);
    let is_up = growth.is_up();
    Evidence {
        doublings,
        grows: (!is_up || !backlog.is_filling()).then_some(is_up),
        may_grow: !is_up && may_grow(growth.per_s, growth.error_per_s),
        at_least_per_s: backlog.at_least(rate),
        margins: Vec::new(),
    }
}

/// What a search ends with: its interval, whether that is as narrow as was asked for, and the steps that it took.
fn search(kind: Arrivals, work: Work, tolerance: f64, seed: u64) -> (f64, f64, bool, u64) {
    let settings = CapacitySettings {
        from_per_s: 7.0 + seed as f64,
        max_rate_per_s: 1e4,
        tolerance,
        repeats: CapacitySettings::REPEATS,
        step_duration: CapacitySettings::STEP_DURATION,
        max_step_duration: CapacitySettings::STEP_DURATION * CapacitySettings::LENGTHENED,
        max_steps: CapacitySettings::MAX_STEPS,
        max_time: CapacitySettings::MAX_TIME,
    };
    let mut search = Search::new(&settings);
    let mut steps = 0;
    let is_decided = loop {
        match search.next() {
            Next::Try { rate, doublings, .. } if steps < u64::from(settings.max_steps) => {
                steps += 1;
                let length = settings.length(doublings);
                search.note(
                    rate,
                    step(kind, work, rate, doublings, length, seed * 1000 + steps),
                );
            }
            Next::Try { .. } => break false,
            Next::Done { is_decided, .. } => break is_decided,
        }
    };
    let (low, high) = search.interval();
    (
        low.unwrap_or(0.0),
        high.unwrap_or(f64::INFINITY),
        is_decided,
        steps,
    )
}

/// Searches with so many seeds: those that were decided, that were decided and close, and that cover the capacity; a line
/// that says so.
fn searches(kind: Arrivals, work: Work, tolerance: f64, seeds: u64) -> (usize, usize, usize, String) {
    let all: Vec<_> = (0..seeds)
        .map(|seed| search(kind, work, tolerance, seed))
        .collect();
    let covered = all
        .iter()
        .filter(|(low, high, ..)| *low <= CAPACITY && CAPACITY <= *high)
        .count();
    let found = || all.iter().filter(|(.., is_decided, _)| *is_decided);
    let errors: Vec<f64> = found()
        .map(|(low, high, ..)| 2.0 * low * high / (low + high) / CAPACITY - 1.0)
        .collect();
    let near = errors.iter().filter(|error| error.abs() <= tolerance).count();
    let worst = errors.iter().fold(0.0_f64, |worst, error| worst.max(error.abs()));
    let steps: u64 = all.iter().map(|(.., steps)| steps).sum();
    let line = format!(
        "{work:?}, {kind:?}: {} of {seeds} found, {near} of them within the tolerance, the worst {:.1} % off; {covered} intervals cover it; \
         {:.1} steps",
        errors.len(),
        worst * 100.0,
        steps as f64 / seeds as f64
    );
    (errors.len(), near, covered, line)
}

#[test]
fn a_capacity_is_found_within_five_per_cent_or_left_undecided() {
    for (kind, work) in [
        (Arrivals::Constant, Work::Blocks),
        (Arrivals::Poisson, Work::Blocks),
        (Arrivals::Constant, Work::Pipeline),
        (Arrivals::Constant, Work::Exponential),
    ] {
        let (found, near, covered, line) = searches(kind, work, CapacitySettings::TOLERANCE, 3);
        assert!(found == 3 && near == 3 && covered == 3, "{line}");
    }
}

/// Searches where chance is greatest: whatever is found is near, also where little is.
#[test]
fn bursts_are_not_taken_for_a_limit() {
    let (found, near, covered, line) = searches(Arrivals::Bursts, Work::Blocks, 0.1, 3);
    assert!(near == found && covered == 3, "{line}");
}

/// The table of docs/capacity.md: `cargo test --release --lib -- --ignored --nocapture capacity::coverage`.
#[test]
#[expect(clippy::print_stdout, reason = "the table is what it is for")]
#[ignore = "takes minutes, and prints a table rather than fails"]
fn coverage_by_arrivals_and_work() {
    for work in [Work::Exponential, Work::LogNormal, Work::Blocks, Work::Pipeline] {
        for kind in [Arrivals::Constant, Arrivals::Poisson, Arrivals::Bursts] {
            let (.., line) = searches(kind, work, CapacitySettings::TOLERANCE, 40);
            println!("{line}");
        }
    }
}

/// A step just below the capacity shows no growth, and one above it does; neither claims more than the capacity.
#[test]
fn a_step_claims_no_more_than_the_system_does() {
    let length = Duration::from_secs(240);
    for kind in [Arrivals::Constant, Arrivals::Poisson, Arrivals::Bursts] {
        for work in [Work::Exponential, Work::LogNormal, Work::Blocks] {
            let (mut wrong, mut grown, mut missed) = (0, 0, 0);
            for seed in 0..12 {
                let below = step(kind, work, CAPACITY * 0.97, 0, length, seed);
                let above = step(kind, work, CAPACITY * 2.0, 0, length, seed);
                grown += u32::from(below.grows == Some(true));
                missed += u32::from(above.grows != Some(true));
                let claims = [below.at_least_per_s, above.at_least_per_s];
                wrong += claims
                    .iter()
                    .flatten()
                    .filter(|least| **least > CAPACITY * 1.005)
                    .count();
            }
            assert!(
                grown == 0 && missed <= 1 && wrong <= 1,
                "{kind:?} {work:?}: {grown} {missed} {wrong}"
            );
        }
    }
}
