//! The state after a block, for those that read it: they change nothing, and threads can read at once.

use alloy::primitives::{Address, Bytes};

use super::{
    ChainSnapshot, EmbeddedChain, Message, Outcome, Status,
    evm::{EvmReader, EvmView},
};
use crate::chain::Log;

/// The reason why a read returned nothing.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum CallError {
    /// The contract refused.
    #[error("the contract reverted: {0}")]
    Reverted(Bytes),
    /// The EVM stopped it (out of gas, invalid opcode and the like).
    #[error("the call halted")]
    Halted,
    /// The EVM did not begin.
    #[error("{0}")]
    Refused(String),
}

/// The state after a block.
#[derive(Debug)]
pub struct StateView<'a> {
    evm: EvmView<'a>,
    timestamp: u64,
}

/// Reads the state after a block. To make one takes as long as some reads do.
pub struct StateReader<'a> {
    evm: EvmReader<'a>,
    timestamp: u64,
}

impl EmbeddedChain {
    /// The state after the latest block.
    #[must_use]
    pub fn view(&self) -> StateView<'_> {
        StateView {
            evm: self.evm.view(),
            timestamp: self.timestamp,
        }
    }

    /// The state of a snapshot, as it is read in the latest block.
    #[must_use]
    pub fn view_of<'a>(&self, snapshot: &'a ChainSnapshot) -> StateView<'a> {
        StateView {
            evm: self.evm.view_of(&snapshot.state),
            timestamp: self.timestamp,
        }
    }

    /// What the contract returns, on the state after the latest block.
    ///
    /// # Errors
    /// If it reverts or halts.
    pub fn call(&self, to: Address, input: Bytes) -> Result<Bytes, CallError> {
        self.call_as(Message {
            to: Some(to),
            data: input,
            ..Message::default()
        })
    }

    /// The same for any message: of a sender, with wei, or of code that is run in place of a contract's.
    ///
    /// # Errors
    /// If it reverts or halts.
    pub fn call_as(&self, message: Message) -> Result<Bytes, CallError> {
        self.view().reader().call(message)
    }
}

impl<'a> StateView<'a> {
    /// One that reads it.
    #[must_use]
    pub fn reader(&self) -> StateReader<'a> {
        StateReader {
            evm: self.evm.reader(),
            timestamp: self.timestamp,
        }
    }
}

impl StateReader<'_> {
    /// What a message returns.
    ///
    /// # Errors
    /// If it reverts or halts.
    pub fn call(&mut self, message: Message) -> Result<Bytes, CallError> {
        let outcome = self.execute(message, self.timestamp)?;
        Ok(outcome.output)
    }

    /// The events of a message that is executed in a block of this timestamp, in seconds, and undone; of the block's own if it is
    /// `None`.
    ///
    /// # Errors
    /// If it reverts or halts.
    pub fn try_at(&mut self, timestamp: Option<u64>, message: Message) -> Result<Vec<Log>, CallError> {
        let outcome = self.execute(message, timestamp.unwrap_or(self.timestamp))?;
        Ok((0..)
            .zip(outcome.logs)
            .map(|(index, log)| Log::of_evm(index, log))
            .collect())
    }

    fn execute(&mut self, message: Message, timestamp: u64) -> Result<Outcome, CallError> {
        let read = self.evm.read(message, timestamp);
        let outcome = read.map_err(|error| CallError::Refused(error.to_string()))?;
        match outcome.status {
            Status::Success => Ok(outcome),
            Status::Reverted => Err(CallError::Reverted(outcome.output)),
            Status::Halted => Err(CallError::Halted),
        }
    }
}
