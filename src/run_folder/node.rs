//! Formats node failures.

use crate::{format::human, record::RunResult};

/// The most characters of a notice in a line.
const NOTICE: usize = 120;

/// Reorgs and repeated requests in one line, if there were any: `2 reorgs took back 5 blocks, 3 at most; 12 requests repeated`.
pub(crate) fn node_line(result: &RunResult) -> Option<String> {
    let node = result.node.as_ref().filter(|node| !node.is_quiet())?;
    let mut parts = Vec::new();
    if node.reorgs > 0 {
        parts.push(format!(
            "{} took back {}, {} at most",
            human::counted(node.reorgs, "reorg"),
            human::counted(node.blocks_dropped, "block"),
            human::count(node.deepest_reorg)
        ));
    }
    let repeated = node.requests_repeated();
    if repeated > 0 {
        parts.push(format!("{} repeated", human::counted(repeated, "request")));
    }
    parts.extend(node.notices.iter().map(|notice| human::one_line(notice, NOTICE)));
    Some(parts.join("; "))
}

/// The causes of repeated requests, the most frequent first.
pub(crate) fn repeated_requests(result: &RunResult) -> Vec<(&str, u64)> {
    let causes = result.node.iter().flat_map(|node| &node.repeated);
    let mut causes: Vec<_> = causes.map(|(cause, count)| (cause.as_str(), *count)).collect();
    causes.sort_by(|a, b| b.1.cmp(&a.1).then_with(|| a.0.cmp(b.0)));
    causes
}
