//! The accounts of an adversary.

use alloy::primitives::{Address, Bytes, U256};
use rand::{RngExt, rngs::ChaCha8Rng};

use super::super::{Call, Contracts, ReferenceSetup};
use crate::protocol::{ActorId, Directory, Invocation, Role};

/// The accounts of an adversary: some in the parts of owners, miners and oracles, and others without a part.
#[derive(Debug)]
pub(super) struct Accounts {
    directory: Directory,
    owners: Vec<Address>,
    miners: Vec<Address>,
    oracles: Vec<Address>,
    deployer: Address,
    /// A miner that is a contract, and calls back when it is paid.
    thief: Option<Address>,
    /// A miner that is a contract, and takes no payment.
    refuser: Option<Address>,
    /// An owner that is a contract, and withdraws as much again when it is paid; with the session that it does that from.
    thieving_owner: Option<(Address, u8)>,
    all: Vec<Address>,
}

/// The most miners of a sequence, but of few.
const MINERS: u8 = 4;
/// The miners of those: more than the task's state has hints for.
const CROWD: u8 = 10;

impl Accounts {
    pub(super) fn draw(setup: &ReferenceSetup<'_>, rng: &mut ChaCha8Rng) -> Self {
        let count = if rng.random_ratio(1, 10) {
            CROWD
        } else {
            rng.random_range(1..=MINERS)
        };
        // Addresses that are equal in their last byte: contracts that look at nothing else take one for another.
        let twins = rng.random_bool(0.3);
        // Or that are equal in all but the last byte.
        let siblings = !twins && rng.random_bool(0.2);
        let last = |index: u8| if twins { 0x77 } else { 0x10 + index };
        let miners: Vec<Address> = (0..count)
            .map(|index| account(0xa1, if siblings { 0 } else { index }, last(index)))
            .collect();
        let owners: Vec<Address> = (0..rng.random_range(1..=2))
            .map(|index| account(0xb1, index, last(index)))
            .collect();
        let stranger = account(0xc1, 0, last(0));
        let oracles: Vec<Address> = setup.oracles.iter().map(|oracle| oracle.key.address).collect();
        let first = miners.first().copied();
        let (thief, refuser) = match rng.random_range(0..12) {
            0 => (first, None),
            1 => (None, first),
            _ => (None, None),
        };
        let thieving_owner = owners.first().copied().filter(|_| rng.random_ratio(1, 8));
        let thieving_owner = thieving_owner.map(|owner| (owner, rng.random_range(0..2)));
        let roles = [
            (Role::OWNER, &owners),
            (Role::MINER, &miners),
            (Role::ORACLE, &oracles),
        ];
        let ids = roles.into_iter().flat_map(|(role, accounts)| {
            let actors = (0..).map(move |index| ActorId { role, index });
            actors.zip(accounts.iter().copied())
        });
        let directory = Directory::of(ids);
        let all = [&miners[..], &owners, &oracles, &[stranger]].concat();
        Self {
            directory,
            owners,
            miners,
            oracles,
            deployer: setup.deployer,
            thief,
            refuser,
            thieving_owner,
            all,
        }
    }

    pub(super) const fn directory(&self) -> &Directory {
        &self.directory
    }

    /// All but the deployer.
    pub(super) fn all(&self) -> &[Address] {
        &self.all
    }

    pub(super) fn owners(&self) -> &[Address] {
        &self.owners
    }

    pub(super) fn miners(&self) -> &[Address] {
        &self.miners
    }

    pub(super) fn oracle(&self) -> Option<Address> {
        self.oracles.first().copied()
    }

    pub(super) const fn deployer(&self) -> Address {
        self.deployer
    }

    /// Whether an account takes no payment.
    pub(super) fn refuses(&self, account: Address) -> bool {
        self.refuser == Some(account)
    }

    /// A call that is passed on by a contract that belongs to nobody.
    pub(super) fn relay(&self, call: &Invocation) -> Invocation {
        let target = call.to.unwrap_or_default();
        Invocation {
            to: Some(RELAY),
            input: [target.as_slice(), &call.input].concat().into(),
            ..call.clone()
        }
    }

