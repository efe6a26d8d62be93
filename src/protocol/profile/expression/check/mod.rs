//! Checks the types of a syntax tree against a scope, and compiles it to code.

mod abi;
mod builtins;
mod contracts;
mod conversions;
mod literals;
mod names;
mod operators;

use num_rational::BigRational;

pub(super) use self::{builtins::is_builtin, contracts::TRANSFER};
use super::{
    code::Code,
    error::{ExpressionError, Span},
    reads::Needs,
    scope::{ContractId, Scope},
    syntax::{Node, NodeKind},
    types::{Member, Type},
    value::Value,
};

type Result<T> = std::result::Result<T, ExpressionError>;

/// Checks nodes against a scope, and collects what they need.
pub(super) struct Checker<'a> {
    scope: &'a Scope,
    pub(super) needs: Needs,
    /// Whether the code is evaluated for each task.
    in_tasks: bool,
}

/// A checked node: its code, and what it is to conversions.
#[derive(Clone, Debug)]
pub(super) struct Checked {
    pub(super) span: Span,
    pub(super) kind: Kind,
}

#[derive(Clone, Debug)]
pub(super) enum Kind {
    /// A value of a type.
    Typed(Type, Code),
    /// A number literal, exact; its digits if they are hexadecimal.
    Number {
        value: BigRational,
        hex_digits: Option<usize>,
    },
    /// A string literal.
    Text(Vec<u8>),
    /// A contract at an address.
    Contract(ContractId, Code),
    /// Contracts that are created in the run, without the address of one.
    Created(ContractId),
    Array(Vec<Checked>),
    Tuple(Vec<Checked>),
    /// A value of each task.
    List(Box<Checked>),
}

impl Checked {
    fn typed(span: &Span, ty: Type, code: Code) -> Self {
        Self {
            span: span.clone(),
            kind: Kind::Typed(ty, code),
        }
    }

    fn constant(span: &Span, ty: Type, value: impl Into<Value>) -> Self {
        Self::typed(span, ty, Code::Constant(value.into()))
    }

    fn number(span: &Span, value: BigRational) -> Self {
        Self {
            span: span.clone(),
            kind: Kind::Number {
                value,
                hex_digits: None,
            },
        }
    }

    /// What it is, for a message: "`uint8`", "a string literal".
    fn description(&self) -> String {
        match &self.kind {
            Kind::Typed(ty, _) => format!("`{ty}`"),
            Kind::Number { value, .. } => match value.is_integer() {
                true => format!("the number {}", literals::shown(value)),
                false => format!("the fraction {}", literals::shown(value)),
            },
            Kind::Text(_) => "a string literal".to_owned(),
            Kind::Contract(..) => "a contract".to_owned(),
            Kind::Created(_) => "one of the contracts that are created in the run".to_owned(),
            Kind::Array(_) => "an array literal".to_owned(),
            Kind::Tuple(members) => format!("a tuple of {} values", members.len()),
            Kind::List(_) => match self.own_type() {
                Ok(ty) => format!("`{ty}`"),
                Err(_) => "a list".to_owned(),
            },
        }
    }
}

impl<'a> Checker<'a> {
    pub(super) fn new(scope: &'a Scope) -> Self {
        Self {
            scope,
            needs: Needs::default(),
            in_tasks: false,
        }
    }

    /// Checks a node on its own.
    pub(super) fn check(&mut self, node: &Node) -> Result<Checked> {
        let span = &node.span;
        let kind = match &node.kind {
            NodeKind::Number { value, hex_digits } => Kind::Number {
                value: value.clone(),
                hex_digits: *hex_digits,
            },
            NodeKind::Text(bytes) => Kind::Text(bytes.clone()),
            NodeKind::Address(address) => return Ok(Checked::constant(span, Type::Address, *address)),
            NodeKind::Bool(truth) => return Ok(Checked::constant(span, Type::Bool, *truth)),
            NodeKind::Name(name) => return self.check_name(span, name),
            NodeKind::Member(base, name) => return self.check_member(span, base, name),
            NodeKind::Call(callee, args) => return self.check_call(span, callee, args),
            NodeKind::CallByName(callee, args) => return self.check_call_by_name(span, callee, args),
            NodeKind::Index(base, index) => return self.check_index(span, base, index),
            NodeKind::Slice(base, start, end) => {
                return self.check_slice(span, base, start.as_deref(), end.as_deref());
            }
            NodeKind::Unary(operator, operand) => return self.check_unary(span, *operator, operand),
            NodeKind::Binary(left, operator, right) => {
                return self.check_binary(span, left, *operator, right);
            }
            NodeKind::Ternary(condition, then, otherwise) => {
                return self.check_ternary(span, condition, then, otherwise);
            }
            NodeKind::Array(elements) => Kind::Array(self.check_all(elements)?),
            NodeKind::Tuple(members) => Kind::Tuple(self.check_all(members)?),
            NodeKind::Type(ty) | NodeKind::TypeInfo(ty) => {
                return Err(ExpressionError::new(
                    span,
                    format!("`{ty}` is a type, not a value"),
                    format!("convert a value to it: `{ty}(…)`, or name its limit: `type({ty}).max`"),
                ));
            }
        };
        Ok(Checked {
            span: span.clone(),
            kind,
        })
    }

    fn check_all(&mut self, nodes: &[Node]) -> Result<Vec<Checked>> {
        nodes.iter().map(|node| self.check(node)).collect()
    }

    /// Checks a node that has a given type, or is converted to it.
    pub(super) fn check_as(&mut self, node: &Node, ty: &Type) -> Result<Code> {
        self.check(node)?.convert(ty, "this")
    }

    fn check_ternary(
        &mut self,
        span: &Span,
        condition: &Node,
        then: &Node,
        otherwise: &Node,
    ) -> Result<Checked> {
        let condition = self.check(condition)?.convert(&Type::Bool, "the condition")?;
        let branches = [self.check(then)?, self.check(otherwise)?];
        let ty = conversions::common_type(span, &branches)?;
        let [then, otherwise] = branches.map(|branch| branch.convert(&ty, "this branch"));
        Ok(Checked::typed(
            span,
            ty,
            Code::Ternary(Box::new([condition, then?, otherwise?])),
        ))
    }
}

/// A tuple type of members without names.
fn tuple_of(types: impl IntoIterator<Item = Type>) -> Type {
    let members = types.into_iter().map(|ty| Member {
        name: String::new(),
        ty,
    });
    Type::tuple(None, members.collect())
}
