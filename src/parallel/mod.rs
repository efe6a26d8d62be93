//! The parallelism of a load: how much faster its blocks could be executed on several cores at best, and which storage slots
//! stand in the way.
//!
//! A transaction conflicts with an earlier one of its block that wrote what it accesses. The gas of a block's longest chain of
//! conflicts is the least time of its execution, in units of gas, on however many cores; the fee recipient, which every
//! transaction pays, is left out.

mod conflicts;
mod hot;
mod layout;
mod result;
mod schedule;

use std::{cell::RefCell, collections::BTreeMap, rc::Rc};

use tokio_util::sync::CancellationToken;

use self::{conflicts::ConflictGraph, hot::HotTally, layout::Layouts};
pub use self::{
    hot::HotLocation,
    result::{CORES, Makespan, Parallelism},
};
use crate::{
    chain::embedded::TracedBlock,
    driver::RunObserver,
    record::RunResult,
    run::{RunError, trace_accesses},
    scenario::Scenario,
};

/// Measures the parallelism of the load of `scenario`, which it runs in virtual time, whatever chain the scenario names. The
/// `most` hottest locations are named.
///
/// # Errors
/// As [`simulate`](crate::run::simulate).
pub fn measure_parallelism(
    scenario: &Scenario,
    most: usize,
    stop: &CancellationToken,
    observer: impl RunObserver,
) -> Result<(RunResult, Parallelism), RunError> {
    let measured = Rc::new(RefCell::new(Tally::default()));
    let tally = Rc::clone(&measured);
    let listener = move |block: TracedBlock, functions: Vec<Option<String>>| {
        tally.borrow_mut().block(&block, &functions);
    };
    let result = trace_accesses(scenario, stop, observer, listener)?;
    let contracts: BTreeMap<_, _> = result
        .chain
        .contracts
        .iter()
        .map(|(name, address)| (*address, name.clone()))
        .collect();
    let layouts = Layouts::of(scenario, &contracts);
    let parallelism = measured.take().finish(most, &layouts);
    Ok((result, parallelism))
}

/// What the blocks so far come to.
#[derive(Debug, Default)]
struct Tally {
    blocks: u64,
    transactions: u64,
    gas: u64,
    critical_gas: u64,
    makespans: [u64; CORES.len()],
    hot: HotTally,
}

impl Tally {
    fn block(&mut self, block: &TracedBlock, functions: &[Option<String>]) {
        self.hot.note_mapping_slots(&block.mapping_slots);
        if block.transactions.is_empty() {
            return;
        }
        let graph = ConflictGraph::of(&block.transactions);
        self.blocks += 1;
        self.transactions += block.transactions.len() as u64;
        self.gas += graph.gas();
        self.critical_gas += graph.critical_gas();
        for (makespan, cores) in self.makespans.iter_mut().zip(CORES) {
            *makespan += schedule::makespan(&graph, cores);
        }
        self.hot.block(&graph, functions);
    }

    fn finish(self, most: usize, layouts: &Layouts) -> Parallelism {
        let speedup = |time: u64| self.gas as f64 / time.max(1) as f64;
        let makespans = CORES.iter().zip(self.makespans).map(|(cores, gas)| Makespan {
            cores: *cores,
            gas,
            speedup: speedup(gas),
        });
        Parallelism {
            blocks: self.blocks,
            transactions: self.transactions,
            gas: self.gas,
            critical_path_gas: self.critical_gas,
            bound: speedup(self.critical_gas),
            makespans: makespans.collect(),
            hottest: self.hot.finish(most, layouts, self.gas, self.critical_gas),
        }
    }
}
