//! Violations of invariants as reports list them.

use std::collections::BTreeSet;

use crate::{format::human, record::RunResult};

/// What was seen of broken invariants, each with how many times it stands for: an invariant that is about no task is listed once,
/// with the first time that it did not hold.
pub(crate) fn violations(result: &RunResult) -> Vec<(String, u64)> {
    let invariants = &result.invariants;
    let mut listed = BTreeSet::new();
    let mut rows = Vec::new();
    for violation in &invariants.violations {
        if violation.task.is_some() {
            rows.push((violation.to_string(), 1));
            continue;
        }
        if !listed.insert(violation.invariant) {
            continue;
        }
        let of_it = invariants.violations.iter();
        let of_it = of_it.filter(|other| other.invariant == violation.invariant);
        // Those that are not kept are of the same kind.
        let of_tasks = of_it.filter(|other| other.task.is_some()).count() as u64;
        let all = invariants.violated_by_invariant.get(&violation.invariant);
        let times = all.map_or(1, |all| all.saturating_sub(of_tasks).max(1));
        rows.push(match times {
            1 => (violation.to_string(), 1),
            _ => {
                let (code, detail) = (violation.invariant.code(), &violation.detail);
                (
                    format!("{code}, {}, first: {detail}", human::counted(times, "time")),
                    times,
                )
            }
        });
    }
    rows
}
