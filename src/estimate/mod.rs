//! Estimates of a scenario before it runs: transactions, gas, blocks, duration, and
//! whether the chain and the miners can hold its load.
//!
//! [`Estimate`] is quick: some tasks of every group are run on the embedded chain, which charges to the unit
//! what any chain of the same hardfork does, and what they took is scaled up. Everything else is arithmetic on the plan
//! and assumes that nothing fails and nothing waits for want of room; where the load is more than the chain or the
//! miners can hold, the verdict says so, and the time is that of working it off. [`Forecast`] assumes nothing: it simulates
//! the scenario with several seeds, and says in which ranges the figures of a run lie.

mod cost;
mod demand;
mod forecast;
mod offered;
mod population;
mod probe;
mod setup;
mod simulated;

use serde::Serialize;

pub use self::{
    cost::Cost,
    forecast::{Forecast, Range},
    offered::Offered,
    simulated::Simulated,
};
use self::{
    cost::GroupCost,
    demand::{Demand, GroupDemand},
    population::GroupDraws,
    probe::probe,
};
use crate::{run::RunError, scenario::Scenario};

/// What a scenario will come to.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Estimate {
    /// Tasks that are submitted.
    pub tasks: u64,
    /// Tasks that were run on the embedded chain to see what they take. The numbers of transactions and the gas are exact
    /// if these are all, and nothing of the load depends on time.
    pub sampled_tasks: u64,
    /// What comes before the load: registrations, sessions, deposits.
    pub setup: Cost,
    /// What the tasks take.
    pub load: Cost,
    /// Tasks per second.
    pub rate: Level,
    /// Gas that the load needs over gas that blocks hold; setup is not in it.
    pub block_gas: Level,
    /// Miners' time that the load needs over what they have, tasks at once times miners (Little's law).
    pub miners: Level,
    /// The duration of setup, in µs.
    pub setup_us: u64,
    /// From the first task to the end of the last, in µs.
    pub load_us: u64,
    /// The duration of a task from its submission to its end when nothing is in its way, in µs; the mean.
    pub task_us: u64,
    /// Blocks until then, setup's included.
    pub blocks: u64,
    /// What is in none of these numbers.
    pub left_out: Vec<LeftOut>,
    /// Whether some owners submit only when a task ends: they slow down where the chain or the miners are full.
    pub closed: bool,
}

/// Something that an estimate takes no account of.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum LeftOut {
    /// What owners do with their sessions beside submitting tasks.
    Management,
    /// Miners that join, go and come back.
    Churn,
    /// Which miners sessions draw, where groups of miners differ in the size of their results: each group is taken to get
    /// the share of tasks that it has of the miners.
    Draws,
    /// Arrivals that are dropped, since too many tasks are in flight.
    Dropped,
}

impl LeftOut {
    /// In words.
    #[must_use]
    pub const fn description(self) -> &'static str {
        match self {
            Self::Management => "what owners do beside submitting",
            Self::Churn => "miners that come and go",
            Self::Draws => "which miners sessions draw: their results differ in size",
            Self::Dropped => "arrivals that max_in_flight drops",
        }
    }
}

fn left_out(scenario: &Scenario) -> Vec<LeftOut> {
    let (owners, miners) = (&scenario.owners, &scenario.miners);
    [
        (
            LeftOut::Management,
            owners.iter().any(|group| !group.manage.is_empty()),
        ),
        (
            LeftOut::Churn,
            miners
                .iter()
                .any(|group| group.churn.is_some() || group.join_after.is_some()),
        ),
        (
            LeftOut::Draws,
            miners
                .windows(2)
                .any(|pair| pair[0].result_size != pair[1].result_size),
        ),
        (
            LeftOut::Dropped,
            owners
                .iter()
                .any(|group| group.submissions.max_in_flight.is_some()),
        ),
    ]
    .into_iter()
    .filter_map(|(what, is_there)| is_there.then_some(what))
    .collect()
}

/// How high a load is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize)]
pub struct Level {
    /// On average over the time in which tasks arrive.
    pub mean: f64,
    /// In the busiest second, or the busiest block if that is longer.
    pub peak: f64,
}

