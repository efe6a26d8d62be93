//! Warnings about files that can run and are likely not meant so.

use super::refusals::warnings;

#[test]
fn doubts() {
    for (name, from, to) in [
        (
            "endless_mean",
            "work_time = \"100ms\"",
            "work_time = { pareto = { scale = \"1ms\", shape = 0.9 } }",
        ),
        (
            "work_outlasts_window",
            "work_time = \"100ms\"",
            "work_time = { lognormal = { median = \"60s\", p95 = \"150s\" } }",
        ),
        ("window_of_one_block", "ack = \"30s\"", "ack = \"1s\""),
        (
            "short_deposit",
            "tasks = 300",
            "tasks = 300\ndeposit = \"1 gwei\"",
        ),
        ("no_oracle", "[windows]", "[oracle]\ncount = 0\n[windows]"),
        (
            "contested_pool",
            "[owners]\n",
            "[[owners]]\nname = \"reserving\"\ncount = 5\ntasks = 1\nmax_nodes = 5\nreserve = true\nmanage = { reopen = \"1/min\" }\n[[owners]]\n",
        ),
        (
            "idle_submission_delay",
            "[windows]",
            "submission_delay = \"10ms\"\n[windows]",
        ),
        (
            "max_fee_below_base_fee",
            "count = 60",
            "count = 60\nmax_fee = \"0.5 gwei\"\ntip = \"0 wei\"",
        ),
        (
            "nothing_left_to_measure",
            "[windows]",
            "[measure]\nwarm_up = \"5s\"\ncool_down = \"1s\"\n[windows]",
        ),
        (
            "cap_below_the_rate",
            "tasks = 300",
            "tasks = 300\nmax_in_flight = 40",
        ),
        ("dedicated", "tasks = 300", "tasks = 300\nmode = \"dedicated\""),
    ] {
        insta::assert_snapshot!(name, warnings(from, to));
    }
}
