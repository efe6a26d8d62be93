//! Messages about invalid scenario files.

use miette::{GraphicalReportHandler, GraphicalTheme};
use taskstorm::scenario::{Finding, Loaded};

/// A scenario that is right.
const GOOD: &str = r#"name = "good"
price = "10 gwei"

[chain]
block_time = "1s"
gas_limit = 36_000_000

[windows]
ack = "30s"

[owners]
count = 20
min_nodes = 3
max_nodes = 5
redundancy = 3
tasks = 300
load = { constant = "50/s" }

[miners]
count = 60
work_time = "100ms"
"#;

pub(crate) fn render(diagnostic: &dyn miette::Diagnostic) -> String {
    render_within(100, diagnostic)
}

/// As a terminal of this many columns shows it.
pub(crate) fn render_within(width: usize, diagnostic: &dyn miette::Diagnostic) -> String {
    let mut text = String::new();
    GraphicalReportHandler::new_themed(GraphicalTheme::unicode_nocolor())
        .with_width(width)
        .with_links(false)
        .render_report(&mut text, diagnostic)
        .unwrap();
    text
}

/// What is said of the good scenario with `from` replaced by `to`.
pub(super) fn refusal(from: &str, to: &str) -> String {
    assert_eq!(GOOD.matches(from).count(), 1, "{from}");
    render(&Loaded::from_toml("bad.toml", &GOOD.replace(from, to)).unwrap_err())
}

pub(super) fn warnings(from: &str, to: &str) -> String {
    assert_eq!(GOOD.matches(from).count(), 1, "{from}");
    let loaded = Loaded::from_toml("doubtful.toml", &GOOD.replace(from, to)).unwrap();
    loaded
        .warnings
        .iter()
        .map(|warning: &Finding| render(warning))
        .collect()
}

/// Holds what is said of each change of the good scenario to its snapshot.
fn refused(cases: &[(&str, &str, &str)]) {
    for (name, from, to) in cases {
        insta::assert_snapshot!(*name, refusal(from, to));
    }
}

/// The same of other things in one place.
fn refused_instead_of(from: &str, cases: &[(&str, &str)]) {
    for (name, to) in cases {
        refused(&[(name, from, to)]);
    }
}

#[test]
fn the_good_scenario_is_refused_nothing() {
    assert!(Loaded::from_toml("good.toml", GOOD).unwrap().warnings.is_empty());
}

