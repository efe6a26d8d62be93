//! Arrivals, tasks and deposits.

use std::time::Duration;

use alloy::primitives::U256;
use proptest::prelude::*;
use taskstorm::{
    plan::{LoadPlan, OwnerPlan, Plan},
    scenario::{Scenario, units::Rate},
};

const SECOND: Duration = Duration::from_secs(1);

fn planned(owners: &str) -> Plan {
    let text = format!("name = \"t\"\nprice = \"3 wei\"\n[miners]\ncount = 10\n[owners]\n{owners}");
    let scenario = Scenario::from_toml("test.toml", &text).unwrap();
    let plan = Plan::of(&scenario);
    assert_eq!(plan, Plan::of(&scenario), "a plan is a function of its scenario");
    plan
}

fn arrivals(owner: &OwnerPlan) -> Vec<(u64, u32)> {
    match &owner.load {
        LoadPlan::Open(arrivals) => arrivals
            .iter()
            .map(|arrival| (arrival.at.0, arrival.session))
            .collect(),
        LoadPlan::Closed { .. } => panic!("an open load"),
    }
}

#[test]
fn a_constant_rate_is_dealt_round_robin_over_owners_and_then_sessions() {
    let plan = planned("count = 2\nsessions = 2\ntasks = 7\nload = { constant = \"4/s\" }");
    assert_eq!(
        arrivals(&plan.owners[0]),
        [(0, 0), (500_000, 1), (1_000_000, 0), (1_500_000, 1)]
    );
    assert_eq!(
        arrivals(&plan.owners[1]),
        [(250_000, 0), (750_000, 1), (1_250_000, 0)]
    );
    let tasks: Vec<u64> = plan
        .owners
        .iter()
        .flat_map(|owner| &owner.sessions)
        .filter_map(|session| session.tasks)
        .collect();
    assert_eq!(tasks, [2, 2, 2, 1]);
}

#[test]
fn rates_do_not_drift() {
    let rate = Rate::parse("7/s").unwrap();
    assert_eq!(rate.due(1, SECOND).0, 142_857);
    assert_eq!(rate.due(7_000_000, SECOND).0, 1_000_000_000_000);
    assert_eq!(Rate::parse("0.5/h").unwrap().due(1, SECOND).0, 7_200_000_000);
}

#[test]
fn a_deposit_covers_exactly_the_sessions_tasks_unless_it_is_given() {
    let plan = planned("count = 2\ntasks = 5\nredundancy = 4");
    let deposits: Vec<_> = plan
        .owners
        .iter()
        .map(|owner| owner.sessions[0].deposit)
        .collect();
    assert_eq!(deposits, [U256::from(3 * 4 * 3), U256::from(2 * 4 * 3)]);
    let plan = planned("count = 2\ntasks = 5\ndeposit = \"1 gwei\"");
    assert!(
        plan.owners
            .iter()
            .all(|owner| owner.sessions[0].deposit == U256::from(1_000_000_000))
    );
}

proptest! {
    #[test]
    fn every_task_arrives_once_and_on_time(owners in 1..20_u32, sessions in 1..6_u32, tasks in 1..500_u64) {
        let plan = planned(&format!(
            "count = {owners}\nsessions = {sessions}\ntasks = {tasks}\nload = {{ constant = \"130/s\" }}"
        ));
        let rate = Rate::parse("130/s").unwrap();
        let mut moments = Vec::new();
        for owner in &plan.owners {
            let arrivals = arrivals(owner);
            prop_assert!(arrivals.is_sorted());
            for (index, session) in owner.sessions.iter().enumerate() {
                let own = arrivals.iter().filter(|(_, session)| *session as usize == index).count();
                prop_assert_eq!(Some(own as u64), session.tasks);
            }
            moments.extend(arrivals.into_iter().map(|(at, _)| at));
        }
        moments.sort_unstable();
        let expected: Vec<_> = (0..tasks).map(|k| rate.due(k, SECOND).0).collect();
        prop_assert_eq!(moments, expected);
    }
}
