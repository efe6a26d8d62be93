//! Values of expressions: 256-bit words, bytes, and lists of values.

use std::sync::Arc;

use alloy::{
    dyn_abi::DynSolValue,
    primitives::{Address, B256, Bytes, I256, U256},
};

use super::types::Type;

/// A value. Its type is known where its expression is read, and is not carried along.
///
/// Cloning is cheap: bytes and lists are shared.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Value {
    /// A value type as the EVM has it on the stack: `intN` sign-extended, `bytesN` on the left, the rest on the right.
    Word(U256),
    /// `bytes` or `string`.
    Bytes(Bytes),
    /// The elements of an array, or the members of a tuple.
    List(Arc<[Self]>),
}

impl Value {
    /// The value as a number or word.
    #[must_use]
    pub fn as_word(&self) -> Option<U256> {
        match self {
            Self::Word(word) => Some(*word),
            _ => None,
        }
    }

    /// The value as a truth value.
    #[must_use]
    pub fn as_bool(&self) -> Option<bool> {
        self.as_word().map(|word| !word.is_zero())
    }

    /// The value as an address.
    #[must_use]
    pub fn as_address(&self) -> Option<Address> {
        self.as_word().map(to_address)
    }

    /// The value of `bytes` or `string`.
    #[must_use]
    pub fn as_bytes(&self) -> Option<&Bytes> {
        match self {
            Self::Bytes(bytes) => Some(bytes),
            _ => None,
        }
    }

    /// The elements or members.
    #[must_use]
    pub fn as_list(&self) -> Option<&[Self]> {
        match self {
            Self::List(values) => Some(values),
            _ => None,
        }
    }

    /// Whether the value has the shape of a type: words, bytes and lists at the same places.
    #[must_use]
    pub fn has_shape_of(&self, ty: &Type) -> bool {
        match (self, ty) {
            (Self::Bytes(_), Type::Bytes | Type::String) => true,
            (Self::List(values), Type::Array(element)) => {
                values.iter().all(|value| value.has_shape_of(element))
            }
            (Self::List(values), Type::FixedArray(element, size)) => {
                values.len() == *size && values.iter().all(|value| value.has_shape_of(element))
            }
            (Self::List(values), Type::Tuple(tuple)) => {
                values.len() == tuple.members.len()
                    && values
                        .iter()
                        .zip(&tuple.members)
                        .all(|(value, member)| value.has_shape_of(&member.ty))
            }
            (Self::Word(_), ty) => ty.is_word(),
            _ => false,
        }
    }

    /// The value as alloy's dynamic ABI has it, with `string` as `bytes`; `None` if it has not the shape of the type.
    pub(super) fn to_dynamic(&self, ty: &Type) -> Option<DynSolValue> {
        let all = |values: &[Self], element: &Type| -> Option<Vec<DynSolValue>> {
            values.iter().map(|value| value.to_dynamic(element)).collect()
        };
        Some(match (self, ty) {
            (Self::Word(word), Type::Bool) => DynSolValue::Bool(!word.is_zero()),
            (Self::Word(word), Type::Address) => DynSolValue::Address(to_address(*word)),
            (Self::Word(word), Type::Uint(bits)) => DynSolValue::Uint(*word, usize::from(*bits)),
            (Self::Word(word), Type::Int(bits)) => {
                DynSolValue::Int(I256::from_raw(*word), usize::from(*bits))
            }
            (Self::Word(word), Type::FixedBytes(size)) => {
                DynSolValue::FixedBytes(B256::from(*word), usize::from(*size))
            }
            (Self::Bytes(bytes), Type::Bytes | Type::String) => DynSolValue::Bytes(bytes.to_vec()),
            (Self::List(values), Type::Array(element)) => DynSolValue::Array(all(values, element)?),
            (Self::List(values), Type::FixedArray(element, size)) if values.len() == *size => {
                DynSolValue::FixedArray(all(values, element)?)
            }
            (Self::List(values), Type::Tuple(tuple)) if values.len() == tuple.members.len() => {
                let members = values.iter().zip(&tuple.members);
                let members = members.map(|(value, member)| value.to_dynamic(&member.ty));
                DynSolValue::Tuple(members.collect::<Option<_>>()?)
            }
            _ => return None,
        })
    }
}

/// The address in the low 20 bytes of a word.
pub(super) fn to_address(word: U256) -> Address {
    Address::from_word(B256::from(word))
}

impl From<U256> for Value {
    fn from(word: U256) -> Self {
        Self::Word(word)
    }
}

impl From<u64> for Value {
    fn from(number: u64) -> Self {
        Self::Word(U256::from(number))
    }
}

impl From<bool> for Value {
    fn from(truth: bool) -> Self {
        Self::Word(U256::from(truth))
    }
}

impl From<B256> for Value {
    fn from(word: B256) -> Self {
        Self::Word(word.into())
    }
}

impl From<Address> for Value {
    fn from(address: Address) -> Self {
        Self::Word(address.into_word().into())
    }
}

impl From<Bytes> for Value {
    fn from(bytes: Bytes) -> Self {
        Self::Bytes(bytes)
    }
}

impl From<&str> for Value {
    fn from(text: &str) -> Self {
        Self::Bytes(Bytes::copy_from_slice(text.as_bytes()))
    }
}

impl From<Vec<Self>> for Value {
    fn from(values: Vec<Self>) -> Self {
        Self::List(values.into())
    }
}

/// What alloy decodes from a log, a call's return or a transaction's input.
impl From<DynSolValue> for Value {
    fn from(value: DynSolValue) -> Self {
        match value {
            DynSolValue::Bool(truth) => truth.into(),
            DynSolValue::Int(number, _) => Self::Word(number.into_raw()),
            DynSolValue::Uint(number, _) => Self::Word(number),
            DynSolValue::FixedBytes(word, _) => word.into(),
            DynSolValue::Address(address) => address.into(),
            DynSolValue::Function(function) => function.into_word().into(),
            DynSolValue::Bytes(bytes) => Self::Bytes(bytes.into()),
            DynSolValue::String(text) => Self::Bytes(text.into_bytes().into()),
            DynSolValue::Array(values) | DynSolValue::FixedArray(values) | DynSolValue::Tuple(values) => {
                values.into_iter().map(Self::from).collect::<Vec<_>>().into()
            }
        }
    }
}
