//! A map by function, written with the functions' contract names: `submitTask`, not `submit`.

use std::collections::BTreeMap;

use serde::{Deserialize, Deserializer, Serializer, de::Error};

use super::FunctionResult;
use crate::protocol::Function;

/// Writes the map, in the order of `Function`.
pub(super) fn serialize<S: Serializer>(
    functions: &BTreeMap<Function, FunctionResult>,
    serializer: S,
) -> Result<S::Ok, S::Error> {
    serializer.collect_map(
        functions
            .iter()
            .map(|(function, result)| (function.name(), result)),
    )
}

/// Reads the map.
pub(super) fn deserialize<'de, D: Deserializer<'de>>(
    deserializer: D,
) -> Result<BTreeMap<Function, FunctionResult>, D::Error> {
    BTreeMap::<String, FunctionResult>::deserialize(deserializer)?
        .into_iter()
        .map(|(name, result)| {
            let function = Function::ALL.into_iter().find(|function| function.name() == name);
            function
                .map(|function| (function, result))
                .ok_or_else(|| D::Error::custom(format!("no function is called {name:?}")))
        })
        .collect()
}
