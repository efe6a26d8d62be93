//! Traces: what they may look like, and the plan that is made of them.

use std::{
    fmt::Write,
    fs,
    time::{Duration, Instant},
};

use taskstorm::{
    plan::{LoadPlan, Plan},
    scenario::{Load, Loaded, Scenario},
};
use tempfile::TempDir;

use super::{data_files::resolved, refusals::render_within};

/// A scenario of two owners of three sessions each whose load is `load`, beside a trace.
fn beside(load: &str, more: &str, trace: &str) -> TempDir {
    let folder = TempDir::new().unwrap();
    let text = format!(
        "name = \"t\"\n[owners]\ncount = 2\nsessions = 3\nload = {load}\n{more}\n[miners]\ncount = 6\n"
    );
    fs::write(folder.path().join("s.toml"), text).unwrap();
    fs::write(folder.path().join("t.csv"), trace).unwrap();
    folder
}

fn scenario(load: &str, more: &str, trace: &str) -> Scenario {
    Scenario::load(beside(load, more, trace).path().join("s.toml")).unwrap()
}

/// Every arrival as `(at, owner, session, payload)`, in order of time.
fn arrivals(scenario: &Scenario) -> Vec<(u64, usize, u32, Option<u16>)> {
    let plan = Plan::of(scenario);
    let mut all = Vec::new();
    for (index, owner) in plan.owners.iter().enumerate() {
        let LoadPlan::Open(arrivals) = &owner.load else {
            panic!("an open load")
        };
        assert!(arrivals.is_sorted_by_key(|arrival| arrival.at));
        all.extend(
            arrivals
                .iter()
                .map(|arrival| (arrival.at.0, index, arrival.session, arrival.payload)),
        );
        for (place, session) in (0..).zip(&owner.sessions) {
            let here = arrivals.iter().filter(|arrival| arrival.session == place).count();
            assert_eq!(session.tasks, Some(here as u64));
        }
    }
    assert_eq!(plan.tasks, Some(all.len() as u64));
    all.sort_unstable();
    all
}

const PLAIN: &str = "{ trace = \"t.csv\" }";

#[test]
fn rows_that_name_nobody_go_round_the_sessions_in_order_of_time() {
    let plain = scenario(PLAIN, "", "at_us\n30\n0\n10\n20\n50\n40\n60\n");
    let expected = [
        (0, 0, 0, None),
        (10, 1, 0, None),
        (20, 0, 1, None),
        (30, 1, 1, None),
        (40, 0, 2, None),
        (50, 1, 2, None),
        (60, 0, 0, None),
    ];
    assert_eq!(arrivals(&plain), expected);
}

#[test]
fn rows_may_name_owners_sessions_and_sizes() {
    let trace = "at_ms,owner,session,payload_bytes\n0,1,2,40\n1,1,,\n2,1,,0\n3,,4,65535\n4,,,\n4,0,0,7\n";
    let named = scenario(PLAIN, "", trace);
    assert_eq!(
        arrivals(&named),
        [
            (0, 1, 2, Some(40)),
            // The owner's sessions in turn.
            (1_000, 1, 0, None),
            (2_000, 1, 1, Some(0)),
            // The group's fifth: the third of the first owner.
            (3_000, 0, 2, Some(65_535)),
            (4_000, 0, 0, None),
            (4_000, 0, 0, Some(7)),
        ]
    );
}

#[test]
fn tasks_time_speed_and_start_bound_a_trace() {
    let trace = "at\n0s\n1s\n2s\n3s\n";
    let times = |load: &str, more: &str| -> Vec<u64> {
        let all = arrivals(&scenario(load, more, trace));
        all.iter().map(|(at, ..)| at / 1_000).collect()
    };
    assert_eq!(times(PLAIN, "tasks = 3"), [0, 1_000, 2_000]);
    assert_eq!(times(PLAIN, "tasks = 30"), [0, 1_000, 2_000, 3_000]);
    assert_eq!(times(PLAIN, "duration = \"2s\""), [0, 1_000]);
    assert_eq!(times(PLAIN, "start = \"5s\"\ntasks = 2"), [5_000, 6_000]);
    let fast = "{ trace = { file = \"t.csv\", speed = 2.5 } }";
    assert_eq!(times(fast, ""), [0, 400, 800, 1_200]);
}

#[test]
fn dates_count_from_the_earliest_row() {
    for trace in [
        "at\n2030-01-02 03:04:05.1234560\n2030-01-02 03:04:05.6234560\n2030-01-02 03:04:06.123457\n",
        "at\n2030-01-02T03:04:05.623456Z\n2030-01-02T04:04:06.123457+01:00\n2030-01-02T03:04:05.123456\n",
        "at\r\n20300102T030405.123456Z\r\n2030-01-02 03:04:05.6234561\r\n2030-01-01 21:04:06.123457-06:00\r\n",
        "at_s\n1900000000\n1900000000.5\n1900000001.000001\n",
        "at_ms\n1900000001000.001\n1900000000000\n1900000000500\n",
        "at_us\n1900000000000000\n1900000001000001\n1900000000500000\n",
        "at_s\n1000000000\n1000000000.5\n1000000001.000001\n",
    ] {
        let all = arrivals(&scenario(PLAIN, "", trace));
        let times: Vec<u64> = all.iter().map(|(at, ..)| *at).collect();
        assert_eq!(times, [0, 500_000, 1_000_001], "{trace}");
    }
    // Of times since the beginning, the first need not be 0.
    let late = arrivals(&scenario(PLAIN, "", "at_s\n5\n500000\n"));
    assert_eq!(
        late.iter().map(|(at, ..)| *at).collect::<Vec<_>>(),
        [5_000_000, 500_000_000_000]
    );
    // A week is the longest that a run waits; of a faster replay it is more of the recording.
    let fast = "{ trace = { file = \"t.csv\", speed = 100 } }";
    let year = arrivals(&scenario(fast, "", "at\n2029-01-01\n2030-01-01\n"));
    assert_eq!(year[1].0, 365 * 24 * 3_600 * 10_000);
}

