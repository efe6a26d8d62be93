//! `taskstorm compare`: improved, regressed, unchanged or inconclusive, per metric.

use std::{
    path::{Path, PathBuf},
    time::Instant,
};

use jiff::Timestamp;

use super::{Exit, Failure, builds::BuildArgs, junit::JunitFile, output};
use crate::{
    compare::{CompareError, CompareSettings, Inconclusive, Rule, RuleError, compare},
    protocol::REFERENCE,
    report::{
        Style,
        compare::{comparison_markdown, comparison_table, junit_of_comparison, log_contracts, log_rules},
    },
    run_folder::{protocol_of, write_file},
    text,
};

/// Compare runs, or two builds of the contracts: gas exactly, latency with statistics.
///
/// With --artifacts, both builds run the scenario first, with the same seeds: on the embedded chain every difference is
/// exact. Otherwise BASELINE and CANDIDATE are run directories, or directories of the runs of several seeds. Every metric is improved,
/// regressed, unchanged or inconclusive, with a family-wise error rate of at most 5 %. Several runs give more certainty
/// than one: repeat --baseline and --candidate.
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// Baseline run directory, or the directory of the runs of several seeds; with --artifacts, the scenario file.
    #[arg(value_name = "BASELINE|SCENARIO", required_unless_present = "base_dirs", conflicts_with_all = ["base_dirs", "new_dirs"])]
    base: Option<PathBuf>,
    /// Candidate run directory, or the directory of the runs of several seeds.
    #[arg(value_name = "CANDIDATE", required_unless_present_any = ["new_dirs", "artifacts"], conflicts_with_all = ["base_dirs", "new_dirs", "artifacts"])]
    new: Option<PathBuf>,
    /// Baseline run directory; repeatable.
    #[arg(
        long = "baseline",
        alias = "base",
        value_name = "DIR",
        requires = "new_dirs",
        value_delimiter = ','
    )]
    base_dirs: Vec<PathBuf>,
    /// Candidate run directory; repeatable.
    #[arg(
        long = "candidate",
        alias = "new",
        value_name = "DIR",
        requires = "base_dirs",
        value_delimiter = ','
    )]
    new_dirs: Vec<PathBuf>,
    #[command(flatten)]
    builds: BuildArgs,
    /// Fail (exit 4) if this regression is found: "gas > 1%", "gas.commit > 500", "latency.p99 > 10%",
    /// "task.total.p50 > 200ms", "tasks.ended.ratio < -0.1%"; repeatable. A change counts if it is statistically significant.
    #[arg(long, value_name = "EXPRESSION")]
    fail_on: Vec<String>,
    /// Outcome of an inconclusive --fail-on rule: fail (exit 4), skip with a warning, or pass.
    #[arg(long, value_name = "fail|skip|pass", default_value = "fail", value_parser = inconclusive)]
    inconclusive: Inconclusive,
    /// Simultaneous confidence level of all intervals.
    #[arg(long, value_name = "0–1", default_value = "0.95", value_parser = confidence)]
    confidence: f64,
    /// Tolerated change of a latency, in %; at least 1 ms [default: 2% in virtual, 5% in wall-clock time]
    #[arg(long, value_name = "%", value_parser = percent)]
    margin: Option<f64>,
    /// Tolerated change of mean gas, where it is not exact.
    #[arg(long, value_name = "%", default_value = "0.5%", value_parser = percent)]
    gas_margin: f64,
    /// Number of bootstrap resamples.
    #[arg(long, value_name = "N", default_value = "10000", value_parser = clap::value_parser!(u32).range(100..=1_000_000))]
    resamples: u32,
    /// Seed of the resampling: the same seed gives the same intervals.
    #[arg(long, value_name = "N", default_value_t = 1)]
    seed: u64,
    /// Compare even if the runs are not comparable, such as different scenarios; every output says so.
    #[arg(long)]
    force: bool,
    /// Print JSON instead of tables.
    #[arg(long, conflicts_with = "markdown")]
    json: bool,
    /// Print Markdown, for a comment on a pull request.
    #[arg(long)]
    markdown: bool,
    /// Output file, instead of stdout.
    #[arg(long, value_name = "FILE")]
    out: Option<PathBuf>,
    /// Also write JUnit XML to this file, for CI systems: a test per --fail-on, or per metric if there is none.
    #[arg(long, value_name = "FILE")]
    junit: Option<PathBuf>,
}

