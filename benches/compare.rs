//! The trial of `taskstorm compare`: how often it cries wolf, and what it finds.
//!
//! `cargo bench --bench compare` compares 20 pairs of embedded runs that differ in their seeds alone, and runs with 2 % more
//! gas in one function and with a fifth more work time, the latter of two lengths, ten of each. `-- anvil` compares 10 pairs
//! of runs of the same scenario and seed on a real anvil, and the same plants there. `-- 200` takes that many pairs instead.
//!
//! A false alarm is a verdict of better or worse on a metric of identical sides. The stricter count leaves the margins
//! out: there an alarm is an interval that does not hold the true difference, 0, which may happen to one pair in twenty.

use std::{
    env,
    error::Error,
    fs,
    io::Write,
    path::{Path, PathBuf},
    time::Instant,
};

use taskstorm::{
    chain::anvil::{Environment, Search},
    compare::{CompareSettings, Comparison, Verdict, compare},
    protocol::REFERENCE,
    record::{Progress, Recorder},
    run::{self, ChainChoice, parallel_map_seeds},
    run_folder::{FinishedRun, RunDir},
    scenario::{Loaded, Override, Scenario},
};
use tokio::runtime::Runtime;
use tokio_util::sync::CancellationToken;

const EMBEDDED: &str = r#"
name = "trial"
seed = 1
[chain]
kind = "embedded"
block_time = "250ms"
[owners]
count = 4
min_nodes = 2
max_nodes = 4
redundancy = 2
tasks = 600
load = { poisson = "20/s" }
payload_size = { uniform = ["32 B", "128 B"] }
[miners]
count = 16
concurrency = 50
ack_delay = { uniform = ["10ms", "300ms"] }
work_time = { lognormal = { median = "2s", p95 = "3s" } }
commit_delay = { uniform = ["10ms", "600ms"] }
[oracle]
check_interval = "500ms"
"#;
const SLOWER: &str = "miners.work_time={ lognormal = { median = \"2400ms\", p95 = \"3600ms\" } }";
/// Four times the tasks, in four times the time.
const LONGER: &str = "owners.tasks=2400";
/// The function that is made dearer, and by how much.
const DEARER: (&str, f64) = ("ack", 1.02);
/// Work that is found to be slower in a run this short must be most of its phase.
const ANVIL: [&str; 4] = [
    "chain.kind=\"anvil\"",
    "owners.tasks=300",
    "owners.load={ poisson = \"30/s\" }",
    "miners.work_time=\"2s\"",
];
const ANVIL_SLOWER: &str = "miners.work_time=\"2400ms\"";
/// Scenarios that differ in arrivals, work, blocks and the number of actors, for pairs of identical ones.
const SCENARIOS: [(&str, &[&str]); 10] = [
    ("poisson", &[]),
    ("constant", &["owners.load={ constant = \"8/s\" }"]),
    ("closed", &["owners.load={ back_to_back = { in_flight = 3 } }"]),
    ("slow-blocks", &["chain.block_time=1s"]),
    ("constant-work", &["miners.work_time=700ms"]),
    ("exponential-work", &["miners.work_time={ exponential = \"1s\" }"]),
    (
        "scarce-miners",
        &[
            "miners.work_time={ lognormal = { median = \"1s\", p95 = \"4s\" } }",
            "miners.concurrency=3",
        ],
    ),
    ("one-owner", &["owners.count=1"]),
    ("one-miner-each", &["owners.redundancy=1", "owners.min_nodes=1"]),
    (
        "bursts",
        &["owners.load={ bursts = { rate = \"20/s\", on = \"2s\", off = \"4s\", arrivals = \"poisson\" } }"],
    ),
];
/// Seeds of each of them: every two are a pair.
const SEEDS_OF_A_SCENARIO: u64 = 7;
/// How often each plant is tried.
const PLANTS: u64 = 10;

