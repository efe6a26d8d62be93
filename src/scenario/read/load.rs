//! Reading how many tasks a group of owners submits, and when.

use std::time::Duration;

use toml::de::DeValue;

use super::{
    data::{Seats, arrivals},
    distribution,
    table::Table,
    value::{Value, kind},
};
use crate::scenario::{
    Bursts, Limits, Load, Measure, Mmpp, Replay, Scenario, Spacing, Stage, Stages, TaskCount, WarmUp,
    data::Content,
    path::KeyPath,
    units::{Rate, parse_duration},
};

const RATE: &str = "write it with its period: \"50/s\", \"600/min\", \"0.5/s\", \"12/block\"";

/// `300`, or `{ total = 300 }`, or `{ per_session = 5 }`.
pub(super) fn tasks(value: Value<'_>) -> Option<TaskCount> {
    const EXAMPLE: &str = "tasks = 300 for the group, or tasks = { per_session = 5 }";
    let number = |value: Value<'_>| value.whole(1..=Scenario::MAX_TASKS);
    match value.get() {
        DeValue::Integer(_) => number(value).map(TaskCount::Total),
        DeValue::Table(entries) if entries.len() == 1 => {
            let table = Table::of(&value)?;
            let total = table.optional("total", number).map(TaskCount::Total);
            let each = table.optional("per_session", number).map(TaskCount::PerSession);
            table.finish();
            total.or(each)
        }
        other => value.refuse("a number of tasks", format!("is {}", kind(other)), EXAMPLE),
    }
}

/// A duration of a group's load.
pub(super) fn duration(value: Value<'_>) -> Option<Duration> {
    value.duration(Load::MIN_LENGTH..=Limits::MAX)
}

/// `"back_to_back"`, or a table with one key that names the kind; with `stages` beside it `from` and `arrivals`.
/// A trace is held against the sessions that the group has.
pub(super) fn load(value: Value<'_>, seats: Option<Seats>) -> Option<Load> {
    const EXAMPLE: &str = "load = { constant = \"50/s\" }, or load = { back_to_back = { in_flight = 4 } }";
    const MUST: &str = "one kind of load";
    match value.get() {
        DeValue::String(text) if text == "back_to_back" => Some(Load::default()),
        DeValue::Table(entries) => {
            let table = Table::of(&value)?;
            if entries.contains_key("stages") {
                return stages(table);
            }
            if entries.len() != 1 {
                return value.refuse(MUST, format!("has {} keys", entries.len()), EXAMPLE);
            }
            let kinds = [
                table
                    .optional("constant", rate)
                    .map(|rate| Load::Constant { rate }),
                table.optional("poisson", rate).map(|rate| Load::Poisson { rate }),
                table.optional("bursts", bursts),
                table.optional("mmpp", mmpp),
                table.optional("trace", |trace| self::trace(trace, value.path(), seats)),
                table.optional("stages", |_| None),
                table.optional("back_to_back", back_to_back),
            ];
            table.finish();
            kinds.into_iter().flatten().next()
        }
        other => value.refuse(MUST, format!("is {}", kind(other)), EXAMPLE),
    }
}

/// A rate above 0.
fn rate(value: Value<'_>) -> Option<Rate> {
    value.parsed("a rate", RATE, Rate::parse)
}

fn rate_from_zero(value: Value<'_>) -> Option<Rate> {
    value.parsed("a rate", RATE, Rate::parse_from_zero)
}

fn length(value: Value<'_>) -> Option<Duration> {
    value.duration(Load::MIN_LENGTH..=Limits::MAX)
}

fn spacing(table: &Table<'_>) -> Spacing {
    table
        .optional("arrivals", |value| value.choice(&Spacing::ALL, Spacing::name))
        .unwrap_or_default()
}

fn back_to_back(value: Value<'_>) -> Option<Load> {
    let table = Table::of(&value)?;
    let load = Load::BackToBack {
        in_flight: table
            .optional("in_flight", distribution::read)
            .unwrap_or(Load::ONE_IN_FLIGHT),
        think_time: table
            .optional("think_time", distribution::read)
            .unwrap_or(Load::NO_THINKING),
    };
    table.finish();
    Some(load)
}

/// `"arrivals.csv"`, or `{ file = "arrivals.csv", speed = 2.0 }`, of the load at `place`.
fn trace(value: Value<'_>, place: &KeyPath, seats: Option<Seats>) -> Option<Load> {
    const MUST: &str = "the path of a CSV file, or a table with `file` and `speed`";
    const EXAMPLE: &str = "for example trace = \"arrivals.csv\"";
    let (file, speed) = match value.get() {
        DeValue::String(_) => (Some(value), Some(Replay::AS_RECORDED)),
        DeValue::Table(_) => {
            let table = Table::of(&value)?;
            let file = table.required("file", "file = \"arrivals.csv\"", Some);
            let speed = table.value("speed").map_or(Some(Replay::AS_RECORDED), |value| {
                value.parameter(Replay::SLOWEST..=Replay::FASTEST)
            });
            table.finish();
            (file, speed)
        }
        other => return value.refuse(MUST, format!("is {}", kind(other)), EXAMPLE),
    };
    let (file, speed) = (file?, speed?);
    let data = file.report().data();
    let (replay, name) = data.read(
        file,
        place,
        |file| arrivals(file, speed, seats),
        |replay| Content::Trace(replay.clone()),
    )?;
    Some(Load::Trace(replay.of_file(name)))
}

