//! Checks that a session has as many miners as its tasks may need.

use crate::scenario::{Distribution, OwnerGroup, path::KeyPath, problem::Problem};

/// redundancy ≤ `min_nodes`, whatever is drawn.
pub(super) fn above_min_nodes(group: &OwnerGroup, path: &KeyPath) -> Option<Problem> {
    let (most, min_nodes) = (group.redundancy.largest(), group.min_nodes);
    (most > min_nodes).then(|| {
        let drawn = "redundancy ≤ min_nodes must hold for the largest that can be drawn";
        let (needs, help) = match &group.redundancy {
            Distribution::Constant(_) => (
                most.to_string(),
                format!("redundancy ≤ min_nodes must hold: set min_nodes = {most}, or redundancy = {min_nodes}"),
            ),
            redundancy if redundancy.is_bounded() => (
                format!("up to {most}"),
                format!("{drawn}: set min_nodes = {most}, or let `redundancy` end at {min_nodes}"),
            ),
            _ => (
                format!("up to {most}"),
                format!(
                    "{drawn}: give the distribution a largest value, max = {min_nodes}, or set min_nodes = {most}"
                ),
            ),
        };
        Problem::new(
            format!("`{path}`: a task needs {needs} miners, and a session may have only {min_nodes}"),
            help,
        )
        .at(path.key("redundancy"), label(group))
        .at(path.key("min_nodes"), format!("`min_nodes` is {min_nodes}"))
    })
}

/// Whether a session needs more miners than are `available` only because nothing bounds what its tasks may need.
pub(super) fn needs_a_bound(group: &OwnerGroup, available: u64) -> bool {
    !group.redundancy.is_bounded() && u64::from(group.redundancy.largest()) > available
}

/// What `redundancy` is.
pub(super) fn label(group: &OwnerGroup) -> String {
    let most = group.redundancy.largest();
    match &group.redundancy {
        Distribution::Constant(_) => format!("`redundancy` is {most}"),
        redundancy if redundancy.is_bounded() => format!("`redundancy` is up to {most}"),
        _ => format!("`redundancy` has no largest value but {most}, the most that a task can have"),
    }
}
