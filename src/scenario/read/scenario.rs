//! Reading the scenario as a whole.

use std::time::Duration;

use alloy::primitives::U256;
use toml::{Spanned, de::DeTable};

use super::{
    contracts, distribution, faults, load, order, population, profile, report::Report, table::Table,
    threshold, value::Value,
};
use crate::{
    hardfork::Hardfork,
    mempool::BelowBaseFee,
    metric::Threshold,
    protocol::{ContractBuild, REFERENCE},
    scenario::{
        ChainKind, ChainSpec, Limits, MinerGroup, OracleSpec, OwnerGroup, ProfileRun, Scenario, Windows,
        compose::EXTENDS,
    },
};

/// Reads everything; what is unusable is reported and replaced. `None` if the scenario names a profile that cannot be read:
/// most of its keys follow from that.
pub(super) fn read<'a>(tree: &'a Spanned<DeTable<'a>>, report: &'a Report) -> Option<Scenario> {
    let root = Table::root(tree, report);
    // Taken out of the tree by who follows it; known here so that a misspelt one is recognised.
    root.value(EXTENDS);
    let protocol = match root.value("protocol") {
        Some(file) => ProtocolPart::of_profile(&root, file)?,
        None => ProtocolPart::of_reference(&root),
    };
    let profile = protocol.profile.as_ref();
    let schema = profile.map_or(REFERENCE, |run| run.definition.schema);
    let mut scenario = Scenario {
        name: root
            .required("name", "name = \"baseline\"", Value::name)
            .unwrap_or_default(),
        description: root.optional("description", Value::text).unwrap_or_default(),
        seed: root
            .optional("seed", |value| value.whole(0..=Scenario::MAX_SEED))
            .unwrap_or(DEFAULT_SEED),
        chain: chain(root.table("chain")),
        measure: load::measure(root.table("measure")),
        limits: limits(root.table("limits"), protocol.drain),
        faults: faults::read(root.table("faults")),
        thresholds: schema
            .while_reading(|| root.optional("thresholds", threshold::read))
            .unwrap_or_default(),
        profile: protocol.profile,
        contracts: protocol.contracts,
        windows: protocol.windows,
        price: protocol.price,
        owners: protocol.owners,
        miners: protocol.miners,
        oracle: protocol.oracle,
        data: Vec::new(),
    };
    root.finish();
    Threshold::complete(&mut scenario.thresholds);
    Some(scenario)
}

/// What a scenario says of the protocol that it runs.
struct ProtocolPart {
    profile: Option<ProfileRun>,
    contracts: ContractBuild,
    windows: Windows,
    price: U256,
    owners: Vec<OwnerGroup>,
    miners: Vec<MinerGroup>,
    oracle: OracleSpec,
    /// The default of [`Limits::drain`].
    drain: Duration,
}

impl ProtocolPart {
    /// Of the reference protocol.
    fn of_reference(root: &Table<'_>) -> Self {
        if let Some(parameters) = root.value("parameters") {
            profile::refuse_parameters(&parameters);
        }
        let windows = windows(root.table("windows"));
        Self {
            profile: None,
            contracts: contracts::read(root.table("contracts")),
            windows,
            price: root
                .optional("price", |value| value.amount(Scenario::MAX_PRICE))
                .unwrap_or(U256::ZERO),
            owners: population::groups(root, "owners", OWNERS, true, population::owners),
            miners: population::groups(root, "miners", MINERS, true, population::miners),
            oracle: population::oracle(root.table("oracle")),
            drain: Limits::default_drain(windows),
        }
    }

    /// Of the profile that `file` names; `None` if it cannot be read.
    fn of_profile<'a>(root: &Table<'a>, file: Value<'a>) -> Option<Self> {
        Some(Self {
            profile: Some(profile::read(root, file)?),
            contracts: ContractBuild::default(),
            windows: Windows::default(),
            price: U256::ZERO,
            owners: Vec::new(),
            miners: Vec::new(),
            oracle: OracleSpec {
                count: 0,
                ..OracleSpec::default()
            },
            drain: Limits::PROFILE_DRAIN,
        })
    }
}

const DEFAULT_SEED: u64 = 1;
const OWNERS: &str = "[owners] with count = 20 and tasks = 300 below it";
const MINERS: &str = "[miners] with count = 60 below it";

/// The reason why block times are bounded.
const BLOCK_TIME: &str =
    ": faster blocks measure the node's timer, slower ones outlast a transaction's deadline";

