//! Thresholds that can no longer hold: found as soon as that is certain, never before, and true at the end.

use proptest::prelude::*;
use taskstorm::{
    metric::{EarlyStop, Metric, Threshold},
    protocol::Function,
    record::{Record, TaskOutcome, TxOutcome},
};

use crate::report::sample::{
    block, facts, good_run, ms, result, task, transaction, trouble, unseen, waiting,
};

/// After how many of `records` it is certain that `text` will not hold, in a run of `tasks` tasks.
fn decided(text: &str, tasks: Option<u64>, records: &[Record]) -> Option<usize> {
    let threshold = Threshold::parse(text).unwrap().stopping_early();
    let mut early_stop = EarlyStop::new(&[threshold], tasks);
    records
        .iter()
        .position(|record| early_stop.hear(record).is_some())
        .map(|place| place + 1)
}

fn ended(count: u64, step_ms: u64) -> Vec<Record> {
    (0..count)
        .map(|id| Record::Task(task(id, ms(id * 10), step_ms)))
        .collect()
}

fn failed(count: u64) -> Vec<Record> {
    let one = |id| Record::Task(waiting(id, TaskOutcome::Failed("no result".into())));
    (0..count).map(one).collect()
}

#[test]
fn counts_and_shares_are_decided_by_what_cannot_be_undone() {
    for (text, tasks, at) in [
        ("tasks.failed.count < 3", Some(100), Some(3)),
        ("tasks.failed.count <= 3", Some(100), Some(4)),
        ("tasks.failed.count == 0", None, Some(1)),
        ("tasks.failed.count > 3", Some(100), None),
        ("tasks.ended.ratio >= 0.98", Some(100), Some(3)),
        ("tasks.ended.ratio > 0.98", Some(100), Some(3)),
        ("tasks.failed.ratio < 0.02", Some(100), Some(2)),
        ("tasks.failed.ratio <= 0.02", Some(100), Some(3)),
        // Nobody knows how many tasks there will be.
        ("tasks.ended.ratio >= 0.98", None, None),
    ] {
        assert_eq!(decided(text, tasks, &failed(10)), at, "{text} of {tasks:?}");
    }
}

#[test]
fn percentiles_of_tasks_are_decided_once_too_many_lie_above_the_bound() {
    // Each task takes 5 steps: 2.5 s.
    let slow = ended(100, 500);
    for (text, tasks, at) in [
        ("task.total.p99 < 2s", Some(1000), Some(11)),
        ("task.total.p50 < 2s", Some(100), Some(51)),
        ("task.total.p99 < 3s", Some(1000), None),
        ("task.total.p99 < 2s", None, None),
        ("task.total.max < 2s", None, Some(1)),
        ("task.total.mean < 1s", Some(100), Some(40)),
        ("task.total.min > 3s", None, Some(1)),
        ("task.total.p99 > 9s", Some(1000), None),
    ] {
        assert_eq!(decided(text, tasks, &slow), at, "{text} of {tasks:?}");
    }
}

#[test]
fn transactions_and_blocks_are_decided_by_their_extremes() {
    let ack = |id, response| Record::Transaction(transaction(id, Function::ACK, ms(5_000), response));
    let lost = unseen(
        transaction(9, Function::ACK, ms(5_000), 1),
        TxOutcome::Lost("gone".into()),
    );
    let records = [
        ack(0, 100),
        ack(1, 3_000),
        Record::Transaction(lost),
        Record::Block(block(40)),
    ];
    for (text, at) in [
        ("phase.ack.response.max < 2s", Some(2)),
        ("phase.ack.response.p50 < 50ms", None),
        ("phase.commit.response.max < 2s", None),
        ("phase.ack.failed.count < 1", Some(3)),
        ("transactions.lost.count == 0", Some(3)),
        ("function.ack.gas.max < 100", Some(1)),
        ("gas.total < 100000", Some(2)),
        ("blocks.fullness.max < 0.1", Some(4)),
        ("blocks.fullness.max <= 0.1", None),
        ("run.duration < 30s", Some(4)),
        ("invariants.violated == 0", None),
    ] {
        assert_eq!(decided(text, Some(10), &records), at, "{text}");
    }
}

#[test]
fn only_thresholds_that_are_to_stop_a_run_are_watched() {
    let threshold = Threshold::parse("tasks.failed.count < 1").unwrap();
    let mut early_stop = EarlyStop::new(&[threshold], Some(1));
    assert!(early_stop.is_idle());
    assert!(failed(1).iter().all(|record| early_stop.hear(record).is_none()));
}

proptest! {
    /// Whatever is decided early does not hold in the result of the records until then, nor of all.
    #[test]
    fn what_is_decided_early_fails_at_the_end(
        metric in prop::sample::select(Metric::all()),
        operator in prop::sample::select(vec!["<", "<=", ">", ">=", "==", "!="]),
        share in 0.0..1.2_f64,
        tasks in 1..20_u64,
    ) {
        let mut records = good_run(tasks);
        records.extend(trouble());
        let planned = tasks + 2;
        let (whole, _) = result(&records, facts());
        let Some(at_the_end) = metric.of(&whole) else { return Ok(()) };
        let text = format!("{metric} {operator} {}", metric.unit().written((at_the_end * share).round()));
        let Ok(threshold) = Threshold::parse(&text) else { return Ok(()) };
        if let Some(at) = decided(&text, Some(planned), &records) {
            // The run's own length and setup come from its facts, not from its records.
            if !text.starts_with("run.") {
                prop_assert!(!threshold.evaluate(&result(&records[..at], facts()).0).held, "{text} at {at}");
                prop_assert!(!threshold.evaluate(&whole).held, "{text}");
            }
        }
    }
}
