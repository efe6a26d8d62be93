//! Reading what owners do beside submitting, and how miners come and go.

use std::time::Duration;

use alloy::primitives::U256;
use toml::de::DeValue;

use super::{
    distribution,
    table::Table,
    value::{Value, kind},
};
use crate::scenario::{
    Churn, DedicatedNodes, Departure, Distribution, Funding, Management, OwnerGroup, Reopening, Scenario,
    units::Rate,
};

/// `manage = { update = "2/min", … }`
pub(super) fn manage(value: Value<'_>) -> Option<Management> {
    let table = Table::of(&value)?;
    let management = Management {
        update: table.optional("update", rate),
        top_up: table.optional("top_up", funding),
        withdraw: table.optional("withdraw", funding),
        routers: table.optional("routers", rate),
        dedicated: table.optional("dedicated", rate),
        reopen: table.optional("reopen", reopen),
    };
    table.finish();
    Some(management)
}

fn rate(value: Value<'_>) -> Option<Rate> {
    value.parsed(
        "a rate",
        "write it with its period: \"2/min\", \"0.1/s\", \"30/h\"",
        Rate::parse,
    )
}

/// `{ rate = "1/min", amount = "0.1 ether" }`
fn funding(value: Value<'_>) -> Option<Funding> {
    let table = Table::of(&value)?;
    let every = table.required("rate", "rate = \"1/min\"", rate);
    let amount = table.required("amount", "amount = \"0.1 ether\"", |value| {
        let amount = value.clone().amount(Scenario::BALANCE)?;
        if amount > U256::ZERO {
            Some(amount)
        } else {
            value.refuse(
                "more than nothing",
                "is nothing",
                "the contracts refuse it; for example \"1 gwei\"",
            )
        }
    });
    table.finish();
    Some(Funding {
        rate: every?,
        amount: amount?,
    })
}

/// `"1/min"`, or `{ every_tasks = 100 }`
fn reopen(value: Value<'_>) -> Option<Reopening> {
    const EXAMPLE: &str = "reopen = \"1/min\", or reopen = { every_tasks = 100 }";
    match value.get() {
        DeValue::String(_) => rate(value).map(Reopening::Rate),
        DeValue::Table(_) => {
            let table = Table::of(&value)?;
            let tasks = table.required("every_tasks", "every_tasks = 100", |value| {
                value.whole(1..=Scenario::MAX_TASKS)
            });
            table.finish();
            tasks.map(Reopening::EveryTasks)
        }
        other => value.refuse(
            "a rate, or a number of tasks",
            format!("is {}", kind(other)),
            EXAMPLE,
        ),
    }
}

/// `dedicated = { group = "gpu", nodes = 5 }`
pub(super) fn dedicated(value: Value<'_>) -> Option<DedicatedNodes> {
    let table = Table::of(&value)?;
    let group = table.required(
        "group",
        "group = \"gpu\", the name of a group of miners",
        Value::name,
    );
    let nodes = table.required("nodes", "nodes = 3", |value| {
        value.count(1..=OwnerGroup::MAX_NODES)
    });
    table.finish();
    Some(DedicatedNodes {
        group: group?,
        nodes: nodes?,
    })
}

/// `churn = { kind = "leave", lifetime = { exponential = "10m" }, away = "1m" }`
pub(super) fn churn(value: Value<'_>) -> Option<Churn> {
    let table = Table::of(&value)?;
    let lifetime = table.required(
        "lifetime",
        "lifetime = { exponential = \"10m\" }",
        distribution::read,
    );
    let churn = Churn {
        kind: table
            .optional("kind", |value| value.choice(&Departure::ALL, Departure::name))
            .unwrap_or_default(),
        lifetime: lifetime.unwrap_or(Distribution::Constant(Duration::ZERO)),
        away: table.optional("away", distribution::read),
    };
    table.finish();
    Some(churn)
}
