//! Valid forms of scenario files.

use std::time::Duration;

use alloy::primitives::U256;
use taskstorm::{
    fees::Eip1559Fees,
    hardfork::Hardfork,
    plan::Plan,
    scenario::{
        BlockOrder, ChainKind, Distribution, Limits, Load, Mode, OracleSpec, Scenario, ScenarioError, Spread,
        TaskCount, Windows,
        units::{ByteSize, Count, Period, Rate},
    },
};

use super::minimal;
use crate::support::node::root;

#[test]
fn quickstart_and_stress_are_as_large_as_promised() {
    for (name, owners, miners, tasks) in [("quickstart", 20, 60, 300), ("stress", 200, 1_000, 5_000)] {
        let scenario = Scenario::load(root().join(format!("scenarios/{name}.toml"))).unwrap();
        let plan = Plan::of(&scenario);
        assert_eq!(
            (plan.owners.len(), plan.miners.len(), plan.tasks),
            (owners, miners, Some(tasks)),
            "{name}"
        );
        assert!(
            scenario
                .owners
                .iter()
                .all(|group| group.redundancy == Distribution::Constant(Count(3)))
        );
    }
}

#[test]
fn what_is_left_out_takes_its_default() {
    let scenario = minimal("[miners]\ncount = 1");
    assert_eq!(scenario.chain.kind, ChainKind::Anvil);
    assert_eq!(scenario.chain.hardfork, Hardfork::Prague);
    assert_eq!(
        (scenario.chain.base_fee, &scenario.chain.order),
        (1_000_000_000, &BlockOrder::Fees)
    );
    assert_eq!(
        scenario.chain.submission_delay,
        Distribution::Constant(Duration::ZERO)
    );
    assert_eq!(scenario.windows, Windows::default());
    assert_eq!(
        scenario.oracle,
        OracleSpec {
            count: 1,
            check_interval: Duration::from_secs(1),
            behaviour: Vec::new(),
            fees: Eip1559Fees::default(),
        }
    );
    assert_eq!(scenario.price, U256::ZERO);
    let limits = Limits {
        transaction_deadline: Duration::from_secs(60),
        node_timeout: Duration::from_secs(30),
        drain: Duration::from_secs(240),
    };
    assert_eq!(scenario.limits, limits);
    let owners = &scenario.owners[0];
    assert_eq!(
        (owners.name.as_str(), owners.mode, &owners.submissions.load),
        ("owners", Mode::Ephemeral, &Load::default())
    );
    assert_eq!(owners.redundancy, Distribution::Constant(Count::ONE));
    assert_eq!((owners.min_nodes, owners.max_nodes), (1, 1));
    assert_eq!((owners.deposit, owners.fees), (None, Eip1559Fees::default()));
    assert_eq!(
        (&scenario.miners[0].concurrency, scenario.miners[0].fees),
        (&Distribution::Constant(Count::ONE), Eip1559Fees::default())
    );
}

