//! The settings of a scenario's chain that an endpoint decides itself.

use std::time::Duration;

use crate::{
    chain::rpc::Survey,
    record::SettingOverride,
    scenario::{
        ChainSpec,
        units::{format_duration, format_gas_price},
    },
};

/// The share by which a measured time between blocks may differ from the one that was asked for.
const TOLERANCE: u32 = 10;

/// What the endpoint's chain has other than `asked`, and what is not known of it, in the order of the keys.
pub(super) fn overrides(asked: &ChainSpec, found: &Survey) -> Vec<SettingOverride> {
    let mut overrides = Vec::new();
    let mut add = |setting: &str, asked: String, found: Option<String>| {
        overrides.push(SettingOverride {
            setting: setting.to_owned(),
            scenario: asked,
            endpoint: found,
        });
    };
    match found.block_time {
        Some((time, error)) if time.abs_diff(asked.block_time) > error + asked.block_time / TOLERANCE => {
            add("block_time", format_duration(asked.block_time), Some(about(time)));
        }
        Some(_) => {}
        None => add("block_time", format_duration(asked.block_time), None),
    }
    if found.gas_limit != asked.gas_limit {
        add(
            "gas_limit",
            asked.gas_limit.to_string(),
            Some(found.gas_limit.to_string()),
        );
    }
    add("hardfork", asked.hardfork.name().to_owned(), None);
    if found.base_fee != Some(asked.base_fee) {
        let fee = found.base_fee.map_or_else(|| "none".to_owned(), format_gas_price);
        add("base_fee", format_gas_price(asked.base_fee), Some(fee));
    }
    add("order", asked.order.name().to_owned(), None);
    let ignored = || Some("not applied: the chain runs already".to_owned());
    if let Some(fork) = &asked.fork {
        add("fork", fork.clone(), ignored());
    }
    if let Some(state) = &asked.state {
        add("state", state.path.display().to_string(), ignored());
    }
    overrides
}

/// Says what the endpoint decides: loudly of settings that the scenario changes from their defaults.
pub(super) fn report(asked: &ChainSpec, overrides: &[SettingOverride]) {
    let default = ChainSpec::default();
    let is_default = |setting: &str| match setting {
        "block_time" => asked.block_time == default.block_time,
        "gas_limit" => asked.gas_limit == default.gas_limit,
        "hardfork" => asked.hardfork == default.hardfork,
        "base_fee" => asked.base_fee == default.base_fee,
        "fork" | "state" => false,
        _ => asked.order == default.order,
    };
    let line = |of: &dyn Fn(&SettingOverride) -> bool| {
        let parts = overrides
            .iter()
            .filter(|one| of(one))
            .map(|one| match &one.endpoint {
                Some(found) => format!("{} is {found} instead of {}", one.setting, one.scenario),
                None => format!("{} is not known ({} in the scenario)", one.setting, one.scenario),
            });
        parts.collect::<Vec<_>>().join(", ")
    };
    let (asked_for, defaults) = (
        line(&|one| !is_default(&one.setting)),
        line(&|one| is_default(&one.setting)),
    );
    if !asked_for.is_empty() {
        tracing::warn!("the endpoint decides what the scenario asks of its chain: {asked_for}");
    }
    if !defaults.is_empty() {
        tracing::info!("the endpoint's chain: {defaults}");
    }
}

/// A measured duration, with a tenth of a second.
fn about(time: Duration) -> String {
    format!("about {} s", (time.as_secs_f64() * 10.0).round() / 10.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_differs_is_named_and_what_is_not_known_as_well() {
        let asked = ChainSpec::default();
        let same = Survey {
            gas_limit: asked.gas_limit,
            base_fee: Some(asked.base_fee),
            block_time: Some((Duration::from_millis(1_050), Duration::from_millis(50))),
        };
        let names = |found: &Survey| {
            let overrides = overrides(&asked, found);
            let known = overrides.into_iter().map(|one| (one.setting, one.endpoint));
            known.collect::<Vec<_>>()
        };
        let unknown = |setting: &str| (setting.to_owned(), None);
        let known = |setting: &str, value: &str| (setting.to_owned(), Some(value.to_owned()));
        assert_eq!(names(&same), [unknown("hardfork"), unknown("order")]);
        let other = Survey {
            gas_limit: 30_000_000,
            base_fee: None,
            block_time: Some((Duration::from_secs(12), Duration::from_millis(50))),
        };
        assert_eq!(
            names(&other),
            [
                known("block_time", "about 12 s"),
                known("gas_limit", "30000000"),
                unknown("hardfork"),
                known("base_fee", "none"),
                unknown("order"),
            ]
        );
    }
}
