//! Calls of any function with any arguments.

use alloy::{
    dyn_abi::{DynSolType, DynSolValue, JsonAbiExt, Specifier},
    json_abi::{Function, StateMutability},
    primitives::{Address, Bytes, I256, U256},
};
use rand::RngExt;

use super::ProfileAdversary;
use crate::protocol::{BlockMoment, Invocation, Move};

/// Elements of a list, at most.
const ELEMENTS: usize = 2;

impl ProfileAdversary {
    /// A call of any function that changes something, by anybody but the deployer.
    pub(super) fn any_call(&mut self, latest: &BlockMoment) -> Option<Move> {
        let contracts = &self.world.definition.contracts;
        let changing = |function: &&Function| {
            matches!(
                function.state_mutability,
                StateMutability::NonPayable | StateMutability::Payable
            )
        };
        let functions = contracts
            .iter()
            .zip(&self.world.addresses)
            .flat_map(|(contract, address)| {
                let functions = contract.abi.functions().filter(changing);
                functions.map(|function| (*address, function.clone()))
            });
        let functions: Vec<(Address, Function)> = functions.collect();
        if functions.is_empty() {
            return None;
        }
        let (to, function) = &functions[self.rng.random_range(0..functions.len())];
        let arguments = function.inputs.iter().map(|input| {
            let ty = input.resolve().ok()?;
            Some(self.value(&ty))
        });
        let arguments = arguments.collect::<Option<Vec<_>>>()?;
        let input = function.abi_encode_input(&arguments).ok()?;
        let value = match function.state_mutability {
            StateMutability::Payable => self.number(),
            _ => U256::ZERO,
        };
        let from = self.somebody();
        let invocation = Invocation {
            to: Some(*to),
            value,
            input: input.into(),
            gas_limit: 0,
        };
        Some(self.sends(from, invocation, "any call", None, latest))
    }

    /// A call that was made or is wanted, with one word of its calldata changed.
    pub(super) fn mangled(&mut self, latest: &BlockMoment) -> Option<Move> {
        let (from, mut call) = self.some_call()?;
        let mut input = call.input.to_vec();
        let words = input.len().checked_sub(4)? / 32;
        if words == 0 {
            return None;
        }
        let place = 4 + 32 * self.rng.random_range(0..words);
        let word = self.number();
        input[place..place + 32].copy_from_slice(&word.to_be_bytes::<32>());
        call.input = Bytes::from(input);
        let invocation = Invocation {
            to: call.to,
            value: call.value,
            input: call.input,
            gas_limit: 0,
        };
        Some(self.sends(from, invocation, "mangled", None, latest))
    }

    /// A value of a type.
    fn value(&mut self, ty: &DynSolType) -> DynSolValue {
        match ty {
            DynSolType::Bool => DynSolValue::Bool(self.rng.random_bool(0.5)),
            DynSolType::Int(bits) => DynSolValue::Int(I256::from_raw(self.fitting(*bits)), *bits),
            DynSolType::Uint(bits) => DynSolValue::Uint(self.fitting(*bits), *bits),
            DynSolType::FixedBytes(size) => {
                let word = self.word();
                let mut bytes = [0; 32];
                bytes[..*size].copy_from_slice(&word.to_be_bytes::<32>()[..*size]);
                DynSolValue::FixedBytes(bytes.into(), *size)
            }
            DynSolType::Address => DynSolValue::Address(self.address()),
            DynSolType::Function => DynSolValue::Function(alloy::primitives::Function::default()),
            DynSolType::Bytes => DynSolValue::Bytes(self.bytes()),
            DynSolType::String => DynSolValue::String("hunt".repeat(self.rng.random_range(0..4))),
            DynSolType::Array(element) => DynSolValue::Array(self.values(element, None)),
            DynSolType::FixedArray(element, size) => {
                DynSolValue::FixedArray(self.values(element, Some(*size)))
            }
            DynSolType::Tuple(members) => {
                DynSolValue::Tuple(members.iter().map(|member| self.value(member)).collect())
            }
        }
    }

    fn values(&mut self, element: &DynSolType, size: Option<usize>) -> Vec<DynSolValue> {
        let size = size.unwrap_or_else(|| self.rng.random_range(0..=ELEMENTS));
        (0..size).map(|_| self.value(element)).collect()
    }

    /// A number: small, at a boundary, or a word that calls had.
    pub(super) fn number(&mut self) -> U256 {
        match self.rng.random_range(0..6) {
            0 => U256::ZERO,
            1 => U256::MAX,
            2 => U256::from(self.rng.random_range(1..=3_u64)),
            3 => U256::ONE << self.rng.random_range(0..255_usize),
            _ => self.word(),
        }
    }

    fn fitting(&mut self, bits: usize) -> U256 {
        let number = self.number();
        if bits >= 256 {
            number
        } else {
            number & ((U256::ONE << bits) - U256::ONE)
        }
    }

    /// A word of the calldata of a call: keys of tasks are among them.
    fn word(&mut self) -> U256 {
        let Some((_, call)) = self.some_call() else {
            return U256::ZERO;
        };
        let words = call.input.len().saturating_sub(4) / 32;
        if words == 0 {
            return call.value;
        }
        let place = 4 + 32 * self.rng.random_range(0..words);
        U256::from_be_slice(&call.input[place..place + 32])
    }

    fn address(&mut self) -> Address {
        let contracts = self.world.addresses.iter().copied();
        let known = self
            .accounts
            .iter()
            .copied()
            .chain(contracts)
            .chain([Address::ZERO]);
        let known: Vec<Address> = known.collect();
        known[self.rng.random_range(0..known.len())]
    }

    fn bytes(&mut self) -> Vec<u8> {
        match self.rng.random_range(0..3) {
            0 => Vec::new(),
            1 => self.word().to_be_bytes::<32>().to_vec(),
            _ => self
                .some_call()
                .map_or_else(Vec::new, |(_, call)| call.input.to_vec()),
        }
    }
}
