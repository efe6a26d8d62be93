//! `--check-determinism`: runs the same scenario twice.

use tokio_util::sync::CancellationToken;

use crate::{
    cli::{Exit, Failure, output},
    run::{Determinism, check_determinism},
    scenario::Scenario,
};

pub(super) fn check(scenario: &Scenario, stop: &CancellationToken) -> Result<Exit, Failure> {
    let name = format!("{} · seed {}", scenario.name, scenario.seed);
    let (text, exit) = match check_determinism(scenario, stop)? {
        Determinism::Same { records, digest } => (
            format!("{name}: deterministic, {records} records, digest {digest:016x}\n"),
            Exit::Done,
        ),
        Determinism::RecordsDiffer { at, second } => {
            let second = second.as_deref().unwrap_or("nothing: it had ended");
            let text = format!(
                "{name}: NOT deterministic: record {at} is the first that differs; the second run has there\n  {second}\n"
            );
            (text, Exit::Failed)
        }
        Determinism::DrawsDiffer => (
            format!("{name}: NOT deterministic: the records are equal, the random draws differ\n"),
            Exit::Failed,
        ),
        Determinism::Stopped => return Ok(Exit::Interrupted),
    };
    exit.after([output::print(&text)])
}
