//! Keys of owners, miners and oracles.

use serde_json::Value;

use super::{
    Key, behaviour, inline,
    kind::{alternatives, amount, any_of, boolean, choice, described, duration, name, table, whole},
    literal::{self, bare, gas_price, quoted},
    load,
    management::{churn, dedicated, manage},
    quantity::{counts, delays, redundancies, sizes},
};
use crate::{
    fees::Eip1559Fees,
    scenario::{Assignment, MinerGroup, Mode, OracleSpec, OwnerGroup, Scenario, Submissions, TaskCount},
};

pub(super) fn owners() -> Vec<Key<OwnerGroup>> {
    let mut keys = keys! { OwnerGroup:
        "name", "Tells the group from others; keys and random choices follow from it. Default: owners, owners-2, …",
            name(), examples ["bulk"] => |group| quoted(&group.name);
        required "count", "Owners in the group.",
            whole(1..=Scenario::MAX_ACTORS), examples [20] => |group| bare(group.count);
        "sessions", "Sessions that each owner opens.",
            whole(1..=Scenario::MAX_SESSIONS), default 1, examples [1, 2] => |group| bare(group.sessions);
        "mode", "Which nodes its sessions draw: miners of the pool, dedicated nodes first, or dedicated nodes only.",
            choice(&Mode::ALL, Mode::name), default "ephemeral", examples ["ephemeral", "hybrid"]
            => |group| quoted(group.mode);
        "min_nodes", "Miners that a session needs, from the largest redundancy. Default: that.",
            whole(1..=OwnerGroup::MAX_NODES.into()), examples [3] => |group| bare(group.min_nodes);
        "max_nodes", "Miners that a session draws, from min_nodes. Default: min_nodes.",
            whole(1..=OwnerGroup::MAX_NODES.into()), examples [6] => |group| bare(group.max_nodes);
        "redundancy", "Miners that each task is assigned to; drawn once for each session.",
            redundancies(), default 1 => |group| bare(&group.redundancy);
        "reserve", "Whether the drawn miners leave the pool while the session lasts.",
            boolean(), default false, examples [false] => |group| bare(group.reserve);
    };
    keys.extend(within(submissions(), |group: &OwnerGroup| &group.submissions));
    keys.extend(fees(|group: &OwnerGroup| &group.fees));
    keys.push(behaviour::key(|group: &OwnerGroup| &group.behaviour));
    keys.extend(keys! { OwnerGroup:
        "deposit", "Deposited to each session. Default: what its tasks cost.",
            amount(), examples ["1.5 ether"] => |group| group.deposit.and_then(literal::amount);
        "dedicated", "Miners that each session has to itself.",
            table(&dedicated()), examples [{ "group": "gpu", "nodes": 2 }]
            => |group| inline(&dedicated(), group.dedicated.as_ref()?);
        "manage", "What the group's owners do beside submitting, all together so often.",
            table(&manage()), examples [
                { "update": "2/min" },
                {
                    "top_up": { "rate": "1/min", "amount": "0.1 ether" },
                    "withdraw": { "rate": "1/min", "amount": "1 gwei" }
                },
                { "routers": "1/min", "reopen": "1/min" },
                { "reopen": { "every_tasks": 100 } }
            ] => |group| inline(&manage(), &group.manage);
    });
    keys
}

/// Keys of what a group submits, and when.
pub(super) fn submissions() -> Vec<Key<Submissions>> {
    keys! { Submissions:
        "tasks", "Tasks that the group submits; may be left out where `duration` or stages end the load.",
            task_count(), examples [300, { "total": 300 }, { "per_session": 5 }]
            => |of| of.tasks.and_then(task_count_text);
        "duration", "How long the load lasts, from `start` on, unless its tasks are used up before.",
            duration(), examples ["60s"] => |of| of.duration.and_then(literal::duration);
        "start", "When the load begins, since that of the run began.",
            duration(), default "0s", examples ["10s"] => |of| literal::duration(of.start);
        "load", "When the group's tasks are submitted. Default: one after the other, as tasks end.",
            load::kind(), examples [
                "back_to_back",
                { "back_to_back": { "in_flight": 2, "think_time": { "exponential": "500ms" } } },
                { "constant": "30/s" },
                { "constant": "12/block" },
                { "poisson": "30/s" },
                { "trace": "arrivals.csv" },
                { "trace": { "file": "arrivals.csv", "speed": 2.0 } },
                { "bursts": { "rate": "200/s", "idle": "5/s", "on": "2s", "off": "8s" } },
                { "mmpp": { "rates": ["10/s", "200/s"], "sojourns": ["30s", "5s"] } },
                { "stages": [{ "for": "30s", "to": "200/s" }, { "for": "1m", "to": "200/s" }] }
            ] => |of| bare(&of.load);
        "assignment", "Which session submits each task of an open load: the sessions in turn, or one drawn at random, which \
             makes them independent users where arrivals are a Poisson process.",
            choice(&Assignment::ALL, Assignment::name), default "round_robin" => |of| quoted(of.assignment.name());
        "max_in_flight", "Tasks of the group that may be in flight at once: an open load's arrivals beyond that are \
             dropped, and counted. Default: no limit.",
            whole(1..=Scenario::MAX_ACTORS), examples [500] => |of| of.max_in_flight.and_then(bare);
        "payload_size", "Bytes of a task's payload.", sizes(), default "32 B" => |of| bare(&of.payload_size);
    }
}

