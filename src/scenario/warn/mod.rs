//! Warnings about a valid scenario.

mod load;
mod population;

use std::time::Duration;

use crate::mempool::BelowBaseFee;

use super::{
    ChainKind, DelayDistribution, Distribution, Load, MinerGroup, Mode, OwnerGroup, ProfileRun, Scenario,
    check::{owners_path, reserved_by},
    path::KeyPath,
    problem::Problem,
    units::{format_amount, format_duration, format_gas_price, grouped},
};

/// The share of delays that may outlast their window without a word.
const TOLERATED: f64 = 0.001;

/// Everything that is likely not meant.
pub(super) fn warnings(scenario: &Scenario) -> Vec<Problem> {
    let mut warnings = Vec::new();
    warnings.extend(doubtful_contracts(scenario));
    warnings.extend(idle_submission_delay(scenario));
    warnings.extend(low_bids(scenario));
    warnings.extend(late_miners(scenario));
    warnings.extend(load::nothing_to_measure(scenario));
    warnings.extend(endless_means(scenario));
    for (index, group) in scenario.owners.iter().enumerate() {
        let path = owners_path(scenario, index);
        warnings.extend(short_deposit(scenario, group, &path));
        warnings.extend(no_dedicated_nodes(group, &path));
        warnings.extend(load::low_cap(scenario, group, &path));
    }
    warnings.extend(contested_pool(scenario));
    warnings.extend(population::warnings(scenario));
    if let Some(run) = &scenario.profile {
        warnings.extend(nobody_of_a_role(run));
        return warnings;
    }
    warnings.extend(short_windows(scenario));
    if scenario.oracle.count == 0 {
        warnings.push(
            Problem::new(
                "no oracle takes part",
                "nobody closes the phases that miners leave open: set count = 1, unless this is intended",
            )
            .at(KeyPath::root().key("oracle").key("count"), "no oracle"),
        );
    }
    warnings
}

/// Roles that nobody has.
fn nobody_of_a_role(run: &ProfileRun) -> impl Iterator<Item = Problem> {
    let roles = run.definition.roles.iter().enumerate();
    let deployer = run.definition.deployer();
    let empty = roles.filter(move |(role, _)| *role != deployer && run.groups_of(*role).next().is_none());
    empty.map(|(_, role)| {
        let name = &role.name;
        Problem::new(
            format!("nobody has the role `{name}`"),
            format!("what the profile has its actors do is left undone: add [[{name}]] with count = 1, unless this is intended"),
        )
        .at(KeyPath::root().key("protocol"), "this profile has the role")
    })
}

