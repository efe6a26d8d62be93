//! Reading owners, miners and oracles.

use std::time::Duration;

use toml::de::DeValue;

use super::{
    behaviour,
    data::Seats,
    distribution, load, management,
    table::Table,
    value::{Value, kind},
};
use crate::{
    fees::Eip1559Fees,
    protocol::{BehaviourSpec, ProtocolSchema, REFERENCE},
    scenario::{
        Assignment, Distribution, Limits, MinerGroup, Mode, OracleSpec, OwnerGroup, Scenario, Submissions,
        TaskCount,
        compose::default_name,
        units::{ByteSize, Count, grouped},
    },
};

/// Most actors of one group, sessions of one owner, and so on: what bounds the whole bounds each part.
pub(super) const MAX_COUNT: u32 = Scenario::MAX_ACTORS as u32;

/// Most groups of owners, and of miners.
const MAX_GROUPS: usize = 1_000;

/// Reads the groups under `key`: one table, or an array of tables. `example` would do for one group; none is a problem if one
/// is `needed`.
pub(super) fn groups<'a, T>(
    root: &Table<'a>,
    key: &'static str,
    example: &str,
    needed: bool,
    read: impl Fn(Table<'a>, String) -> T,
) -> Vec<T> {
    let read_value = |value: Value<'a>| match value.get() {
        DeValue::Table(_) => Some(vec![read(Table::of(&value)?, default_name(key, 0))]),
        DeValue::Array(elements) if elements.len() > MAX_GROUPS => value.refuse(
            &format!("at most {} groups", grouped(MAX_GROUPS as u64)),
            format!("has {}", grouped(elements.len() as u64)),
            "members of a group behave alike: raise the `count` of one instead",
        ),
        DeValue::Array(elements) if !elements.is_empty() => {
            let group = |(index, element): (usize, Value<'a>)| {
                let (path, report) = (element.path().clone(), element.report());
                read(
                    Table::new(element.entries(), path, report),
                    default_name(key, index),
                )
            };
            Some(value.elements()?.into_iter().enumerate().map(group).collect())
        }
        DeValue::Array(_) => value.refuse("at least one group", "is empty", example),
        other => value.refuse(
            "a table, or an array of tables",
            format!("is {}", kind(other)),
            example,
        ),
    };
    let groups = match needed {
        true => root.required(key, example, read_value),
        false => root.optional(key, read_value),
    };
    groups.unwrap_or_default()
}

/// Reads a group of owners.
pub(super) fn owners(table: Table<'_>, default_name: String) -> OwnerGroup {
    let redundancy = table
        .optional("redundancy", distribution::read)
        .unwrap_or(Distribution::Constant(Count::ONE));
    let min_nodes = table
        .optional("min_nodes", |value| value.count(1..=OwnerGroup::MAX_NODES))
        .unwrap_or_else(|| redundancy.largest());
    let max_nodes = table
        .optional("max_nodes", |value| value.count(1..=OwnerGroup::MAX_NODES))
        .unwrap_or(min_nodes);
    let count = table.required("count", "count = 20", |value| value.count(1..=MAX_COUNT));
    let sessions = match table.value("sessions") {
        Some(value) => value.count(1..=MAX_COUNT),
        None => Some(1),
    };
    let seats = count
        .zip(sessions)
        .map(|(owners, sessions)| Seats { owners, sessions });
    let submissions = submissions(&table, seats, load::tasks);
    let group = OwnerGroup {
        name: table.optional("name", Value::name).unwrap_or(default_name),
        count: count.unwrap_or(1),
        sessions: sessions.unwrap_or(1),
        mode: table
            .optional("mode", |value| value.choice(&Mode::ALL, Mode::name))
            .unwrap_or_default(),
        min_nodes,
        max_nodes,
        redundancy,
        reserve: table.optional("reserve", Value::boolean).unwrap_or(false),
        submissions,
        deposit: table.optional("deposit", |value| value.amount(u128::MAX)),
        dedicated: table.optional("dedicated", management::dedicated),
        manage: table.optional("manage", management::manage).unwrap_or_default(),
        behaviour: behaviours(&table, REFERENCE),
        fees: fees(&table),
    };
    table.finish();
    group
}