fn main() -> Result<(), Box<dyn Error>> {
    let arguments: Vec<String> = env::args().collect();
    let on_anvil = arguments.iter().any(|argument| argument == "anvil");
    let asked = arguments.iter().find_map(|argument| argument.parse().ok());
    let trial = Trial::new(on_anvil)?;
    trial.identical(asked.unwrap_or(if on_anvil { 10 } else { 20 }))?;
    trial.planted(if on_anvil { 1 } else { PLANTS })?;
    if !on_anvil {
        trial.scenarios()?;
        trial.quickstart()?;
    }
    fs::remove_dir_all(&trial.folder)?;
    Ok(())
}

struct Trial {
    folder: PathBuf,
    /// Where runs in real time run.
    real: Option<(Runtime, ChainChoice)>,
}

impl Trial {
    fn new(on_anvil: bool) -> Result<Self, Box<dyn Error>> {
        let folder = env::temp_dir().join(format!("taskstorm-compare-{}", std::process::id()));
        fs::create_dir_all(&folder)?;
        let real = on_anvil.then(|| -> Result<_, Box<dyn Error>> {
            let search = Search::new(Environment::of_process()?);
            let chain = ChainChoice::Scenario {
                search,
                port: None,
                deployment: None,
            };
            Ok((Runtime::new()?, chain))
        });
        Ok(Self {
            folder,
            real: real.transpose()?,
        })
    }

    /// Runs with each of these seeds, in folders of this name; on a node one after another.
    fn run(&self, name: &str, seeds: &[u64], set: &[&str]) -> Result<(), Box<dyn Error>> {
        let one = |seed: u64| {
            self.run_one(&self.path(name, seed), seed, set)
                .map_err(|error| error.to_string())
        };
        match &self.real {
            None => parallel_map_seeds(seeds, one)
                .into_iter()
                .collect::<Result<(), _>>()?,
            Some(_) => seeds.iter().try_for_each(|seed| one(*seed))?,
        }
        Ok(())
    }

    fn run_one(&self, folder: &Path, seed: u64, set: &[&str]) -> Result<(), Box<dyn Error>> {
        let base: &[&str] = if self.real.is_some() { &ANVIL } else { &[] };
        let set = base.iter().chain(set);
        // On anvil every run has the same seed: what differs is the machine's.
        let seed = if self.real.is_some() { 1 } else { seed };
        let overrides: Vec<Override> = set
            .map(|set| Override::set(set))
            .chain([Override::seed(seed)])
            .collect();
        self.run_of(EMBEDDED, folder, &overrides)
    }

    fn run_of(&self, text: &str, folder: &Path, overrides: &[Override]) -> Result<(), Box<dyn Error>> {
        let Loaded { scenario, .. } = Loaded::from_toml_with("trial", text, overrides)?;
        let mut dir = RunDir::create(folder)?;
        let recorder = Recorder::new(REFERENCE).with_journal(dir.journal());
        let (result, histograms) = self.go(&scenario, recorder)?;
        assert!(result.complete, "{:?}", result.stop_message);
        dir.write(&FinishedRun {
            result: &result,
            histograms: &histograms,
            scenario: &scenario.to_toml(),
        })?;
        Ok(())
    }

    fn go(
        &self,
        scenario: &Scenario,
        recorder: Recorder,
    ) -> Result<(taskstorm::record::RunResult, taskstorm::record::Histograms), Box<dyn Error>> {
        let stop = CancellationToken::new();
        match &self.real {
            Some((runtime, chain)) => {
                Ok(runtime.block_on(run::run(scenario, chain, recorder, stop, |_: &Progress| {}))?)
            }
            None => {
                let ran = run::simulate(scenario, recorder, &stop, |_: &Progress| {})?;
                Ok((ran.result, ran.histograms))
            }
        }
    }

    fn path(&self, name: &str, seed: u64) -> PathBuf {
        self.folder.join(format!("{name}-{seed}"))
    }

