//! Comparability of a baseline and a candidate: same scenario, complete runs, same chain.

use std::{
    collections::{BTreeMap, BTreeSet},
    path::Path,
};

use crate::{
    record::{BuildFacts, TimeSource},
    run_folder::RunFolder,
    scenario::Scenario,
};

/// Keys of a scenario that decide nothing about its run, or that are reported otherwise.
const APART: [&str; 7] = [
    "name",
    "description",
    "seed",
    "thresholds",
    "chain.kind",
    "chain.hardfork",
    "contracts",
];
/// Keys that are named; the rest is counted.
const NAMED: usize = 5;

/// Obstacles and notes of a comparison.
#[derive(Debug, Default)]
pub(super) struct Comparability {
    /// The reason why they cannot be compared, a sentence each.
    pub(super) obstacles: Vec<String>,
    /// What else is not the same and may be why numbers differ.
    pub(super) notes: Vec<String>,
    /// Whether both ran the very same calls: gas then differs for one reason only.
    pub(super) same_calls: bool,
    /// Whether both are simulations of the same seeds, each once: their runs are pairs.
    pub(super) paired: bool,
}

impl Comparability {
    pub(super) fn of(base: &[RunFolder], new: &[RunFolder]) -> Self {
        let mut comparability = Self::default();
        let Some(first) = base.first() else {
            return comparability;
        };
        let keys = keys(first);
        for run in base.iter().skip(1).chain(new) {
            comparability.hold_against(first, run, &keys);
        }
        for run in base.iter().chain(new) {
            let result = run.result();
            if !result.complete {
                let why = result.stop_reason.description();
                comparability.obstacle(format!("{} is not a complete run: {why}", name(run)));
            }
            for damage in run.damage() {
                comparability.obstacle(format!("{} is damaged: {damage}", name(run)));
            }
            for note in run.notes() {
                comparability.note(format!("{}: {note}", name(run)));
            }
        }
        let seeds = |runs: &[RunFolder]| -> Vec<u64> {
            let mut seeds: Vec<u64> = runs.iter().map(|run| run.result().scenario.seed).collect();
            seeds.sort_unstable();
            seeds
        };
        let (old, now) = (seeds(base), seeds(new));
        if old != now {
            comparability.note(format!(
                "the seeds differ (baseline {}, candidate {}): random choices differ as well",
                listed(&old),
                listed(&now)
            ));
        }
        let is_simulated = first.result().clock == TimeSource::Virtual;
        let is_once = old.windows(2).all(|pair| pair[0] != pair[1]);
        comparability.paired = is_simulated && old == now && is_once;
        comparability.same_calls = is_simulated && old == now && comparability.obstacles.is_empty();
        if !is_simulated && (base.len() < 3 || new.len() < 3) {
            comparability.note(
                "fewer than 3 baseline or candidate runs: differences between any two runs, such as the load of the \
                 machine, cannot be told from a change"
                    .to_owned(),
            );
        }
        comparability
    }

    fn hold_against(&mut self, first: &RunFolder, run: &RunFolder, keys: &Option<BTreeMap<String, String>>) {
        let (old, now) = (first.result(), run.result());
        let unknown = || "unknown".to_owned();
        let fork = |fork: &Option<String>| fork.clone().unwrap_or_else(unknown);
        let (first_name, run_name) = (name(first), name(run));
        for (what, old, now) in [
            (
                "is in",
                old.clock.description().to_owned(),
                now.clock.description().to_owned(),
            ),
            (
                "is of the protocol",
                old.protocol.name.to_owned(),
                now.protocol.name.to_owned(),
            ),
            ("is on the chain", old.chain.kind.clone(), now.chain.kind.clone()),
            (
                "is of the hardfork",
                fork(&old.chain.hardfork),
                fork(&now.chain.hardfork),
            ),
        ] {
            if old != now {
                self.obstacle(format!("{first_name} {what} {old}, {run_name} {what} {now}"));
            }
        }
        match (keys, self::keys(run)) {
            (Some(old), Some(now)) => {
                let differing = differing(old, &now);
                if !differing.is_empty() {
                    let shown: Vec<&str> = differing.iter().take(NAMED).map(String::as_str).collect();
                    let rest = match differing.len().saturating_sub(NAMED) {
                        0 => String::new(),
                        rest => format!("; and {rest} more"),
                    };
                    self.obstacle(format!(
                        "{run_name} is of another scenario than {first_name}: {}{rest}",
                        shown.join("; ")
                    ));
                }
            }
            _ => self.obstacle(format!(
                "whether {run_name} is of the same scenario as {first_name} is unknown: a scenario.toml is missing or broken"
            )),
        }
        match (&old.chain.contract_build, &now.chain.contract_build) {
            (Some(old), Some(now)) if old.digest.differs_in_metadata_only(&now.digest) => self.note(format!(
                "the contracts differ in nothing but the compiler's metadata: {}, and {}",
                old.short(),
                now.short()
            )),
            (Some(old), Some(now)) if old.digest != now.digest => {
                self.note(format!(
                    "THE CONTRACTS DIFFER: {}, and {}",
                    old.short(),
                    now.short()
                ));
            }
            (None, Some(_)) | (Some(_), None) => {
                self.note(format!(
                    "whether {first_name} and {run_name} ran the same contracts is unknown"
                ));
            }
            _ => {}
        }
        let limits = |build: &Option<BuildFacts>| build.as_ref().map(|build| build.gas_limit_percent);
        let (old_limits, new_limits) = (
            limits(&old.chain.contract_build),
            limits(&now.chain.contract_build),
        );
        if let Some((old, new)) = old_limits.zip(new_limits).filter(|(old, new)| old != new) {
            self.note(format!(
                "calls have gas limits at {old} %, and at {new} % of what the reference contracts need: blocks hold fewer \
                 transactions with higher limits"
            ));
        }
        if old.tool_version != now.tool_version {
            self.note(format!(
                "taskstorm {} ran one of them, {} another",
                old.tool_version, now.tool_version
            ));
        }
        if old.chain.client_version != now.chain.client_version {
            self.note(format!(
                "the node is not the same: {}, and {}",
                old.chain.client_version.clone().unwrap_or_else(unknown),
                now.chain.client_version.clone().unwrap_or_else(unknown)
            ));
        }
    }

