//! The deployed contracts on a chain, with short ways to act and to look.

use alloy::{
    primitives::{Address, B256, Bytes, U256, keccak256},
    sol_types::{SolCall, SolConstructor, SolError, SolEvent, SolValue},
};
use taskstorm::{
    chain::embedded::{Message, Outcome, Status},
    hardfork::Hardfork,
};

use super::{
    bindings::{NodePool, SessionQueueV2, SessionV2},
    chain::{Chain, Kind},
};

/// Later than any clock says: anvil refuses timestamps before its own start.
pub(super) const START: u64 = 3_000_000_000;
pub(super) const ACK: u64 = 30;
pub(super) const PRECOMMIT: u64 = 120;
pub(super) const COMMIT: u64 = 60;
pub(super) const ETHER: u128 = 1_000_000_000_000_000_000;

/// A reference contract.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) enum Contract {
    NodePool,
    SessionV2,
    SessionQueueV2,
}

/// What a session asks for; the rest of `create`'s arguments rarely matter.
#[derive(Clone, Copy, Debug)]
pub(super) struct Shape {
    pub(super) min: u64,
    pub(super) max: u64,
    pub(super) redundant: u64,
    pub(super) mode: u64,
    pub(super) reserve: bool,
}

impl Shape {
    /// A session of the pool's miners that all work on every task.
    pub(super) fn ephemeral(miners: u64) -> Self {
        Self {
            min: miners,
            max: miners,
            redundant: miners,
            mode: 0,
            reserve: false,
        }
    }

    pub(super) fn call(self) -> SessionV2::createCall {
        SessionV2::createCall {
            name: "session".into(),
            metadata: "metadata".into(),
            variableAddress: Address::ZERO,
            minNumOfNodes: U256::from(self.min),
            maxNumOfNodes: U256::from(self.max),
            redundant: U256::from(self.redundant),
            numOfValidatorNodes: U256::ZERO,
            mode: U256::from(self.mode),
            reserveEphemeralNodes: self.reserve,
        }
    }
}

/// The outcome of a transaction to one of the contracts.
#[derive(Debug)]
#[must_use]
pub(super) struct Sent {
    pub(super) contract: Contract,
    pub(super) outcome: Outcome,
}

impl Sent {
    #[track_caller]
    pub(super) fn ok(self) -> Outcome {
        let Self { contract, outcome } = self;
        assert_eq!(
            outcome.status,
            Status::Success,
            "{contract:?} refused: {}",
            outcome.output
        );
        outcome
    }

    /// Refused with exactly this error, arguments included.
    #[track_caller]
    pub(super) fn refused(self, error: impl SolError) {
        assert_eq!(self.outcome.status, Status::Reverted);
        assert_eq!(self.outcome.output, Bytes::from(error.abi_encode()));
    }
}

#[derive(Debug)]
pub(super) struct World {
    pub(super) chain: Chain,
    pub(super) pool: Address,
    pub(super) session: Address,
    pub(super) queue: Address,
    pub(super) deployer: Address,
    pub(super) oracle: Address,
    pub(super) owner: Address,
    block: u64,
}

impl World {
    pub(super) fn new() -> Self {
        Self::with([ACK, PRECOMMIT, COMMIT], 0)
    }

    /// Deploys and wires the contracts, and makes one account an oracle.
    pub(super) fn with(windows: [u64; 3], price: u128) -> Self {
        Self::on(Hardfork::default(), windows, price)
    }

    pub(super) fn on(hardfork: Hardfork, windows: [u64; 3], price: u128) -> Self {
        Self::deployed(Chain::new(Kind::Embedded, hardfork), windows, price)
    }

    /// The same on a chain of this kind.
    pub(super) fn on_chain(kind: Kind, price: u128) -> Self {
        let chain = Chain::new(kind, Hardfork::default());
        Self::deployed(chain, [ACK, PRECOMMIT, COMMIT], price)
    }

    fn deployed(mut chain: Chain, [ack, precommit, commit]: [u64; 3], price: u128) -> Self {
        chain.set_block(1, START);
        let (deployer, oracle, owner) = (account("deployer"), account("oracle"), account("owner"));
        for rich in [deployer, owner] {
            chain.set_balance(rich, U256::from(1_000 * ETHER));
        }
        let pool = deploy(&mut chain, deployer, &NodePool::BYTECODE, &[]);
        let arguments = SessionV2::constructorCall { nodePool_: pool }.abi_encode();
        let session = deploy(&mut chain, deployer, &SessionV2::BYTECODE, &arguments);
        let arguments = SessionQueueV2::constructorCall {
            session_: session,
            ackWindow: U256::from(ack),
            precommitWindow: U256::from(precommit),
            commitWindow: U256::from(commit),
            price: U256::from(price),
        };
        let queue = deploy(
            &mut chain,
            deployer,
            &SessionQueueV2::BYTECODE,
            &arguments.abi_encode(),
        );
        let mut world = Self {
            chain,
            pool,
            session,
            queue,
            deployer,
            oracle,
            owner,
            block: 1,
        };
        world
            .pool(deployer, NodePool::setSessionCall { session_: session })
            .ok();
        world
            .session(deployer, SessionV2::setSessionQueueCall { queue })
            .ok();
        world
            .queue(
                deployer,
                SessionQueueV2::setOracleCall {
                    account: oracle,
                    isOracle: true,
                },
            )
            .ok();
        world
    }

