//! Expressions of profiles: Solidity's syntax and types, checked when the profile is read, compiled once.
//!
//! An [`Expression`] gives a value, a [`CallTemplate`] the calldata of a contract's function. Both are read against a
//! [`Scope`] that holds the names and their types, and refuse what is wrong with an [`ExpressionError`] that names the bytes.
//! Both are evaluated in an [`Environment`] without I/O. What they read from the chain is asked for first:
//!
//! ```text
//! reads(environment, answers) ─▶ Vec<Read> ─▶ answers.set(read, result) ─▶ reads(…) … until there are none
//!                                                                        ─▶ evaluate(environment, draws, answers)
//! ```
//!
//! # Language
//! - Literals, operators, conversions, `abi.…`, `bytes.concat`, `string.concat`, `keccak256`, `sha256`, `type(T).max`,
//!   `block.timestamp`, `block.number`, `block.chainid`, struct members, indices, slices and `.length` are Solidity's. Number
//!   literals are exact. Arithmetic is checked; conversions such as `uint8(x)` cut off, as the compiler's do.
//! - `question` names a word of the task's key, `task.bond` a field of the task, `mine.salt` a value that the actor
//!   remembers, `event.ts` an argument of the event, `sender` the account, `oracle` a contract's address.
//! - `oracle.bondOf(question)` reads a view function, `oracle(event.token).bondOf(question)` the same at another address,
//!   `balance(oracle)` or `sender.balance` a balance. Several returned values are a tuple: `….bond` or `…[0]`.
//! - `event.address` is the contract that wrote the event. Of contracts that are created in the run `safe(address)` alone has
//!   functions.
//! - `max(a, b, …)`, `min(a, b, …)`; `unique()`, a number that no other evaluation gets; `random(bytes32)`,
//!   `random(lowest, highest)` with both ends, `text(length)` of letters and digits.
//! - `sign(digest)` and `sign(digest, account)` give 65 bytes. `toEthSignedMessageHash(hash)` is the digest of a personal
//!   message (EIP-191), `toTypedDataHash(domainSeparator, structHash)` that of typed data (EIP-712).
//! - `sum(task.bond)`, `count()`, `count(task.bond > 0)` and `list(question)` go over the tasks of an invariant or a batch.
//!
//! Beyond Solidity, array and tuple literals convert to dynamic arrays and structs, `keccak256` and `sha256` take strings, a
//! literal takes the type beside it (`mine.answer == 0`), and an index names a member of a tuple.

mod check;
mod code;
mod environment;
mod error;
mod evaluate;
mod parse;
mod reads;
mod scope;
mod sides;
mod syntax;
mod types;
mod value;

use alloy::{
    dyn_abi::DynSolValue,
    json_abi::StateMutability,
    primitives::{Address, Bytes, Selector},
};

use self::{
    check::{Checker, TRANSFER},
    code::Code,
    evaluate::{Evaluator, decode},
    reads::Needs,
};
pub use self::{
    environment::{Answers, Draws, Environment, Read, ReadRequest},
    error::{EvaluationError, EvaluationErrorKind, ExpressionError, Span},
    scope::{ContractId, Scope, ScopeError, Source, Variable},
    types::{Member, Tuple, Type},
    value::Value,
};

/// An expression of a known type.
#[derive(Clone, Debug)]
pub struct Expression {
    text: Box<str>,
    ty: Type,
    code: Code,
    needs: Needs,
}

impl Expression {
    /// Reads an expression of any type. A number literal alone is a `uint256`, or an `int256` below zero.
    ///
    /// # Errors
    /// If the text is no expression, or uses the names of the scope wrongly.
    pub fn parse(text: &str, scope: &Scope) -> Result<Self, ExpressionError> {
        let node = parse::parse(text)?;
        let mut checker = Checker::new(scope);
        let (ty, code) = checker.check(&node)?.settle_widely()?;
        Ok(Self {
            text: text.into(),
            ty,
            code,
            needs: checker.needs,
        })
    }

