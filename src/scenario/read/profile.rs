//! Reading what a scenario says of the profile that it runs.

use std::{path::PathBuf, sync::Arc};

use toml::de::DeValue;

use super::{
    contracts::without_artifacts,
    data::Seats,
    distribution, load,
    population::{MAX_COUNT, behaviours, fees, groups, submissions},
    table::Table,
    value::{Value, kind},
};
use crate::{
    protocol::profile::{
        Definition,
        expression::{Expression, Scope, Source},
    },
    scenario::{ProfileRun, RoleGroup, Submissions, TaskCount, problem::Problem},
};

/// Sections and keys of the reference protocol alone.
const OF_REFERENCE: [&str; 5] = ["owners", "miners", "oracle", "windows", "price"];

/// Reads the groups of the roles, and the parameters, of the profile that `protocol` names; `None` if it cannot be read.
pub(super) fn read<'a>(root: &Table<'a>, protocol: Value<'a>) -> Option<ProfileRun> {
    let (file, definition) = definition(root, protocol)?;
    refuse_reference_keys(root, &definition);
    let groups = (0..definition.deployer())
        .flat_map(|role| role_groups(root, &definition, role))
        .collect();
    let values = parameters(root.table("parameters"), &definition);
    Some(ProfileRun {
        file,
        groups,
        parameter_texts: values.iter().map(|value| value.text.clone()).collect(),
        parameters: values
            .into_iter()
            .map(|value| (value.place, value.expression))
            .collect(),
        definition,
    })
}

/// Reads the profile in the file `protocol`, with the contracts below `contracts` in the place of its own. Gives its path, too.
fn definition<'a>(root: &Table<'a>, protocol: Value<'a>) -> Option<(PathBuf, Arc<Definition>)> {
    let contracts = root.table("contracts");
    let artifacts = contracts.value("artifacts");
    let is_missing = artifacts.is_none();
    let named = |name: &str| contracts.named(name).and_then(Value::text);
    let data = root.report().data();
    let (file, definition) = data.profile(protocol, artifacts.map(|path| (path, &named as _)))?;
    for contract in &definition.contracts {
        if let Some(named) = contracts.named(&contract.name).filter(|_| is_missing) {
            without_artifacts(&named);
        }
    }
    contracts.finish();
    Some((file, definition))
}

/// Reports keys that have no meaning for a profile.
fn refuse_reference_keys(root: &Table<'_>, definition: &Definition) {
    let roles: Vec<&str> = roles(definition).collect();
    let keys = OF_REFERENCE.into_iter().filter(|key| !roles.contains(key));
    for value in keys.filter_map(|key| root.value(key)) {
        let path = value.path().clone();
        let help = match path.to_string().as_str() {
            "owners" | "miners" | "oracle" => {
                let tables: Vec<_> = roles.iter().map(|role| format!("[[{role}]]")).collect();
                format!("say who takes part by the profile's roles: {}", tables.join(", "))
            }
            _ => "leave it out; constants of a profile are set under [parameters]".to_owned(),
        };
        let problem = Problem::new(
            format!("`{path}` belongs to the reference protocol, and the scenario runs a profile"),
            help,
        )
        .at_key(path.clone(), "has no meaning for a profile");
        root.report().broken(path, problem);
    }
}

/// The names of the roles, the deployer's left out.
fn roles(definition: &Definition) -> impl Iterator<Item = &'static str> {
    let roles = definition.schema.roles.iter().take(definition.deployer());
    roles.map(|role| role.name())
}

/// Reads the groups of a role. That of those who submit must have one.
fn role_groups(root: &Table<'_>, definition: &Definition, role: usize) -> Vec<RoleGroup> {
    let name = definition.schema.roles[role].name();
    let submits = definition.submitting_role() == Some(role);
    let example = match submits {
        true => format!("[[{name}]] with count = 20 and tasks = 300 below it"),
        false => format!("[[{name}]] with count = 20 below it"),
    };
    groups(root, name, &example, submits, |table, default_name| {
        group(table, default_name, definition, role)
    })
}

/// Reads a group of a role.
fn group(table: Table<'_>, default_name: String, definition: &Definition, role: usize) -> RoleGroup {
    let count = table.required("count", "count = 20", |value| value.count(1..=MAX_COUNT));
    let submits = definition.submitting_role() == Some(role);
    if !submits {
        refuse_load_keys(&table, definition);
    }
    let seats = count.map(|owners| Seats { owners, sessions: 1 });
    let delays = definition.roles[role].delays.iter();
    let group = RoleGroup {
        role,
        name: table.optional("name", Value::name).unwrap_or(default_name),
        count: count.unwrap_or(1),
        delays: delays
            .map(|(key, default)| {
                let written = table.named(key).and_then(distribution::read);
                written.unwrap_or_else(|| default.clone())
            })
            .collect(),
        submissions: submits.then(|| submissions(&table, seats, total_tasks)),
        behaviour: behaviours(&table, definition.schema),
        fees: fees(&table),
    };
    table.finish();
    group
}

