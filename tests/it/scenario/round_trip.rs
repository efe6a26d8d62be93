//! Any scenario that can run, written and read, is the same scenario.

use std::time::Duration;

use alloy::primitives::U256;
use proptest::{collection::vec, option, prelude::*};
use taskstorm::{
    fault::{Delay, Fault, FaultKey, FaultKind, FaultPlan},
    fees::Eip1559Fees,
    hardfork::Hardfork,
    mempool::BelowBaseFee,
    metric::{Metric, Operator, Threshold, Unit},
    protocol::{Behaviour, BehaviourSpec, ContractBuild, Phase, REFERENCE},
    scenario::{
        Assignment, Bin, BlockOrder, Bursts, ChainKind, ChainSpec, Churn, DedicatedNodes, Departure,
        Distribution, Empirical, Funding, Limits, Load, Management, Measure, MinerGroup, Mmpp, Mode,
        OracleSpec, OwnerGroup, Quantity, RedundancyDistribution, Reopening, Scenario, Spacing, Spread,
        Stage, Stages, Submissions, TaskCount, WarmUp, Windows,
        units::{ByteSize, Count, Parameter, Period, Rate},
    },
};

/// Distributions of what `of` makes from a whole number of units, at most `most`.
fn distribution<T: Quantity + std::fmt::Debug + 'static>(
    most: u64,
    of: fn(u64) -> T,
) -> impl Strategy<Value = Distribution<T>> {
    let number = (100_000..=10_000_000_u64).prop_map(Parameter::from_millionths);
    let observed = T::SMALLEST..=most;
    let observed = vec((observed.clone(), observed, 1..=1_000_u64), 1..6);
    (
        0..11_u8,
        1..=most,
        1..=most,
        number,
        option::of(1..=most),
        observed,
    )
        .prop_map(move |(shape, one, other, number, max, observed)| {
            let (small, large) = (of(one.min(other)), of(one.max(other)));
            let unbounded = match shape {
                0 => return Distribution::Constant(of(one)),
                1 => {
                    return Distribution::Uniform {
                        low: small,
                        high: large,
                    };
                }
                2 => {
                    let samples: Vec<_> = observed.iter().map(|(value, _, _)| of(*value)).collect();
                    return Distribution::Empirical(Empirical::of_samples(&samples).unwrap());
                }
                3 => {
                    let bin = |&(one, other, count): &(u64, u64, u64)| Bin {
                        low: of(one.min(other)),
                        high: of(one.max(other)),
                        count,
                    };
                    let bins: Vec<_> = observed.iter().map(bin).collect();
                    return Distribution::Empirical(Empirical::of_histogram(&bins).unwrap());
                }
                4 => Distribution::Exponential { mean: of(one) },
                5 => Distribution::Normal {
                    mean: of(one),
                    stddev: of(other),
                },
                6 => Distribution::LogNormal {
                    median: small,
                    spread: Spread::P95(large),
                },
                7 => Distribution::LogNormal {
                    median: of(one),
                    spread: Spread::Sigma(number),
                },
                8 => Distribution::Gamma {
                    shape: number,
                    mean: of(one),
                },
                9 => Distribution::Weibull {
                    shape: number,
                    scale: of(one),
                },
                _ => Distribution::Pareto {
                    scale: of(one),
                    shape: number,
                },
            };
            // The largest value of a Pareto distribution is not below its smallest.
            match max {
                Some(max) => Distribution::Capped {
                    of: Box::new(unbounded),
                    max: of(max.max(one)),
                },
                None => unbounded,
            }
        })
}

fn delay() -> impl Strategy<Value = Distribution<Duration>> {
    distribution(86_400_000_000, Duration::from_micros)
}

fn size() -> impl Strategy<Value = Distribution<ByteSize>> {
    distribution(ByteSize::MAX.0, ByteSize)
}

