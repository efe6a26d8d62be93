//! The surface that clients rely on: names, argument order, types and indexing, as the protocol states them.

use std::{collections::BTreeSet, fs};

use alloy::json_abi::{Event, Function, JsonAbi};

use super::artifacts;

/// Events of the SDK reference, in full. `~` marks an indexed argument.
const SESSION_EVENTS: &[&str] = &[
    "SessionCreated(uint256 sessionId, bytes32 sid, address owner, address[] miners)",
    "SessionUpdated(uint256~ sessionId, address~ updater, uint256 minNumOfNodes, uint256 maxNumOfNodes, uint256 redundant)",
    "SessionDeactivated(uint256~ sessionId, address~ deactivator)",
    "TaskSubmitted(uint256 sessionId, string taskData)",
    "TaskAssigned(uint256 sessionId, uint256 taskId, bytes32[] nodeIds)",
    "NodeReleased(bytes32 nodeId, uint256 sessionId)",
    "RouterAdded(address routerAddress, string routerInfo)",
    "RouterUpdated(address routerAddress, string routerInfo)",
    "RouterRemoved(address routerAddress)",
    "AllRoutersRemoved(uint256~ sessionId)",
    "DedicatedNodeAdded(address~ nodeAddress)",
    "DedicatedNodeRemoved(address~ nodeAddress)",
    "DepositToSession(uint256~ sessionId, address~ from, uint256 amount)",
    "WithdrawFromSession(uint256~ sessionId, address~ to, uint256 amount)",
];

const QUEUE_EVENTS: &[&str] = &[
    "TaskQueued(uint256 sessionId, uint256 taskId, uint256 globalId, string taskData)",
    "TaskAssigned(uint256 sessionId, uint256 taskId, address[] miners)",
    "TaskAcked(uint256 sessionId, uint256 taskId, address miner)",
    "TaskPrecommitted(uint256 sessionId, uint256 taskId, address miner)",
    "TaskAllPrecommitted(uint256 sessionId, uint256 taskId, address[] miners)",
    "TaskPrecommitEnded(uint256 sessionId, uint256 taskId)",
    "TaskCommitted(uint256 sessionId, uint256 taskId, address miner)",
    "TaskAllCommitted(uint256 sessionId, uint256 taskId, address[] miners)",
    "TaskCommitEnded(uint256 sessionId, uint256 taskId)",
    "TaskEnded(uint256 sessionId, uint256 taskId, address[] miners)",
];

const SESSION_FUNCTIONS: &[&str] = &[
    "create(string name, string metadata, address variableAddress, uint256 minNumOfNodes, uint256 maxNumOfNodes, uint256 redundant, uint256 numOfValidatorNodes, uint256 mode, bool reserveEphemeralNodes)",
    "getSessions(address account)",
    "getSession(uint256 sessionId)",
    "getSessionMiners(uint256 sessionId)",
    "updateSession(uint256 sessionId, string name, string metadata, uint256 minNumOfNodes, uint256 maxNumOfNodes, uint256 redundant)",
    "deactivateSession(uint256 sessionId)",
    "submit(uint256 sessionId, string taskData)",
    "addRouter(uint256 sessionId, address routerAddress, string routerInfo)",
    "updateRouter(uint256 sessionId, address routerAddress, string routerInfo)",
    "removeRouter(uint256 sessionId, address routerAddress)",
    "resetAllRouters(uint256 sessionId)",
    "addDedicatedNode(uint256 sessionId, address nodeAddress)",
    "removeDedicatedNode(uint256 sessionId, address nodeAddress)",
    "releaseByNodeId(bytes32 nodeId)",
    "depositToSession(uint256 sessionId)",
    "withdrawFromSession(uint256 sessionId, uint256 amount)",
];

