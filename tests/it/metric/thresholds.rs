//! Thresholds: how they are written, and when they hold.

use taskstorm::{
    metric::{Operator, Threshold},
    report::{Style, run::summary_table},
};

use crate::report::sample::{facts, good_run, result};

#[test]
fn bounds_are_read_in_the_metrics_unit() {
    for (text, operator, bound) in [
        ("task.total.p99 < 10s", Operator::Less, 1e7),
        ("  task.total.p99<=1.5ms ", Operator::AtMost, 1_500.0),
        ("generator.lateness.p99 < 5 ms", Operator::Less, 5_000.0),
        ("phase.ack.gas.p50 <= 60_000", Operator::AtMost, 60_000.0),
        ("tasks.ended.ratio >= 99.9%", Operator::AtLeast, 0.999),
        ("tasks.ended.ratio >= 0.999", Operator::AtLeast, 0.999),
        ("tasks.failed.count == 0", Operator::Equal, 0.0),
        ("tasks.failed.count != 7", Operator::Unequal, 7.0),
        ("rate.tasks > 120/min", Operator::Greater, 2.0),
        ("rate.tasks > 2.5", Operator::Greater, 2.5),
        ("blocks.base_fee.max < 10 gwei", Operator::Less, 1e10),
    ] {
        let threshold = Threshold::parse(text).unwrap_or_else(|error| panic!("{text}: {error}"));
        assert_eq!((threshold.operator, threshold.bound), (operator, bound), "{text}");
        assert_eq!(threshold.expression(), text.trim());
    }
}

#[test]
fn what_is_no_threshold_says_what_would_be_one() {
    let refusals: String = [
        "",
        "< 10s",
        "task.total.p99",
        "task.total.p99 = 10s",
        "task.total.p99 ≤ 10s",
        "task.total.p99 <> 10s",
        "task.total.p99 <",
        "task.total.p99 < 10",
        "task.total.p99 < -1s",
        "task.total.p99 < soon",
        "task.total < 10s",
        "phase.comit.response.p99 < 2s",
        "tasks.ended < 3",
        "speed > 9",
        "tasks.ended.ratio >= 1.5",
        "tasks.failed.count < 1e3",
        "rate.tasks >= 3/day",
        "blocks.base_fee.max < 3 ether/gas",
    ]
    .iter()
    .map(|text| match Threshold::parse(text) {
        Ok(_) => panic!("{text} reads"),
        Err(error) => format!("{text}\n    {error}\n"),
    })
    .collect();
    insta::assert_snapshot!(refusals);
}

#[test]
fn the_summary_lists_every_verdict() {
    let (mut result, _) = result(&good_run(10), facts());
    result.thresholds = [
        "tasks.ended.ratio >= 99.9%",
        "phase.precommit.response.p99                                           < 500ms",
        "function.endAck.gas.p50 < 60000",
        "gas.total < 10_000_000",
        "rate.tasks > 1/s",
        "blocks.base_fee.max < 1 gwei",
    ]
    .iter()
    .map(|text| Threshold::parse(text).unwrap().evaluate(&result))
    .collect();
    let summary = summary_table(&result, None, Style::Plain);
    let (_, verdicts) = summary.split_once("thresholds:").unwrap();
    let (verdicts, _) = verdicts.split_once("\n\n").unwrap();
    assert!(verdicts.lines().all(|line| line.chars().count() <= 80));
    insta::assert_snapshot!(verdicts);
}

#[test]
fn a_threshold_holds_as_its_operator_says() {
    let (result, _) = result(&good_run(10), facts());
    for (text, measured, held) in [
        ("tasks.ended.count < 10", Some(10.0), false),
        ("tasks.ended.count <= 10", Some(10.0), true),
        ("tasks.ended.count > 10", Some(10.0), false),
        ("tasks.ended.count >= 10", Some(10.0), true),
        ("tasks.ended.count == 10", Some(10.0), true),
        ("tasks.ended.count != 10", Some(10.0), false),
        ("tasks.ended.ratio >= 100%", Some(1.0), true),
        ("generator.lateness.max <= 1ms", Some(1_000.0), true),
        // Never called, so never measured: neither of them holds.
        ("function.endAck.gas.p50 < 1000000", None, false),
        ("function.endAck.gas.p50 >= 0", None, false),
        ("function.endAck.failed.ratio < 1", None, false),
        ("function.endAck.failed.count < 1", Some(0.0), true),
    ] {
        let verdict = Threshold::parse(text).unwrap().evaluate(&result);
        assert_eq!((verdict.measured, verdict.held), (measured, held), "{text}");
        assert_eq!(verdict.expression, text);
    }
}