    // ---- Time ----

    pub(super) fn now(&self) -> u64 {
        self.chain.timestamp()
    }

    pub(super) fn advance(&mut self, seconds: u64) {
        self.at(self.now() + seconds);
    }

    pub(super) fn at(&mut self, timestamp: u64) {
        self.block += 1;
        self.chain.set_block(self.block, timestamp);
    }

    // ---- Transactions and views ----

    pub(super) fn address(&self, contract: Contract) -> Address {
        match contract {
            Contract::NodePool => self.pool,
            Contract::SessionV2 => self.session,
            Contract::SessionQueueV2 => self.queue,
        }
    }

    pub(super) fn send(&mut self, from: Address, contract: Contract, value: u128, data: Vec<u8>) -> Sent {
        let to = Some(self.address(contract));
        let message = Message {
            from,
            to,
            value: U256::from(value),
            data: data.into(),
        };
        Sent {
            contract,
            outcome: self.chain.transact(message),
        }
    }

    pub(super) fn pool(&mut self, from: Address, call: impl SolCall) -> Sent {
        self.send(from, Contract::NodePool, 0, call.abi_encode())
    }

    pub(super) fn session(&mut self, from: Address, call: impl SolCall) -> Sent {
        self.send(from, Contract::SessionV2, 0, call.abi_encode())
    }

    pub(super) fn queue(&mut self, from: Address, call: impl SolCall) -> Sent {
        self.send(from, Contract::SessionQueueV2, 0, call.abi_encode())
    }

    pub(super) fn view<C: SolCall>(&mut self, contract: Contract, call: C) -> C::Return {
        let message = Message {
            from: account("reader"),
            to: Some(self.address(contract)),
            data: call.abi_encode().into(),
            ..Message::default()
        };
        let outcome = self.chain.call(message);
        assert_eq!(
            outcome.status,
            Status::Success,
            "{} refused: {}",
            C::SIGNATURE,
            outcome.output
        );
        C::abi_decode_returns(&outcome.output).expect("the declared return types")
    }

    pub(super) fn view_queue<C: SolCall>(&mut self, call: C) -> C::Return {
        self.view(Contract::SessionQueueV2, call)
    }

    pub(super) fn view_session<C: SolCall>(&mut self, call: C) -> C::Return {
        self.view(Contract::SessionV2, call)
    }

    // ---- Common steps ----

    /// Puts a new pool in the place of the old one, whose session contract is the deployer's own account.
    pub(super) fn stand_in_for_session(&mut self) {
        self.pool = deploy(&mut self.chain, self.deployer, &NodePool::BYTECODE, &[]);
        self.pool(
            self.deployer,
            NodePool::setSessionCall {
                session_: self.deployer,
            },
        )
        .ok();
    }

    pub(super) fn register(&mut self, miners: usize) -> Vec<Address> {
        let miners: Vec<_> = (0..miners).map(miner).collect();
        for &miner in &miners {
            self.pool(miner, NodePool::registerCall {}).ok();
        }
        miners
    }

    pub(super) fn create(&mut self, shape: Shape) -> U256 {
        let outcome = self.session(self.owner, shape.call()).ok();
        U256::abi_decode(&outcome.output).expect("a session id")
    }

    /// A node lets the owner's sessions have it as a dedicated one.
    pub(super) fn allow_dedication(&mut self, node: Address) {
        let call = NodePool::allowDedicationCall {
            sessionOwner: self.owner,
        };
        self.pool(node, call).ok();
    }

    /// Gives a session of the owner's a dedicated node, which allows it.
    pub(super) fn dedicate(&mut self, session: U256, node: Address) {
        self.allow_dedication(node);
        let call = SessionV2::addDedicatedNodeCall {
            sessionId: session,
            nodeAddress: node,
        };
        self.session(self.owner, call).ok();
    }

    /// A session of `miners` fresh miners that all work on every task; returns the miners in order of assignment.
    pub(super) fn session_of(&mut self, miners: usize) -> (U256, Vec<Address>) {
        self.register(miners);
        let id = self.create(Shape::ephemeral(miners as u64));
        let miners = self.view_session(SessionV2::getSessionMinersCall { sessionId: id });
        (id, miners)
    }

    pub(super) fn submit(&mut self, session: U256, data: &str) -> U256 {
        let call = SessionQueueV2::submitTaskCall {
            sessionId: session,
            taskData: data.into(),
        };
        let outcome = self.queue(self.owner, call).ok();
        U256::abi_decode(&outcome.output).expect("a task id")
    }

    pub(super) fn deposit(&mut self, from: Address, session: U256, amount: u128) -> Sent {
        let call = SessionV2::depositToSessionCall { sessionId: session };
        self.send(from, Contract::SessionV2, amount, call.abi_encode())
    }

