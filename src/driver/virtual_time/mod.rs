//! Virtual time: a discrete-event simulation on an EVM inside the process.
//!
//! Nothing here takes time of its own: no RPC, no signing, no contention. At one moment a block comes first, then what
//! arrives at the chain, then actors' timers, each in the order in which it was asked for; so a run depends on nothing
//! but its scenario and seed.

mod embedded;
mod faults;
mod reads;
mod stream;

use std::time::Duration;

use alloy::primitives::Address;
use futures_util::FutureExt;
use tokio_util::sync::CancellationToken;

use self::embedded::EmbeddedTransport;
use super::{
    EndCondition, Ended, Engine, FaultSettings, RunObserver, accounts::Account, registry::digest,
    run_loop::Driver,
};
use crate::{
    chain::embedded::EmbeddedChain,
    distribution::DelayDistribution,
    fees::Eip1559Fees,
    protocol::{ActorId, Protocol},
    record::Recorder,
    seed::StreamSeed,
};

/// An actor's account.
#[derive(Clone, Debug)]
pub struct SimulatedAccount {
    /// Whose it is.
    pub actor: ActorId,
    /// Its address.
    pub address: Address,
    /// The nonce that its next transaction takes.
    pub nonce: u64,
    /// The fees of its transactions.
    pub fees: Eip1559Fees,
    /// Where its submission delays are drawn from.
    pub network: StreamSeed,
}

/// Settings of a run in virtual time.
#[derive(Debug)]
pub struct VirtualTimeSettings {
    /// The chain, with the contracts on it and every account funded.
    pub chain: EmbeddedChain,
    /// Time from one block to the next.
    pub block_time: Duration,
    /// The timestamp of the moment at which the run starts, in seconds since the Unix epoch.
    pub start_timestamp: u64,
    /// From an actor's decision to the chain's mempool.
    pub submission_delay: DelayDistribution,
    /// The account of every actor.
    pub accounts: Vec<SimulatedAccount>,
    /// When the run ends.
    pub end_condition: EndCondition,
    /// How long a transaction may take until it is looked for, and sent again if the mempool does not have it.
    pub transaction_deadline: Duration,
    /// What goes wrong on the way and on the chain.
    pub faults: FaultSettings,
}

/// Runs `engine` on an embedded chain until its tasks are over or `stop` is cancelled, and closes every record. The number
/// is a digest of where every random stream stood at the end.
///
/// # Panics
/// Never: nothing in virtual time is waited for.
#[must_use]
pub fn run<P: Protocol>(
    mut engine: Engine<P>,
    settings: VirtualTimeSettings,
    stop: &CancellationToken,
    observer: &mut dyn RunObserver,
) -> (Recorder, Ended, u64) {
    let accounts = settings.accounts.iter().map(|account| Account {
        actor: account.actor,
        fees: account.fees,
        nonce: account.nonce,
    });
    let accounts: Vec<Account> = accounts.collect();
    let faults = &settings.faults.plan;
    let is_faulty = !faults.is_empty();
    if is_faulty {
        engine.remember(faults.deepest_reorg().map_or(1, |depth| depth + 1));
        engine.expect_old_replies(settings.block_time * faults.oldest_reply());
    }
    let (end_condition, transaction_deadline) = (settings.end_condition, settings.transaction_deadline);
    let transport = EmbeddedTransport::<P>::new(settings, stop.clone());
    let driver = Driver::new(engine, transport, accounts, end_condition, transaction_deadline);
    let driven = driver.drive(observer).now_or_never();
    let driven = driven.expect("nothing in virtual time is waited for");
    let draws = [driven.draws, driven.transport.draws()];
    let draws = digest(draws.into_iter().map(u128::from));
    let mut ended = driven.ended;
    ended.faults = driven.transport.fault_log();
    ended.node = is_faulty.then_some(driven.node);
    (driven.recorder, ended, draws)
}
