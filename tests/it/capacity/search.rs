//! Rates that the search tries: whatever the capacity and the noise, it ends with rates that enclose the capacity.

use proptest::prelude::*;
use taskstorm::capacity::{CapacitySettings, Evidence, Next, Search};

fn settings(from: f64) -> CapacitySettings {
    CapacitySettings {
        from_per_s: from,
        max_rate_per_s: 1e5,
        tolerance: 0.02,
        repeats: 5,
        step_duration: CapacitySettings::STEP_DURATION,
        max_step_duration: CapacitySettings::STEP_DURATION * 8,
        max_steps: 1000,
        max_time: CapacitySettings::MAX_TIME,
    }
}

/// What a run says that keeps its condition or does not, in a system that keeps up.
fn condition(rate: f64, is_kept: bool) -> Evidence {
    Evidence {
        doublings: 0,
        grows: Some(false),
        may_grow: false,
        at_least_per_s: Some(rate),
        margins: vec![if is_kept { 1.0 } else { -1.0 }],
    }
}

/// What a search tried, and what it ended with.
struct Followed {
    tried: Vec<f64>,
    longest: u32,
    holds: Option<f64>,
    fails: Option<f64>,
    is_decided: bool,
    interval: (Option<f64>, Option<f64>),
}

/// Follows a search to its end; `run` says what comes of a run at a rate, after so many doublings of its length.
fn follow_runs(settings: &CapacitySettings, mut run: impl FnMut(f64, u32) -> Evidence) -> Followed {
    let mut search = Search::new(settings);
    let (mut tried, mut longest) = (Vec::new(), 0);
    loop {
        match search.next() {
            Next::Try {
                rate,
                before,
                doublings,
            } => {
                assert_eq!(
                    before as usize,
                    tried.iter().filter(|other| **other == rate).count()
                );
                tried.push(rate);
                longest = longest.max(doublings);
                search.note(rate, run(rate, doublings));
                assert!(tried.len() < 200, "{tried:?}");
            }
            Next::Done {
                holds,
                fails,
                is_decided,
            } => {
                let interval = search.interval();
                return Followed {
                    tried,
                    longest,
                    holds,
                    fails,
                    is_decided,
                    interval,
                };
            }
        }
    }
}

/// The same where a condition decides: the rates that it tried, and what they enclose.
fn follow(
    settings: &CapacitySettings,
    mut holds: impl FnMut(f64) -> bool,
) -> (Vec<f64>, Option<f64>, Option<f64>) {
    let followed = follow_runs(settings, |rate, _| condition(rate, holds(rate)));
    assert!(followed.is_decided);
    (followed.tried, followed.holds, followed.fails)
}

#[test]
fn it_doubles_then_narrows_then_repeats_the_edge() {
    let (tried, holds, fails) = follow(&settings(10.0), |rate| rate <= 33.0);
    assert_eq!(tried[..4], [10.0, 20.0, 40.0, 28.28]);
    let (holds, fails) = (holds.unwrap(), fails.unwrap());
    assert!(
        holds <= 33.0 && fails > 33.0 && fails / holds <= 1.02,
        "{holds} {fails}"
    );
    let times = |rate: f64| tried.iter().filter(|other| **other == rate).count();
    assert_eq!((times(holds), times(fails)), (2, 2), "{tried:?}");
    assert!(tried.len() <= 12, "{tried:?}");
}

/// A system that does 33 tasks/s, and steps that know so only to 20 %, or to half of that at twice the length.
fn backlog(rate: f64, doublings: u32) -> Evidence {
    let unknown = 0.2 / f64::from(1 << doublings);
    Evidence {
        doublings,
        grows: Some(rate > 33.0 * (1.0 + unknown)),
        may_grow: false,
        at_least_per_s: Some(rate.min(33.0) * (1.0 - unknown)),
        margins: Vec::new(),
    }
}

#[test]
fn it_lengthens_steps_until_they_tell() {
    let mut settings = settings(10.0);
    settings.tolerance = 0.05;
    let followed = follow_runs(&settings, backlog);
    let (low, high) = (followed.interval.0.unwrap(), followed.interval.1.unwrap());
    assert!(
        followed.is_decided && followed.longest == 3,
        "{:?}",
        followed.tried
    );
    assert!(low <= 33.0 && 33.0 <= high && high / low <= 1.106, "{low} {high}");
    // No longer than it must.
    settings.tolerance = 0.3;
    let followed = follow_runs(&settings, backlog);
    assert!(
        followed.is_decided && followed.longest == 0,
        "{:?}",
        followed.tried
    );
}

/// A step that shows growth, but not surely, is made longer at once: no rates are narrowed down below one that only seems to
/// hold.
#[test]
fn a_backlog_that_may_grow_is_looked_at_for_longer() {
    let mut settings = settings(10.0);
    settings.tolerance = 0.05;
    let mut lengths = Vec::new();
    let followed = follow_runs(&settings, |rate, doublings| {
        lengths.push((rate, doublings));
        Evidence {
            doublings,
            may_grow: rate > 33.0 && doublings < 2,
            grows: Some(rate > 33.0 && doublings >= 2),
            ..backlog(rate, 3)
        }
    });
    assert_eq!(
        lengths[..6],
        [(10.0, 0), (20.0, 0), (40.0, 0), (40.0, 1), (40.0, 2), (28.28, 0)]
    );
    let (low, high) = (followed.interval.0.unwrap(), followed.interval.1.unwrap());
    assert!(followed.is_decided && low <= 33.0 && 33.0 <= high, "{low} {high}");
}

