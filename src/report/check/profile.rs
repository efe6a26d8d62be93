//! Renders what a scenario that runs a profile offers and takes, as a table.

use super::table::{heading, millions, thresholds, used};
use crate::{
    estimate::{LoadVerdict, Offered, Simulated},
    format::{
        Facts,
        human::{count, counted, rate, time_us},
    },
    scenario::{ProfileRun, Scenario},
};

/// The check of the scenario in `file`, which runs a profile.
pub(super) fn text(
    file: &str,
    scenario: &Scenario,
    run: &ProfileRun,
    (offered, simulated): (&Offered, Result<&Simulated, &str>),
    warnings: usize,
) -> String {
    let mut facts = Facts::new(16);
    facts
        .add(
            "protocol",
            format!("{} ({})", run.definition.schema.name, run.file.display()),
        )
        .add(
            "contracts",
            format!("{} ({})", run.source(), run.definition.digest()),
        )
        .add("actors", actors(run))
        .add("tasks", tasks(offered));
    if let Some(last) = offered.last_arrival_us {
        let [mean, peak] = [offered.rate.mean, offered.rate.peak].map(rate);
        let last = time_us(last);
        facts.add(
            "arrivals",
            format!("{mean} tasks/s on average, {peak} in the busiest second, the last after {last}"),
        );
    }
    if let Ok(simulated) = simulated {
        costs(&mut facts, scenario, offered, simulated);
    }
    let dropped = match offered.dropped {
        true => "; without arrivals that max_in_flight drops",
        false => "",
    };
    let how = match simulated {
        Ok(simulated) => simulated_from(simulated),
        Err(reason) => format!("from the plan alone, without gas and time: {reason}"),
    };
    facts
        .add("thresholds", thresholds(scenario))
        .add("estimated", format!("{how}{dropped}"));
    format!("{}\n{}\n", heading(file, scenario, warnings), facts.text())
}

/// Transactions, gas, time and room in blocks, as far as they are known.
fn costs(facts: &mut Facts, scenario: &Scenario, offered: &Offered, simulated: &Simulated) {
    let [transactions, gas] = simulated.per_task;
    let setup = simulated.setup;
    let each = [
        format!("{} each", rate(transactions)),
        format!("{} each", count(gas.round() as u64)),
    ];
    match simulated.load {
        Some(load) => {
            facts
                .add(
                    "transactions",
                    format!(
                        "{}: {} of setup, {} of tasks ({})",
                        count(setup.transactions.saturating_add(load.transactions)),
                        count(setup.transactions),
                        count(load.transactions),
                        each[0]
                    ),
                )
                .add(
                    "gas",
                    format!(
                        "{}: {} of setup, {} of tasks ({})",
                        millions(setup.gas.saturating_add(load.gas)),
                        millions(setup.gas),
                        millions(load.gas),
                        each[1]
                    ),
                );
        }
        None => {
            let [transactions, gas] = each;
            facts
                .add(
                    "transactions",
                    format!(
                        "{} of setup, and tasks: {transactions}",
                        count(setup.transactions)
                    ),
                )
                .add(
                    "gas",
                    format!("{} of setup, and tasks: {gas}", millions(setup.gas)),
                );
        }
    }
    if let Some(load_us) = simulated.load_us {
        let block_us = scenario.chain.block_time.as_micros().max(1) as u64;
        let total = simulated.setup_us.saturating_add(load_us);
        facts.add(
            "time",
            format!(
                "about {} in {}: {} of setup, then {} until the last task ends",
                time_us(total),
                counted(total.div_ceil(block_us), "block"),
                time_us(simulated.setup_us),
                time_us(load_us)
            ),
        );
    }
    if let Some(task_us) = simulated.task_us {
        let task = format!(
            "a task takes {} in the mean where blocks have room",
            time_us(task_us)
        );
        match simulated.load_us {
            Some(_) => facts.more(task),
            None => facts.add("time", task),
        };
    }
    if offered.last_arrival_us.is_some() {
        let verdict = LoadVerdict::of(simulated.block_gas);
        facts.add(
            "block gas",
            used(simulated.block_gas, verdict, offered.closed, "blocks"),
        );
    }
}

fn simulated_from(simulated: &Simulated) -> String {
    let tasks = counted(simulated.sampled_tasks, "task");
    let of = match simulated.whole {
        true => format!("simulated: all {tasks} on the embedded chain"),
        false => format!("simulated: from {tasks} on the embedded chain"),
    };
    match simulated.sampled_not_ended {
        0 => of,
        failed => format!("{of}, of which {} failed or did not end", count(failed)),
    }
}

/// `20 asker, 10 answerer, 1 deployer`
fn actors(run: &ProfileRun) -> String {
    let roles = run.definition.roles.iter().enumerate();
    let counted = roles.map(|(place, role)| {
        let actors: u64 = match place == run.definition.deployer() {
            true => 1,
            false => run.groups_of(place).map(|group| u64::from(group.count)).sum(),
        };
        format!("{} {}", count(actors), role.name)
    });
    counted.collect::<Vec<_>>().join(", ")
}

fn tasks(offered: &Offered) -> String {
    match (offered.tasks, offered.closed) {
        (Some(tasks), false) => count(tasks),
        (Some(tasks), true) => format!("{}; closed loads submit as tasks end", count(tasks)),
        (None, _) => "not known beforehand: closed loads submit as tasks end, and end by time".to_owned(),
    }
}
