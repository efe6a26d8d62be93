//! Warnings about faults.

use crate::{
    fault::FaultKind,
    scenario::{ChainKind, Scenario, path::KeyPath, problem::Problem},
};

/// Faults that do on the scenario's chain something else than their name says, or nothing.
pub(super) fn warnings(scenario: &Scenario) -> Vec<Problem> {
    let kinds = FaultKind::ALL
        .into_iter()
        .filter(|kind| scenario.faults.of(*kind).next().is_some());
    kinds
        .filter_map(|kind| {
            let path = KeyPath::root().key("faults").key(kind.name());
            if scenario.chain.kind == ChainKind::Embedded
                && let Some(equivalent) = kind.embedded_equivalent()
            {
                let help = format!(
                    "there {equivalent}, which is what a client feels of it; on anvil it is as it says"
                );
                let message = format!("`{path}` is a fault of nodes, and the embedded chain has none");
                return Some(Problem::new(message, help).at(path, "on the embedded chain"));
            }
            let fixed = kind == FaultKind::FeeSpike && scenario.chain.base_fee == 0;
            fixed.then(|| {
                Problem::new(
                    format!("`{path}` has no effect on a base fee of 0"),
                    "a base fee of 0 stays 0: set chain.base_fee, unless this is intended",
                )
                .at(path, "multiplies it")
                .at(KeyPath::root().key("chain").key("base_fee"), "is 0")
            })
        })
        .collect()
}
