//! The functions that expressions have without a contract, and conversions written as calls.

use super::{
    super::{
        code::{Code, Integer},
        error::{ExpressionError, Span},
        syntax::{Name, Node, NodeKind},
        types::Type,
    },
    Checked, Checker, Kind, Result,
    contracts::{Arguments, wrong_count},
    conversions::common_type,
    names::choice,
};
use crate::suggest;

/// The functions with how they are called, to stand between backticks.
const FUNCTIONS: [(&str, &str); 14] = [
    ("keccak256", "keccak256(bytes)"),
    ("sha256", "sha256(bytes)"),
    ("toEthSignedMessageHash", "toEthSignedMessageHash(hash)"),
    ("toTypedDataHash", "toTypedDataHash(domainSeparator, structHash)"),
    ("sign", "sign(digest)` or `sign(digest, account)"),
    ("max", "max(a, b, …)"),
    ("min", "min(a, b, …)"),
    ("unique", "unique()"),
    ("random", "random(type)` or `random(lowest, highest)"),
    ("text", "text(length)"),
    ("balance", "balance(account)"),
    ("sum", "sum(task.field)"),
    ("count", "count()` or `count(condition)"),
    ("list", "list(task.field)"),
];

/// Words that stand alone and are no functions.
const WORDS: [&str; 4] = ["sender", "block", "abi", "msg"];

/// Functions of `abi`.
const ABI: [&str; 6] = [
    "decode",
    "encode",
    "encodePacked",
    "encodeWithSelector",
    "encodeWithSignature",
    "encodeCall",
];

/// Whether a name means something in every expression.
pub(in super::super) fn is_builtin(name: &str) -> bool {
    WORDS.contains(&name) || usage(name).is_some()
}

/// How a function is called.
pub(super) fn usage(name: &str) -> Option<&'static str> {
    FUNCTIONS
        .iter()
        .find(|(known, _)| *known == name)
        .map(|(_, usage)| *usage)
}

/// The function that was meant.
pub(super) fn nearest(name: &str) -> Option<&'static str> {
    let names: Vec<&'static str> = FUNCTIONS.iter().map(|(name, _)| *name).collect();
    suggest::nearest(name, &names)
}

/// A member of `abi` that is not called, or not known.
pub(super) fn abi_member(name: &Name) -> ExpressionError {
    match ABI.contains(&name.text.as_str()) {
        true => {
            let message = format!("`abi.{}` is a function", name.text);
            ExpressionError::new(&name.span, message, format!("call it: `abi.{}(…)`", name.text))
        }
        false => {
            let message = format!("`abi` has no function `{}`", suggest::shortened(&name.text));
            ExpressionError::new(&name.span, message, choice(&name.text, &ABI, "functions"))
        }
    }
}

