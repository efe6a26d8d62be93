//! Solidity's checked arithmetic on 256-bit words.

use alloy::primitives::{I256, U256};

use super::{
    super::{
        code::{Conversion, Integer},
        error::{EvaluationError, EvaluationErrorKind, Span},
        syntax::Binary,
        types::Type,
        value::Value,
    },
    Result,
};

/// The low bits of a word, as a value of the type: extended by zeros or the sign.
fn wrap(word: U256, Integer { bits, signed }: Integer) -> U256 {
    let unused = 256 - usize::from(bits);
    match signed {
        false => (word << unused) >> unused,
        true => I256::from_raw(word << unused).asr(unused).into_raw(),
    }
}

/// An operator on two values of an integer type.
pub(super) fn compute(
    operator: Binary,
    left: U256,
    right: U256,
    integer: Integer,
    span: &Span,
) -> Result<U256> {
    if matches!(operator, Binary::Divide | Binary::Remainder) && right.is_zero() {
        return Err(EvaluationError::new(span, EvaluationErrorKind::DivisionByZero));
    }
    // Shifts drop what does not fit; all else must.
    if matches!(operator, Binary::ShiftLeft | Binary::ShiftRight) {
        return Ok(shift(operator, left, right, integer));
    }
    let result = match integer.signed {
        false => unsigned(operator, left, right),
        true => signed(operator, I256::from_raw(left), right).map(I256::into_raw),
    };
    result
        .filter(|result| wrap(*result, integer) == *result)
        .ok_or_else(|| {
            let Integer { bits, signed } = integer;
            let ty = if signed { Type::Int(bits) } else { Type::Uint(bits) };
            let kind = EvaluationErrorKind::Overflow {
                operation: operator.sign(),
                of: ty.to_string(),
            };
            EvaluationError::new(span, kind)
        })
}

fn unsigned(operator: Binary, left: U256, right: U256) -> Option<U256> {
    match operator {
        Binary::Add => left.checked_add(right),
        Binary::Subtract => left.checked_sub(right),
        Binary::Multiply => left.checked_mul(right),
        Binary::Divide => left.checked_div(right),
        Binary::Remainder => left.checked_rem(right),
        Binary::Power => left.checked_pow(right),
        _ => None,
    }
}

fn signed(operator: Binary, left: I256, right: U256) -> Option<I256> {
    let number = I256::from_raw(right);
    match operator {
        Binary::Add => left.checked_add(number),
        Binary::Subtract => left.checked_sub(number),
        Binary::Multiply => left.checked_mul(number),
        Binary::Divide => left.checked_div(number),
        // Of the smallest number and -1 it is 0.
        Binary::Remainder => Some(left.wrapping_rem(number)),
        // The exponent has no sign.
        Binary::Power => left.checked_pow(right),
        _ => None,
    }
}

fn shift(operator: Binary, value: U256, amount: U256, integer: Integer) -> U256 {
    let amount = usize::try_from(amount).unwrap_or(usize::MAX).min(256);
    match (operator, integer.signed) {
        (Binary::ShiftLeft, _) if amount == 256 => U256::ZERO,
        (Binary::ShiftLeft, _) => wrap(value << amount, integer),
        (_, true) => I256::from_raw(value).asr(amount.min(255)).into_raw(),
        (_, false) if amount == 256 => U256::ZERO,
        (_, false) => value >> amount,
    }
}

/// A shift of `bytesN`, which stands on the left of the word.
pub(super) fn shift_bytes(operator: Binary, value: U256, amount: U256, size: u8) -> U256 {
    let amount = usize::try_from(amount).unwrap_or(usize::MAX);
    match operator {
        _ if amount >= 256 => U256::ZERO,
        Binary::ShiftLeft => value << amount,
        _ => keep_left(value >> amount, size),
    }
}

/// The first bytes of a word.
fn keep_left(word: U256, size: u8) -> U256 {
    let unused = 256 - 8 * usize::from(size);
    (word >> unused) << unused
}

/// `~`
pub(super) fn invert(word: U256, ty: &Type) -> U256 {
    match (Integer::of(ty), ty) {
        (Some(integer), _) => wrap(!word, integer),
        (None, Type::FixedBytes(size)) => keep_left(!word, *size),
        _ => !word,
    }
}

/// A comparison of two words.
pub(super) fn compare(operator: Binary, left: U256, right: U256, signed: bool) -> bool {
    let order = match signed {
        false => left.cmp(&right),
        true => I256::from_raw(left).cmp(&I256::from_raw(right)),
    };
    match operator {
        Binary::Less => order.is_lt(),
        Binary::LessOrEqual => order.is_le(),
        Binary::Greater => order.is_gt(),
        Binary::GreaterOrEqual => order.is_ge(),
        Binary::NotEqual => order.is_ne(),
        _ => order.is_eq(),
    }
}

/// A conversion; `None` if the value has not the shape that it starts from.
pub(super) fn convert(value: &Value, conversion: Conversion) -> Option<U256> {
    let unused = |size: u8| 256 - 8 * usize::from(size);
    Some(match (value, conversion) {
        (Value::Word(word), Conversion::Wrap(integer)) => wrap(*word, integer),
        (Value::Word(word), Conversion::TruncateBytes(size)) => keep_left(*word, size),
        (Value::Word(word), Conversion::ToLeft(size)) => *word << unused(size),
        (Value::Word(word), Conversion::ToRight(size)) => *word >> unused(size),
        (Value::Bytes(bytes), Conversion::FirstBytes(size)) => {
            let mut word = [0; 32];
            let taken = bytes.len().min(usize::from(size));
            word[..taken].copy_from_slice(&bytes[..taken]);
            U256::from_be_bytes(word)
        }
        _ => return None,
    })
}