/// `300`, or a table of one key.
fn task_count() -> Value {
    let total = described("Of the whole group.", whole(1..=Scenario::MAX_TASKS));
    any_of([total].into_iter().chain(alternatives(&tasks())))
}

fn tasks() -> Vec<Key<TaskCount>> {
    keys! { TaskCount:
        required "total", "Of the whole group.", whole(1..=Scenario::MAX_TASKS), examples [300] => |_| None;
        required "per_session", "Of each session.", whole(1..=Scenario::MAX_TASKS), examples [5] => |count| match count {
            TaskCount::PerSession(tasks) => bare(tasks),
            TaskCount::Total(_) => None,
        };
    }
}

fn task_count_text(count: TaskCount) -> Option<String> {
    match count {
        TaskCount::Total(tasks) => bare(tasks),
        TaskCount::PerSession(_) => inline(&tasks(), &count),
    }
}

pub(super) fn miners() -> Vec<Key<MinerGroup>> {
    let mut keys = keys! { MinerGroup:
        "name", "Tells the group from others; keys and random choices follow from it. Default: miners, miners-2, …",
            name(), examples ["bulk"] => |group| quoted(&group.name);
        required "count", "Miners in the group.",
            whole(1..=Scenario::MAX_ACTORS), examples [60] => |group| bare(group.count);
        "ack_delay", "From a miner's seeing that it was assigned a task to its ack.",
            delays(), default "10ms" => |group| bare(&group.ack_delay);
        "work_time", "From the ack to having the result: the inference itself.",
            delays(), default "100ms" => |group| bare(&group.work_time);
        "commit_delay", "From a miner's seeing that the precommit phase ended to its commit.",
            delays(), default "10ms" => |group| bare(&group.commit_delay);
        "result_size", "Bytes of a result.", sizes(), default "32 B" => |group| bare(&group.result_size);
        "concurrency", "Tasks that a miner works on at once; drawn once for each miner.",
            counts(), default 1 => |group| bare(&group.concurrency);
        "join_after", "How long after the load began each joins. Default: they are there from the start.",
            delays() => |group| group.join_after.as_ref().and_then(bare);
        "churn", "How they come and go.",
            table(&churn()), examples [{ "lifetime": { "exponential": "10m" }, "away": "1m" }]
            => |group| inline(&churn(), group.churn.as_ref()?);
    };
    keys.extend(fees(|group: &MinerGroup| &group.fees));
    keys.push(behaviour::key(|group: &MinerGroup| &group.behaviour));
    keys
}

pub(super) fn oracle() -> Vec<Key<OracleSpec>> {
    let mut keys = keys! { OracleSpec:
        "count", "Oracles; 0 leaves overdue tasks open.",
            whole(0..=Scenario::MAX_ACTORS), default 1, examples [1, 2] => |oracle| bare(oracle.count);
        "check_interval", "Time between two looks at the deadlines, 10ms to 1h.",
            duration(), default "1s", examples ["500ms"] => |oracle| literal::duration(oracle.check_interval);
    };
    keys.extend(fees(|oracle: &OracleSpec| &oracle.fees));
    keys.push(behaviour::key(|oracle: &OracleSpec| &oracle.behaviour));
    keys
}

/// Keys of what the transactions of a `T` offer to pay.
pub(super) fn fees<T: 'static>(of: fn(&T) -> &Eip1559Fees) -> Vec<Key<T>> {
    let keys = keys! { Eip1559Fees:
        "tip", "What its transactions offer the block's producer per gas.",
            amount(), default "1 gwei", examples ["2 gwei", "0.1 gwei", 0] => |fees| gas_price(fees.tip);
        "max_fee", "The most that its transactions pay per gas, base fee and tip together.",
            amount(), default "1_000_000 gwei", examples ["100 gwei"] => |fees| gas_price(fees.max_fee);
    };
    within(keys, of)
}

/// Keys of a `T` in the table of a `U`, which has one.
fn within<T: 'static, U: 'static>(keys: Vec<Key<T>>, of: fn(&U) -> &T) -> Vec<Key<U>> {
    keys.into_iter().map(|key| key.within(of)).collect()
}
