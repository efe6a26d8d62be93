//! A rate above the capacity does not hold merely because its queue has not grown long enough to be noticed.

use std::time::Duration;

use taskstorm::capacity::Steadiness;

use super::search;

/// Blocks of 20 million gas hold about 25 tasks a second.
const GAS: &str = include_str!("gas.toml");

#[test]
fn a_backlog_that_grows_is_seen_where_latency_is_still_good() {
    // Ten per cent more than blocks hold: after 40 s, the last task waits four seconds longer than the first.
    let found = search(GAS, &["task.total.p99 < 1m"], |settings| {
        settings.from_per_s = 27.5;
        settings.max_steps = 1;
    });
    let step = &found.steps[0];
    assert!(step.verdicts.iter().all(|verdict| verdict.held), "{step:?}");
    assert_eq!(
        (step.held, step.steadiness),
        (false, Steadiness::Growing),
        "{step:?}"
    );
    assert!(
        step.growth_per_s.unwrap() > 1.5 && step.achieved_per_s < 26.0,
        "{step:?}"
    );
    assert!(step.fullness_mean.unwrap() > 0.97, "{step:?}");
}

#[test]
fn a_steady_step_measures_what_little_says() {
    let found = search(GAS, &["task.total.p99 < 1m"], |settings| {
        settings.from_per_s = 12.0;
        settings.max_steps = 1;
    });
    let step = &found.steps[0];
    assert!(step.held, "{step:?}");
    let mean = step.total_us.unwrap().mean / 1e6;
    assert!((step.in_flight_mean - 12.0 * mean).abs() < 1.0, "{step:?}");
    assert!((step.achieved_per_s - 12.0).abs() < 0.5, "{step:?}");
    // Two works of 0.1 s per task, 12 of them a second, on 40 miners with 50 places each.
    assert!(
        (step.miners_busy_mean.unwrap() - 2.4 / 2000.0).abs() < 2e-4,
        "{step:?}"
    );
}

#[test]
fn open_loads_of_every_shape_are_scaled_together() {
    let shapes = [
        r#"{ poisson = "2/s" }"#,
        r#"{ bursts = { rate = "4/s", on = "2s", off = "2s" } }"#,
        r#"{ stages = [{ for = "10s", to = "4/s" }] }"#,
        r#"{ constant = "2/block" }"#,
    ];
    for shape in shapes {
        let scenario = GAS.replace(r#"{ constant = "10/s" }"#, shape);
        let found = search(&scenario, &["tasks.ended.ratio == 1"], |settings| {
            assert!((settings.from_per_s - 2.0).abs() < 0.01, "{shape}: {settings:?}");
            settings.from_per_s = 8.0;
            settings.max_steps = 1;
        });
        let step = &found.steps[0];
        let expected = 8.0 * 40.0;
        // Chance decides when random arrivals come, not how many.
        assert!(
            (step.tasks_submitted as f64 - expected).abs() <= 2.0,
            "{shape}: {step:?}"
        );
        assert_eq!(step.tasks_ended, step.tasks_submitted, "{shape}");
    }
}

#[test]
fn a_step_that_is_too_short_says_so() {
    let found = search(GAS, &["task.total.p99 < 1m"], |settings| {
        settings.step_duration = Duration::from_secs(5);
        settings.max_steps = 1;
    });
    assert_eq!(
        found.steps[0].steadiness,
        Steadiness::TooShort,
        "{:?}",
        found.steps[0]
    );
}