fn windows(scenario: &Scenario) -> [(&'static str, Duration); 3] {
    let windows = scenario.windows;
    [
        ("ack", windows.ack),
        ("precommit", windows.precommit),
        ("commit", windows.commit),
    ]
}

/// Artifacts that are stale, or say less than the contracts in whose place they are.
fn doubtful_contracts(scenario: &Scenario) -> impl Iterator<Item = Problem> {
    let replaced = scenario
        .profile
        .as_ref()
        .and_then(|run| run.definition.replaced.as_ref());
    let (source, warnings) = match replaced {
        Some(replaced) => (replaced.source.as_str(), replaced.warnings.as_slice()),
        None => (scenario.contracts.source(), scenario.contracts.warnings()),
    };
    warnings.iter().map(move |warning| {
        let path = KeyPath::root().key("contracts").key("artifacts");
        Problem::new(warning, format!("the contracts are those in {source}")).at(path, "these artifacts")
    })
}

/// A delay that nothing applies.
fn idle_submission_delay(scenario: &Scenario) -> Option<Problem> {
    let chain = &scenario.chain;
    let idle =
        chain.kind == ChainKind::Anvil && chain.submission_delay != Distribution::Constant(Duration::ZERO);
    let path = KeyPath::root().key("chain");
    idle.then(|| {
        Problem::new(
            format!("`{}` has no effect on anvil", path.key("submission_delay")),
            "a node has its own delay: remove it, or set kind = \"embedded\"",
        )
        .at(
            path.key("submission_delay"),
            "is simulated by the embedded chain only",
        )
        .at(path.key("kind"), "the chain is anvil")
    })
}

/// Fees that the first block does not accept.
fn low_bids(scenario: &Scenario) -> Vec<Problem> {
    let base_fee = scenario.chain.base_fee;
    let low = |fees: u64| fees < base_fee;
    let fees = scenario.fees().into_iter().filter(|(_, fees)| low(fees.max_fee));
    fees.map(|(path, fees)| {
        Problem::new(
            format!("`{path}` offers less than the first block's base fee"),
            match scenario.chain.below_base_fee {
                BelowBaseFee::Refuse => {
                    "its transactions are refused until the base fee has fallen: make `max_fee` larger or \
                     `chain.base_fee` smaller, unless that is what the scenario is about"
                }
                BelowBaseFee::Wait => {
                    "its transactions wait until the base fee has fallen: make `max_fee` larger or \
                     `chain.base_fee` smaller, unless that is what the scenario is about"
                }
            },
        )
        .at(
            path.key("max_fee"),
            format!("pays at most {} per gas", format_gas_price(fees.max_fee)),
        )
        .at(
            KeyPath::root().key("chain").key("base_fee"),
            format!("the base fee is {}", format_gas_price(base_fee)),
        )
    })
    .collect()
}

/// A miner sees in one block what it must answer in a later one.
fn short_windows(scenario: &Scenario) -> Vec<Problem> {
    let block_time = scenario.chain.block_time;
    let least = block_time * 2;
    let seconds = least.as_secs() + u64::from(least.subsec_nanos() > 0);
    windows(scenario)
        .into_iter()
        .filter(|(_, window)| *window < least)
        .map(|(key, window)| {
            let path = KeyPath::root().key("windows").key(key);
            Problem::new(
                format!("`{path}` is shorter than two blocks"),
                format!(
                    "a miner sees one block late what it must answer in the next: set {key} = \"{seconds}s\" or more"
                ),
            )
            .at(path, format!("a window of {}", format_duration(window)))
            .at(
                KeyPath::root().key("chain").key("block_time"),
                format!("a block every {}", format_duration(block_time)),
            )
        })
        .collect()
}

fn miners_path(scenario: &Scenario, index: usize) -> KeyPath {
    KeyPath::root().key("miners").group(index, scenario.miners.len())
}

/// A miner's delays, in the order of the windows that they fall into.
fn delays(group: &MinerGroup) -> [(&'static str, &DelayDistribution); 3] {
    [
        ("ack_delay", &group.ack_delay),
        ("work_time", &group.work_time),
        ("commit_delay", &group.commit_delay),
    ]
}

/// Delays and counts whose mean would be infinite: the run's length, or who does most of the work, then hangs on the
/// largest draw.
fn endless_means(scenario: &Scenario) -> Vec<Problem> {
    let miners = scenario.miners.iter().enumerate().flat_map(|(index, group)| {
        let path = miners_path(scenario, index);
        delays(group).map(|(key, delay)| (path.key(key), delay))
    });
    let of_roles = scenario.profile.iter().flat_map(|run| {
        let groups = run.paths().into_iter().zip(&run.groups);
        groups.flat_map(|(path, group)| {
            let delays = run.definition.roles[group.role].delays.iter().zip(&group.delays);
            delays.map(move |((key, _), delay)| (path.key(key), delay))
        })
    });
    let submission = KeyPath::root().key("chain").key("submission_delay");
    let delays = miners
        .chain(of_roles)
        .chain([(submission, &scenario.chain.submission_delay)])
        .filter(|(_, delay)| !delay.has_finite_mean())
        .map(|(path, _)| (path, "the longer the run"));
    let submitting = scenario.submitting().into_iter().zip(scenario.submitting_paths());
    let in_flight = submitting.filter_map(|(group, path)| {
        let Load::BackToBack { in_flight, .. } = &group.submissions.load else {
            return None;
        };
        let path = path.key("load").key("back_to_back");
        (!in_flight.has_finite_mean()).then(|| (path.key("in_flight"), "the more sessions there are"))
    });
    let concurrency = scenario.miners.iter().enumerate().filter_map(|(index, group)| {
        let path = miners_path(scenario, index).key("concurrency");
        (!group.concurrency.has_finite_mean()).then_some((path, "the more miners there are"))
    });
    delays
        .chain(in_flight)
        .chain(concurrency)
        .map(|(path, more)| {
            Problem::new(
                format!("`{path}` has no finite mean"),
                format!(
                    "the largest draw outweighs all others, more so {more}: give it a largest value with `max`, or make \
                     its shape larger than 1"
                ),
            )
            .at(path, "a Pareto distribution of a shape up to 1")
        })
        .collect()
}

/// Delays that outlast the window that they fall into.
fn late_miners(scenario: &Scenario) -> Vec<Problem> {
    let mut warnings = Vec::new();
    for (index, group) in scenario.miners.iter().enumerate() {
        let path = miners_path(scenario, index);
        for ((key, delay), (window_key, window)) in delays(group).into_iter().zip(windows(scenario)) {
            let share = delay.exceeds(window);
            if share <= TOLERATED {
                continue;
            }
            let window_path = KeyPath::root().key("windows").key(window_key);
            warnings.push(
                Problem::new(
                    format!("`{}` outlasts the {window_key} window", path.key(key)),
                    format!(
                        "those miners come too late and are dropped from the task: make `{window_path}` longer, or the \
                         delay shorter, unless that is what the scenario is about"
                    ),
                )
                .at(path.key(key), format!("{:.1} % take longer than the window", share * 100.0))
                .at(window_path, format!("the window is {}", format_duration(window))),
            );
        }
    }
    warnings
}

/// A deposit that does not pay for the session's tasks.
fn short_deposit(scenario: &Scenario, group: &OwnerGroup, path: &KeyPath) -> Option<Problem> {
    let deposit = group.deposit?;
    let cost = group.session_cost(scenario.price, scenario.chain.block_time)?;
    (deposit < cost).then(|| {
        Problem::new(
            format!("`{}` does not pay for a session's tasks", path.key("deposit")),
            "tasks without cover are refused; leave `deposit` out to deposit exactly what the tasks cost",
        )
        .at(
            path.key("deposit"),
            match &group.redundancy {
                Distribution::Constant(_) => format!("the tasks of a session cost {}", format_amount(cost)),
                _ => format!("the tasks of a session cost up to {}", format_amount(cost)),
            },
        )
    })
}

/// Sessions that share miners may take those that a session opened during the load wants to reserve: only idle miners
/// can be. Before the load those that reserve are opened first.
fn contested_pool(scenario: &Scenario) -> Option<Problem> {
    let drawn = |reserve: bool| {
        let groups = scenario
            .owners
            .iter()
            .filter(move |group| group.reserve == reserve);
        groups.map(reserved_by).fold(0, u64::saturating_add)
    };
    let (reserved, shared) = (drawn(true), drawn(false));
    let (first, _) = scenario
        .owners
        .iter()
        .enumerate()
        .find(|(_, group)| group.reserve && group.manage.reopen.is_some())?;
    let needed = reserved.saturating_add(shared);
    (shared > 0 && needed > scenario.pool_at_setup()).then(|| {
        Problem::new(
            "a session that is opened in another's place may find too few miners to reserve",
            format!(
                "only a miner that no session has can be reserved: with {} miners there are always enough",
                grouped(needed)
            ),
        )
        .at(
            owners_path(scenario, first).key("reserve"),
            format!(
                "{} miners to reserve, {} to share",
                grouped(reserved),
                grouped(shared)
            ),
        )
    })
}

/// Sessions that take dedicated nodes only.
fn no_dedicated_nodes(group: &OwnerGroup, path: &KeyPath) -> Option<Problem> {
    (group.mode == Mode::Dedicated && group.dedicated.is_none()).then(|| {
        Problem::new(
            format!("`{path}`: sessions in mode \"dedicated\" have dedicated nodes only"),
            "without any they have nobody to give a task to: add dedicated = { group = \"…\", nodes = 3 }, or set mode = \
             \"hybrid\" to draw from the pool",
        )
        .at(path.key("mode"), "no miner is a dedicated node")
    })
}
