//! The arguments of contracts' constructors.

use alloy::json_abi::StateMutability;

use super::super::{expressions::Text, names::Context, reader::Reader};
use crate::{
    artifacts::Contract,
    protocol::profile::expression::{Expression, Type},
    scenario::read::value::Value,
};

/// What a profile says of a contract's constructor.
#[derive(Default)]
pub(super) struct Constructor<'a> {
    /// The table's place, where missing arguments are missing.
    pub(super) table: Option<Value<'a>>,
    pub(super) arguments: Option<Value<'a>>,
    pub(super) value: Option<Value<'a>>,
    /// The most gas that the deployment may use.
    pub(super) gas: Option<u64>,
}

impl<'a> Constructor<'a> {
    /// The constructor's arguments and the wei sent along, checked against the ABI.
    pub(super) fn complete(
        &self,
        artifact: &Contract,
        place: usize,
        reader: &Reader<'a>,
    ) -> Option<(Vec<Expression>, Option<Expression>)> {
        let context = Context {
            contracts: Some(place),
            reads: true,
            early: true,
            ..Context::default()
        };
        let constructor = artifact.abi.constructor.as_ref();
        let inputs = constructor
            .map(|constructor| constructor.inputs.as_slice())
            .unwrap_or_default();
        let texts = match &self.arguments {
            Some(value) => reader.texts(value)?,
            None => Vec::new(),
        };
        let signature: Vec<String> = inputs
            .iter()
            .map(|input| format!("{} {}", input.ty, input.name).trim_end().to_owned())
            .collect();
        let signature = format!("constructor({})", signature.join(", "));
        if texts.len() != inputs.len() {
            let path = self.arguments.as_ref().or(self.table.as_ref())?.path();
            let takes = count(inputs.len(), "argument");
            let message = format!(
                "the constructor of {} takes {takes}, and {} given",
                artifact.name,
                were(texts.len())
            );
            return reader.refuse_at(
                path,
                message,
                format!("for {signature}"),
                "give one expression for each: arguments = [\"1 ether\"]",
            );
        }
        let mut arguments = Vec::new();
        for (input, text) in inputs.iter().zip(&texts) {
            match Type::of_param(input) {
                Ok(ty) => arguments.push(reader.typed(text, &ty, context)),
                Err(error) => {
                    reader.refuse_text::<()>(
                        text,
                        &format!("the ABI is broken: {error}"),
                        "for this",
                        "correct the ABI",
                    );
                    arguments.push(None);
                }
            }
        }
        let value = match &self.value {
            None => None,
            Some(value) => {
                let text = reader.text_of(value)?;
                if constructor
                    .is_none_or(|constructor| constructor.state_mutability != StateMutability::Payable)
                {
                    let message = format!("the constructor of {} is not payable", artifact.name);
                    return reader.refuse_text(&text, &message, "wei that it refuses", "leave `value` out");
                }
                Some(reader.typed(&text, &Type::UINT, context)?)
            }
        };
        Some((arguments.into_iter().collect::<Option<_>>()?, value))
    }
}

impl<'a> Reader<'a> {
    /// The expressions of a list.
    pub(in crate::scenario::profile) fn texts(&self, value: &Value<'a>) -> Option<Vec<Text>> {
        let Some(elements) = value.elements() else {
            return value.refuse(
                "a list of expressions",
                "is no list",
                "put it in brackets: [\"1 ether\", \"oracle\"]",
            );
        };
        let texts: Vec<_> = elements.iter().map(|element| self.text_of(element)).collect();
        texts.into_iter().collect()
    }
}

/// `2 arguments`, `1 argument`, `no arguments`
fn count(number: usize, what: &str) -> String {
    match number {
        0 => format!("no {what}s"),
        1 => format!("1 {what}"),
        _ => format!("{number} {what}s"),
    }
}

fn were(number: usize) -> String {
    match number {
        0 => "none is".to_owned(),
        1 => "1 is".to_owned(),
        _ => format!("{number} are"),
    }
}