#[test]
fn thresholds() {
    refused_instead_of(
        r#"price = "10 gwei""#,
        &[
            (
                "threshold_misspelt",
                r#"thresholds = ["task.totl.p99 < 10s", "phase.ack.response < 1s"]"#,
            ),
            (
                "threshold_without_unit",
                r#"thresholds = ["tasks.failed.count < 1", { hold = "task.total.p99 < 10", stop_early = true }]"#,
            ),
            (
                "threshold_of_nothing",
                r#"thresholds = ["task.total.p99", "tasks.ended.ratio >= 101%", { stop = true }, 3]"#,
            ),
            ("threshold_alone", r#"thresholds = "task.total.p99 < 10s""#),
        ],
    );
}

#[test]
fn keys_and_sections() {
    refused(&[
        ("key_twice", "min_nodes = 3", "count = 3"),
        ("misspelt_key", "min_nodes", "min_ndoes"),
        ("misspelt_required_key", "tasks = ", "taks = "),
        ("unknown_key", "[windows]", "[windows]\ncolour = \"red\""),
        ("unknown_section", "[windows]", "[window]"),
        ("missing_key", "count = 60\n", ""),
        (
            "missing_section",
            "[miners]\ncount = 60\nwork_time = \"100ms\"\n",
            "",
        ),
        ("not_toml", "count = 20", "count = = 20"),
    ]);
}

#[test]
fn counts_of_actors() {
    refused_instead_of(
        "count = 20",
        &[
            ("negative_count", "count = -3"),
            ("zero_count", "count = 0"),
            ("count_in_quotes", r#"count = "20""#),
            ("count_with_decimals", "count = 20.5"),
            (
                "huge_number",
                "count = 99999999999999999999999999999999999999999999",
            ),
        ],
    );
    refused(&[
        ("redundancy_above_min_nodes", "redundancy = 3", "redundancy = 4"),
        (
            "redundancy_above_eight_bits",
            "redundancy = 3",
            "redundancy = 256",
        ),
        ("min_above_max", "max_nodes = 5", "max_nodes = 2"),
        ("more_nodes_than_miners", "max_nodes = 5", "max_nodes = 61"),
        (
            "too_many_reserved",
            "redundancy = 3",
            "redundancy = 3\nreserve = true",
        ),
    ]);
}

#[test]
fn delays() {
    refused_instead_of(
        r#""100ms""#,
        &[
            ("delay_without_unit", r#""100""#),
            ("delay_as_number", "100"),
            ("unknown_distribution", r#"{ gauss = "100ms" }"#),
            ("misspelt_distribution", r#"{ unifrom = ["1ms", "2ms"] }"#),
            (
                "two_distributions",
                r#"{ exponential = "1ms", uniform = ["1ms", "2ms"] }"#,
            ),
            ("uniform_reversed", r#"{ uniform = ["2s", "1ms"] }"#),
            ("uniform_of_one", r#"{ uniform = ["2s"] }"#),
            ("normal_incomplete", r#"{ normal = { mean = "2s" } }"#),
            (
                "lognormal_below_median",
                r#"{ lognormal = { median = "2s", p95 = "1s" } }"#,
            ),
            ("exponential_of_nothing", r#"{ exponential = "0s" }"#),
        ],
    );
}

#[test]
fn shapes_of_distributions() {
    refused_instead_of(
        r#""100ms""#,
        &[
            ("misspelt_gamma", r#"{ gama = { shape = 2, mean = "1s" } }"#),
            (
                "gamma_shape_in_quotes",
                r#"{ gamma = { shape = "2", mean = "1s" } }"#,
            ),
            (
                "gamma_shape_of_nothing",
                r#"{ gamma = { shape = 0, mean = "1s" } }"#,
            ),
            (
                "weibull_shape_negative",
                r#"{ weibull = { shape = -0.5, scale = "1s" } }"#,
            ),
            ("weibull_by_mean", r#"{ weibull = { shape = 2.0, mean = "1s" } }"#),
            (
                "pareto_capped_below_its_scale",
                r#"{ pareto = { scale = "1s", shape = 1.5, max = "10ms" } }"#,
            ),
            (
                "lognormal_spread_twice",
                r#"{ lognormal = { median = "1s", p95 = "2s", sigma = 0.5 } }"#,
            ),
            ("lognormal_without_spread", r#"{ lognormal = { median = "1s" } }"#),
            (
                "lognormal_sigma_with_unit",
                r#"{ lognormal = { median = "1s", sigma = "50ms" } }"#,
            ),
        ],
    );
}

#[test]
fn empirical_distributions() {
    refused_instead_of(
        r#""100ms""#,
        &[
            ("empirical_of_nothing", "{ empirical = [] }"),
            ("empirical_without_unit", r#"{ empirical = ["80ms", 90, "70"] }"#),
            (
                "empirical_with_another_key",
                r#"{ empirical = { files = "x.csv" } }"#,
            ),
            ("empirical_as_number", "{ empirical = 7 }"),
            (
                "empirical_of_both",
                r#"{ empirical = { file = "x.csv", histogram = [] } }"#,
            ),
            (
                "histogram_of_nothing",
                r#"{ empirical = { histogram = [{ low = "1ms", high = "2ms", count = 0 }] } }"#,
            ),
            (
                "histogram_reversed",
                r#"{ empirical = { histogram = [{ low = "3ms", high = "2ms", count = 1 }] } }"#,
            ),
        ],
    );
}

#[test]
fn units() {
    refused(&[
        ("rate_without_period", r#""50/s""#, r#""50""#),
        ("rate_of_nothing", r#""50/s""#, r#""0/s""#),
        ("amount_without_unit", r#""10 gwei""#, r#""10""#),
        ("amount_of_another_currency", r#""10 gwei""#, r#""10 euro""#),
        (
            "block_time_too_short",
            r#"block_time = "1s""#,
            r#"block_time = "10ms""#,
        ),
        (
            "block_time_too_long",
            r#"block_time = "1s""#,
            r#"block_time = "2m""#,
        ),
        (
            "gas_limit_too_small",
            "gas_limit = 36_000_000",
            "gas_limit = 21_000",
        ),
        ("window_of_half_seconds", r#"ack = "30s""#, r#"ack = "2.5s""#),
        ("window_of_nothing", r#"ack = "30s""#, r#"ack = "0s""#),
        (
            "unknown_load",
            r#"{ constant = "50/s" }"#,
            r#"{ poison = "50/s" }"#,
        ),
    ]);
}

#[test]
fn names_and_sizes() {
    refused(&[
        ("name_that_is_a_path", r#""good""#, r#""../good run""#),
        ("name_missing_its_text", r#""good""#, r#""""#),
        (
            "payload_too_large",
            "tasks = 300",
            "tasks = 300\npayload_size = \"1 MiB\"",
        ),
        ("price_above_96_bits", r#""10 gwei""#, r#""80_000_000_000 ether""#),
        ("unknown_hardfork", "[windows]", "hardfork = \"pragu\"\n[windows]"),
    ]);
}

#[test]
fn loads() {
    refused_instead_of(
        r#"{ constant = "50/s" }"#,
        &[
            ("two_loads", r#"{ constant = "50/s", poisson = "5/s" }"#),
            (
                "burst_without_an_end",
                r#"{ bursts = { rate = "50/s", on = "2s", of = "3s" } }"#,
            ),
            (
                "one_state",
                r#"{ mmpp = { rates = ["50/s"], sojourns = ["1s", "2s"] } }"#,
            ),
            ("stage_without_a_rate", r#"{ stages = [{ for = "1s" }] }"#),
            (
                "stages_of_nothing",
                r#"{ stages = [{ for = "1s", to = "0/s" }] }"#,
            ),
            (
                "stages_without_period",
                r#"{ stages = [{ for = "1s", to = "20" }], arivals = "even" }"#,
            ),
        ],
    );
    refused(&[("nothing_ends_the_load", "tasks = 300\n", "")]);
}

#[test]
fn ends_of_loads() {
    refused_instead_of(
        r#"load = { constant = "50/s" }"#,
        &[
            (
                "longer_than_its_stages",
                "duration = \"2m\"\nload = { stages = [{ for = \"90s\", to = \"20/s\" }] }",
            ),
            (
                "capped_closed_load",
                "max_in_flight = 5\nload = { back_to_back = { in_flight = 4 } }",
            ),
            (
                "cool_down_of_no_end",
                "load = \"back_to_back\"\n[measure]\ncool_down = \"5s\"",
            ),
        ],
    );
    refused(&[
        (
            "cost_unknown",
            "tasks = 300\nload = { constant = \"50/s\" }",
            "duration = \"1m\"\nload = \"back_to_back\"",
        ),
        (
            "too_many_tasks_in_the_time",
            "tasks = 300\nload = { constant = \"50/s\" }",
            "duration = \"1h\"\nload = { poisson = \"9000/s\" }",
        ),
        (
            "warm_up_of_no_length",
            "[windows]",
            "[measure]\nwarm_up = \"automatic\"\n[windows]",
        ),
    ]);
}

#[test]
fn numbers() {
    refused(&[
        (
            "too_many_tasks",
            "tasks = 300",
            "tasks = { per_session = 1_000_000 }",
        ),
        ("load_as_text", r#"{ constant = "50/s" }"#, r#""fast""#),
        ("seed_negative", r#"price = "10 gwei""#, "seed = -1"),
    ]);
}

#[test]
fn fees() {
    refused_instead_of(
        "count = 60",
        &[
            (
                "max_fee_below_tip",
                "count = 60\ntip = \"3 gwei\"\nmax_fee = \"2 gwei\"",
            ),
            (
                "tip_above_the_default_max_fee",
                "count = 60\ntip = \"2_000_000 gwei\"",
            ),
            ("tip_without_unit", "count = 60\ntip = \"3\""),
            ("max_fee_too_large", "count = 60\nmax_fee = \"1 ether\""),
        ],
    );
    refused(&[(
        "base_fee_too_large",
        "[windows]",
        "base_fee = \"0.1 ether\"\n[windows]",
    )]);
}

#[test]
fn orders_of_blocks() {
    refused_instead_of(
        "[windows]",
        &[
            ("misspelt_order", "order = \"fiffo\"\n[windows]"),
            ("order_without_its_table", "order = \"adversarial\"\n[windows]"),
            ("order_that_is_none", "order = 1\n[windows]"),
            ("order_that_anvil_does_not_know", "order = \"random\"\n[windows]"),
            ("waiting_on_anvil", "below_base_fee = \"wait\"\n[windows]"),
            ("no_rule_for_low_fees", "below_base_fee = \"reject\"\n[windows]"),
            (
                "order_of_unknown_groups",
                "kind = \"embedded\"\norder = { adversarial = { last = [\"miner\", \"owners\", \"everyone\"] } }\n[windows]",
            ),
            (
                "order_of_nobody",
                "kind = \"embedded\"\norder = { adversarial = { last = [] } }\n[windows]",
            ),
            (
                "order_with_another_key",
                "kind = \"embedded\"\norder = { adversarial = { first = [\"miners\"] } }\n[windows]",
            ),
            (
                "submission_delay_without_unit",
                "submission_delay = \"10\"\n[windows]",
            ),
        ],
    );
}

#[test]
fn balances() {
    refused(&[
        (
            "deposit_beyond_the_balance",
            "tasks = 300",
            "tasks = 300\ndeposit = \"600_000_000 ether\"",
        ),
        (
            "price_beyond_the_balance",
            r#""10 gwei""#,
            r#""100_000_000 ether""#,
        ),
        (
            "section_as_value",
            "[chain]\nblock_time = \"1s\"\ngas_limit = 36_000_000",
            r#"chain = "anvil""#,
        ),
    ]);
}

#[test]
fn everything_that_is_wrong_is_said_at_once() {
    let text = r#"
name = "many faults"
seed = "one"

[chain]
block_time = "10ms"
gas_limt = 1

[[owners]]
name = "a"
count = 0
redundancy = 9
tasks = 10

[[owners]]
name = "a"
count = 1
redundancy = 3
min_nodes = 2
tasks = { per_sesion = 1 }

[[miners]]
count = 4
work_time = { normal = { mean = "fast", stddev = "20ms" } }
"#;
    insta::assert_snapshot!(render(&Loaded::from_toml("many.toml", text).unwrap_err()));
}

#[test]
fn a_session_that_no_block_holds() {
    let text = GOOD
        .replace("max_nodes = 5", "max_nodes = 255")
        .replace("count = 60", "count = 5_000");
    let small = text.replace("36_000_000", "5_000_000");
    insta::assert_snapshot!(render(&Loaded::from_toml("bad.toml", &small).unwrap_err()));
}