    /// The code of those that are contracts.
    pub(super) fn contracts(&self, contracts: &Contracts) -> Vec<(Address, Bytes)> {
        let again = contracts.withdraw_earnings().input;
        let thief = self
            .thief
            .map(|thief| (thief, call_back(&store_selector(&again), 4)));
        let refuser = self
            .refuser
            .map(|refuser| (refuser, Bytes::from_static(&REFUSES)));
        let owner = self.thieving_owner.map(|(owner, session)| {
            let withdrawal = contracts.encode(&Call::Withdraw {
                session: session.into(),
                amount: U256::ZERO,
            });
            (
                owner,
                call_back(&store_withdrawal(&withdrawal.input, session), 68),
            )
        });
        let relay = (RELAY, Bytes::from_static(&PASSES_ON));
        [thief, refuser, owner]
            .into_iter()
            .flatten()
            .chain([relay])
            .collect()
    }
}

/// A contract that belongs to nobody and passes calls on.
const RELAY: Address = account(0xd1, 0, 0xd1);

/// Code that calls the address in the first 20 bytes of its calldata with the others, and fails if that fails.
const PASSES_ON: [u8; 33] = [
    0x60, 0x14, 0x36, 0x03, // the size of the call
    0x80, 0x60, 0x14, 0x5f, 0x37, // calldatacopy(0, 20, size)
    0x5f, 0x5f, 0x82, 0x5f, 0x34, // no output, all of the input, the wei
    0x5f, 0x35, 0x60, 0x60, 0x1c, // the address
    0x5a, 0xf1, // CALL
    0x3d, 0x5f, 0x5f, 0x3e, // its output
    0x60, 0x1f, 0x57, // JUMPI
    0x3d, 0x5f, 0xfd, // REVERT
    0x5b, 0x00, // JUMPDEST STOP
];

/// Code that takes no payment: `revert(0, 0)`.
const REFUSES: [u8; 3] = [0x5f, 0x5f, 0xfd];

/// An address: its first byte says the part, the others which of those it is.
const fn account(part: u8, index: u8, last: u8) -> Address {
    let mut bytes = [0x5a; 20];
    (bytes[0], bytes[1], bytes[19]) = (part, index, last);
    Address::new(bytes)
}

/// Code that stores a selector at the start of the memory.
fn store_selector(input: &[u8]) -> Vec<u8> {
    let selector = input.get(..4).unwrap_or(&[0; 4]);
    // PUSH4 selector, PUSH1 224, SHL, PUSH0, MSTORE
    [&[0x63][..], selector, &[0x60, 0xe0, 0x1b, 0x5f, 0x52]].concat()
}

/// Code that stores a withdrawal from a session of as much as was paid.
fn store_withdrawal(input: &[u8], session: u8) -> Vec<u8> {
    let arguments = [
        0x60, session, 0x60, 0x04, 0x52, // mstore(4, session)
        0x34, 0x60, 0x24, 0x52, // mstore(36, callvalue)
    ];
    [store_selector(input), arguments.to_vec()].concat()
}

/// Code that calls its caller back with `size` bytes that `stored` puts at the start of the memory, once in a transaction.
fn call_back(stored: &[u8], size: u8) -> Bytes {
    // if (tload(0) < 1) { tstore(0, 1); …; caller.call(0, 0, size) }
    let body = [
        &[0x60, 0x01, 0x5f, 0x5d][..], // tstore(0, 1)
        stored,
        &[
            0x5f, 0x5f, // no output
            0x60, size, 0x5f, // the input
            0x5f, // no wei
            0x33, // CALLER
            0x5a, // GAS
            0xf1, // CALL
            0x50, // POP
        ],
    ]
    .concat();
    let begin = [
        0x60, 0x01, // PUSH1 1
        0x5f, 0x5c, // PUSH0 TLOAD
        0x10, // LT: tload(0) < 1
        0x15, // ISZERO
        0x60, // PUSH1 end
    ];
    let end = begin.len() + 2 + body.len();
    let end = u8::try_from(end).unwrap_or(u8::MAX);
    [&begin[..], &[end, 0x57], &body, &[0x5b, 0x00]].concat().into()
}
