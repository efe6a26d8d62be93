//! Conversions: those that Solidity makes by itself, and those that are written.

use super::{
    super::{
        code::{Code, Conversion, Integer},
        error::{ExpressionError, Span},
        types::{Member, Tuple, Type},
        value::Value,
    },
    Checked, Kind, Result, literals, tuple_of,
};
use alloy::primitives::U256;

impl Checked {
    /// The code of the value as a type that it is, or is converted to without being asked. `what` names the value in a
    /// message: "argument `answer` of `submitAnswer`".
    pub(super) fn convert(&self, to: &Type, what: &str) -> Result<Code> {
        self.converted(to, what)?.ok_or_else(|| self.mismatch(to, what))
    }

    /// Whether the value is of a type, or converted to it without being asked.
    pub(super) fn converts_to(&self, to: &Type) -> bool {
        matches!(self.converted(to, ""), Ok(Some(_)))
    }

    fn converted(&self, to: &Type, what: &str) -> Result<Option<Code>> {
        Ok(match (&self.kind, to) {
            (Kind::Typed(ty, code), to) if ty.converts_to(to) => Some(code.clone()),
            (Kind::Contract(_, code), Type::Address) => Some(code.clone()),
            (Kind::Number { value, hex_digits }, to) => match (Integer::of(to), to) {
                (Some(integer), _) => match literals::word(value, integer) {
                    Some(word) => Some(Code::Constant(Value::Word(word))),
                    None => return Err(self.misfit(to)),
                },
                (None, Type::FixedBytes(size)) => literals::fixed_bytes(value, *hex_digits, *size),
                _ => None,
            },
            (Kind::Text(bytes), Type::Bytes | Type::String)
                if *to == Type::Bytes || std::str::from_utf8(bytes).is_ok() =>
            {
                Some(Code::Constant(Value::Bytes(bytes.clone().into())))
            }
            (Kind::Text(bytes), Type::FixedBytes(size)) if bytes.len() <= usize::from(*size) => {
                let word = U256::from_be_slice(bytes);
                let shift = 8 * (32 - bytes.len());
                // A shift by a whole word gives zero, which the empty string is.
                Some(Code::Constant(Value::Word(word << shift)))
            }
            (Kind::Array(elements), Type::Array(element)) => Some(convert_all(elements, element, what)?),
            (Kind::Array(elements), Type::FixedArray(element, size)) if elements.len() == *size => {
                Some(convert_all(elements, element, what)?)
            }
            (Kind::List(value), Type::Array(element)) => {
                Some(Code::Collect(Box::new(value.convert(element, "what is listed")?)))
            }
            (Kind::Tuple(values), Type::Tuple(tuple)) if values.len() == tuple.members.len() => {
                let members = values.iter().zip(&tuple.members);
                let members = members.map(|(value, member)| {
                    let what = match member.name.as_str() {
                        "" => "this member".to_owned(),
                        name => format!("member `{name}`"),
                    };
                    value.convert(&member.ty, &what)
                });
                Some(Code::List(members.collect::<Result<_>>()?))
            }
            // A struct of one member: brackets around one value are none of a tuple.
            (_, Type::Tuple(tuple)) if !matches!(self.kind, Kind::Tuple(_)) => match tuple.members.as_slice()
            {
                [only] => {
                    let member = self.converted(&only.ty, what)?;
                    member.map(|member| Code::List(vec![member]))
                }
                _ => None,
            },
            _ => None,
        })
    }

    /// The literal does not fit the integer type.
    fn misfit(&self, to: &Type) -> ExpressionError {
        let remedy = match to {
            Type::Uint(bits) => format!("`{to}` holds whole numbers from 0 to 2**{bits} - 1"),
            Type::Int(bits) => format!("`{to}` holds whole numbers from -2**{0} to 2**{0} - 1", bits - 1),
            _ => format!("give a value of type `{to}`"),
        };
        let message = format!("{} does not fit `{to}`", self.description());
        ExpressionError::new(&self.span, message, remedy)
    }

    fn mismatch(&self, to: &Type, what: &str) -> ExpressionError {
        let message = format!("{what} must be `{to}`, not {}", self.description());
        let remedy = match (&self.kind, to) {
            (Kind::Number { .. }, Type::FixedBytes(size)) => {
                format!(
                    "write {} hexadecimal digits, or `bytes{size}(uint{}(…))`",
                    2 * size,
                    8 * u16::from(*size)
                )
            }
            (Kind::Text(bytes), Type::FixedBytes(size)) => too_long(bytes, *size),
            (Kind::Typed(Type::String | Type::Bytes, _), Type::FixedBytes(32)) => {
                "hash it: `keccak256(…)`".to_owned()
            }
            (Kind::Tuple(_), Type::Tuple(tuple)) => {
                format!("give {} values: {}", tuple.members.len(), members(tuple))
            }
            (Kind::Typed(Type::Tuple(from), _), Type::Tuple(tuple)) => {
                differing(from, tuple).unwrap_or_else(|| format!("give a value of type `{to}`"))
            }
            _ if self.convert_explicitly(to).is_ok() => format!("convert it: `{to}(…)`"),
            _ => format!("give a value of type `{to}`"),
        };
        ExpressionError::new(&self.span, message, remedy)
    }

