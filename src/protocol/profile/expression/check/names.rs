//! Names, members, indices and slices.

use std::sync::Arc;

use alloy::primitives::U256;
use num_traits::ToPrimitive;

use super::{
    super::{
        code::{Code, Integer, Named, ReadCode, ReadKind},
        error::{ExpressionError, Span},
        scope::{Scope, Source, Variable},
        syntax::{Name, Node, NodeKind},
        types::Type,
        value::Value,
    },
    Checked, Checker, Kind, Result, builtins,
};
use crate::suggest;

/// The members of `block`.
const BLOCK: [&str; 3] = ["timestamp", "number", "chainid"];

/// "did you mean `x`?", or the list of what there is.
pub(super) fn choice(word: &str, candidates: &[&str], kind: &str) -> String {
    match suggest::nearest(word, candidates) {
        Some(near) => format!("did you mean `{near}`?"),
        None if candidates.is_empty() => format!("there are no {kind} here"),
        None => format!("the {kind} here are {}", suggest::list(candidates)),
    }
}

/// What to do where a source has no names at all.
const fn nothing_in(source: Source) -> &'static str {
    match source {
        Source::Task => "nothing is known of a task here",
        Source::Mine => "nothing is remembered of a task here; `let` does so in rules about a task",
        Source::Actor => "no actor remembers anything here; `remember` does so in set-up",
        Source::Shared => "nothing is shared here; `share` does so in set-up",
        Source::Accounts => "there are no roles here",
        Source::Event => "there are no arguments of an event here",
        Source::Key | Source::Parameter | Source::Result => "there are no names here",
    }
}

