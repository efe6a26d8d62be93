//! Finds out where a transaction's gas goes, opcode by opcode.
//!
//! The gas of a frame is what it was given less what it gave back, so a transaction's groups add up by construction as
//! long as every frame's do. In a frame each opcode is charged what the gas that remains fell by, less what it passed on
//! to a frame of its own; what no opcode was charged is code that was stored, a precompile, or gas that a halt took.

use revm::{
    Inspector,
    bytecode::opcode,
    context::result::ResultGas,
    context_interface::cfg::gas_params::GasParams,
    handler::FrameResult,
    interpreter::{
        FrameInput, Interpreter,
        interpreter::EthInterpreter,
        interpreter_types::{Jumps, LoopControl},
    },
    precompile::u64_to_address,
};

use crate::gas::{GasBreakdown, GasGroup};

/// Sorts the gas of the transaction that is being executed. It is only ever called on a chain that meters.
#[derive(Debug, Default)]
pub(super) struct Meter {
    groups: GasBreakdown,
    /// The frames that are open, the outermost first.
    frames: Vec<Frame>,
    /// Gas of the frames that are over and that no other is around: the transaction's own.
    executed: u64,
    step: Step,
}

/// A call or a creation that is under way.
#[derive(Debug)]
struct Frame {
    /// Gas that it may use.
    given: u64,
    /// Gas that it used and that is in a group, that of frames inside it included.
    accounted: u64,
}

/// An opcode that is being executed, and the state of its frame before.
#[derive(Debug, Default)]
struct Step {
    opcode: u8,
    remaining: u64,
    /// What the frame's memory has cost.
    memory: u64,
}

impl Meter {
    /// The gas breakdown of the transaction that just ended, with what it costs outside any frame. The meter is ready for the
    /// next one.
    pub(super) fn close(
        &mut self,
        params: &GasParams,
        input: &[u8],
        is_create: bool,
        gas: &ResultGas,
    ) -> GasBreakdown {
        let initial = |input| {
            params
                .initial_tx_gas(input, is_create, 0, 0, 0, None)
                .initial_regular_gas()
        };
        let (bare, intrinsic) = (initial(&[]), initial(input));
        debug_assert_eq!(intrinsic + self.executed, gas.total_gas_spent(), "before refunds");
        let mut groups = self.groups;
        groups.add(GasGroup::Intrinsic, signed(bare));
        groups.add(GasGroup::Calldata, signed(intrinsic - bare));
        groups.add(GasGroup::Refunds, -signed(gas.inner_refunded()));
        let floor = gas.tx_gas_used() - gas.spent_sub_refunded();
        groups.add(GasGroup::CalldataFloor, signed(floor));
        debug_assert_eq!(groups.total(), signed(gas.tx_gas_used()), "{groups:?}");
        self.reset();
        groups
    }

    /// Forgets a transaction that could not be executed.
    pub(super) fn reset(&mut self) {
        self.groups = GasBreakdown::default();
        self.frames.clear();
        self.executed = 0;
    }

    /// Charges the innermost frame.
    fn charge(&mut self, group: GasGroup, gas: u64) {
        self.groups.add(group, signed(gas));
        self.account(gas);
    }

    /// Counts gas that is in a group already as the innermost frame's.
    fn account(&mut self, gas: u64) {
        *match self.frames.last_mut() {
            Some(frame) => &mut frame.accounted,
            None => &mut self.executed,
        } += gas;
    }
}

impl<Ctx> Inspector<Ctx> for Meter {
    fn step(&mut self, frame: &mut Interpreter<EthInterpreter>, _: &mut Ctx) {
        self.step = Step {
            opcode: frame.bytecode.opcode(),
            remaining: frame.gas.remaining(),
            memory: frame.gas.memory().expansion_cost,
        };
    }

    fn step_end(&mut self, frame: &mut Interpreter<EthInterpreter>, _: &mut Ctx) {
        // What remains after a halt means nothing: the frame loses all that it had.
        if frame
            .bytecode
            .instruction_result()
            .is_some_and(|result| result.is_halt())
        {
            return;
        }
        let memory = frame.gas.memory().expansion_cost - self.step.memory;
        let cost = self.step.remaining - frame.gas.remaining();
        self.charge(GasGroup::Memory, memory);
        self.charge(group(self.step.opcode), cost - memory);
    }

    fn frame_start(&mut self, _: &mut Ctx, input: &mut FrameInput) -> Option<FrameResult> {
        let (group, given) = match input {
            FrameInput::Call(call) => (GasGroup::Calls, call.gas_limit),
            FrameInput::Create(create) => (GasGroup::Creates, create.gas_limit()),
            FrameInput::Empty => (GasGroup::Calls, 0),
        };
        // The opcode was charged what it passed on; the stipend, which it was not charged, comes off its own price.
        if let Some(outer) = self.frames.last_mut() {
            outer.accounted -= given;
            self.groups.add(group, -signed(given));
        }
        self.frames.push(Frame { given, accounted: 0 });
        None
    }

    fn frame_end(&mut self, _: &mut Ctx, input: &FrameInput, result: &mut FrameResult) {
        let Some(Frame { given, accounted }) = self.frames.pop() else {
            return;
        };
        let halted = result.instruction_result().is_halt();
        let used = if halted {
            given
        } else {
            given - result.gas().remaining()
        };
        let rest = used - accounted;
        self.account(accounted);
        match (&*result, input) {
            _ if halted => self.charge(GasGroup::Halted, rest),
            (FrameResult::Create(_), _) => self.charge(GasGroup::Creates, rest),
            (FrameResult::Call(call), FrameInput::Call(input)) if call.was_precompile_called => {
                let hashes = [2, 3].map(u64_to_address).contains(&input.bytecode_address);
                let group = if hashes {
                    GasGroup::Hashing
                } else {
                    GasGroup::Calls
                };
                self.charge(group, rest);
            }
            _ => {
                debug_assert_eq!(rest, 0, "code was run, and every opcode of it charged");
                self.charge(GasGroup::Rest, rest);
            }
        }
    }
}

/// The group of an opcode's own price.
const fn group(code: u8) -> GasGroup {
    match code {
        opcode::SSTORE | opcode::TSTORE => GasGroup::StorageWrites,
        opcode::SLOAD | opcode::TLOAD => GasGroup::StorageReads,
        opcode::LOG0..=opcode::LOG4 => GasGroup::Logs,
        opcode::KECCAK256 => GasGroup::Hashing,
        opcode::CREATE | opcode::CREATE2 => GasGroup::Creates,
        opcode::CALL | opcode::CALLCODE | opcode::DELEGATECALL | opcode::STATICCALL => GasGroup::Calls,
        opcode::BALANCE
        | opcode::EXTCODESIZE
        | opcode::EXTCODECOPY
        | opcode::EXTCODEHASH
        | opcode::SELFDESTRUCT => GasGroup::Calls,
        _ => GasGroup::Rest,
    }
}

/// Gas of a transaction is far below 2^63.
const fn signed(gas: u64) -> i64 {
    gas as i64
}
