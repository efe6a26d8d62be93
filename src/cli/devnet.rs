//! `taskstorm devnet`: a chain with simulated miners and an oracle, for developers of clients.

use std::{
    path::{Path, PathBuf},
    time::Duration,
};

use super::{
    Exit, Failure,
    chain::AnvilArgs,
    output,
    scenario::{self, log_warnings},
    signals,
};
use crate::{
    artifacts::Artifacts,
    chain::anvil,
    devnet::{self, DevnetSettings, Folder, Outcome},
    protocol::{BuildError, ContractBuild, ContractNames},
    record::StopReason,
    report::devnet::devnet_banner,
    run::{DeploymentFile, RunError},
    scenario::{ChainSpec, Loaded, Override, Scenario, units::parse_duration},
};

/// Run a local chain whose miners and oracle answer your client's tasks.
///
/// Starts anvil, deploys the contracts and keeps simulated miners and an oracle answering until Ctrl-C, SIGTERM or SIGHUP.
/// Prints the endpoint and the addresses, and writes them to deployment.json, which is removed when the devnet ends.
///
/// Exit codes: 0 stopped after it was ready · 130 stopped before · otherwise as for every command.
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// Scenario that runs a profile: its actors are simulated, but those who submit tasks by its load; your client does that.
    /// Without it: miners and an oracle of the reference protocol, as the flags below say.
    #[arg(
        value_name = "SCENARIO",
        conflicts_with_all = ["miners", "oracles", "ack_delay", "work_time", "commit_delay", "block_time", "seed"]
    )]
    scenario: Option<PathBuf>,
    #[command(flatten)]
    anvil: AnvilArgs,
    /// Port for HTTP and WebSocket; 0 for any free port.
    #[arg(long, default_value_t = 8545)]
    port: u16,
    /// Number of simulated miners.
    #[arg(long, value_name = "N", default_value_t = 10, value_parser = clap::value_parser!(u32).range(..=10_000))]
    miners: u32,
    /// Number of simulated oracles; with 0, your client must end tasks.
    #[arg(long, value_name = "N", default_value_t = 1, value_parser = clap::value_parser!(u32).range(..=100))]
    oracles: u32,
    /// Time between blocks.
    #[arg(long, value_name = "TIME", default_value = "1s", value_parser = block_time)]
    block_time: Duration,
    /// Delay from a task's assignment to a miner's ack.
    #[arg(long, value_name = "TIME", default_value = "100ms", value_parser = delay)]
    ack_delay: Duration,
    /// Work time of a miner per task.
    #[arg(long, value_name = "TIME", default_value = "500ms", value_parser = delay)]
    work_time: Duration,
    /// Delay from the end of the precommit phase to a miner's reveal.
    #[arg(long, value_name = "TIME", default_value = "100ms", value_parser = delay)]
    commit_delay: Duration,
    /// Seed of the miners' accounts and results, and of the contracts' addresses.
    #[arg(long, default_value_t = 0, value_parser = clap::value_parser!(u64).range(..=Scenario::MAX_SEED))]
    seed: u64,
    /// Contracts to deploy: a folder of Foundry or Hardhat artifacts, the root of such a project, or a file of solc's JSON
    /// output. Without it: the built-in reference contracts, or those of the profile.
    #[arg(long, value_name = "DIR")]
    artifacts: Option<PathBuf>,
    /// Contracts that are there already instead of new ones, in the state that the SCENARIO's chain starts from (`fork` or
    /// `state` of its [chain]): deployment.json of taskstorm devnet, run-latest.json of forge script, or
    /// deployed_addresses.json of Hardhat Ignition.
    #[arg(long, value_name = "FILE", requires = "scenario")]
    deployment: Option<PathBuf>,
    /// Output folder for deployment.json and the ABIs.
    #[arg(long, value_name = "DIR", default_value = "devnet")]
    out: PathBuf,
}