#[test]
fn groups_units_and_shapes_are_understood() {
    let text = r#"
        name = "mixed"
        price = "0.25 gwei"
        [[owners]]
        count = 2
        tasks = { per_session = 3 }
        load = { constant = "90/min" }
        payload_size = 48
        deposit = "1.5 ether"
        [[owners]]
        name = "bulk"
        count = 1
        tasks = { total = 1_000 }
        load = "back_to_back"
        payload_size = { uniform = ["1 KiB", 2_048] }
        [[miners]]
        count = 3
        ack_delay = { exponential = "100ms" }
        work_time = { normal = { mean = "1.5s", stddev = "200ms" } }
        commit_delay = { uniform = ["250us", "1ms"] }
        [[miners]]
        count = 4
        work_time = { lognormal = { median = "80ms", p95 = "300ms" } }
    "#;
    let scenario = Scenario::from_toml("test.toml", text).unwrap();
    assert_eq!(scenario.price, U256::from(250_000_000));
    let [first, bulk] = &scenario.owners[..] else {
        panic!("two groups")
    };
    assert_eq!(
        (first.name.as_str(), first.submissions.tasks),
        ("owners", Some(TaskCount::PerSession(3)))
    );
    assert_eq!(
        first.submissions.load,
        Load::Constant {
            rate: Rate::new(90, Period::Minute).unwrap()
        }
    );
    assert_eq!(
        first.submissions.payload_size,
        Distribution::Constant(ByteSize(48))
    );
    assert_eq!(first.deposit, Some(U256::from(1_500_000_000_000_000_000_u64)));
    assert_eq!(
        (bulk.submissions.tasks, &bulk.submissions.load),
        (Some(TaskCount::Total(1_000)), &Load::default())
    );
    assert_eq!(
        bulk.submissions.payload_size,
        Distribution::Uniform {
            low: ByteSize(1_024),
            high: ByteSize(2_048)
        }
    );
    let [fast, slow] = &scenario.miners[..] else {
        panic!("two groups")
    };
    assert_eq!((fast.name.as_str(), slow.name.as_str()), ("miners", "miners-2"));
    let ms = Duration::from_millis;
    assert_eq!(fast.ack_delay, Distribution::Exponential { mean: ms(100) });
    assert_eq!(
        fast.work_time,
        Distribution::Normal {
            mean: ms(1_500),
            stddev: ms(200)
        }
    );
    assert_eq!(
        fast.commit_delay,
        Distribution::Uniform {
            low: Duration::from_micros(250),
            high: ms(1)
        }
    );
    assert_eq!(
        slow.work_time,
        Distribution::LogNormal {
            median: ms(80),
            spread: Spread::P95(ms(300))
        }
    );
    assert_eq!(
        (scenario.expected_tasks(), scenario.miner_count()),
        (Some(1_006), 7)
    );
}

#[test]
fn fees_orders_and_the_way_to_the_chain_are_understood() {
    let text = r#"
        name = "market"
        [chain]
        kind = "embedded"
        base_fee = "0.5 gwei"
        order = { adversarial = { last = ["owners", "poor"] } }
        submission_delay = { uniform = ["10ms", "50ms"] }
        [owners]
        count = 1
        tasks = 1
        tip = 250
        max_fee = "20 gwei"
        [[miners]]
        name = "rich"
        count = 1
        tip = "1.5 gwei"
        [[miners]]
        name = "poor"
        count = 1
        tip = "0 wei"
        max_fee = "1 gwei"
        [oracle]
        tip = "2 gwei"
    "#;
    let scenario = Scenario::from_toml("test.toml", text).unwrap();
    let chain = &scenario.chain;
    let gwei = |gwei: u64| gwei * 1_000_000_000;
    assert_eq!(chain.base_fee, 500_000_000);
    let last = vec!["owners".to_owned(), "poor".to_owned()];
    assert_eq!(chain.order, BlockOrder::Adversarial { last });
    let (low, high) = (Duration::from_millis(10), Duration::from_millis(50));
    assert_eq!(chain.submission_delay, Distribution::Uniform { low, high });
    let max_fee = Eip1559Fees::default().max_fee;
    let bids: Vec<_> = Plan::of(&scenario)
        .accounts()
        .map(|account| account.fees)
        .collect();
    assert_eq!(
        bids,
        [
            Eip1559Fees {
                max_fee: gwei(20),
                tip: 250
            },
            Eip1559Fees {
                max_fee,
                tip: 1_500_000_000
            },
            Eip1559Fees {
                max_fee: gwei(1),
                tip: 0
            },
            Eip1559Fees {
                max_fee,
                tip: gwei(2)
            },
        ]
    );
}

#[test]
fn a_file_that_cannot_be_read_is_named() {
    let error = Scenario::load("no/such/file.toml").unwrap_err();
    assert!(matches!(error, ScenarioError::Unreadable { .. }));
    assert!(
        error
            .to_string()
            .starts_with("cannot read the scenario file no/such/file.toml: "),
        "{error}"
    );
}