/// What is too short to tell above a rate that holds is left until lower rates have decided.
#[test]
fn a_step_that_is_too_short_far_above_the_capacity_is_not_lengthened() {
    let mut settings = settings(10.0);
    settings.tolerance = 0.05;
    let followed = follow_runs(&settings, |rate, doublings| Evidence {
        doublings,
        grows: (rate < 36.0).then_some(rate > 33.0),
        ..backlog(rate, 3)
    });
    let times = |rate: f64| followed.tried.iter().filter(|tried| **tried == rate).count();
    assert_eq!(times(40.0), 1, "{:?}", followed.tried);
    assert!(followed.is_decided);
}

/// Until its queue has filled, a system grows below its capacity, too, with every seed.
#[test]
fn a_backlog_that_grows_while_the_queue_fills_does_not_decide() {
    let mut settings = settings(10.0);
    settings.tolerance = 0.05;
    let followed = follow_runs(&settings, |rate, doublings| Evidence {
        grows: Some(rate > 33.0 || rate > 29.0 && doublings == 0),
        ..backlog(rate, doublings)
    });
    let (low, high) = (followed.interval.0.unwrap(), followed.interval.1.unwrap());
    assert!(followed.is_decided && low <= 33.0 && 33.0 <= high, "{low} {high}");
}

#[test]
fn what_the_longest_steps_do_not_tell_is_undecided() {
    let mut settings = settings(10.0);
    settings.max_step_duration = settings.step_duration;
    let followed = follow_runs(&settings, backlog);
    let (low, high) = (followed.interval.0.unwrap(), followed.interval.1.unwrap());
    assert!(
        !followed.is_decided && followed.longest == 0,
        "{:?}",
        followed.tried
    );
    assert!(low <= 33.0 && 33.0 <= high, "{low} {high}");
}

/// One run of a rate that the others contradict is made again.
#[test]
fn a_backlog_that_grew_by_chance_does_not_decide() {
    let mut first = true;
    let followed = follow_runs(&settings(20.0), |rate, doublings| {
        let is_chance = rate == 20.0 && std::mem::take(&mut first);
        Evidence {
            doublings,
            grows: Some(rate > 33.0 || is_chance),
            may_grow: false,
            // What a higher rate shows is known of all lower ones.
            at_least_per_s: Some(rate.min(33.0)),
            margins: Vec::new(),
        }
    });
    let (low, high) = (followed.interval.0.unwrap(), followed.interval.1.unwrap());
    assert!(low <= 33.0 && 33.0 <= high, "{low} {high} {:?}", followed.tried);
}

#[test]
fn it_halves_where_the_first_rate_is_too_high() {
    let (tried, holds, _) = follow(&settings(100.0), |rate| rate <= 9.0);
    assert_eq!(tried[..5], [100.0, 50.0, 25.0, 12.5, 6.25]);
    assert!((8.8..=9.0).contains(&holds.unwrap()));
}

#[test]
fn it_ends_at_its_bounds() {
    let (tried, holds, fails) = follow(&settings(100.0), |_| true);
    assert_eq!((holds, fails), (Some(1e5), None));
    assert_eq!(tried.iter().filter(|rate| **rate == 1e5).count(), 2);
    let (tried, holds, fails) = follow(&settings(100.0), |_| false);
    // 20 tasks in a minute.
    assert_eq!((holds, fails), (None, Some(0.3333)));
    assert!(tried.len() <= 11, "{tried:?}");
}

/// Values on both sides of the bound decide nothing: such a rate is neither one that holds nor one that fails.
#[test]
fn what_repetitions_do_not_decide_is_left_open() {
    let mut kept = false;
    let (tried, holds, fails) = {
        let followed = follow_runs(&settings(10.0), |rate, _| {
            kept ^= rate == 20.0;
            condition(rate, rate < 20.0 || rate == 20.0 && kept)
        });
        (followed.tried, followed.holds.unwrap(), followed.fails.unwrap())
    };
    assert!(holds < 20.0 && fails > 20.0, "{holds} {fails}");
    assert_eq!(tried.iter().filter(|rate| **rate == 20.0).count(), 5, "{tried:?}");
}

proptest! {
    #[test]
    fn it_always_ends_and_encloses_the_capacity(from in 0.5..1e4_f64, capacity in 1.0..5e4_f64) {
        let (_, holds, fails) = follow(&settings(from), |rate| rate <= capacity);
        let (holds, fails) = (holds.unwrap(), fails.unwrap());
        prop_assert!(holds <= capacity && capacity < fails);
        prop_assert!(fails / holds <= 1.0201);
    }

    #[test]
    fn it_ends_whatever_runs_come_to(outcomes in prop::collection::vec(0..6_u8, 3000)) {
        let mut outcomes = outcomes.into_iter();
        let mut search = Search::new(&settings(50.0));
        while let Next::Try { rate, doublings, .. } = search.next() {
            prop_assert!((0.3..=1e5).contains(&rate) && doublings <= 3);
            let Some(outcome) = outcomes.next() else {
                prop_assert!(false, "no end after 3000 steps");
                break;
            };
            search.note(rate, Evidence {
                doublings,
                grows: (outcome > 0).then_some(outcome == 1),
                may_grow: outcome == 2,
                at_least_per_s: (outcome > 2).then_some(rate * 0.9),
                margins: vec![f64::from(outcome) - 2.5],
            });
        }
    }
}
