//! Promises of the scenarios, verified in the scaled-down runs.

use taskstorm::{
    protocol::{Behaviour, Function, Phase, TaskSpan},
    record::{RunResult, Stats},
};

use super::runs::of;
use crate::support::folder::ParsedRow;

fn span(result: &RunResult, span: TaskSpan) -> &Stats {
    let result = &result.task_phases[&span];
    result.duration_us.as_ref().expect("it was measured")
}

fn median(values: impl Iterator<Item = u64>) -> u64 {
    let mut values: Vec<u64> = values.collect();
    values.sort_unstable();
    values[values.len() / 2]
}

/// Gas of the whole load, over its tasks.
fn gas_per_task(name: &str) -> f64 {
    let result = &of(name).result;
    let load = result.gas_total() - result.phases[&Phase::SETUP].gas_total;
    load as f64 / result.tasks.ended as f64
}

#[test]
fn a_steady_load_leaves_room_and_bursts_fill_blocks() {
    let (steady, bursts) = (&of("steady-poisson").result, &of("bursts").result);
    assert!(steady.blocks.fullness_max < Some(0.7), "{:?}", steady.blocks);
    assert!(bursts.blocks.fullness_max > Some(0.98), "{:?}", bursts.blocks);
    let [steady, bursts] = [steady, bursts].map(|result| span(result, TaskSpan::TOTAL).p50);
    assert!(2 * bursts > 5 * steady / 2, "{steady} µs and {bursts} µs");
}

#[test]
fn a_ramp_saturates_the_miners_and_not_the_blocks() {
    let folder = of("ramp");
    let mut tasks: Vec<_> = folder
        .tasks
        .iter()
        .map(|task| {
            (
                task.us("intended_us"),
                task.us("precommit_duration_us"),
                task.us("ack_duration_us"),
            )
        })
        .collect();
    tasks.sort_unstable();
    let quarter = tasks.len() / 4;
    let (first, last) = (&tasks[..quarter], &tasks[3 * quarter..]);
    let precommit = |part: &[(u64, u64, u64)]| median(part.iter().map(|task| task.1));
    let ack = |part: &[(u64, u64, u64)]| median(part.iter().map(|task| task.2));
    assert!(precommit(last) > 2 * precommit(first), "{first:?} {last:?}");
    assert_eq!(ack(last), ack(first));
    assert!(
        folder.result.blocks.fullness_max < Some(0.34),
        "{:?}",
        folder.result.blocks
    );
}

#[test]
fn blocks_that_are_too_small_are_full_and_every_phase_waits() {
    let result = &of("block-gas-limited").result;
    assert!(result.blocks.fullness_mean > Some(0.75), "{:?}", result.blocks);
    for phase in [Phase::SUBMIT, Phase::ACK, Phase::PRECOMMIT, Phase::COMMIT] {
        let response = result.phases[&phase].response_us.as_ref().expect("transactions");
        assert!(response.p90 > 1_500_000, "{phase:?}: {response:?}");
    }
    let fees = (result.blocks.base_fee_min_wei, result.blocks.base_fee_max_wei);
    let (Some(low), Some(high)) = fees else {
        panic!("no base fees")
    };
    assert!(high > 3 * low, "{low} to {high}");
}

#[test]
fn documents_take_most_of_the_gas_of_submissions() {
    let folder = of("large-payloads");
    // The owners of prompts come first.
    let gas = |documents: bool| -> Vec<u64> {
        folder
            .calls("submitTask")
            .filter(|row| (row.us("actor_index") >= 16) == documents)
            .map(|row| row.us("gas_used"))
            .collect()
    };
    let (prompts, documents) = (gas(false), gas(true));
    assert!(
        prompts.len() > 2 * documents.len(),
        "{} and {}",
        prompts.len(),
        documents.len()
    );
    let [all_prompts, all_documents] = [&prompts, &documents].map(|gas| gas.iter().sum::<u64>());
    assert!(all_documents > all_prompts, "{all_documents} and {all_prompts}");
    let [prompt, document] = [prompts, documents].map(|gas| median(gas.into_iter()));
    assert!(document > 4 * prompt, "{document} and {prompt}");
}