    fn compare(&self, base: &Path, new: &Path, settings: &CompareSettings) -> Result<Comparison, String> {
        compare(&[base.to_owned()], &[new.to_owned()], settings).map_err(|error| error.to_string())
    }

    /// Pairs of identical runs.
    fn identical(&self, pairs: u64) -> Result<(), Box<dyn Error>> {
        let mut out = std::io::stdout();
        let seeds: Vec<u64> = (1..=2 * pairs).collect();
        self.run("same", &seeds, &[])?;
        let strict = CompareSettings {
            margin: Some(0.0),
            gas_margin: 0.0,
            ..CompareSettings::default()
        };
        let compared = parallel_map_seeds(&(1..=pairs).collect::<Vec<_>>(), |pair| {
            let [base, new] = [2 * pair - 1, 2 * pair].map(|seed| self.path("same", seed));
            let began = Instant::now();
            let usual = self.compare(&base, &new, &CompareSettings::default())?;
            let took = began.elapsed();
            Ok::<_, String>((usual, self.compare(&base, &new, &strict)?, took))
        });
        let (mut positives, mut wrong) = (0, 0);
        let (mut metrics, mut unknown) = (0, 0);
        for (pair, compared) in (1..).zip(compared) {
            let (usual, strict, took) = compared?;
            let (found, outside) = (changed(&usual), changed(&strict));
            positives += u64::from(!found.is_empty());
            wrong += u64::from(!outside.is_empty());
            metrics += usual.verdicts().count();
            unknown += usual.verdicts.not_enough_data;
            writeln!(
                out,
                "pair {pair:>3}  {:.2} s  {:?}  false positives {found:?}  intervals without 0 {outside:?}",
                took.as_secs_f64(),
                usual.verdicts
            )?;
        }
        writeln!(
            out,
            "{pairs} identical pairs, {:.0} % confidence: {positives} with a false positive, {wrong} with an interval that misses 0; \
             {unknown} of {metrics} verdicts are 'not enough data'",
            CompareSettings::default().confidence * 100.0
        )?;
        Ok(())
    }

    /// Pairs of which one is slower, or dearer.
    fn planted(&self, times: u64) -> Result<(), Box<dyn Error>> {
        self.dearer(times)?;
        if self.real.is_some() {
            return self.slower("same", times, &[ANVIL_SLOWER]);
        }
        self.slower("same", times, &[SLOWER])?;
        let seeds: Vec<u64> = (1..=times + 1).collect();
        self.run("long", &seeds, &[LONGER])?;
        self.slower("long", times, &[LONGER, SLOWER])
    }

    /// Runs of a side that was run, against runs with slower work.
    fn slower(&self, side: &str, times: u64, set: &[&str]) -> Result<(), Box<dyn Error>> {
        let mut out = std::io::stdout();
        let seeds: Vec<u64> = (1..=times).collect();
        let slow = format!("{side}-slow");
        self.run(&slow, &seeds, set)?;
        let forced = CompareSettings {
            force: true,
            ..CompareSettings::default()
        };
        let mut named = 0;
        for seed in seeds {
            let comparison = self.compare(&self.path(side, seed + 1), &self.path(&slow, seed), &forced)?;
            let found = changed(&comparison);
            named += u64::from(found.iter().any(|name| name.starts_with("task.precommit.")));
            writeln!(out, "slower work: {found:?}")?;
        }
        writeln!(out, "{slow}: a fifth slower work named in {named} of {times}")?;
        Ok(())
    }

