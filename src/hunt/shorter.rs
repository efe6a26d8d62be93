//! Findings made shorter: fewer transactions of a sequence, simpler scenarios of a whole run.

use alloy::primitives::Address;
use tokio_util::sync::CancellationToken;

use super::{
    Evidence, Field, Finding, Look, TracedTransaction, World, replay, run_case, shrink::shrink,
    simpler::simplest, traced_case,
};
use crate::{protocol::Hunted, scenario::Scenario};

/// Tries that shrinking a finding may take.
const TRIES: usize = 1_500;
/// The same for a whole run.
const RUNS: usize = 60;

/// The same finding with a shorter trace or in a simpler scenario; as short as it is when it is stopped.
pub(super) fn shorter<P: Hunted>(
    field: &Field<'_, P>,
    finding: &Finding,
    stop: &CancellationToken,
) -> Finding {
    let Some(scenario) = finding.scenario.as_deref() else {
        return shrunk(&field.arenas[finding.variant].world, finding, stop);
    };
    if finding.evidence == Evidence::Run {
        let sequence = as_sequence(field, scenario, finding, stop);
        return sequence.unwrap_or_else(|| shrunk_case(scenario, finding, stop));
    }
    match (field.deploy)(scenario) {
        Ok(world) => shrunk(&world, finding, stop),
        Err(_) => finding.clone(),
    }
}

/// What was found in a whole run as a sequence of its transactions; `None` if these break nothing by themselves.
fn as_sequence<P: Hunted>(
    field: &Field<'_, P>,
    scenario: &Scenario,
    finding: &Finding,
    stop: &CancellationToken,
) -> Option<Finding> {
    let (participants, mut trace) = traced_case(scenario, stop)?;
    let world = (field.deploy)(scenario).ok()?;
    let looks = [Look::Transactions, Look::End, Look::Blocks];
    let mut replays = looks
        .into_iter()
        .map(|look| replay(&world, &participants, &trace, look, None));
    let replayed = replays.find(|replayed| replayed.broken.is_some())?;
    let (broken, evidence) = replayed.broken?;
    trace.truncate(replayed.made);
    let sequence = Finding {
        broken,
        evidence,
        participants,
        trace,
        ..finding.clone()
    };
    Some(shrunk(&world, &sequence, stop))
}

/// The same finding in a simpler scenario.
fn shrunk_case(scenario: &Scenario, finding: &Finding, stop: &CancellationToken) -> Finding {
    let identity = finding.broken.identity();
    let mut broken = finding.broken.clone();
    let simplest = simplest(scenario, RUNS, &mut |candidate| {
        let found = run_case(candidate.clone(), stop).broken;
        let same = found.filter(|found| found.identity() == identity);
        let is_same = same.is_some();
        broken = same.unwrap_or_else(|| broken.clone());
        is_same
    });
    Finding {
        broken,
        scenario: Some(Box::new(simplest)),
        ..finding.clone()
    }
}

/// The same finding with a shorter trace.
fn shrunk<P: Hunted>(world: &World<P>, finding: &Finding, stop: &CancellationToken) -> Finding {
    let identity = finding.broken.identity();
    let look = match finding.evidence {
        Evidence::Transaction => Look::Transactions,
        _ => Look::End,
    };
    let same = |look: Look, trace: &[TracedTransaction]| {
        let replayed = replay(world, &finding.participants, trace, look, Some(&identity));
        Some((replayed.broken?, replayed.made))
    };
    let looks = [look, Look::Blocks];
    let Some(look) = looks
        .into_iter()
        .find(|look| same(*look, &finding.trace).is_some())
    else {
        return finding.clone();
    };
    let trace = shrink(&finding.trace, TRIES, &mut |candidate| {
        let going_on = !stop.is_cancelled();
        let (_, made) = going_on.then(|| same(look, candidate))??;
        Some(made)
    });
    let told = same(look, &trace).map(|(broken, _)| broken);
    let (broken, evidence) = told.unwrap_or_else(|| (finding.broken.clone(), finding.evidence.clone()));
    let ends = trace
        .iter()
        .flat_map(|transaction| [Some(transaction.from), transaction.to]);
    let mut named: Vec<Address> = ends.flatten().collect();
    named.sort_unstable();
    let mut participants = finding.participants.clone();
    participants
        .contracts
        .retain(|(account, _)| named.binary_search(account).is_ok());
    Finding {
        broken,
        evidence,
        trace,
        participants,
        ..finding.clone()
    }
}
