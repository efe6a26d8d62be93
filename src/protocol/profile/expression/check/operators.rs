//! Operators: which types they take, and which they give.

use alloy::primitives::U256;
use num_rational::BigRational;
use num_traits::Signed;

use super::{
    super::{
        code::{Code, Integer},
        error::{ExpressionError, Span},
        syntax::{Binary, Node, Unary},
        types::Type,
        value::Value,
    },
    Checked, Checker, Kind, Result,
    conversions::common_type,
    literals,
};

impl Checker<'_> {
    pub(super) fn check_unary(&mut self, span: &Span, operator: Unary, operand: &Node) -> Result<Checked> {
        let operand = self.check(operand)?;
        match (operator, &operand.kind) {
            (Unary::Negate, Kind::Number { value, .. }) => return Ok(Checked::number(span, -value.clone())),
            (Unary::Invert, Kind::Number { value, .. }) if value.is_integer() => {
                return Ok(Checked::number(
                    span,
                    -value.clone() - BigRational::from_integer(1.into()),
                ));
            }
            _ => {}
        }
        let (ty, code) = operand.settle()?;
        let code = Box::new(code);
        let code = match (operator, &ty, Integer::of(&ty)) {
            (Unary::Not, Type::Bool, _) => Code::Not(code),
            (Unary::Negate, Type::Int(_), Some(integer)) => Code::Negate(code, integer, span.clone()),
            (Unary::Invert, Type::Uint(_) | Type::Int(_) | Type::FixedBytes(_), _) => {
                Code::Invert(code, ty.clone())
            }
            _ => {
                let remedy = match (operator, &ty) {
                    (Unary::Negate, Type::Uint(bits)) => format!("convert it first: `-int{bits}(…)`"),
                    (Unary::Not, _) => "compare it first: `… == 0`".to_owned(),
                    (Unary::Negate, _) => "only `intN` has a sign".to_owned(),
                    (Unary::Invert, _) => "only integers and `bytesN` have bits to invert".to_owned(),
                };
                let message = format!("`{}` cannot be applied to `{ty}`", operator.sign());
                return Err(ExpressionError::new(span, message, remedy));
            }
        };
        Ok(Checked::typed(span, ty, code))
    }

    pub(super) fn check_binary(
        &mut self,
        span: &Span,
        left: &Node,
        operator: Binary,
        right: &Node,
    ) -> Result<Checked> {
        let operands = [self.check(left)?, self.check(right)?];
        if matches!(operator, Binary::And | Binary::Or) {
            let what = format!("an operand of `{}`", operator.sign());
            let [left, right] = operands.map(|operand| operand.convert(&Type::Bool, &what));
            let pair = Box::new([left?, right?]);
            let code = match operator {
                Binary::And => Code::And(pair),
                _ => Code::Or(pair),
            };
            return Ok(Checked::typed(span, Type::Bool, code));
        }
        if let [
            Kind::Number { value: left, .. },
            Kind::Number { value: right, .. },
        ] = operands.each_ref().map(|operand| &operand.kind)
        {
            return compute(span, left, operator, right);
        }
        match operator {
            Binary::Power | Binary::ShiftLeft | Binary::ShiftRight => {
                power_or_shift(span, &operands, operator)
            }
            _ => on_common_type(span, &operands, operator),
        }
    }
}

/// An operator on two literals, which the compiler computes.
fn compute(span: &Span, left: &BigRational, operator: Binary, right: &BigRational) -> Result<Checked> {
    let truth = match operator {
        Binary::Less => left < right,
        Binary::LessOrEqual => left <= right,
        Binary::Greater => left > right,
        Binary::GreaterOrEqual => left >= right,
        Binary::Equal => left == right,
        Binary::NotEqual => left != right,
        _ => return literals::compute(span, left, operator, right).map(|value| Checked::number(span, value)),
    };
    Ok(Checked::constant(span, Type::Bool, truth))
}

/// `**`, `<<` and `>>`: the result has the left operand's type, and the right one has no sign.
fn power_or_shift(span: &Span, operands: &[Checked; 2], operator: Binary) -> Result<Checked> {
    let [base, exponent] = operands;
    let exponent_code = match &exponent.kind {
        Kind::Number { value, .. } if value.is_integer() && !value.is_negative() => {
            let word = literals::word(
                value,
                Integer {
                    bits: 256,
                    signed: false,
                },
            );
            // Beyond 256 bits it shifts everything out, and is no power of anything but 0 and 1.
            Code::Constant(Value::Word(word.unwrap_or(U256::MAX)))
        }
        Kind::Typed(Type::Uint(_), code) => code.clone(),
        _ => {
            let message = format!(
                "{} cannot stand on the right of `{}`",
                exponent.description(),
                operator.sign()
            );
            return Err(ExpressionError::new(
                &exponent.span,
                message,
                "use a whole number without a sign",
            ));
        }
    };
    let (ty, base_code) = base.settle_widely()?;
    let pair = Box::new([base_code, exponent_code]);
    let code = match (Integer::of(&ty), &ty) {
        (Some(integer), _) => Code::Arithmetic(pair, operator, integer, span.clone()),
        (None, Type::FixedBytes(size)) if operator.is_shift() => Code::ShiftBytes(pair, operator, *size),
        _ => return Err(not_applicable(span, &ty, operator)),
    };
    Ok(Checked::typed(span, ty, code))
}

/// All other operators: both operands are converted to their common type.
fn on_common_type(span: &Span, operands: &[Checked; 2], operator: Binary) -> Result<Checked> {
    let ty = common_type(span, operands)?;
    let what = format!("an operand of `{}`", operator.sign());
    let [left, right] = operands.each_ref().map(|operand| operand.convert(&ty, &what));
    let pair = Box::new([left?, right?]);
    let integer = Integer::of(&ty);
    if operator.is_comparison() {
        let is_ordered = !matches!(ty, Type::Bool);
        if !ty.is_word() || !(is_ordered || operator.is_equality()) {
            return Err(not_applicable(span, &ty, operator));
        }
        let signed = integer.is_some_and(|integer| integer.signed);
        return Ok(Checked::typed(
            span,
            Type::Bool,
            Code::Compare(pair, operator, signed),
        ));
    }
    let code = match (integer, &ty) {
        (Some(integer), _) if operator.is_arithmetic() => {
            Code::Arithmetic(pair, operator, integer, span.clone())
        }
        (Some(_), _) | (None, Type::FixedBytes(_)) if operator.is_bitwise() => Code::Bitwise(pair, operator),
        _ => return Err(not_applicable(span, &ty, operator)),
    };
    Ok(Checked::typed(span, ty, code))
}

fn not_applicable(span: &Span, ty: &Type, operator: Binary) -> ExpressionError {
    let remedy = match ty {
        Type::Bytes | Type::String if operator.is_equality() => {
            "compare the hashes: `keccak256(…) == keccak256(…)`".to_owned()
        }
        Type::String if operator == Binary::Add => "join strings with `string.concat(…)`".to_owned(),
        Type::Bytes if operator == Binary::Add => "join bytes with `bytes.concat(…)`".to_owned(),
        Type::FixedBytes(size) => format!("convert it first: `uint{}(…)`", 8 * u16::from(*size)),
        Type::Address => "convert it first: `uint160(…)`".to_owned(),
        Type::Bool => "use `&&`, `||`, `==` or `!=`".to_owned(),
        _ => "use numbers".to_owned(),
    };
    ExpressionError::new(
        span,
        format!("`{}` cannot be applied to `{ty}`", operator.sign()),
        remedy,
    )
}
