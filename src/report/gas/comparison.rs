//! Changes between two gas snapshots.

use serde::Serialize;

use super::{GasSnapshot, Tolerance};
use crate::{
    gas::GasGroup,
    record::{GasCost, GasUse},
};

/// Two snapshots that have nothing to do with each other.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "the snapshot is of {what} {snapshot}, and this run is of {what} {now}: their gas cannot be compared"
)]
pub struct Incomparable {
    /// What they differ in.
    pub what: &'static str,
    /// The snapshot's.
    pub snapshot: String,
    /// The run's.
    pub now: String,
}

/// What changed from a snapshot to a run.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct GasComparison {
    /// How much may change before it counts.
    pub tolerance: String,
    /// What else is not as it was and may be why.
    pub notes: Vec<String>,
    /// Changes that count, phases first.
    pub changes: Vec<GasChange>,
    /// The number of phases and functions that changed by no more than the tolerance.
    pub tolerated: usize,
}

/// What changed of a phase's or a function's transactions, those that succeeded or those that reverted.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct GasChange {
    /// `phase` or `function`.
    pub scope: &'static str,
    /// The phase's or function's name.
    pub name: String,
    /// `succeeded` or `reverted`.
    pub outcome: &'static str,
    /// The numbers that differ. If there was no such transaction, `snapshot` is `None` in all of them; if there is
    /// none now, `now` is.
    pub statistics: Vec<Difference>,
    /// Mean gas per call of the groups that differ.
    pub groups: Vec<Difference>,
}

/// A number that is not what it was.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Difference {
    /// The statistic or the group.
    pub name: &'static str,
    /// What it was.
    pub snapshot: Option<f64>,
    /// What it is.
    pub now: Option<f64>,
    /// Whether that is more than the tolerance. Groups only explain.
    pub counts: bool,
}

impl GasComparison {
    /// Compares a run with a snapshot.
    ///
    /// # Errors
    /// [`Incomparable`] if they are of different scenarios, seeds or hardforks.
    pub fn of(snapshot: &GasSnapshot, now: &GasSnapshot, tolerance: Tolerance) -> Result<Self, Incomparable> {
        comparable(snapshot, now)?;
        let mut comparison = Self {
            tolerance: tolerance.to_string(),
            notes: notes(snapshot, now),
            changes: Vec::new(),
            tolerated: 0,
        };
        comparison.add("phase", &snapshot.phases, &now.phases, tolerance);
        comparison.add("function", &snapshot.functions, &now.functions, tolerance);
        Ok(comparison)
    }

    /// Whether nothing changed by more than the tolerance.
    #[must_use]
    pub fn holds(&self) -> bool {
        self.changes.is_empty()
    }

    fn add(
        &mut self,
        scope: &'static str,
        old: &[(String, GasUse)],
        new: &[(String, GasUse)],
        tolerance: Tolerance,
    ) {
        let find = |list: &[(String, GasUse)], name: &str| {
            let found = list.iter().find(|(known, _)| known == name);
            found.map(|(_, used)| used.clone()).unwrap_or_default()
        };
        let vanished = old
            .iter()
            .filter(|(name, _)| new.iter().all(|(known, _)| known != name));
        for (name, _) in new.iter().chain(vanished) {
            let (old, new) = (find(old, name), find(new, name));
            for (outcome, old, new) in [
                ("succeeded", old.succeeded, new.succeeded),
                ("reverted", old.reverted, new.reverted),
            ] {
                let change = GasChange {
                    scope,
                    name: name.clone(),
                    outcome,
                    statistics: statistics(old.as_ref(), new.as_ref(), tolerance),
                    groups: groups(old.as_ref(), new.as_ref()),
                };
                if change.statistics.iter().any(|difference| difference.counts) {
                    self.changes.push(change);
                } else if !change.statistics.is_empty() {
                    self.tolerated += 1;
                }
            }
        }
    }
}