    /// The code of the value as a type that it can be converted to: `bytes32(x)`.
    pub(super) fn convert_explicitly(&self, to: &Type) -> Result<Code> {
        if let Some(code) = self.converted(to, "this")? {
            return Ok(code);
        }
        let explicit = match &self.kind {
            Kind::Typed(from, code) => explicit(from, to).map(|conversion| match conversion {
                Some(conversion) => Code::Convert(Box::new(code.clone()), conversion),
                None => code.clone(),
            }),
            Kind::Number { value, .. } if *to == Type::Address => {
                let word = literals::word(
                    value,
                    Integer {
                        bits: 160,
                        signed: false,
                    },
                );
                word.map(|word| Code::Constant(Value::Word(word)))
            }
            _ => None,
        };
        explicit.ok_or_else(|| {
            let message = format!("{} cannot be converted to `{to}`", self.description());
            let other = || match (&self.kind, to) {
                (Kind::Text(bytes), Type::FixedBytes(size)) => too_long(bytes, *size),
                _ => format!("give a value of type `{to}`"),
            };
            ExpressionError::new(&self.span, message, self.steps(to).unwrap_or_else(other))
        })
    }

    /// How else a conversion can be written.
    fn steps(&self, to: &Type) -> Option<String> {
        let steps = match (&self.kind, to) {
            (Kind::Typed(Type::Uint(from), _), Type::Int(_)) => format!("`{to}(int{from}(…))`"),
            (Kind::Typed(Type::Int(from), _), Type::Uint(_)) => format!("`{to}(uint{from}(…))`"),
            (Kind::Typed(Type::Uint(_), _) | Kind::Number { .. }, Type::FixedBytes(size)) => {
                format!("`{to}(uint{}(…))`", 8 * u16::from(*size))
            }
            (Kind::Typed(Type::FixedBytes(from), _), Type::Uint(_)) => {
                format!("`{to}(uint{}(…))`", 8 * u16::from(*from))
            }
            (Kind::Typed(Type::Address, _), Type::Uint(_)) => format!("`{to}(uint160(…))`"),
            (Kind::Typed(Type::Address, _), Type::FixedBytes(_)) => format!("`{to}(uint256(uint160(…)))`"),
            (Kind::Typed(Type::Uint(_), _), Type::Address) => "`address(uint160(…))`".to_owned(),
            (Kind::Typed(Type::FixedBytes(_), _), Type::Address) => {
                "`address(uint160(uint256(…)))`".to_owned()
            }
            (Kind::Typed(Type::Bytes | Type::String, _), Type::Uint(_)) => {
                "`uint256(keccak256(…))`".to_owned()
            }
            _ => return None,
        };
        Some(format!("convert in steps: {steps}"))
    }

    /// The type that the value has on its own, and its code as that.
    pub(super) fn settle(&self) -> Result<(Type, Code)> {
        let ty = self.own_type()?;
        let code = self.convert(&ty, "this")?;
        Ok((ty, code))
    }

    /// Like [`settle`](Self::settle), with number literals as `uint256` or `int256`.
    pub(in super::super) fn settle_widely(&self) -> Result<(Type, Code)> {
        match &self.kind {
            Kind::Number { value, .. } => {
                let ty = literals::widest_type(&self.span, value)?;
                let code = self.convert(&ty, "this")?;
                Ok((ty, code))
            }
            _ => self.settle(),
        }
    }

    /// The type that the value has on its own: the smallest for a literal.
    pub(super) fn own_type(&self) -> Result<Type> {
        Ok(match &self.kind {
            Kind::Typed(ty, _) => ty.clone(),
            Kind::Number { value, .. } => literals::smallest_type(&self.span, value)?,
            Kind::Text(bytes) if std::str::from_utf8(bytes).is_ok() => Type::String,
            Kind::Text(_) => Type::Bytes,
            Kind::Contract(..) => Type::Address,
            Kind::Created(_) => {
                return Err(ExpressionError::new(
                    &self.span,
                    "this has no address of its own: it is created in the run",
                    "name the address that an event told: `event.…`, `actor.…` or `task.…`",
                ));
            }
            Kind::Array(elements) if elements.is_empty() => {
                return Err(ExpressionError::new(
                    &self.span,
                    "the type of an empty array is not known here",
                    "give it where an array of a type is expected",
                ));
            }
            Kind::Array(elements) => {
                let element = common_type(&self.span, elements)?;
                Type::FixedArray(element.into(), elements.len())
            }
            Kind::Tuple(members) => tuple_of(members.iter().map(Self::own_type).collect::<Result<Vec<_>>>()?),
            Kind::List(value) => Type::Array(value.settle_widely()?.0.into()),
        })
    }
}