impl Checker<'_> {
    pub(super) fn check_call(&mut self, span: &Span, callee: &Node, args: &[Node]) -> Result<Checked> {
        match &callee.kind {
            NodeKind::Name(name) => {
                if let Some(id) = self.scope.find_contract(name) {
                    // `oracle(account)`: the same functions at another address.
                    let account = self.one(callee, name, "1 argument (address)", args)?;
                    let code = account.convert(&Type::Address, "the address of the contract")?;
                    return Ok(Checked {
                        span: span.clone(),
                        kind: Kind::Contract(id, code),
                    });
                }
                self.builtin(span, callee, name, args)
            }
            NodeKind::Type(ty) => {
                let value = self.one(callee, &ty.to_string(), "1 argument", args)?;
                let code = value.convert_explicitly(ty)?;
                Ok(Checked::typed(span, ty.clone(), code))
            }
            NodeKind::Member(base, name) => match &base.kind {
                NodeKind::Name(word) if word == "abi" => self.check_abi(span, name, args),
                NodeKind::Type(ty @ (Type::Bytes | Type::String)) if name.text == "concat" => {
                    self.concat(span, ty, args)
                }
                _ => self.check_method(span, base, name, Arguments::InOrder(args)),
            },
            _ => Err(not_callable(&callee.span)),
        }
    }

    pub(super) fn check_call_by_name(
        &mut self,
        span: &Span,
        callee: &Node,
        args: &[(Name, Node)],
    ) -> Result<Checked> {
        match &callee.kind {
            NodeKind::Member(base, name) => self.check_method(span, base, name, Arguments::ByName(args)),
            _ => Err(ExpressionError::new(
                &callee.span,
                "only functions of contracts take arguments by name",
                "write the arguments in order",
            )),
        }
    }

    fn check_method(
        &mut self,
        span: &Span,
        base: &Node,
        name: &Name,
        args: Arguments<'_>,
    ) -> Result<Checked> {
        if let NodeKind::Type(ty) = &base.kind {
            let message = format!("`{ty}` has no function `{}`", suggest::shortened(&name.text));
            return Err(ExpressionError::new(
                &name.span,
                message,
                "`bytes` and `string` have `concat`",
            ));
        }
        let draws = self.needs.draws;
        let base = self.check(base)?;
        match base.kind {
            Kind::Contract(id, address) => self.view(span, (id, address), name, args, draws),
            Kind::Created(id) => Err(self.which_created(&base.span, id, name)),
            _ => {
                let message = format!(
                    "{} has no function `{}`",
                    base.description(),
                    suggest::shortened(&name.text)
                );
                let remedy = match base.own_type() {
                    Ok(Type::Address) => {
                        "name the contract whose functions it has: `contract(account).function(…)`"
                    }
                    _ => "contracts have functions",
                };
                Err(ExpressionError::new(&name.span, message, remedy))
            }
        }
    }

    /// The only argument of a call.
    pub(super) fn one(&mut self, callee: &Node, name: &str, takes: &str, args: &[Node]) -> Result<Checked> {
        match args {
            [arg] => self.check(arg),
            _ => {
                let remedy = format!("write `{name}(…)` with one value");
                Err(wrong_count(&callee.span, name, takes, args.len(), remedy))
            }
        }
    }

    fn builtin(&mut self, span: &Span, callee: &Node, name: &str, args: &[Node]) -> Result<Checked> {
        let Some(usage) = usage(name) else {
            return Err(match self.check_name(&callee.span, name) {
                Ok(_) => not_callable(&callee.span),
                Err(error) => error,
            });
        };
        let wrong = |takes: &str| {
            let remedy = format!("write `{usage}`");
            Err(wrong_count(&callee.span, name, takes, args.len(), remedy))
        };
        let what = format!("the argument of `{name}`");
        let (ty, code) = match (name, args) {
            ("keccak256", [arg]) => (Type::WORD, Code::Keccak256(Box::new(self.bytes(arg, &what)?))),
            ("sha256", [arg]) => (Type::WORD, Code::Sha256(Box::new(self.bytes(arg, &what)?))),
            ("toEthSignedMessageHash", [arg]) => (Type::WORD, self.personal_digest(arg, &what)?),
            ("toTypedDataHash", [domain, hash]) => {
                let [domain, hash] = [domain, hash].map(|arg| self.check(arg)?.convert(&Type::WORD, &what));
                (Type::WORD, Code::TypedDigest(Box::new([domain?, hash?])))
            }
            ("sign", [digest, account @ ..]) if account.len() <= 1 => {
                (Type::Bytes, self.sign(span, digest, account.first())?)
            }
            ("max" | "min", [_, _, ..]) => return self.extreme(span, name == "max", args),
            ("unique", []) => {
                self.needs.draws += 1;
                self.needs.unique = true;
                (Type::UINT, Code::Unique)
            }
            ("random", [arg]) => self.random(arg)?,
            ("random", [lowest, highest]) => return self.random_range(span, lowest, highest),
            ("text", [length]) => {
                let length = self.check(length)?.convert(&Type::UINT, &what)?;
                self.needs.draws += 1;
                (Type::String, Code::RandomText(Box::new(length), span.clone()))
            }
            ("balance", [account]) => {
                let draws = self.needs.draws;
                let account = self.check(account)?.convert(&Type::Address, &what)?;
                if self.needs.draws > draws {
                    self.needs.draws = draws;
                    return Err(ExpressionError::new(
                        span,
                        "the balance of a random account is not known",
                        "name an account",
                    ));
                }
                return self.balance(span, account);
            }
            ("sum", [arg]) => return self.over_tasks(span, name, |checker| checker.sum(span, arg)),
            ("list", [arg]) => {
                return self.over_tasks(span, name, |checker| {
                    let value = checker.check(arg)?;
                    Ok(Checked {
                        span: span.clone(),
                        kind: Kind::List(Box::new(value)),
                    })
                });
            }
            ("count", [] | [_]) => {
                return self.over_tasks(span, name, |checker| {
                    let condition = args.first().map(|arg| checker.check_as(arg, &Type::Bool));
                    let condition = condition.transpose()?.map(Box::new);
                    Ok(Checked::typed(span, Type::UINT, Code::Count(condition)))
                });
            }
            ("keccak256" | "sha256" | "toEthSignedMessageHash" | "text" | "balance" | "sum" | "list", _) => {
                return wrong("1 argument");
            }
            ("toTypedDataHash", _) => return wrong("2 arguments"),
            ("sign" | "random", _) => return wrong("1 or 2 arguments"),
            ("max" | "min", _) => return wrong("2 arguments or more"),
            ("unique", _) => return wrong("no arguments"),
            ("count", _) => return wrong("1 argument at most"),
            _ => return Err(not_callable(&callee.span)),
        };
        Ok(Checked::typed(span, ty, code))
    }

    /// An argument that is hashed: `bytes`, or a `string`, which Solidity would want converted.
    fn bytes(&mut self, arg: &Node, what: &str) -> Result<Code> {
        let checked = self.check(arg)?;
        if checked.converts_to(&Type::String) {
            return checked.convert(&Type::String, what);
        }
        let code = checked.convert(&Type::Bytes, what);
        code.map_err(|error| ExpressionError {
            remedy: "encode it first: `abi.encode(…)` or `abi.encodePacked(…)`".to_owned(),
            ..error
        })
    }

    fn personal_digest(&mut self, arg: &Node, what: &str) -> Result<Code> {
        let checked = self.check(arg)?;
        let message = match checked.converts_to(&Type::WORD) && !matches!(checked.kind, Kind::Text(_)) {
            true => Code::EncodePacked(vec![(Type::WORD, checked.convert(&Type::WORD, what)?)]),
            false if checked.converts_to(&Type::String) => checked.convert(&Type::String, what)?,
            false => checked.convert(&Type::Bytes, what)?,
        };
        Ok(Code::PersonalDigest(Box::new(message)))
    }

    fn sign(&mut self, span: &Span, digest: &Node, account: Option<&Node>) -> Result<Code> {
        let digest = self.check(digest)?;
        let digest = digest
            .convert(&Type::WORD, "the digest of `sign`")
            .map_err(|error| ExpressionError {
                remedy: "sign a digest: `sign(toEthSignedMessageHash(…))` or `sign(toTypedDataHash(…))`"
                    .to_owned(),
                ..error
            })?;
        let account = match account {
            Some(account) => Some(Box::new(
                self.check(account)?
                    .convert(&Type::Address, "the account of `sign`")?,
            )),
            None if self.scope.has_sender => None,
            None => {
                return Err(ExpressionError::new(
                    span,
                    "there is no sender here to sign as",
                    "name the account: `sign(digest, account)`",
                ));
            }
        };
        Ok(Code::Sign(Box::new(digest), account, span.clone()))
    }

    fn extreme(&mut self, span: &Span, is_largest: bool, args: &[Node]) -> Result<Checked> {
        let values = self.check_all(args)?;
        let ty = common_type(span, &values)?;
        let Some(integer) = Integer::of(&ty) else {
            let name = if is_largest { "max" } else { "min" };
            let message = format!("`{name}` cannot be applied to `{ty}`");
            return Err(ExpressionError::new(span, message, "give it numbers"));
        };
        let codes = values
            .iter()
            .map(|value| value.convert(&ty, "this"))
            .collect::<Result<_>>()?;
        let code = match is_largest {
            true => Code::Largest(codes, integer.signed),
            false => Code::Smallest(codes, integer.signed),
        };
        Ok(Checked::typed(span, ty, code))
    }

    fn random(&mut self, arg: &Node) -> Result<(Type, Code)> {
        let NodeKind::Type(ty) = &arg.kind else {
            return Err(ExpressionError::new(
                &arg.span,
                "`random` of one argument needs a type",
                "write `random(bytes32)`, or a range: `random(1, 6)`",
            ));
        };
        if !ty.is_word() {
            let message = format!("`random` has no values of `{ty}`");
            return Err(ExpressionError::new(
                &arg.span,
                message,
                "write `text(length)` or `bytes(text(length))`",
            ));
        }
        self.needs.draws += 1;
        Ok((ty.clone(), Code::Random(ty.clone())))
    }

    fn random_range(&mut self, span: &Span, lowest: &Node, highest: &Node) -> Result<Checked> {
        let bounds = [self.check(lowest)?, self.check(highest)?];
        let are_literals = bounds
            .iter()
            .all(|bound| matches!(bound.kind, Kind::Number { .. }));
        let ty = match (common_type(span, &bounds)?, are_literals) {
            (Type::Uint(_), true) => Type::UINT,
            (Type::Int(_), true) => Type::INT,
            (ty, _) => ty,
        };
        let Some(integer) = Integer::of(&ty) else {
            let message = format!("`random` has no range of `{ty}`");
            return Err(ExpressionError::new(span, message, "give it two numbers"));
        };
        let [lowest, highest] = bounds.map(|bound| bound.convert(&ty, "a bound of `random`"));
        self.needs.draws += 1;
        let code = Code::RandomRange(Box::new([lowest?, highest?]), integer, span.clone());
        Ok(Checked::typed(span, ty, code))
    }

    fn sum(&mut self, span: &Span, arg: &Node) -> Result<Checked> {
        let value = self.check(arg)?;
        let (ty, code) = value.settle()?;
        let Some(Integer { signed, .. }) = Integer::of(&ty) else {
            let message = format!("`sum` cannot be applied to `{ty}`");
            return Err(ExpressionError::new(
                &value.span,
                message,
                "give it a number of each task",
            ));
        };
        let integer = Integer { bits: 256, signed };
        let ty = if signed { Type::INT } else { Type::UINT };
        Ok(Checked::typed(
            span,
            ty,
            Code::Sum(Box::new(code), integer, span.clone()),
        ))
    }

    /// Checks what is evaluated for each task.
    fn over_tasks(
        &mut self,
        span: &Span,
        name: &str,
        check: impl FnOnce(&mut Self) -> Result<Checked>,
    ) -> Result<Checked> {
        if !self.scope.has_tasks || self.in_tasks {
            let remedy = match self.in_tasks {
                true => "`sum`, `count` and `list` cannot be nested",
                false => "use it in invariants and batches; elsewhere there is one task",
            };
            let message = format!("`{name}` has no tasks to go over here");
            return Err(ExpressionError::new(span, message, remedy));
        }
        self.in_tasks = true;
        let checked = check(self);
        self.in_tasks = false;
        checked
    }
}

fn not_callable(span: &Span) -> ExpressionError {
    let names: Vec<&str> = FUNCTIONS.iter().map(|(name, _)| *name).collect();
    let remedy = format!(
        "the functions are {} and those of contracts",
        suggest::list(&names)
    );
    ExpressionError::new(span, "this is no function", remedy)
}
