//! Endpoints behind TLS.

use super::stage::{LIMIT, told};
use crate::{
    faults::stage::{SMALL, Stage},
    support::{taskstorm::Taskstorm, tls::Terminator},
};

/// A key of a provider, as it stands in addresses.
const SECRET: &str = "0123456789abcdef";

/// A run of [`SMALL`] at this address, with this authority.
fn trusting(url: &str, authority: &str) -> Taskstorm {
    Taskstorm::run_on(url, SMALL)
        .file("authority.pem", authority)
        .after("unset SSL_CERT_DIR; export SSL_CERT_FILE=authority.pem")
}

#[test]
fn runs_go_over_https_and_secure_websockets() {
    let stage = Stage::new();
    let server = Terminator::of(&stage.node.url(), &["localhost"]);
    for scheme in ["https", "wss"] {
        let url = format!("{scheme}://localhost:{}/?key={SECRET}", server.port());
        let ended = trusting(&url, &server.authority).start().end_within(LIMIT);
        let folder = ended.success();
        // Blocks were announced, not polled for.
        let notices = folder.result.node.as_ref().map(|node| node.notices.clone());
        assert!(notices.unwrap_or_default().is_empty(), "{}", ended.stderr);
        assert_eq!(folder.result.transactions.failed(), 0);
        for (name, bytes) in crate::support::place::files(&ended.out()) {
            assert!(!String::from_utf8_lossy(&bytes).contains(SECRET), "{name}");
        }
    }
}

#[test]
fn a_server_that_cannot_be_trusted_is_refused_with_a_remedy() {
    let stage = Stage::new();
    let server = Terminator::of(&stage.node.url(), &["node.example"]);
    let (port, plain) = (server.port(), stage.node.url().replace("http", "https"));
    let url = format!("https://localhost:{port}/?key={SECRET}");
    for (run, words) in [
        (
            Taskstorm::run_on(&url, SMALL),
            "no authority that is trusted here signed its certificate",
        ),
        (
            Taskstorm::run_on(&url, SMALL),
            "environment variable SSL_CERT_FILE",
        ),
        (
            trusting(&url, &server.authority),
            "use a name of the host that its certificate has",
        ),
        (trusting(&plain, &server.authority), "try http:// or ws://"),
        (
            Taskstorm::run_on(&url.replace("https", "http"), SMALL),
            "it speaks TLS; write https://",
        ),
        (
            trusting(&url, "no certificate"),
            "SSL_CERT_FILE names no certificate that can be used",
        ),
    ] {
        let ended = run.code(3).leaves_no("out/summary.json").end();
        assert!(!ended.stderr.contains(SECRET), "{}", ended.stderr);
        assert!(told(&ended).contains(words), "{words}: {}", ended.stderr);
    }
}
