//! Evaluates code: a walk over the tree, with words on the stack and shared bytes and lists.

mod abi;
mod arithmetic;
mod draws;

use std::sync::Arc;

use alloy::primitives::{Address, B256, Bytes, U256, eip191_hash_message, keccak256};
use sha2::{Digest, Sha256};

use super::{
    code::{Code, Integer, Named},
    environment::{Answers, Draws, Environment},
    error::{EvaluationError, EvaluationErrorKind, Span},
    syntax::Binary,
    value::{Value, to_address},
};

pub(super) use self::abi::decode;

type Result<T> = std::result::Result<T, EvaluationError>;

/// Evaluates code in an environment.
pub(super) struct Evaluator<'a> {
    pub(super) environment: &'a dyn Environment,
    /// `None` while the arguments of reads are evaluated, which draw nothing.
    pub(super) draws: Option<&'a mut dyn Draws>,
    pub(super) answers: &'a Answers,
    /// The task that `sum`, `count` or `list` is at.
    pub(super) task: Option<usize>,
}

const NOWHERE: Span = 0..0;

/// The environment gave a value of another shape. Only it can, and it is held to the declared types where its values enter.
fn misshapen() -> EvaluationError {
    EvaluationError::new(
        &NOWHERE,
        EvaluationErrorKind::Shape("a part of the expression".to_owned()),
    )
}

