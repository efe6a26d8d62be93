//! Chart data of transactions.

use std::collections::BTreeMap;

use hdrhistogram::Histogram;

use super::{
    Bins,
    times::{binned, histogram, record},
};
use crate::{protocol::ProtocolSchema, record::TxRecord, run_folder::ReadError};

/// Significant digits of gas beyond that many different values.
const GAS_DIGITS: u8 = 3;
/// Different values of gas that are counted one by one.
const EXACT_VALUES: usize = 4096;

/// Transactions by time and phase.
#[derive(Debug)]
pub(crate) struct Transactions {
    /// Response times in µs of the transactions that were meant for each bin, setup's apart.
    pub(crate) response: Vec<Histogram<u64>>,
    /// Transactions in blocks that were seen in each bin, by phase.
    pub(crate) in_blocks: Vec<Vec<u64>>,
    /// Gas of transactions in blocks, by phase.
    pub(crate) gas: Vec<GasCounts>,
}

/// How many transactions used how much gas: to the unit while different values are few, as they are.
#[derive(Debug)]
pub(crate) struct GasCounts {
    exact: BTreeMap<u64, u64>,
    /// What came once the values were too many.
    rest: Histogram<u64>,
}

impl GasCounts {
    fn new() -> Self {
        Self {
            exact: BTreeMap::new(),
            rest: histogram(GAS_DIGITS),
        }
    }

    fn add(&mut self, gas: u64) {
        if let Some(count) = self.exact.get_mut(&gas) {
            *count += 1;
        } else if self.exact.len() < EXACT_VALUES {
            self.exact.insert(gas, 1);
        } else {
            record(&mut self.rest, gas);
        }
    }

    /// Every value and how many transactions used that much; values that are not told apart, as their middle.
    pub(crate) fn iter(&self) -> impl Iterator<Item = (u64, u64)> {
        let exact = self.exact.iter().map(|(gas, count)| (*gas, *count));
        let rest = self.rest.iter_recorded().map(|value| {
            let middle = self.rest.median_equivalent(value.value_iterated_to());
            (middle, value.count_at_value())
        });
        exact.chain(rest)
    }
}

impl Transactions {
    /// Counts rows.
    pub(super) fn of(
        rows: impl Iterator<Item = Result<TxRecord, ReadError>>,
        protocol: &ProtocolSchema,
        bins: Bins,
    ) -> Result<Self, ReadError> {
        let mut all = Self {
            response: binned(bins),
            in_blocks: vec![vec![0; protocol.phases.len()]; bins.count()],
            gas: protocol.phases.iter().map(|_| GasCounts::new()).collect(),
        };
        for row in rows {
            let row = row?;
            let phase = row.phase;
            if let Some(included) = row.included {
                all.in_blocks[bins.up_to(included)][phase.index()] += 1;
            }
            if let Some(gas) = row.gas_used {
                all.gas[phase.index()].add(gas);
            }
            if let Some(response) = row.response_us().filter(|_| phase.is_lifecycle()) {
                record(&mut all.response[bins.at(row.intended)], response);
            }
        }
        Ok(all)
    }
}
