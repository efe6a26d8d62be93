//! Schedules a block's transactions on cores: list scheduling, the longest rest of a chain first.

use std::{cmp::Reverse, collections::BinaryHeap};

use super::conflicts::ConflictGraph;

/// The time that the transactions of a block take on so many cores, in gas, when all conflicts are known beforehand.
pub(super) fn makespan(graph: &ConflictGraph, cores: usize) -> u64 {
    let places = 0..graph.len();
    let mut waits = vec![0_usize; graph.len()];
    let mut followers = vec![Vec::new(); graph.len()];
    for place in places.clone() {
        let mut on: Vec<usize> = graph
            .conflicts_of(place)
            .iter()
            .map(|conflict| conflict.on)
            .collect();
        on.sort_unstable();
        on.dedup();
        waits[place] = on.len();
        on.into_iter().for_each(|on| followers[on].push(place));
    }
    // The gas from a transaction's begin to the end of the longest chain that it is in.
    let mut rests = vec![0; graph.len()];
    for place in places.clone().rev() {
        let longest = followers[place].iter().map(|follower| rests[*follower]).max();
        rests[place] = graph.gas_of(place) + longest.unwrap_or_default();
    }
    let entry = |place: usize| (rests[place], Reverse(place));
    let mut ready: BinaryHeap<_> = places.filter(|place| waits[*place] == 0).map(entry).collect();
    let mut running: BinaryHeap<Reverse<(u64, usize)>> = BinaryHeap::new();
    let mut now = 0;
    loop {
        while running.len() < cores
            && let Some((_, Reverse(place))) = ready.pop()
        {
            running.push(Reverse((now + graph.gas_of(place), place)));
        }
        let Some(Reverse((finish, place))) = running.pop() else {
            return now;
        };
        now = finish;
        for follower in &followers[place] {
            waits[*follower] -= 1;
            if waits[*follower] == 0 {
                ready.push(entry(*follower));
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use alloy::primitives::{Address, Bytes, U256};

    use super::*;
    use crate::{
        block::Invocation,
        chain::embedded::{Access, Location, TracedTransaction},
    };

    /// A transaction with this gas that reads and writes these slots.
    fn transaction(gas: u64, reads: &[u64], writes: &[u64]) -> TracedTransaction {
        let access = |writes| {
            move |slot: &u64| Access {
                location: Location::Slot(Address::ZERO, U256::from(*slot)),
                writes,
            }
        };
        let accesses = reads
            .iter()
            .map(access(false))
            .chain(writes.iter().map(access(true)));
        TracedTransaction {
            invocation: Invocation {
                to: None,
                value: U256::ZERO,
                input: Bytes::new(),
                gas_limit: gas,
            },
            gas_used: gas,
            accesses: accesses.collect(),
        }
    }

    fn times(transactions: &[TracedTransaction]) -> (u64, u64, [u64; 3]) {
        let graph = ConflictGraph::of(transactions);
        let makespans = [1, 2, 4].map(|cores| makespan(&graph, cores));
        (graph.gas(), graph.critical_gas(), makespans)
    }

    #[test]
    fn transactions_without_conflicts_fill_the_cores() {
        let independent: Vec<_> = (0..4).map(|slot| transaction(10, &[], &[slot])).collect();
        assert_eq!(times(&independent), (40, 10, [40, 20, 10]));
    }

    #[test]
    fn one_slot_that_all_write_makes_them_serial() {
        let serial: Vec<_> = (1..=4).map(|gas| transaction(gas, &[], &[7])).collect();
        assert_eq!(times(&serial), (10, 10, [10, 10, 10]));
    }

    #[test]
    fn readers_wait_for_the_writer_before_them_and_nobody_waits_for_readers() {
        let mixed = [
            transaction(5, &[1], &[]),
            transaction(10, &[], &[1]),
            transaction(5, &[1], &[]),
            transaction(5, &[1], &[]),
        ];
        // The first and the writer run side by side, then both readers.
        assert_eq!(times(&mixed), (25, 15, [25, 15, 15]));
    }

    #[test]
    fn the_longest_chain_goes_first() {
        let block = [
            transaction(4, &[], &[1]),
            transaction(4, &[], &[2]),
            transaction(1, &[], &[3]),
            transaction(8, &[], &[3]),
        ];
        // In the order of the block the chain of 9 would begin at 4, and two cores would need 13.
        assert_eq!(times(&block), (17, 9, [17, 9, 9]));
    }

    #[test]
    fn the_critical_path_says_what_waits_for_which_slot() {
        let block = [
            transaction(4, &[], &[1]),
            transaction(6, &[], &[2]),
            transaction(1, &[1, 2], &[]),
        ];
        let path = ConflictGraph::of(&block).critical_path();
        let places: Vec<usize> = path.iter().map(|(place, _)| *place).collect();
        assert_eq!(places, [2, 1]);
        let waits: Vec<Location> = path[0].1.iter().map(|conflict| conflict.location).collect();
        assert_eq!(waits, [Location::Slot(Address::ZERO, U256::from(2))]);
    }
}