#[test]
fn gas_grows_with_every_miner_and_time_with_the_slowest() {
    let [one, three, seven] = ["redundancy-1", "redundancy-3", "redundancy-7"].map(gas_per_task);
    let (first, others) = (three - one, seven - three);
    assert!(
        (0.9..1.1).contains(&(others / 2.0 / first)),
        "{one}, {three}, {seven}"
    );
    assert!((2.0..2.4).contains(&(three / one)), "{one}, {three}, {seven}");
    let [one, three, seven] = ["redundancy-1", "redundancy-3", "redundancy-7"]
        .map(|name| span(&of(name).result, TaskSpan::PRECOMMIT).mean);
    assert!(one < three && three < seven, "{one}, {three}, {seven}");
    assert!(seven < 4.0 * one, "{one} and {seven}");
}

#[test]
fn slow_work_is_closed_by_the_oracle_and_its_tasks_end() {
    let folder = of("slow-inference");
    let precommit = span(&folder.result, TaskSpan::PRECOMMIT);
    assert!(precommit.p50 < 60_000_000, "{precommit:?}");
    assert!(precommit.max >= 120_000_000, "{precommit:?}");
    let closed = folder.result.functions[&Function::END_PRECOMMIT]
        .transactions
        .included;
    let (acks, commits) = (folder.calls("ack").count(), folder.calls("commit").count());
    assert!(
        closed > 0 && commits < acks,
        "{closed} closed, {commits} of {acks}"
    );
}

/// A user never has two tasks open.
#[test]
fn interactive_users_wait_for_their_results() {
    let folder = of("interactive");
    for user in 0..20 {
        let mut tasks: Vec<&ParsedRow> = folder
            .tasks
            .iter()
            .filter(|task| task.us("actor_index") == user)
            .collect();
        tasks.sort_by_key(|task| task.us("intended_us"));
        for pair in tasks.windows(2) {
            assert!(pair[0].us("ended_us") <= pair[1].us("intended_us"), "{pair:?}");
        }
    }
}

#[test]
fn thrifty_miners_wait_longer_than_generous_ones() {
    let folder = of("fee-market");
    let response = |generous: bool| {
        let rows = folder.transactions.iter().filter(|row| {
            row.text("role") == "miner"
                && row.text("phase") != "setup"
                && (row.us("actor_index") >= 20) == generous
        });
        let times: Vec<u64> = rows.map(|row| row.us("response_us")).collect();
        times.iter().sum::<u64>() / times.len() as u64
    };
    let (thrifty, generous) = (response(false), response(true));
    assert!(
        thrifty > generous + generous / 10,
        "{thrifty} µs and {generous} µs"
    );
}

/// How long the tasks of owners took in all, by whether they are of the first group of ten.
fn totals(name: &str, steady: bool) -> Vec<u64> {
    let tasks = of(name).tasks.iter();
    let mut totals: Vec<u64> = tasks
        .filter(|task| (task.us("actor_index") < 10) == steady)
        .map(|task| task.us("total_duration_us"))
        .collect();
    totals.sort_unstable();
    totals
}

#[test]
fn dedicated_nodes_shield_their_session_and_the_others_pay() {
    let mean = |name: &str, steady: bool| {
        let totals = totals(name, steady);
        totals.iter().sum::<u64>() / totals.len() as u64
    };
    let [shared, own] = ["sessions-ephemeral", "sessions-dedicated"].map(|name| mean(name, true));
    assert!(own < shared, "{own} µs and {shared} µs");
    let [shared, own] = ["sessions-ephemeral", "sessions-dedicated"].map(|name| mean(name, false));
    assert!(own > shared, "{own} µs and {shared} µs");
}

#[test]
fn miners_come_and_go_and_their_tasks_wait_for_windows() {
    let folder = of("churn");
    let included = |function: &str, phase: &str| {
        let calls = folder.calls(function);
        calls
            .filter(|row| row.text("phase") == phase && row.text("outcome") == "included")
            .count()
    };
    let managed = |function: &str| included(function, "manage");
    let (joined, left) = (managed("register"), managed("unregister"));
    assert!(joined > 5 && left > 2, "{joined} joined, {left} left");
    assert!(managed("create") > 0, "no session was reopened");
    assert!(included("endAck", "ack") > 0, "nobody was missed");
    let precommit = span(&folder.result, TaskSpan::PRECOMMIT);
    assert!(precommit.max >= 10_000_000, "{precommit:?}");
    let fewer = folder.tasks.iter().filter(|task| task.us("commits") < 3).count();
    assert!(fewer > 0, "all tasks have three results");
}

