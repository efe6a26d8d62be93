//! The result of a measurement of parallelism.

use serde::Serialize;

use super::HotLocation;

/// The numbers of cores that blocks are scheduled on.
pub const CORES: [usize; 4] = [2, 4, 8, 16];

/// How much faster the blocks of a load could be executed on several cores, at best. All times are in units of gas.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Parallelism {
    /// Blocks of the load that hold transactions.
    pub blocks: u64,
    /// Their transactions.
    pub transactions: u64,
    /// The gas of all of them: the time on one core, T.
    pub gas: u64,
    /// The gas of every block's longest chain of conflicts, summed: the least time on however many cores, L.
    pub critical_path_gas: u64,
    /// T / L: no execution that keeps the order of conflicting transactions is faster than one core by more than this.
    pub bound: f64,
    /// The times on so many cores, block after block.
    pub makespans: Vec<Makespan>,
    /// The locations that most of the critical path waits for, the hottest first.
    pub hottest: Vec<HotLocation>,
}

/// The time that blocks take on a number of cores when all conflicts are known beforehand and nothing is executed twice.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct Makespan {
    /// The cores.
    pub cores: usize,
    /// The time, in gas.
    pub gas: u64,
    /// The time on one core over this.
    pub speedup: f64,
}
