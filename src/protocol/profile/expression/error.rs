//! Errors of expressions: what is wrong, at which bytes, and what would be right.

use std::ops::Range;

use alloy::primitives::Address;
use thiserror::Error;

/// The bytes of an expression that something is said of.
pub type Span = Range<usize>;

/// An expression that was refused when it was read.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[error("{message}; {remedy}")]
pub struct ExpressionError {
    /// The bytes of the expression that are wrong.
    pub span: Span,
    /// What is wrong, without a full stop.
    pub message: String,
    /// What would be right, or what there is to choose from.
    pub remedy: String,
}

impl ExpressionError {
    pub(super) fn new(span: &Span, message: impl Into<String>, remedy: impl Into<String>) -> Self {
        Self {
            span: span.clone(),
            message: message.into(),
            remedy: remedy.into(),
        }
    }
}

/// A failed evaluation of an expression that was read without error.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[error("{kind}")]
pub struct EvaluationError {
    /// The bytes of the expression that failed.
    pub span: Span,
    /// The reason.
    pub kind: EvaluationErrorKind,
}

impl EvaluationError {
    pub(super) fn new(span: &Span, kind: EvaluationErrorKind) -> Self {
        Self {
            span: span.clone(),
            kind,
        }
    }
}

/// The reason why an evaluation failed.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum EvaluationErrorKind {
    /// The result does not fit its type.
    #[error("`{operation}` leaves the range of {of}")]
    Overflow {
        /// The operator or function.
        operation: &'static str,
        /// The type of the result.
        of: String,
    },
    /// A division or remainder by zero.
    #[error("division by zero")]
    DivisionByZero,
    /// An index beyond the end.
    #[error("index {index} is out of range: the length is {length}")]
    Index {
        /// The index.
        index: String,
        /// The length.
        length: usize,
    },
    /// A slice beyond the end, or one that ends before it begins.
    #[error("a slice from {start} to {end} is out of range: the length is {length}")]
    Slice {
        /// The first index.
        start: String,
        /// The index behind the last.
        end: String,
        /// The length.
        length: usize,
    },
    /// A variable without a value yet.
    #[error("`{0}` has no value yet")]
    Unset(String),
    /// A value of the environment has another shape than its declared type.
    #[error("the value of `{0}` is not of its declared type")]
    Shape(String),
    /// A contract without an address.
    #[error("contract `{0}` has no address yet")]
    NotDeployed(String),
    /// A read that was not made.
    #[error("the result of this read is missing")]
    Unread,
    /// A read that failed.
    #[error("the read failed: {0}")]
    Read(String),
    /// The answer to a read is not of the function's return type.
    #[error("the answer to the read is not of type {0}")]
    Answer(String),
    /// Data that `abi.decode` cannot decode.
    #[error("the data is not of type {0}")]
    Data(String),
    /// A range of random numbers whose end lies before its beginning.
    #[error("random number from {lowest} to {highest}: the range is empty")]
    EmptyRange {
        /// The first value asked for.
        lowest: String,
        /// The last value asked for.
        highest: String,
    },
    /// A random text beyond the limit.
    #[error("text of {length} characters is too long: at most {limit}")]
    Text {
        /// The length asked for.
        length: String,
        /// The longest text.
        limit: usize,
    },
    /// A signature of an account whose key is not known.
    #[error("no key of {0} is known to sign with")]
    NoKey(Address),
}
