//! Warnings about loads.

use std::time::Duration;

use crate::scenario::{
    Measure, OwnerGroup, Scenario, SubmittingGroup, WarmUp, path::KeyPath, problem::Problem,
    units::format_duration,
};

/// Blocks from the submission of a task to its end, at least: half of one until it is in a block, then one each for the
/// ack, the precommit, the commit and the end.
const BLOCKS_PER_TASK: f64 = 4.5;

/// A warm-up and a cool-down that leave nothing of the load, as far as its length is known.
pub(super) fn nothing_to_measure(scenario: &Scenario) -> Option<Problem> {
    let Measure {
        warm_up: WarmUp::Fixed(warm_up),
        cool_down,
    } = scenario.measure
    else {
        return None;
    };
    let lasts = |group: SubmittingGroup<'_>| {
        let submissions = group.submissions;
        let by_tasks = group.task_limit().and_then(|tasks| {
            let rate = submissions.load.offered_rate(scenario.chain.block_time)?;
            Duration::try_from_secs_f64(tasks as f64 / rate).ok()
        });
        let longest = by_tasks.into_iter().chain(submissions.longest()).min()?;
        Some(submissions.start + longest)
    };
    let groups = scenario.submitting().into_iter();
    let load = groups.map(lasts).collect::<Option<Vec<_>>>()?;
    let load = load.into_iter().max()?;
    let left_out = warm_up + cool_down;
    (!left_out.is_zero() && left_out >= load).then(|| {
        let path = KeyPath::root().key("measure");
        Problem::new(
            "the warm-up and the cool-down leave nothing of the load to measure",
            format!(
                "the main figures will be empty: make the load longer than {}, or leave out less",
                format_duration(left_out)
            ),
        )
        .at(
            path.key("warm_up"),
            format!("{} of warm-up", format_duration(warm_up)),
        )
        .at(
            path.key("cool_down"),
            format!("{} of cool-down", format_duration(cool_down)),
        )
        .at(
            scenario.submitting_path(),
            format!("a load of about {:.1} s", load.as_secs_f64()),
        )
    })
}

/// A cap that the rate must reach even if everything goes as fast as it can (Little's law).
pub(super) fn low_cap(scenario: &Scenario, group: &OwnerGroup, path: &KeyPath) -> Option<Problem> {
    let cap = group.submissions.max_in_flight?;
    let block_time = scenario.chain.block_time;
    let rate = group.submissions.load.offered_rate(block_time)?;
    let time = block_time.as_secs_f64() * BLOCKS_PER_TASK;
    let needed = (rate * time).floor();
    (f64::from(cap) < needed).then(|| {
        Problem::new(
            format!("`{}` is below what the rate needs", path.key("max_in_flight")),
            format!(
                "arrivals beyond it are dropped: set max_in_flight to well over {needed:.0}, unless that is what the \
                 scenario is about"
            ),
        )
        .at(path.key("max_in_flight"), format!("at most {cap} tasks in flight"))
        .at(
            path.key("load"),
            format!("{rate:.1} tasks/s, each open for {time:.1} s or more"),
        )
    })
}
