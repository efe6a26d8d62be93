//! Anvil, started and answering.

use std::future::Future;
use std::io;
use std::net::{Ipv4Addr, SocketAddr, TcpListener};
use std::time::{Duration, Instant};

use alloy::rpc::client::RpcClient;
use alloy::transports::http::Http;

use super::config::Config;
use super::error::Error;
use super::place::Found;
use super::process::{Exit, Process, State};
use crate::chain::rpc::client_builder;

/// How long a killed anvil is waited for in [`Anvil::stop`].
const STOP_LIMIT: Duration = Duration::from_secs(5);

/// An anvil that we started. Dropping it ends it; so does the end of this process, even by SIGKILL.
#[derive(Debug)]
pub struct Anvil {
    process: Process,
    address: SocketAddr,
    client_version: String,
    startup: Duration,
}

impl Anvil {
    /// Starts anvil and waits until it answers on its port.
    ///
    /// Can be cancelled by dropping the future: the process ends then. Needs a tokio runtime.
    ///
    /// # Errors
    /// Any [`Error`] from [`Error::BlockTime`] on: the port is taken, the process could not be made, it ended, it did
    /// not answer in time or answered for another chain. Its last output is in the message.
    pub async fn start(found: &Found, config: &Config) -> Result<Self, Error> {
        let began = Instant::now();
        let arguments = config.arguments()?;
        config.port.map_or(Ok(()), check_port)?;
        let executable = found.executable.clone();
        let program = executable.clone();
        let spawned = tokio::task::spawn_blocking(move || Process::spawn(&program, &arguments)).await;
        let process = spawned
            .unwrap_or_else(|error| Err(io::Error::other(error)))
            .map_err(|cause| Error::Spawn {
                executable: executable.clone(),
                cause,
            })?;

        let ready = async {
            let address = listening(&process).await?;
            let (client_version, chain_id) = first_answer(&process, address).await?;
            Ok((address, client_version, chain_id))
        };
        let (address, client_version, chain_id) =
            match tokio::time::timeout(config.start_timeout, ready).await {
                Ok(Ok(answer)) => answer,
                Ok(Err(exit)) => {
                    // Somebody may have taken the port since it was checked.
                    config.port.map_or(Ok(()), check_port)?;
                    return Err(Error::EndedAtStart {
                        executable,
                        exit,
                        output: config.scrubbed(process.tail().text()),
                    });
                }
                Err(_) => {
                    let limit = config.start_timeout;
                    return Err(Error::StartTimeout {
                        executable,
                        limit,
                        output: config.scrubbed(process.tail().text()),
                    });
                }
            };
        if config.fork.is_none() && chain_id != config.chain_id {
            let problem = format!(
                "its chain id is {chain_id} where {} was asked for",
                config.chain_id
            );
            return Err(Error::WrongAnswer {
                executable,
                port: address.port(),
                problem,
            });
        }
        // The banner has served; from here on the tail is for what went wrong.
        process.tail().clear();
        Ok(Self {
            process,
            address,
            client_version,
            startup: began.elapsed(),
        })
    }

    /// The HTTP endpoint, such as `http://127.0.0.1:8545`.
    #[must_use]
    pub fn http_url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// The WebSocket endpoint, such as `ws://127.0.0.1:8545`.
    #[must_use]
    pub fn ws_url(&self) -> String {
        format!("ws://{}", self.address)
    }

    /// Its process id, which is also its process group's.
    #[must_use]
    pub fn pid(&self) -> u32 {
        self.process.id()
    }

    /// Its answer to `web3_clientVersion`, such as `anvil/v1.7.1`.
    #[must_use]
    pub fn client_version(&self) -> &str {
        &self.client_version
    }

    /// The time from the call to the first answer.
    #[must_use]
    pub fn startup(&self) -> Duration {
        self.startup
    }

    /// The last lines it printed since it answered, for the message that it is gone; `None` if it printed nothing.
    #[must_use]
    pub fn output(&self) -> Option<String> {
        let tail = self.process.tail();
        (!tail.is_empty()).then(|| tail.text())
    }

    /// Completes when the process has ended, whoever ended it, within milliseconds.
    ///
    /// The future does not borrow the anvil and may be awaited anywhere, more than once.
    pub fn exited(&self) -> impl Future<Output = Exit> + Send + 'static + use<> {
        let mut state = self.process.state();
        async move {
            loop {
                if let State::Ended(exit) = *state.borrow_and_update() {
                    return exit;
                }
                // The sender tells the end before it goes away.
                if state.changed().await.is_err() {
                    std::future::pending::<()>().await;
                }
            }
        }
    }

    /// How it ended, if it has.
    #[must_use]
    pub fn exit(&self) -> Option<Exit> {
        match *self.process.state().borrow() {
            State::Ended(exit) => Some(exit),
            _ => None,
        }
    }

    /// Ends it and waits until it is gone. Nothing is lost by killing it: its chain is in memory only.
    ///
    /// Gives how it ended (by our SIGKILL, or before), or `None` if the system has not let go of it in 5 s.
    pub async fn stop(self) -> Option<Exit> {
        self.process.kill();
        tokio::time::timeout(STOP_LIMIT, self.exited()).await.ok()
    }
}

/// Whether a port can be listened on. Anvil would say so as well, but only in its own words.
fn check_port(port: u16) -> Result<(), Error> {
    match TcpListener::bind((Ipv4Addr::LOCALHOST, port)) {
        Ok(_) => Ok(()),
        Err(error) if error.kind() == io::ErrorKind::AddrInUse => Err(Error::PortInUse { port }),
        Err(cause) => Err(Error::Port { port, cause }),
    }
}

/// Waits until it says where it listens, or has ended.
async fn listening(process: &Process) -> Result<SocketAddr, Exit> {
    let mut state = process.state();
    loop {
        match *state.borrow_and_update() {
            State::Listening(address) => return Ok(address),
            State::Ended(exit) => return Err(exit),
            State::Starting => {}
        }
        if state.changed().await.is_err() {
            std::future::pending::<()>().await;
        }
    }
}

/// Asks until it answers, or has ended: its version and its chain id. Then tells it to stop logging requests.
async fn first_answer(process: &Process, address: SocketAddr) -> Result<(String, u64), Exit> {
    let client = client(address);
    loop {
        if let State::Ended(exit) = *process.state().borrow() {
            return Err(exit);
        }
        let version = client.request_noparams::<String>("web3_clientVersion").await;
        let chain_id = client
            .request_noparams::<alloy::primitives::U64>("eth_chainId")
            .await;
        if let (Ok(version), Ok(chain_id)) = (version, chain_id) {
            // A wish: one that does not know the method is only slower.
            let _ = client.request::<_, ()>("anvil_setLoggingEnabled", (false,)).await;
            return Ok((version, chain_id.to()));
        }
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}

fn client(address: SocketAddr) -> RpcClient {
    let mut url = reqwest::Url::parse("http://127.0.0.1").expect("a valid URL");
    let _ = url.set_port(Some(address.port()));
    // A proxy that the environment names must not stand between us and our own loopback.
    let http = client_builder(url.as_str())
        .build()
        .expect("a client without a proxy and with the roots that it is given");
    RpcClient::new(Http::with_client(http, url), true)
}