fn count<const MOST: u32>(most: u32) -> impl Strategy<Value = Distribution<Count<MOST>>> {
    distribution(most.into(), Count::of)
}

/// What tasks may need, and how many miners sessions have at least and at most.
fn nodes() -> impl Strategy<Value = (RedundancyDistribution, [u32; 2])> {
    [1..30_u32, 1..30, 1..30].prop_flat_map(|mut nodes| {
        nodes.sort_unstable();
        let [most, min_nodes, max_nodes] = nodes;
        let bounded = move |redundancy: RedundancyDistribution| {
            if redundancy.is_bounded() {
                return redundancy;
            }
            Distribution::Capped {
                of: Box::new(redundancy),
                max: Count(most),
            }
        };
        (count(most).prop_map(bounded), Just([min_nodes, max_nodes]))
    })
}

fn load() -> impl Strategy<Value = Load> {
    // At most ten a second with blocks of 50 ms, so that groups that end by time stay small.
    let rate = || {
        prop_oneof![
            (1..10_000_u64).prop_map(|events| Rate::new(events, Period::Hour).unwrap()),
            (1..600_u64).prop_map(|events| Rate::new(events, Period::Minute).unwrap()),
            (1..10_u64).prop_map(|events| Rate::new(events, Period::Second).unwrap()),
            (1..500_000_u64).prop_map(|millionths| Rate::parse(&format!("0.{millionths:06}/block")).unwrap()),
        ]
    };
    let from_zero = move || prop_oneof![rate(), Just(Rate::parse_from_zero("0/min").unwrap())];
    let length = || (1_000..60_000_000_u64).prop_map(Duration::from_micros);
    let arrivals = || prop::sample::select(&Spacing::ALL[..]);
    let stage = (length(), from_zero()).prop_map(|(length, to)| Stage { length, to });
    prop_oneof![
        (count(5_000), delay()).prop_map(|(in_flight, think_time)| Load::BackToBack {
            in_flight,
            think_time
        }),
        rate().prop_map(|rate| Load::Constant { rate }),
        rate().prop_map(|rate| Load::Poisson { rate }),
        (rate(), from_zero(), length(), length(), arrivals()).prop_map(|(rate, idle, on, off, arrivals)| {
            Load::Bursts(Bursts {
                rate,
                idle,
                on,
                off,
                arrivals,
            })
        }),
        (rate(), from_zero(), length(), length()).prop_map(|(one, other, a, b)| Load::Mmpp(Mmpp {
            rates: [other, one],
            sojourns: [a, b]
        })),
        (rate(), vec(stage, 1..5), arrivals()).prop_map(|(from, stages, arrivals)| Load::Stages(Stages {
            from,
            stages,
            arrivals
        })),
    ]
}

fn fees() -> impl Strategy<Value = Eip1559Fees> {
    let price = 0..=Scenario::MAX_FEE;
    (price.clone(), price).prop_map(|(one, other)| Eip1559Fees {
        max_fee: one.max(other),
        tip: one.min(other),
    })
}

/// Orders that the embedded chain knows, in scenarios whose groups include `o0` and `m0`.
fn order() -> impl Strategy<Value = BlockOrder> {
    let last = |names: &[&str]| BlockOrder::Adversarial {
        last: names.iter().map(|&name| name.to_owned()).collect(),
    };
    let [fees, fifo, random] = BlockOrder::PLAIN.map(Just);
    prop_oneof![fees, fifo, random, Just(last(&["m0"])), Just(last(&["o0", "m0"]))]
}