    /// Every two runs of each of ten scenarios: how many pairs give a false positive, as runs of other seeds and as pairs.
    ///
    /// Runs that are pairs differ in nothing if nothing was changed. So the seed of one is given to the other, which makes a
    /// pair of runs that have no chance in common: the least favourable one.
    fn scenarios(&self) -> Result<(), Box<dyn Error>> {
        let seeds: Vec<u64> = (1..=SEEDS_OF_A_SCENARIO).collect();
        let mut tally = [Tally::default(), Tally::default()];
        for (name, set) in SCENARIOS {
            let set: Vec<&str> = set.iter().copied().chain(["owners.tasks=150"]).collect();
            self.run(name, &seeds, &set)?;
            for seed in &seeds {
                self.disguise(name, *seed)?;
            }
            for base in &seeds {
                for new in seeds.iter().filter(|new| *new > base) {
                    let what = format!("{name}, seeds {base} and {new}");
                    let (old, now) = (self.path(name, *base), self.path(name, *new));
                    tally[0].add(&what, |settings| self.compare(&old, &now, settings))?;
                    let [old, now] = [*base, *new].map(|seed| self.path(&disguised(name), seed));
                    tally[1].add(&format!("{what}, as pairs"), |settings| {
                        self.compare(&old, &now, settings)
                    })?;
                }
            }
        }
        tally[0].tell("ten scenarios, other seeds")?;
        tally[1].tell("ten scenarios, taken for pairs")
    }

    /// Every two of eight seeds of the quickstart scenario: short runs with blocks of a second.
    fn quickstart(&self) -> Result<(), Box<dyn Error>> {
        let seeds: Vec<u64> = (1..=8).collect();
        let library = Path::new(env!("CARGO_MANIFEST_DIR")).join("scenarios/quickstart.toml");
        let text = fs::read_to_string(library)?;
        parallel_map_seeds(&seeds, |seed| {
            let folder = self.path("quickstart", seed);
            self.run_of(
                &text,
                &folder,
                &[Override::set("chain.kind=\"embedded\""), Override::seed(seed)],
            )
            .map_err(|error| error.to_string())
        })
        .into_iter()
        .collect::<Result<(), _>>()?;
        let mut tally = Tally::default();
        for base in &seeds {
            for new in seeds.iter().filter(|new| *new > base) {
                let [old, now] = [*base, *new].map(|seed| self.path("quickstart", seed));
                tally.add(&format!("quickstart, seeds {base} and {new}"), |settings| {
                    self.compare(&old, &now, settings)
                })?;
            }
        }
        tally.tell("quickstart, other seeds")
    }

    /// A copy of a run with the seed 1, and a setting that nothing depends on: not the same calls, but a pair.
    fn disguise(&self, name: &str, seed: u64) -> Result<(), Box<dyn Error>> {
        let to = self.path(&disguised(name), seed);
        copy(&self.path(name, seed), &to)?;
        let path = to.join("summary.json");
        let mut summary: serde_json::Value = serde_json::from_slice(&fs::read(&path)?)?;
        summary["scenario"]["seed"] = 1.into();
        fs::write(path, serde_json::to_vec(&summary)?)?;
        let path = to.join("scenario.toml");
        let mut scenario: toml::Table = fs::read_to_string(&path)?.parse()?;
        let limits = scenario.get_mut("limits").and_then(toml::Value::as_table_mut);
        limits
            .ok_or("no limits")?
            .insert("drain".to_owned(), format!("{}s", 1_000 + seed).into());
        Ok(fs::write(path, toml::to_string(&scenario)?)?)
    }

    /// Runs against runs in which a function costs more. They are made from those of identical pairs.
    fn dearer(&self, times: u64) -> Result<(), Box<dyn Error>> {
        let mut out = std::io::stdout();
        let mut named = 0;
        for seed in 1..=times {
            let dear = self.path("dear", seed);
            copy(&self.path("same", seed), &dear)?;
            plant_gas(&dear)?;
            let comparison =
                self.compare(&self.path("same", seed + 1), &dear, &CompareSettings::default())?;
            let found = changed(&comparison);
            named += u64::from(found == ["phase.ack.gas", "function.ack.gas"]);
            writeln!(out, "dearer ack: {found:?}")?;
        }
        writeln!(
            out,
            "2 % more gas of ack named, and nothing else, in {named} of {times}"
        )?;
        Ok(())
    }
}