#[test]
fn a_run_of_dates_writes_its_trace_as_it_replays_it() {
    let original = scenario(
        PLAIN,
        "",
        "at,owner\n2030-01-02 03:04:06Z,1\n2030-01-02 03:04:05Z,\n",
    );
    let copy = resolved(&original);
    let written = fs::read_to_string(copy.path().join("inputs/owners-1.load.csv")).unwrap();
    assert_eq!(written, "at_us,owner,session,payload_bytes\n0,,,\n1000000,1,,\n");
    assert_eq!(Scenario::load(copy.path().join("s.toml")).unwrap(), original);
}

#[test]
fn what_a_trace_comes_to_is_known_beforehand() {
    let trace = scenario(PLAIN, "", "at_s,session\n0,0\n1,0\n2,5\n4,0\n");
    let group = &trace.owners[0];
    assert_eq!(group.expected_tasks(Duration::from_secs(1)), Some(4));
    let price = alloy::primitives::U256::from(10);
    // The first session has three of the four.
    assert_eq!(
        group.session_cost(price, Duration::from_secs(1)),
        Some(price * alloy::primitives::U256::from(3))
    );
    let doubled = group.submissions.load.scaled(2.0).unwrap();
    let Load::Trace(replay) = &doubled else {
        panic!("a trace")
    };
    assert_eq!(replay.length(), Duration::from_micros(2_000_001));
}

#[test]
fn a_resolved_scenario_carries_its_trace() {
    let load = "{ trace = { file = \"t.csv\", speed = 0.5 } }";
    let trace = "note,at_ms,payload\n# twice as slow\nx,1.5,1 KiB\n,0.25,\n";
    let original = scenario(load, "", trace);
    let copy = resolved(&original);
    let written = fs::read_to_string(copy.path().join("inputs/owners-1.load.csv")).unwrap();
    assert_eq!(
        written,
        "at_us,owner,session,payload_bytes\n250,,,\n1500,,,1024\n"
    );
    assert_eq!(Scenario::load(copy.path().join("s.toml")).unwrap(), original);
}

#[test]
fn refusals_of_traces() {
    for (name, load, more, trace) in [
        ("missing", "{ trace = \"arrivals.csv\" }", "", ""),
        ("empty", PLAIN, "", "at_us\n"),
        ("without_times", PLAIN, "", "time,session\n1,0\n"),
        ("of_no_owner", PLAIN, "", "at_us,owner\n1,0\n2,2\n"),
        ("of_no_session", PLAIN, "", "at_us,session\n1,5\n2,6\n"),
        (
            "of_no_session_of_its_owner",
            PLAIN,
            "",
            "at_us,owner,session\n1,0,2\n2,1,3\n",
        ),
        ("malformed", PLAIN, "", "at_us,session\n1,0\n2,first\n"),
        ("too_late", PLAIN, "", "at_s\n0\n1767225600\n5\n"),
        ("too_long", PLAIN, "", "at\n2030-01-01\n2030-01-09\n2030-01-02\n"),
        ("of_dates_and_times", PLAIN, "", "at\n2030-01-01\n5s\n"),
        ("of_no_date", PLAIN, "", "at\n2030-01-01\n2030-02-31T00:00:00\n"),
        ("date_in_seconds", PLAIN, "", "at_s\n2030-01-01\n"),
        ("payload_too_large", PLAIN, "", "at_us,payload_bytes\n0,70000\n"),
        ("as_number", "{ trace = 5 }", "", ""),
        ("without_file", "{ trace = { speed = 2 } }", "", ""),
        (
            "of_no_speed",
            "{ trace = { file = \"t.csv\", speed = 0 } }",
            "",
            "at_us\n1\n",
        ),
        ("per_session", PLAIN, "tasks = { per_session = 2 }", "at_us\n1\n"),
    ] {
        let folder = beside(load, more, trace);
        let error = Loaded::from_file(folder.path().join("s.toml")).unwrap_err();
        let place = format!("{}/", folder.path().display());
        let said = render_within(400, &error).replace(&place, "");
        insta::assert_snapshot!(format!("trace_{name}"), said);
    }
}

#[test]
fn a_million_rows_are_planned_in_seconds() {
    let mut trace = "at_us,owner,session,payload_bytes\n".to_owned();
    for k in 0..1_000_000 {
        writeln!(trace, "{},{},{},{}", k * 17, k % 2, k % 3, k % 500).unwrap();
    }
    let folder = beside(PLAIN, "", &trace);
    let start = Instant::now();
    let scenario = Scenario::load(folder.path().join("s.toml")).unwrap();
    assert_eq!(Plan::of(&scenario).tasks, Some(1_000_000));
    // 2.3 s unoptimised on a slow core; the bound leaves room for a busy machine.
    assert!(start.elapsed().as_secs_f64() < 20.0, "{:?}", start.elapsed());
}
