//! The deployment of contracts on the embedded chain.

use alloy::primitives::{Address, Bytes};

use super::RunError;
use crate::{
    chain::embedded::{EmbeddedChain, Message, PooledTransaction},
    fees::Eip1559Fees,
    protocol::{
        Deployed, DeployedContracts as _, DeploymentStep, Invocation, LateStep, Protocol, StepContent,
        StepRead,
    },
};

/// A deployment on the embedded chain, and how far it is.
pub(super) struct EmbeddedDeployment<'a, P: Protocol> {
    chain: &'a mut EmbeddedChain,
    deployer: Address,
    deployed: &'a Deployed<P>,
    /// Steps that were submitted; their places are their nonces.
    submitted: usize,
    /// Those of them that are in blocks.
    included: usize,
    /// Blocks so far.
    blocks: u64,
}

impl<'a, P: Protocol> EmbeddedDeployment<'a, P> {
    /// The deployment by this account, which has sent nothing.
    pub(super) fn new(chain: &'a mut EmbeddedChain, deployer: Address, deployed: &'a Deployed<P>) -> Self {
        Self {
            chain,
            deployer,
            deployed,
            submitted: 0,
            included: 0,
            blocks: 0,
        }
    }

    /// Refuses a chain that lacks contracts which are to be there.
    ///
    /// # Errors
    /// [`RunError::NoCode`].
    pub(super) fn check_expected(&mut self) -> Result<(), RunError> {
        let deployed = self.deployed;
        match deployed.without_code(|read| self.read(read)) {
            Some((contract, address)) => Err(RunError::NoCode { contract, address }),
            None => Ok(()),
        }
    }

    /// Sends every step, in blocks of one second each after `begin` and before `end`. Those that read the chain wait for those
    /// before them.
    ///
    /// # Errors
    /// If a step cannot be prepared or fails.
    pub(super) fn make(&mut self, begin: u64, end: u64) -> Result<(), RunError> {
        for step in &self.deployed.steps {
            let invocation = match &step.content {
                StepContent::Known(invocation) => invocation.clone(),
                StepContent::Late(late) => {
                    self.mine(begin, end)?;
                    self.prepare(&**late)?
                }
            };
            self.submit(step, invocation)?;
        }
        self.mine(begin, end)
    }

    fn submit(&mut self, step: &DeploymentStep, invocation: Invocation) -> Result<(), RunError> {
        let id = self.submitted as u64;
        let pending = PooledTransaction {
            id,
            from: self.deployer,
            nonce: id,
            invocation,
            fees: Eip1559Fees::default(),
        };
        self.submitted += 1;
        match self.chain.submit(pending) {
            Ok(_) => Ok(()),
            Err(refused) => Err(RunError::Step {
                step: step.name.clone(),
                reason: refused.to_string(),
            }),
        }
    }

    /// Mines until all that was submitted is in blocks.
    fn mine(&mut self, begin: u64, end: u64) -> Result<(), RunError> {
        while self.included < self.submitted {
            self.blocks += 1;
            if begin + self.blocks >= end {
                let reason = format!(
                    "the contracts could not be deployed in {} blocks",
                    self.blocks - 1
                );
                return Err(RunError::Embedded(reason));
            }
            let mined = self.chain.mine(begin + self.blocks);
            for (id, receipt) in mined.ids.iter().zip(&mined.block.receipts) {
                if !receipt.success {
                    let step = &self.deployed.steps[*id as usize];
                    return Err(self.failed(step, receipt.gas_used, receipt.output.as_ref()));
                }
            }
            self.included += mined.ids.len();
        }
        Ok(())
    }

    /// A step failed after so much gas, with this error data.
    fn failed(&self, step: &DeploymentStep, gas_used: u64, output: Option<&Bytes>) -> RunError {
        RunError::Step {
            step: step.name.clone(),
            reason: step.failure(gas_used, || self.deployed.contracts.decode_error(output)),
        }
    }

    /// The transaction of a step that reads the chain.
    fn prepare(&mut self, late: &dyn LateStep) -> Result<Invocation, RunError> {
        let invocation = late.prepared(|read| self.read(read));
        invocation.map_err(RunError::Deployment)
    }

    fn read(&mut self, (to, input): &StepRead) -> Result<Bytes, String> {
        let message = Message {
            to: *to,
            data: input.clone(),
            ..Message::default()
        };
        self.chain.call_as(message).map_err(|error| error.to_string())
    }
}
