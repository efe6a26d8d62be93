//! Holds that need more load, and holds that a higher rate keeps where a lower one does not.

use std::time::Duration;

use taskstorm::capacity::{CapacityResult, SearchEnd};

use super::search;

/// Blocks of 20 million gas hold about 25 tasks a second.
const GAS: &str = include_str!("gas.toml");

fn quick(holds: &[&str], from: f64) -> CapacityResult {
    search(GAS, holds, |settings| {
        settings.from_per_s = from;
        settings.step_duration = Duration::from_secs(30);
        settings.tolerance = 0.2;
        settings.repeats = 1;
    })
}

#[test]
fn a_hold_that_needs_more_load_sends_the_search_up() {
    for (holds, from) in [
        (&["rate.tasks > 12"][..], 4.0),
        (&["rate.tasks > 12"], 16.0),
        (&["tasks.ended.count >= 400"], 4.0),
        (&["blocks.fullness.mean > 40%", "task.total.p99 < 20s"], 4.0),
        (&["rate.tasks > 12", "tasks.ended.ratio >= 0.999"], 40.0),
    ] {
        let found = quick(holds, from);
        let capacity = found.capacity_per_s.unwrap_or_default();
        assert_eq!(found.end, SearchEnd::Found, "{holds:?}: {:?}", found.message);
        assert!((20.0..27.0).contains(&capacity), "{holds:?}: {capacity}");
        if from < 12.0 {
            let first = &found.steps[0];
            assert!(!first.held && first.kept_up(), "{first:?}");
            assert_eq!(first.lacking_load(), holds[..1], "{first:?}");
        }
    }
}

#[test]
fn a_hold_that_needs_more_load_than_the_system_takes_is_kept_nowhere() {
    let found = quick(&["rate.tasks > 1000"], 10.0);
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
    // The submissions of 4 owners at 10/s in 30 s are 300; half and double the rate have others.
    let found = quick(&["tasks.submitted.count != 300"], 10.0);
    assert_eq!(found.end, SearchEnd::NotMonotone, "{:?}", found.message);
    let message = found.message.as_deref().expect("a reason");
    assert!(
        message.contains("`tasks.submitted.count != 300` fails at 10 tasks/s and holds at 20"),
        "{message}"
    );
}
