//! Rates of a few events an hour keep their digits in every output.

use taskstorm::{
    metric::{Threshold, Unit},
    protocol::REFERENCE,
    record::{Progress, Recorder},
    report::{Style, metric_value, run::summary_table},
    run::simulate,
    run_folder::summary_md,
    scenario::Scenario,
};
use tokio_util::sync::CancellationToken;

const SCENARIO: &str = r#"
name = "slow"
seed = 1
[chain]
kind = "embedded"
block_time = "10s"
[owners]
count = 1
min_nodes = 2
max_nodes = 4
redundancy = 2
tasks = 5
load = { constant = "3/h" }
[miners]
count = 16
work_time = "10s"
"#;

#[test]
fn three_tasks_an_hour_are_not_rounded_to_a_thousandth_a_second() {
    let scenario = Scenario::from_toml("slow.toml", SCENARIO).unwrap();
    let ran = simulate(
        &scenario,
        Recorder::new(REFERENCE),
        &CancellationToken::new(),
        |_: &Progress| {},
    );
    let result = ran.unwrap().result;
    let (from, to) = (result.load.start_us.unwrap(), result.load.last_end_us.unwrap());
    let exact = 5.0 * 1e6 / to.since(from) as f64;
    let rate = result.rates.tasks_per_s.unwrap();
    assert!((rate / exact - 1.0).abs() < 1e-5, "{rate}, not {exact}");
    // 5 tasks in four times 20 minutes and the life of the last.
    assert!((0.00102..0.00104).contains(&rate), "{rate}");
    let shown = "0.00103";
    let verdict = Threshold::parse("rate.tasks > 1").unwrap().evaluate(&result);
    for (output, text) in [
        ("terminal", summary_table(&result, None, Style::Plain)),
        ("Markdown", summary_md(&result)),
        ("threshold", taskstorm::report::measured(&verdict)),
        ("metric", metric_value(Unit::PerSecond, rate)),
    ] {
        assert!(text.contains(shown), "{output}: {text}");
        if output == "terminal" {
            assert!(text.lines().all(|line| line.chars().count() <= 80), "{text}");
        }
    }
}
