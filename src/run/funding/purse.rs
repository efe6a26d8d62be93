//! The money that each account of a run needs: gas for the transactions that it is expected to send, and what these transfer.

use alloy::primitives::U256;

use crate::{
    plan::{Key, LoadPlan, Plan},
    protocol::Invocation,
    scenario::Scenario,
};

/// The most transactions that an account is paid for ahead; it is topped up when half of that is spent.
const MOST_AHEAD: u64 = 100;
/// The least: an account that is expected to send few may send more.
const LEAST_AHEAD: u64 = 10;
/// The gas limit of a transaction that stores nothing of its sender's.
const PLAIN: u64 = 300_000;
/// Gas per miner of a task that a transaction deals with.
const PER_MINER: u64 = 50_000;
/// Gas per byte of a payload.
const PER_BYTE: u64 = 300;
/// Gas per miner that a session draws.
const PER_NODE: u64 = 90_000;
/// The gas of a call of a profile where it is not known.
const OF_PROFILE: u64 = 1_000_000;
/// How much more than the mean is allowed for: miners are drawn at random, and payloads differ.
const MARGIN: u64 = 2;

/// An account of a run and what it needs.
#[derive(Clone, Debug)]
pub struct Purse {
    /// The account.
    pub key: Key,
    /// Gas that it is paid for ahead, by the limits of its transactions.
    pub gas: u64,
    /// The gas limit of the largest of its transactions that is expected.
    pub largest: u64,
    /// Wei that its transactions transfer, at setup.
    pub value: U256,
}

/// The purses of all accounts of `plan`, which is that of `scenario`; the last is the deployer's, who pays for the `steps` of the
/// deployment. Calls of a profile use `gas` at most, as far as that is known.
pub(in crate::run) fn purses(
    scenario: &Scenario,
    plan: &Plan,
    steps: &[Invocation],
    gas: Option<u64>,
) -> Vec<Purse> {
    let mut purses = if plan.profile.is_some() {
        of_profile(plan, gas.unwrap_or(OF_PROFILE))
    } else {
        of_reference(plan)
    };
    for purse in &mut purses {
        // No chain takes a transaction that is larger than a block.
        purse.largest = purse.largest.min(scenario.chain.gas_limit);
    }
    // The deployer of a profile takes steps of set-up as an actor, too.
    let place = purses.iter().position(|purse| purse.key == plan.deployer);
    let as_actor = place.map(|place| purses.remove(place).gas);
    let limits = steps.iter().map(|step| step.gas_limit);
    let value = steps.iter().map(|step| step.value).sum();
    purses.push(Purse {
        key: plan.deployer.clone(),
        gas: limits.fold(as_actor.unwrap_or_default(), u64::saturating_add),
        largest: 0,
        value,
    });
    purses
}

/// The purses of a profile's actors, each for as many calls of so much gas. What the calls transfer is not known.
fn of_profile(plan: &Plan, gas: u64) -> Vec<Purse> {
    let accounts = plan.accounts();
    accounts
        .map(|account| purse(account.key, MOST_AHEAD / 2, gas, 0, U256::ZERO))
        .collect()
}

/// The purses of owners, miners and oracles.
fn of_reference(plan: &Plan) -> Vec<Purse> {
    let tasks = plan.tasks.unwrap_or(u64::MAX);
    let redundancy = plan.owners.iter().flat_map(|owner| &owner.sessions);
    let redundancy = redundancy
        .map(|session| session.spec.redundancy)
        .max()
        .unwrap_or(1);
    let of_task = PLAIN.saturating_add(PER_MINER.saturating_mul(redundancy));
    let share = |of: usize| tasks.div_ceil(of.max(1) as u64);

    let owners = plan.owners.iter().map(|owner| {
        let nodes = owner
            .sessions
            .iter()
            .map(|session| session.spec.max_nodes)
            .sum::<u64>();
        let opened = 2 * owner.sessions.len() as u64;
        let setup = (PLAIN.saturating_mul(opened)).saturating_add(PER_NODE.saturating_mul(nodes));
        let submitted = match &owner.load {
            LoadPlan::Open(arrivals) => arrivals.len() as u64,
            LoadPlan::Closed { .. } => MOST_AHEAD,
        };
        let submit = of_task.saturating_add(bytes(owner.payload_size.mean() as u64));
        purse(
            &owner.key,
            submitted,
            submit,
            setup,
            owner.sessions.iter().map(|session| session.deposit).sum(),
        )
    });
    let miners = plan.miners.iter().map(|miner| {
        let answers = share(plan.miners.len())
            .saturating_mul(redundancy)
            .saturating_mul(3 * MARGIN);
        let answer = of_task.saturating_add(bytes(miner.result_size.mean() as u64));
        purse(&miner.key, answers, answer, PLAIN, U256::ZERO)
    });
    let oracles = plan.oracles.iter().map(|oracle| {
        let ends = share(plan.oracles.len()).saturating_mul(MARGIN);
        purse(&oracle.key, ends, of_task, 0, U256::ZERO)
    });
    owners.chain(miners).chain(oracles).collect()
}

/// Gas that a payload of so many bytes takes in the mean, with a margin.
const fn bytes(mean: u64) -> u64 {
    mean.saturating_mul(PER_BYTE * MARGIN)
}

/// The purse of an account that sends so many transactions of so much gas each after a setup of `setup` gas.
fn purse(key: &Key, transactions: u64, each: u64, setup: u64, value: U256) -> Purse {
    let ahead = transactions.clamp(LEAST_AHEAD, MOST_AHEAD);
    Purse {
        key: key.clone(),
        gas: setup.saturating_add(each.saturating_mul(ahead)),
        largest: each,
        value,
    }
}
