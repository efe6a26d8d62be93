//! Chart data of blocks.

use super::Bins;
use crate::{record::BlockRecord, run_folder::ReadError};

/// Blocks over time.
#[derive(Debug)]
pub(crate) struct Blocks {
    /// Per bin; `None` where no block was seen.
    pub(crate) bins: Vec<Option<BlockBin>>,
}

/// The blocks that were seen in one bin.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(crate) struct BlockBin {
    gas_used: u128,
    gas_limit: u128,
    /// Fullness of the fullest, 0 to 1.
    pub(crate) fullest: f64,
    /// The lowest and the highest base fee in wei per gas.
    pub(crate) base_fee: (u64, u64),
}

/// The mean time from one block to the next, in µs; `None` of fewer than two.
pub(super) fn interval(
    rows: impl Iterator<Item = Result<BlockRecord, ReadError>>,
) -> Result<Option<u64>, ReadError> {
    let (mut first, mut last, mut count) = (u64::MAX, 0, 0_u64);
    for row in rows {
        let seen = row?.seen.0;
        (first, last, count) = (first.min(seen), last.max(seen), count + 1);
    }
    Ok((count > 1).then(|| (last - first) / (count - 1)))
}

impl BlockBin {
    /// Gas used over gas limit of all of them, 0 to 1.
    pub(crate) fn fullness(&self) -> f64 {
        if self.gas_limit == 0 {
            return 0.0;
        }
        self.gas_used as f64 / self.gas_limit as f64
    }
}

impl Blocks {
    /// Counts rows.
    pub(super) fn of(
        rows: impl Iterator<Item = Result<BlockRecord, ReadError>>,
        bins: Bins,
    ) -> Result<Self, ReadError> {
        let mut all = vec![None::<BlockBin>; bins.count()];
        for row in rows {
            let row = row?;
            let bin = all[bins.up_to(row.seen)].get_or_insert(BlockBin {
                base_fee: (row.base_fee, row.base_fee),
                ..BlockBin::default()
            });
            bin.gas_used += u128::from(row.gas_used);
            bin.gas_limit += u128::from(row.gas_limit);
            if row.gas_limit > 0 {
                bin.fullest = bin.fullest.max(row.gas_used as f64 / row.gas_limit as f64);
            }
            let (low, high) = bin.base_fee;
            bin.base_fee = (low.min(row.base_fee), high.max(row.base_fee));
        }
        Ok(Self { bins: all })
    }
}
