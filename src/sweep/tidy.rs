//! `sweep.csv`: tidy, a value per row.

use std::{fs::File, io};

use super::{Cell, Grid};
use crate::{
    metric::{Metric, Quantity, Scope, Tally, Unit},
    record::RunResult,
    text,
};

/// Writes `sweep.csv` row by row: ten thousand cells are some hundred megabytes.
#[derive(Debug)]
pub(super) struct TidyWriter {
    csv: csv::Writer<File>,
    columns: Vec<Column>,
}

/// The metrics, each with its names in the columns `phase`, `metric` and `statistic`.
#[derive(Clone, Debug)]
struct Column {
    metric: Metric,
    phase: String,
    what: String,
    statistic: String,
    name: String,
}

impl TidyWriter {
    /// Writes to `file`; the header first.
    pub(super) fn new(file: File, grid: &Grid) -> csv::Result<Self> {
        let mut csv = csv::Writer::from_writer(file);
        let varied = grid.varied().iter().filter(|vary| !vary.is_seed());
        let varied = varied.map(|vary| text::csv_cell(&vary.key)).collect::<Vec<_>>();
        let last = [
            "seed",
            "clock",
            "complete",
            "phase",
            "metric",
            "statistic",
            "value",
            "unit",
            "full_name",
        ];
        csv.write_record(
            ["cell"]
                .into_iter()
                .chain(varied.iter().map(|key| &**key))
                .chain(last),
        )?;
        let columns = Metric::all().into_iter().filter_map(Column::of).collect();
        Ok(Self { csv, columns })
    }

    /// Writes the rows of a cell: one per metric that was measured.
    pub(super) fn write(&mut self, cell: &Cell, grid: &Grid, result: &RunResult) -> csv::Result<()> {
        let values = grid.varied().iter().zip(&cell.values);
        let values: Vec<_> = values
            .filter(|(vary, _)| !vary.is_seed())
            .map(|(_, value)| text::csv_cell(value))
            .collect();
        let (number, seed) = (cell.number.to_string(), result.scenario.seed.to_string());
        let complete = if result.complete { "true" } else { "false" };
        let place: Vec<&str> = [number.as_str()]
            .into_iter()
            .chain(values.iter().map(|value| &**value))
            .chain([seed.as_str(), result.clock.name(), complete])
            .collect();
        for column in &self.columns {
            let Some(value) = column.metric.of(result) else {
                continue;
            };
            let value = value.to_string();
            let rest = [
                column.phase.as_str(),
                &column.what,
                &column.statistic,
                &value,
                column.metric.unit().name(),
                &column.name,
            ];
            self.csv.write_record(place.iter().copied().chain(rest))?;
        }
        Ok(())
    }

    /// Ends the file.
    pub(super) fn finish(self) -> io::Result<()> {
        let file = self.csv.into_inner().map_err(csv::IntoInnerError::into_error)?;
        file.sync_all()
    }
}

impl Column {
    /// The metric's place; `None` of those per function, which phases sum up.
    fn of(metric: Metric) -> Option<Self> {
        let (stem, statistic) = match metric {
            Metric::Statistic(Quantity::FunctionGas(_), _)
            | Metric::Count(Tally::Transactions(Scope::Function(_), _))
            | Metric::Ratio(Tally::Transactions(Scope::Function(_), _))
            | Metric::GasTotal(Scope::Function(_)) => return None,
            Metric::Statistic(Quantity::Span(span), statistic) => {
                return Some(Self {
                    metric,
                    phase: format!("task.{}", span.name()),
                    what: "duration".to_owned(),
                    statistic: statistic.name().to_owned(),
                    name: metric.name(),
                });
            }
            Metric::Statistic(quantity, statistic) => (quantity.to_string(), statistic.name().to_owned()),
            Metric::Count(tally) => (tally.to_string(), "count".to_owned()),
            Metric::Ratio(tally) => (tally.to_string(), "ratio".to_owned()),
            Metric::GasTotal(Scope::All) => ("transactions.gas".to_owned(), "total".to_owned()),
            // `blocks.fullness.mean` has a statistic of its own; rates are one number each.
            Metric::GasTotal(Scope::Phase(_)) | Metric::Scalar(_) => {
                let name = metric.name();
                let name = name.strip_prefix("phase.").unwrap_or(&name);
                match name.rsplit_once('.') {
                    Some((stem, statistic)) if stem.contains('.') && metric.unit() != Unit::PerSecond => {
                        (stem.to_owned(), statistic.to_owned())
                    }
                    _ => (name.to_owned(), "value".to_owned()),
                }
            }
        };
        let stem = stem.strip_prefix("phase.").unwrap_or(&stem);
        let (phase, what) = stem.split_once('.').unwrap_or((stem, ""));
        Some(Self {
            metric,
            phase: phase.to_owned(),
            what: what.to_owned(),
            statistic,
            name: metric.name(),
        })
    }
}
