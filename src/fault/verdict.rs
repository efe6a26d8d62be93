//! Verdicts on transactions, requests and blocks.

use std::time::Duration;

/// The verdict on a transaction or a request.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Verdict {
    /// It is let be.
    #[default]
    Pass,
    /// It arrives so much later.
    DeliverAfter(Duration),
    /// It arrives at once, and so much later again.
    Twice(Duration),
    /// It never arrives, and nobody says so.
    Drop,
    /// What comes back is an error.
    Refuse,
    /// What comes back is no answer.
    Corrupt,
}

/// The sender and the call of a transaction, by their names.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Subject<'a> {
    /// The sender's role.
    pub role: &'a str,
    /// The sender's group.
    pub group: &'a str,
    /// The function that is called.
    pub function: &'a str,
}

/// The verdict on a block: all that goes wrong with it.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct BlockVerdict {
    /// The base fee is multiplied by this.
    pub fee_factor: Option<f64>,
    /// It takes no transactions.
    pub is_empty: bool,
    /// The share of its gas that others use, 0 to 1.
    pub fill: f64,
    /// The chain's clock goes ahead by so much.
    pub jump: Duration,
    /// The faults that leave transactions out of it, by their place in the plan.
    pub censors: Vec<usize>,
    /// So many blocks before it are replaced.
    pub reorg: Option<u64>,
    /// Nothing happens for so long before it.
    pub stall: Option<Duration>,
    /// The node is down for so long before it, and its mempool is lost.
    pub restart: Option<Duration>,
    /// It is seen so much later.
    pub late: Duration,
    /// Reads are answered from so many blocks before it.
    pub stale: u64,
    /// The WebSocket is cut and down for so long.
    pub socket: Option<Duration>,
}
