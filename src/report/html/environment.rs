//! The environment of a run: chain, node and versions.

use serde::Serialize;

use crate::{
    format::human,
    record::{RunResult, TimeSource},
    scenario::units::format_gas_price,
};

/// A fact and its name.
#[derive(Debug, Serialize)]
pub(super) struct Fact {
    pub(super) name: String,
    pub(super) value: String,
    /// Whether it is code.
    pub(super) code: bool,
}

/// The facts that are known.
pub(super) fn facts(result: &RunResult) -> Vec<Fact> {
    let chain = &result.chain;
    let mut facts = Vec::new();
    let mut add = |name: &str, value: Option<String>, code: bool| {
        if let Some(value) = value.filter(|value| !value.is_empty()) {
            let name = name.to_owned();
            facts.push(Fact { name, value, code });
        }
    };
    add("taskstorm", Some(result.tool_version.clone()), false);
    let caveat = match result.clock {
        TimeSource::Wall => "",
        TimeSource::Virtual => ": no RPC, signing or node cost is in it",
    };
    add(
        "times",
        Some(result.clock.description().to_owned() + caveat),
        false,
    );
    add("started", result.started_at.map(|at| at.to_string()), false);
    add("took", Some(human::time_us(result.duration_us.0)), false);
    let setup = result.load.setup_end_us;
    add("setup", setup.map(|end| human::time_us(end.0)), false);
    add(
        "stopped",
        Some(result.stop_reason.description().to_owned()),
        false,
    );
    add("chain", Some(chain.kind.clone()), false);
    add("node", chain.client_version.clone(), false);
    let id = (chain.chain_id > 0).then(|| chain.chain_id.to_string());
    add("chain id", id, false);
    add("hardfork", chain.hardfork.clone(), false);
    add("block time", chain.block_time_us.map(human::time_us), false);
    add("block gas limit", chain.gas_limit.map(human::count), false);
    let blocks = &result.blocks;
    let numbers = blocks.first.zip(blocks.last);
    let numbers = numbers.map(|(first, last)| {
        format!(
            "{} ({} to {})",
            human::count(blocks.count),
            human::count(first),
            human::count(last)
        )
    });
    add("blocks seen", numbers, false);
    let fees = blocks.base_fee_min_wei.zip(blocks.base_fee_max_wei);
    let fees = fees.map(|(least, most)| {
        let [least, most] = [least, most].map(format_gas_price);
        if least == most {
            least
        } else {
            format!("{least} to {most}")
        }
    });
    add("base fee", fees, false);
    let build = chain.contract_build.as_ref();
    add("contracts", build.map(|build| build.source.clone()), false);
    add(
        "digest of the contracts",
        build.map(|build| build.digest.all.to_string()),
        true,
    );
    for (name, address) in &chain.contracts {
        add(name, Some(address.to_string()), true);
    }
    facts
}
