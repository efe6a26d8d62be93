//! A run in this process, in virtual time.

use tokio_util::sync::CancellationToken;

use super::{
    RunError,
    facts::{facts, set_by},
    scene::{BALANCE, fees_on, redundancy, window_seconds},
};
use crate::{
    chain::embedded::{Config, EmbeddedChain, Pending, VERSION},
    driver::{
        Audience, Cast, Course, Engine, accounts,
        virtual_time::{self, Account, Settings},
    },
    plan::{Key, Plan, StreamSeed},
    protocol::{ActorId, Addresses, Contracts, Deployment},
    record::{ChainFacts, Histograms, Recorder, RunResult},
    scenario::{DelayDistribution, Scenario},
};

/// The id of the embedded chain; anvil's.
const CHAIN_ID: u64 = 31_337;
/// The timestamp at which every run in virtual time starts, in seconds since the Unix epoch: the start of 2026.
const START: u64 = 1_767_225_600;
/// How many blocks the deployment may take.
const DEPLOYMENT_BLOCKS: u64 = 100;

/// Runs `scenario` on an embedded chain.
pub(super) fn run(
    scenario: &Scenario,
    recorder: Recorder,
    stop: &CancellationToken,
    audience: impl Audience,
) -> Result<(RunResult, Histograms), RunError> {
    let plan = Plan::of(scenario);
    let (chain, addresses) = open(scenario, &plan)?;
    let settings = Settings {
        chain,
        block_time: scenario.chain.block_time,
        start_timestamp: START,
        submission_delay: DelayDistribution::Constant(std::time::Duration::ZERO),
        accounts: open_accounts(&plan),
        course: Course::of(scenario, &plan),
    };
    let cast = Cast::new(&plan, window_seconds(scenario.windows));
    let engine = Engine::new(cast, Contracts::new(addresses, redundancy(scenario)), recorder);
    let (recorder, ended) = virtual_time::run(engine, settings, stop, audience);
    let chain = ChainFacts {
        client_version: Some(VERSION.to_owned()),
        chain_id: CHAIN_ID,
        ..set_by(scenario, "embedded", &addresses)
    };
    Ok(recorder.finish(facts(scenario, None, chain, ended)))
}

/// A chain with every account of `plan` funded and the contracts deployed, in the blocks just before the run starts.
fn open(scenario: &Scenario, plan: &Plan) -> Result<(EmbeddedChain, Addresses), RunError> {
    let mut chain = EmbeddedChain::new(Config {
        hardfork: scenario.chain.hardfork,
        chain_id: CHAIN_ID,
        gas_limit: scenario.chain.gas_limit,
        genesis_timestamp: START - DEPLOYMENT_BLOCKS,
        seed: scenario.seed,
        ..Config::default()
    });
    for (_, key) in accounts(plan) {
        chain.fund(key.address, BALANCE);
    }
    let deployer = plan.deployer.address;
    chain.fund(deployer, BALANCE);
    let oracles: Vec<_> = plan.oracles.iter().map(|oracle| oracle.key.address).collect();
    let deployment = Deployment::new(
        deployer,
        0,
        window_seconds(scenario.windows),
        scenario.price,
        &oracles,
    );
    for (id, invocation) in (0..).zip(&deployment.steps) {
        let pending = Pending {
            id,
            from: deployer,
            nonce: id,
            invocation: invocation.clone(),
            bid: fees_on(CHAIN_ID).bid,
        };
        chain
            .submit(pending)
            .map_err(|refused| RunError::Embedded(refused.to_string()))?;
    }
    let mut deployed = 0;
    for block in 1..DEPLOYMENT_BLOCKS {
        let mined = chain.mine(START - DEPLOYMENT_BLOCKS + block);
        if let Some(receipt) = mined.block.receipts.iter().find(|receipt| !receipt.success) {
            return Err(RunError::Embedded(format!("{:?} failed", receipt.hash)));
        }
        deployed += mined.block.receipts.len();
        if deployed == deployment.steps.len() {
            return Ok((chain, deployment.addresses));
        }
    }
    Err(RunError::Embedded(format!(
        "it takes more than {DEPLOYMENT_BLOCKS} blocks"
    )))
}

/// The account of every actor of `plan`.
fn open_accounts(plan: &Plan) -> Vec<Account> {
    let account = |(actor, key): (ActorId, &Key)| Account {
        actor,
        address: key.address,
        bid: fees_on(CHAIN_ID).bid,
        network: StreamSeed::derive(0, "network", actor.index),
    };
    accounts(plan).map(account).collect()
}