/// `{ rate = "200/s", on = "5s", off = "25s" }`
fn bursts(value: Value<'_>) -> Option<Load> {
    let table = Table::of(&value)?;
    let rate = table.required("rate", "rate = \"200/s\"", rate);
    let idle = table.optional("idle", rate_from_zero).unwrap_or(Rate::ZERO);
    let on = table.required("on", "on = \"5s\"", length);
    let off = table.required("off", "off = \"25s\"", length);
    let arrivals = spacing(&table);
    table.finish();
    Some(Load::Bursts(Bursts {
        rate: rate?,
        idle,
        on: on?,
        off: off?,
        arrivals,
    }))
}

/// `{ rates = ["10/s", "200/s"], sojourns = ["30s", "5s"] }`
fn mmpp(value: Value<'_>) -> Option<Load> {
    let table = Table::of(&value)?;
    let rates = table.required("rates", "rates = [\"10/s\", \"200/s\"]", |value| {
        let rates = pair(&value, "an array of the rates of both states", rate_from_zero)?;
        if rates.iter().all(|rate| rate.is_zero()) {
            return value.refuse("the rates of both states, not both 0", "is no load", RATE);
        }
        Some(rates)
    });
    let sojourns = table.required("sojourns", "sojourns = [\"30s\", \"5s\"]", |value| {
        pair(&value, "an array of the mean times in both states", length)
    });
    table.finish();
    Some(Load::Mmpp(Mmpp {
        rates: rates?,
        sojourns: sojourns?,
    }))
}

/// An array of two.
fn pair<'a, T>(value: &Value<'a>, must: &str, read: impl Fn(Value<'a>) -> Option<T>) -> Option<[T; 2]> {
    const HELP: &str = "for example rates = [\"10/s\", \"200/s\"] and sojourns = [\"30s\", \"5s\"]";
    let elements = match value.elements().map(<[_; 2]>::try_from) {
        Some(Ok(elements)) => elements,
        Some(Err(elements)) => return value.refuse(must, format!("has {} values", elements.len()), HELP),
        None => return value.refuse(must, "is no array", HELP),
    };
    let [first, second] = elements.map(read);
    Some([first?, second?])
}

/// `{ from = "0/s", stages = [{ for = "30s", to = "200/s" }] }`
fn stages(table: Table<'_>) -> Option<Load> {
    const EXAMPLE: &str =
        "for example stages = [{ for = \"30s\", to = \"200/s\" }, { for = \"1m\", to = \"200/s\" }]";
    const MUST: &str = "an array of at least one stage";
    let from = table.optional("from", rate_from_zero);
    let arrivals = spacing(&table);
    let stages = table.optional("stages", |value| {
        let elements = match value.elements() {
            Some(elements) if !elements.is_empty() => elements,
            Some(_) => return value.refuse(MUST, "is empty", EXAMPLE),
            None => return value.refuse(MUST, "is no array", EXAMPLE),
        };
        let stages: Vec<_> = elements.iter().map(stage).collect();
        let stages = stages.into_iter().collect::<Option<Vec<_>>>()?;
        let load = Stages {
            from: from.unwrap_or(Rate::ZERO),
            stages,
            arrivals,
        };
        let rates = load.stages.iter().map(|stage| stage.to).chain([load.from]);
        if load.length().is_zero() || rates.into_iter().all(Rate::is_zero) {
            return value.refuse(
                "stages with a length and a rate",
                "no task is ever submitted",
                EXAMPLE,
            );
        }
        Some(load)
    });
    table.finish();
    stages.map(Load::Stages)
}

fn stage(value: &Value<'_>) -> Option<Stage> {
    let table = Table::of(value)?;
    let length = table.required("for", "for = \"30s\"", |value| {
        value.duration(Duration::ZERO..=Limits::MAX)
    });
    let to = table.required("to", "to = \"200/s\"", rate_from_zero);
    table.finish();
    Some(Stage {
        length: length?,
        to: to?,
    })
}

/// `"10s"`, or `"auto"`.
fn warm_up(value: Value<'_>) -> Option<WarmUp> {
    const HELP: &str =
        "for example \"10s\", or \"auto\" to cut where MSER-5 finds that the tasks' times are steady";
    match value.get().as_str() {
        Some("auto") => Some(WarmUp::Auto),
        Some(text) if parse_duration(text).is_err() => {
            let fault = parse_duration(text).err().unwrap_or_default();
            value.refuse("a duration, or \"auto\"", fault, HELP)
        }
        _ => value.duration(Duration::ZERO..=Measure::MAX).map(WarmUp::Fixed),
    }
}

/// Reads which part of the load is measured.
pub(super) fn measure(table: Table<'_>) -> Measure {
    let part = |value: Value<'_>| value.duration(Duration::ZERO..=Measure::MAX);
    let measure = Measure {
        warm_up: table.optional("warm_up", warm_up).unwrap_or_default(),
        cool_down: table.optional("cool_down", part).unwrap_or_default(),
    };
    table.finish();
    measure
}