pub(super) async fn run(args: Args) -> Result<Exit, Failure> {
    let stop = signals::stop_on_signal().map_err(Failure::unexpected)?;
    let artifacts = args.artifacts.as_deref();
    let profile = args.scenario.as_deref();
    let profile = profile.map(|file| scenario(file, artifacts)).transpose()?;
    let contracts = match artifacts.filter(|_| profile.is_none()) {
        Some(path) => build(path)?,
        None => ContractBuild::built_in(),
    };
    let deployment = match (&args.deployment, &profile) {
        (Some(_), Some(scenario)) if !scenario.chain.starts_from_state() => {
            return Err(Failure::usage(
                "--deployment names contracts on a chain, and the devnet's is empty",
                "say in the scenario what it starts from: [chain] fork = \"http://host:port\", or state = \"dump.json\"",
            ));
        }
        (Some(path), _) => {
            Some(DeploymentFile::read(path).map_err(|error| Failure::plain(Exit::Usage, error))?)
        }
        (None, _) => None,
    };
    let settings = DevnetSettings {
        contracts,
        search: args.anvil.search().map_err(Failure::unexpected)?,
        port: (args.port != 0).then_some(args.port),
        block_time: args.block_time,
        seed: args.seed,
        miners: args.miners,
        oracles: args.oracles,
        ack_delay: args.ack_delay,
        work_time: args.work_time,
        commit_delay: args.commit_delay,
        profile,
        deployment,
    };
    let folder = Folder::create(args.out, &settings.artifacts())
        .map_err(|error| Failure::plain(Exit::Usage, error))?;
    let mut announced = None;
    let served = devnet::serve(&settings, stop.clone(), |deployment| {
        let published = folder.publish(deployment).map_err(Failure::unexpected);
        let printed = output::print(&devnet_banner(&folder.deployment(), &settings, deployment));
        let (published, written) = match published {
            Ok(published) => (Some(published), Ok(())),
            Err(failure) => {
                stop.cancel();
                (None, Err(failure))
            }
        };
        announced = Some([written, printed]);
        published
    });
    let outcome = served.await.map_err(failure)?;
    exit(outcome, announced.is_some()).after(announced.into_iter().flatten())
}

/// The scenario in this file, which must run a profile, with the contracts in these artifacts in the place of the profile's.
fn scenario(path: &Path, artifacts: Option<&Path>) -> Result<Scenario, Failure> {
    let overrides: Vec<Override> = artifacts.map(scenario::artifacts).into_iter().collect();
    let Loaded { scenario, warnings } = Loaded::with_overrides(path, &overrides)?;
    log_warnings(warnings);
    if scenario.profile.is_none() {
        return Err(Failure::usage(
            format!("{} runs no profile", path.display()),
            "give a scenario with `protocol`, or say by --miners and the other flags who is simulated",
        ));
    }
    Ok(scenario)
}

/// The build of the contracts in these artifacts; what is doubtful about it is logged.
fn build(path: &Path) -> Result<ContractBuild, Failure> {
    let source = path.display().to_string();
    let build = Artifacts::open(path)
        .map_err(BuildError::from)
        .and_then(|artifacts| ContractBuild::of(&artifacts, &ContractNames::default(), source))
        .map_err(|error| Failure::usage(format!("--artifacts: {error}"), error.help()))?;
    for warning in build.warnings() {
        tracing::warn!("{warning}");
    }
    Ok(build)
}

/// How a devnet that came this far ends the process: being stopped is what it waits for once it is ready.
fn exit(outcome: Outcome, was_ready: bool) -> Exit {
    for violation in &outcome.violations {
        tracing::error!("an invariant was broken: {violation}");
    }
    if let Some(message) = outcome.ended.message {
        tracing::error!("{message}");
    }
    match outcome.ended.reason {
        StopReason::ChainLost => Exit::Chain,
        _ if !outcome.violations.is_empty() => Exit::Invariant,
        StopReason::Interrupted if was_ready => Exit::Done,
        StopReason::Interrupted => Exit::Interrupted,
        StopReason::Failed
        | StopReason::TimedOut
        | StopReason::ThresholdLost
        | StopReason::Unknown
        | StopReason::Finished => Exit::Failed,
    }
}

/// A port that is taken is the usual failure, and has a remedy of its own here.
fn failure(error: RunError) -> Failure {
    match error {
        RunError::Anvil(anvil::Error::PortInUse { port }) => Failure::plain(Exit::Chain, PortInUse { port }),
        error => error.into(),
    }
}

#[derive(Debug, thiserror::Error)]
#[error(
    "port {port} is in use on 127.0.0.1: stop what listens there, or choose another with --port (0 for any free one)"
)]
struct PortInUse {
    port: u16,
}

fn delay(text: &str) -> Result<Duration, String> {
    parse_duration(text).map_err(|problem| format!("it {problem}; write 500ms or 2s"))
}

fn block_time(text: &str) -> Result<Duration, String> {
    const ALLOWED: std::ops::RangeInclusive<Duration> = ChainSpec::MIN_BLOCK_TIME..=ChainSpec::MAX_BLOCK_TIME;
    let time = delay(text)?;
    if ALLOWED.contains(&time) {
        Ok(time)
    } else {
        Err("it must be from 50ms to 60s".to_owned())
    }
}
