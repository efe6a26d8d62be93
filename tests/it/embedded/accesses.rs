//! Accesses of transactions, against an access list from the opcodes that an EVM of its own executes.

use std::{cell::RefCell, collections::BTreeSet, rc::Rc};

use alloy::primitives::{Address, TxKind, U256};
use revm::{
    Context, InspectCommitEvm, Inspector, MainBuilder, MainContext,
    bytecode::opcode,
    context::TxEnv,
    database::InMemoryDB,
    interpreter::{
        Interpreter,
        interpreter::EthInterpreter,
        interpreter_types::{InputsTr, Jumps},
    },
    primitives::hardfork::SpecId,
};
use taskstorm::{
    chain::embedded::{Access, COINBASE, EmbeddedChain, Location, TracedBlock},
    hardfork::Hardfork,
};

use super::{
    lifecycle::World,
    support::{FEES, account, call, chain, deploy, mine, sink, transfer},
};

/// Lists the slots that a transaction loads and stores, as `eth_createAccessList` does.
#[derive(Default)]
struct AccessLister {
    slots: BTreeSet<(Address, U256)>,
    stored: BTreeSet<(Address, U256)>,
}

impl<Ctx> Inspector<Ctx> for AccessLister {
    fn step(&mut self, frame: &mut Interpreter<EthInterpreter>, _: &mut Ctx) {
        let opcode = frame.bytecode.opcode();
        if !matches!(opcode, opcode::SLOAD | opcode::SSTORE) {
            return;
        }
        let slot = (
            frame.input.target_address(),
            frame.stack.peek(0).expect("an operand"),
        );
        self.slots.insert(slot);
        if opcode == opcode::SSTORE {
            self.stored.insert(slot);
        }
    }
}

/// The blocks that a chain traces from now on.
fn traced(chain: &mut EmbeddedChain) -> Rc<RefCell<Vec<TracedBlock>>> {
    let blocks = Rc::new(RefCell::new(Vec::new()));
    let heard = Rc::clone(&blocks);
    chain.trace(move |block| heard.borrow_mut().push(block));
    blocks
}

fn slots(accesses: &[Access], of: impl Fn(&&Access) -> bool) -> BTreeSet<(Address, U256)> {
    let slots = accesses
        .iter()
        .filter(of)
        .filter_map(|access| match access.location {
            Location::Slot(address, slot) => Some((address, slot)),
            Location::Account(_) => None,
        });
    slots.collect()
}

#[test]
fn the_accesses_of_a_lifecycle_are_those_of_an_access_list() {
    let mut world = World::new(Hardfork::Prague);
    let (deployment, traced) = (world.blocks.len(), traced(&mut world.chain));
    world.lead_task();

    let mut evm = Context::mainnet()
        .with_db(InMemoryDB::default())
        .modify_cfg_chained(|cfg| {
            cfg.set_spec_and_mainnet_gas_params(SpecId::PRAGUE);
            cfg.disable_nonce_check = true;
        })
        .build_mainnet_with_inspector(AccessLister::default());
    let traced = traced.borrow();
    let mut compared = 0;
    for (place, sent) in world.blocks.iter().enumerate() {
        evm.ctx.block.number = U256::from(sent.number);
        evm.ctx.block.timestamp = U256::from(sent.timestamp);
        for (index, (from, invocation)) in sent.calls.iter().enumerate() {
            let transaction = TxEnv {
                caller: *from,
                kind: invocation.to.map_or(TxKind::Create, TxKind::Call),
                data: invocation.input.clone(),
                gas_limit: invocation.gas_limit,
                chain_id: None,
                ..TxEnv::default()
            };
            evm.inspector = AccessLister::default();
            let done = evm.inspect_tx_commit(transaction).expect("a valid transaction");
            assert!(done.is_success());
            let Some(block) = place.checked_sub(deployment).map(|place| &traced[place]) else {
                continue;
            };
            let accesses = &block.transactions[index].accesses;
            assert_eq!(slots(accesses, |_| true), evm.inspector.slots);
            assert!(slots(accesses, |access| access.writes).is_subset(&evm.inspector.stored));
            compared += 1;
        }
    }
    assert_eq!(compared, 15);
}

#[test]
fn transfers_access_two_accounts_and_the_recipient_of_fees_is_left_out() {
    let mut chain = chain(Default::default());
    let traced = traced(&mut chain);
    chain.submit(transfer(0, 1, 0, FEES)).expect("it is let in");
    mine(&mut chain);
    let accesses = traced.borrow()[0].transactions[0].accesses.clone();
    let accounts: BTreeSet<_> = accesses.iter().map(|access| access.location).collect();
    let expected = [account(1), sink()].map(Location::Account);
    assert_eq!(accounts, BTreeSet::from(expected));
    assert!(accesses.iter().all(|access| access.writes));
    assert!(!accounts.contains(&Location::Account(COINBASE)));
}

#[test]
fn a_slot_that_keeps_its_value_is_read_and_one_that_changes_is_written() {
    let mut chain = chain(Default::default());
    // Stores the number of the block modulo 2 in slot 1, and 0, which is there already, in slot 2.
    let code = [0x60, 2, 0x43, 0x06, 0x60, 1, 0x55, 0x5f, 0x60, 2, 0x55];
    chain.submit(deploy(0, 1, 0, &code)).expect("it is let in");
    mine(&mut chain);
    let contract = account(1).create(0);
    let traced = traced(&mut chain);
    for nonce in 0..2 {
        for from in [2, 3] {
            let call = call(10 * from + nonce, from, nonce, contract, 100_000);
            chain.submit(call).expect("it is let in");
        }
        mine(&mut chain);
    }
    let blocks = traced.borrow();
    let written: Vec<usize> = blocks
        .iter()
        .flat_map(|block| &block.transactions)
        .map(|transaction| slots(&transaction.accesses, |access| access.writes).len())
        .collect();
    // Block 2 stores 0, which is there already; in block 3 the first stores 1, and the second the same again.
    assert_eq!(written, [0, 0, 1, 0]);
    let read = slots(&blocks[0].transactions[0].accesses, |_| true);
    assert_eq!(
        read,
        BTreeSet::from([(contract, U256::from(1)), (contract, U256::from(2))])
    );
}
