//! Nodes with limits: each is noticed, said once, and worked with.

use std::time::Duration;

use super::{
    market::{Market, accounted_for},
    stage::{KEY, LIMIT, funded_by, on, plain, small, swept, undisturbed},
};
use crate::{
    faults::stage::{SMALL, Stage},
    support::proxy::{Fault, RetryAfter, Rule, SocketFault, SocketRule},
};

/// A node over HTTP alone that takes no batches and tells neither the fees of blocks nor their receipts together.
fn sparse() -> Stage {
    let stage = plain();
    let proxy = &stage.proxy;
    let unknown = Rule::always(Fault::Error(-32_601, "the method does not exist"));
    let methods = ["eth_getBlockReceipts", "eth_feeHistory", "eth_subscribe"];
    proxy.rule(unknown.on(&methods));
    proxy.rule(Rule::always(Fault::TooLarge).larger_than(1));
    proxy.socket_rule(SocketRule::always(SocketFault::Refused(404)));
    stage
}

#[test]
fn a_node_that_can_only_be_polled_call_by_call_serves_every_protocol() {
    let stage = sparse();
    let ended = small(&stage).start().end_within(LIMIT);
    undisturbed(&stage, "sparse", &ended);
    swept(&stage, SMALL, &ended);
    let (stage, market) = (sparse(), Market::new());
    let ended = on(&stage, &market.scenario()).start().end_within(LIMIT);
    accounted_for(&ended);
    swept(&stage, &market.scenario(), &ended);
}

#[test]
fn a_node_with_every_limit_is_worked_with_and_each_is_said_once() {
    let stage = plain();
    let proxy = &stage.proxy;
    let receipts = Rule::always(Fault::Error(-32_601, "the method does not exist"));
    proxy.rule(receipts.on(&["eth_getBlockReceipts"]));
    let history = Rule::always(Fault::Error(
        -32_700,
        "The method eth_feeHistory does not exist/is not available",
    ));
    proxy.rule(history.on(&["eth_feeHistory"]));
    proxy.rule(Rule::always(Fault::TooLarge).larger_than(4));
    let busy = [
        Fault::Status(429, RetryAfter::Unsaid),
        Fault::Error(-32_005, "rate limit exceeded"),
    ];
    for fault in busy {
        proxy.rule(Rule::always(fault).chance(0.03));
    }
    proxy.socket_rule(SocketRule::always(SocketFault::Refused(404)));
    let ended = small(&stage).start().end_within(LIMIT);
    undisturbed(&stage, "limits", &ended);
    let notices = ended.folder().result.node.expect("a node").notices;
    for what in ["eth_getBlockReceipts", "eth_feeHistory", "batches of"] {
        let said = ended
            .stderr
            .lines()
            .filter(|line| line.contains("WARN the node") && line.contains(what));
        assert_eq!(said.count(), 1, "{what}: {}", ended.stderr);
        assert!(
            notices.iter().any(|notice| notice.contains(what)),
            "{what}: {notices:?}"
        );
    }
}

#[test]
fn a_node_that_takes_only_small_batches_whatever_its_reason_gets_small_ones() {
    let stage = plain();
    // It never says that it is the size.
    let fault = Fault::Status(429, RetryAfter::Unsaid);
    stage.proxy.rule(Rule::always(fault).larger_than(5));
    let ended = small(&stage).start().end_within(LIMIT + Duration::from_secs(60));
    undisturbed(&stage, "small batches", &ended);
}

#[test]
fn what_the_endpoint_decides_is_said_and_recorded() {
    let stage = plain();
    let scenario = crate::faults::stage::SMALL.replace(
        "block_time = \"200ms\"",
        "block_time = \"200ms\"\ngas_limit = 20000000\nhardfork = \"osaka\"",
    );
    let run = funded_by(KEY, stage.taskstorm(&scenario));
    let ended = run.start().end_within(LIMIT);
    let warning = "the endpoint decides what the scenario asks of its chain: ";
    let line = ended.stderr.lines().find(|line| line.contains(warning));
    let line = line.unwrap_or_else(|| panic!("{}", ended.stderr));
    assert!(
        line.contains("gas_limit is 30000000 instead of 20000000"),
        "{line}"
    );
    assert!(
        line.contains("hardfork is not known (osaka in the scenario)"),
        "{line}"
    );
    let chain = ended.success().result.chain;
    assert_eq!((chain.kind.as_str(), chain.gas_limit), ("rpc", Some(30_000_000)));
    let settings: Vec<&str> = chain.overrides.iter().map(|one| one.setting.as_str()).collect();
    for setting in ["gas_limit", "hardfork", "order"] {
        assert!(settings.contains(&setting), "{settings:?}");
    }
}