/// The members of a struct, as Solidity lists them.
fn members(tuple: &Tuple) -> String {
    let member = |member: &Member| format!("{} {}", member.ty, member.name).trim_end().to_owned();
    let members: Vec<String> = tuple.members.iter().map(member).collect();
    format!("`({})`", members.join(", "))
}

/// The first member of a tuple that is not one of another: which, and what it must be.
fn differing(from: &Tuple, to: &Tuple) -> Option<String> {
    if from.members.len() != to.members.len() {
        return Some(format!("it has {} members: {}", to.members.len(), members(to)));
    }
    let mut pairs = (1..).zip(from.members.iter().zip(&to.members));
    let (place, (is, must)) = pairs.find(|(_, (is, must))| !is.ty.converts_to(&must.ty))?;
    let name = match must.name.as_str() {
        "" => String::new(),
        name => format!(" (`{name}`)"),
    };
    Some(format!(
        "member {place}{name} is `{}`, and must be `{}`",
        is.ty, must.ty
    ))
}

fn too_long(text: &[u8], size: u8) -> String {
    format!(
        "the string has {} bytes, and {size} fit; or hash it: `keccak256(…)`",
        text.len()
    )
}

fn convert_all(elements: &[Checked], element: &Type, what: &str) -> Result<Code> {
    let what = format!("an element of {what}");
    let codes = elements.iter().map(|value| value.convert(element, &what));
    Ok(Code::List(codes.collect::<Result<_>>()?))
}

/// How a value becomes one of another type if that is asked for; `None` if Solidity does not allow it, `Some(None)` if it
/// stays the same.
const fn explicit(from: &Type, to: &Type) -> Option<Option<Conversion>> {
    match (from, to) {
        (Type::Uint(a), Type::Int(b)) | (Type::Int(a), Type::Uint(b)) if *a != *b => None,
        (Type::Uint(_) | Type::Int(_), Type::Uint(_) | Type::Int(_)) => match Integer::of(to) {
            Some(integer) => Some(Some(Conversion::Wrap(integer))),
            None => None,
        },
        (Type::Uint(bits), Type::FixedBytes(size)) if *bits == 8 * *size as u16 => {
            Some(Some(Conversion::ToLeft(*size)))
        }
        (Type::FixedBytes(size), Type::Uint(bits)) if *bits == 8 * *size as u16 => {
            Some(Some(Conversion::ToRight(*size)))
        }
        (Type::FixedBytes(_), Type::FixedBytes(size)) => Some(Some(Conversion::TruncateBytes(*size))),
        (Type::Address, Type::FixedBytes(20)) => Some(Some(Conversion::ToLeft(20))),
        (Type::FixedBytes(20), Type::Address) => Some(Some(Conversion::ToRight(20))),
        (Type::Bytes, Type::FixedBytes(size)) => Some(Some(Conversion::FirstBytes(*size))),
        (Type::Address, Type::Uint(160))
        | (Type::Uint(160), Type::Address)
        | (Type::Bytes, Type::String)
        | (Type::String, Type::Bytes) => Some(None),
        _ => None,
    }
}

/// The type that all values are converted to: of one of them, or the smallest of literals.
pub(super) fn common_type(span: &Span, values: &[Checked]) -> Result<Type> {
    let mut types: Vec<Type> = Vec::new();
    for value in values {
        let own = value.own_type()?;
        if !types.contains(&own) {
            types.push(own);
        }
    }
    let covers = |wide: &&Type| types.iter().all(|ty| ty.converts_to(wide));
    // Beyond Solidity: a literal takes the type beside it, such as 0 beside a `bytes32`.
    let fits = |wide: &&Type| values.iter().all(|value| value.converts_to(wide));
    if let Some(common) = types.iter().find(covers).or_else(|| types.iter().find(fits)) {
        return Ok(common.clone());
    }
    Err(match types.as_slice() {
        [first, second, ..] => no_common_type(span, values, first, second),
        _ => ExpressionError::new(span, "there are no values here", "write at least one"),
    })
}

fn no_common_type(span: &Span, values: &[Checked], first: &Type, second: &Type) -> ExpressionError {
    let of = |wanted: &Type| {
        values
            .iter()
            .find(|value| value.own_type().as_ref() == Ok(wanted))
    };
    let pairs = [(of(second), first), (of(first), second)];
    let direct = pairs.iter().find_map(|(value, to)| {
        let value = value.filter(|value| value.convert_explicitly(to).is_ok())?;
        Some(format!("convert {} with `{to}(…)`", value.description()))
    });
    let steps = || {
        pairs
            .iter()
            .find_map(|(value, to)| value.and_then(|value| value.steps(to)))
    };
    let remedy = direct
        .or_else(steps)
        .unwrap_or_else(|| "give values of one type".to_owned());
    let message = format!("`{first}` and `{second}` have no common type");
    ExpressionError::new(span, message, remedy)
}
