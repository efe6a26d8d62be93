//! Roles and their delays.

use super::reader::Reader;
use crate::{
    protocol::profile::{DEPLOYER, RoleDefinition},
    scenario::{
        DelayDistribution, Submissions,
        compose::BESIDE_ROLES,
        read::{distribution, table::Table, value::Value},
    },
};

/// Keys of every group; those that submit have [`Submissions::KEYS`] as well.
const GROUP_KEYS: [&str; 4] = ["name", "count", "tip", "max_fee"];

/// The roles, and last that of the deployer.
pub(super) fn read<'a>(root: &Table<'a>, reader: &mut Reader<'a>) -> Option<Vec<RoleDefinition>> {
    let tables = root.required("roles", "[roles.asker]", Value::members)?;
    let mut roles = Vec::new();
    let mut whole = !tables.is_empty();
    if tables.is_empty() {
        reader.refuse_at::<()>(
            &root.path().key("roles"),
            "the profile has no roles",
            "is empty",
            "add one: [roles.asker]",
        );
    }
    for (name, value) in tables {
        let path = value.path().clone();
        let delays = delays(&value, reader);
        if name == DEPLOYER {
            let help = "leave it out: rules and set-up may name it as they are";
            reader.refuse_key::<()>(
                &path,
                "the role `deployer` is always there",
                "cannot be listed",
                help,
            );
            whole = false;
        } else if BESIDE_ROLES.contains(&name.as_str()) {
            let message = format!("no role can be called `{name}`: scenarios have a key of this name");
            reader.refuse_key::<()>(&path, message, "reserved name", "choose another");
            reader.poison(&name);
            whole = false;
        } else if reader.declare(&path, &name, |names| names.role(&name)) {
            match delays {
                Some(delays) => roles.push(RoleDefinition { name, delays }),
                None => whole = false,
            }
        } else {
            whole = false;
        }
    }
    roles.push(RoleDefinition {
        name: DEPLOYER.to_owned(),
        delays: Vec::new(),
    });
    reader.delays = roles
        .iter()
        .map(|role| role.delays.iter().map(|(name, _)| name.clone()).collect())
        .collect();
    whole.then_some(roles)
}

fn delays<'a>(role: &Value<'a>, reader: &mut Reader<'a>) -> Option<Vec<(String, DelayDistribution)>> {
    let table = Table::of(role)?;
    let delays = table.value("delays");
    table.finish();
    let Some(delays) = delays else {
        return Some(Vec::new());
    };
    let mut read = Vec::new();
    for (name, value) in delays.members()? {
        let path = value.path().clone();
        let begins = name.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_');
        if !begins || !name.chars().all(|c| c.is_ascii_alphanumeric() || c == '_') {
            let message = format!("`{path}`: `{name}` is no name of a delay");
            reader.refuse_key::<()>(
                &path,
                message,
                "no name",
                "use letters, digits and `_`, and begin with a letter",
            );
            reader.poison(&name);
        } else if GROUP_KEYS
            .iter()
            .chain(&Submissions::KEYS)
            .any(|key| *key == name)
        {
            let message = format!("no delay can be called `{name}`: groups have a key of this name");
            reader.refuse_key::<()>(&path, message, "reserved name", "choose another");
            reader.poison(&name);
        } else if let Some(delay) = distribution::read(value) {
            read.push((name, delay));
        } else {
            reader.poison(&name);
        }
    }
    Some(read)
}
