//! Number literals: exact arithmetic as the compiler does it, and the types that they fit.

use alloy::primitives::U256;
use num_bigint::{BigInt, Sign};
use num_rational::BigRational;
use num_traits::{One, Pow, Signed, ToPrimitive, Zero};

use super::{
    super::{
        code::{Code, Integer},
        error::{ExpressionError, Span},
        syntax::Binary,
        types::Type,
        value::Value,
    },
    Result,
};

/// Most bits of a numerator or denominator, as in Solidity's compiler.
const MAX_BITS: u64 = 4096;
/// Most characters of a number in a message.
const SHOWN: usize = 40;

/// A number for a message, shortened.
pub(super) fn shown(value: &BigRational) -> String {
    let text = match value.is_integer() {
        true => value.numer().to_string(),
        false => value
            .to_f64()
            .map_or_else(|| value.to_string(), |float| float.to_string()),
    };
    match text.len() > SHOWN {
        true => format!("{}…", &text[..SHOWN]),
        false => text,
    }
}

/// The integer as a word, in two's complement, if it is one and fits the type.
pub(super) fn word(value: &BigRational, integer: Integer) -> Option<U256> {
    if !value.is_integer() {
        return None;
    }
    let number = value.numer();
    let bits = u64::from(integer.bits);
    let fits = match (integer.signed, number.sign()) {
        (false, Sign::Minus) => false,
        (false, _) => number.bits() <= bits,
        (true, Sign::Minus) => (number + BigInt::one()).bits() < bits,
        (true, _) => number.bits() < bits,
    };
    if !fits {
        return None;
    }
    let magnitude = U256::from_be_slice(&number.magnitude().to_bytes_be());
    Some(match number.sign() {
        Sign::Minus => magnitude.wrapping_neg(),
        _ => magnitude,
    })
}

/// The smallest integer type that the number fits: `uintN`, or `intN` if it is negative.
pub(super) fn smallest_type(span: &Span, value: &BigRational) -> Result<Type> {
    if !value.is_integer() {
        return Err(ExpressionError::new(
            span,
            format!("{} is no whole number", shown(value)),
            "multiply it to one, or give a unit: `0.5 ether`",
        ));
    }
    let signed = value.is_negative();
    let fitting = (8..=256)
        .step_by(8)
        .find(|bits| word(value, Integer { bits: *bits, signed }).is_some());
    match fitting {
        Some(bits) if signed => Ok(Type::Int(bits)),
        Some(bits) => Ok(Type::Uint(bits)),
        None => Err(ExpressionError::new(
            span,
            format!("{} does not fit 256 bits", shown(value)),
            "use a smaller number",
        )),
    }
}

/// `uint256`, or `int256` if the number is negative: the type that a literal gets where nothing else says it.
pub(super) fn widest_type(span: &Span, value: &BigRational) -> Result<Type> {
    smallest_type(span, value).map(|ty| match ty {
        Type::Int(_) => Type::INT,
        _ => Type::UINT,
    })
}

/// The number as `bytesN`: zero, or one of exactly so many hexadecimal digits.
pub(super) fn fixed_bytes(value: &BigRational, hex_digits: Option<usize>, size: u8) -> Option<Code> {
    let is_exact = hex_digits == Some(2 * usize::from(size));
    if !is_exact && !value.is_zero() {
        return None;
    }
    let word = word(
        value,
        Integer {
            bits: 256,
            signed: false,
        },
    )?;
    let shift = 256 - 8 * usize::from(size);
    Some(Code::Constant(Value::Word(word << shift)))
}

fn refused(span: &Span, message: impl Into<String>, remedy: &str) -> ExpressionError {
    ExpressionError::new(span, message, remedy)
}

fn small_exponent(span: &Span, exponent: &BigRational) -> Result<u32> {
    let whole = exponent.is_integer().then(|| exponent.numer().to_u32()).flatten();
    whole
        .filter(|exponent| u64::from(*exponent) <= MAX_BITS)
        .ok_or_else(|| {
            refused(
                span,
                format!("{} is no exponent or shift of a literal", shown(exponent)),
                "use a whole number from 0 to 4096",
            )
        })
}

/// Refuses numbers that the compiler would not hold either.
fn bounded(span: &Span, value: BigRational) -> Result<BigRational> {
    match value.numer().bits().max(value.denom().bits()) <= MAX_BITS {
        true => Ok(value),
        false => Err(refused(
            span,
            "the number has more than 4096 bits",
            "use smaller numbers",
        )),
    }
}

/// Computes an operator on two literals, exactly.
pub(super) fn compute(
    span: &Span,
    left: &BigRational,
    operator: Binary,
    right: &BigRational,
) -> Result<BigRational> {
    let zero = |value: &BigRational| value.is_zero();
    let value = match operator {
        Binary::Add => left + right,
        Binary::Subtract => left - right,
        Binary::Multiply => left * right,
        Binary::Divide | Binary::Remainder if zero(right) => {
            return Err(refused(span, "division by zero", "divide by another number"));
        }
        Binary::Divide => left / right,
        Binary::Remainder => left - right * (left / right).trunc(),
        Binary::Power => power(span, left, right)?,
        Binary::ShiftLeft | Binary::ShiftRight => {
            let amount = small_exponent(span, right)?;
            let number = whole(span, left, operator)?;
            match operator {
                Binary::ShiftLeft => BigRational::from_integer(number << amount),
                // Rounds towards negative infinity, as Solidity does.
                _ => BigRational::from_integer(number >> amount),
            }
        }
        Binary::BitAnd => {
            BigRational::from_integer(whole(span, left, operator)? & whole(span, right, operator)?)
        }
        Binary::BitOr => {
            BigRational::from_integer(whole(span, left, operator)? | whole(span, right, operator)?)
        }
        Binary::BitXor => {
            BigRational::from_integer(whole(span, left, operator)? ^ whole(span, right, operator)?)
        }
        _ => {
            let message = format!("`{}` has no meaning for numbers", operator.sign());
            return Err(refused(span, message, "compare them first"));
        }
    };
    bounded(span, value)
}

fn whole(span: &Span, value: &BigRational, operator: Binary) -> Result<BigInt> {
    match value.is_integer() {
        true => Ok(value.numer().clone()),
        false => {
            let message = format!("`{}` needs whole numbers", operator.sign());
            Err(refused(
                span,
                message,
                "multiply the fraction to a whole number first",
            ))
        }
    }
}

fn power(span: &Span, base: &BigRational, exponent: &BigRational) -> Result<BigRational> {
    let absolute = small_exponent(span, &exponent.abs())?;
    if base.abs().is_one() || base.is_zero() || absolute == 0 {
        let is_odd = absolute % 2 == 1;
        return match (base.is_zero(), absolute, exponent.is_negative()) {
            (_, 0, _) => Ok(BigRational::one()),
            (true, _, true) => Err(refused(span, "division by zero", "use a positive exponent")),
            (true, ..) => Ok(BigRational::zero()),
            _ if base.is_negative() && !is_odd => Ok(BigRational::one()),
            _ => Ok(base.clone()),
        };
    }
    // A base of `b` bits to the power `n` has more than `(b - 1) * n` bits.
    let bits = base.numer().bits().max(base.denom().bits());
    if (bits - 1).saturating_mul(u64::from(absolute)) > MAX_BITS {
        return Err(refused(
            span,
            "the number has more than 4096 bits",
            "use smaller numbers",
        ));
    }
    let value = Pow::pow(base, absolute);
    Ok(match exponent.is_negative() {
        true => value.recip(),
        false => value,
    })
}
