//! The kinds of faults.

use super::FaultKey;

named! {
    /// A kind of fault, by its key in `[faults]`.
    #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
    pub enum FaultKind {
        /// A transaction is accepted and silently lost.
        Drop = "drop",
        /// A transaction arrives later, and others overtake it.
        Delay = "delay",
        /// A transaction is delivered twice.
        Duplicate = "duplicate",
        /// A part of the population is cut off: what it sends arrives when the window ends.
        Outage = "outage",
        /// The block builder leaves out the transactions of a part of the population.
        Censor = "censor",
        /// The base fee is multiplied.
        FeeSpike = "fee_spike",
        /// A block takes no transactions.
        EmptyBlocks = "empty_blocks",
        /// Other people's transactions fill a block.
        FullBlocks = "full_blocks",
        /// The chain's clock jumps ahead and stays ahead.
        TimestampJump = "timestamp_jump",
        /// The latest blocks are replaced by others with the same transactions in another order, a block later.
        Reorg = "reorg",
        /// The node does nothing for a while.
        Stall = "stall",
        /// The node is down for a while and loses its mempool.
        Restart = "restart",
        /// A request is answered with an error.
        RpcErrors = "rpc_errors",
        /// A request is answered with something that is no answer.
        Garbage = "garbage",
        /// A block's logs are missing at first.
        LateLogs = "late_logs",
        /// Reads are answered from an older block.
        StaleReads = "stale_reads",
        /// The WebSocket is cut and stays down for a while.
        LostSocket = "lost_socket",
    }
}

/// What a fault is decided for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Scope {
    /// Every transaction that is sent.
    Transactions,
    /// Every block.
    Blocks,
    /// Every request to a node.
    Requests,
    /// Every answer with logs.
    Logs,
    /// Every read of the chain's state.
    Reads,
}

impl FaultKind {
    /// One line about it, for help and the JSON Schema.
    #[must_use]
    pub const fn about(self) -> &'static str {
        match self {
            Self::Drop => "Transactions that are accepted and silently lost.",
            Self::Delay => "Transactions that arrive later, so that others overtake them.",
            Self::Duplicate => "Transactions that are delivered twice.",
            Self::Outage => {
                "A part of the population is cut off: what it sends arrives when the window ends."
            }
            Self::Censor => "The block builder leaves out the transactions of a part of the population.",
            Self::FeeSpike => "The base fee is multiplied.",
            Self::EmptyBlocks => "Blocks that take no transactions.",
            Self::FullBlocks => "Blocks that other people's transactions fill.",
            Self::TimestampJump => "The chain's clock jumps ahead and stays ahead.",
            Self::Reorg => {
                "The latest blocks are replaced by others with the same transactions in another order."
            }
            Self::Stall => "The node does nothing for a while.",
            Self::Restart => "The node is down for a while and loses its mempool.",
            Self::RpcErrors => "Requests that are answered with an error.",
            Self::Garbage => "Requests that are answered with something that is no answer.",
            Self::LateLogs => "Logs of a block that are missing at first.",
            Self::StaleReads => "Reads that are answered from an older block.",
            Self::LostSocket => "The WebSocket is cut and stays down for a while.",
        }
    }

    /// What a text says of a fault of this kind, for example.
    #[must_use]
    pub const fn example(self) -> &'static str {
        match (self.is_event(), self.needs_target()) {
            (true, _) => "every 30s",
            (_, true) => "role oracle from 20s until 60s",
            _ => "2%",
        }
    }

    /// What it is decided for, on the embedded chain.
    #[must_use]
    pub const fn scope(self) -> Scope {
        match self {
            Self::Drop | Self::Delay | Self::Duplicate | Self::Outage => Scope::Transactions,
            Self::RpcErrors | Self::Garbage => Scope::Requests,
            _ => Scope::Blocks,
        }
    }

    /// What it is decided for in front of a node, whose builder and answers nobody but the proxy changes.
    #[must_use]
    pub const fn scope_at_node(self) -> Scope {
        match self {
            Self::Censor => Scope::Transactions,
            Self::LateLogs => Scope::Logs,
            Self::StaleReads => Scope::Reads,
            _ => self.scope(),
        }
    }

    /// The method that a node must have for it, which only anvil has; `None` if any node will do.
    #[must_use]
    pub const fn anvil_method(self) -> Option<&'static str> {
        match self {
            Self::FeeSpike => Some("anvil_setNextBlockBaseFeePerGas"),
            Self::FullBlocks => Some("anvil_impersonateAccount"),
            Self::TimestampJump => Some("evm_increaseTime"),
            Self::Reorg => Some("anvil_reorg"),
            Self::Restart => Some("anvil_dropAllTransactions"),
            _ => None,
        }
    }

    /// Whether one that says neither a rate nor moments strikes once, when its window opens. Any other strikes always.
    #[must_use]
    pub const fn is_event(self) -> bool {
        matches!(
            self,
            Self::FeeSpike
                | Self::TimestampJump
                | Self::Reorg
                | Self::Stall
                | Self::Restart
                | Self::LostSocket
        )
    }

    /// Whether it keeps transactions out of blocks or blocks out of the chain, so that no task can be said to have had its time.
    #[must_use]
    pub const fn withholds(self) -> bool {
        !matches!(self, Self::Duplicate | Self::TimestampJump | Self::StaleReads)
    }

    /// Whether it may concern a part of the population only.
    #[must_use]
    pub const fn has_target(self) -> bool {
        matches!(
            self,
            Self::Drop | Self::Delay | Self::Duplicate | Self::Outage | Self::Censor
        )
    }

    /// Whether it must: what concerns everybody has another name.
    #[must_use]
    pub const fn needs_target(self) -> bool {
        matches!(self, Self::Outage | Self::Censor)
    }

    /// The keys that it has beside those of every fault.
    #[must_use]
    pub const fn own_keys(self) -> &'static [FaultKey] {
        const TARGET: &[FaultKey] = &[FaultKey::Role, FaultKey::Group, FaultKey::Function];
        const TARGET_AND_BY: &[FaultKey] =
            &[FaultKey::By, FaultKey::Role, FaultKey::Group, FaultKey::Function];
        match self {
            Self::Drop | Self::Outage | Self::Censor => TARGET,
            Self::Delay | Self::Duplicate => TARGET_AND_BY,
            Self::TimestampJump | Self::LateLogs => &[FaultKey::By],
            Self::FeeSpike => &[FaultKey::Factor],
            Self::FullBlocks => &[FaultKey::Fill],
            Self::Reorg | Self::StaleReads => &[FaultKey::Depth],
            Self::Stall | Self::Restart | Self::LostSocket => &[FaultKey::For],
            Self::EmptyBlocks | Self::RpcErrors | Self::Garbage => &[],
        }
    }

    /// All keys that it has.
    pub fn keys(self) -> impl Iterator<Item = FaultKey> {
        FaultKey::OF_ALL
            .into_iter()
            .chain(self.own_keys().iter().copied())
    }

    /// What the embedded chain, which has no node, does in its place; `None` where it does the same.
    #[must_use]
    pub const fn embedded_equivalent(self) -> Option<&'static str> {
        match self {
            Self::RpcErrors | Self::Garbage => Some("the request is repeated after 250 ms"),
            Self::LateLogs => Some("the block is seen later"),
            Self::LostSocket => Some("blocks are seen when the socket is back"),
            _ => None,
        }
    }
}
