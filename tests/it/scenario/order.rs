//! Transaction orders, and submission delays.

use std::collections::BTreeSet;

use taskstorm::{
    plan::{OrderPlan, Plan},
    scenario::Scenario,
};

fn planned(chain: &str) -> Plan {
    let text = format!(
        "name = \"t\"\nchain = {{ kind = \"embedded\", {chain} }}\n\
         [[owners]]\nname = \"a\"\ncount = 2\ntasks = 1\n[[owners]]\nname = \"b\"\ncount = 1\ntasks = 1\n\
         [[miners]]\nname = \"b\"\ncount = 2\n[[miners]]\nname = \"c\"\ncount = 3\n"
    );
    Plan::of(&Scenario::from_toml("test.toml", &text).unwrap())
}

#[test]
fn groups_that_come_last_become_their_members_accounts() {
    for (last, owners, miners) in [
        (r#"["a"]"#, 0..2, 0..0),
        (r#"["c"]"#, 0..0, 2..5),
        // Owners and miners both have a group of this name.
        (r#"["b"]"#, 2..3, 0..2),
        (r#"["c", "b", "c"]"#, 2..3, 0..5),
    ] {
        let plan = planned(&format!("order = {{ adversarial = {{ last = {last} }} }}"));
        let owners = plan.owners[owners].iter().map(|owner| owner.key.address);
        let miners = plan.miners[miners].iter().map(|miner| miner.key.address);
        let expected: BTreeSet<_> = owners.chain(miners).collect();
        assert_eq!(plan.order, OrderPlan::Adversarial(expected), "{last}");
    }
}

#[test]
fn the_network_and_the_order_change_no_behaviour() {
    let plain = planned("order = \"fees\"");
    let random = planned("order = \"random\", submission_delay = { exponential = \"1s\" }");
    assert_eq!((&random.owners, &random.miners), (&plain.owners, &plain.miners));
    assert_eq!(random.oracles, plain.oracles);
    let OrderPlan::Random(order) = random.order else {
        panic!("a random order")
    };
    let mut streams = BTreeSet::from([format!("{order:?}")]);
    for account in random.accounts() {
        assert!(
            streams.insert(format!("{:?}", account.network)),
            "{:?}",
            account.actor
        );
    }
}