prop_compose! {
    fn chain()(
        kind in prop::sample::select(&ChainKind::ALL[..]),
        hardfork in prop::sample::select(&Hardfork::ALL[..]),
        block_time in 50_000..=60_000_000_u64,
        gas_limit in ChainSpec::MIN_GAS_LIMIT..=ChainSpec::MAX_GAS_LIMIT,
        base_fee in 0..=ChainSpec::MAX_BASE_FEE,
        below_base_fee in prop::sample::select(&BelowBaseFee::ALL[..]),
        order in order(),
        submission_delay in delay(),
        allowance in prop::option::of(1..=ChainSpec::MAX_ALLOWANCE),
        forks in any::<bool>(),
    ) -> ChainSpec {
        let order = match (kind, order) {
            (ChainKind::Embedded, order) | (ChainKind::Anvil, order @ (BlockOrder::Fees | BlockOrder::Fifo)) => order,
            (ChainKind::Anvil, _) => BlockOrder::Fees,
        };
        let below_base_fee = if kind == ChainKind::Anvil { BelowBaseFee::Refuse } else { below_base_fee };
        let block_time = Duration::from_micros(block_time);
        let allowance = allowance.map(U256::from);
        let fork = (forks && kind == ChainKind::Anvil).then(|| "$RPC_URL".to_owned());
        ChainSpec {
            kind, block_time, gas_limit, hardfork, base_fee, below_base_fee, order, submission_delay, allowance, fork,
            state: None,
        }
    }
}

fn rate() -> impl Strategy<Value = Rate> {
    prop_oneof![Just("2/min"), Just("0.1/s"), Just("3.25/h")]
        .prop_map(|text| Rate::parse(text).expect("a rate"))
}

prop_compose! {
    /// Without dedicated nodes there are none to exchange.
    fn manage()(
        update in option::of(rate()),
        top_up in option::of((rate(), 1..1_u64 << 60)),
        withdraw in option::of((rate(), 1..1_u64 << 60)),
        routers in option::of(rate()),
        reopen in option::of(prop_oneof![
            rate().prop_map(Reopening::Rate),
            (1..1_000_u64).prop_map(Reopening::EveryTasks),
        ]),
    ) -> Management {
        let funding = |(rate, amount)| Funding { rate, amount: U256::from(amount) };
        Management {
            update,
            top_up: top_up.map(funding),
            withdraw: withdraw.map(funding),
            routers,
            dedicated: None,
            reopen,
        }
    }
}

prop_compose! {
    fn churn()(
        kind in prop::sample::select(&Departure::ALL[..]),
        lifetime in delay(),
        away in option::of(delay()),
    ) -> Churn {
        Churn { kind, lifetime, away }
    }
}

fn behaviour() -> impl Strategy<Value = Vec<BehaviourSpec>> {
    let phases: Vec<Phase> = REFERENCE.lifecycle().collect();
    let one = (
        prop::sample::select(&Behaviour::ALL[..]),
        0..=1_000_000_u64,
        option::of(prop::sample::select(phases)),
        0..600_000_000_u64,
        2..100_u32,
    );
    let one = one.prop_map(|(kind, probability, phase, by, members)| BehaviourSpec {
        members,
        probability: Parameter::from_millionths(probability),
        phase,
        by: Duration::from_micros(by),
        ..BehaviourSpec::of(kind)
    });
    vec(one, 0..3)
}

prop_compose! {
    fn owners()(
        count in 1..50_u32,
        sessions in 1..5_u32,
        mode in prop::sample::select(&Mode::ALL[..]),
        (redundancy, [min_nodes, max_nodes]) in nodes(),
        tasks in prop_oneof![
            (1..10_000_u64).prop_map(TaskCount::Total),
            (1..100_u64).prop_map(TaskCount::PerSession),
        ],
        load in load(),
        (duration, start) in (option::of(1_000..600_000_000_u64), 0..600_000_000_u64),
        max_in_flight in option::of(1..1_000_u32),
        drop_tasks in any::<bool>(),
        payload_size in size(),
        // At most five sessions, which together may take half of what an account starts with.
        deposit in option::of(0..=Scenario::BALANCE / 10),
        fees in fees(),
        (manage, behaviour) in (manage(), behaviour()),
    ) -> OwnerGroup {
        let duration = duration.map(Duration::from_micros);
        let duration = duration.map(|duration| load.length().map_or(duration, |length| duration.min(length)));
        let max_in_flight = max_in_flight.filter(|_| !load.is_closed());
        // Something ends the load; and it says what its tasks cost.
        let tasks = if drop_tasks && (load.length().is_some() || duration.is_some() && !load.is_closed()) {
            None
        } else {
            Some(tasks)
        };
        OwnerGroup {
            name: String::new(), count, sessions, mode, min_nodes, max_nodes, redundancy, reserve: false,
            submissions: Submissions {
                assignment: Assignment::RoundRobin, tasks, load, duration, start: Duration::from_micros(start), max_in_flight,
                payload_size,
            },
            deposit: deposit.map(U256::from), fees, dedicated: None, manage, behaviour,
        }
    }
}

