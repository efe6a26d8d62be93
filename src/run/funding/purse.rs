//! The money that each account of a run needs: gas for the transactions that it is expected to send, and what these transfer.

use std::collections::BTreeMap;

use alloy::primitives::U256;

use crate::{
    plan::{Key, LoadPlan, Plan, PlannedAccount},
    protocol::{DeploymentStep, Role},
    run::profile_sample::{ProfileSample, Transferred},
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
    /// Wei that its transactions transfer at setup.
    pub value: U256,
    /// Wei that it is paid for ahead, for what its transactions transfer after setup.
    pub value_ahead: U256,
    /// The most wei that one of these is expected to transfer.
    pub largest_value: U256,
}

/// The purses of all accounts of `plan`, which is that of `scenario`; the last is the deployer's, who pays for the `steps` of the
/// deployment. Calls of a profile need what those of the sample do.
pub(in crate::run) fn purses(
    scenario: &Scenario,
    plan: &Plan,
    steps: &[DeploymentStep],
    sample: Option<&ProfileSample>,
) -> Vec<Purse> {
    let mut purses = match sample {
        Some(sample) => of_profile(plan, sample),
        None => of_reference(plan),
    };
    for purse in &mut purses {
        // No chain takes a transaction that is larger than a block.
        purse.largest = purse.largest.min(scenario.chain.gas_limit);
    }
    // The deployer of a profile takes steps of set-up as an actor, too.
    let place = purses.iter().position(|purse| purse.key == plan.deployer);
    let as_actor = place.map(|place| purses.remove(place));
    let (gas, value) = as_actor.map_or((0, U256::ZERO), |purse| {
        (purse.gas, purse.value + purse.value_ahead)
    });
    let limits = steps.iter().map(|step| step.gas_limit);
    let values = steps.iter().map(|step| step.value);
    purses.push(Purse {
        key: plan.deployer.clone(),
        gas: limits.fold(gas, u64::saturating_add),
        largest: 0,
        value: values.fold(value, U256::saturating_add),
        value_ahead: U256::ZERO,
        largest_value: U256::ZERO,
    });
    purses
}

/// The purses of a profile's actors, each for as many calls of as much gas as one of the sample may use, and for what the calls of
/// its role transfer on average, at most as many times the largest.
fn of_profile(plan: &Plan, sample: &ProfileSample) -> Vec<Purse> {
    const AHEAD: u64 = MOST_AHEAD / 2;
    let gas = sample
        .gas_limits
        .iter()
        .flatten()
        .copied()
        .max()
        .unwrap_or(OF_PROFILE);
    let transferred = |account: &PlannedAccount<'_>| {
        let of_account = sample.transferred.get(&account.key.address);
        of_account.copied().unwrap_or_default()
    };
    let mut roles: BTreeMap<Role, (u64, Transferred)> = BTreeMap::new();
    for account in plan.accounts() {
        let (actors, of_role) = roles.entry(account.actor.role).or_default();
        let of_account = transferred(&account);
        *actors += 1;
        of_role.load += of_account.load;
        of_role.largest = of_role.largest.max(of_account.largest);
    }
    let purse = |account: PlannedAccount<'_>| {
        let (actors, of_role) = roles.get(&account.actor.role).copied().unwrap_or_default();
        let most = of_role.largest.saturating_mul(U256::from(AHEAD));
        // What an actor transfers of all tasks, if it has its share of them.
        let expected = plan.tasks.map(|tasks| {
            let load = of_role
                .load
                .saturating_mul(U256::from(tasks.saturating_mul(MARGIN)));
            load / U256::from(sample.tasks.max(1)) / U256::from(actors.max(1))
        });
        let least = of_role.largest.saturating_mul(U256::from(MARGIN));
        Purse {
            value: transferred(&account).set_up,
            value_ahead: expected.unwrap_or(most).clamp(least, most),
            largest_value: of_role.largest,
            ..purse(account.key, AHEAD, gas, 0, U256::ZERO)
        }
    };
    plan.accounts().map(purse).collect()
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
        value_ahead: U256::ZERO,
        largest_value: U256::ZERO,
    }
}
