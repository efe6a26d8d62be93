//! `taskstorm hunt`: looks for the shortest sequence of transactions that breaks what must hold.

use std::{
    fs,
    num::NonZero,
    path::{Path, PathBuf},
    thread,
    time::Duration,
};

use jiff::Timestamp;

use super::{Exit, Failure, junit::JunitFile, output, scenario::ScenarioArgs, signals};
use crate::{
    files::write_whole,
    hunt::{
        Corpus, DeploymentPlan, Evidence, Finding, HuntError, HuntObserver, HuntProgress, HuntSettings,
        ReplayFile, Traced, hunt_variants, observe_in, observe_right, variants,
    },
    report::{
        hunt::{HuntDisplay, HuntSummary, foundry_test, hunt_text, junit_of_hunt, replay_comment},
        run::ProgressMode,
    },
    run_folder::RunDir,
    scenario::{ChainKind, Scenario},
};

/// The time of a hunt that is given neither a time nor a number of runs.
const DEFAULT: Duration = Duration::from_secs(60);
/// The folder of findings in that of a hunt.
const FINDINGS: &str = "findings";
/// The document of a hunt.
const SUMMARY: &str = "hunt.json";

/// Hunt for sequences of transactions that break an invariant; shrink and export them.
///
/// It plays thousands of short random sequences on the embedded chain against the contracts of the scenario: what they must
/// take, what they must refuse, at every edge of the windows. In between it makes small runs of the scenario whose actors
/// misbehave and whose chain fails. Whatever breaks an invariant, or is accepted that must be refused, is shrunk to the
/// fewest transactions and written as a file for taskstorm replay and as a Foundry test. The same seed and number of runs
/// find the same, whatever the number of jobs. docs/hunt.md has the details.
///
/// Exit code 5 if anything was found.
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    #[command(flatten)]
    scenario: ScenarioArgs,
    /// Time to hunt (30s, 10m) [default: 60s, unless --runs is given].
    #[arg(long = "for", value_name = "TIME", value_parser = humantime::parse_duration)]
    time: Option<Duration>,
    /// Number of runs: sequences to play, one of 128 a whole run.
    #[arg(long, value_name = "N")]
    runs: Option<u64>,
    /// Number of runs at once [default: one per core].
    #[arg(long, value_name = "N")]
    jobs: Option<NonZero<usize>>,
    /// Output folder [default: reports/<scenario>-hunt-<UTC time>].
    #[arg(long, value_name = "DIR")]
    out: Option<PathBuf>,
    /// Folder of findings and sequences that is kept between hunts: what is there is replayed first, what is new is added.
    #[arg(long, value_name = "DIR")]
    corpus: Option<PathBuf>,
    /// Write the findings as JUnit XML.
    #[arg(long, value_name = "FILE")]
    junit: Option<PathBuf>,
    /// Print the findings as JSON instead of as text.
    #[arg(long)]
    json: bool,
}

pub(super) fn run(args: Args, quiet: bool) -> Result<Exit, Failure> {
    let scenario = args.scenario.load(Some(ChainKind::Embedded))?;
    let began = Timestamp::now();
    let junit = args.junit.map(JunitFile::try_at).transpose()?;
    let corpus = args.corpus.as_deref().map(Corpus::open).transpose();
    let corpus = corpus.map_err(|error| Failure::plain(Exit::Usage, error))?;
    let folder = folder(args.out, &scenario, began)?;
    let stop = signals::stop_on_signal().map_err(Failure::unexpected)?;
    let variants = variants(&scenario);
    let settings = HuntSettings {
        seed: scenario.seed,
        runs: args.runs,
        time: args.time.or_else(|| args.runs.is_none().then_some(DEFAULT)),
        jobs: args
            .jobs
            .or_else(|| thread::available_parallelism().ok())
            .unwrap_or(NonZero::<usize>::MIN),
    };
    let mut observer = Observer {
        display: HuntDisplay::new(ProgressMode::detect(quiet)),
        files: Files {
            folder: &folder,
            variants: &variants,
            seed: scenario.seed,
            corpus: corpus.as_ref(),
        },
        written: Ok(()),
    };
    let earlier = corpus.as_ref().map(|corpus| corpus.of(&scenario)).transpose();
    let earlier = earlier
        .map_err(|error| Failure::plain(Exit::Usage, error))?
        .unwrap_or_default();
    let hunt = hunt_variants(&variants, &settings, earlier, &stop, &mut observer)?;
    observer.display.finish();
    let kept = corpus.as_ref().map_or(Ok(()), |corpus| {
        let written = corpus.keep(&hunt.kept, &variants, scenario.seed);
        written.map_err(Failure::unexpected)
    });
    let summary = HuntSummary::of(&hunt, &scenario);
    let document = output::json(&summary)?;
    let file = folder.join(SUMMARY);
    let summarised = write_whole(&file, document.as_bytes()).map_err(Failure::unexpected);
    let reported = junit.map_or(Ok(()), |file| {
        file.write(&[junit_of_hunt(&hunt, &scenario, began)])
    });
    let printed = if args.json {
        output::print_json(&document)
    } else {
        output::print_styled(|style| hunt_text(&hunt, &folder, style))
    };
    let exit = if hunt.interrupted {
        Exit::Interrupted
    } else if hunt.findings.is_empty() {
        Exit::Done
    } else {
        Exit::Invariant
    };
    exit.after([observer.written, kept, summarised, reported, printed])
}

