//! Guesses from the names and types in an ABI.

use alloy::json_abi::{Event, EventParam, Function, Param, StateMutability};

use super::{Guess, NoDraft};
use crate::{
    artifacts::Contract,
    protocol::profile::{Definition, expression::Scope, expression::Type},
};

/// Beginnings of functions that owners call.
const OWNERS: [&str; 17] = [
    "set",
    "update",
    "transfer",
    "renounce",
    "accept",
    "grant",
    "revoke",
    "pause",
    "unpause",
    "upgrade",
    "initialize",
    "add",
    "remove",
    "whitelist",
    "blacklist",
    "mint",
    "burn",
];
/// Words of events that end something well, in the order of preference.
const ENDS: [&str; 16] = [
    "completed",
    "finalized",
    "finalised",
    "fulfilled",
    "settled",
    "resolved",
    "claimed",
    "paid",
    "closed",
    "ended",
    "finished",
    "executed",
    "redeemed",
    "released",
    "delivered",
    "ruling",
];
/// Beginnings of words of events that end something badly.
const FAILS: [&str; 7] = ["expire", "cancel", "reject", "fail", "revoke", "refund", "abort"];
/// Beginnings of words of events that begin something.
const OPENS: [&str; 22] = [
    "creat", "open", "new", "post", "request", "submi", "propos", "schedul", "regist", "initiat", "ask",
    "plac", "made", "make", "list", "start", "deposit", "order", "queue", "offer", "lock", "issue",
];
/// Words of events that are about tokens, owners and the like, and no task.
const ASIDE: [&str; 12] = [
    "approval",
    "approve",
    "transfer",
    "metadata",
    "ownership",
    "role",
    "paused",
    "unpaused",
    "upgraded",
    "admin",
    "initialized",
    "uri",
];
/// Letters of a word that tell it: `ask` and `Asked`, `create` and `Created`.
const STEM: usize = 4;

impl<'a> Guess<'a> {
    /// What the ABI of a contract suggests.
    pub(super) fn of(contract: &'a Contract) -> Result<Self, NoDraft> {
        let reads = |function: &Function| {
            matches!(
                function.state_mutability,
                StateMutability::View | StateMutability::Pure
            )
        };
        let (owners, users): (Vec<_>, Vec<_>) = contract
            .abi
            .functions()
            .filter(|function| !reads(function))
            .partition(|function| is_owners(function));
        let users = if users.is_empty() { owners.clone() } else { users };
        let is_aside = |event: &Event| begins_with(&event.name, &ASIDE);
        let all_keyed = contract
            .abi
            .events()
            .filter_map(|event| Some((event, key_of(event)?)));
        let (aside, keyed): (Vec<_>, Vec<_>) = all_keyed.partition(|(event, _)| is_aside(event));
        let keyed = if keyed.is_empty() { aside } else { keyed };
        if users.is_empty() {
            return Err(NoDraft::NoFunction(contract.name.clone()));
        }
        // Who submits a task does not know its key yet, and may be told it.
        let rank = |function: &Function, (event, key): (&Event, &EventParam)| {
            let is_key = |param: &Param| param.ty == key.ty && (param.name == key.name || is_id(&param.name));
            let is_returned = |param: &Param| param.ty == key.ty && (param.name.is_empty() || is_key(param));
            (
                ending(event).is_some() || is_failing(&event.name) || is_failing(&function.name),
                function.inputs.iter().any(is_key),
                !are_akin(&function.name, &event.name),
                !begins_with(&event.name, &OPENS),
                !function.outputs.iter().any(is_returned),
            )
        };
        let pairs = users
            .iter()
            .flat_map(|function| keyed.iter().map(move |event| (*function, *event)));
        let best = pairs.min_by_key(|(function, event)| rank(function, *event));
        let (submit, (opening, key)) = best.ok_or_else(|| NoDraft::NoEvent(contract.name.clone()))?;
        let name = free_name(&words(title(&contract.name)).concat(), "target");
        let key_name = free_name(key.name.trim_start_matches('_'), "id");
        let key_name = if key_name == name {
            "id".to_owned()
        } else {
            key_name
        };
        let same_type = |param: &&EventParam| param.ty == key.ty;
        let others = contract
            .abi
            .events()
            .filter(|event| *event != opening && !is_aside(event));
        let events: Vec<_> = others
            .filter_map(|event| {
                let mut inputs = event.inputs.iter().filter(same_type);
                let by_name = inputs.clone().find(|param| param.name == key.name);
                let found = by_name.or_else(|| inputs.find(|param| is_id(&param.name)))?;
                (!found.name.is_empty()).then_some((event, found))
            })
            .collect();
        let closing = events
            .iter()
            .filter_map(|(event, _)| Some((ending(event)?, *event)))
            .min_by_key(|(rank, _)| *rank);
        let closing = closing.map(|(_, event)| event).or_else(|| {
            let mut last_first = events.iter().rev().map(|(event, _)| *event);
            let well = last_first.clone().find(|event| !is_failing(&event.name));
            well.or_else(|| last_first.next())
        });
        let finish = closing.and_then(|closing| {
            let mut akin = users
                .iter()
                .filter(|function| are_akin(&function.name, &closing.name));
            akin.find(|function| **function != submit).copied()
        });
        let rest = users
            .iter()
            .filter(|function| **function != submit && Some(**function) != finish);
        Ok(Self {
            contract,
            name,
            submit,
            opening,
            key,
            key_name,
            events,
            closing,
            finish,
            others: rest.copied().collect(),
            owners: owners
                .into_iter()
                .filter(|function| *function != submit)
                .collect(),
        })
    }
}

