//! Deployment of the contracts: creates and connects them, and names their oracles.

use std::collections::BTreeMap;

use alloy::{
    primitives::{Address, Bytes, U256},
    sol_types::{SolCall, SolConstructor},
};

use super::{
    Addresses, ContractBuild, Invocation, WindowSeconds,
    bindings::{NodePool, SessionQueueV2, SessionV2},
};
use crate::artifacts::Contract;

/// The transactions that deploy and connect the contracts, all from one account, and where they will be.
#[derive(Clone, Debug)]
pub struct Deployment {
    /// The nonce that the first step takes; each next one takes the next.
    pub first_nonce: u64,
    /// The transactions, in order.
    pub steps: Vec<Invocation>,
    /// Where the contracts will be.
    pub addresses: Addresses,
}

/// Gas that creating a contract may use besides its code: 53,000 for the transaction, and what its constructor stores.
const CREATE_GAS: u64 = 400_000;
/// What changed contracts may need of that: their constructors are unknown.
const CHANGED: u64 = 4;
/// Gas per byte of init code: 16 of calldata, 200 for keeping it as code, and the few that reading it takes.
const CODE_BYTE_GAS: u64 = 220;
const CONNECT_GAS: u64 = 150_000;

impl Deployment {
    /// A deployment by `deployer`, whose next nonce is `first_nonce`, with these windows, this price in wei per task
    /// and miner, and these oracles, of the contracts of `build` and the libraries that they are linked with.
    #[must_use]
    pub fn new(
        build: &ContractBuild,
        deployer: Address,
        first_nonce: u64,
        windows: WindowSeconds,
        price: U256,
        oracles: &[Address],
    ) -> Self {
        let libraries = build.libraries();
        let library_addresses: BTreeMap<String, Address> = (first_nonce..)
            .zip(libraries)
            .map(|(nonce, (name, _))| (name.clone(), deployer.create(nonce)))
            .collect();
        let contracts_nonce = first_nonce + libraries.len() as u64;
        let addresses = Addresses {
            node_pool: deployer.create(contracts_nonce),
            session: deployer.create(contracts_nonce + 1),
            session_queue: deployer.create(contracts_nonce + 2),
        };
        let session = SessionV2::constructorCall {
            nodePool_: addresses.node_pool,
        };
        let queue = SessionQueueV2::constructorCall {
            session_: addresses.session,
            ackWindow: U256::from(windows.ack),
            precommitWindow: U256::from(windows.precommit),
            commitWindow: U256::from(windows.commit),
            price,
        };
        let linked = |contract: &Contract| {
            contract
                .link(&library_addresses)
                .expect("a build has every library that its contracts need")
        };
        let create_gas = if build.is_reference() {
            CREATE_GAS
        } else {
            CHANGED * CREATE_GAS
        };
        let arguments = [Vec::new(), session.abi_encode(), queue.abi_encode()];
        let mut steps: Vec<Invocation> = libraries
            .iter()
            .map(|(_, library)| create(&linked(library), &[], create_gas))
            .collect();
        let contracts = build.contracts().zip(&arguments);
        steps.extend(
            contracts.map(|((_, contract), arguments)| create(&linked(contract), arguments, create_gas)),
        );
        steps.extend([
            connect(
                addresses.node_pool,
                &NodePool::setSessionCall {
                    session_: addresses.session,
                },
            ),
            connect(
                addresses.session,
                &SessionV2::setSessionQueueCall {
                    queue: addresses.session_queue,
                },
            ),
        ]);
        let queue = addresses.session_queue;
        steps.extend(oracles.iter().map(|oracle| name_oracle(queue, *oracle)));
        Self {
            first_nonce,
            steps,
            addresses,
        }
    }
}

/// The transaction that names an oracle.
pub(super) fn name_oracle(queue: Address, oracle: Address) -> Invocation {
    let call = SessionQueueV2::setOracleCall {
        account: oracle,
        isOracle: true,
    };
    connect(queue, &call)
}

fn create(bytecode: &Bytes, arguments: &[u8], create_gas: u64) -> Invocation {
    let input: Bytes = [bytecode.as_ref(), arguments].concat().into();
    Invocation {
        to: None,
        value: U256::ZERO,
        gas_limit: create_gas + CODE_BYTE_GAS * input.len() as u64,
        input,
    }
}

fn connect(contract: Address, call: &impl SolCall) -> Invocation {
    Invocation {
        to: Some(contract),
        value: U256::ZERO,
        input: call.abi_encode().into(),
        gas_limit: CONNECT_GAS,
    }
}
