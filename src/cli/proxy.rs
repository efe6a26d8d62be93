//! `taskstorm proxy`: a bad node for any client.

use std::{collections::BTreeMap, net::SocketAddr, time::Instant};

use serde::Serialize;

use super::{Exit, Failure, output, signals};
use crate::{
    chain::rpc::{Endpoint, masked},
    fault::{Fault, FaultLog, FaultPlan},
    proxy::{Names, Proxy, ProxyError},
    report::proxy::proxy_summary,
    run::RunError,
};

/// Stand between any client and a node, and fail as told.
///
/// Clients connect to the proxy over HTTP or WebSocket, and it forwards to the node. Faults count from its start. Ctrl-C ends
/// it and prints how often each fault struck. docs/faults.md lists the kinds; roles and groups are those of scenarios: here
/// `group` is an account's address, and `function` a selector of four bytes, both in lower-case hexadecimal with 0x.
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// Address of the node: http://host:port.
    #[arg(long, value_name = "URL")]
    to: String,
    /// Address to listen on; port 0 is a free one.
    #[arg(long, value_name = "ADDR", default_value = "127.0.0.1:0")]
    listen: SocketAddr,
    /// Fault, kind first: "drop 2%", "stall every 60s for 10s". Repeatable.
    #[arg(long = "fault", value_name = "FAULT", value_parser = fault)]
    faults: Vec<Fault>,
    /// Seed of what is drawn at random.
    #[arg(long, value_name = "N", default_value_t = 1)]
    seed: u64,
    /// Print the counts as JSON instead of as a table.
    #[arg(long)]
    json: bool,
}

/// What a proxy did.
#[derive(Debug, Serialize)]
struct Counts {
    /// Each fault and how often it struck.
    #[serde(flatten)]
    log: FaultLog,
    /// How often each method was called, and what was done to requests and connections.
    counts: BTreeMap<String, u64>,
}

pub(super) async fn run(args: Args) -> Result<Exit, Failure> {
    let plan = FaultPlan { faults: args.faults };
    let stop = signals::stop_on_signal().map_err(Failure::unexpected)?;
    let node = Endpoint::connect(&args.to).await.map_err(RunError::from)?;
    if !node.is_anvil()
        && let Some((kind, method)) = plan.anvil_methods().next()
    {
        return Err(Failure::usage(
            format!(
                "the fault `{kind}` needs {method}, which {} does not have",
                node.client
            ),
            "remove it, or put the proxy in front of an anvil",
        ));
    }
    let proxy = Proxy::listening_on(&args.to, args.listen).map_err(|error| {
        let exit = match error {
            ProxyError::Start(_) => Exit::Failed,
            _ => Exit::Usage,
        };
        Failure::plain(exit, error)
    })?;
    proxy.inject(&plan, args.seed, Names::default(), Instant::now());
    proxy.begin_faults();
    let ready = format!(
        "{} and {} forward to {}; Ctrl-C ends\n",
        proxy.url(),
        proxy.ws_url(),
        masked(&args.to)
    );
    let announced = if args.json {
        tracing::info!("{}", ready.trim_end());
        Ok(())
    } else {
        output::print(&ready)
    };
    stop.cancelled().await;
    let counts = Counts {
        log: proxy.fault_log(),
        counts: proxy.counts(),
    };
    let printed = if args.json {
        output::print_value(&counts)
    } else {
        output::print_styled(|style| proxy_summary(&counts.log, &counts.counts, style))
    };
    Exit::Done.after([announced, printed])
}

/// A fault on the command line.
fn fault(text: &str) -> Result<Fault, String> {
    Fault::parse(text).map_err(|error| format!("{error}; {}", error.help))
}
