//! A chain on which a protocol's contracts are deployed and nothing else happened.

use alloy::primitives::{Address, Bytes, U256};

use crate::{
    chain::embedded::{Evm, Message, Outcome, SavedState, Status},
    hardfork::Hardfork,
    protocol::{Checks, DeployedContracts, Invocation, Protocol, StepContent},
    scenario::Scenario,
};

/// The id of the chain; anvil's and forge's.
pub const CHAIN_ID: u64 = 31_337;
/// The timestamp of the deployment, in seconds since the Unix epoch: the start of 2026.
pub const START: u64 = 1_767_225_600;

/// The deployed contracts, and the state of the chain and of the protocol then. It can be gone back to as often as one likes.
#[derive(Debug)]
pub struct World<P: Protocol> {
    /// The contracts.
    pub contracts: P::Contracts,
    /// The state of the protocol.
    pub state: P::State,
    /// The transactions that deployed the contracts, in order.
    pub deployment: Vec<Invocation>,
    saved: SavedState,
    hardfork: Hardfork,
}

/// Accounts with code that take part: each with its code.
pub type ContractAccounts = Vec<(Address, Bytes)>;

impl<P: Protocol> World<P> {
    /// Deploys the contracts of `setup` by `deployer`.
    ///
    /// # Errors
    /// Why they cannot be deployed.
    pub fn deploy(setup: &P::Setup<'_>, deployer: Address, scenario: &Scenario) -> Result<Self, String> {
        let deployed = P::deployment(setup, 0)?;
        let hardfork = scenario.chain.hardfork;
        let mut evm = Evm::new(hardfork, CHAIN_ID);
        if let Some(state) = &scenario.chain.state {
            for (address, account) in state.dump.accounts() {
                evm.load(*address, account);
            }
        }
        evm.set_block(0, START);
        evm.set_balance(deployer, U256::from(Scenario::BALANCE));
        if let Some((contract, address)) = deployed.without_code(|(to, input)| read(&mut evm, *to, input)) {
            return Err(format!(
                "the contract {contract} is to be at {address}, where this chain has no code"
            ));
        }
        let mut deployment = Vec::new();
        for step in &deployed.steps {
            let invocation = match &step.content {
                StepContent::Known(invocation) => invocation.clone(),
                StepContent::Late(late) => late.prepared(|(to, input)| read(&mut evm, *to, input))?,
            };
            let message = Message {
                from: deployer,
                to: invocation.to,
                value: invocation.value,
                data: invocation.input.clone(),
            };
            let outcome = evm.transact(message).map_err(|error| error.to_string())?;
            if outcome.status != Status::Success {
                let error = || deployed.contracts.decode_error(Some(&outcome.output));
                let reason = step.failure(outcome.gas_used, error);
                return Err(format!("{}: {reason}", step.name));
            }
            deployment.push(invocation);
        }
        Ok(Self {
            state: P::state(
                setup,
                &deployed.contracts,
                Checks::Transactions { in_order: true },
            ),
            contracts: deployed.contracts,
            deployment,
            saved: evm.save(),
            hardfork,
        })
    }

    /// The chain as it was after the deployment, in which these accounts have money, and some of them code.
    #[must_use]
    pub fn chain(&self, accounts: &[Address], contracts: &ContractAccounts) -> HuntChain {
        let mut evm = Evm::new(self.hardfork, CHAIN_ID);
        evm.restore(&self.saved);
        for account in accounts {
            evm.set_balance(*account, U256::from(Scenario::BALANCE));
        }
        for (account, code) in contracts {
            evm.set_code(*account, code.clone());
        }
        HuntChain {
            evm,
            with_code: contracts.iter().map(|(account, _)| *account).collect(),
            number: 0,
            timestamp: START,
        }
    }
}

/// A chain of blocks without fees, in which whoever one likes may send, contracts included.
#[derive(Debug)]
pub struct HuntChain {
    evm: Evm,
    with_code: Vec<Address>,
    number: u64,
    timestamp: u64,
}

impl HuntChain {
    /// Begins the block with this number and timestamp.
    pub fn begin_block(&mut self, number: u64, timestamp: u64) {
        (self.number, self.timestamp) = (number, timestamp);
        self.evm.set_block(number, timestamp);
    }

    /// Executes a transaction. One that cannot begin, for want of balance, has done nothing and failed.
    pub fn transact(&mut self, message: Message) -> Outcome {
        let done = if self.with_code.contains(&message.from) {
            self.evm.transact_as_contract(message)
        } else {
            self.evm.transact(message)
        };
        done.unwrap_or_else(|_| failed())
    }

    /// Executes a message in a block of this timestamp after the latest, and undoes it.
    pub fn attempt(&mut self, message: Message, timestamp: u64) -> Outcome {
        self.evm.set_block(self.number, timestamp);
        let done = if self.with_code.contains(&message.from) {
            self.evm.call_as_contract(message)
        } else {
            self.evm.call(message)
        };
        self.evm.set_block(self.number, self.timestamp);
        done.unwrap_or_else(|_| failed())
    }

    /// The same at the timestamp of the latest block.
    pub fn read(&mut self, message: Message) -> Outcome {
        self.attempt(message, self.timestamp)
    }
}

/// What a contract answers, or a program of its own.
fn read(evm: &mut Evm, to: Option<Address>, input: &Bytes) -> Result<Bytes, String> {
    let message = Message {
        to,
        data: input.clone(),
        ..Message::default()
    };
    let outcome = evm.call(message).map_err(|error| error.to_string())?;
    match outcome.status {
        Status::Success => Ok(outcome.output),
        Status::Reverted | Status::Halted => Err("the call fails".to_owned()),
    }
}

/// What a transaction that could not begin left.
fn failed() -> Outcome {
    Outcome {
        status: Status::Halted,
        gas_used: 0,
        output: Bytes::new(),
        logs: Vec::new(),
        created: None,
        breakdown: None,
    }
}
