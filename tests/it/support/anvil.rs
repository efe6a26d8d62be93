//! A real anvil for tests.

use std::io::Write;
use std::net::TcpListener;
use std::sync::OnceLock;
use std::time::Duration;

use taskstorm::chain::anvil::{Anvil, Config, Environment, Found, Search, find};

/// The anvil of this machine, installed into the cache if there is none. Looked for once per test process.
pub(crate) fn found() -> &'static Found {
    static FOUND: OnceLock<Found> = OnceLock::new();
    FOUND.get_or_init(|| {
        let environment = Environment::of_process().expect("a current directory");
        let notify = |line: &str| writeln!(std::io::stderr(), "{line}").expect("stderr");
        find(&Search::new(environment), &notify).unwrap_or_else(|error| panic!("{error}"))
    })
}

/// Blocks every 100 ms: most tests wait for blocks and not for seconds.
pub(crate) fn quick() -> Config {
    Config {
        block_time: Duration::from_millis(100),
        ..Config::default()
    }
}

/// Starts an anvil of the test's own. It ends when dropped, and when the test process ends.
pub(crate) async fn start(config: &Config) -> Anvil {
    Anvil::start(found(), config)
        .await
        .unwrap_or_else(|error| panic!("{error}"))
}

/// A port that nothing listens on; a moment later it may be somebody else's.
pub(crate) fn free_port() -> u16 {
    let free = TcpListener::bind(("127.0.0.1", 0)).expect("a port");
    free.local_addr().expect("an address").port()
}
