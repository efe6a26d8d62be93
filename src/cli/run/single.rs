//! One run.

use std::path::Path;

use tokio_util::sync::CancellationToken;

use super::{Output, exit};
use crate::{
    cli::{Exit, Failure, output},
    record::{Progress, TimeSource},
    report::{
        HtmlReport,
        charts::{ChartData, PictureFormat, pictures, write_pictures},
        run::{ProgressDisplay, ProgressMode, log_problems, summary_table},
    },
    run::ChainChoice,
    run_folder::{RunFolder, run_into_folder},
    scenario::Scenario,
};

pub(super) async fn run(
    scenario: &Scenario,
    chain: &ChainChoice,
    stop: CancellationToken,
    options: &Output,
) -> Result<Exit, Failure> {
    let dir = options.folder(scenario)?;
    let clock = if chain.is_virtual(scenario) {
        TimeSource::Virtual
    } else {
        TimeSource::Wall
    };
    let mut progress = ProgressDisplay::new(ProgressMode::detect(options.quiet), clock);
    let observer = |now: &Progress| progress.update(now);
    let ran = run_into_folder(dir, scenario, chain, options.transactions, stop, observer).await;
    progress.finish();

    let run = ran?;
    let result = &run.result;
    let reported = options.write_junit(&[result]);
    let drawn = if options.charts {
        draw_charts(run.path())
    } else {
        let page = HtmlReport {
            run: run.finished(),
            pictures: &[],
            notes: &[],
        };
        page.write(run.path()).map_err(Failure::unexpected)
    };
    // The files first: a terminal may be gone, or wait for its reader.
    let printed = if options.json {
        output::print_value(result)
    } else {
        output::print_styled(|style| summary_table(result, Some(run.path()), style))
    };
    log_problems(result);
    let ended = exit(result);
    let written = run.written.map_err(Failure::unexpected);
    ended.after([written, reported, drawn, printed])
}

/// Draws the charts of a run from the files that it left, and puts them into its page.
fn draw_charts(path: &Path) -> Result<(), Failure> {
    let folder = RunFolder::open_unchecked(path).map_err(Failure::unexpected)?;
    let data = ChartData::of(&folder).map_err(Failure::unexpected)?;
    let pictures = pictures(&data);
    write_pictures(path, &pictures, &PictureFormat::ALL)
        .and(HtmlReport::of(&folder, &pictures).write(path))
        .map_err(Failure::unexpected)
}
