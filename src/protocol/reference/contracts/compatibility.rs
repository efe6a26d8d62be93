//! Compares the ABI of changed contracts with what the actors call and decode.

use alloy::{
    json_abi::{Event, JsonAbi},
    sol_types::SolCall,
};

use super::bindings::{NodePool as Pool, SessionQueueV2 as Queue, SessionV2 as Session};
use crate::artifacts::abi_differences;

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
    let called = called(contract);
    let is_heard = |event: &Event| {
        let of = |(of, name): &(&str, &str)| (of.is_empty() || *of == contract) && *name == event.name;
        !UNHEARD.iter().any(of)
    };
    let mut differences = Differences {
        broken: abi_differences(
            contract,
            needed,
            found,
            |function| called.contains(&function.signature().as_str()),
            is_heard,
        ),
        doubtful: Vec::new(),
    };
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
