//! Forecasts of `taskstorm check` against runs: of every scenario of the library, how many of so many seeds' runs lie in the
//! range that was forecast for that seed. `cargo bench --bench forecast [SEEDS] [NAME]`; on the embedded chain.
#![expect(clippy::print_stdout, reason = "a benchmark prints its result")]

use std::{env, fs, path::Path};

use taskstorm::{
    estimate::{Estimate, Forecast, Range},
    protocol::REFERENCE,
    record::{Progress, Recorder},
    run::simulate,
    scenario::{Loaded, Override},
};
use tokio_util::sync::CancellationToken;

/// Tasks of a scenario that is run whole with every seed; longer ones are left out.
const MOST_TASKS: u64 = 10_000;

fn main() {
    let mut arguments = env::args().skip(1).filter(|argument| argument != "--bench");
    let seeds: u64 = arguments
        .next()
        .and_then(|seeds| seeds.parse().ok())
        .unwrap_or(20);
    let only = arguments.next().unwrap_or_default();
    let library = Path::new(env!("CARGO_MANIFEST_DIR")).join("scenarios");
    let mut files: Vec<_> = fs::read_dir(library)
        .expect("the library")
        .map(|entry| entry.expect("a file").path())
        .filter(|path| path.extension().is_some_and(|extension| extension == "toml"))
        .collect();
    files.sort();
    println!(
        "scenario                 transactions  gas  duration  task time  (of {seeds} runs, in the range; half its width)"
    );
    let mut all = [0; 4];
    let mut runs = 0;
    for file in files {
        let name = file
            .file_stem()
            .unwrap_or_default()
            .to_string_lossy()
            .into_owned();
        if !name.contains(&only) {
            continue;
        }
        let (mut inside, mut width) = ([0; 4], [0.0; 4]);
        for seed in 1..=seeds {
            let loaded = Loaded::with_overrides(&file, &[Override::seed(seed)]).expect("a scenario");
            let scenario = loaded.scenario;
            let estimate = Estimate::of(&scenario).expect("an estimate");
            if estimate.tasks > MOST_TASKS {
                break;
            }
            let forecast = Forecast::of(&scenario, &estimate).expect("a forecast");
            let stop = CancellationToken::new();
            let ran = simulate(&scenario, Recorder::new(REFERENCE), &stop, |_: &Progress| {});
            let ran = ran.expect("a run").result;
            let took = ran.total_time().map_or(0, |stats| stats.mean.round() as u64);
            let of = |range: Option<Range>, measured: u64| {
                let range = range.expect("a range");
                (
                    (range.low..=range.high).contains(&measured),
                    (range.high - range.low) as f64 / 2.0 / range.expected.max(1) as f64,
                )
            };
            let figures = [
                of(Some(forecast.transactions), ran.transactions.total),
                of(Some(forecast.gas), ran.gas_total()),
                of(forecast.duration_us, ran.duration_us.0),
                of(forecast.task_us, took),
            ];
            for (place, (is_inside, half)) in figures.into_iter().enumerate() {
                inside[place] += u64::from(is_inside);
                width[place] += half / seeds as f64 * 100.0;
            }
            runs += 1;
        }
        let cells = inside
            .iter()
            .zip(width)
            .map(|(inside, width)| format!("{inside:>3} ±{width:>5.1} %"));
        println!("{name:24} {}", cells.collect::<Vec<_>>().join("   "));
        all.iter_mut()
            .zip(inside)
            .for_each(|(all, inside)| *all += inside);
    }
    println!("all: {all:?} of {runs}");
}