/// Makes the folder of a hunt.
fn folder(out: Option<PathBuf>, scenario: &Scenario, now: Timestamp) -> Result<PathBuf, Failure> {
    let folder = out.unwrap_or_else(|| {
        let time = now.strftime("%Y%m%dT%H%M%SZ");
        Path::new("reports").join(format!("{}-hunt-{time}", scenario.name))
    });
    let usage = |error| Failure::plain(Exit::Usage, error);
    RunDir::make(&folder.join(FINDINGS)).map_err(usage)?;
    if folder.join(SUMMARY).exists() {
        return Err(Failure::usage(
            format!("{} already holds a hunt ({SUMMARY})", folder.display()),
            "choose another folder with --out, or move or remove this one",
        ));
    }
    Ok(folder)
}

/// Shows and writes what is found as soon as it is, so that nothing is lost.
struct Observer<'a> {
    display: HuntDisplay,
    files: Files<'a>,
    written: Result<(), Failure>,
}

impl HuntObserver for Observer<'_> {
    fn progress(&mut self, progress: &HuntProgress) {
        self.display.update(progress);
    }

    fn found(&mut self, finding: &Finding) {
        self.display.found(finding);
    }

    fn shrunk(&mut self, finding: &Finding) {
        self.display.shrunk(finding);
        let written = self.files.write(finding);
        if self.written.is_ok() {
            self.written = written;
        }
    }
}

/// The files of findings.
struct Files<'a> {
    folder: &'a Path,
    variants: &'a [Scenario],
    seed: u64,
    corpus: Option<&'a Corpus>,
}

impl Files<'_> {
    fn write(&self, finding: &Finding) -> Result<(), Failure> {
        let scenario = finding.scenario(self.variants);
        let file = ReplayFile::of(&Traced {
            scenario,
            variant: finding.scenario.is_none().then_some(finding.variant),
            seed: self.seed,
            run: finding.run,
            participants: &finding.participants,
            trace: &finding.trace,
            broken: Some((&finding.broken, &finding.evidence)),
        });
        let (name, comment) = (format!("{}.toml", finding.name()), replay_comment(finding));
        let path = self.folder.join(FINDINGS);
        file.write(&path.join(&name), &comment)
            .map_err(Failure::unexpected)?;
        if let Some(corpus) = self.corpus {
            file.write(&corpus.path().join(&name), &comment)
                .map_err(Failure::unexpected)?;
        }
        if finding.evidence == Evidence::Run {
            return Ok(());
        }
        let Some(deployment) = DeploymentPlan::of(scenario)? else {
            return Ok(());
        };
        let (participants, trace, evidence) = (&finding.participants, &finding.trace, &finding.evidence);
        let found = observe_in(scenario, participants, trace, evidence)?;
        let right = observe_right(scenario, participants, trace, evidence)?;
        match foundry_test(finding, &deployment, &found, right.as_ref()) {
            Some(test) => {
                fs::write(path.join(format!("{}.t.sol", finding.name())), test).map_err(Failure::unexpected)
            }
            None => Ok(()),
        }
    }
}

impl From<HuntError> for Failure {
    fn from(error: HuntError) -> Self {
        Self::plain(Exit::Usage, error)
    }
}
