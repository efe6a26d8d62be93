//! The code of an expression: a tree whose types are settled, so that evaluation only computes.

use std::sync::Arc;

use super::{
    error::Span,
    scope::{ContractId, Variable},
    syntax::Binary,
    types::Type,
    value::Value,
};

/// An integer type.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Integer {
    pub(super) bits: u16,
    pub(super) signed: bool,
}

impl Integer {
    pub(super) const fn of(ty: &Type) -> Option<Self> {
        match ty {
            Type::Uint(bits) => Some(Self {
                bits: *bits,
                signed: false,
            }),
            Type::Int(bits) => Some(Self {
                bits: *bits,
                signed: true,
            }),
            _ => None,
        }
    }
}

/// How the value of a conversion comes from the value before.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Conversion {
    /// Keeps the low bits, and extends them.
    Wrap(Integer),
    /// Keeps so many bytes on the left.
    TruncateBytes(u8),
    /// Moves so many bytes from the right to the left.
    ToLeft(u8),
    /// Moves so many bytes from the left to the right.
    ToRight(u8),
    /// Takes the first bytes of `bytes`, filled with zeros.
    FirstBytes(u8),
}

/// A node of the code.
#[derive(Clone, Debug)]
pub(super) enum Code {
    Constant(Value),
    Variable(Arc<Named>),
    Sender,
    ChainId,
    Timestamp,
    BlockNumber,
    Contract(ContractId, Arc<str>, Span),
    /// The answer to a read of the program.
    Read(usize, Span),
    Negate(Box<Self>, Integer, Span),
    /// `!`
    Not(Box<Self>),
    /// `~` of a value of so many bits, on the left or sign-extended on the right.
    Invert(Box<Self>, Type),
    /// An operator on integers.
    Arithmetic(Box<[Self; 2]>, Binary, Integer, Span),
    /// A shift of `bytesN`.
    ShiftBytes(Box<[Self; 2]>, Binary, u8),
    /// `&`, `|` and `^` of words.
    Bitwise(Box<[Self; 2]>, Binary),
    /// A comparison of words, with a sign or without.
    Compare(Box<[Self; 2]>, Binary, bool),
    And(Box<[Self; 2]>),
    Or(Box<[Self; 2]>),
    Ternary(Box<[Self; 3]>),
    Convert(Box<Self>, Conversion),
    /// A member of a tuple.
    Member(Box<Self>, usize),
    /// An element of an array.
    Element(Box<[Self; 2]>, Span),
    /// A byte of `bytes`.
    Byte(Box<[Self; 2]>, Span),
    /// A byte of `bytesN`.
    ByteOfWord(Box<[Self; 2]>, u8, Span),
    Slice(Box<Self>, Option<Box<Self>>, Option<Box<Self>>, Span),
    Length(Box<Self>),
    List(Vec<Self>),
    /// `abi.encode` of a tuple of this type, after a selector if there is one.
    Encode {
        selector: Option<Box<Self>>,
        types: Type,
        values: Vec<Self>,
    },
    EncodePacked(Vec<(Type, Self)>),
    /// `abi.decode` as a tuple of this type.
    Decode(Box<Self>, Type, Span),
    Concat(Vec<Self>),
    Keccak256(Box<Self>),
    Sha256(Box<Self>),
    /// The digest of a personal message (EIP-191) of bytes.
    PersonalDigest(Box<Self>),
    /// The digest of typed data (EIP-712) from a domain separator and the hash of a struct.
    TypedDigest(Box<[Self; 2]>),
    /// A signature of a digest, by the sender or another.
    Sign(Box<Self>, Option<Box<Self>>, Span),
    Largest(Vec<Self>, bool),
    Smallest(Vec<Self>, bool),
    Unique,
    /// A random value of a type that is one word.
    Random(Type),
    RandomRange(Box<[Self; 2]>, Integer, Span),
    RandomText(Box<Self>, Span),
    /// The sum over all tasks.
    Sum(Box<Self>, Integer, Span),
    /// How many tasks there are, or of how many a condition holds.
    Count(Option<Box<Self>>),
    /// The values over all tasks.
    Collect(Box<Self>),
}

/// A variable with what is said if it has no value.
#[derive(Debug)]
pub(super) struct Named {
    pub(super) variable: Variable,
    pub(super) ty: Type,
    pub(super) name: String,
    pub(super) span: Span,
}

/// A read that an expression needs, as code.
#[derive(Clone, Debug)]
pub(super) struct ReadCode {
    /// The contract, or the account whose balance is read.
    pub(super) target: Code,
    pub(super) kind: ReadKind,
    pub(super) span: Span,
}

#[derive(Clone, Debug)]
pub(super) enum ReadKind {
    Balance,
    View {
        /// `Code::Encode`
        calldata: Code,
        /// The tuple of what the function returns.
        outputs: Type,
    },
}