/// The argument of an event that may be the key of a task: indexed and called like an id before others.
fn key_of(event: &Event) -> Option<&EventParam> {
    let is_word = |param: &&EventParam| {
        let ty = Type::of_event_param(param);
        !param.name.is_empty() && matches!(ty, Ok(Type::Uint(64..=256) | Type::FixedBytes(32)))
    };
    let candidates = || event.inputs.iter().filter(is_word);
    candidates()
        .find(|param| param.indexed && is_id(&param.name))
        .or_else(|| candidates().find(|param| is_id(&param.name)))
        .or_else(|| candidates().find(|param| param.indexed))
}

/// Whether a name is that of an id: `questionId`, `id`, `orderHash`.
fn is_id(name: &str) -> bool {
    words(name)
        .last()
        .is_some_and(|last| matches!(last.as_str(), "id" | "hash" | "key" | "digest" | "index" | "no"))
}

/// Whether a function is likely for owners alone.
fn is_owners(function: &Function) -> bool {
    words(&function.name)
        .first()
        .is_some_and(|first| OWNERS.contains(&first.as_str()))
}

/// The place of an event among those that end something.
fn ending(event: &Event) -> Option<usize> {
    let words = words(&event.name);
    ENDS.iter().position(|end| words.iter().any(|word| word == end))
}

/// Whether a name tells of a bad end.
pub(super) fn is_failing(name: &str) -> bool {
    begins_with(name, &FAILS)
}

/// Whether a word of a name begins like one of these.
fn begins_with(name: &str, beginnings: &[&str]) -> bool {
    let begins = |word: &String| beginnings.iter().any(|beginning| word.starts_with(beginning));
    words(name).iter().any(begins)
}

/// The name of a contract without the file that solcjs puts before it: `Market_sol_Market` → `Market`.
pub(super) fn title(name: &str) -> &str {
    name.rsplit_once("_sol_").map_or(name, |(_, name)| name)
}

/// Whether two names are of one thing: they share a verb's stem.
fn are_akin(function: &str, event: &str) -> bool {
    let event = words(event);
    let verb = words(function).into_iter().next().unwrap_or_default();
    let stem: String = verb.chars().take(STEM).collect();
    stem.len() >= 3 && event.iter().any(|word| word.starts_with(&stem))
}

/// The words of a name in small letters: `LogNewQuestion_v2` → log, new, question, v2.
pub(super) fn words(name: &str) -> Vec<String> {
    let mut words = vec![String::new()];
    let mut before = ' ';
    for c in name.chars() {
        let begins = c.is_uppercase() && !before.is_uppercase();
        if begins || !c.is_alphanumeric() {
            words.push(String::new());
        }
        if let Some(word) = words.last_mut().filter(|_| c.is_alphanumeric()) {
            word.extend(c.to_lowercase());
        }
        before = c;
    }
    words.retain(|word| !word.is_empty());
    words
}

/// The name if expressions can have it, or another.
fn free_name(name: &str, other: &str) -> String {
    let built_in = Definition::BUILT_IN.iter().any(|(taken, _)| *taken == name);
    let is_free = !built_in && Scope::new().key(name, Type::UINT).is_ok();
    if is_free { name } else { other }.to_owned()
}
