//! Notes the hashes of 64 bytes that contracts compute: the slots of mappings' values.

use alloy::primitives::{U256, keccak256};
use revm::{
    Inspector,
    bytecode::opcode,
    interpreter::{Interpreter, interpreter::EthInterpreter, interpreter_types::Jumps},
};

use crate::chain::embedded::MappingSlot;

/// Bytes of a key and a mapping's slot.
const PREIMAGE: usize = 64;

/// Collects the slots of mappings, where it is asked to.
#[derive(Debug, Default)]
pub(super) struct MappingSlots {
    pub(super) collects: bool,
    pub(super) found: Vec<MappingSlot>,
}

impl<Ctx> Inspector<Ctx> for MappingSlots {
    fn step(&mut self, frame: &mut Interpreter<EthInterpreter>, _: &mut Ctx) {
        if !self.collects || frame.bytecode.opcode() != opcode::KECCAK256 {
            return;
        }
        let (Ok(offset), Ok(size)) = (frame.stack.peek(0), frame.stack.peek(1)) else {
            return;
        };
        let offset: usize = offset.saturating_to();
        let end = offset.saturating_add(PREIMAGE);
        if size != U256::from(PREIMAGE) || end > frame.memory.len() {
            return;
        }
        let preimage = frame.memory.slice_len(offset, PREIMAGE);
        let (key, mapping) = preimage.split_at(PREIMAGE / 2);
        self.found.push(MappingSlot {
            slot: keccak256(&*preimage).into(),
            key: U256::from_be_slice(key),
            mapping: U256::from_be_slice(mapping),
        });
    }
}
