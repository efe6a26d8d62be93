//! Findings and replays for people.

use std::{fmt::Write as _, path::Path};

use crate::{
    format::{Style, human},
    hunt::{Broken, Evidence, Finding, Hunt, Observation, Participants, START, TracedTransaction},
};

/// The transactions of a trace, each with its seconds since the deployment.
#[must_use]
pub fn trace_text(
    participants: &Participants,
    trace: &[TracedTransaction],
    seen: Option<&Observation>,
) -> String {
    let mut text = String::new();
    for (place, transaction) in trace.iter().enumerate() {
        let seen = seen.and_then(|seen| seen.transactions.get(place));
        let function = seen.and_then(|seen| seen.function).unwrap_or("call");
        let outcome = match seen {
            Some(seen) if !seen.succeeded => "  refused",
            _ => "",
        };
        let who = participants.name(transaction.from);
        let after = transaction.timestamp.saturating_sub(START);
        let _ = writeln!(
            text,
            "{:>3}  {after:>6} s  {function} of {who}{outcome}",
            place + 1
        );
    }
    text
}

/// What a hunt came to.
#[must_use]
pub fn hunt_text(hunt: &Hunt, folder: &Path, style: Style) -> String {
    let progress = &hunt.progress;
    let seconds = progress.took.as_secs_f64().max(1e-9);
    let mut text = format!(
        "{} runs ({} whole), {} transactions, {:.1} s ({:.0} runs/s), coverage {}, states {}\n",
        progress.runs,
        progress.cases,
        progress.transactions,
        seconds,
        progress.runs as f64 / seconds,
        progress.coverage,
        progress.shapes,
    );
    if hunt.findings.is_empty() {
        text.push_str("Nothing found.\n");
        return text;
    }
    let count = human::counted(hunt.findings.len() as u64, "finding");
    let _ = writeln!(text, "{}", style.warning(&format!("{count}:")));
    for finding in &hunt.findings {
        let length = length(finding);
        let _ = writeln!(
            text,
            "  {}  {length}  {}: {}",
            style.bold(&finding.name()),
            finding.broken.rule,
            finding.broken.detail
        );
    }
    if hunt.more > 0 {
        let _ = writeln!(text, "  and {} more that were not shrunk", hunt.more);
    }
    let _ = writeln!(
        text,
        "Replay one: taskstorm replay {}",
        folder
            .join("findings")
            .join(format!("{}.toml", hunt.findings[0].name()))
            .display()
    );
    text
}

/// How long a finding is.
#[must_use]
pub(super) fn length(finding: &Finding) -> String {
    match finding.evidence {
        Evidence::Run => "a whole run".to_owned(),
        _ => human::counted(finding.trace.len() as u64, "transaction"),
    }
}

/// The comment at the head of a replay file.
#[must_use]
pub fn replay_comment(finding: &Finding) -> String {
    format!(
        "{}: {}\nReplay it: taskstorm replay {}.toml",
        finding.broken.rule,
        crate::text::line(&finding.broken.detail),
        finding.name()
    )
}

/// What a replay came to, of what was made.
#[must_use]
pub fn replay_text(expected: Option<&Broken>, broken: Option<&Broken>, made: &str) -> String {
    match (expected, broken) {
        (Some(expected), Some(broken)) if broken.identity() == expected.identity() => {
            format!("Still broken after {made}.\n{}: {}\n", broken.rule, broken.detail)
        }
        (Some(expected), Some(broken)) => format!(
            "Broken after {made}, in another way than when it was found.\nNow {}: {}\nThen {}: {}\n",
            broken.rule, broken.detail, expected.rule, expected.detail
        ),
        (None, Some(broken)) => format!("Broken after {made}.\n{}: {}\n", broken.rule, broken.detail),
        (Some(expected), None) => format!(
            "Fixed: nothing is broken after {made}.\nWas {}: {}\n",
            expected.rule, expected.detail
        ),
        (None, None) => format!("Nothing is broken after {made}.\n"),
    }
}