    pub(super) fn ack(&mut self, (session, task): Id, miner: Address) -> Sent {
        let call = SessionQueueV2::ackCall {
            sessionId: session,
            taskId: task,
        };
        self.queue(miner, call)
    }

    pub(super) fn precommit(&mut self, id: Id, miner: Address, result: &str) -> Sent {
        self.precommit_hash(id, miner, result_hash(id, miner, result))
    }

    pub(super) fn precommit_hash(&mut self, (session, task): Id, miner: Address, hash: B256) -> Sent {
        let data = String::new();
        let call = SessionQueueV2::precommitCall {
            sessionId: session,
            taskId: task,
            hash,
            data,
        };
        self.queue(miner, call)
    }

    pub(super) fn commit(&mut self, (session, task): Id, miner: Address, result: &str) -> Sent {
        let data = result.into();
        let call = SessionQueueV2::commitCall {
            sessionId: session,
            taskId: task,
            data,
        };
        self.queue(miner, call)
    }

    pub(super) fn end_ack(&mut self, (session, task): Id) -> Sent {
        let call = SessionQueueV2::endAckCall {
            sessionId: session,
            taskId: task,
        };
        self.queue(account("anyone"), call)
    }

    pub(super) fn end_precommit(&mut self, (session, task): Id) -> Sent {
        let call = SessionQueueV2::endPrecommitCall {
            sessionId: session,
            taskId: task,
        };
        self.queue(account("anyone"), call)
    }

    pub(super) fn end_commit(&mut self, (session, task): Id) -> Sent {
        let call = SessionQueueV2::endCommitCall {
            sessionId: session,
            taskId: task,
        };
        self.queue(account("anyone"), call)
    }

    pub(super) fn end(&mut self, (session, task): Id) -> Sent {
        let call = SessionQueueV2::endCall {
            sessionId: session,
            taskId: task,
            forceEnd: false,
        };
        self.queue(account("anyone"), call)
    }

    pub(super) fn force_end(&mut self, (session, task): Id) -> Sent {
        let call = SessionQueueV2::endCall {
            sessionId: session,
            taskId: task,
            forceEnd: true,
        };
        self.queue(self.oracle, call)
    }

    /// Leads a task through all its phases.
    pub(super) fn complete(&mut self, id: Id, miners: &[Address], result: &str) {
        for &miner in miners {
            self.ack(id, miner).ok();
        }
        for &miner in miners {
            self.precommit(id, miner, result).ok();
        }
        for &miner in miners {
            self.commit(id, miner, result).ok();
        }
        self.end(id).ok();
    }

    pub(super) fn task(&mut self, (session, task): Id) -> SessionQueueV2::Task {
        self.view_queue(SessionQueueV2::getTaskCall {
            sessionId: session,
            taskId: task,
        })
    }

    pub(super) fn status(&mut self, id: Id) -> u8 {
        self.task(id).status
    }

    pub(super) fn results(&mut self, (session, task): Id) -> SessionQueueV2::getTaskResultsReturn {
        self.view_queue(SessionQueueV2::getTaskResultsCall {
            sessionId: session,
            taskId: task,
        })
    }
}

/// A session's id and a task's in it.
pub(super) type Id = (U256, U256);

pub(super) fn account(name: &str) -> Address {
    Address::from_word(keccak256(name))
}

pub(super) fn miner(index: usize) -> Address {
    account(&format!("miner {index}"))
}

pub(super) fn node_id(node: Address) -> B256 {
    keccak256(node)
}

/// The hash that binds a result to its miner, session and task, written down apart from the contract's own.
pub(super) fn result_hash((session, task): Id, miner: Address, result: &str) -> B256 {
    keccak256((session, task, miner, keccak256(result)).abi_encode())
}

/// The only event of its type among the logs.
#[track_caller]
pub(super) fn event<E: SolEvent>(outcome: &Outcome) -> E {
    let mut found = outcome.logs.iter().filter_map(|log| E::decode_log(log).ok());
    let event = found
        .next()
        .unwrap_or_else(|| panic!("no {} among the events", E::SIGNATURE));
    assert!(found.next().is_none(), "{} more than once", E::SIGNATURE);
    event.data
}

pub(super) fn deploy(chain: &mut Chain, from: Address, bytecode: &Bytes, arguments: &[u8]) -> Address {
    let data = [bytecode.as_ref(), arguments].concat().into();
    let outcome = chain.transact(Message {
        from,
        data,
        ..Message::default()
    });
    assert_eq!(
        outcome.status,
        Status::Success,
        "deployment refused: {}",
        outcome.output
    );
    outcome.created.expect("a contract")
}

/// What [`not_utf8`] looks for.
pub(super) const MARK: &str = "????";

/// The calldata of `call` with bytes that are no UTF-8 in the place of its one [`MARK`].
pub(super) fn not_utf8(call: &impl SolCall) -> Vec<u8> {
    let mut data = call.abi_encode();
    let place = data.windows(4).position(|window| window == MARK.as_bytes());
    let place = place.expect("a mark");
    data[place..place + 4].copy_from_slice(&[0xff, 0xfe, 0x80, 0xc0]);
    data
}
