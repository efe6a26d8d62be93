//! Resolves what depends on other rules: names, tasks, roles and phases.

use std::collections::BTreeMap;

use toml::de::DeValue;

use super::{
    parts::Parts,
    raw::{About, RawTrigger, RawWho},
};
use crate::{
    protocol::profile::FunctionPhase,
    scenario::{
        path::KeyPath,
        profile::{
            reader::{Reader, refuse_beside},
            task::Task,
        },
        read::table::Table,
        suggest::{self, list},
    },
};

/// The name of a rule without a call.
const SIGNED: &str = "sign";

/// Gives every rule a name: its own, or that of the function that it calls, with a number if it is taken.
pub(super) fn name_all(rules: &mut [Parts<'_>], reader: &Reader<'_>) {
    let mut taken: BTreeMap<String, KeyPath> = BTreeMap::new();
    for rule in rules.iter().filter(|rule| !rule.name.is_empty()) {
        if taken.insert(rule.name.clone(), rule.path.clone()).is_some() {
            let path = rule.path.key("name");
            let message = format!("`{path}`: a rule is called `{}` already", rule.name);
            reader.refuse_at::<()>(&path, message, "the second", "choose another name");
        }
    }
    // Nothing names steps of set-up: they take what is left.
    let is_set_up = |rule: &&mut Parts<'_>| matches!(rule.phase, Some(FunctionPhase::SetUp));
    let (steps, others): (Vec<_>, Vec<_>) = rules.iter_mut().partition(is_set_up);
    for rule in others
        .into_iter()
        .chain(steps)
        .filter(|rule| rule.name.is_empty())
    {
        let function = rule
            .call
            .as_ref()
            .map_or(SIGNED, |call| function_of(&call.text))
            .to_owned();
        let mut name = function.clone();
        let mut number = 2;
        while taken.contains_key(&name) {
            name = format!("{function}-{number}");
            number += 1;
        }
        taken.insert(name.clone(), rule.path.clone());
        rule.name = name;
    }
}

/// The name of the function that a call's text calls.
fn function_of(call: &str) -> &str {
    let mut depth = 0_i32;
    let open = call.char_indices().rev().find(|(_, c)| {
        depth += match c {
            ')' => 1,
            '(' => -1,
            _ => 0,
        };
        *c == '(' && depth == 0
    });
    let before = call[..open.map_or(0, |(at, _)| at)].trim_end();
    let is_part = |c: char| c.is_alphanumeric() || c == '_' || c == '$';
    &before[before.trim_end_matches(is_part).len()..]
}

/// Finds the rules that `included` and `failed` name.
pub(super) fn watch(rules: &mut [Parts<'_>], reader: &Reader<'_>) {
    let names: Vec<(String, bool)> = rules
        .iter()
        .map(|rule| {
            (
                rule.name.clone(),
                matches!(rule.trigger, Some(RawTrigger::SetUp { .. })),
            )
        })
        .collect();
    let signed: Vec<bool> = rules.iter().map(|rule| rule.is_signed).collect();
    for rule in rules {
        let (key, place, name) = match &mut rule.trigger {
            Some(RawTrigger::Included(place, name)) => ("included", place, name.as_str()),
            Some(RawTrigger::Failed(place, name)) => ("failed", place, name.as_str()),
            _ => continue,
        };
        *place = names.iter().position(|(known, set_up)| known == name && !set_up);
        if let Some(watched) = *place
            && signed[watched]
        {
            let path = rule.path.key(key);
            let message =
                format!("`{path}`: the rule `{name}` makes no call: its task is signed off the chain");
            let help = "let it follow the task: entered = \"…\", the second phase";
            reader.refuse_at::<()>(&path, message, "no call", help);
        }
        if place.is_none() {
            let known: Vec<&str> = names
                .iter()
                .filter(|(_, set_up)| !set_up)
                .map(|(name, _)| name.as_str())
                .collect();
            let help =
                suggest::meant(name, &known).unwrap_or_else(|| format!("the rules are {}", list(&known)));
            let path = rule.path.key(key);
            let message = format!("`{path}`: there is no rule `{}`", suggest::shortened(name));
            reader.refuse_at::<()>(&path, message, "no rule", help);
        }
    }
}

/// Resolves what depends on other rules: role, task, phase, who and delay.
pub(super) fn resolve(rules: &mut [Parts<'_>], reader: &mut Reader<'_>, task: &Task) {
    let about: Vec<About> = (0..rules.len())
        .map(|place| about(rules, place, reader))
        .collect();
    for (rule, about) in rules.iter_mut().zip(&about) {
        rule.about = *about;
    }
    let roles: Vec<String> = reader.names.all_roles().iter().map(ToString::to_string).collect();
    for place in 0..rules.len() {
        if matches!(rules[place].trigger, Some(RawTrigger::SetUp { .. })) {
            continue;
        }
        let of_watched = role_of_watched(rules, place);
        let rule = &mut rules[place];
        if rule.about == About::Unknown {
            if let Some(role) = &rule.values.role {
                reader.place(role.clone(), "role", &roles);
            }
            let remembered: Vec<String> = rule.lets.iter().map(|(name, _)| name.clone()).collect();
            reader.broken.extend(remembered);
            continue;
        }
        rule.role = match &rule.values.role {
            Some(role) => reader.place(role.clone(), "role", &roles),
            None => match of_watched {
                Some(role) => roles.iter().position(|known| *known == role),
                None => reader.refuse_at(
                    &rule.path,
                    format!("`{}.role` is missing", rule.path),
                    "who does it?",
                    format!("add it: role = \"{}\"", roles[0]),
                ),
            },
        };
        rule.who = rule.read_who(reader);
        rule.delay = match &rule.values.after {
            None => Some(None),
            Some(value) => reader.delay(value, rule.role).map(Some),
        };
        rule.phase = rule.read_phase(reader, task);
        if let Some(value) = &rule.values.batch
            && (rule.about != About::Task || rule.follows_own_call())
        {
            let help = "only rules with `event`, `entered`, `time` or `block` are told of several tasks";
            refuse_beside(reader, Some(value), "with this trigger", help);
        }
        if let Some((_, text)) = rule.lets.first() {
            let because = match (rule.batch, rule.about) {
                (Some(Some(_)), _) => "beside `batch`",
                (_, About::Nothing) => "in a rule about no task",
                _ => continue,
            };
            let message = format!("`let` has no meaning {because}");
            reader.refuse_text::<()>(
                text,
                &message,
                "remembered of which task?",
                "leave it out, and write the value where it is used",
            );
        }
    }
}

/// The role that is given with the rule which the one at this place follows, or which that follows.
fn role_of_watched(rules: &[Parts<'_>], place: usize) -> Option<String> {
    let mut place = place;
    // More steps than rules go in a circle.
    for _ in 0..rules.len() {
        place = rules[place].watches()?;
        if let Some(role) = &rules[place].values.role {
            return role.get().as_str().map(str::to_owned);
        }
    }
    None
}

/// The task that the rule at this place is about: that of the rule that it follows, if it follows one.
fn about(rules: &[Parts<'_>], place: usize, reader: &Reader<'_>) -> About {
    let mut place = place;
    // Each step goes to the rule before; more steps than rules go in a circle.
    for _ in 0..=rules.len() {
        let (watched, is_included) = match &rules[place].trigger {
            Some(RawTrigger::Included(Some(watched), _)) => (*watched, true),
            Some(RawTrigger::Failed(Some(watched), _)) => (*watched, false),
            Some(RawTrigger::Arrival) => return About::Unopened,
            Some(RawTrigger::Event(event)) if reader.is_about_task(*event) => return About::Task,
            Some(RawTrigger::Entered(_) | RawTrigger::Time(_) | RawTrigger::Block(_)) => return About::Task,
            Some(RawTrigger::Event(_) | RawTrigger::Every(_) | RawTrigger::SetUp { .. }) => {
                return About::Nothing;
            }
            None | Some(RawTrigger::Included(None, _) | RawTrigger::Failed(None, _)) => break,
        };
        if is_included && matches!(rules[watched].trigger, Some(RawTrigger::Arrival)) {
            return About::Task;
        }
        place = watched;
    }
    About::Unknown
}

impl<'a> Parts<'a> {
    /// Whether it waits for a call of its own actor.
    const fn follows_own_call(&self) -> bool {
        matches!(
            self.trigger,
            Some(RawTrigger::Included(..) | RawTrigger::Failed(..))
        )
    }

    fn read_who(&self, reader: &Reader<'a>) -> Option<RawWho> {
        let Some(value) = &self.values.who else {
            return Some(RawWho::All);
        };
        let because = match self.trigger {
            Some(RawTrigger::Arrival) => Some("beside `arrival`: the load says who"),
            Some(RawTrigger::Included(..) | RawTrigger::Failed(..)) => {
                Some("here: it is the actor whose call it was")
            }
            _ => None,
        };
        if let Some(because) = because {
            refuse_beside(reader, Some(value), because, "leave it out");
            return None;
        }
        const MUST: &str = "\"all\", \"opener\", \"participants\", { pick = 2 } or { accounts = \"…\" }";
        let who = match value.get() {
            DeValue::String(text) => match text.as_ref() {
                "all" => RawWho::All,
                "opener" => RawWho::Opener,
                "participants" => RawWho::Participants,
                text => {
                    let names = ["all", "opener", "participants", "pick", "accounts"];
                    let help = suggest::meant(text, &names)
                        .unwrap_or_else(|| "for example who = { pick = 1 }".to_owned());
                    return value.refuse(MUST, "is none of them", help);
                }
            },
            DeValue::Table(entries) if entries.len() == 1 => {
                let table = Table::of(value)?;
                let pick = table.value("pick");
                let accounts = table.value("accounts");
                table.finish();
                match (pick, accounts) {
                    (Some(pick), _) => RawWho::Pick(pick.count(1..=1_000_000)?),
                    (_, Some(accounts)) => RawWho::Accounts(reader.text_of(&accounts)?),
                    _ => return None,
                }
            }
            _ => return value.refuse(MUST, "is none of them", "for example who = { pick = 1 }"),
        };
        if self.about != About::Task && matches!(who, RawWho::Opener | RawWho::Participants) {
            let message = format!("`{}`: the rule is about no task", value.path());
            return reader.refuse_at(
                value.path(),
                message,
                "of which task?",
                "use \"all\", { pick = … } or { accounts = \"…\" }",
            );
        }
        Some(who)
    }

    fn read_phase(&self, reader: &Reader<'a>, task: &Task) -> Option<FunctionPhase> {
        match (&self.values.phase, &self.trigger) {
            (Some(value), _) => reader
                .place(value.clone(), "phase", &task.phases)
                .map(FunctionPhase::Lifecycle),
            (None, Some(RawTrigger::Arrival)) => Some(FunctionPhase::Lifecycle(0)),
            (None, _) if self.about == About::Nothing => Some(FunctionPhase::Beside),
            (None, _) => {
                let help = format!(
                    "say which its transactions count under: phase = one of {}",
                    list(&task.phases.iter().map(String::as_str).collect::<Vec<_>>())
                );
                reader.refuse_at(
                    &self.path,
                    format!("`{}.phase` is missing", self.path),
                    "in which phase?",
                    help,
                )
            }
        }
    }
}
