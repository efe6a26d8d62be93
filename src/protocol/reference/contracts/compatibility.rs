//! Compares the ABI of changed contracts with what the actors call and decode.

use alloy::{
    json_abi::{Event, Function, JsonAbi, Param, StateMutability},
    sol_types::SolCall,
};

use super::bindings::{NodePool as Pool, SessionQueueV2 as Queue, SessionV2 as Session};

/// The functions that a run calls, by contract.
fn called(contract: &str) -> Vec<&'static str> {
    match contract {
        "NodePool" => vec![
            Pool::setSessionCall::SIGNATURE,
            Pool::registerCall::SIGNATURE,
            Pool::unregisterCall::SIGNATURE,
            Pool::allowDedicationCall::SIGNATURE,
        ],
        "SessionV2" => vec![
            Session::setSessionQueueCall::SIGNATURE,
            Session::createCall::SIGNATURE,
            Session::updateSessionCall::SIGNATURE,
            Session::deactivateSessionCall::SIGNATURE,
            Session::depositToSessionCall::SIGNATURE,
            Session::withdrawFromSessionCall::SIGNATURE,
            Session::releaseByNodeIdCall::SIGNATURE,
            Session::addDedicatedNodeCall::SIGNATURE,
            Session::removeDedicatedNodeCall::SIGNATURE,
            Session::addRouterCall::SIGNATURE,
            Session::updateRouterCall::SIGNATURE,
            Session::removeRouterCall::SIGNATURE,
            Session::resetAllRoutersCall::SIGNATURE,
            Session::getSessionCall::SIGNATURE,
            Session::getSessionBalanceCall::SIGNATURE,
            Session::getEarningsCall::SIGNATURE,
        ],
        _ => vec![
            Queue::setOracleCall::SIGNATURE,
            Queue::submitTaskCall::SIGNATURE,
            Queue::ackCall::SIGNATURE,
            Queue::precommitCall::SIGNATURE,
            Queue::commitCall::SIGNATURE,
            Queue::endAckCall::SIGNATURE,
            Queue::endPrecommitCall::SIGNATURE,
            Queue::endCommitCall::SIGNATURE,
            Queue::endCall::SIGNATURE,
            Queue::getTaskCall::SIGNATURE,
            Queue::getDeadlinesCall::SIGNATURE,
            Queue::getTaskResultsCall::SIGNATURE,
            Queue::getTaskResultHashesCall::SIGNATURE,
            Queue::getTaskCountBySessionIdCall::SIGNATURE,
            Queue::getAllTaskResultAckedTimestampsCall::SIGNATURE,
            Queue::getAllTaskResultPrecommitTimestampsCall::SIGNATURE,
            Queue::getAllTaskResultCommitTimestampsCall::SIGNATURE,
        ],
    }
}

/// Events of the reference contracts that no actor hears and no record is made from.
const UNHEARD: [(&str, &str); 6] = [
    ("SessionV2", "TaskAssigned"),
    ("SessionV2", "TaskSubmitted"),
    ("SessionQueueV2", "OracleChanged"),
    ("SessionQueueV2", "PriceChanged"),
    ("SessionQueueV2", "WindowsChanged"),
    // Of each contract.
    ("", "OwnershipTransferred"),
];

/// How an ABI differs from the reference contract's, a line each.
#[derive(Debug, Default)]
pub(super) struct Differences {
    /// What the actors cannot work with.
    pub(super) broken: Vec<String>,
    /// What only makes failures harder to read.
    pub(super) doubtful: Vec<String>,
}

/// The differences between the ABI of the reference contract that is called `contract` and one that is to take its place.
pub(super) fn differences(contract: &str, needed: &JsonAbi, found: &JsonAbi) -> Differences {
    let mut differences = Differences::default();
    let mut differ = |expected: String, found: Option<String>| {
        let found = found.unwrap_or_else(|| "nothing of that name".to_owned());
        differences
            .broken
            .push(format!("{contract}: expected {expected}, found {found}"));
    };
    let constructor = |abi: &JsonAbi| {
        let inputs = abi
            .constructor
            .as_ref()
            .map(|constructor| types(&constructor.inputs));
        format!("constructor({})", inputs.unwrap_or_default())
    };
    if constructor(needed) != constructor(found) {
        differ(constructor(needed), Some(constructor(found)));
    }
    for signature in called(contract) {
        let Some(expected) = needed
            .functions()
            .find(|function| function.signature() == signature)
        else {
            continue;
        };
        let candidates = found
            .function(&expected.name)
            .map(Vec::as_slice)
            .unwrap_or_default();
        let same = candidates
            .iter()
            .find(|candidate| candidate.signature() == signature);
        if same.is_none_or(|candidate| function(candidate) != function(expected)) {
            let all: Vec<String> = candidates.iter().map(function).collect();
            differ(function(expected), (!all.is_empty()).then(|| all.join(" and ")));
        }
    }
    for expected in needed.events() {
        let unheard = UNHEARD
            .iter()
            .any(|(of, name)| (of.is_empty() || *of == contract) && *name == expected.name);
        let candidates = found.event(&expected.name).map(Vec::as_slice).unwrap_or_default();
        let all: Vec<String> = candidates.iter().map(event).collect();
        if !unheard && !all.contains(&event(expected)) {
            differ(event(expected), (!all.is_empty()).then(|| all.join(" and ")));
        }
    }
    for expected in needed.errors() {
        let candidates = found.error(&expected.name).map(Vec::as_slice).unwrap_or_default();
        let all: Vec<String> = candidates
            .iter()
            .map(|error| format!("error {}", error.signature()))
            .collect();
        if all.is_empty() {
            differences.doubtful.push(format!(
                "{contract} has no error {}: what it reverts with instead shows as undecoded data",
                expected.signature()
            ));
        } else if !candidates
            .iter()
            .any(|error| error.signature() == expected.signature())
        {
            let expected = format!("error {}", expected.signature());
            differences.broken.push(format!(
                "{contract}: expected {expected}, found {}",
                all.join(" and ")
            ));
        }
    }
    differences
}

/// A function as far as a caller depends on it: inputs, whether it takes ether, and what a read returns.
fn function(function: &Function) -> String {
    let mut text = format!("function {}", function.signature());
    match function.state_mutability {
        StateMutability::Payable => text.push_str(" payable"),
        StateMutability::View | StateMutability::Pure => {
            text.push_str(&format!(" view returns ({})", types(&function.outputs)));
        }
        StateMutability::NonPayable => {}
    }
    text
}

fn event(event: &Event) -> String {
    let input = |input: &alloy::json_abi::EventParam| {
        let indexed = if input.indexed { " indexed" } else { "" };
        format!("{}{indexed}", input.selector_type())
    };
    let inputs: Vec<String> = event.inputs.iter().map(input).collect();
    let anonymous = if event.anonymous { " anonymous" } else { "" };
    format!("event {}({}){anonymous}", event.name, inputs.join(", "))
}

fn types(parameters: &[Param]) -> String {
    let types: Vec<_> = parameters
        .iter()
        .map(|parameter| parameter.selector_type())
        .collect();
    types.join(", ")
}
