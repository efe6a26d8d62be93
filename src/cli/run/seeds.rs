//! Many runs of one scenario, a seed each.

use jiff::Timestamp;
use tokio_util::sync::CancellationToken;

use super::{Output, exit, no_folder};
use crate::{
    cli::{Exit, Failure, output},
    record::{Progress, RunResult},
    report::run::{log_problems, seeds_table},
    run::parallel_map_seeds,
    run_folder::{Aggregate, RunDir, seed_folder, simulate_into_folder},
    scenario::{Scenario, Seeds},
};

pub(super) fn run(
    scenario: &Scenario,
    seeds: &Seeds,
    stop: &CancellationToken,
    options: &Output,
) -> Result<Exit, Failure> {
    let all = RunDir::create_for_seeds(options.dir.as_deref(), &scenario.name, Timestamp::now())
        .map_err(no_folder)?;
    let seeds: Vec<u64> = seeds.iter().collect();
    let results = parallel_map_seeds(&seeds, |seed| {
        let dir = RunDir::create(all.join(seed_folder(seed))).map_err(no_folder)?;
        one(
            &Scenario {
                seed,
                ..scenario.clone()
            },
            dir,
            stop,
            options,
        )
    });
    let results: Vec<(RunResult, _)> = results.into_iter().collect::<Result<_, _>>()?;
    let (results, mut written): (Vec<RunResult>, Vec<Result<(), Failure>>) = results.into_iter().unzip();
    let Some(aggregate) = Aggregate::of(&results) else {
        return Exit::Done.after(written);
    };
    written.push(aggregate.write(&all).map_err(Failure::unexpected));
    written.push(options.write_junit(&results.iter().collect::<Vec<_>>()));
    written.push(if options.json {
        output::print_value(&aggregate)
    } else {
        output::print_styled(|style| seeds_table(&aggregate, &all, style))
    });
    // The gravest of all ends the process.
    let gravest = results.iter().map(exit).max_by_key(|exit| *exit as u8);
    gravest.unwrap_or(Exit::Done).after(written)
}

/// One run with its own folder: its result, and whether its files could be written.
fn one(
    scenario: &Scenario,
    dir: RunDir,
    stop: &CancellationToken,
    options: &Output,
) -> Result<(RunResult, Result<(), Failure>), Failure> {
    let run = simulate_into_folder(dir, scenario, options.transactions, stop, |_: &Progress| {})?;
    tracing::info!(
        "seed {}: {} in {:.1} s",
        scenario.seed,
        run.result.stop_reason.description(),
        run.host.real_s
    );
    log_problems(&run.result);
    Ok((run.result, run.written.map_err(Failure::unexpected)))
}