impl Evaluator<'_> {
    pub(super) fn value(&mut self, code: &Code) -> Result<Value> {
        Ok(match code {
            Code::Constant(value) => value.clone(),
            Code::Variable(named) => self.variable(named)?,
            Code::Read(index, span) => match self.answers.get(*index) {
                Some(Ok(value)) => value.clone(),
                Some(Err(error)) => return Err(error.clone()),
                None => return Err(EvaluationError::new(span, EvaluationErrorKind::Unread)),
            },
            Code::Ternary(parts) => {
                let [condition, then, otherwise] = &**parts;
                let branch = if self.truth(condition)? { then } else { otherwise };
                self.value(branch)?
            }
            Code::Member(tuple, place) => {
                let list = self.list(tuple)?;
                list.get(*place).cloned().ok_or_else(misshapen)?
            }
            Code::Element(pair, span) => {
                let list = self.list(&pair[0])?;
                let index = self.index(&pair[1], list.len(), span)?;
                list[index].clone()
            }
            Code::Slice(base, start, end, span) => {
                self.slice(base, start.as_deref(), end.as_deref(), span)?
            }
            Code::List(codes) => {
                let values: Result<Vec<_>> = codes.iter().map(|code| self.value(code)).collect();
                values?.into()
            }
            Code::Encode { .. } | Code::EncodePacked(_) | Code::Concat(_) => {
                Value::Bytes(self.encoded(code)?)
            }
            Code::Decode(data, ty, span) => {
                let data = self.bytes(data)?;
                let failed = || EvaluationError::new(span, EvaluationErrorKind::Data(ty.to_string()));
                decode(&data, ty).ok_or_else(failed)?
            }
            Code::Sign(digest, account, span) => Value::Bytes(self.sign(digest, account.as_deref(), span)?),
            Code::RandomText(length, span) => Value::Bytes(self.random_text(length, span)?),
            Code::Collect(code) => {
                let values: Result<Vec<_>> = (0..self.environment.tasks())
                    .map(|task| self.in_task(task, |own| own.value(code)))
                    .collect();
                values?.into()
            }
            _ => Value::Word(self.word(code)?),
        })
    }

    /// The value of code whose type is one word.
    pub(super) fn word(&mut self, code: &Code) -> Result<U256> {
        Ok(match code {
            Code::Constant(Value::Word(word)) => *word,
            Code::Sender => self.environment.sender().into_word().into(),
            Code::ChainId => U256::from(self.environment.chain_id()),
            Code::Timestamp => U256::from(self.environment.timestamp()),
            Code::BlockNumber => U256::from(self.environment.block_number()),
            Code::Contract(id, name, span) => {
                let address = self.environment.contract(*id);
                let missing =
                    || EvaluationError::new(span, EvaluationErrorKind::NotDeployed(name.to_string()));
                address.ok_or_else(missing)?.into_word().into()
            }
            Code::Negate(operand, integer, span) => {
                let operand = self.word(operand)?;
                arithmetic::compute(Binary::Subtract, U256::ZERO, operand, *integer, span)?
            }
            Code::Not(operand) => U256::from(!self.truth(operand)?),
            Code::Invert(operand, ty) => arithmetic::invert(self.word(operand)?, ty),
            Code::Arithmetic(pair, operator, integer, span) => {
                let [left, right] = self.words(pair)?;
                arithmetic::compute(*operator, left, right, *integer, span)?
            }
            Code::ShiftBytes(pair, operator, size) => {
                let [value, amount] = self.words(pair)?;
                arithmetic::shift_bytes(*operator, value, amount, *size)
            }
            Code::Bitwise(pair, operator) => {
                let [left, right] = self.words(pair)?;
                match operator {
                    Binary::BitAnd => left & right,
                    Binary::BitOr => left | right,
                    _ => left ^ right,
                }
            }
            Code::Compare(pair, operator, signed) => {
                let [left, right] = self.words(pair)?;
                U256::from(arithmetic::compare(*operator, left, right, *signed))
            }
            Code::And(pair) => U256::from(self.truth(&pair[0])? && self.truth(&pair[1])?),
            Code::Or(pair) => U256::from(self.truth(&pair[0])? || self.truth(&pair[1])?),
            Code::Convert(code, conversion) => {
                let value = self.value(code)?;
                arithmetic::convert(&value, *conversion).ok_or_else(misshapen)?
            }
            Code::Byte(pair, span) => {
                let bytes = self.bytes(&pair[0])?;
                let index = self.index(&pair[1], bytes.len(), span)?;
                U256::from(bytes[index]) << 248
            }
            Code::ByteOfWord(pair, size, span) => {
                let word = self.word(&pair[0])?;
                let index = self.index(&pair[1], usize::from(*size), span)?;
                U256::from(word.byte(31 - index)) << 248
            }
            Code::Length(code) => match self.value(code)? {
                Value::Bytes(bytes) => U256::from(bytes.len()),
                Value::List(list) => U256::from(list.len()),
                Value::Word(_) => return Err(misshapen()),
            },
            Code::Keccak256(code) => keccak256(self.bytes(code)?).into(),
            Code::Sha256(code) => U256::from_be_bytes::<32>(Sha256::digest(self.bytes(code)?).into()),
            Code::PersonalDigest(code) => eip191_hash_message(self.bytes(code)?).into(),
            Code::TypedDigest(pair) => {
                let [domain, hash] = self.words(pair)?;
                let mut preimage = [0x19, 1, 0].repeat(22);
                preimage[2..34].copy_from_slice(&domain.to_be_bytes::<32>());
                preimage[34..66].copy_from_slice(&hash.to_be_bytes::<32>());
                keccak256(preimage).into()
            }
            Code::Largest(codes, signed) => self.extreme(codes, Binary::Greater, *signed)?,
            Code::Smallest(codes, signed) => self.extreme(codes, Binary::Less, *signed)?,
            Code::Unique => self.unique()?,
            Code::Random(ty) => self.random(ty)?,
            Code::RandomRange(pair, integer, span) => self.random_range(pair, *integer, span)?,
            Code::Sum(code, integer, span) => self.sum(code, *integer, span)?,
            Code::Count(condition) => self.count(condition.as_deref())?,
            _ => self.value(code)?.as_word().ok_or_else(misshapen)?,
        })
    }

    fn words(&mut self, pair: &[Code; 2]) -> Result<[U256; 2]> {
        Ok([self.word(&pair[0])?, self.word(&pair[1])?])
    }

    fn truth(&mut self, code: &Code) -> Result<bool> {
        Ok(!self.word(code)?.is_zero())
    }

    /// The value of code of the type `address`.
    pub(super) fn address(&mut self, code: &Code) -> Result<Address> {
        self.word(code).map(to_address)
    }

    /// The value of code of the type `bytes` or `string`.
    pub(super) fn bytes(&mut self, code: &Code) -> Result<Bytes> {
        match self.value(code)? {
            Value::Bytes(bytes) => Ok(bytes),
            _ => Err(misshapen()),
        }
    }

    fn list(&mut self, code: &Code) -> Result<Arc<[Value]>> {
        match self.value(code)? {
            Value::List(list) => Ok(list),
            _ => Err(misshapen()),
        }
    }

    fn variable(&self, named: &Named) -> Result<Value> {
        let value = match self.task {
            Some(task) => self.environment.value_of_task(task, named.variable),
            None => self.environment.value(named.variable),
        };
        let fail = |kind: fn(String) -> EvaluationErrorKind| {
            EvaluationError::new(&named.span, kind(named.name.clone()))
        };
        let value = value.ok_or_else(|| fail(EvaluationErrorKind::Unset))?;
        match value.has_shape_of(&named.ty) {
            true => Ok(value),
            false => Err(fail(EvaluationErrorKind::Shape)),
        }
    }

    /// An index below a length.
    fn index(&mut self, code: &Code, length: usize, span: &Span) -> Result<usize> {
        let index = self.word(code)?;
        let small = usize::try_from(index).ok().filter(|index| *index < length);
        small.ok_or_else(|| out_of_range(index, length, span))
    }

    fn slice(&mut self, base: &Code, start: Option<&Code>, end: Option<&Code>, span: &Span) -> Result<Value> {
        let base = self.value(base)?;
        let length = match &base {
            Value::Bytes(bytes) => bytes.len(),
            Value::List(list) => list.len(),
            Value::Word(_) => return Err(misshapen()),
        };
        let mut bound = |code: Option<&Code>, default: usize| match code {
            Some(code) => self.word(code),
            None => Ok(U256::from(default)),
        };
        let (first, last) = (bound(start, 0)?, bound(end, length)?);
        let (Ok(start), Ok(end), true) = (
            usize::try_from(first),
            usize::try_from(last),
            first <= last && last <= U256::from(length),
        ) else {
            let kind = EvaluationErrorKind::Slice {
                start: first.to_string(),
                end: last.to_string(),
                length,
            };
            return Err(EvaluationError::new(span, kind));
        };
        Ok(match base {
            Value::Bytes(bytes) => Value::Bytes(bytes.slice(start..end)),
            Value::List(list) => Value::List(list[start..end].into()),
            Value::Word(_) => return Err(misshapen()),
        })
    }

    fn extreme(&mut self, codes: &[Code], better: Binary, signed: bool) -> Result<U256> {
        let mut best = None;
        for code in codes {
            let value = self.word(code)?;
            if best.is_none_or(|best| arithmetic::compare(better, value, best, signed)) {
                best = Some(value);
            }
        }
        best.ok_or_else(misshapen)
    }

    fn sign(&mut self, digest: &Code, account: Option<&Code>, span: &Span) -> Result<Bytes> {
        let digest = B256::from(self.word(digest)?);
        let account = match account {
            Some(account) => self.address(account)?,
            None => self.environment.sender(),
        };
        let signature = self.environment.sign(account, digest);
        let missing = || EvaluationError::new(span, EvaluationErrorKind::NoKey(account));
        Ok(Bytes::copy_from_slice(&signature.ok_or_else(missing)?))
    }

    fn in_task<T>(&mut self, task: usize, evaluate: impl FnOnce(&mut Self) -> Result<T>) -> Result<T> {
        self.task = Some(task);
        let result = evaluate(self);
        self.task = None;
        result
    }

    fn sum(&mut self, code: &Code, integer: Integer, span: &Span) -> Result<U256> {
        (0..self.environment.tasks()).try_fold(U256::ZERO, |sum, task| {
            let value = self.in_task(task, |own| own.word(code))?;
            arithmetic::compute(Binary::Add, sum, value, integer, span)
        })
    }

    fn count(&mut self, condition: Option<&Code>) -> Result<U256> {
        let Some(condition) = condition else {
            return Ok(U256::from(self.environment.tasks()));
        };
        let mut count = 0_u64;
        for task in 0..self.environment.tasks() {
            count += u64::from(self.in_task(task, |own| own.truth(condition))?);
        }
        Ok(U256::from(count))
    }
}

fn out_of_range(index: U256, length: usize, span: &Span) -> EvaluationError {
    let kind = EvaluationErrorKind::Index {
        index: index.to_string(),
        length,
    };
    EvaluationError::new(span, kind)
}