/// Reads what a group submits, and when; `count` reads how many tasks, and `seats` are those that a trace is held against.
pub(super) fn submissions<'a>(
    table: &Table<'a>,
    seats: Option<Seats>,
    count: impl FnOnce(Value<'a>) -> Option<TaskCount>,
) -> Submissions {
    // Something must end the load: its time, its stages, or else its tasks.
    let load = table.value("load").map(|value| load::load(value, seats));
    let duration = table.value("duration").map(load::duration);
    let ends = duration.is_some()
        || load
            .as_ref()
            .is_some_and(|load| !matches!(load, Some(load) if load.length().is_none()));
    let tasks = if ends {
        table.optional("tasks", count)
    } else {
        let example = "tasks = 300, or duration = \"60s\", or both";
        let tasks = table.required("tasks", example, count);
        Some(tasks.unwrap_or(TaskCount::Total(1)))
    };
    Submissions {
        tasks,
        duration: duration.flatten(),
        start: table
            .optional("start", |value| value.duration(Duration::ZERO..=Limits::MAX))
            .unwrap_or_default(),
        load: load.flatten().unwrap_or_default(),
        assignment: table
            .optional("assignment", |value| {
                value.choice(&Assignment::ALL, Assignment::name)
            })
            .unwrap_or_default(),
        max_in_flight: table.optional("max_in_flight", |value| value.count(1..=MAX_COUNT)),
        payload_size: table
            .optional("payload_size", distribution::read)
            .unwrap_or(Submissions::PAYLOAD_SIZE),
    }
}

const DEFAULT_RESULT_SIZE: Distribution<ByteSize> = Distribution::Constant(ByteSize(32));

/// Reads a group of miners.
pub(super) fn miners(table: Table<'_>, default_name: String) -> MinerGroup {
    let delay = |key, default: u64| {
        let default = Distribution::Constant(Duration::from_millis(default));
        table.optional(key, distribution::read).unwrap_or(default)
    };
    let group = MinerGroup {
        name: table.optional("name", Value::name).unwrap_or(default_name),
        count: table
            .required("count", "count = 60", |value| value.count(1..=MAX_COUNT))
            .unwrap_or(1),
        ack_delay: delay("ack_delay", 10),
        work_time: delay("work_time", 100),
        commit_delay: delay("commit_delay", 10),
        result_size: table
            .optional("result_size", distribution::read)
            .unwrap_or(DEFAULT_RESULT_SIZE),
        concurrency: table
            .optional("concurrency", distribution::read)
            .unwrap_or(Distribution::Constant(Count::ONE)),
        join_after: table.optional("join_after", distribution::read),
        churn: table.optional("churn", management::churn),
        behaviour: behaviours(&table, REFERENCE),
        fees: fees(&table),
    };
    table.finish();
    group
}

/// Reads how a group's actors misbehave, who are of a protocol.
pub(super) fn behaviours(table: &Table<'_>, protocol: &ProtocolSchema) -> Vec<BehaviourSpec> {
    let read = table.optional("behaviour", |value| behaviour::read(value, protocol));
    read.unwrap_or_default()
}

/// Reads the fees of a group's transactions.
pub(super) fn fees(table: &Table<'_>) -> Eip1559Fees {
    let default = Eip1559Fees::default();
    let price = |key, default| {
        let read = table.optional(key, |value| value.gas_price(Scenario::MAX_FEE));
        read.unwrap_or(default)
    };
    Eip1559Fees {
        max_fee: price("max_fee", default.max_fee),
        tip: price("tip", default.tip),
    }
}

/// Reads the oracle.
pub(super) fn oracle(table: Table<'_>) -> OracleSpec {
    let default = OracleSpec::default();
    let interval = OracleSpec::MIN_CHECK_INTERVAL..=OracleSpec::MAX_CHECK_INTERVAL;
    let oracle = OracleSpec {
        count: table
            .optional("count", |value| value.count(0..=MAX_COUNT))
            .unwrap_or(default.count),
        check_interval: table
            .optional("check_interval", |value| value.duration(interval))
            .unwrap_or(default.check_interval),
        behaviour: behaviours(&table, REFERENCE),
        fees: fees(&table),
    };
    table.finish();
    oracle
}