/// How often the only fault of a run struck, and what it cost the mean task in µs.
fn fault(name: &str) -> (u64, f64) {
    let faults = of(name).result.faults.as_ref().expect("a scenario with faults");
    let sensitivity = faults.sensitivity.as_ref().expect("a run without them");
    (faults.strikes(), sensitivity.area_us)
}

#[test]
fn censored_commits_come_too_late_and_the_oracle_goes_on_without_them() {
    let result = &of("censoring-builder").result;
    assert!(
        result.tasks.failed > 0 && result.tasks.ended > result.tasks.failed,
        "{:?}",
        result.tasks
    );
    let closed = result.functions[&Function::END_COMMIT].transactions.included;
    assert!(closed > 0, "{closed}");
    let (strikes, _) = fault("censoring-builder");
    assert!(strikes > 100, "{strikes}");
}

#[test]
fn reorgs_cost_time_and_no_task() {
    let result = &of("reorg-weather").result;
    assert_eq!(result.tasks.ended, result.tasks.submitted, "{:?}", result.tasks);
    let node = result.node.as_ref().expect("a chain with faults");
    assert!(node.reorgs > 3 && node.blocks_dropped > node.reorgs, "{node:?}");
    assert!(result.transactions.reverted > 0, "{:?}", result.transactions);
    let (_, cost_us) = fault("reorg-weather");
    assert!(cost_us > 0.0, "{cost_us}");
}

#[test]
fn tasks_of_an_outage_wait_for_its_end() {
    let result = &of("oracle-outage").result;
    assert_eq!(result.tasks.ended, result.tasks.submitted, "{:?}", result.tasks);
    let total = span(result, TaskSpan::TOTAL);
    assert!(total.max > 25_000_000 && total.p50 < 15_000_000, "{total:?}");
    let recovery = &result.faults.as_ref().expect("faults").recovery;
    assert!(recovery[0].recovered_after_us < Some(10_000_000), "{recovery:?}");
}

/// The results of a kind of dishonest calls to a function: accepted and refused.
fn dishonest(name: &str, kind: Behaviour, function: Function) -> (u64, u64) {
    let told = of(name).result.misbehaviour.iter();
    let told = told.filter(|of| of.behaviour == kind && of.function == function);
    told.fold((0, 0), |(accepted, refused), of| {
        (accepted + of.accepted, refused + of.refused)
    })
}

#[test]
fn tasks_of_lazy_miners_wait_and_end_with_fewer_results() {
    let folder = of("lazy-miners");
    let calls = |function| folder.calls(function).count();
    assert!(
        calls("endAck") > 0 && calls("endPrecommit") > 0,
        "nobody was missed"
    );
    let (acks, commits) = (calls("ack"), calls("commit"));
    assert!(commits < acks, "{commits} of {acks}");
    assert_eq!(folder.result.transactions.failed(), 0);
}

#[test]
fn a_copied_hash_is_taken_and_a_copied_result_is_not() {
    let (precommits, _) = dishonest("copycat", Behaviour::Copycat, Function::PRECOMMIT);
    let (commits, refused) = dishonest("copycat", Behaviour::Copycat, Function::COMMIT);
    assert!(precommits > 0, "no hash was copied");
    assert_eq!(commits, 0);
    assert!(refused > 0, "no result was copied");
    assert_eq!(of("copycat").result.transactions.failed(), 0);
}

#[test]
fn a_coalition_with_all_seats_leaves_tasks_without_results() {
    let result = &of("colluding-quorum").result;
    assert!(result.tasks.ended > result.tasks.failed, "{:?}", result.tasks);
    let (revealed, _) = dishonest("colluding-quorum", Behaviour::Collude, Function::COMMIT);
    assert!(revealed > 0, "no result was shared");
    assert!(result.functions[&Function::END_COMMIT].transactions.included > 0);
}