prop_compose! {
    fn miners()(
        count in 30..200_u32,
        ack_delay in delay(),
        work_time in delay(),
        commit_delay in delay(),
        result_size in size(),
        concurrency in count(9),
        fees in fees(),
        join_after in option::of(delay()),
        churn in option::of(churn()),
        behaviour in behaviour(),
    ) -> MinerGroup {
        MinerGroup {
            name: String::new(), count, ack_delay, work_time, commit_delay, result_size, concurrency, fees, join_after, churn,
            behaviour,
        }
    }
}

fn thresholds() -> impl Strategy<Value = Vec<Threshold>> {
    let metric = prop::sample::select(Metric::all());
    let operator = prop::sample::select(&Operator::ALL[..]);
    let threshold = (metric, operator, 1..=1_000_000_u32, any::<bool>()).prop_map(
        |(metric, operator, bound, stop_early)| {
            let bound = match metric.unit() {
                Unit::Ratio => format!("{}%", f64::from(bound) / 1e4),
                unit => unit.written(bound.into()),
            };
            let threshold = Threshold::parse(&format!("{metric} {} {bound}", operator.name())).unwrap();
            if stop_early {
                threshold.stopping_early()
            } else {
                threshold
            }
        },
    );
    vec(threshold, 0..4)
}

/// Faults of all kinds in the order in which they are read.
fn faults() -> impl Strategy<Value = Vec<Fault>> {
    let any_fault = (
        0..FaultKind::ALL.len(),
        (0..=1_000_000_u64, 0..4_u8, 0..1_000_000_u64),
        option::of(1..600_u64),
        (50_000..60_000_000_u64, 0..60_000_000_u64),
        1..=32_u64,
    );
    vec(any_fault, 0..6).prop_map(|drawn| {
        let mut faults: Vec<Fault> = drawn
            .into_iter()
            .map(|(kind, (share, when, from), until, (time, more), depth)| {
                let time = Duration::from_micros(time);
                let mut fault = Fault::new(FaultKind::ALL[kind]);
                fault.from = Duration::from_micros(from);
                fault.until = until.map(|until| fault.from + Duration::from_secs(until));
                match when {
                    0 => {}
                    1 => fault.rate = Some(Parameter::from_millionths(share)),
                    2 => fault.at = vec![fault.from, fault.from + time],
                    _ => fault.every = Some(time),
                }
                for key in fault.kind.own_keys() {
                    match key {
                        FaultKey::By => {
                            fault.by = Delay {
                                least: time,
                                most: time + Duration::from_micros(more),
                            }
                        }
                        FaultKey::For => fault.lasts = time,
                        FaultKey::Depth => fault.depth = depth,
                        FaultKey::Factor => fault.factor = Parameter::from_millionths(10_000 + share),
                        FaultKey::Fill => fault.fill = Parameter::from_millionths(share),
                        FaultKey::Role if share % 2 == 0 || fault.kind.needs_target() => {
                            fault.target.role = Some("miner".to_owned());
                        }
                        FaultKey::Function if share % 3 == 0 => {
                            fault.target.function = Some("ack".to_owned())
                        }
                        _ => {}
                    }
                }
                if fault.kind == FaultKind::Outage {
                    fault.until.get_or_insert(fault.from + time);
                }
                fault
            })
            .collect();
        faults.sort_by_key(|fault| FaultKind::ALL.iter().position(|kind| *kind == fault.kind));
        faults
    })
}

