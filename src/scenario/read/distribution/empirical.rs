//! Reading what was observed, from the scenario itself or a data file.

use std::sync::Arc;

use toml::de::DeValue;

use super::{ReadQuantity, example};
use crate::scenario::{
    Bin, Distribution, Empirical,
    data::Content,
    path::KeyPath,
    problem::Problem,
    read::{
        data::observations,
        table::Table,
        value::{Value, kind},
    },
};

const MUST: &str = "observations: an array of them, or a table with `file` or `histogram`";

/// Reads `["80ms", "95ms"]`, `"file.csv"`, `{ file = "file.csv", column = "work_us" }` or `{ histogram = […] }`, for the
/// distribution at `place`.
pub(super) fn read<T: ReadQuantity>(value: Value<'_>, place: &KeyPath) -> Option<Distribution<T>> {
    let empirical = match value.get() {
        DeValue::String(_) => from_file(value, None, place),
        DeValue::Array(_) => {
            let values = value.elements()?.into_iter();
            // Every value is read, so that all that are wrong are reported.
            let values: Vec<_> = values.map(|each| T::read(each, T::LEAST)).collect();
            let values: Vec<T> = values.into_iter().collect::<Option<_>>()?;
            match Empirical::of_samples(&values) {
                Some(empirical) => Some(empirical),
                None => value.refuse(MUST, "holds none", help::<T>()),
            }
        }
        DeValue::Table(entries) => {
            let table = Table::of(&value)?;
            let column = table.optional("column", Value::text);
            let (file, histogram) = (table.value("file"), table.value("histogram"));
            table.finish();
            match (file, histogram) {
                (Some(file), None) => from_file(file, column.as_deref(), place),
                (None, Some(bins)) => from_bins(bins),
                // Another key was said to be unknown.
                (None, None) if entries.keys().any(|key| key.get_ref() != "column") => None,
                (None, None) => value.refuse(MUST, "has none of these", help::<T>()),
                (Some(_), Some(_)) => value.refuse(MUST, "has both", "leave one of them"),
            }
        }
        other => value.refuse(MUST, format!("is {}", kind(other)), help::<T>()),
    };
    empirical.map(Distribution::Empirical)
}

fn from_file<T: ReadQuantity>(
    file: Value<'_>,
    column: Option<&str>,
    place: &KeyPath,
) -> Option<Empirical<T>> {
    let (observed, name) = file.report().data().read(
        file.clone(),
        place,
        |file| observations::<T>(file, column).map(Arc::new),
        |observed| Content::Observed(T::column_unit(), Arc::clone(observed)),
    )?;
    Some(Empirical::of_file(observed, name))
}

/// An array of tables of `low`, `high` and `count`.
fn from_bins<T: ReadQuantity>(value: Value<'_>) -> Option<Empirical<T>> {
    const MUST: &str = "an array of bins, of which some count something";
    let [small, large] = T::EXAMPLE;
    let help = format!("for example [{{ low = {small}, high = {large}, count = 3 }}]");
    let Some(bins) = value.elements() else {
        return value.refuse(MUST, format!("is {}", kind(value.get())), help);
    };
    let bins: Vec<_> = bins.iter().map(|each| bin::<T>(Table::of(each)?)).collect();
    let bins: Vec<Bin<T>> = bins.into_iter().collect::<Option<_>>()?;
    match Empirical::of_histogram(&bins) {
        Some(empirical) => Some(empirical),
        None => value.refuse(MUST, "counts nothing", help),
    }
}

fn bin<T: ReadQuantity>(table: Table<'_>) -> Option<Bin<T>> {
    let (path, report) = (table.path().clone(), table.report());
    let bound = |key, example| {
        table.required(key, format!("{key} = {example}"), |value| {
            T::read(value, T::LEAST)
        })
    };
    let (low, high) = (bound("low", T::EXAMPLE[0]), bound("high", T::EXAMPLE[1]));
    // So many that no sum of them exceeds 64 bits.
    let count = table.required("count", "count = 3", |value| value.whole(0..=u32::MAX.into()));
    table.finish();
    let (low, high, count) = (low?, high?, count?);
    if low <= high {
        return Some(Bin { low, high, count });
    }
    let problem = Problem::new(
        format!("`{path}`: the bin ends before it begins"),
        "`low` is the smallest value in a bin, `high` the first above it",
    )
    .at(path.key("high"), "is smaller than `low`")
    .at(path.key("low"), "the smallest value");
    report.broken(path, problem);
    None
}

fn help<T: ReadQuantity>() -> String {
    format!(
        "for example {}, or {{ empirical = {{ file = \"observed.csv\" }} }}",
        example::<T>("empirical")
    )
}
