//! `summary.md` of good and bad runs.

use taskstorm::{
    record::{RunFacts, StopReason, ThresholdVerdict},
    run_folder::summary_md,
};

use super::sample::{facts, good_run, node, result, trouble};

#[test]
fn a_run_that_went_well() {
    let (mut result, _) = result(&good_run(10), facts());
    result.tool_version = "0.0.0".into();
    result.thresholds = vec![
        ThresholdVerdict {
            expression: "phase.ack.response.p99 < 2s".into(),
            measured: Some(1_200_000.0),
            held: true,
        },
        ThresholdVerdict {
            expression: "tasks.failed | 0".into(),
            measured: None,
            held: false,
        },
    ];
    insta::assert_snapshot!("markdown_well", summary_md(&result));
}

#[test]
fn a_run_that_was_cut_short_with_everything_wrong() {
    let mut records = good_run(2);
    records.extend(trouble());
    let lost = RunFacts {
        stop_reason: StopReason::ChainLost,
        stop_message: Some("anvil | ended\nwith <signal> 9".into()),
        node: Some(node()),
        ..facts()
    };
    let (mut result, _) = result(&records, lost);
    result.tool_version = "0.0.0".into();
    insta::assert_snapshot!("markdown_lost", summary_md(&result));
}

#[test]
fn a_run_without_anything() {
    let (mut result, _) = result(&[], facts());
    result.tool_version = "0.0.0".into();
    insta::assert_snapshot!("markdown_empty", summary_md(&result));
}
