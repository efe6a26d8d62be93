//! One run.

use std::{path::Path, time::Instant};

use jiff::Timestamp;
use tokio_util::sync::CancellationToken;

use super::{Output, exit, tell_problems, write_resolved};
use crate::{
    cli::{Exit, Failure, output},
    protocol::REFERENCE,
    record::{Progress, Recorder, TimeSource},
    report::{
        FinishedRun, Host, HtmlReport, ProgressDisplay, ProgressMode,
        charts::{ChartData, PictureFormat, pictures, write_pictures},
        read::RunFolder,
        summary_json, summary_table,
    },
    run::{self, ChainChoice},
    scenario::{ChainKind, Scenario},
};

pub(super) async fn run(
    scenario: &Scenario,
    chain: &ChainChoice,
    stop: CancellationToken,
    options: &Output,
) -> Result<Exit, Failure> {
    let (started_at, began) = (Timestamp::now(), Instant::now());
    let mut dir = options.folder(scenario)?;
    if let Err(error) = write_resolved(&mut dir, scenario) {
        dir.discard();
        return Err(Failure::unexpected(error));
    }
    let journal = if options.transactions {
        dir.journal()
    } else {
        dir.journal_of_tasks()
    };
    let recorder = Recorder::new(REFERENCE).with_journal(journal);
    let mut progress = ProgressDisplay::new(ProgressMode::detect(options.quiet), clock(scenario));
    let ran = run::run(scenario, chain, recorder, stop, |now: &Progress| {
        progress.update(now)
    })
    .await;
    progress.finish();

    let (result, histograms) = match ran {
        Ok(finished) => finished,
        Err(error) => {
            dir.discard();
            return Err(error.into());
        }
    };
    let resolved = scenario.to_toml();
    let finished = FinishedRun {
        result: &result,
        histograms: &histograms,
        scenario: &resolved,
    };
    let mut written = dir.write(&finished);
    if result.clock == TimeSource::Virtual {
        written = written.and(dir.write_host(&Host::of(&result, started_at, began.elapsed())));
    }
    let reported = options.write_junit(&[&result]);
    let drawn = if options.charts {
        draw_charts(dir.path())
    } else {
        let page = HtmlReport {
            run: finished,
            pictures: &[],
            notes: &[],
        };
        page.write(dir.path()).map_err(Failure::unexpected)
    };
    let written = written.map_err(Failure::unexpected);
    // The files first: a terminal may be gone, or wait for its reader.
    let printed = if options.json {
        summary_json(&result)
            .map_err(Failure::unexpected)
            .and_then(|json| output::print_json(&json))
    } else {
        output::print_styled(|style| summary_table(&result, Some(dir.path()), style))
    };
    tell_problems(&result);
    exit(&result).after([written, reported, drawn, printed])
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

/// What the moments of a run of `scenario` are measured by.
fn clock(scenario: &Scenario) -> TimeSource {
    match scenario.chain.kind {
        ChainKind::Anvil => TimeSource::Wall,
        ChainKind::Embedded => TimeSource::Virtual,
    }
}
