//! WebSocket is a convenience: without it, or with one that misbehaves, a run is as good.

use std::time::Duration;
use taskstorm::proxy::{SocketFault, SocketRule};

use super::stage::{Stage, each};

#[test]
fn a_run_gets_over_every_fault_of_a_socket() {
    let second = Duration::from_secs(1);
    // The first connection only shows that there is a WebSocket.
    let later = |fault| SocketRule::always(fault).skip(1);
    let cases = [
        ("none", SocketRule::always(SocketFault::Refused(404))),
        (
            "refused once",
            SocketRule::always(SocketFault::Refused(503)).times(1),
        ),
        ("refused later", later(SocketFault::Refused(503)).times(2)),
        ("closed once", later(SocketFault::CutAfter(2 * second)).times(1)),
        ("closed every second", later(SocketFault::CutAfter(second))),
        (
            "silent after a while",
            later(SocketFault::SilentAfter(2 * second)).times(1),
        ),
        ("silent every time", later(SocketFault::SilentAfter(second))),
        (
            "no subscriptions",
            SocketRule::always(SocketFault::NoSubscriptions),
        ),
        (
            "no subscription once",
            later(SocketFault::NoSubscriptions).times(1),
        ),
        ("told twice", SocketRule::always(SocketFault::TwiceTold)),
        ("out of order", SocketRule::always(SocketFault::OutOfOrder)),
        (
            "delayed",
            SocketRule::always(SocketFault::Delayed(Duration::from_millis(300))),
        ),
    ];
    each(
        &cases,
        |(name, _)| (*name).to_owned(),
        |(name, rule)| {
            let stage = Stage::new();
            stage.proxy.socket_rule(*rule);
            let ended = stage.run(name);
            // A warning, not one for every reconnection.
            let warnings = ended.stderr.matches("WARN").count();
            assert!(warnings <= 3, "{name}: {}", ended.stderr);
        },
    );
}
