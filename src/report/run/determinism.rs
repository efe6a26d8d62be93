//! The outcome of `--check-determinism`.

use crate::{run::Determinism, scenario::Scenario};

/// Says whether two runs of `scenario` were the same, and where they first differ; `None` if they were stopped.
#[must_use]
pub fn determinism_text(scenario: &Scenario, outcome: &Determinism) -> Option<String> {
    let name = format!("{} · seed {}", scenario.name, scenario.seed);
    Some(match outcome {
        Determinism::Same { records, digest } => {
            format!("{name}: deterministic, {records} records, digest {digest:016x}\n")
        }
        Determinism::RecordsDiffer { at, second } => {
            let second = second.as_deref().unwrap_or("nothing: it had ended");
            format!(
                "{name}: NOT deterministic: record {at} is the first that differs; the second run has there\n  {second}\n"
            )
        }
        Determinism::DrawsDiffer => {
            format!("{name}: NOT deterministic: the records are equal, the random draws differ\n")
        }
        Determinism::Stopped => return None,
    })
}
