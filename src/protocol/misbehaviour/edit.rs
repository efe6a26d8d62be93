//! Edits of calldata: one argument changed, or the words that name a task.

use alloy::{
    dyn_abi::{DynSolValue, JsonAbiExt},
    json_abi::Function,
    primitives::{Address, Bytes, I256, U256},
};
use rand::{RngExt, rngs::ChaCha8Rng};

/// The most bytes of a text or byte string that an edit makes longer.
const LONGEST: usize = 4_096;

/// Calldata with one argument changed to a value at some boundary; `None` if it is no call of `function` or nothing can be
/// changed.
pub(crate) fn mangled(
    function: &Function,
    input: &[u8],
    own: Address,
    random: &mut ChaCha8Rng,
) -> Option<Bytes> {
    let mut arguments = function.abi_decode_input(input.get(4..)?).ok()?;
    if arguments.is_empty() {
        return None;
    }
    let place = random.random_range(0..arguments.len());
    change(&mut arguments[place], own, random);
    let encoded = function.abi_encode_input(&arguments).ok()?;
    (encoded != input).then(|| encoded.into())
}

fn change(value: &mut DynSolValue, own: Address, random: &mut ChaCha8Rng) {
    match value {
        DynSolValue::Bool(truth) => *truth = !*truth,
        DynSolValue::Uint(number, bits) => {
            let most = U256::MAX >> 256_usize.saturating_sub(*bits);
            let choices = [
                U256::ZERO,
                U256::ONE,
                most,
                number.wrapping_add(U256::ONE) & most,
                number.saturating_sub(U256::ONE),
            ];
            *number = choices[random.random_range(0..choices.len())];
        }
        DynSolValue::Int(number, _) => {
            let choices = [I256::ZERO, I256::MINUS_ONE, I256::ONE, number.wrapping_neg()];
            *number = choices[random.random_range(0..choices.len())];
        }
        DynSolValue::FixedBytes(word, size) => {
            let size = (*size).min(32);
            match random.random_range(0..3) {
                0 => word[..size].fill(0),
                1 => word[..size].fill(0xff),
                _ => word[random.random_range(0..size.max(1))] ^= 1,
            }
        }
        DynSolValue::Address(address) => {
            *address = if random.random_bool(0.5) {
                Address::ZERO
            } else {
                own
            };
        }
        DynSolValue::Bytes(bytes) => bytes_changed(bytes, random),
        DynSolValue::String(text) => match random.random_range(0..3) {
            0 => text.clear(),
            1 => *text = "x".repeat(LONGEST),
            _ => text.push('\u{0}'),
        },
        DynSolValue::Array(values) => match random.random_range(0..3) {
            0 => values.clear(),
            1 => values.extend(values.first().cloned()),
            _ => one_of(values, own, random),
        },
        DynSolValue::FixedArray(values) | DynSolValue::Tuple(values) => one_of(values, own, random),
        DynSolValue::Function(_) => {}
    }
}

fn bytes_changed(bytes: &mut Vec<u8>, random: &mut ChaCha8Rng) {
    match random.random_range(0..3) {
        0 => bytes.clear(),
        1 => *bytes = vec![0xff; LONGEST],
        _ => bytes.push(0),
    }
}

fn one_of(values: &mut [DynSolValue], own: Address, random: &mut ChaCha8Rng) {
    if !values.is_empty() {
        let place = random.random_range(0..values.len());
        change(&mut values[place], own, random);
    }
}

/// Calldata whose texts and byte strings are [`LONGEST`] bytes long; `None` if it has none.
pub(crate) fn lengthened(function: &Function, input: &[u8]) -> Option<Bytes> {
    let mut arguments = function.abi_decode_input(input.get(4..)?).ok()?;
    for argument in &mut arguments {
        match argument {
            DynSolValue::Bytes(bytes) => bytes.resize(LONGEST, 0xff),
            DynSolValue::String(text) => *text = "x".repeat(LONGEST),
            _ => {}
        }
    }
    let encoded = function.abi_encode_input(&arguments).ok()?;
    (encoded != input).then(|| encoded.into())
}

/// Calldata in which the words that name one task name another; `None` if it has none of them.
pub(crate) fn redirected(input: &[u8], words: &[(U256, U256)]) -> Option<Bytes> {
    let mut bytes = input.to_vec();
    for word in bytes.get_mut(4..)?.chunks_exact_mut(32) {
        let found = words.iter().find(|(from, _)| from.to_be_bytes::<32>() == *word);
        if let Some((_, to)) = found {
            word.copy_from_slice(&to.to_be_bytes::<32>());
        }
    }
    (bytes != input).then(|| bytes.into())
}
