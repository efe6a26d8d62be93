//! Rust types of the contracts' ABIs, made from the committed artifacts at compile time.
#![allow(missing_docs, reason = "the macro writes items that no source documents")]
#![allow(
    clippy::too_many_arguments,
    reason = "SessionV2.create takes nine, as the SDK reference has it"
)]

alloy::sol!(
    #[sol(all_derives)]
    NodePool,
    "abi/NodePool.json"
);
alloy::sol!(
    #[sol(all_derives)]
    SessionV2,
    "abi/SessionV2.json"
);
alloy::sol!(
    #[sol(all_derives)]
    SessionQueueV2,
    "abi/SessionQueueV2.json"
);

/// The artifacts that the types are made from, by the contract's name: compiler, settings, ABI and bytecode as JSON.
pub const ARTIFACTS: [(&str, &str); 3] = [
    ("NodePool", include_str!("../../../../abi/NodePool.json")),
    ("SessionV2", include_str!("../../../../abi/SessionV2.json")),
    (
        "SessionQueueV2",
        include_str!("../../../../abi/SessionQueueV2.json"),
    ),
];
