//! Times in virtual time against arithmetic: equal, to the microsecond.

use taskstorm::{
    protocol::{Phase, TaskSpan},
    record::Stats,
};

use super::simulated;
use crate::support::folder::Folder;

const SECOND: u64 = 1_000_000;

fn steady(ack_delay: &str, work_time: &str, commit_delay: &str, rest: &str) -> Folder {
    let folder = simulated(&format!(
        r#"
        name = "steady"
        [chain]
        kind = "embedded"
        block_time = "1s"
        {rest}
        [owners]
        count = 4
        tasks = {{ per_session = 2 }}
        redundancy = 2
        [miners]
        count = 4
        ack_delay = "{ack_delay}"
        work_time = "{work_time}"
        commit_delay = "{commit_delay}"
        concurrency = 8
        [oracle]
        check_interval = "100ms"
        "#
    ));
    assert_eq!(
        (folder.result.tasks.ended, folder.result.transactions.failed()),
        (8, 0)
    );
    folder
}

/// The one value that all of these have.
fn constant(what: &str, stats: Option<&Stats>) -> u64 {
    let stats = stats.unwrap_or_else(|| panic!("{what} was not measured"));
    assert_eq!((stats.min, stats.stddev), (stats.max, 0.0), "{what}: {stats:?}");
    stats.max
}

/// Response times of submission, ack, precommit, commit and end.
fn responses(folder: &Folder) -> [u64; 5] {
    [
        Phase::SUBMIT,
        Phase::ACK,
        Phase::PRECOMMIT,
        Phase::COMMIT,
        Phase::END,
    ]
    .map(|phase| constant(phase.name(), folder.result.phases[&phase].response_us.as_ref()))
}

/// Durations of the ack, precommit, commit and end phases, and of the whole task.
fn durations(folder: &Folder) -> [u64; 5] {
    [
        TaskSpan::ACK,
        TaskSpan::PRECOMMIT,
        TaskSpan::COMMIT,
        TaskSpan::END,
        TaskSpan::TOTAL,
    ]
    .map(|span| constant(span.name(), folder.result.task_phases[&span].duration_us.as_ref()))
}

/// Blocks come at whole seconds. What is sent between two of them is in the later one, and so is what is sent at the
/// moment of the earlier one: a block comes before everything else that happens at its moment.
#[test]
fn miners_take_what_arithmetic_says() {
    // Ack delay, work time and commit delay; response times of ack, precommit and commit in ms; the task's whole time
    // in blocks.
    let table = [
        (["0ms", "300ms", "0ms"], [1_000, 700, 1_000], 5),
        (["0ms", "0ms", "0ms"], [1_000, 1_000, 1_000], 5),
        (["250ms", "999ms", "1ms"], [750, 1, 999], 5),
        (["999ms", "1000ms", "0ms"], [1, 1_000, 1_000], 6),
        (["1s", "1001ms", "2500ms"], [1_000, 999, 500], 9),
    ];
    for ([ack_delay, work_time, commit_delay], [ack, precommit, commit], blocks) in table {
        let folder = steady(ack_delay, work_time, commit_delay, "");
        let expected = [1_000, ack, precommit, commit, 1_000].map(|ms| ms * 1_000);
        assert_eq!(
            responses(&folder),
            expected,
            "{ack_delay} {work_time} {commit_delay}"
        );
        let total = folder.result.task_phases[&TaskSpan::TOTAL].duration_us;
        assert_eq!(constant("total", total.as_ref()), blocks * SECOND);
    }
}

#[test]
fn each_phase_takes_one_block() {
    let folder = steady("0ms", "300ms", "0ms", "");
    assert_eq!(durations(&folder), [SECOND, SECOND, SECOND, SECOND, 5 * SECOND]);
    // Registering and opening the sessions take a block each. Then come two tasks of five blocks, one after the other.
    assert_eq!(folder.result.load.start_us.map(|start| start.0), Some(2 * SECOND));
    assert_eq!(folder.result.duration_us.0, 12 * SECOND);
    for row in &folder.transactions {
        assert_eq!(
            (row.us("intended_us"), row.text("attempts")),
            (row.us("sent_us"), "1"),
            "the generator is never late"
        );
        assert_eq!(row.us("included_us") % SECOND, 0, "{row:?}");
    }
}

/// A delay that every transaction has moves it to another block, or does not show: what counts is when blocks come.
#[test]
fn a_constant_submission_delay_changes_nothing_but_the_block() {
    let without = steady("0ms", "300ms", "0ms", "");
    let delayed = |delay: &str| {
        let rest = format!("submission_delay = \"{delay}\"");
        steady("0ms", "300ms", "0ms", &rest)
    };
    let short = delayed("150ms");
    assert_eq!(
        (responses(&short), durations(&short)),
        (responses(&without), durations(&without))
    );
    for row in &short.transactions {
        assert_eq!(row.us("accepted_us") - row.us("sent_us"), 150_000);
    }
    // 300 ms of work and 750 ms on the way: the precommit misses its block. The others do not.
    let long = delayed("750ms");
    assert_eq!(
        responses(&long),
        [SECOND, SECOND, SECOND + 700_000, SECOND, SECOND]
    );
    assert_eq!(durations(&long), [SECOND, 2 * SECOND, SECOND, SECOND, 6 * SECOND]);
}