const QUEUE_FUNCTIONS: &[&str] = &[
    "submitTask(uint256 sessionId, string taskData)",
    "getTasksBySessionId(uint256 sessionId)",
    "getTaskResults(uint256 sessionId, uint256 taskId)",
    "ack(uint256 sessionId, uint256 taskId)",
    "precommit(uint256 sessionId, uint256 taskId, bytes32 hash, string data)",
    "commit(uint256 sessionId, uint256 taskId, string data)",
    "endAck(uint256 sessionId, uint256 taskId)",
    "endPrecommit(uint256 sessionId, uint256 taskId)",
    "endCommit(uint256 sessionId, uint256 taskId)",
    "end(uint256 sessionId, uint256 taskId, bool forceEnd)",
    "getTask(uint256 sessionId, uint256 taskId)",
    "getTaskStatus(uint256 sessionId, uint256 taskId)",
    "getTaskCountBySessionId(uint256 sessionId)",
    "getTaskResultState(uint256 sessionId, uint256 taskId, address miner)",
    "getAllTaskResultAckedTimestamps(uint256 sessionId, uint256 taskId)",
    "getAllTaskResultPrecommitTimestamps(uint256 sessionId, uint256 taskId)",
    "getAllTaskResultCommitTimestamps(uint256 sessionId, uint256 taskId)",
];

fn event_layout(event: &Event) -> String {
    let inputs = event.inputs.iter().map(|input| {
        let mark = if input.indexed { "~" } else { "" };
        format!("{}{mark} {}", input.selector_type(), input.name)
    });
    format!("{}({})", event.name, inputs.collect::<Vec<_>>().join(", "))
}

fn function_layout(function: &Function) -> String {
    let inputs = function
        .inputs
        .iter()
        .map(|input| format!("{} {}", input.selector_type(), input.name));
    format!("{}({})", function.name, inputs.collect::<Vec<_>>().join(", "))
}

#[test]
fn events_have_the_protocols_layout() {
    for (name, expected) in [("SessionV2", SESSION_EVENTS), ("SessionQueueV2", QUEUE_EVENTS)] {
        let found: BTreeSet<_> = artifacts::read(name).abi.events().map(event_layout).collect();
        for layout in expected {
            assert!(found.contains(*layout), "{name} has no event {layout}");
        }
    }
}

#[test]
fn functions_have_the_protocols_layout() {
    for (name, expected) in [
        ("SessionV2", SESSION_FUNCTIONS),
        ("SessionQueueV2", QUEUE_FUNCTIONS),
    ] {
        let found: BTreeSet<_> = artifacts::read(name)
            .abi
            .functions()
            .map(function_layout)
            .collect();
        for layout in expected {
            assert!(found.contains(*layout), "{name} has no function {layout}");
        }
    }
}

/// Overloads would force clients to spell signatures out: `contract.create(…)` of ethers.js would be ambiguous.
#[test]
fn no_name_is_overloaded() {
    for name in ["NodePool", "SessionV2", "SessionQueueV2"] {
        let abi = artifacts::read(name).abi;
        assert!(
            abi.functions.values().all(|overloads| overloads.len() == 1),
            "{name}"
        );
        assert!(
            abi.events.values().all(|overloads| overloads.len() == 1),
            "{name}"
        );
    }
}

/// The ABIs of the deployed network are not part of the project; where they lie beside it, our events are compared
/// with theirs. `TaskSubmitted` differs there from the SDK reference, which has the say.
#[test]
fn events_agree_with_the_deployed_network() {
    let folder = artifacts::root().join("../shared/abi/cortensor-2025-07");
    for name in ["SessionV2", "SessionQueueV2"] {
        let Ok(text) = fs::read_to_string(folder.join(name).with_extension("json")) else {
            continue;
        };
        let text: serde_json::Value = serde_json::from_str(&text).expect("JSON");
        let abi = text.get("abi").unwrap_or(&text).clone();
        let deployed: JsonAbi = serde_json::from_value(abi).expect("an ABI");
        let ours = artifacts::read(name).abi;
        for theirs in deployed.events().filter(|event| event.name != "TaskSubmitted") {
            let Some(event) = ours.events.get(&theirs.name).and_then(|events| events.first()) else {
                panic!("{name} has no event {}", theirs.name)
            };
            assert_eq!(event_layout(event), event_layout(theirs), "{name}");
        }
    }
}
