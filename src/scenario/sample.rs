//! A small part of a scenario that tells what the whole costs.

use std::time::Duration;

use super::{
    BlockOrder, Distribution, Load, Management, OwnerGroup, Replay, Scenario, SubmittingGroup, TaskCount,
    units::Count,
};

/// Tasks of a group that are taken.
const SAMPLE: u64 = 100;
/// Most assignments of a task to a miner that are taken, unless there are fewer tasks than [`LEAST_SAMPLE`].
const MOST_ASSIGNED: u64 = 5_000;
/// Tasks of a group that are taken at least, if it has as many.
const LEAST_SAMPLE: u64 = 10;
/// Most blocks that the tasks may take one after the other; if they would take more, all are in flight at once.
const MOST_BLOCKS: u128 = 200_000;
/// Most miners that are taken, unless a session draws more.
const MOST_MINERS: u64 = 2_000;
/// Most miners that the sessions that are taken draw, unless one draws more.
const MOST_DRAWN: u64 = 20_000;
/// Most oracles that are taken: where nothing is overdue they only look.
const MOST_ORACLES: u32 = 4;
/// Gas of a block in the probe, at least: nothing is to wait for room.
const ROOM: u64 = 300_000_000;

impl Scenario {
    /// The first tasks of every group of a profile's run, in blocks where nothing waits for room, to learn what calls cost.
    pub(crate) fn sample_of_profile(&self) -> Self {
        let mut cut = self.clone();
        let limits: Vec<Option<u64>> = cut.submitting().iter().map(SubmittingGroup::task_limit).collect();
        for (submissions, limit) in cut.submissions_mut().into_iter().zip(limits) {
            submissions.tasks = Some(TaskCount::Total(limit.unwrap_or(SAMPLE).min(SAMPLE)));
        }
        cut.thresholds.clear();
        cut.chain.gas_limit = cut.chain.gas_limit.max(ROOM);
        cut
    }

    /// The first part of the load, about so large a `share` of its tasks or of its time.
    pub(crate) fn first_part(&self, share: f64) -> Self {
        let mut cut = self.clone();
        let limits: Vec<_> = cut
            .submitting()
            .iter()
            .map(|group| (group.task_limit(), group.submissions.longest()))
            .collect();
        for (submissions, (tasks, longest)) in cut.submissions_mut().into_iter().zip(limits) {
            submissions.tasks =
                tasks.map(|tasks| TaskCount::Total((tasks as f64 * share).ceil().max(1.0) as u64));
            submissions.duration = longest.map(|longest| longest.mul_f64(share));
        }
        cut
    }

    /// A small part of the scenario, to learn what it costs: some tasks of the group of owners at `index` alone, each given to
    /// `redundancy` miners, in blocks where nothing waits for room. A small group is taken whole.
    pub(crate) fn sample(&self, index: usize, redundancy: u32) -> Self {
        let mut cut = self.clone();
        let mut group = self.owners[index].clone();
        group.redundancy = Distribution::Constant(Count(redundancy));
        let tasks = tasks_of(self, &group);
        let all: u64 = self
            .owners
            .iter()
            .map(|group| tasks_of(self, group))
            .fold(0, u64::saturating_add);
        let most = (MOST_ASSIGNED / u64::from(redundancy.max(1))).clamp(LEAST_SAMPLE, SAMPLE);
        let sample = tasks.min(most);
        let share = |number: u64, of: u64| (number as f64 * sample as f64 / of as f64).ceil() as u64;

        let most = (MOST_DRAWN / u64::from(group.max_nodes)).clamp(1, SAMPLE);
        let sessions = share(group.total_sessions(), tasks).clamp(1, most);
        group.sessions = group.sessions.min(bits32(sessions));
        group.count = group
            .count
            .min(bits32(sessions.div_ceil(group.sessions.into())))
            .max(1);
        let submissions = &mut group.submissions;
        submissions.tasks = Some(TaskCount::Total(sample));
        submissions.load = match &submissions.load {
            // Its payloads are its own: rows from its beginning to its end.
            Load::Trace(replay) => sampled(replay, tasks, sample),
            _ if takes_long(self, sample) => Load::BackToBack {
                in_flight: Distribution::Constant(Count(bits32(sample))),
                think_time: Load::NO_THINKING,
            },
            // One after the other, each in its own time.
            _ => Load::default(),
        };
        submissions.start = Duration::ZERO;
        (submissions.duration, submissions.max_in_flight) = (None, None);
        group.manage = Management::default();

        let drawn = u64::from(group.max_nodes) * if group.reserve { group.total_sessions() } else { 1 };
        let all_miners = self.miner_count();
        let miners = share(all_miners, all).min(MOST_MINERS).max(drawn).min(all_miners);
        for miners_group in &mut cut.miners {
            let count = f64::from(miners_group.count) * miners as f64 / all_miners as f64;
            let dedicated = group
                .dedicated
                .as_ref()
                .filter(|of| of.group == miners_group.name);
            let taken = dedicated.map_or(0, |of| u64::from(of.nodes) * group.total_sessions());
            let count = (count.ceil() as u32).max(bits32(taken)).max(1);
            miners_group.count = miners_group.count.min(count);
            // All are there from the first task to the last.
            (miners_group.join_after, miners_group.churn) = (None, None);
            // Nobody waits for a miner: whether there are enough is arithmetic, done elsewhere.
            let places = miners_group
                .concurrency
                .largest()
                .max(bits32(sessions.max(sample)));
            miners_group.concurrency = Distribution::Constant(Count(places));
        }
        cut.owners = vec![group];
        cut.oracle.count = cut.oracle.count.min(MOST_ORACLES);
        cut.chain.gas_limit = cut.chain.gas_limit.max(ROOM);
        // An order may name groups that are left out, and has no effect where there is room.
        cut.chain.order = BlockOrder::Fifo;
        cut
    }
}

/// Whether `sample` tasks one after the other would take very many blocks: miners take their time, up to the windows.
fn takes_long(scenario: &Scenario, sample: u64) -> bool {
    let groups = scenario.miners.iter();
    let longest =
        groups.map(|group| group.ack_delay.mean() + group.work_time.mean() + group.commit_delay.mean());
    let task = longest.max().unwrap_or_default().min(scenario.windows.total());
    let blocks = task.as_micros() / scenario.chain.block_time.as_micros().max(1);
    blocks * u128::from(sample) > MOST_BLOCKS
}

/// A replay of `sample` of the first `tasks` rows, evenly spread.
fn sampled(replay: &Replay, tasks: u64, sample: u64) -> Load {
    let rows = (0..sample).filter_map(|row| {
        let row = usize::try_from(row * tasks / sample).ok()?;
        replay.rows().get(row).copied()
    });
    Replay::new(rows.collect(), replay.speed()).map_or_else(Load::default, Load::Trace)
}

/// About how many tasks a group submits; at least one.
fn tasks_of(scenario: &Scenario, group: &OwnerGroup) -> u64 {
    let block_time = scenario.chain.block_time;
    let by_time = || {
        // A task takes a block in each of its five phases.
        let rounds =
            group.submissions.duration.unwrap_or_default().as_micros() / (5 * block_time.as_micros()).max(1);
        group
            .total_sessions()
            .saturating_mul(u64::try_from(rounds).unwrap_or(u64::MAX))
    };
    group.expected_tasks(block_time).unwrap_or_else(by_time).max(1)
}

fn bits32(number: u64) -> u32 {
    u32::try_from(number).unwrap_or(u32::MAX)
}
