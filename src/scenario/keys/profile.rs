//! Keys of a scenario that runs a profile: its parameters and the groups of its roles.

use serde_json::{Value, json};

use super::{
    Key, Section, behaviour,
    kind::{any_of, defined, described, list, name, whole},
    lines,
    literal::{bare, key, quoted},
    population::{fees, submissions},
    properties,
    quantity::delays,
};
use crate::scenario::{DataFile, ProfileRun, RoleGroup, Scenario};

/// The parameters and the groups: those who read a profile know what they are called.
pub(super) fn section() -> Section {
    let about = "With protocol: values of the profile's parameters, as expressions.";
    let expression = json!({ "type": ["string", "integer", "boolean"] });
    Section {
        name: "parameters",
        schema: described(
            about,
            json!({ "type": "object", "additionalProperties": expression }),
        ),
        required: Vec::new(),
        text: Box::new(|scenario| scenario.profile.as_ref().map_or_else(String::new, profile_text)),
    }
}

/// What a table that a profile names may be: a group, several groups, or with `extends` changes to groups by their names.
pub(in crate::scenario) fn role() -> Value {
    let changes = json!({ "type": "object", "additionalProperties": defined("role") });
    any_of([defined("role"), list(defined("role")), changes])
}

/// A group of a role; keys beside these are the role's delays.
pub(super) fn definition() -> Value {
    let mut keys = properties(&groups());
    keys.extend(properties(&submissions()));
    let group = json!({
        "type": "object",
        "properties": keys,
        "additionalProperties": any_of([delays(), json!({ "type": "object" })]),
    });
    described(
        "Actors of a profile's role that behave alike. Other keys are the role's delays.",
        group,
    )
}

/// Keys that the groups of every role have.
fn groups() -> Vec<Key<RoleGroup>> {
    let mut keys = keys! { RoleGroup:
        "name", "Tells the group from others; keys and random choices follow from it. Default: the role, the role and -2, …",
            name(), examples ["bulk"] => |group| quoted(&group.name);
        required "count", "Actors in the group.",
            whole(1..=Scenario::MAX_ACTORS), examples [20] => |group| bare(group.count);
    };
    keys.extend(fees(|group: &RoleGroup| &group.fees));
    keys.push(behaviour::key(|group: &RoleGroup| &group.behaviour));
    keys
}

/// The sections of a scenario that runs a profile.
fn profile_text(run: &ProfileRun) -> String {
    let parameters = run.parameters.iter().zip(&run.parameter_texts);
    let parameters: String = parameters
        .map(|((place, _), text)| {
            let name = &run.definition.parameters[*place].name;
            line(name, quoted(text))
        })
        .collect();
    let parameters = match parameters.as_str() {
        "" => parameters,
        _ => format!("\n[parameters]\n{parameters}"),
    };
    let groups = run.groups.iter().map(|group| group_text(run, group));
    [parameters].into_iter().chain(groups).collect()
}

/// The contracts in the place of the profile's own, which a resolved scenario has in a file of its own.
pub(super) fn contracts_text(run: &ProfileRun) -> String {
    let Some(replaced) = &run.definition.replaced else {
        return String::new();
    };
    let artifacts = line(
        "artifacts",
        quoted(format!("{}/contracts.json", DataFile::FOLDER)),
    );
    let contracts = replaced.contracts.iter();
    let names: String = contracts
        .map(|(name, contract)| line(name, quoted(contract.qualified_name())))
        .collect();
    format!("\n[contracts]\n{artifacts}{names}")
}

fn group_text(run: &ProfileRun, group: &RoleGroup) -> String {
    let role = &run.definition.roles[group.role];
    let delays = role.delays.iter().zip(&group.delays);
    let delays: String = delays.map(|((name, _), delay)| line(name, bare(delay))).collect();
    let load = group.submissions.as_ref();
    let load = load.map_or_else(String::new, |load| lines(&submissions(), load));
    format!(
        "\n[[{}]]\n{}{load}{delays}",
        key(&role.name),
        lines(&groups(), group)
    )
}

/// The line of a key that the profile names.
fn line(name: &str, value: Option<String>) -> String {
    format!("{} = {}\n", key(name), value.unwrap_or_default())
}
