//! Typed calls, events and errors of the artifacts, generated from the very files that users deploy.
#![allow(missing_docs, clippy::too_many_arguments, reason = "generated from the ABI")]

alloy::sol!(NodePool, "abi/NodePool.json");
alloy::sol!(
    #[derive(Debug)]
    SessionV2,
    "abi/SessionV2.json"
);
alloy::sol!(
    #[derive(Debug)]
    SessionQueueV2,
    "abi/SessionQueueV2.json"
);
alloy::sol!(Receiver, "abi/test/Receiver.json");