fn disguised(name: &str) -> String {
    format!("{name}-disguised")
}

/// What identical pairs come to.
#[derive(Debug, Default)]
struct Tally {
    pairs: u32,
    /// With a verdict of better or worse.
    positives: u32,
    /// With an interval of a latency, or of gas, that does not hold 0.
    latency: u32,
    gas: u32,
    verdicts: usize,
    inconclusive: usize,
}

impl Tally {
    fn add(
        &mut self,
        what: &str,
        compare: impl Fn(&CompareSettings) -> Result<Comparison, String>,
    ) -> Result<(), Box<dyn Error>> {
        let compared = compare(&CompareSettings {
            force: true,
            ..CompareSettings::default()
        })?;
        let misses = |low: f64, high: f64| low > 0.0 || high < 0.0;
        let metrics = compared.latency.iter().flat_map(|latency| &latency.metrics);
        let intervals = metrics.filter_map(|metric| metric.interval_us);
        self.latency += u32::from(
            intervals
                .into_iter()
                .any(|interval| misses(interval.low, interval.high)),
        );
        let mut gas = compared.gas.iter().filter_map(|gas| gas.interval);
        self.gas += u32::from(gas.any(|interval| misses(interval.low, interval.high)));
        let found = changed(&compared);
        self.pairs += 1;
        self.positives += u32::from(!found.is_empty());
        self.verdicts += compared.verdicts().count();
        self.inconclusive += compared.verdicts.not_enough_data;
        if !found.is_empty() {
            writeln!(std::io::stdout(), "{what}: {found:?}")?;
        }
        Ok(())
    }

    fn tell(&self, what: &str) -> Result<(), Box<dyn Error>> {
        Ok(writeln!(
            std::io::stdout(),
            "{what}: of {} identical pairs {} with a false positive, {} with an interval of a latency that misses 0, {} of gas; {} of {} \
             verdicts are 'inconclusive'",
            self.pairs,
            self.positives,
            self.latency,
            self.gas,
            self.inconclusive,
            self.verdicts
        )?)
    }
}

/// Copies the files of a run.
fn copy(from: &Path, to: &Path) -> Result<(), Box<dyn Error>> {
    fs::create_dir_all(to)?;
    for entry in fs::read_dir(from)? {
        let entry = entry?;
        if entry.file_type()?.is_file() {
            fs::copy(entry.path(), to.join(entry.file_name()))?;
        }
    }
    Ok(())
}

/// The metrics that are said to have changed.
fn changed(comparison: &Comparison) -> Vec<String> {
    let verdicts = comparison.verdicts();
    verdicts
        .filter(|(_, verdict)| matches!(verdict, Verdict::Worse | Verdict::Better))
        .map(|(name, _)| name.to_owned())
        .collect()
}

/// Makes a function dearer in the rows of a run.
fn plant_gas(folder: &Path) -> Result<(), Box<dyn Error>> {
    let path = folder.join("transactions.csv");
    let mut reader = csv::Reader::from_path(&path)?;
    let header = reader.headers()?.clone();
    let place = |column: &str| header.iter().position(|name| name == column);
    let (called, gas) = (
        place("function").ok_or("no function")?,
        place("gas_used").ok_or("no gas")?,
    );
    let rows = reader.records().collect::<Result<Vec<_>, _>>()?;
    let mut writer = csv::Writer::from_path(&path)?;
    writer.write_record(&header)?;
    for row in rows {
        let dearer = |(index, cell): (usize, &str)| match cell.parse::<f64>() {
            Ok(used) if index == gas && row.get(called) == Some(DEARER.0) => {
                format!("{}", (used * DEARER.1).round() as u64)
            }
            _ => cell.to_owned(),
        };
        writer.write_record(row.iter().enumerate().map(dearer))?;
    }
    Ok(writer.flush()?)
}
