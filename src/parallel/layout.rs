//! Names of variables from the storage layouts that compilers write into artifacts.

use std::collections::BTreeMap;

use alloy::primitives::{Address, U256};
use serde::Deserialize;

use crate::scenario::Scenario;

/// Furthest that a value lies behind the slot of its mapping or array, in slots.
const FURTHEST: u64 = 1 << 32;
/// Deepest nesting of mappings that is named.
const DEEPEST: usize = 8;

/// The contracts of a run by their addresses, with their storage layouts where their artifacts have them.
#[derive(Debug, Default)]
pub(super) struct Layouts(BTreeMap<Address, (String, Option<Layout>)>);

/// A storage layout as solc writes it.
#[derive(Debug, Deserialize)]
struct Layout {
    storage: Vec<Variable>,
    /// `null` of a contract without variables.
    types: Option<BTreeMap<String, Type>>,
}

#[derive(Debug, Deserialize)]
struct Variable {
    label: String,
    slot: U256,
    r#type: String,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Type {
    encoding: String,
    number_of_bytes: U256,
    value: Option<String>,
    base: Option<String>,
    #[serde(default)]
    members: Vec<Variable>,
}

impl Layouts {
    /// Those of the contracts of a scenario, which have these names.
    pub(super) fn of(scenario: &Scenario, contracts: &BTreeMap<Address, String>) -> Self {
        let layouts = scenario.storage_layouts();
        let of_contract = |(address, name): (&Address, &String)| {
            let layout = layouts
                .get(name.as_str())
                .and_then(|layout| Layout::deserialize(*layout).ok());
            (*address, (name.clone(), layout))
        };
        Self(contracts.iter().map(of_contract).collect())
    }

    /// The name of the contract at an address.
    pub(super) fn contract(&self, address: Address) -> Option<&str> {
        self.0.get(&address).map(|(name, _)| name.as_str())
    }

    /// The variable at a slot of a contract. `mappings` are the slots of mappings' values, with the mapping's own slot and the
    /// key.
    pub(super) fn variable(
        &self,
        address: Address,
        slot: U256,
        mappings: &BTreeMap<U256, (U256, U256)>,
    ) -> Option<String> {
        let (_, layout) = self.0.get(&address)?;
        let (name, _) = layout.as_ref()?.name(slot, mappings, DEEPEST)?;
        Some(name)
    }
}

impl Layout {
    /// What lies at a slot, and its type if it is one value.
    fn name(
        &self,
        slot: U256,
        mappings: &BTreeMap<U256, (U256, U256)>,
        depth: usize,
    ) -> Option<(String, Option<&str>)> {
        if let Some(found) = self.among(&self.storage, "", slot) {
            return Some(found);
        }
        let (value, (mapping, key)) = mappings.range(..=slot).next_back()?;
        let offset = slot - *value;
        if offset >= U256::from(FURTHEST) {
            return None;
        }
        let (name, of) = self.name(*mapping, mappings, depth.checked_sub(1)?)?;
        let of = self.type_of(of?)?;
        let value = of.value.as_deref()?;
        self.inside(&format!("{name}[{}]", key_text(*key)), value, offset)
    }

    /// The variable among these, or the ones that share the slot.
    fn among<'a>(
        &'a self,
        variables: &'a [Variable],
        prefix: &str,
        slot: U256,
    ) -> Option<(String, Option<&'a str>)> {
        let slots = |variable: &Variable| {
            let bytes = self.type_of(&variable.r#type).map(|of| of.number_of_bytes);
            bytes.map_or(U256::from(1), slots_of)
        };
        let mut there = variables
            .iter()
            .filter(|variable| variable.slot <= slot && slot - variable.slot < slots(variable));
        let first = there.next()?;
        let rest: Vec<&str> = there.map(|variable| variable.label.as_str()).collect();
        if rest.is_empty() {
            let name = format!("{prefix}{}", first.label);
            return self.inside(&name, &first.r#type, slot - first.slot);
        }
        let labels = [first.label.as_str()].into_iter().chain(rest);
        let names: Vec<String> = labels.map(|label| format!("{prefix}{label}")).collect();
        Some((names.join(", "), None))
    }

    /// What lies so many slots behind the begin of a value of this type.
    fn inside<'a>(&'a self, name: &str, of: &'a str, offset: U256) -> Option<(String, Option<&'a str>)> {
        let Some(kind) = self.type_of(of) else {
            return Some((name.to_owned(), Some(of)));
        };
        if !kind.members.is_empty() {
            return self.among(&kind.members, &format!("{name}."), offset);
        }
        match &kind.base {
            Some(base) if kind.encoding == "inplace" => {
                let bytes = self.type_of(base).map(|base| base.number_of_bytes);
                let slots = bytes.map_or(U256::from(1), slots_of);
                if slots > U256::from(1) {
                    self.inside(&format!("{name}[{}]", offset / slots), base, offset % slots)
                } else {
                    Some((format!("{name}[slot {offset}]"), None))
                }
            }
            Some(_) => Some((format!("{name}.length"), Some(of))),
            None => Some((name.to_owned(), Some(of))),
        }
    }

    fn type_of(&self, of: &str) -> Option<&Type> {
        self.types.as_ref()?.get(of)
    }
}

