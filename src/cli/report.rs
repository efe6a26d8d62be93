//! `taskstorm report`: renders the outputs of a run again.

use std::path::{Path, PathBuf};

use clap::ValueEnum;

use super::{Exit, Failure, output};
use crate::{
    report::{
        HtmlReport,
        charts::{ChartData, PictureFormat, pictures, write_pictures},
        run::summary_table,
    },
    run_folder::{Exporter, PhasesCsv, ReadError, RunFolder, SummaryMd, check_rows, runs_in},
};

/// Render the charts and tables of runs from their files.
///
/// Also renders runs that were interrupted, or killed before they could write a summary: their rows are counted again. A run whose tables do not hold the rows that its summary counts is refused (exit code 2). Nothing is run, and
/// no chain is needed.
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// Run directory, or the directory of the runs of several seeds.
    #[arg(required = true, value_name = "DIR")]
    folders: Vec<PathBuf>,
    /// Render only these outputs.
    #[arg(long, value_name = "WHAT", value_delimiter = ',')]
    only: Vec<Output>,
}

/// What can be rendered.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Output {
    /// charts/*.png
    Png,
    /// charts/*.svg
    Svg,
    /// report.html
    Html,
    /// phases.csv
    Csv,
    /// summary.md
    Md,
}

pub(super) fn run(args: &Args) -> Result<Exit, Failure> {
    let wanted = if args.only.is_empty() {
        Output::value_variants()
    } else {
        &args.only
    };
    // Every folder is looked at before anything is written.
    let mut runs = Vec::new();
    for folder in &args.folders {
        runs.extend(runs_in(folder).map_err(unreadable)?);
    }
    let mut printed = Vec::new();
    for run in &runs {
        check_rows(run).map_err(unreadable)?;
    }
    for run in &runs {
        let folder = render(run, wanted)?;
        printed.push(output::print_styled(|style| {
            summary_table(folder.result(), Some(run), style)
        }));
    }
    Exit::Done.after(printed)
}

/// Renders what is wanted from the run in this folder, whose rows were checked, and returns what was read of it.
fn render(path: &Path, wanted: &[Output]) -> Result<RunFolder, Failure> {
    let folder = RunFolder::open_unchecked(path).map_err(unreadable)?;
    folder.result().protocol.read_from_now_on();
    for note in folder.notes() {
        tracing::warn!("{}: {note}", path.display());
    }
    let formats: Vec<PictureFormat> = wanted
        .iter()
        .filter_map(|output| match output {
            Output::Png => Some(PictureFormat::Png),
            Output::Svg => Some(PictureFormat::Svg),
            Output::Html | Output::Csv | Output::Md => None,
        })
        .collect();
    let exporters = wanted.iter().filter_map(|output| -> Option<&dyn Exporter> {
        match output {
            Output::Csv => Some(&PhasesCsv),
            Output::Md => Some(&SummaryMd),
            Output::Png | Output::Svg | Output::Html => None,
        }
    });
    for exporter in exporters {
        exporter
            .write(path, &folder.finished())
            .map_err(Failure::unexpected)?;
    }
    let page = wanted.contains(&Output::Html);
    if page || !formats.is_empty() {
        let data = ChartData::of(&folder).map_err(unreadable)?;
        let pictures = pictures(&data);
        if !formats.is_empty() {
            write_pictures(path, &pictures, &formats).map_err(Failure::unexpected)?;
        }
        if page {
            HtmlReport::of(&folder, &pictures)
                .write(path)
                .map_err(Failure::unexpected)?;
        }
    }
    Ok(folder)
}

/// A folder that holds no run, or files that are not a run's, are bad input; what the system refuses is not.
fn unreadable(error: ReadError) -> Failure {
    let exit = match error {
        ReadError::Io { .. } => Exit::Failed,
        _ => Exit::Usage,
    };
    Failure::plain(exit, error)
}
