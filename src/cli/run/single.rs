//! One run.

use std::path::Path;

use tokio_util::sync::CancellationToken;

use super::{Output, exit, tell_problems};
use crate::{
    cli::{Exit, Failure, output},
    folder_run::run_into_folder,
    record::{Progress, TimeSource},
    report::{
        HtmlReport, ProgressDisplay, ProgressMode,
        charts::{ChartData, PictureFormat, pictures, write_pictures},
        read::RunFolder,
        summary_json, summary_table,
    },
    run::ChainChoice,
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
        summary_json(result)
            .map_err(Failure::unexpected)
            .and_then(|json| output::print_json(&json))
    } else {
        output::print_styled(|style| summary_table(result, Some(run.path()), style))
    };
    tell_problems(result);
    let ended = exit(result);
    let written = run.written.map_err(Failure::unexpected);
    ended.after([written, reported, drawn, printed])
}

/// Draws the charts of a run from the files that it left, and puts them into its page.
fn draw_charts(path: &Path) -> Result<(), Failure> {
    let folder = RunFolder::open_unchecked(path).map_err(Failure::unexpected)?;
    let data = ChartData::of(&folder).map_err(Failure::unexpected)?;
    let formats = [PictureFormat::Png, PictureFormat::Svg];
    let pictures = pictures(&data);
    write_pictures(path, &pictures, &formats)
        .and(HtmlReport::of(&folder, &pictures).write(path))
        .map_err(Failure::unexpected)
}
