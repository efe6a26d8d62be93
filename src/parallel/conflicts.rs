//! The conflicts of a block's transactions: a directed acyclic graph, weighted by gas.

use alloy::primitives::map::HashMap;

use crate::chain::embedded::{Location, TracedTransaction};

/// A conflict with an earlier transaction of the block.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Conflict {
    /// The place of the earlier transaction, the latest that wrote the location.
    pub(super) on: usize,
    /// The location.
    pub(super) location: Location,
}

/// A block's transactions and their conflicts.
///
/// A transaction waits for the latest one before it that wrote a location which it accesses, as it reads what that left: the gas
/// of a write depends on the value before. Nobody waits for those that only read, since versions of a value can be kept.
#[derive(Clone, Debug)]
pub(super) struct ConflictGraph {
    nodes: Vec<Node>,
}

#[derive(Clone, Debug)]
struct Node {
    gas: u64,
    /// In the order of locations.
    conflicts: Vec<Conflict>,
    /// When it is over if it begins as soon as all that it waits for is.
    finish: u64,
}

impl ConflictGraph {
    /// The graph of a block with these transactions.
    pub(super) fn of(transactions: &[TracedTransaction]) -> Self {
        let mut writers: HashMap<Location, usize> = HashMap::default();
        let mut nodes: Vec<Node> = Vec::with_capacity(transactions.len());
        for (place, transaction) in transactions.iter().enumerate() {
            let mut conflicts = Vec::new();
            for access in &transaction.accesses {
                let location = access.location;
                let writer = if access.writes {
                    writers.insert(location, place)
                } else {
                    writers.get(&location).copied()
                };
                conflicts.extend(writer.map(|on| Conflict { on, location }));
            }
            let begin = conflicts.iter().map(|conflict| nodes[conflict.on].finish).max();
            let gas = transaction.gas_used;
            nodes.push(Node {
                gas,
                conflicts,
                finish: begin.unwrap_or_default() + gas,
            });
        }
        Self { nodes }
    }

    /// The number of transactions.
    pub(super) const fn len(&self) -> usize {
        self.nodes.len()
    }

    /// The gas of all transactions.
    pub(super) fn gas(&self) -> u64 {
        self.nodes.iter().map(|node| node.gas).sum()
    }

    /// The gas of the longest chain.
    pub(super) fn critical_gas(&self) -> u64 {
        let finish = self.nodes.iter().map(|node| node.finish);
        finish.max().unwrap_or_default()
    }

    /// The gas of a transaction.
    pub(super) fn gas_of(&self, place: usize) -> u64 {
        self.nodes[place].gas
    }

    /// What a transaction waits for.
    pub(super) fn conflicts_of(&self, place: usize) -> &[Conflict] {
        &self.nodes[place].conflicts
    }

    /// The longest chain, from its end: the place of each transaction, and the conflicts that it waits for longest.
    pub(super) fn critical_path(&self) -> Vec<(usize, Vec<Conflict>)> {
        let mut path = Vec::new();
        let last = (0..self.len())
            .rev()
            .max_by_key(|place| self.nodes[*place].finish);
        let mut next = last;
        while let Some(place) = next {
            let node = &self.nodes[place];
            let begin = node.finish - node.gas;
            let binding = |conflict: &&Conflict| self.nodes[conflict.on].finish == begin;
            let binding: Vec<Conflict> = node.conflicts.iter().filter(binding).copied().collect();
            next = binding.first().map(|conflict| conflict.on);
            path.push((place, binding));
        }
        path
    }
}
