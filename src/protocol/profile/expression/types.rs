//! Solidity's types, as expressions have them.

use std::{fmt, sync::Arc};

use alloy::{
    dyn_abi::{DynSolType, Error as AbiError},
    json_abi::{EventParam, InternalType, Param},
};

/// Most dimensions of an array, and levels of nested types.
const MAX_DEPTH: usize = 16;
/// Most words of a type whose size is fixed. Decoding sets them aside before it sees the data.
const MAX_WORDS: usize = 1 << 16;

/// The levels of parentheses in the text of a type, and the dimensions of the array in it that has the most.
fn depth_of(text: &str) -> usize {
    let (mut level, mut levels, mut dimension, mut dimensions) = (0_usize, 0, 0_usize, 0);
    for c in text.chars() {
        match c {
            '(' => level += 1,
            ')' => level = level.saturating_sub(1),
            '[' => dimension += 1,
            _ => {}
        }
        if matches!(c, '(' | ')' | ',') {
            dimension = 0;
        }
        (levels, dimensions) = (levels.max(level), dimensions.max(dimension));
    }
    levels.max(dimensions)
}

/// The type of a value.
///
/// `address payable`, contracts and addresses are one type, and a struct is a tuple with names.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Type {
    /// `bool`
    Bool,
    /// `address`
    Address,
    /// `uintN` of so many bits: 8 to 256.
    Uint(u16),
    /// `intN` of so many bits: 8 to 256.
    Int(u16),
    /// `bytesN` of so many bytes: 1 to 32.
    FixedBytes(u8),
    /// `bytes`
    Bytes,
    /// `string`
    String,
    /// `T[]`
    Array(Arc<Self>),
    /// `T[n]`
    FixedArray(Arc<Self>, usize),
    /// A tuple or struct.
    Tuple(Arc<Tuple>),
}

/// The type of a tuple or struct. Two are equal if their members' types are: names do not count.
#[derive(Clone, Debug)]
pub struct Tuple {
    /// The name of the struct, if it is one.
    pub name: Option<String>,
    /// The members in order.
    pub members: Vec<Member>,
}

/// A member of a tuple or struct.
#[derive(Clone, Debug)]
pub struct Member {
    /// Its name; empty if it has none.
    pub name: String,
    /// Its type.
    pub ty: Type,
}

impl PartialEq for Tuple {
    fn eq(&self, other: &Self) -> bool {
        let types = |tuple: &Self| {
            tuple
                .members
                .iter()
                .map(|member| member.ty.clone())
                .collect::<Vec<_>>()
        };
        types(self) == types(other)
    }
}

impl Eq for Tuple {}

impl Type {
    /// `uint256`
    pub const UINT: Self = Self::Uint(256);
    /// `int256`
    pub const INT: Self = Self::Int(256);
    /// `bytes32`
    pub const WORD: Self = Self::FixedBytes(32);

    /// Reads a type as Solidity writes it: `uint256`, `bytes32[]`, `(address,uint256)`.
    ///
    /// # Errors
    /// If the text is no type.
    pub fn parse(text: &str) -> Result<Self, AbiError> {
        if depth_of(text) > MAX_DEPTH {
            return Err(AbiError::custom("the type is nested too deeply"));
        }
        Self::from(DynSolType::parse(text)?).bounded()
    }

    /// The type of a parameter of a function in a contract's ABI, with the names of struct members.
    ///
    /// # Errors
    /// If the ABI names a type that does not exist.
    pub fn of_param(param: &Param) -> Result<Self, AbiError> {
        Self::of_parts(&param.ty, &param.components, param.internal_type.as_ref(), 0)?.bounded()
    }

    /// The type in which an event has an argument: the hash, `bytes32`, of an indexed one that does not fit a word.
    ///
    /// # Errors
    /// If the ABI names a type that does not exist.
    pub fn of_event_param(param: &EventParam) -> Result<Self, AbiError> {
        let ty = Self::of_parts(&param.ty, &param.components, param.internal_type.as_ref(), 0)?.bounded()?;
        Ok(if param.indexed && !ty.is_word() {
            Self::WORD
        } else {
            ty
        })
    }

    /// The tuple of the types of these parameters.
    pub(super) fn of_params(params: &[Param]) -> Result<Self, AbiError> {
        let members = params.iter().map(|param| {
            Ok(Member {
                name: param.name.clone(),
                ty: Self::of_param(param)?,
            })
        });
        Ok(Self::tuple(None, members.collect::<Result<_, AbiError>>()?))
    }

    fn of_parts(
        text: &str,
        components: &[Param],
        internal: Option<&InternalType>,
        depth: usize,
    ) -> Result<Self, AbiError> {
        if depth > MAX_DEPTH {
            return Err(AbiError::custom("the type is nested too deeply"));
        }
        if let Some((element, size)) = text.strip_suffix(']').and_then(|text| text.rsplit_once('[')) {
            let element = Arc::new(Self::of_parts(element, components, internal, depth + 1)?);
            return match size {
                "" => Ok(Self::Array(element)),
                size => {
                    let size = size.parse();
                    let size = size.map_err(|_| AbiError::custom(format!("`{text}` is no type")))?;
                    Ok(Self::FixedArray(element, size))
                }
            };
        }
        if text != "tuple" {
            return Self::parse(text);
        }
        let members = components.iter().map(|param| {
            let internal = param.internal_type.as_ref();
            Ok(Member {
                name: param.name.clone(),
                ty: Self::of_parts(&param.ty, &param.components, internal, depth + 1)?,
            })
        });
        let name = internal.and_then(InternalType::struct_specifier);
        let name = name.map(|name| name.stem.span().to_owned());
        Ok(Self::tuple(name, members.collect::<Result<_, AbiError>>()?))
    }

