//! Finds the events that a profile names among those of its contracts.

use alloy::json_abi::Event;

use super::KeyOf;
use crate::{
    protocol::profile::expression::ContractId,
    scenario::{
        profile::{names::NamedContract, reader::Reader},
        read::value::Value,
        suggest,
    },
};

impl<'a> Reader<'a> {
    /// The event that `LogNewQuestion`, `oracle.LogNewQuestion` or `Transfer(address,address,uint256)` means.
    pub(in crate::scenario::profile) fn event(&mut self, value: Value<'a>) -> Option<usize> {
        let path = value.path().clone();
        let text = value.text()?;
        let (contract, name) = text
            .split_once('.')
            .map_or((None, text.as_str()), |(contract, name)| (Some(contract), name));
        let is_meant = |event: &Event| event.name == name || event.signature() == name;
        let mut found: Vec<(usize, &str, Event)> = Vec::new();
        let mut all = Vec::new();
        for (place, NamedContract { name: known, abi, .. }) in self.names.contracts.iter().enumerate() {
            if contract.is_some_and(|contract| contract != known) {
                continue;
            }
            all.extend(abi.events().map(|event| event.name.as_str()));
            found.extend(
                abi.events()
                    .filter(|event| is_meant(event))
                    .map(|event| (place, known.as_str(), event.clone())),
            );
        }
        if let [(place, _, event)] = found.as_slice() {
            return match self.names.event(ContractId(*place), &event.clone()) {
                Ok(event) => {
                    self.key_of.resize(self.names.events.len(), KeyOf::Broken);
                    Some(event)
                }
                Err(reason) => self.refuse_at(
                    &path,
                    format!("`{path}`: {reason}"),
                    "of this event",
                    "correct the ABI",
                ),
            };
        }
        if found.is_empty() {
            if self.contract_is_missing.get() {
                return None;
            }
            let contracts: Vec<&str> = self
                .names
                .contracts
                .iter()
                .map(|contract| contract.name.as_str())
                .collect();
            if let Some(contract) = contract.filter(|contract| !contracts.contains(contract)) {
                let help = suggest::meant(contract, &contracts)
                    .unwrap_or_else(|| format!("the contracts are {}", suggest::list(&contracts)));
                return self.refuse_at(
                    &path,
                    format!("`{path}`: there is no contract `{contract}`"),
                    "no contract",
                    help,
                );
            }
            all.sort_unstable();
            all.dedup();
            let help = suggest::meant(name, &all).unwrap_or_else(|| match all.is_empty() {
                true => "it has none".to_owned(),
                false => format!("the events are {}", suggest::list(&all)),
            });
            let owner = contract.map_or("no contract has".to_owned(), |contract| {
                format!("{contract} has no")
            });
            let message = format!(
                "`{path}`: {owner}{} `{}`",
                if contract.is_some() { " event" } else { " an event" },
                suggest::shortened(name)
            );
            return self.refuse_at(&path, message, "no event", help);
        }
        let same_name = found.iter().all(|(place, ..)| *place == found[0].0);
        let ways: Vec<String> = found
            .iter()
            .map(|(_, contract, event)| match same_name {
                true => format!("{contract}.{}", event.signature()),
                false => format!("{contract}.{}", event.name),
            })
            .collect();
        let ways: Vec<&str> = ways.iter().map(String::as_str).collect();
        let message = format!("`{path}`: {} events are called `{name}`", found.len());
        self.refuse_at(
            &path,
            message,
            "which one?",
            format!("name one of {}", suggest::list(&ways)),
        )
    }

    /// The event that a rule waits for; one that no table speaks of tells its task by the names of its arguments.
    pub(in crate::scenario::profile) fn event_of_rule(&mut self, value: Value<'a>) -> Option<usize> {
        let path = value.path().clone();
        let known = self.names.events.len();
        let event = self.event(value)?;
        if event >= known || matches!(self.key_of[event], KeyOf::None) && !self.told.contains(&event) {
            if self.carries_key(event) {
                self.set_key_of(event, KeyOf::ByName);
            } else {
                let name = self.names.events[event].abi.name.clone();
                let message = format!("`{path}`: the event {name} does not carry the task's key");
                let help = format!(
                    "add [[event]] with name = \"{name}\", and key = {{ … }} that says which arguments are its words, or key = false if it is about no task"
                );
                self.set_key_of(event, KeyOf::Broken);
                return self.refuse_at(&path, message, "about which task?", help);
            }
        }
        Some(event)
    }

    /// An event of one's own transaction, which may be about no task.
    pub(in crate::scenario::profile) fn event_to_remember(&mut self, value: Value<'a>) -> Option<usize> {
        let known = self.names.events.len();
        let event = self.event(value)?;
        if event >= known {
            let key = if self.carries_key(event) {
                KeyOf::ByName
            } else {
                KeyOf::None
            };
            self.key_of.resize(self.names.events.len(), KeyOf::Broken);
            self.key_of[event] = key;
        }
        Some(event)
    }
}