impl Checker<'_> {
    pub(super) fn check_name(&mut self, span: &Span, name: &str) -> Result<Checked> {
        if let Some((variable, ty)) = self.scope.find(name) {
            return self.variable(span, variable, ty);
        }
        if let Some(id) = self.scope.find_contract(name) {
            let kind = match self.scope.is_created(id) {
                true => Kind::Created(id),
                false => Kind::Contract(id, Code::Contract(id, name.into(), span.clone())),
            };
            return Ok(Checked {
                span: span.clone(),
                kind,
            });
        }
        if name == "sender" && self.scope.has_sender {
            return Ok(Checked::typed(span, Type::Address, Code::Sender));
        }
        Err(self.unknown_name(span, name))
    }

    fn unknown_name(&self, span: &Span, name: &str) -> ExpressionError {
        let source = Scope::source(name);
        if let Some(usage) = builtins::usage(name) {
            return ExpressionError::new(
                span,
                format!("`{name}` is a function"),
                format!("call it: `{usage}`"),
            );
        }
        if let Some(source) = source {
            let names = self.scope.names_in(source);
            let remedy = match names.as_slice() {
                [] => "it has no members here".to_owned(),
                names => format!("name one of its members: {}", suggest::list(names)),
            };
            return ExpressionError::new(span, format!("`{name}` alone is no value"), remedy);
        }
        match name {
            "block" => {
                let remedy = format!("name one of its members: {}", suggest::list(&BLOCK));
                ExpressionError::new(span, "`block` alone is no value", remedy)
            }
            "abi" => ExpressionError::new(
                span,
                "`abi` alone is no value",
                "call one of its functions: `abi.encode(…)`",
            ),
            "msg" => ExpressionError::new(
                span,
                "there is no message here",
                "write `sender` for the account that calls",
            ),
            "result" => ExpressionError::new(
                span,
                "there is no result here",
                "it is what the call returned, in `opens` and `set` of a rule whose function returns something",
            ),
            "sender" => ExpressionError::new(
                span,
                "there is no sender here",
                "`sender` is known in calls and values of an actor only",
            ),
            _ => {
                let mut known: Vec<&str> = self.scope.names().collect();
                let fields: Vec<String> = [Source::Task, Source::Mine, Source::Event]
                    .into_iter()
                    .filter(|source| self.scope.find_in(*source, name).is_some())
                    .map(|source| format!("`{}.{name}`", source.prefix().unwrap_or_default()))
                    .collect();
                if let Some(field) = fields.first() {
                    let message = format!("the name `{name}` is not known");
                    return ExpressionError::new(span, message, format!("did you mean {field}?"));
                }
                if let Some(full) = self.scope.enum_with(name) {
                    let message =
                        format!("`{name}` is no value: an ABI does not name the values of the enum `{full}`");
                    let remedy = "write the value's number, counted from 0: `1`";
                    return ExpressionError::new(span, message, remedy);
                }
                if self.scope.has_sender {
                    known.push("sender");
                }
                let remedy = match suggest::nearest(name, &known).or_else(|| builtins::nearest(name)) {
                    Some(near) => format!("did you mean `{near}`?"),
                    None => choice(name, &known, "names"),
                };
                let name = suggest::shortened(name);
                ExpressionError::new(span, format!("the name `{name}` is not known"), remedy)
            }
        }
    }

    fn variable(&mut self, span: &Span, variable: Variable, ty: &Type) -> Result<Checked> {
        let name = self.scope.name_of(variable);
        if self.scope.has_tasks && variable.source.is_of_task() && !self.in_tasks {
            return Err(ExpressionError::new(
                span,
                format!("`{name}` differs from task to task"),
                format!("go over all tasks: `sum({name})`, `count({name} == …)` or `list({name})`"),
            ));
        }
        if !self.needs.variables.contains(&variable) {
            self.needs.variables.push(variable);
        }
        let named = Named {
            variable,
            ty: ty.clone(),
            name,
            span: span.clone(),
        };
        Ok(Checked::typed(span, ty.clone(), Code::Variable(Arc::new(named))))
    }

    pub(super) fn check_member(&mut self, span: &Span, base: &Node, name: &Name) -> Result<Checked> {
        if let NodeKind::Name(word) = &base.kind {
            if let Some(source) = Scope::source(word) {
                return self.check_member_of_source(span, source, name);
            }
            if word == "block" {
                return block_member(span, name);
            }
            if word == "abi" {
                return Err(builtins::abi_member(name));
            }
        }
        if let NodeKind::TypeInfo(ty) = &base.kind {
            return limit(span, ty, name);
        }
        if let NodeKind::Member(contract, function) = &base.kind
            && name.text == "selector"
            && let Kind::Contract(id, _) | Kind::Created(id) = self.check(contract)?.kind
        {
            return self.selector(span, id, function);
        }
        let base = self.check(base)?;
        if let Kind::Contract(id, _) | Kind::Created(id) = &base.kind {
            return Err(self.function_not_called(*id, name));
        }
        let (ty, code) = base.settle()?;
        match (&ty, name.text.as_str()) {
            (Type::Tuple(tuple), member) => {
                let names: Vec<_> = tuple.members.iter().map(|member| member.name.as_str()).collect();
                let place = names
                    .iter()
                    .position(|known| *known == member && !member.is_empty());
                let Some(place) = place else {
                    let named: Vec<_> = names.into_iter().filter(|name| !name.is_empty()).collect();
                    let message = format!("`{ty}` has no member `{}`", suggest::shortened(member));
                    let remedy = match named.is_empty() {
                        true => "name a member by its place: `…[0]`".to_owned(),
                        false => choice(member, &named, "members"),
                    };
                    return Err(ExpressionError::new(&name.span, message, remedy));
                };
                let member = tuple.members[place].ty.clone();
                Ok(Checked::typed(span, member, Code::Member(Box::new(code), place)))
            }
            (Type::Array(_) | Type::Bytes, "length") => {
                Ok(Checked::typed(span, Type::UINT, Code::Length(Box::new(code))))
            }
            (Type::FixedArray(_, size), "length") => {
                Ok(Checked::constant(span, Type::UINT, U256::from(*size)))
            }
            (Type::FixedBytes(size), "length") => {
                Ok(Checked::constant(span, Type::Uint(8), U256::from(*size)))
            }
            (Type::Address, "balance") => self.balance(span, code),
            _ => {
                let remedy = match (&ty, name.text.as_str()) {
                    (Type::String, "length") => "write `bytes(…).length`",
                    (Type::Address, _) => "an address has `balance`; a contract's name has its functions",
                    (Type::Array(_) | Type::FixedArray(..) | Type::Bytes, _) => "it has `length`",
                    _ => "only structs, arrays, bytes and addresses have members",
                };
                let message = format!("`{ty}` has no member `{}`", suggest::shortened(&name.text));
                Err(ExpressionError::new(&name.span, message, remedy))
            }
        }
    }

    fn check_member_of_source(&mut self, span: &Span, source: Source, name: &Name) -> Result<Checked> {
        if let Some((variable, ty)) = self.scope.find_in(source, &name.text)
            && !name.text.is_empty()
        {
            return self.variable(span, variable, ty);
        }
        let word = suggest::shortened(&name.text);
        let names = self.scope.names_in(source);
        let (message, kind) = match (source, &self.scope.event_name) {
            (Source::Event, Some(event)) => {
                (format!("event `{event}` has no argument `{word}`"), "arguments")
            }
            (Source::Event, None) => ("there is no event here".to_owned(), "arguments of an event"),
            _ => (
                format!("`{}` has no `{word}`", source.prefix().unwrap_or_default()),
                "members",
            ),
        };
        let remedy = match names.is_empty() {
            true => nothing_in(source).to_owned(),
            false => choice(&name.text, &names, kind),
        };
        Err(ExpressionError::new(&name.span, message, remedy))
    }

    pub(super) fn balance(&mut self, span: &Span, account: Code) -> Result<Checked> {
        let read = ReadCode {
            target: account,
            kind: ReadKind::Balance,
            span: span.clone(),
        };
        let code = self.read(read, 0)?;
        Ok(Checked::typed(span, Type::UINT, code))
    }

    pub(super) fn check_index(&mut self, span: &Span, base: &Node, index: &Node) -> Result<Checked> {
        let (ty, base) = self.check(base)?.settle()?;
        let index = self.check(index)?;
        let literal = match &index.kind {
            Kind::Number { value, .. } if value.is_integer() => value.to_integer().to_usize(),
            _ => None,
        };
        let length = match &ty {
            Type::FixedArray(_, size) => Some(*size),
            Type::FixedBytes(size) => Some(usize::from(*size)),
            Type::Tuple(tuple) => Some(tuple.members.len()),
            _ => None,
        };
        if let (Some(literal), Some(length)) = (literal, length)
            && literal >= length
        {
            let message = format!("index {literal} is out of range");
            let remedy = format!("`{ty}` has {length} elements, counted from 0");
            return Err(ExpressionError::new(&index.span, message, remedy));
        }
        if let (Type::Tuple(tuple), Some(place)) = (&ty, literal) {
            let member = tuple.members[place].ty.clone();
            return Ok(Checked::typed(span, member, Code::Member(Box::new(base), place)));
        }
        let (element, is_word) = match &ty {
            Type::Array(element) | Type::FixedArray(element, _) => ((**element).clone(), None),
            Type::Bytes => (Type::FixedBytes(1), None),
            Type::FixedBytes(size) => (Type::FixedBytes(1), Some(*size)),
            _ => {
                let remedy = match ty {
                    Type::Tuple(_) => "write its place as a number: `…[0]`",
                    Type::String => "convert it first: `bytes(…)`",
                    _ => "arrays, `bytes` and `bytesN` have elements",
                };
                return Err(ExpressionError::new(
                    span,
                    format!("`{ty}` has no elements"),
                    remedy,
                ));
            }
        };
        let pair = Box::new([base, index.convert(&Type::UINT, "an index")?]);
        let code = match (&ty, is_word) {
            (_, Some(size)) => Code::ByteOfWord(pair, size, span.clone()),
            (Type::Bytes, None) => Code::Byte(pair, span.clone()),
            _ => Code::Element(pair, span.clone()),
        };
        Ok(Checked::typed(span, element, code))
    }

    pub(super) fn check_slice(
        &mut self,
        span: &Span,
        base: &Node,
        start: Option<&Node>,
        end: Option<&Node>,
    ) -> Result<Checked> {
        let (ty, base) = self.check(base)?.settle()?;
        let ty = match ty {
            Type::FixedArray(element, _) => Type::Array(element),
            Type::Array(_) | Type::Bytes => ty,
            _ => {
                let message = format!("`{ty}` has no slices");
                return Err(ExpressionError::new(
                    span,
                    message,
                    "arrays and `bytes` have slices",
                ));
            }
        };
        let mut bound = |node: Option<&Node>| {
            let code = node.map(|node| self.check(node)?.convert(&Type::UINT, "an index"));
            code.transpose().map(|code| code.map(Box::new))
        };
        let (start, end) = (bound(start)?, bound(end)?);
        Ok(Checked::typed(
            span,
            ty,
            Code::Slice(Box::new(base), start, end, span.clone()),
        ))
    }
}

