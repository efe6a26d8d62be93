//! Rates that the search tries: whatever the capacity and the noise, it ends with rates that enclose the capacity.

use proptest::prelude::*;
use taskstorm::capacity::{CapacitySettings, Next, Search};

fn settings(from: f64) -> CapacitySettings {
    CapacitySettings {
        from_per_s: from,
        max_rate_per_s: 1e5,
        tolerance: 0.02,
        repeats: 3,
        step_duration: CapacitySettings::STEP_DURATION,
        max_steps: 1000,
        max_time: CapacitySettings::MAX_TIME,
    }
}

/// Follows a search to its end: the rates that it tried, and what they enclose.
fn follow(
    settings: &CapacitySettings,
    mut holds: impl FnMut(f64) -> bool,
) -> (Vec<f64>, Option<f64>, Option<f64>) {
    let mut search = Search::new(settings);
    let mut tried = Vec::new();
    loop {
        match search.next() {
            Next::Try { rate, before } => {
                assert_eq!(
                    before as usize,
                    tried.iter().filter(|other| **other == rate).count()
                );
                tried.push(rate);
                search.note(rate, holds(rate));
                assert!(tried.len() < 200, "{tried:?}");
            }
            Next::Done { holds, fails } => return (tried, holds, fails),
        }
    }
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

#[test]
fn one_run_against_the_others_does_not_decide() {
    // The first time at the rate that turns out to hold, noise says that it does not.
    let mut first = true;
    let (_, holds, fails) = follow(&settings(10.0), |rate| {
        if rate == 20.0 && first {
            first = false;
            return false;
        }
        rate <= 20.0
    });
    assert_eq!(holds, Some(20.0));
    assert!(fails.unwrap() <= 20.4, "{fails:?}");
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
    fn it_ends_whatever_runs_come_to(outcomes in prop::collection::vec(any::<bool>(), 200)) {
        let mut outcomes = outcomes.into_iter();
        let mut search = Search::new(&settings(50.0));
        let mut steps = 0;
        while let Next::Try { rate, before } = search.next() {
            prop_assert!(before < 3, "{rate} was tried {before} times");
            prop_assert!((0.3..=1e5).contains(&rate));
            steps += 1;
            let Some(held) = outcomes.next() else { break };
            search.note(rate, held);
        }
        prop_assert!(steps <= 200);
    }
}
