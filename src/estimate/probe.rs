//! Measures the cost of tasks, sessions and miners by running a few of them on the embedded chain.

use tokio_util::sync::CancellationToken;

use super::{
    cost::{Cost, GroupCost, SessionCost},
    setup,
};
use crate::{
    protocol::{REFERENCE, SetupStep},
    record::{Progress, Recorder},
    run::{RunError, simulate_unjudged},
    scenario::Scenario,
};

/// Runs some tasks of the group `index` alone, each given to `redundancy` miners in the mean. Between two whole numbers of
/// miners what tasks take is as much between what they take with these: every miner adds the same.
pub(super) fn probe(scenario: &Scenario, index: usize, redundancy: f64) -> Result<GroupCost, RunError> {
    let few = probe_with(scenario, index, redundancy.floor() as u32)?;
    let share = redundancy.fract();
    if share == 0.0 {
        return Ok(few);
    }
    Ok(few.towards(probe_with(scenario, index, redundancy.ceil() as u32)?, share))
}

/// Runs some tasks of the group `index` alone, each given to `redundancy` miners. Sessions and miners are as many per task
/// as they are in the scenario, so that what costs more the first time has the same share; a small
/// group is run whole.
fn probe_with(scenario: &Scenario, index: usize, redundancy: u32) -> Result<GroupCost, RunError> {
    let cut = scenario.sample(index, redundancy);
    let (sessions, sample_sessions) = (
        scenario.owners[index].total_sessions(),
        cut.owners[0].total_sessions(),
    );
    let ran = simulate_unjudged(
        &cut,
        Recorder::new(REFERENCE),
        &CancellationToken::new(),
        |_: &Progress| {},
    )?
    .result;
    let mut cost = GroupCost {
        sampled: ran.tasks.submitted,
        task_us: ran.total_time().map(|stats| stats.mean.round() as u64),
        ..GroupCost::default()
    };
    let (mut miners, mut created) = (Cost::default(), SessionCost::default());
    for (function, result) in &ran.functions {
        let took = Cost {
            transactions: result.transactions.total,
            gas: result.gas_total,
        };
        match function.setup_step() {
            Some(SetupStep::MinerJoins) => miners.add(took),
            Some(SetupStep::SessionOpens) => created.creates.add(took),
            Some(SetupStep::SessionFollows) => created.follow_ups.add(took),
            None => cost.per_sample.add(took),
        }
    }
    cost.miners = miners.times(scenario.pool_at_setup(), cut.pool_at_setup());
    cost.sessions = SessionCost {
        creates: created.creates.times(sessions, sample_sessions),
        follow_ups: created.follow_ups.times(sessions, sample_sessions),
    };
    let blocks = setup::blocks(&cut, miners, &[created]);
    let block_us = cut.chain.block_time.as_micros() as u64;
    let setup_us = ran.load.setup_end_us.unwrap_or_default().0;
    cost.besides_blocks_us = setup_us.saturating_sub(blocks.saturating_mul(block_us));
    Ok(cost)
}