fn chain(table: Table<'_>) -> ChainSpec {
    let default = ChainSpec::default();
    let block_time = ChainSpec::MIN_BLOCK_TIME..=ChainSpec::MAX_BLOCK_TIME;
    let gas_limit = ChainSpec::MIN_GAS_LIMIT..=ChainSpec::MAX_GAS_LIMIT;
    let chain = ChainSpec {
        kind: table
            .optional("kind", |value| value.choice(&ChainKind::ALL, ChainKind::name))
            .unwrap_or(default.kind),
        block_time: table
            .optional("block_time", |value| {
                value.duration_because(block_time, BLOCK_TIME)
            })
            .unwrap_or(default.block_time),
        gas_limit: table
            .optional("gas_limit", |value| value.whole(gas_limit))
            .unwrap_or(default.gas_limit),
        hardfork: table
            .optional("hardfork", |value| value.choice(&Hardfork::ALL, Hardfork::name))
            .unwrap_or(default.hardfork),
        base_fee: table
            .optional("base_fee", |value| value.gas_price(ChainSpec::MAX_BASE_FEE))
            .unwrap_or(default.base_fee),
        below_base_fee: table
            .optional("below_base_fee", |value| {
                value.choice(&BelowBaseFee::ALL, BelowBaseFee::name)
            })
            .unwrap_or(default.below_base_fee),
        order: table.optional("order", order::read).unwrap_or(default.order),
        submission_delay: table
            .optional("submission_delay", distribution::read)
            .unwrap_or(default.submission_delay),
        allowance: table.optional("allowance", |value| value.amount(ChainSpec::MAX_ALLOWANCE)),
        fork: table.optional("fork", fork),
        state: table.optional("state", |value| value.report().data().state(value)),
    };
    table.finish();
    chain
}

/// An address that every output may show, or the name of a variable.
fn fork(value: Value<'_>) -> Option<String> {
    const MUST: &str = "an address http://host:port, or $ and the environment variable that holds one";
    const HELP: &str =
        "a user, a path or a query may hold a key, and every run's folder would have it: fork = \"$RPC_URL\"";
    let text = value.clone().text()?;
    if let Some(variable) = text.strip_prefix('$') {
        let plain = |c: char| c.is_ascii_alphanumeric() || c == '_';
        if !variable.is_empty() && variable.chars().all(plain) {
            return Some(text);
        }
        return value.refuse(MUST, "names no variable", "for example fork = \"$RPC_URL\"");
    }
    let host = ["http://", "https://", "ws://", "wss://"]
        .into_iter()
        .find_map(|scheme| text.strip_prefix(scheme));
    match host.map(|host| host.trim_end_matches('/')) {
        Some(host) if host.is_empty() || host.contains(['/', '@', '?', '#', '\\']) => {
            value.refuse(MUST, "has more than a host and a port", HELP)
        }
        Some(_) => Some(text),
        None => value.refuse(MUST, "is none", "for example fork = \"http://127.0.0.1:8545\""),
    }
}

fn windows(table: Table<'_>) -> Windows {
    let default = Windows::default();
    let windows = Windows {
        ack: table.optional("ack", window).unwrap_or(default.ack),
        precommit: table.optional("precommit", window).unwrap_or(default.precommit),
        commit: table.optional("commit", window).unwrap_or(default.commit),
    };
    table.finish();
    windows
}

/// A duration of whole seconds.
fn window(value: Value<'_>) -> Option<Duration> {
    let window = value.clone().duration(Duration::from_secs(1)..=Windows::MAX)?;
    if window.subsec_nanos() == 0 {
        return Some(window);
    }
    let help = format!(
        "the contracts compare block timestamps; for example \"{}s\"",
        window.as_secs() + 1
    );
    value.refuse("whole seconds", "has a fraction of a second", help)
}

fn limits(table: Table<'_>, drain: Duration) -> Limits {
    let limits = Limits {
        transaction_deadline: table
            .optional("transaction_deadline", |value| {
                value.duration(Duration::from_secs(1)..=Limits::MAX)
            })
            .unwrap_or(Limits::TRANSACTION_DEADLINE),
        drain: table
            .optional("drain", |value| value.duration(Duration::ZERO..=Limits::MAX))
            .unwrap_or(drain),
        node_timeout: table
            .optional("node_timeout", |value| {
                value.duration(Duration::from_secs(1)..=Limits::MAX)
            })
            .unwrap_or(Limits::NODE_TIMEOUT),
    };
    table.finish();
    limits
}
