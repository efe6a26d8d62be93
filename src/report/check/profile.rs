//! Renders what a scenario that runs a profile offers, as a table.

use super::table::{heading, thresholds};
use crate::{
    estimate::Offered,
    format::{
        Facts,
        human::{count, rate, time_us},
    },
    scenario::{ProfileRun, Scenario},
};

/// The check of the scenario in `file`, which runs a profile.
pub(super) fn text(
    file: &str,
    scenario: &Scenario,
    run: &ProfileRun,
    offered: &Offered,
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
    facts.add("thresholds", thresholds(scenario)).add(
        "estimated",
        format!(
            "from the plan alone: gas and time are those of a run{}",
            match offered.dropped {
                true => "; without arrivals that max_in_flight drops",
                false => "",
            }
        ),
    );
    format!("{}\n{}\n", heading(file, scenario, warnings), facts.text())
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
