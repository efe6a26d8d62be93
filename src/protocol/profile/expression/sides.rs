//! Sides of a condition that does not hold, with their values, for people.

use alloy::primitives::{Address, I256, U256};

use super::{
    Expression,
    code::Code,
    environment::{Answers, Environment},
    evaluate::Evaluator,
    parse::parse,
    syntax::{Binary, Node, NodeKind},
    value::Value,
};

impl Expression {
    /// The sides of the comparisons because of which a condition does not hold, each with its value: of the condition itself, or
    /// of those that `&&` joins. Numbers that are written out are left out, and sides that draw.
    #[must_use]
    pub fn sides(&self, environment: &dyn Environment, answers: &Answers) -> Vec<(String, String)> {
        let mut sides = Vec::new();
        if let Ok(node) = parse(&self.text) {
            let mut evaluator = Evaluator {
                environment,
                draws: None,
                answers,
                task: None,
            };
            self.add_sides(&node, &self.code, &mut evaluator, &mut sides);
        }
        sides
    }

    fn add_sides(
        &self,
        node: &Node,
        code: &Code,
        evaluator: &mut Evaluator<'_>,
        sides: &mut Vec<(String, String)>,
    ) {
        let NodeKind::Binary(left, operator, right) = &node.kind else {
            return;
        };
        match (operator, code) {
            (Binary::And, Code::And(pair)) => {
                for (node, code) in [left, right].into_iter().zip(&**pair) {
                    let holds = evaluator.value(code).ok().and_then(|truth| truth.as_bool());
                    if holds == Some(false) {
                        self.add_sides(node, code, evaluator, sides);
                    }
                }
            }
            (_, Code::Compare(pair, _, is_signed)) => {
                for (node, code) in [left, right].into_iter().zip(&**pair) {
                    if matches!(node.kind, NodeKind::Number { .. } | NodeKind::Bool(_)) {
                        continue;
                    }
                    let text = self.text.get(node.span.clone()).unwrap_or_default();
                    if let Ok(Value::Word(word)) = evaluator.value(code) {
                        sides.push((text.to_owned(), shown(word, *is_signed)));
                    }
                }
            }
            _ => {}
        }
    }
}

/// A word for people: a number, or an address or a hash if it is too large for one.
fn shown(word: U256, is_signed: bool) -> String {
    if is_signed {
        return I256::from_raw(word).to_string();
    }
    match word.bit_len() {
        0..=128 => word.to_string(),
        129..=160 => Address::from_word(word.into()).to_string(),
        _ => format!("{word:#066x}"),
    }
}