/// The slots that so many bytes fill.
fn slots_of(bytes: U256) -> U256 {
    bytes.saturating_add(U256::from(31)) / U256::from(32)
}

/// A key as a person reads it: a small number in decimal, all else in hexadecimal.
fn key_text(key: U256) -> String {
    if key < U256::from(u64::MAX) {
        key.to_string()
    } else {
        format!("{key:#x}")
    }
}

#[cfg(test)]
mod tests {
    use alloy::primitives::keccak256;
    use serde_json::json;

    use super::*;

    /// `uint256 total; uint128 a; uint128 b; Task[] list; mapping(uint256 => mapping(address => Task)) tasks;` with
    /// `struct Task { uint256 id; uint256 state; }`.
    fn layouts() -> Layouts {
        let variable =
            |label: &str, slot: &str, of: &str| json!({ "label": label, "slot": slot, "type": of });
        let plain = |bytes: &str| json!({ "encoding": "inplace", "numberOfBytes": bytes });
        let layout = json!({
            "storage": [
                variable("total", "0", "t_uint256"),
                variable("a", "1", "t_uint128"),
                variable("b", "1", "t_uint128"),
                variable("list", "2", "t_array"),
                variable("tasks", "3", "t_outer"),
            ],
            "types": {
                "t_uint256": plain("32"),
                "t_uint128": plain("16"),
                "t_array": { "encoding": "dynamic_array", "numberOfBytes": "32", "base": "t_task" },
                "t_outer": { "encoding": "mapping", "numberOfBytes": "32", "key": "t_uint256", "value": "t_inner" },
                "t_inner": { "encoding": "mapping", "numberOfBytes": "32", "key": "t_address", "value": "t_task" },
                "t_task": {
                    "encoding": "inplace",
                    "numberOfBytes": "64",
                    "members": [variable("id", "0", "t_uint256"), variable("state", "1", "t_uint256")],
                },
            },
        });
        let layout = Layout::deserialize(&layout).expect("a layout");
        Layouts(BTreeMap::from([(
            Address::ZERO,
            ("Queue".to_owned(), Some(layout)),
        )]))
    }

    #[test]
    fn variables_are_named_by_slot_and_key() {
        let word = |number: u64| U256::from(number).to_be_bytes::<32>();
        let slot_of = |key: u64, mapping: U256| -> U256 {
            keccak256([word(key), mapping.to_be_bytes()].concat()).into()
        };
        let outer = slot_of(7, U256::from(3));
        let inner = slot_of(5, outer);
        let mappings = BTreeMap::from([
            (outer, (U256::from(3), U256::from(7))),
            (inner, (outer, U256::from(5))),
        ]);
        let layouts = layouts();
        let name = |slot| layouts.variable(Address::ZERO, slot, &mappings);
        for (slot, expected) in [
            (U256::ZERO, Some("total")),
            (U256::from(1), Some("a, b")),
            (U256::from(2), Some("list.length")),
            (inner, Some("tasks[7][5].id")),
            (inner + U256::from(1), Some("tasks[7][5].state")),
            (inner + U256::from(2), None),
            (U256::from(99), None),
        ] {
            assert_eq!(name(slot).as_deref(), expected, "{slot}");
        }
        assert_eq!(layouts.contract(Address::ZERO), Some("Queue"));
    }
}
