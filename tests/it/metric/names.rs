//! Every metric has a name, and finds in a result what it names.

use std::collections::BTreeSet;

use serde_json::Value;
use taskstorm::{
    metric::{Metric, Unit},
    record::{RunFacts, RunResult, TimeSource},
};

use crate::report::sample::{facts, good_run, ms, node, result, trouble};

fn bad_run() -> RunResult {
    let mut records = good_run(30);
    records.extend(trouble());
    let facts = RunFacts {
        node: Some(node()),
        ..facts()
    };
    result(&records, facts).0
}

#[test]
fn every_name_is_one_metrics_and_reads_back() {
    let all = Metric::all();
    let names: BTreeSet<String> = all.iter().map(|metric| metric.name()).collect();
    assert_eq!(names.len(), all.len());
    for metric in all {
        assert_eq!(Metric::parse(&metric.name()), Some(metric));
        assert!(!metric.meaning().is_empty());
    }
    for none in [
        "",
        "tasks",
        "phase.ack.response",
        "phase.ack.response.p98",
        "Tasks.ended.count",
    ] {
        assert_eq!(Metric::parse(none), None, "{none}");
    }
}

#[test]
fn the_embedded_chain_gives_no_trouble() {
    let facts = RunFacts {
        clock: TimeSource::Virtual,
        ..facts()
    };
    let (result, _) = result(&[], facts);
    for name in ["node.reorgs", "node.repeated"] {
        assert_eq!(Metric::parse(name).unwrap().of(&result), Some(0.0));
    }
}

/// The number at `path` of the result's JSON.
fn at(result: &RunResult, path: &str) -> Option<f64> {
    let json = serde_json::to_value(result).unwrap();
    json.pointer(path).and_then(Value::as_f64)
}

#[test]
fn metrics_are_the_numbers_of_the_summary() {
    let result = bad_run();
    for (name, path) in [
        ("phase.ack.response.p99", "/phases/ack/response_us/p99"),
        ("phase.ack.response.p99.9", "/phases/ack/response_us/p99_9"),
        ("phase.commit.service.stddev", "/phases/commit/service_us/stddev"),
        ("phase.setup.gas.mean", "/phases/setup/gas_used/mean"),
        ("phase.ack.gas.total", "/phases/ack/gas_total"),
        ("phase.ack.lost.count", "/phases/ack/transactions/lost"),
        (
            "function.submitTask.gas.p50",
            "/functions/submitTask/gas_used/p50",
        ),
        ("function.ack.total.count", "/functions/ack/transactions/total"),
        ("function.ack.gas.count", "/functions/ack/gas_used/count"),
        ("task.total.max", "/task_phases/total/duration_us/max"),
        ("task.precommit.min", "/task_phases/precommit/duration_us/min"),
        ("tasks.submitted.count", "/tasks/submitted"),
        ("tasks.unfinished.count", "/tasks/unfinished"),
        ("tasks.dropped.count", "/tasks/dropped"),
        ("transactions.resent.count", "/transactions/resent"),
        ("generator.lateness.p90", "/generator/lateness_us/p90"),
        ("rate.tasks.offered", "/rates/tasks_offered_per_s"),
        ("rate.tasks.steady", "/rates/tasks_steady_per_s"),
        ("rate.tasks", "/rates/tasks_per_s"),
        ("rate.transactions", "/rates/transactions_per_s"),
        ("blocks.count", "/blocks/count"),
        ("blocks.gas.max", "/blocks/gas_used/max"),
        ("blocks.fullness.mean", "/blocks/fullness_mean"),
        ("blocks.base_fee.max", "/blocks/base_fee_max_wei"),
        ("invariants.violated", "/invariants/violated"),
        ("node.reorgs", "/node/reorgs"),
        ("run.duration", "/duration_us"),
        ("run.setup", "/load/setup_end_us"),
    ] {
        let metric = Metric::parse(name).unwrap_or_else(|| panic!("{name}"));
        let expected = at(&result, path);
        assert!(expected.is_some(), "{path}");
        assert_eq!(metric.of(&result), expected, "{name}");
    }
    let value = |name: &str| Metric::parse(name).unwrap().of(&result).unwrap();
    assert_eq!(value("tasks.ended.ratio"), 30.0 / 32.0);
    assert_eq!(value("transactions.failed.count"), 16.0);
    assert_eq!(value("phase.ack.failed.ratio"), 16.0 / 106.0);
    assert_eq!(value("gas.total"), result.gas_total() as f64);
    assert_eq!(value("node.repeated"), 12.0);
}

#[test]
fn what_was_never_measured_is_none_and_counts_as_nothing() {
    let nothing = RunFacts {
        setup_end: None,
        load_start: None,
        duration: ms(0),
        ..facts()
    };
    let (result, _) = result(&[], nothing);
    for metric in Metric::all() {
        let value = metric.of(&result);
        match metric.unit() {
            // Nothing tells what trouble a node gave.
            Unit::Count if metric.name().starts_with("node.") => assert_eq!(value, None, "{metric}"),
            Unit::Ratio | Unit::PerSecond | Unit::WeiPerGas => assert_eq!(value, None, "{metric}"),
            Unit::Count => assert_eq!(value, Some(0.0), "{metric}"),
            Unit::Gas | Unit::Time => assert!(value.is_none_or(|value| value == 0.0), "{metric}"),
        }
    }
}

#[test]
fn the_list_says_what_each_is() {
    let lines = |parts: &[&str]| -> String {
        Metric::all()
            .into_iter()
            .filter(|metric| parts.iter().any(|part| metric.name().starts_with(part)))
            .map(|metric| format!("{metric}  {}  {}\n", metric.unit().name(), metric.meaning()))
            .collect()
    };
    insta::assert_snapshot!(lines(&[
        "tasks.",
        "phase.ack.",
        "function.endAck.gas.",
        "rate",
        "blocks",
        "node",
        "run",
        "gen",
        "task.e"
    ]));
}
