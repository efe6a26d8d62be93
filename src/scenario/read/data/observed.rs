//! Observations from a data file.

use std::io::Read;

use super::{
    Fault, Opened,
    csv::{Column, DataRow, Rows, naming},
};
use crate::{
    distribution::{Bin, Observed},
    scenario::{read::distribution::ReadQuantity, units::grouped},
};

/// Most observations, or bins.
const MAX_ROWS: usize = 10_000_000;

/// Reads single values (`value_us`, or the column `chosen`), counted values (`value_us,count`), or a histogram
/// (`low_us,high_us,count`).
pub(in crate::scenario::read) fn read<T: ReadQuantity>(
    Opened { file, quoted }: Opened,
    chosen: Option<&str>,
) -> Result<Observed, Fault> {
    let mut rows = Rows::new(file, quoted)?;
    if let Some(name) = chosen {
        let column = rows.chosen::<T>(name)?;
        return values::<T>(&mut rows, column);
    }
    let value = rows.column::<T>("value")?;
    let (low, high) = (rows.column::<T>("low")?, rows.column::<T>("high")?);
    match (value, low, high, rows.plain("count")) {
        (Some(value), None, None, None) => values::<T>(&mut rows, value),
        (Some(value), None, None, Some(count)) => histogram::<T>(&mut rows, [value; 2], count),
        (None, Some(low), Some(high), Some(count)) => histogram::<T>(&mut rows, [low, high], count),
        (Some(_), _, _, _) => Err(rows.of_header(
            "has columns of single values and of a histogram",
            "leave `value` and `count`, or `low`, `high` and `count`",
        )),
        (None, Some(_), Some(_), None) => {
            Err(rows.no_column("`count`", "a histogram says how many fell into each bin"))
        }
        _ => {
            let [value, low, high] = ["value", "low", "high"].map(T::column);
            let wanted = format!("`{value}`, nor `{low}`, `{high}` and `count`");
            Err(rows.no_column(&wanted, &naming::<T>()))
        }
    }
}

fn values<T: ReadQuantity>(rows: &mut Rows<impl Read>, column: Column) -> Result<Observed, Fault> {
    let mut values = Vec::new();
    while let Some(row) = rows.next() {
        within(values.len(), &row)?;
        values.push(row?.quantity(column, T::LEAST..=T::MOST)?);
    }
    Observed::values(values).ok_or_else(nothing)
}

fn histogram<T: ReadQuantity>(
    rows: &mut Rows<impl Read>,
    bounds: [Column; 2],
    count: usize,
) -> Result<Observed, Fault> {
    let mut bins = Vec::new();
    let mut total = 0_u64;
    while let Some(row) = rows.next() {
        within(bins.len(), &row)?;
        let row = row?;
        let bin = bin::<T>(&row, bounds, count)?;
        total = total
            .checked_add(bin.count)
            .ok_or_else(|| row.fault("the counts add up to more than 64 bits hold", "make them smaller"))?;
        bins.push(bin);
    }
    Observed::histogram(bins).ok_or_else(nothing)
}

fn bin<T: ReadQuantity>(
    row: &DataRow<'_>,
    [low, high]: [Column; 2],
    count: usize,
) -> Result<Bin<u64>, Fault> {
    let bin = Bin {
        low: row.quantity(low, T::LEAST..=T::MOST)?,
        high: row.quantity(high, T::LEAST..=T::MOST)?,
        count: row.whole(count)?,
    };
    if bin.low <= bin.high {
        return Ok(bin);
    }
    Err(row.fault(
        "the bin ends before it begins",
        "`low` is the smallest value in a bin, `high` the first above it",
    ))
}

/// Whether there is room for `row` after so many.
fn within(rows: usize, row: &Result<DataRow<'_>, Fault>) -> Result<(), Fault> {
    match row {
        Ok(row) if rows == MAX_ROWS => {
            let what = format!("there are more than {} rows", grouped(MAX_ROWS as u64));
            Err(row.fault(
                what,
                "observations are held in memory: thin them out, or make a histogram of them",
            ))
        }
        _ => Ok(()),
    }
}

fn nothing() -> Fault {
    Fault::whole(
        "holds no observation",
        "below the line that names the columns there is a row for each",
    )
}
