//! The deployment of contracts on a node.

use std::time::Duration;

use alloy::primitives::Bytes;
use serde_json::json;

use super::{RunError, setup::secret};
use crate::{
    chain::{
        Eip1559Fees,
        rpc::{Endpoint, Request, RpcError, SetupError, StepFailure, deploy},
    },
    plan::Key,
    protocol::{
        Deployed, DeployedContracts as _, DeploymentStep, Invocation, LateStep, Prepared, Protocol,
        StepAnswers, StepContent, StepRead,
    },
};

/// Who deploys contracts on a node, and how.
pub(super) struct NodeDeployment<'a> {
    pub(super) endpoint: &'a Endpoint,
    pub(super) deployer: &'a Key,
    pub(super) fees: Eip1559Fees,
    /// The deployer's next nonce.
    pub(super) first_nonce: u64,
    /// How long steps that are sent together may take.
    pub(super) patience: Duration,
}

impl NodeDeployment<'_> {
    /// Sends every step, as many together as do not wait for others: those that read the chain wait for those before them.
    ///
    /// # Errors
    /// If a step cannot be prepared or fails, or the node does.
    pub(super) async fn make<P: Protocol>(&self, deployed: &Deployed<P>) -> Result<(), RunError> {
        let mut waiting = Vec::new();
        let mut sent = 0;
        for step in &deployed.steps {
            let invocation = match &step.content {
                StepContent::Known(invocation) => invocation.clone(),
                StepContent::Late(late) => {
                    self.send(&waiting, sent, deployed).await?;
                    sent += waiting.len();
                    waiting.clear();
                    self.prepare(&**late).await?
                }
            };
            waiting.push(invocation);
        }
        self.send(&waiting, sent, deployed).await
    }

    /// Sends steps after so many, and waits until they are in blocks.
    async fn send<P: Protocol>(
        &self,
        steps: &[Invocation],
        sent: usize,
        deployed: &Deployed<P>,
    ) -> Result<(), RunError> {
        let key = secret(self.deployer);
        let made = deploy(
            self.endpoint,
            (self.deployer.address, &key),
            self.fees,
            steps,
            self.first_nonce + sent as u64,
            self.patience,
        );
        match made.await {
            Err(SetupError::Step { step, failure }) => Err(failed::<P>(
                &deployed.steps[sent + step],
                failure,
                &deployed.contracts,
            )),
            made => Ok(made?),
        }
    }

    /// The transaction of a step that reads the chain.
    async fn prepare(&self, late: &dyn LateStep) -> Result<Invocation, RunError> {
        let mut answers = StepAnswers::new();
        loop {
            match late.prepare(&answers).map_err(RunError::Deployment)? {
                Prepared::Transaction(invocation) => return Ok(invocation),
                Prepared::Reads(reads) => {
                    let calls: Vec<Request> = reads.iter().map(request).collect::<Result<_, _>>()?;
                    let read = self.endpoint.http.read_batch::<Bytes>(&calls).await?;
                    let read = read
                        .into_iter()
                        .map(|answer| answer.map_err(|refusal| refusal.to_string()));
                    answers.extend(reads.into_iter().zip(read));
                }
            }
        }
    }
}

fn request((to, input): &StepRead) -> Result<Request, RpcError> {
    let call = match to {
        Some(to) => json!({ "to": to, "input": input }),
        None => json!({ "input": input }),
    };
    Request::new("eth_call", (call, "latest"))
}

/// A step failed on a node.
fn failed<P: Protocol>(step: &DeploymentStep, failure: StepFailure, contracts: &P::Contracts) -> RunError {
    RunError::Step {
        step: step.name.clone(),
        reason: match failure {
            StepFailure::Refused(reason) => reason,
            StepFailure::Reverted { gas_used, output } => {
                step.failure(gas_used, || contracts.decode_error(output.as_ref()))
            }
        },
    }
}
