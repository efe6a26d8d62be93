//! The locations that transactions wait for.

use std::{
    cmp::Reverse,
    collections::{BTreeMap, BTreeSet},
};

use alloy::primitives::{Address, B256, U256, map::HashMap};
use serde::Serialize;

use super::{conflicts::ConflictGraph, layout::Layouts};
use crate::chain::embedded::{Location, MappingSlot};

/// A location of the state that transactions wait for.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct HotLocation {
    /// The contract's name, if it is one of the run.
    pub contract: Option<String>,
    /// The contract, or the account.
    pub address: Address,
    /// The storage slot; `None` for nonce and balance of the account.
    pub slot: Option<B256>,
    /// The variable at the slot, where the contract's artifact has a storage layout that tells it: `tasks[7].status`.
    pub variable: Option<String>,
    /// The functions of the transactions that meet there, by name.
    pub functions: BTreeSet<String>,
    /// Transactions that waited for an earlier one which wrote the location.
    pub conflicts: u64,
    /// Their gas as a share of the gas of all transactions.
    pub waiting_share: f64,
    /// The gas on the critical path that waited for the location, as a share of the critical path.
    pub critical_share: f64,
}

/// What the blocks so far say of locations.
#[derive(Debug, Default)]
pub(super) struct HotTally {
    locations: HashMap<Location, Heat>,
    mappings: BTreeMap<U256, (U256, U256)>,
}

#[derive(Debug, Default)]
struct Heat {
    functions: BTreeSet<String>,
    conflicts: u64,
    waiting_gas: u64,
    critical_gas: u64,
}

impl HotTally {
    /// Takes note of slots of mappings, for the names of variables.
    pub(super) fn note_mapping_slots(&mut self, slots: &[MappingSlot]) {
        let known = slots.iter().map(|slot| (slot.slot, (slot.mapping, slot.key)));
        self.mappings.extend(known);
    }

    /// Counts the conflicts of a block, whose transactions call these functions.
    pub(super) fn block(&mut self, graph: &ConflictGraph, functions: &[Option<String>]) {
        for place in 0..graph.len() {
            for conflict in graph.conflicts_of(place) {
                let heat = self.locations.entry(conflict.location).or_default();
                heat.conflicts += 1;
                heat.waiting_gas += graph.gas_of(place);
                for function in [conflict.on, place]
                    .into_iter()
                    .filter_map(|place| functions[place].as_ref())
                {
                    if !heat.functions.contains(function) {
                        heat.functions.insert(function.clone());
                    }
                }
            }
        }
        for (place, binding) in graph.critical_path() {
            for conflict in binding {
                if let Some(heat) = self.locations.get_mut(&conflict.location) {
                    heat.critical_gas += graph.gas_of(place);
                }
            }
        }
    }

    /// The `most` locations that most of the critical path waits for; among equals, those that most gas waits for.
    pub(super) fn finish(self, most: usize, layouts: &Layouts, gas: u64, critical: u64) -> Vec<HotLocation> {
        let mut locations: Vec<(Location, Heat)> = self.locations.into_iter().collect();
        locations.sort_unstable_by_key(|(location, heat)| {
            (Reverse((heat.critical_gas, heat.waiting_gas)), *location)
        });
        locations.truncate(most);
        let share = |part: u64, whole: u64| part as f64 / whole.max(1) as f64;
        let named = locations.into_iter().map(|(location, heat)| {
            let (address, slot) = match location {
                Location::Slot(address, slot) => (address, Some(slot)),
                Location::Account(address) => (address, None),
            };
            HotLocation {
                contract: layouts.contract(address).map(str::to_owned),
                address,
                slot: slot.map(B256::from),
                variable: slot.and_then(|slot| layouts.variable(address, slot, &self.mappings)),
                functions: heat.functions,
                conflicts: heat.conflicts,
                waiting_share: share(heat.waiting_gas, gas),
                critical_share: share(heat.critical_gas, critical),
            }
        });
        named.collect()
    }
}