/// Whether a resource can hold a load.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum LoadVerdict {
    /// At every moment.
    Holds,
    /// On average, but not in the busiest second: a queue builds up and is worked off again.
    Queues,
    /// No: a queue grows for as long as tasks arrive.
    Overloaded,
}

impl LoadVerdict {
    /// The verdict on a resource of which so much is needed.
    #[must_use]
    pub fn of(needed: Level) -> Self {
        if needed.mean > 1.0 {
            Self::Overloaded
        } else if needed.peak > 1.0 {
            Self::Queues
        } else {
            Self::Holds
        }
    }
}

impl Estimate {
    /// What `scenario`, of the reference protocol, will come to. What one of a profile offers and takes, [`Offered`] and
    /// [`Simulated`] say.
    ///
    /// # Errors
    /// If its contracts cannot be deployed.
    pub fn of(scenario: &Scenario) -> Result<Self, RunError> {
        let draws: Vec<GroupDraws> = scenario
            .owners
            .iter()
            .map(|group| GroupDraws::of(scenario, group))
            .collect();
        let costs = (0..)
            .zip(&draws)
            .map(|(group, draws)| probe(scenario, group, draws.redundancy))
            .collect::<Result<Vec<GroupCost>, _>>()?;
        let tasks_take = |cost: &GroupCost| cost.task_us.unwrap_or_default();
        let demands: Vec<GroupDemand> = costs
            .iter()
            .enumerate()
            .map(|(index, cost)| GroupDemand::of(scenario, index, &draws[index], tasks_take(cost)))
            .collect();
        let demand = Demand::of(scenario, &draws, &demands, &costs);

        let mut setup = Cost::default();
        let mut load = Cost::default();
        for (demand, cost) in demands.iter().zip(&costs) {
            setup.add(cost.sessions.total());
            load.add(cost.per_sample.times(demand.tasks, cost.sampled));
        }
        // Every probe registers miners; they do so once.
        let miners = costs.first().map(|cost| cost.miners).unwrap_or_default();
        setup.add(miners);

        let block_us = scenario.chain.block_time.as_micros() as f64;
        let setup_us = setup::duration_us(scenario, &costs);
        // A sampled task is submitted when a block was seen, as those of a closed load are. Others arrive between two blocks,
        // and wait half as long for the first in the mean.
        let unhindered = costs
            .iter()
            .zip(&demands)
            .map(|(cost, demand)| match demand.closed {
                true => tasks_take(cost),
                false => tasks_take(cost).saturating_sub(block_us as u64 / 2),
            });
        let task_us = unhindered.max().unwrap_or_default();
        let gas_per_us = scenario.chain.gas_limit as f64 / block_us;
        let work_off = (load.gas as f64 / gas_per_us).max(demand.work_us / demand.places);
        // The last task arrives when the load ends, or waits until what came before is worked off; then it takes its time.
        let load_us = (demand.last_us.max(work_off) as u64).saturating_add(task_us);
        Ok(Self {
            tasks: demands
                .iter()
                .fold(0, |sum, demand| sum.saturating_add(demand.tasks)),
            sampled_tasks: costs.iter().map(|cost| cost.sampled).sum(),
            setup,
            load,
            rate: demand.rate,
            block_gas: demand.block_gas,
            miners: demand.miners,
            setup_us,
            load_us,
            task_us,
            blocks: (setup_us.saturating_add(load_us) as f64 / block_us).ceil() as u64,
            left_out: left_out(scenario),
            closed: demands.iter().any(|demand| demand.closed),
        })
    }

    /// All transactions and gas.
    #[must_use]
    pub fn total(&self) -> Cost {
        let mut total = self.setup;
        total.add(self.load);
        total
    }

    /// Whether blocks can hold the load.
    #[must_use]
    pub fn gas_verdict(&self) -> LoadVerdict {
        LoadVerdict::of(self.block_gas)
    }

    /// Whether the miners can.
    #[must_use]
    pub fn miners_verdict(&self) -> LoadVerdict {
        LoadVerdict::of(self.miners)
    }
}