    /// Reads an expression that has a type, or is converted to it as Solidity converts without being asked.
    ///
    /// # Errors
    /// If the text is no expression, uses the names of the scope wrongly, or has another type.
    pub fn parse_as(text: &str, ty: &Type, scope: &Scope) -> Result<Self, ExpressionError> {
        let node = parse::parse(text)?;
        let mut checker = Checker::new(scope);
        let code = checker.check_as(&node, ty)?;
        Ok(Self {
            text: text.into(),
            ty: ty.clone(),
            code,
            needs: checker.needs,
        })
    }

    /// The text that it was read from, which the spans of errors are of.
    #[must_use]
    pub const fn text(&self) -> &str {
        &self.text
    }

    /// The type of the value.
    #[must_use]
    pub const fn ty(&self) -> &Type {
        &self.ty
    }

    /// The variables that the expression names, each once: it has another value only if one of them has, or what it reads.
    #[must_use]
    pub fn variables(&self) -> &[Variable] {
        &self.needs.variables
    }

    /// Whether the expression draws random or unique values, so that it has another value each time.
    #[must_use]
    pub const fn draws(&self) -> bool {
        self.needs.draws > 0
    }

    /// Whether it draws a unique value.
    #[must_use]
    pub const fn draws_unique(&self) -> bool {
        self.needs.unique
    }

    /// Whether the expression reads the chain: balances or view functions.
    #[must_use]
    pub const fn reads_chain(&self) -> bool {
        !self.needs.reads.is_empty()
    }

    /// The reads to make next. Those that depend on others come once the others are answered; there are none when the
    /// expression can be evaluated.
    pub fn reads(&self, environment: &dyn Environment, answers: &mut Answers) -> Vec<Read> {
        self.needs.next_reads(environment, answers)
    }

    /// Evaluates the expression, after [`reads`](Self::reads) gave no more.
    ///
    /// # Errors
    /// If arithmetic leaves its range, a variable has no value, a read failed, and so on.
    pub fn evaluate(
        &self,
        environment: &dyn Environment,
        draws: &mut dyn Draws,
        answers: &Answers,
    ) -> Result<Value, EvaluationError> {
        evaluator(environment, draws, answers).value(&self.code)
    }
}

/// A call of a contract's function, with expressions as arguments.
#[derive(Clone, Debug)]
pub struct CallTemplate {
    /// `None` of a transfer of ether.
    contract: Option<ContractId>,
    function: Box<str>,
    signature: Box<str>,
    selector: Selector,
    mutability: StateMutability,
    outputs: Type,
    address: Code,
    calldata: Code,
    needs: Needs,
}

/// A call that can be sent.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PreparedCall {
    /// The address that is called.
    pub to: Address,
    /// Selector and arguments.
    pub calldata: Bytes,
}

impl CallTemplate {
    /// Reads a call: `oracle.submitAnswer(question, mine.answer, task.bond)`, or the transfer of ether to an account:
    /// `transfer(actor.safe)`.
    ///
    /// # Errors
    /// If the text is neither, or the arguments do not fit the function's.
    pub fn parse(text: &str, scope: &Scope) -> Result<Self, ExpressionError> {
        let node = parse::parse(text)?;
        let mut checker = Checker::new(scope);
        if let Some(to) = checker.transfer(&node)? {
            return Ok(Self {
                contract: None,
                function: TRANSFER.into(),
                signature: TRANSFER.into(),
                selector: Selector::ZERO,
                mutability: StateMutability::Payable,
                outputs: Type::tuple(None, Vec::new()),
                address: to,
                calldata: Code::Constant(Value::Bytes(Vec::new().into())),
                needs: checker.needs,
            });
        }
        let call = checker.resolve_root(&node)?;
        Ok(Self {
            contract: Some(call.contract),
            function: call.function.name.as_str().into(),
            signature: call.function.signature().into(),
            selector: call.function.selector(),
            mutability: call.function.state_mutability,
            outputs: call.outputs,
            address: call.address,
            calldata: call.calldata,
            needs: checker.needs,
        })
    }

