//! Checks of a group's load against the rest of the scenario.

use crate::scenario::{
    Assignment, Distribution, Load, OwnerGroup, Scenario, Submissions, SubmittingGroup, TaskCount,
    path::KeyPath, problem::Problem, units::format_duration,
};

/// Most switches of a modulated load between its states.
const MOST_SWITCHES: f64 = 1e8;

/// Everything about the group's load that keeps the scenario from running.
pub(super) fn problems(scenario: &Scenario, group: SubmittingGroup<'_>, path: &KeyPath) -> Vec<Problem> {
    let submissions = group.submissions;
    [
        longer_than_stages(submissions, path),
        trace_by_session(submissions, path),
        capped_closed_load(scenario, submissions, path),
        assigned_at_random(submissions, path),
        switching_too_often(scenario, group, path),
        cool_down_of_no_end(scenario, submissions, path),
    ]
    .into_iter()
    .flatten()
    .collect()
}

/// Stages end by themselves.
fn longer_than_stages(group: &Submissions, path: &KeyPath) -> Option<Problem> {
    let Load::Stages(stages) = &group.load else {
        return None;
    };
    let (duration, length) = (group.duration?, stages.length());
    (duration > length).then(|| {
        let [duration, length] = [duration, length].map(format_duration);
        Problem::new(
            format!("`{path}`: the load is to last {duration}, and its stages are over after {length}"),
            format!("add a stage that holds the last rate, or set duration to at most \"{length}\""),
        )
        .at(path.key("duration"), format!("`duration` is {duration}"))
        .at(
            path.key("load").key("stages"),
            format!("the stages last {length}"),
        )
    })
}

/// Which session gets how many tasks, a trace says.
fn trace_by_session(group: &Submissions, path: &KeyPath) -> Option<Problem> {
    let (Load::Trace(_), Some(TaskCount::PerSession(tasks))) = (&group.load, group.tasks) else {
        return None;
    };
    Some(
        Problem::new(
            format!("`{path}`: a trace says which session has which tasks"),
            "limit the tasks of the whole group, tasks = 300, or leave `tasks` out to replay all",
        )
        .at(path.key("tasks"), format!("{tasks} for each session"))
        .at(path.key("load"), "a trace"),
    )
}

/// A closed load has so many in flight as it says.
fn capped_closed_load(scenario: &Scenario, group: &Submissions, path: &KeyPath) -> Option<Problem> {
    let Load::BackToBack { in_flight, .. } = &group.load else {
        return None;
    };
    let cap = group.max_in_flight?;
    let who = if scenario.profile.is_some() {
        "actor"
    } else {
        "session"
    };
    let keeps = match in_flight {
        Distribution::Constant(in_flight) => in_flight.to_string(),
        _ => "as many as it drew".to_owned(),
    };
    Some(
        Problem::new(
            format!("`{path}`: `max_in_flight` caps an open load, and this one is closed"),
            format!("a closed load never has more in flight than its {who}s × in_flight: leave `max_in_flight` out"),
        )
        .at(path.key("max_in_flight"), format!("`max_in_flight` is {cap}"))
        .at(path.key("load"), format!("each {who} keeps {keeps} in flight")),
    )
}

/// A closed load and a trace say themselves whose tasks are whose, and so does a number of tasks for each session.
fn assigned_at_random(group: &Submissions, path: &KeyPath) -> Option<Problem> {
    let (key, what) = match (group.assignment, &group.load, group.tasks) {
        (Assignment::RoundRobin, ..) => return None,
        (Assignment::Random, Load::BackToBack { .. }, _) => {
            ("load", "in a closed load each session submits its own tasks")
        }
        (Assignment::Random, Load::Trace(_), _) => ("load", "a trace says which session has which tasks"),
        (Assignment::Random, _, Some(TaskCount::PerSession(_))) => {
            ("tasks", "each session has the same number of tasks")
        }
        (Assignment::Random, ..) => return None,
    };
    Some(
        Problem::new(
            format!("`{path}`: tasks are not assigned at random here"),
            "leave `assignment` out, or use an open load and limit the tasks of the whole group",
        )
        .at(path.key("assignment"), "`assignment` is random")
        .at(path.key(key), what),
    )
}

/// Every switch of a modulated process is drawn.
fn switching_too_often(scenario: &Scenario, group: SubmittingGroup<'_>, path: &KeyPath) -> Option<Problem> {
    let Load::Mmpp(mmpp) = &group.submissions.load else {
        return None;
    };
    let block_time = scenario.chain.block_time;
    let by_tasks = || {
        let tasks = group.expected_tasks(block_time)? as f64;
        Some(tasks / group.submissions.load.offered_rate(block_time)?)
    };
    let by_time = group.submissions.duration.map(|duration| duration.as_secs_f64());
    let lasts = by_tasks()
        .unwrap_or(f64::INFINITY)
        .min(by_time.unwrap_or(f64::INFINITY));
    let cycle = mmpp.sojourns[0].saturating_add(mmpp.sojourns[1]).as_secs_f64();
    let switches = 2.0 * lasts / cycle;
    (switches > MOST_SWITCHES).then(|| {
        Problem::new(
            format!("`{path}`: the load switches between its states {switches:.0} times in the mean"),
            format!(
                "at most {MOST_SWITCHES:.0} times: states that last so much shorter than tasks are apart are one Poisson \
                 process of the mean rate, or let them last longer"
            ),
        )
        .at(path.key("load"), "switches too often")
    })
}

/// When the load ends must be known before it does.
fn cool_down_of_no_end(scenario: &Scenario, group: &Submissions, path: &KeyPath) -> Option<Problem> {
    let cool_down = scenario.measure.cool_down;
    (!cool_down.is_zero() && group.load.is_closed() && group.duration.is_none()).then(|| {
        Problem::new(
            format!("`measure.cool_down`: when the load of `{path}` ends is not known beforehand"),
            "a closed load that ends by its tasks ends whenever they are over: give it a `duration`",
        )
        .at(
            KeyPath::root().key("measure").key("cool_down"),
            format!("the last {} are to be left out", format_duration(cool_down)),
        )
        .at(path.key("load"), "a closed load")
    })
}

/// What a session is to pay must be known when it is opened.
pub(super) fn cost_unknown(scenario: &Scenario, group: &OwnerGroup, path: &KeyPath) -> Option<Problem> {
    let unknown = group.expected_tasks(scenario.chain.block_time).is_none();
    (unknown && !scenario.price.is_zero() && group.deposit.is_none()).then(|| {
        Problem::new(
            format!("`{path}`: the cost of the tasks of a session is not known beforehand"),
            "the number of tasks of a closed load depends on how fast they end: say what to deposit, for \
             example deposit = \"1 ether\", or limit the tasks",
        )
        .at(path.key("duration"), "ends by its duration alone")
        .at(KeyPath::root().key("price"), "and tasks have a price")
    })
}