    /// The type, unless it is too large to be decoded.
    fn bounded(self) -> Result<Self, AbiError> {
        match self.words() <= MAX_WORDS {
            true => Ok(self),
            false => Err(AbiError::custom(format!(
                "the type has more than {MAX_WORDS} words"
            ))),
        }
    }

    /// The words that a value has at least.
    fn words(&self) -> usize {
        match self {
            Self::FixedArray(element, size) => element.words().saturating_mul(*size),
            Self::Tuple(tuple) => {
                let words = tuple.members.iter().map(|member| member.ty.words());
                words.fold(0, usize::saturating_add)
            }
            // The element of an array counts, for arrays of large arrays.
            Self::Array(element) => element.words(),
            _ => 1,
        }
    }

    pub(super) fn tuple(name: Option<String>, members: Vec<Member>) -> Self {
        Self::Tuple(Arc::new(Tuple { name, members }))
    }

    /// Whether a value of this type is one word.
    #[must_use]
    pub fn is_word(&self) -> bool {
        matches!(
            self,
            Self::Bool | Self::Address | Self::Uint(_) | Self::Int(_) | Self::FixedBytes(_)
        )
    }

    /// Whether Solidity converts a value of this type to the other without being asked. The value stays the same.
    pub(super) fn converts_to(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::Uint(from), Self::Uint(to)) | (Self::Int(from), Self::Int(to)) => from <= to,
            (Self::FixedBytes(from), Self::FixedBytes(to)) => from <= to,
            // Solidity copies these from memory to memory only element by element; there is no memory here.
            (Self::FixedArray(from, _), Self::Array(to)) => from == to,
            _ => self == other,
        }
    }

    /// The type as alloy's dynamic ABI has it; `string` as `bytes`, which are the same in the ABI, but need not be UTF-8.
    pub(super) fn to_dynamic(&self) -> DynSolType {
        match self {
            Self::Bool => DynSolType::Bool,
            Self::Address => DynSolType::Address,
            Self::Uint(bits) => DynSolType::Uint(usize::from(*bits)),
            Self::Int(bits) => DynSolType::Int(usize::from(*bits)),
            Self::FixedBytes(size) => DynSolType::FixedBytes(usize::from(*size)),
            Self::Bytes | Self::String => DynSolType::Bytes,
            Self::Array(element) => DynSolType::Array(Box::new(element.to_dynamic())),
            Self::FixedArray(element, size) => DynSolType::FixedArray(Box::new(element.to_dynamic()), *size),
            Self::Tuple(tuple) => DynSolType::Tuple(
                tuple
                    .members
                    .iter()
                    .map(|member| member.ty.to_dynamic())
                    .collect(),
            ),
        }
    }
}

impl From<DynSolType> for Type {
    fn from(ty: DynSolType) -> Self {
        match ty {
            DynSolType::Bool => Self::Bool,
            DynSolType::Address => Self::Address,
            // alloy keeps both within what Solidity has.
            DynSolType::Uint(bits) => Self::Uint(u16::try_from(bits).unwrap_or(256)),
            DynSolType::Int(bits) => Self::Int(u16::try_from(bits).unwrap_or(256)),
            DynSolType::FixedBytes(size) => Self::FixedBytes(u8::try_from(size).unwrap_or(32)),
            // An address and a selector.
            DynSolType::Function => Self::FixedBytes(24),
            DynSolType::Bytes => Self::Bytes,
            DynSolType::String => Self::String,
            DynSolType::Array(element) => Self::Array(Arc::new(Self::from(*element))),
            DynSolType::FixedArray(element, size) => Self::FixedArray(Arc::new(Self::from(*element)), size),
            DynSolType::Tuple(types) => {
                let members = types.into_iter().map(|ty| Member {
                    name: String::new(),
                    ty: Self::from(ty),
                });
                Self::tuple(None, members.collect())
            }
        }
    }
}

/// As Solidity writes it; a struct by its name, a tuple as `(bytes32, uint256)`.
impl fmt::Display for Type {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Bool => f.write_str("bool"),
            Self::Address => f.write_str("address"),
            Self::Uint(bits) => write!(f, "uint{bits}"),
            Self::Int(bits) => write!(f, "int{bits}"),
            Self::FixedBytes(size) => write!(f, "bytes{size}"),
            Self::Bytes => f.write_str("bytes"),
            Self::String => f.write_str("string"),
            Self::Array(element) => write!(f, "{element}[]"),
            Self::FixedArray(element, size) => write!(f, "{element}[{size}]"),
            Self::Tuple(tuple) => tuple.fmt(f),
        }
    }
}

impl fmt::Display for Tuple {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(name) = &self.name {
            return f.write_str(name);
        }
        f.write_str("(")?;
        for (place, member) in self.members.iter().enumerate() {
            let comma = if place == 0 { "" } else { ", " };
            write!(f, "{comma}{}", member.ty)?;
        }
        f.write_str(")")
    }
}
