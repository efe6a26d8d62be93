//! The needs of an expression: variables, random values, and reads of the chain, which are made in rounds.

use alloy::primitives::{Address, Bytes, U256};

use super::{
    code::{ReadCode, ReadKind},
    environment::{Answers, Environment, Read, ReadRequest},
    error::{EvaluationError, EvaluationErrorKind},
    evaluate::{Evaluator, decode},
    scope::Variable,
    types::Type,
    value::Value,
};

/// What an expression needs to be evaluated.
#[derive(Clone, Debug, Default)]
pub(super) struct Needs {
    /// The variables that it names, each once, in the order of the text.
    pub(super) variables: Vec<Variable>,
    /// How many random or unique values it draws.
    pub(super) draws: usize,
    /// Whether a unique value is among them.
    pub(super) unique: bool,
    /// Its reads. One whose arguments need another comes after it.
    pub(super) reads: Vec<ReadCode>,
}

impl Needs {
    /// Decodes the answers that came, and gives the reads that can be made with them.
    ///
    /// A read whose target or arguments fail to evaluate is settled with that error, which counts only if its value is used:
    /// `n > 0 ? oracle.bondOf(list[0]) : 0`.
    pub(super) fn next_reads(&self, environment: &dyn Environment, answers: &mut Answers) -> Vec<Read> {
        answers.raw.resize(self.reads.len(), None);
        answers.values.resize(self.reads.len(), None);
        let mut reads = Vec::new();
        for (index, code) in self.reads.iter().enumerate() {
            if answers.values[index].is_some() {
                continue;
            }
            if let Some(raw) = answers.raw[index].take() {
                answers.values[index] = Some(decode_answer(code, raw));
                continue;
            }
            let mut evaluator = Evaluator {
                environment,
                draws: None,
                answers,
                task: None,
            };
            match request(code, &mut evaluator) {
                Ok((address, kind)) => reads.push(Read { index, address, kind }),
                // It depends on a read that is not answered yet.
                Err(error) if error.kind == EvaluationErrorKind::Unread => {}
                Err(error) => answers.values[index] = Some(Err(error)),
            }
        }
        reads
    }
}

fn request(
    code: &ReadCode,
    evaluator: &mut Evaluator<'_>,
) -> Result<(Address, ReadRequest), EvaluationError> {
    let address = evaluator.address(&code.target)?;
    let kind = match &code.kind {
        ReadKind::Balance => ReadRequest::Balance,
        ReadKind::View { calldata, .. } => ReadRequest::Call(evaluator.bytes(calldata)?),
    };
    Ok((address, kind))
}

fn decode_answer(code: &ReadCode, raw: Result<Bytes, String>) -> Result<Value, EvaluationError> {
    let fail = |kind| EvaluationError::new(&code.span, kind);
    let data = raw.map_err(|reason| fail(EvaluationErrorKind::Read(reason)))?;
    let (value, ty) = match &code.kind {
        ReadKind::Balance => {
            let word = <[u8; 32]>::try_from(data.as_ref()).ok();
            (
                word.map(|word| Value::Word(U256::from_be_bytes(word))),
                &Type::UINT,
            )
        }
        ReadKind::View { outputs, .. } => (decode(&data, outputs), outputs),
    };
    value.ok_or_else(|| fail(EvaluationErrorKind::Answer(ty.to_string())))
}
