//! Plans of scenarios that run a profile.

use super::*;

#[test]
fn the_plan_has_the_actors_in_the_order_of_the_roles_and_the_deployer_last() {
    let scenario = scenario(SCENARIO, &[]);
    let plan = Plan::of(&scenario);
    assert_eq!(plan, Plan::of(&scenario.clone()));
    let profile = plan.profile.as_ref().unwrap();
    let places: Vec<_> = profile
        .actors
        .iter()
        .map(|actor| (actor.role, actor.group))
        .collect();
    assert_eq!(
        places,
        [vec![(0, 0); 3], vec![(0, 1); 2], vec![(1, 0); 5]].concat()
    );
    assert_eq!(profile.max_in_flight, [None, None]);
    assert_eq!(
        (plan.tasks, plan.load_end),
        (None, Some(Duration::from_secs(35).into()))
    );
    assert!(plan.owners.is_empty() && plan.miners.is_empty() && plan.oracles.is_empty());

    let accounts: Vec<_> = plan.accounts().map(|account| account.actor.to_string()).collect();
    assert_eq!(
        (accounts.len(), accounts[0].as_str(), accounts[10].as_str()),
        (11, "asker 0", "deployer 0")
    );
    let addresses: BTreeSet<_> = plan.accounts().map(|account| account.key.address).collect();
    assert_eq!(addresses.len(), 11);

    let setup = plan.profile_setup(&scenario, 31_337).unwrap();
    assert_eq!((setup.chain_id, setup.accounts(1).len()), (31_337, 5));
    assert_eq!(setup.accounts(2), [plan.deployer.address]);
    let reference = crate::scenario::minimal("miners = { count = 1 }");
    assert!(Plan::of(&reference).profile_setup(&reference, 1).is_none());
}

#[test]
fn open_loads_are_shared_out_and_closed_ones_have_one_place_each() {
    let scenario = scenario(SCENARIO, &[]);
    let plan = Plan::of(&scenario);
    let steady = scenario.submitting()[0];
    let arrivals = group_arrivals(&scenario, steady).unwrap();
    let mut shared = Vec::new();
    for actor in &actors(&plan)[..3] {
        let load = actor.load.as_ref().unwrap();
        let LoadPlan::Open(own) = &load.plan else {
            panic!("an open load");
        };
        assert_eq!((own.len(), load.tasks), (4, Some(4)));
        assert!(own.iter().all(|arrival| arrival.session == 0));
        shared.extend(own.iter().map(|arrival| arrival.at));
    }
    shared.sort_unstable();
    assert_eq!(shared, arrivals);
    let closed = actors(&plan)[3].load.as_ref().unwrap();
    let LoadPlan::Closed {
        in_flight,
        start,
        end,
        ..
    } = &closed.plan
    else {
        panic!("a closed load");
    };
    assert_eq!(
        (in_flight.as_slice(), *start, *end),
        (&[4][..], Duration::from_secs(5), Some(Duration::from_secs(35)))
    );
    assert_eq!(closed.tasks, None);
    assert!(actors(&plan)[5].load.is_none());
}

#[test]
fn an_actor_depends_on_its_own_role_and_group_alone() {
    let addresses = |set: &[&str], name: &str| {
        let scenario = scenario(SCENARIO, set);
        let run = run(&scenario);
        let plan = Plan::of(&scenario);
        let own = actors(&plan)
            .iter()
            .filter(|actor| run.group(actor.role, actor.group).unwrap().name == name);
        own.map(|actor| (actor.key.address, actor.stream))
            .collect::<Vec<_>>()
    };
    let before = addresses(&[], "closed");
    assert_eq!(
        before,
        addresses(&["asker.steady.count=50", "answerer.count=1"], "closed")
    );
    assert_eq!(before, addresses(&["asker[1].count=3"], "closed")[..2]);
    assert_ne!(before, addresses(&["asker[1].name=other"], "other"));
    assert_ne!(before, addresses(&["seed=2"], "closed"));
    // The same name in another role is another group.
    assert_ne!(
        before,
        addresses(&["asker[1].name=first", "answerer.name=closed"], "closed")[..2]
    );
}

#[test]
fn random_arrivals_are_those_of_owners_of_the_same_name() {
    let load = "load = { poisson = \"3/s\" }";
    let profile = scenario(&changed("load = { constant = \"2/s\" }", load), &[]);
    let owners = crate::scenario::minimal("miners = { count = 1 }");
    let owners = Scenario {
        owners: vec![taskstorm::scenario::OwnerGroup {
            name: "steady".to_owned(),
            count: 3,
            submissions: profile.submitting()[0].submissions.clone(),
            ..owners.owners[0].clone()
        }],
        ..owners
    };
    assert_eq!(
        group_arrivals(&profile, profile.submitting()[0]),
        group_arrivals(&owners, owners.submitting()[0])
    );
}

#[test]
fn blocks_can_leave_groups_of_a_role_for_last() {
    let order = "[chain]\norder = { adversarial = { last = [\"closed\", \"answerer\"] } }";
    let scenario = scenario(&changed("[chain]", order), &[]);
    let plan = Plan::of(&scenario);
    let last: BTreeSet<Address> = actors(&plan)[3..].iter().map(|actor| actor.key.address).collect();
    assert_eq!(plan.order, OrderPlan::Adversarial(last));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]
    #[test]
    fn what_is_written_reads_back_equal_from_anywhere(
        (askers, answerers) in (1..50_u32, 0..50_u32),
        (tasks, rate) in (1..10_000_u64, 1..500_u32),
        (think, start) in (option::of(0..90_000_u64), 0..90_000_u64),
        cap in option::of(1..100_u32),
        bond in option::of(any::<u64>()),
        tip in 0..1_000_000_u64,
    ) {
        let mut text = format!(
            "name = \"t\"\nprotocol = \"market.toml\"\nthresholds = [\"task.claim.mean < 3s\"]\n\
             [[asker]]\ncount = {askers}\ntasks = {tasks}\nload = {{ poisson = \"{rate}/s\" }}\nstart = \"{start}ms\"\n\
             tip = {tip}\n"
        );
        if let Some(cap) = cap {
            text += &format!("max_in_flight = {cap}\n");
        }
        if answerers > 0 {
            text += &format!("[[answerer]]\nname = \"a.b\"\ncount = {answerers}\n");
            if let Some(think) = think {
                text += &format!("think = {{ exponential = \"{}ms\" }}\n", think + 1);
            }
        }
        if let Some(bond) = bond {
            text += &format!("[parameters]\nbond = \"{bond} wei\"\n");
        }
        let place = place(&[("s.toml", &text)]);
        let scenario = Scenario::load(place.path("s.toml")).unwrap();
        place.write("run/scenario.toml", scenario.to_toml());
        let read = Scenario::load(place.path("run/scenario.toml"));
        prop_assert_eq!(&read.map_err(|error| format!("{:?}", miette::Report::new(error))), &Ok(scenario.clone()));
        prop_assert_eq!(Plan::of(&scenario), Plan::of(&Scenario::from_toml("s", &scenario.to_toml()).unwrap()));
    }
}