    /// What stands in the place of a call where a task is signed off the chain, under this name.
    #[must_use]
    pub fn none(name: &str) -> Self {
        Self {
            contract: None,
            function: name.into(),
            signature: name.into(),
            selector: Selector::ZERO,
            mutability: StateMutability::NonPayable,
            outputs: Type::tuple(None, Vec::new()),
            address: Code::Constant(Address::ZERO.into()),
            calldata: Code::Constant(Value::Bytes(Vec::new().into())),
            needs: Needs::default(),
        }
    }

    /// The contract whose ABI has the function; `None` of a transfer of ether.
    #[must_use]
    pub const fn contract(&self) -> Option<ContractId> {
        self.contract
    }

    /// The name of the function: `submitAnswer`.
    #[must_use]
    pub const fn function(&self) -> &str {
        &self.function
    }

    /// The signature of the function: `submitAnswer(bytes32,bytes32,uint256)`.
    #[must_use]
    pub const fn signature(&self) -> &str {
        &self.signature
    }

    /// The selector of the function.
    #[must_use]
    pub const fn selector(&self) -> Selector {
        self.selector
    }

    /// Whether the function takes a value in wei along.
    #[must_use]
    pub const fn is_payable(&self) -> bool {
        matches!(self.mutability, StateMutability::Payable)
    }

    /// Whether the function only reads.
    #[must_use]
    pub const fn is_view(&self) -> bool {
        matches!(self.mutability, StateMutability::View | StateMutability::Pure)
    }

    /// The type of `result`: of the only value that the function returns, or of all as a tuple; `None` if it returns nothing.
    #[must_use]
    pub fn result_type(&self) -> Option<&Type> {
        match &self.outputs {
            Type::Tuple(tuple) => match tuple.members.as_slice() {
                [] => None,
                [only] => Some(&only.ty),
                _ => Some(&self.outputs),
            },
            other => Some(other),
        }
    }

    /// Decodes what the function returned, as [`result_type`](Self::result_type) has it; `None` if it is something else.
    #[must_use]
    pub fn decode_result(&self, data: &[u8]) -> Option<Value> {
        let outputs = decode(data, &self.outputs)?;
        match outputs.as_list() {
            Some([only]) => Some(only.clone()),
            _ => Some(outputs),
        }
    }

    /// Whether an argument or the address draws random or unique values.
    #[must_use]
    pub const fn draws(&self) -> bool {
        self.needs.draws > 0
    }

    /// The variables that the call names, each once.
    #[must_use]
    pub fn variables(&self) -> &[Variable] {
        &self.needs.variables
    }

    /// The reads to make next, as of [`Expression::reads`].
    pub fn reads(&self, environment: &dyn Environment, answers: &mut Answers) -> Vec<Read> {
        self.needs.next_reads(environment, answers)
    }

    /// Evaluates the address and the arguments, after [`reads`](Self::reads) gave no more.
    ///
    /// # Errors
    /// As of [`Expression::evaluate`].
    pub fn evaluate(
        &self,
        environment: &dyn Environment,
        draws: &mut dyn Draws,
        answers: &Answers,
    ) -> Result<PreparedCall, EvaluationError> {
        let mut evaluator = evaluator(environment, draws, answers);
        Ok(PreparedCall {
            to: evaluator.address(&self.address)?,
            calldata: evaluator.bytes(&self.calldata)?,
        })
    }
}

/// The values as a constructor takes them: ABI-encoded, one behind the other; `None` if one has not the shape of its type.
#[must_use]
pub fn encode(values: &[(Value, Type)]) -> Option<Bytes> {
    let values = values.iter().map(|(value, ty)| value.to_dynamic(ty));
    let values = values.collect::<Option<Vec<_>>>()?;
    Some(DynSolValue::Tuple(values).abi_encode_params().into())
}

fn evaluator<'a>(
    environment: &'a dyn Environment,
    draws: &'a mut dyn Draws,
    answers: &'a Answers,
) -> Evaluator<'a> {
    Evaluator {
        environment,
        draws: Some(draws),
        answers,
        task: None,
    }
}