/// Reports keys of a load in a role that submits no tasks.
fn refuse_load_keys(table: &Table<'_>, definition: &Definition) {
    let keys = Submissions::KEYS.into_iter().filter(|key| table.has(key));
    for value in keys.filter_map(|key| table.value(key)) {
        let path = value.path().clone();
        let who = definition.submitting_role();
        let who = who.map_or("no role", |role| definition.schema.roles[role].name());
        let problem = Problem::new(
            format!("`{path}`: {who} submits the tasks of this profile"),
            format!("leave it out; what has a load are the groups of {who}"),
        )
        .at_key(path.clone(), "belongs to groups that submit tasks");
        table.report().broken(path, problem);
    }
}

/// A number of tasks of the whole group: a profile knows no sessions.
fn total_tasks(value: Value<'_>) -> Option<TaskCount> {
    match value.get() {
        DeValue::Table(_) => value.refuse(
            "a number of tasks",
            "is a table",
            "for example tasks = 300, of the whole group; a profile knows no sessions",
        ),
        _ => load::tasks(value),
    }
}

/// Reports parameters without a profile.
pub(super) fn refuse_parameters(parameters: &Value<'_>) {
    let path = parameters.path().clone();
    let problem = Problem::new(
        format!("`{path}` are those of a profile, and the scenario runs none"),
        "say which profile: protocol = \"question-market.toml\"",
    )
    .at_key(path.clone(), "of which profile?");
    parameters.report().broken(path, problem);
}

/// The scenario's value of a parameter.
struct ParameterValue {
    /// Among the parameters of the profile.
    place: usize,
    text: String,
    expression: Expression,
}

/// Reads the values of parameters that the scenario gives, in the order of the profile.
fn parameters(table: Table<'_>, definition: &Definition) -> Vec<ParameterValue> {
    let own = definition.parameters.iter().enumerate();
    let own = own.skip(Definition::BUILT_IN.len());
    let values = own.filter_map(|(place, parameter)| {
        let value = table.named(&parameter.name)?;
        let text = expression_text(&value)?;
        let expression = parameter_value(&value, &text, definition, place)?;
        Some(ParameterValue {
            place,
            text,
            expression,
        })
    });
    let values = values.collect();
    table.finish();
    values
}

/// The text of an expression: a number and a truth value need no quotes.
fn expression_text(value: &Value<'_>) -> Option<String> {
    match value.get() {
        DeValue::String(text) => Some(text.to_string()),
        DeValue::Boolean(yes) => Some(yes.to_string()),
        DeValue::Integer(number) if number.radix() == 10 => Some(number.as_str().to_owned()),
        other => value.refuse(
            "an expression",
            format!("is {}", kind(other)),
            "write it in quotes: \"0.01 ether\", \"3 days\", \"2 ** 16\"",
        ),
    }
}

/// The value of the parameter at `place`, which may use the parameters before it.
fn parameter_value(
    value: &Value<'_>,
    text: &str,
    definition: &Definition,
    place: usize,
) -> Option<Expression> {
    let ty = &definition.parameters[place].ty;
    match Expression::parse_as(text, ty, &parameter_scope(definition, place)) {
        Ok(expression) if draws_or_varies(&expression) => value.refuse(
            "a constant",
            "is not the same for all",
            "a parameter has one value for a whole run",
        ),
        Ok(expression) => Some(expression),
        Err(error) => value.refuse(
            &format!("an expression of type {ty}"),
            error.message,
            error.remedy,
        ),
    }
}

/// The names that the value of the parameter at `place` may use.
fn parameter_scope(definition: &Definition, place: usize) -> Scope {
    let mut scope = Scope::new();
    // All of these names were declared once before, when the profile was read, so that none is refused.
    for parameter in &definition.parameters[..place] {
        let _ = scope.parameter(&parameter.name, parameter.ty.clone());
    }
    for role in &definition.roles {
        let _ = scope.accounts(&role.name);
    }
    scope
}

/// Whether the expression has another value each time, or for each actor or task.
fn draws_or_varies(expression: &Expression) -> bool {
    let varying = [
        Definition::PAYLOAD,
        Definition::INDEX,
        Definition::ACCOUNT,
        Definition::SUBMITTED,
    ];
    let mut variables = expression.variables().iter();
    let of_one =
        variables.any(|variable| variable.source == Source::Parameter && varying.contains(&variable.index));
    of_one || expression.draws()
}
