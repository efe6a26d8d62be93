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

#[test]
fn refusals() {
    assert!(Loaded::from_toml("good.toml", GOOD).unwrap().warnings.is_empty());
    for (name, from, to) in [
        (
            "threshold_misspelt",
            "price = \"10 gwei\"",
            "thresholds = [\"task.totl.p99 < 10s\", \"phase.ack.response < 1s\"]",
        ),
        (
            "threshold_without_unit",
            "price = \"10 gwei\"",
            "thresholds = [\"tasks.failed.count < 1\", { hold = \"task.total.p99 < 10\", stop_early = true }]",
        ),
        (
            "threshold_of_nothing",
            "price = \"10 gwei\"",
            "thresholds = [\"task.total.p99\", \"tasks.ended.ratio >= 101%\", { stop = true }, 3]",
        ),
        (
            "threshold_alone",
            "price = \"10 gwei\"",
            "thresholds = \"task.total.p99 < 10s\"",
        ),
        ("not_toml", "count = 20", "count = = 20"),
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
        ("negative_count", "count = 20", "count = -3"),
        ("zero_count", "count = 20", "count = 0"),
        ("count_in_quotes", "count = 20", "count = \"20\""),
        ("count_with_decimals", "count = 20", "count = 20.5"),
        (
            "huge_number",
            "count = 20",
            "count = 99999999999999999999999999999999999999999999",
        ),
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
        (
            "delay_without_unit",
            "work_time = \"100ms\"",
            "work_time = \"100\"",
        ),
        ("delay_as_number", "work_time = \"100ms\"", "work_time = 100"),
        (
            "unknown_distribution",
            "work_time = \"100ms\"",
            "work_time = { gauss = \"100ms\" }",
        ),
        (
            "misspelt_distribution",
            "work_time = \"100ms\"",
            "work_time = { unifrom = [\"1ms\", \"2ms\"] }",
        ),
        (
            "two_distributions",
            "work_time = \"100ms\"",
            "work_time = { exponential = \"1ms\", uniform = [\"1ms\", \"2ms\"] }",
        ),
        (
            "uniform_reversed",
            "work_time = \"100ms\"",
            "work_time = { uniform = [\"2s\", \"1ms\"] }",
        ),
        (
            "uniform_of_one",
            "work_time = \"100ms\"",
            "work_time = { uniform = [\"2s\"] }",
        ),
        (
            "normal_incomplete",
            "work_time = \"100ms\"",
            "work_time = { normal = { mean = \"2s\" } }",
        ),
        (
            "lognormal_below_median",
            "work_time = \"100ms\"",
            "work_time = { lognormal = { median = \"2s\", p95 = \"1s\" } }",
        ),
        (
            "exponential_of_nothing",
            "work_time = \"100ms\"",
            "work_time = { exponential = \"0s\" }",
        ),
        (
            "misspelt_gamma",
            "work_time = \"100ms\"",
            "work_time = { gama = { shape = 2, mean = \"1s\" } }",
        ),
        (
            "gamma_shape_in_quotes",
            "work_time = \"100ms\"",
            "work_time = { gamma = { shape = \"2\", mean = \"1s\" } }",
        ),
        (
            "gamma_shape_of_nothing",
            "work_time = \"100ms\"",
            "work_time = { gamma = { shape = 0, mean = \"1s\" } }",
        ),
        (
            "weibull_shape_negative",
            "work_time = \"100ms\"",
            "work_time = { weibull = { shape = -0.5, scale = \"1s\" } }",
        ),
        (
            "weibull_by_mean",
            "work_time = \"100ms\"",
            "work_time = { weibull = { shape = 2.0, mean = \"1s\" } }",
        ),
        (
            "pareto_capped_below_its_scale",
            "work_time = \"100ms\"",
            "work_time = { pareto = { scale = \"1s\", shape = 1.5, max = \"10ms\" } }",
        ),
        (
            "lognormal_spread_twice",
            "work_time = \"100ms\"",
            "work_time = { lognormal = { median = \"1s\", p95 = \"2s\", sigma = 0.5 } }",
        ),
        (
            "lognormal_without_spread",
            "work_time = \"100ms\"",
            "work_time = { lognormal = { median = \"1s\" } }",
        ),
        (
            "lognormal_sigma_with_unit",
            "work_time = \"100ms\"",
            "work_time = { lognormal = { median = \"1s\", sigma = \"50ms\" } }",
        ),
        (
            "empirical_of_nothing",
            "work_time = \"100ms\"",
            "work_time = { empirical = [] }",
        ),
        (
            "empirical_without_unit",
            "work_time = \"100ms\"",
            "work_time = { empirical = [\"80ms\", 90, \"70\"] }",
        ),
        (
            "empirical_with_another_key",
            "work_time = \"100ms\"",
            "work_time = { empirical = { files = \"x.csv\" } }",
        ),
        (
            "empirical_as_number",
            "work_time = \"100ms\"",
            "work_time = { empirical = 7 }",
        ),
        (
            "empirical_of_both",
            "work_time = \"100ms\"",
            "work_time = { empirical = { file = \"x.csv\", histogram = [] } }",
        ),
        (
            "histogram_of_nothing",
            "work_time = \"100ms\"",
            "work_time = { empirical = { histogram = [{ low = \"1ms\", high = \"2ms\", count = 0 }] } }",
        ),
        (
            "histogram_reversed",
            "work_time = \"100ms\"",
            "work_time = { empirical = { histogram = [{ low = \"3ms\", high = \"2ms\", count = 1 }] } }",
        ),
        ("rate_without_period", "\"50/s\"", "\"50\""),
        ("rate_of_nothing", "\"50/s\"", "\"0/s\""),
        ("unknown_load", "{ constant = \"50/s\" }", "{ poison = \"50/s\" }"),
        ("amount_without_unit", "\"10 gwei\"", "\"10\""),
        ("amount_of_another_currency", "\"10 gwei\"", "\"10 euro\""),
        (
            "block_time_too_short",
            "block_time = \"1s\"",
            "block_time = \"10ms\"",
        ),
        (
            "block_time_too_long",
            "block_time = \"1s\"",
            "block_time = \"2m\"",
        ),
        (
            "gas_limit_too_small",
            "gas_limit = 36_000_000",
            "gas_limit = 21_000",
        ),
        ("window_of_half_seconds", "ack = \"30s\"", "ack = \"2.5s\""),
        ("window_of_nothing", "ack = \"30s\"", "ack = \"0s\""),
        ("unknown_hardfork", "[windows]", "hardfork = \"pragu\"\n[windows]"),
        ("name_that_is_a_path", "\"good\"", "\"../good run\""),
        ("name_missing_its_text", "\"good\"", "\"\""),
        (
            "payload_too_large",
            "tasks = 300",
            "tasks = 300\npayload_size = \"1 MiB\"",
        ),
        ("price_above_96_bits", "\"10 gwei\"", "\"80_000_000_000 ether\""),
        ("nothing_ends_the_load", "tasks = 300\n", ""),
        (
            "two_loads",
            "{ constant = \"50/s\" }",
            "{ constant = \"50/s\", poisson = \"5/s\" }",
        ),
        (
            "burst_without_an_end",
            "{ constant = \"50/s\" }",
            "{ bursts = { rate = \"50/s\", on = \"2s\", of = \"3s\" } }",
        ),
        (
            "one_state",
            "{ constant = \"50/s\" }",
            "{ mmpp = { rates = [\"50/s\"], sojourns = [\"1s\", \"2s\"] } }",
        ),
        (
            "stage_without_a_rate",
            "{ constant = \"50/s\" }",
            "{ stages = [{ for = \"1s\" }] }",
        ),
        (
            "stages_of_nothing",
            "{ constant = \"50/s\" }",
            "{ stages = [{ for = \"1s\", to = \"0/s\" }] }",
        ),
        (
            "stages_without_period",
            "{ constant = \"50/s\" }",
            "{ stages = [{ for = \"1s\", to = \"20\" }], arivals = \"even\" }",
        ),
        (
            "longer_than_its_stages",
            "load = { constant = \"50/s\" }",
            "duration = \"2m\"\nload = { stages = [{ for = \"90s\", to = \"20/s\" }] }",
        ),
        (
            "capped_closed_load",
            "load = { constant = \"50/s\" }",
            "max_in_flight = 5\nload = { back_to_back = { in_flight = 4 } }",
        ),
        (
            "cool_down_of_no_end",
            "load = { constant = \"50/s\" }",
            "load = \"back_to_back\"\n[measure]\ncool_down = \"5s\"",
        ),
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
        ("load_as_text", "{ constant = \"50/s\" }", "\"fast\""),
        ("seed_negative", "price = \"10 gwei\"", "seed = -1"),
        (
            "too_many_tasks",
            "tasks = 300",
            "tasks = { per_session = 1_000_000 }",
        ),
        (
            "max_fee_below_tip",
            "count = 60",
            "count = 60\ntip = \"3 gwei\"\nmax_fee = \"2 gwei\"",
        ),
        (
            "tip_above_the_default_max_fee",
            "count = 60",
            "count = 60\ntip = \"2_000_000 gwei\"",
        ),
        ("tip_without_unit", "count = 60", "count = 60\ntip = \"3\""),
        (
            "max_fee_too_large",
            "count = 60",
            "count = 60\nmax_fee = \"1 ether\"",
        ),
        (
            "base_fee_too_large",
            "[windows]",
            "base_fee = \"0.1 ether\"\n[windows]",
        ),
        ("misspelt_order", "[windows]", "order = \"fiffo\"\n[windows]"),
        (
            "order_without_its_table",
            "[windows]",
            "order = \"adversarial\"\n[windows]",
        ),
        ("order_that_is_none", "[windows]", "order = 1\n[windows]"),
        (
            "order_that_anvil_does_not_know",
            "[windows]",
            "order = \"random\"\n[windows]",
        ),
        (
            "waiting_on_anvil",
            "[windows]",
            "below_base_fee = \"wait\"\n[windows]",
        ),
        (
            "no_rule_for_low_fees",
            "[windows]",
            "below_base_fee = \"reject\"\n[windows]",
        ),
        (
            "order_of_unknown_groups",
            "[windows]",
            "kind = \"embedded\"\norder = { adversarial = { last = [\"miner\", \"owners\", \"everyone\"] } }\n[windows]",
        ),
        (
            "order_of_nobody",
            "[windows]",
            "kind = \"embedded\"\norder = { adversarial = { last = [] } }\n[windows]",
        ),
        (
            "order_with_another_key",
            "[windows]",
            "kind = \"embedded\"\norder = { adversarial = { first = [\"miners\"] } }\n[windows]",
        ),
        (
            "submission_delay_without_unit",
            "[windows]",
            "submission_delay = \"10\"\n[windows]",
        ),
        (
            "deposit_beyond_the_balance",
            "tasks = 300",
            "tasks = 300\ndeposit = \"600_000_000 ether\"",
        ),
        ("price_beyond_the_balance", "\"10 gwei\"", "\"100_000_000 ether\""),
        (
            "section_as_value",
            "[chain]\nblock_time = \"1s\"\ngas_limit = 36_000_000",
            "chain = \"anvil\"",
        ),
    ] {
        insta::assert_snapshot!(name, refusal(from, to));
    }
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
