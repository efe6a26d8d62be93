//! Profiles' files: text → [`Definition`].
//!
//! Reading goes from what stands alone to what names it: contracts, roles, parameters and the task first, then the events,
//! the values that actors remember, and last the rules. Every problem is noted with its place, and reading goes on.

mod checks;
mod contracts;
mod draft;
mod events;
mod expressions;
mod functions;
mod invariants;
mod keys;
mod names;
mod parameters;
mod paths;
mod reader;
mod remembered;
mod replacement;
mod roles;
mod rules;
mod task;
mod transitions;

use std::{path::Path, sync::Arc};

use alloy::primitives::Address;
use miette::{LabeledSpan, Severity};
use toml::{Spanned, de::DeTable};

pub use self::draft::{Draft, NoDraft, draft};
use self::reader::Reader;
pub(super) use self::{keys::schema, replacement::Replacement};
use super::{
    Finding, ScenarioError, compose,
    excerpt::Excerpt,
    read::{findings, report::Report, table::Table, value::Value},
    source::Source,
};
use crate::{
    artifacts::Artifacts,
    input::read_named,
    protocol::profile::{ContractDefinition, Definition, SchemaNames},
};

/// Largest file that is looked at.
const MAX_BYTES: u64 = 4 << 20;

/// Reads the profile at `path`, and the artifacts of its contracts.
///
/// # Errors
/// If it cannot be read, or is no valid profile; then with everything that is wrong.
pub fn load(path: &Path) -> Result<Arc<Definition>, ScenarioError> {
    load_with(path, None)
}

/// The reason why there is no profile with other contracts in the place of its own.
#[derive(Debug)]
pub enum ReplacedError {
    /// It is none.
    Profile(ScenarioError),
    /// The artifacts cannot be used.
    Artifacts {
        /// Why.
        message: String,
        /// What to do.
        help: String,
    },
}

/// The profile at `path` with the contracts of the artifacts at `artifacts` in the place of its own of the same names.
///
/// # Errors
/// As [`load`], or if the artifacts cannot be used.
pub fn load_with_artifacts(path: &Path, artifacts: &Path) -> Result<Arc<Definition>, ReplacedError> {
    let opened = Artifacts::open(artifacts).map_err(|error| ReplacedError::Artifacts {
        message: error.to_string(),
        help: error.help(),
    })?;
    let replacement = Replacement::new(artifacts.display().to_string(), opened, &|_| None);
    load_with(path, Some(&replacement)).map_err(|error| {
        let fault = replacement.take_faults().into_iter().next();
        if let Some(fault) = fault {
            return ReplacedError::Artifacts {
                message: fault.message,
                help: fault.help,
            };
        }
        let own = load(path).ok();
        let differences = own.map(|own| replacement.differences(&own)).unwrap_or_default();
        match differences.is_empty() {
            true => ReplacedError::Profile(error),
            false => ReplacedError::Artifacts {
                message: format!(
                    "the ABI differs from what the profile uses: {}",
                    differences.join("; ")
                ),
                help: "keep what the profile calls and decodes, or change the profile as well".to_owned(),
            },
        }
    })
}

/// The same with contracts in the place of the profile's own. Why these cannot be used, the replacement tells afterwards.
///
/// # Errors
/// As [`load`]; also if the replacement has faults.
pub(super) fn load_with(
    path: &Path,
    replacement: Option<&Replacement<'_>>,
) -> Result<Arc<Definition>, ScenarioError> {
    let sources = compose::load(path)?;
    let Some(file) = sources.all().first() else {
        return Err(ScenarioError::invalid(&path.display().to_string(), Vec::new()));
    };
    let (tree, _) = DeTable::parse_recoverable(file.text());
    let report = Report::of("a profile");
    let definition = read(&tree, file, &report, replacement);
    let (problems, _) = report.finish();
    let is_whole = problems.is_empty() && !replacement.is_some_and(Replacement::has_faults);
    match definition {
        Some(definition) if is_whole => Ok(Arc::new(definition)),
        _ => Err(ScenarioError::invalid(
            file.name(),
            findings(problems, &tree, &sources, Severity::Error),
        )),
    }
}

/// Whether the file at `path` is a profile rather than a scenario: it has a task, or roles.
#[must_use]
pub fn is_profile(path: &Path) -> bool {
    let text = read_named(path, MAX_BYTES)
        .ok()
        .and_then(|bytes| String::from_utf8(bytes).ok());
    text.is_some_and(|text| {
        let (tree, _) = DeTable::parse_recoverable(&text);
        ["task", "roles"]
            .iter()
            .any(|key| tree.get_ref().contains_key(*key))
    })
}

