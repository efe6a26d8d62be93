//! The syntax tree of an expression: Solidity's, without what has no place in a profile.

use alloy::primitives::Address;
use num_rational::BigRational;

use super::{error::Span, types::Type};

/// A node of the tree.
#[derive(Debug)]
pub(super) struct Node {
    pub(super) span: Span,
    pub(super) kind: NodeKind,
}

/// A name at a place.
#[derive(Debug)]
pub(super) struct Name {
    pub(super) span: Span,
    pub(super) text: String,
}

#[derive(Debug)]
pub(super) enum NodeKind {
    /// A number, its unit multiplied in. One in hexadecimal has so many digits.
    Number {
        value: BigRational,
        hex_digits: Option<usize>,
    },
    Address(Address),
    Bool(bool),
    /// A string literal, or one of hexadecimal bytes.
    Text(Vec<u8>),
    Name(String),
    /// `uint256`, as the function of a conversion or an argument.
    Type(Type),
    /// `type(uint256)`
    TypeInfo(Type),
    Member(Box<Node>, Name),
    Call(Box<Node>, Vec<Node>),
    /// `f({question: 1, answer: 2})`
    CallByName(Box<Node>, Vec<(Name, Node)>),
    Index(Box<Node>, Box<Node>),
    Slice(Box<Node>, Option<Box<Node>>, Option<Box<Node>>),
    Unary(Unary, Box<Node>),
    Binary(Box<Node>, Binary, Box<Node>),
    Ternary(Box<Node>, Box<Node>, Box<Node>),
    Tuple(Vec<Node>),
    Array(Vec<Node>),
}

/// An operator of one operand.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Unary {
    Negate,
    Not,
    Invert,
}

impl Unary {
    pub(super) const fn sign(self) -> &'static str {
        match self {
            Self::Negate => "-",
            Self::Not => "!",
            Self::Invert => "~",
        }
    }
}

/// An operator of two operands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Binary {
    Add,
    Subtract,
    Multiply,
    Divide,
    Remainder,
    Power,
    ShiftLeft,
    ShiftRight,
    BitAnd,
    BitOr,
    BitXor,
    Less,
    LessOrEqual,
    Greater,
    GreaterOrEqual,
    Equal,
    NotEqual,
    And,
    Or,
}

impl Binary {
    pub(super) const fn sign(self) -> &'static str {
        match self {
            Self::Add => "+",
            Self::Subtract => "-",
            Self::Multiply => "*",
            Self::Divide => "/",
            Self::Remainder => "%",
            Self::Power => "**",
            Self::ShiftLeft => "<<",
            Self::ShiftRight => ">>",
            Self::BitAnd => "&",
            Self::BitOr => "|",
            Self::BitXor => "^",
            Self::Less => "<",
            Self::LessOrEqual => "<=",
            Self::Greater => ">",
            Self::GreaterOrEqual => ">=",
            Self::Equal => "==",
            Self::NotEqual => "!=",
            Self::And => "&&",
            Self::Or => "||",
        }
    }

    pub(super) const fn is_equality(self) -> bool {
        matches!(self, Self::Equal | Self::NotEqual)
    }

    pub(super) const fn is_comparison(self) -> bool {
        self.is_equality()
            || matches!(
                self,
                Self::Less | Self::LessOrEqual | Self::Greater | Self::GreaterOrEqual
            )
    }

    pub(super) const fn is_bitwise(self) -> bool {
        matches!(self, Self::BitAnd | Self::BitOr | Self::BitXor)
    }

    pub(super) const fn is_shift(self) -> bool {
        matches!(self, Self::ShiftLeft | Self::ShiftRight)
    }

    pub(super) const fn is_arithmetic(self) -> bool {
        matches!(
            self,
            Self::Add | Self::Subtract | Self::Multiply | Self::Divide | Self::Remainder | Self::Power
        )
    }
}
