//! Response times per function of two builds of contracts, without a verdict: phases have that.

use std::collections::BTreeMap;

use serde::Serialize;

use super::{load::Measured, sample::Values};
use crate::{
    metric::Statistic,
    protocol::{Function, being_read},
};

/// Statistics that are reported.
const STATISTICS: [Statistic; 3] = [Statistic::Mean, Statistic::P50, Statistic::P99];

/// How long transactions that call a function took under load, from their intended moment to their block.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct FunctionTime {
    /// `function.<name>.response`
    pub quantity: String,
    /// Transactions of the baseline and the candidate that are in a block.
    pub calls: [u64; 2],
    /// Its mean, median and 99th percentile.
    pub statistics: Vec<FunctionStatistic>,
}

/// A statistic of it.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct FunctionStatistic {
    /// Its name: `mean`, `p50`, `p99`.
    pub name: &'static str,
    /// The baseline value, in µs; `None` if there was no such transaction.
    pub base_us: Option<f64>,
    /// The candidate's.
    pub new_us: Option<f64>,
    /// The difference.
    pub change_us: Option<f64>,
    /// The same over what it was.
    pub change_ratio: Option<f64>,
}

/// The response times of every function that the runs called, in the order of the schema.
pub(super) fn times(base: &[Measured], new: &[Measured]) -> Vec<FunctionTime> {
    let [base, new] = [base, new].map(together);
    let none = Values::default();
    let functions = being_read().functions.iter();
    let time = |function: &Function| {
        let of = [&base, &new].map(|all| all.get(function).unwrap_or(&none));
        let statistic = |statistic: Statistic| {
            let [base_us, new_us] = of.map(|values| value(values, statistic));
            let change_us = base_us.zip(new_us).map(|(old, now)| now - old);
            FunctionStatistic {
                name: statistic.name(),
                base_us,
                new_us,
                change_us,
                change_ratio: super::ratio(change_us, base_us),
            }
        };
        FunctionTime {
            quantity: format!("function.{}.response", function.name()),
            calls: of.map(|values| values.count),
            statistics: STATISTICS.map(statistic).into(),
        }
    };
    functions.map(time).filter(|time| time.calls != [0, 0]).collect()
}

/// The values of all runs.
fn together(runs: &[Measured]) -> BTreeMap<Function, Values> {
    let mut all: BTreeMap<Function, Values> = BTreeMap::new();
    for (function, values) in runs.iter().flat_map(|run| &run.functions) {
        all.entry(*function).or_default().add(values);
    }
    all
}

fn value(values: &Values, statistic: Statistic) -> Option<f64> {
    match statistic.quantile() {
        Some(quantile) => values.quantile(quantile),
        None => (values.count > 0).then(|| values.mean()),
    }
}