fn comparable(snapshot: &GasSnapshot, now: &GasSnapshot) -> Result<(), Incomparable> {
    let (old, new) = (&snapshot.scenario, &now.scenario);
    for (what, old, new) in [
        ("scenario", old.name.clone(), new.name.clone()),
        ("seed", old.seed.to_string(), new.seed.to_string()),
        ("hardfork", snapshot.hardfork.clone(), now.hardfork.clone()),
    ] {
        if old != new {
            return Err(Incomparable {
                what,
                snapshot: old,
                now: new,
            });
        }
    }
    Ok(())
}

fn notes(snapshot: &GasSnapshot, now: &GasSnapshot) -> Vec<String> {
    let mut notes = Vec::new();
    if snapshot.scenario.digest != now.scenario.digest {
        notes.push("the scenario changed".to_owned());
    }
    if snapshot.evm != now.evm {
        notes.push(format!(
            "the snapshot was made by {}, this run by {}",
            snapshot.evm, now.evm
        ));
    }
    let of = |snapshot: &GasSnapshot| {
        let digest = snapshot
            .contracts_digest
            .map_or_else(|| "unknown".to_owned(), |digest| digest.short());
        let whose = if snapshot.built_in {
            "the built-in contracts"
        } else {
            "contracts of artifacts"
        };
        format!("{whose} ({digest})")
    };
    match (snapshot.contracts_digest, now.contracts_digest) {
        (Some(old), Some(new)) if old.differs_in_metadata_only(&new) => {
            notes.push("the contracts changed in nothing but the compiler's metadata".to_owned());
        }
        (Some(old), Some(new)) if old != new => {
            notes.push(format!(
                "OTHER CONTRACTS: the snapshot is of {}, this run of {}",
                of(snapshot),
                of(now)
            ));
        }
        _ => {}
    }
    let names = now.contracts.keys();
    let vanished = snapshot
        .contracts
        .keys()
        .filter(|name| !now.contracts.contains_key(*name));
    for name in names.chain(vanished) {
        match (snapshot.contracts.get(name), now.contracts.get(name)) {
            // Not every artifact says its compiler.
            (Some(old), Some(new))
                if old.compiler != new.compiler && !old.compiler.is_empty() && !new.compiler.is_empty() =>
            {
                notes.push(format!(
                    "{name} was built by {}, now by {}",
                    old.compiler, new.compiler
                ));
            }
            (Some(old), Some(new)) if old != new => notes.push(format!(
                "{name} changed: {} bytes of code, now {}",
                old.code_bytes, new.code_bytes
            )),
            (Some(_), None) => notes.push(format!("{name} was removed")),
            (None, Some(_)) => notes.push(format!("{name} is new")),
            _ => {}
        }
    }
    notes
}

fn statistics(old: Option<&GasCost>, new: Option<&GasCost>, tolerance: Tolerance) -> Vec<Difference> {
    type Statistic = fn(&GasCost) -> f64;
    let statistics: [(&str, Statistic); 5] = [
        ("calls", |cost| cost.calls as f64),
        ("min", |cost| cost.min as f64),
        ("median", |cost| cost.median as f64),
        ("mean", |cost| cost.mean),
        ("max", |cost| cost.max as f64),
    ];
    let differences = statistics.into_iter().map(|(name, of)| {
        let (snapshot, now) = (old.map(of), new.map(of));
        let allowed = match (snapshot, now) {
            (Some(old), Some(new)) if name == "calls" => tolerance.allows_count(old, new),
            (Some(old), Some(new)) => tolerance.allows_gas(old, new),
            (old, new) => old == new,
        };
        Difference {
            name,
            snapshot,
            now,
            counts: !allowed,
        }
    });
    differences
        .filter(|difference| difference.snapshot != difference.now)
        .collect()
}

fn groups(old: Option<&GasCost>, new: Option<&GasCost>) -> Vec<Difference> {
    let (Some(old), Some(new)) = (old, new) else {
        return Vec::new();
    };
    let mean = |cost: &GasCost, group| cost.groups.of(group) as f64 / cost.calls as f64;
    let differences = GasGroup::ALL.into_iter().map(|group| Difference {
        name: group.name(),
        snapshot: Some(mean(old, group)),
        now: Some(mean(new, group)),
        counts: false,
    });
    differences
        .filter(|difference| difference.snapshot != difference.now)
        .collect()
}
