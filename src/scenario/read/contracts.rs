//! Reading which build of the contracts a run deploys.

use super::{table::Table, value::Value};
use crate::{
    protocol::{ContractBuild, ContractNames},
    scenario::problem::Problem,
};

/// The build that artifacts hold, or the built-in one where none are named.
pub(super) fn read(table: Table<'_>) -> ContractBuild {
    let default = ContractNames::default();
    let mut named = None;
    let mut name = |key, default| match table.value(key) {
        Some(value) => {
            named = named.take().or_else(|| Some(value.clone()));
            value.text().unwrap_or(default)
        }
        None => default,
    };
    let names = ContractNames {
        node_pool: name("node_pool", default.node_pool),
        session: name("session", default.session),
        session_queue: name("session_queue", default.session_queue),
    };
    let artifacts = table.value("artifacts");
    if let Some(named) = named.filter(|_| artifacts.is_none()) {
        without_artifacts(&named);
    }
    let build = artifacts.and_then(|path| table.report().data().contracts(path, &names));
    table.finish();
    build.unwrap_or_default()
}

/// Reports the name of a contract that is looked for nowhere.
pub(super) fn without_artifacts(named: &Value<'_>) {
    let path = named.path().clone();
    let problem = Problem::new(
        format!("`{path}` needs `contracts.artifacts`"),
        "say where the artifacts are: artifacts = \"out/\"",
    )
    .at(path.clone(), "names a contract among artifacts");
    named.report().broken(path, problem);
}