/// The error of a profile one of whose contracts is to be at an address of a chain that has no code there.
#[must_use]
pub fn not_on_chain(profile: &Definition, contract: &ContractDefinition, address: Address) -> ScenarioError {
    let lines: Vec<&str> = profile.text.split_inclusive('\n').collect();
    let before = contract.at.line.saturating_sub(1).min(lines.len());
    let place: usize = lines[..before].iter().map(|line| line.len()).sum();
    let length = lines.get(before).map_or(0, |line| line.trim_end().len());
    let label = LabeledSpan::new_primary_with_span(Some(format!("to be at {address}")), (place, length));
    let finding = Finding {
        message: format!(
            "the contract `{}` has an `address`, and the embedded chain has no code there",
            contract.name
        ),
        source: Arc::new(Excerpt::new(&contract.at.file, profile.text.clone())),
        shown: true,
        labels: vec![label],
        help: "use the chain that has it: --chain URL; or have the profile deploy it: leave out `address`"
            .to_owned(),
        severity: Severity::Error,
        place,
        elsewhere: Vec::new(),
    };
    ScenarioError::invalid(&contract.at.file, vec![finding])
}

/// Reads everything; `None`, with problems in the report, if something cannot be used.
fn read<'a>(
    tree: &'a Spanned<DeTable<'a>>,
    file: &'a Source,
    report: &'a Report,
    replacement: Option<&'a Replacement<'a>>,
) -> Option<Definition> {
    let root = Table::root(tree, report);
    let mut reader = Reader::new(file, report, replacement);
    let name = root.required("name", "name = \"question market\"", |value| reader.title(value));
    let description = root.optional("description", Value::text);

    let mut contracts = contracts::read(&root, &mut reader);
    let roles = roles::read(&root, &mut reader);
    let parameters = parameters::read(&root, &mut reader);
    let Some(task) = task::read(&root, &mut reader) else {
        // All that follows is about tasks.
        for key in ["event", "setup", "on", "transition", "invariant"] {
            root.value(key);
        }
        root.finish();
        return None;
    };
    reader.phases.clone_from(&task.phases);
    let events = events::Tables::read(&root, &mut reader);
    contracts::creations(&mut contracts, &mut reader);
    let rules = rules::Parts::read_all(&root, &mut reader, &task);
    let transitions = reader.tables(root.value("transition"));
    let invariants = root.value("invariant");
    root.finish();

    checks::check(&events, &transitions, &rules, &task, &reader);
    remembered::infer(&rules, &mut reader);
    let contracts = contracts::complete(contracts, &reader);
    let fields = task::fields(&task, &reader);
    let mut finders = Vec::new();
    let events = events.complete(&task, &mut finders, &reader);
    let transitions = transitions::read(&transitions, &task, &reader);
    let invariants = invariants::read(invariants, &reader);
    let counts = functions::counts(events.as_deref().unwrap_or_default(), &reader);
    let calls = rules::calls(&rules, &reader);
    let functions = functions::names(&calls, &reader);
    let invariants = invariants?;
    let names = SchemaNames {
        name: name?,
        roles: reader.names.roles.clone(),
        phases: task.phases.clone(),
        functions: functions.names.clone(),
        counts: counts.iter().map(|(name, _)| name.clone()).collect(),
        outcomes: task.outcomes.iter().map(|outcome| outcome.name.clone()).collect(),
        invariants: invariants
            .iter()
            .map(|invariant| invariant.stated.clone())
            .collect(),
    };
    // A profile without phases was refused for it.
    names.checked().ok()?;
    let schema = names.schema();
    let rules = rules::complete(
        &rules,
        calls,
        |rule| schema.functions[functions.of_rule[rule]],
        &reader,
    );
    let (mut rules, mut events, fields) = (rules?, events?, fields?);
    task::all_are_set(&fields, &events, &rules, &reader)?;
    events.extend(rules::returned(&mut rules, events.len()));
    Some(Definition {
        schema,
        description: description.unwrap_or_default(),
        text: file.text().to_owned(),
        contracts: contracts?,
        replaced: replacement.map(Replacement::replaced),
        roles: roles?,
        key: task.key.clone(),
        fields,
        mine: reader.names.mine.clone(),
        actor: reader.names.actor.clone(),
        shared: reader.names.shared.clone(),
        parameters: parameters?,
        phases: task.phases.clone(),
        outcomes: task.outcomes,
        events,
        finders,
        counts: counts.into_iter().map(|(_, event)| event).collect(),
        transitions: transitions?,
        rules,
        invariants: invariants
            .into_iter()
            .map(|invariant| invariant.invariant)
            .collect(),
    })
}

/// The keys that reading the file at `path` looks for.
#[cfg(test)]
fn known_keys(path: &Path) -> std::collections::BTreeSet<String> {
    let sources = compose::load(path).unwrap();
    let file = &sources.all()[0];
    let (tree, _) = DeTable::parse_recoverable(file.text());
    let report = Report::of("a profile");
    read(&tree, file, &report, None);
    report.known.into_inner()
}