    fn obstacle(&mut self, obstacle: String) {
        if !self.obstacles.contains(&obstacle) {
            self.obstacles.push(obstacle);
        }
    }

    fn note(&mut self, note: String) {
        if !self.notes.contains(&note) {
            self.notes.push(note);
        }
    }
}

/// A run's folder, as short as it can be told by.
fn name(run: &RunFolder) -> String {
    run.path().display().to_string()
}

fn listed(seeds: &[u64]) -> String {
    let shown: Vec<String> = seeds.iter().take(4).map(u64::to_string).collect();
    let more = if seeds.len() > shown.len() { ", …" } else { "" };
    shown.join(", ") + more
}

/// The keys of a run's scenario with their values; `None` if it cannot be read.
fn keys(run: &RunFolder) -> Option<BTreeMap<String, String>> {
    let written = run.scenario()?;
    // As this version writes it, so that a key which a later version adds with its default is no difference.
    let resolved = Scenario::load(run.path().join("scenario.toml")).ok();
    let text = resolved.as_ref().map(Scenario::to_toml);
    let table: toml::Table = text.as_deref().unwrap_or(written).parse().ok()?;
    let mut keys = BTreeMap::new();
    flatten(&mut keys, "", &toml::Value::Table(table));
    // The contracts are what is compared.
    let data = resolved.iter().flat_map(|scenario| &scenario.data);
    for data in data.filter(|data| !data.is_contracts()) {
        let digest = digest(&run.path().join(data.name()));
        keys.insert(format!("the content of {}", data.name()), digest);
    }
    Some(keys)
}

fn digest(path: &Path) -> String {
    let bytes = crate::input::read_result(path).unwrap_or_default();
    format!("{} ({} bytes)", alloy::primitives::keccak256(&bytes), bytes.len())
}

fn flatten(keys: &mut BTreeMap<String, String>, path: &str, value: &toml::Value) {
    match value {
        toml::Value::Table(table) => {
            for (key, value) in table {
                let below = if path.is_empty() {
                    key.clone()
                } else {
                    format!("{path}.{key}")
                };
                if !APART.contains(&below.as_str()) {
                    flatten(keys, &below, value);
                }
            }
        }
        toml::Value::Array(values) if values.iter().all(toml::Value::is_table) => {
            for (index, value) in values.iter().enumerate() {
                // A single group is written as a table in scenarios that people write.
                let place = match values.len() {
                    1 => path.to_owned(),
                    _ => format!("{path}[{index}]"),
                };
                flatten(keys, &place, value);
            }
        }
        value => {
            keys.insert(path.to_owned(), value.to_string());
        }
    }
}

fn differing(old: &BTreeMap<String, String>, now: &BTreeMap<String, String>) -> Vec<String> {
    let names: BTreeSet<&String> = old.keys().chain(now.keys()).collect();
    let value =
        |keys: &BTreeMap<String, String>, name| keys.get(name).map_or("nothing", String::as_str).to_owned();
    names
        .into_iter()
        .filter(|name| old.get(*name) != now.get(*name))
        .map(|name| format!("{name} is {}, not {}", value(now, name), value(old, name)))
        .collect()
}
