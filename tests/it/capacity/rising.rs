//! Holds that need more load, and holds that a higher rate keeps where a lower one does not.

use std::time::Duration;

use taskstorm::capacity::{CapacityResult, SearchEnd};

use super::search;

/// The scenario with blocks of 8 million gas, which hold about 10 tasks a second.
fn gas() -> String {
    include_str!("gas.toml").replace("gas_limit = 20_000_000", "gas_limit = 8_000_000")
}

fn quick(holds: &[&str], from: f64) -> CapacityResult {
    search(&gas(), holds, |settings| {
        settings.from_per_s = from;
        settings.step_duration = Duration::from_secs(30);
        settings.tolerance = 0.2;
        settings.repeats = 1;
    })
}

#[test]
fn a_hold_that_needs_more_load_sends_the_search_up() {
    for (holds, from) in [
        (&["rate.tasks > 5"][..], 1.6),
        (&["rate.tasks > 5"], 6.4),
        (&["tasks.ended.count >= 160"], 1.6),
        (&["blocks.fullness.mean > 40%", "task.total.p99 < 20s"], 1.6),
        (&["rate.tasks > 5", "tasks.ended.ratio >= 0.999"], 16.0),
    ] {
        let found = quick(holds, from);
        let capacity = found.capacity_per_s.unwrap_or_default();
        assert_eq!(found.end, SearchEnd::Found, "{holds:?}: {:?}", found.message);
        assert!((8.0..10.8).contains(&capacity), "{holds:?}: {capacity}");
        if from < 5.0 {
            let first = &found.steps[0];
            assert!(!first.held && first.kept_up(), "{first:?}");
            assert_eq!(first.lacking_load(), holds[..1], "{first:?}");
        }
    }
}

#[test]
fn a_hold_that_needs_more_load_than_the_system_takes_is_kept_nowhere() {
    let found = quick(&["rate.tasks > 1000"], 4.0);
    assert_eq!((found.end, found.capacity_per_s), (SearchEnd::NothingHolds, None));
    let message = found.message.as_deref().expect("a reason");
    assert!(
        message.contains("`rate.tasks > 1000` needs more load"),
        "{message}"
    );
    let table =
        taskstorm::report::capacity::capacity_table(&found, "out".as_ref(), taskstorm::report::Style::Plain);
    assert!(table.contains("are too few for the conditions"), "{table}");
    assert!(table.contains("no, too low"), "{table}");
}

/// With few tasks in a step, a task more or less is a large share: a hold on an exact number of them fails below and above.
#[test]
fn a_rate_that_fails_below_one_that_holds_is_told() {
    // The submissions at 4/s in 30 s are 120; half and double the rate have others.
    let found = quick(&["tasks.submitted.count != 120"], 4.0);
    assert_eq!(found.end, SearchEnd::NotMonotone, "{:?}", found.message);
    let message = found.message.as_deref().expect("a reason");
    assert!(
        message.contains("`tasks.submitted.count != 120` fails at 4 tasks/s and holds at 8"),
        "{message}"
    );
}