prop_compose! {
    fn scenario()(
        (name, description) in ("[a-zA-Z0-9][a-zA-Z0-9._-]{0,63}", any::<String>()),
        seed in 0..=Scenario::MAX_SEED,
        chain in chain(),
        windows in [1..65_535_u64, 1..65_535, 1..65_535],
        // At most 10,000 tasks of redundancy 30 in each of four sessions: paid from half of what an account starts with.
        price in 0..=Scenario::BALANCE / 2 / 1_200_000,
        owners in vec(owners(), 1..4),
        miners in vec(miners(), 1..4),
        (oracles, check_interval, fees, behaviour) in (0..4_u32, 10_000..3_600_000_000_u64, fees(), behaviour()),
        (has_own_nodes, exchange) in (any::<bool>(), option::of(rate())),
        (warm_up, cool_down) in (option::of(0..600_000_000_u64), 0..600_000_000_u64),
        thresholds in thresholds(),
        (deadline, drain) in (1_000_000..1_000_000_000_u64, 0..600_000_000_000_u64),
        faults in faults(),
    ) -> Scenario {
        let [ack, precommit, commit] = windows.map(Duration::from_secs);
        let (mut owners, mut miners) = (owners, miners);
        for (index, group) in owners.iter_mut().enumerate() {
            group.name = format!("o{index}");
        }
        for (index, group) in miners.iter_mut().enumerate() {
            group.name = format!("m{index}");
        }
        // Somebody is in the pool when the first sessions are opened.
        miners[0].join_after = None;
        if has_own_nodes && owners[0].mode != Mode::Ephemeral {
            let nodes = owners[0].min_nodes;
            let count = owners[0].count * owners[0].sessions * nodes;
            miners.push(MinerGroup { name: "gpu".to_owned(), count, ..miners[0].clone() });
            let group = miners[miners.len() - 1].name.clone();
            owners[0].dedicated = Some(DedicatedNodes { group, nodes });
            owners[0].manage.dedicated = exchange;
        }
        let ends = owners.iter().all(|group| !group.submissions.load.is_closed() || group.submissions.duration.is_some());
        let cool_down = if ends { Duration::from_micros(cool_down) } else { Duration::ZERO };
        Scenario {
            name, description, seed,
            chain,
            profile: None,
            contracts: ContractBuild::built_in(),
            windows: Windows { ack, precommit, commit },
            price: U256::from(price),
            owners, miners,
            oracle: OracleSpec { count: oracles, check_interval: Duration::from_micros(check_interval), behaviour, fees },
            measure: Measure {
                warm_up: warm_up.map_or(WarmUp::Auto, |time| WarmUp::Fixed(Duration::from_micros(time))),
                cool_down,
            },
            limits: Limits {
                transaction_deadline: Duration::from_micros(deadline),
                drain: Duration::from_micros(drain),
                node_timeout: Duration::from_micros(deadline),
            },
            faults: FaultPlan { faults },
            thresholds: {
                let mut thresholds = thresholds;
                Threshold::complete(&mut thresholds);
                thresholds
            },
            data: Vec::new(),
        }
    }
}

proptest! {
    #[test]
    fn what_is_written_reads_back_equal(scenario in scenario()) {
        let text = scenario.to_toml();
        match Scenario::from_toml("written", &text) {
            Ok(read) => prop_assert_eq!(read, scenario),
            Err(error) => prop_assert!(false, "{:?}\n{}", miette::Report::new(error), text),
        }
    }
}
