//! Calls of the contracts' set-up and of one contract by another, by callers to whom they are closed or with values that no
//! contract may take. Nobody in a run makes them; they are tried and must be refused.

use alloy::{
    primitives::{Address, U256},
    sol_types::SolCall,
};

use super::{
    Contracts, Invocation,
    bindings::{NodePool, SessionQueueV2 as Queue, SessionV2 as Session},
};

/// Seconds that no window may have: one more than the contracts count.
const TOO_LONG: u64 = 65_535;

/// One byte more than task data may have.
const TOO_LONG_TEXT: usize = 65_536;

/// A call that the contracts must refuse.
#[derive(Clone, Debug)]
pub struct Forbidden {
    /// What it is, with the contract's name.
    pub name: &'static str,
    /// The caller.
    pub from: Address,
    /// What.
    pub invocation: Invocation,
}

impl Contracts {
    /// What a `stranger` may not do to the contracts and to session 0 of `owner` with its `miner`, and what nobody may, not
    /// even the `deployer`.
    #[must_use]
    pub fn forbidden(
        &self,
        deployer: Address,
        stranger: Address,
        owner: Address,
        miner: Address,
    ) -> Vec<Forbidden> {
        let (pool, session, queue) = (
            self.addresses.node_pool,
            self.addresses.session,
            self.addresses.session_queue,
        );
        let zero = U256::ZERO;
        let call = |name: &'static str, from: Address, to: Address, input: Vec<u8>| Forbidden {
            name,
            from,
            invocation: Invocation {
                to: Some(to),
                value: zero,
                input: input.into(),
                gas_limit: 0,
            },
        };
        let windows = |ack: u64, precommit: u64, commit: u64| {
            Queue::setWindowsCall {
                ackWindow: U256::from(ack),
                precommitWindow: U256::from(precommit),
                commitWindow: U256::from(commit),
            }
            .abi_encode()
        };
        let price = |price: U256| Queue::setPriceCall { price }.abi_encode();
        let set_session = NodePool::setSessionCall { session_: stranger }.abi_encode();
        let set_queue = Session::setSessionQueueCall { queue: stranger }.abi_encode();
        let transfer = |to: Address| Queue::transferOwnershipCall { newOwner: to }.abi_encode();
        let draw = NodePool::drawCall {
            sessionId: zero,
            required: zero,
            count: U256::ONE,
            reserve: true,
            held: Vec::new(),
        };
        let hold = NodePool::holdCall {
            sessionId: zero,
            sessionOwner: owner,
            node: miner,
        };
        let take = Session::takeTaskCall {
            sessionId: zero,
            submitter: owner,
            price: zero,
        };
        let settle = Session::settleCall {
            sessionId: zero,
            paid: Vec::new(),
            price: zero,
            assigned: zero,
        };
        let enqueue = Queue::enqueueTaskCall {
            sessionId: zero,
            submitter: owner,
            taskData: String::new(),
        };
        let oracle = Queue::setOracleCall {
            account: stranger,
            isOracle: true,
        };
        let release = NodePool::releaseCall { node: miner };
        let create = |name: &str, validators: u64| Session::createCall {
            name: name.to_owned(),
            metadata: String::new(),
            variableAddress: Address::ZERO,
            minNumOfNodes: U256::ONE,
            maxNumOfNodes: U256::ONE,
            redundant: U256::ONE,
            numOfValidatorNodes: U256::from(validators),
            mode: U256::from(2),
            reserveEphemeralNodes: false,
        };
        // The first letter of a name becomes a byte that no text has.
        let mut unreadable = create("\u{1}", 0).abi_encode();
        if let Some(letter) = unreadable.iter_mut().rfind(|byte| **byte == 1) {
            *letter = 0xff;
        }
        let too_long = self.submit_bytes(0, &vec![b'x'; TOO_LONG_TEXT]).input;
        let mut calls = vec![
            call("SessionV2.create", owner, session, create("", 2).abi_encode()),
            call("SessionV2.create", owner, session, unreadable),
            call("SessionQueueV2.submitTask", owner, queue, too_long.to_vec()),
            call("NodePool.draw", stranger, pool, draw.abi_encode()),
            call("NodePool.hold", stranger, pool, hold.abi_encode()),
            call("NodePool.release", stranger, pool, release.abi_encode()),
            call("SessionV2.takeTask", stranger, session, take.abi_encode()),
            call("SessionV2.settle", stranger, session, settle.abi_encode()),
            call(
                "SessionQueueV2.enqueueTask",
                stranger,
                queue,
                enqueue.abi_encode(),
            ),
            call("SessionQueueV2.setOracle", stranger, queue, oracle.abi_encode()),
            call("SessionQueueV2.setWindows", stranger, queue, windows(1, 1, 1)),
            call("SessionQueueV2.setPrice", stranger, queue, price(zero)),
            call("SessionQueueV2.setPrice", deployer, queue, price(U256::ONE << 96)),
        ];
        for [ack, precommit, commit] in [[0, 1, 1], [1, 0, 1], [1, 1, 0], [TOO_LONG, 1, 1]] {
            let input = windows(ack, precommit, commit);
            calls.push(call("SessionQueueV2.setWindows", deployer, queue, input));
        }
        for from in [stranger, deployer] {
            calls.push(call("NodePool.setSession", from, pool, set_session.clone()));
            calls.push(call(
                "SessionV2.setSessionQueue",
                from,
                session,
                set_queue.clone(),
            ));
        }
        for (name, contract) in [
            ("NodePool.transferOwnership", pool),
            ("SessionV2.transferOwnership", session),
            ("SessionQueueV2.transferOwnership", queue),
        ] {
            calls.push(call(name, stranger, contract, transfer(stranger)));
            calls.push(call(name, deployer, contract, transfer(Address::ZERO)));
        }
        calls
    }
}
