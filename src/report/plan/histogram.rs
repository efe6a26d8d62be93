//! Histogram of task arrivals, a line of bars per group.

use super::submitter::Submitter;
use crate::{
    format::human::{counted, time_us},
    plan::Plan,
    scenario::Scenario,
};

/// Bars in a line, at most.
const BARS: u64 = 60;
/// Heights of a bar; nothing is a space.
const HEIGHTS: [char; 9] = [' ', '▁', '▂', '▃', '▄', '▅', '▆', '▇', '█'];
/// Lengths of time that a bar may stand for, in µs.
const STEPS: [u64; 16] = [
    1_000,
    10_000,
    100_000,
    200_000,
    500_000,
    1_000_000,
    2_000_000,
    5_000_000,
    10_000_000,
    20_000_000,
    30_000_000,
    60_000_000,
    120_000_000,
    300_000_000,
    600_000_000,
    3_600_000_000,
];

/// Offered tasks/s over time, of every group with an open load.
pub(super) fn text(scenario: &Scenario, plan: &Plan) -> String {
    let submitting = scenario.submitting();
    if submitting.is_empty() {
        return "no group submits tasks\n".to_owned();
    }
    let mut groups: Vec<Vec<u64>> = vec![Vec::new(); submitting.len()];
    for submitter in Submitter::all(plan) {
        groups[submitter.group].extend(submitter.arrivals().map(|(at, _)| at.0));
    }
    let Some(last) = groups.iter().flatten().max() else {
        return "arrivals follow the ends of tasks: every load is closed\n".to_owned();
    };
    let step = STEPS.into_iter().find(|step| last / step < BARS);
    let step = step.unwrap_or_else(|| last / BARS + 1);
    let lines: Vec<_> = submitting
        .iter()
        .zip(&groups)
        .filter(|(_, arrivals)| !arrivals.is_empty())
        .map(|(group, arrivals)| {
            let counts = counts(arrivals, step, last / step + 1);
            let most = counts.iter().copied().max().unwrap_or_default();
            format!(
                "  {:<12} │{}│ highest bar {}\n",
                group.name,
                bars(&counts),
                counted(most, "task")
            )
        })
        .collect();
    format!(
        "tasks offered over time, a bar per {}, {} in all\n{}",
        time_us(step),
        time_us((last / step + 1) * step),
        lines.concat()
    )
}

fn counts(arrivals: &[u64], step: u64, bars: u64) -> Vec<u64> {
    let mut counts = vec![0; bars as usize];
    for at in arrivals {
        counts[(at / step) as usize] += 1;
    }
    counts
}

/// The highest bar is full, and what is not nothing is seen.
fn bars(counts: &[u64]) -> String {
    let most = counts.iter().copied().max().unwrap_or_default().max(1);
    let bar = |count: &u64| HEIGHTS[(count * 8).div_ceil(most) as usize];
    counts.iter().map(bar).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bars_are_as_high_as_their_share_of_the_highest() {
        assert_eq!(bars(&[0, 1, 50, 100]), " ▁▄█");
        assert_eq!(counts(&[0, 9, 10, 35], 10, 4), [2, 1, 0, 1]);
    }
}