fn block_member(span: &Span, name: &Name) -> Result<Checked> {
    let code = match name.text.as_str() {
        "timestamp" => Code::Timestamp,
        "number" => Code::BlockNumber,
        "chainid" => Code::ChainId,
        other => {
            let message = format!("`block` has no `{}` here", suggest::shortened(other));
            return Err(ExpressionError::new(
                &name.span,
                message,
                choice(other, &BLOCK, "members"),
            ));
        }
    };
    Ok(Checked::typed(span, Type::UINT, code))
}

/// `type(uint256).max`
fn limit(span: &Span, ty: &Type, name: &Name) -> Result<Checked> {
    let value = Integer::of(ty).and_then(|Integer { bits, signed }| {
        let unused = 256 - usize::from(bits);
        match (name.text.as_str(), signed) {
            ("max", false) => Some(U256::MAX >> unused),
            ("min", false) => Some(U256::ZERO),
            ("max", true) => Some(U256::MAX >> (unused + 1)),
            ("min", true) => Some(!(U256::MAX >> (unused + 1))),
            _ => None,
        }
    });
    match value {
        Some(value) => Ok(Checked::typed(
            span,
            ty.clone(),
            Code::Constant(Value::Word(value)),
        )),
        None => Err(ExpressionError::new(
            span,
            format!("`type({ty})` has no `{}`", suggest::shortened(&name.text)),
            "integer types have `max` and `min`",
        )),
    }
}