/// A rule that is none of the protocol of the runs.
#[derive(Debug, thiserror::Error)]
#[error("invalid value '{text}' for '--fail-on <EXPRESSION>': {reason}")]
struct Invalid {
    text: String,
    reason: RuleError,
}

/// The rules of `--fail-on`, whose names are of the protocol of the runs.
fn rules(stated: &[String]) -> Result<Vec<Rule>, Failure> {
    let parse = |text: &String| {
        text.parse().map_err(|error: RuleError| {
            let text = text.clone();
            Failure::plain(Exit::Usage, Invalid { text, reason: error })
        })
    };
    stated.iter().map(parse).collect()
}

pub(super) async fn run(args: Args, quiet: bool) -> Result<Exit, Failure> {
    let (began, clock) = (Timestamp::now(), Instant::now());
    let junit = args.junit.map(JunitFile::try_at).transpose()?;
    let builds = args.builds.is_given();
    let (base, new, ran) = match args.base {
        Some(scenario) if builds => {
            let ran = args.builds.run(&scenario, quiet).await?;
            if !ran.are_complete {
                return Ok(ran.exit);
            }
            (ran.baseline, ran.candidate, ran.exit)
        }
        base => {
            args.builds.refuse_alone()?;
            let base: Vec<PathBuf> = base.into_iter().chain(args.base_dirs).collect();
            let new: Vec<PathBuf> = args.new.into_iter().chain(args.new_dirs).collect();
            (base, new, Exit::Done)
        }
    };
    let protocol = base.first().and_then(|folder| protocol_of(folder));
    protocol.unwrap_or(REFERENCE).read_from_now_on();
    let settings = CompareSettings {
        confidence: args.confidence,
        margin: args.margin,
        gas_margin: args.gas_margin,
        resamples: args.resamples as usize,
        seed: args.seed,
        exact: builds,
        force: args.force,
        rules: rules(&args.fail_on)?,
        inconclusive: args.inconclusive,
    };
    let refused = |error: CompareError| Failure::new(Exit::Usage, error);
    let comparison = compare(&base, &new, &settings).map_err(refused)?;
    let reported = junit.map_or(Ok(()), |junit| {
        junit.write(&[junit_of_comparison(&comparison, began, clock.elapsed())])
    });
    let printed = if args.json {
        let json = output::json(&comparison)?;
        match &args.out {
            Some(path) => write(path, &json),
            None => output::print_json(&json),
        }
    } else {
        let render = |style| {
            if args.markdown {
                comparison_markdown(&comparison)
            } else {
                comparison_table(&comparison, style)
            }
        };
        match &args.out {
            Some(path) => write(path, &text::block(&render(Style::Plain))),
            None => output::print_styled(render),
        }
    };
    log_rules(&comparison);
    if !builds {
        log_contracts(&comparison);
    }
    let exit = match ran {
        Exit::Done if comparison.is_rejected() => Exit::Threshold,
        ran => ran,
    };
    exit.after([reported, printed])
}

fn write(path: &Path, text: &str) -> Result<(), Failure> {
    write_file(path.to_owned(), text.as_bytes())
        .map_err(|error| Failure::usage(error.to_string(), "choose another file with --out"))
}

fn confidence(text: &str) -> Result<f64, String> {
    let confidence: f64 = text
        .parse()
        .map_err(|_| "give a number such as 0.95".to_owned())?;
    if (0.5..=0.9999).contains(&confidence) {
        Ok(confidence)
    } else {
        Err("give a number from 0.5 to 0.9999".to_owned())
    }
}

fn inconclusive(text: &str) -> Result<Inconclusive, String> {
    match text {
        "fail" => Ok(Inconclusive::Fail),
        "skip" => Ok(Inconclusive::Skip),
        "pass" => Ok(Inconclusive::Pass),
        _ => Err("give fail, skip or pass".to_owned()),
    }
}

/// A share in per cent.
fn percent(text: &str) -> Result<f64, String> {
    let number = text.strip_suffix('%').map(str::trim_end);
    let percent = number.and_then(|number| number.parse::<f64>().ok());
    percent
        .filter(|percent| (0.0..=100.0).contains(percent))
        .map(|percent| percent / 100.0)
        .ok_or_else(|| "give a share in per cent, such as 2%".to_owned())
}
