//! Expressions where they stand in the file: an error points at the very characters.

use std::ops::Range;

use toml::de::DeValue;

use super::{
    names::{Context, MayDraw},
    reader::Reader,
};
use crate::{
    protocol::profile::{
        Definition,
        expression::{CallTemplate, Expression, ExpressionError, Scope, Source, Type, Variable},
    },
    scenario::{path::KeyPath, read::value::Value},
};

/// The text of an expression, with its place.
#[derive(Clone, Debug)]
pub(super) struct Text {
    /// The text.
    pub(super) text: String,
    /// The key that it is the value of.
    pub(super) path: KeyPath,
    /// The bytes of the whole value in the file.
    whole: Range<usize>,
    /// Where the text's first byte is in the file; `None` if the file writes it with escapes.
    begin: Option<usize>,
}

impl Text {
    /// The bytes in the file of some bytes of the text.
    pub(super) fn place(&self, span: &Range<usize>) -> Range<usize> {
        match self.begin {
            Some(begin) => begin + span.start..begin + span.end,
            None => self.whole.clone(),
        }
    }

    /// Where the text has this word.
    fn find_word(&self, word: &str) -> Option<Range<usize>> {
        let is_part = |c: char| c.is_alphanumeric() || c == '_' || c == '$';
        let found = self.text.match_indices(word).find(|(at, _)| {
            let before = self.text[..*at].chars().next_back();
            let after = self.text[at + word.len()..].chars().next();
            !before.is_some_and(|c| is_part(c) || c == '.') && !after.is_some_and(is_part)
        });
        found.map(|(at, _)| at..at + word.len())
    }

    /// Whether the text has this word, after a dot as well.
    pub(super) fn mentions(&self, word: &str) -> bool {
        let is_part = |c: char| c.is_alphanumeric() || c == '_' || c == '$';
        self.text.split(|c: char| !is_part(c)).any(|part| part == word)
    }
}

impl<'a> Reader<'a> {
    /// The text of an expression: a string, or a number or truth without quotes.
    pub(super) fn text_of(&self, value: &Value<'a>) -> Option<Text> {
        let whole = value.span();
        let raw = self.text.get(whole.clone()).unwrap_or_default();
        let (text, begin) = match value.get() {
            DeValue::String(text) => {
                let quotes = ["\"\"\"", "'''", "\"", "'"];
                let quote = quotes
                    .into_iter()
                    .find(|quote| raw.starts_with(quote))
                    .unwrap_or("");
                let begin = whole.start + quote.len();
                let inner = self.text.get(begin..begin + text.len());
                (text.to_string(), (inner == Some(text.as_ref())).then_some(begin))
            }
            DeValue::Integer(_) | DeValue::Boolean(_) => (raw.to_owned(), Some(whole.start)),
            _ => {
                return value.refuse(
                    "an expression",
                    "is none",
                    "write it in quotes: \"task.bond + 1 ether\"",
                );
            }
        };
        Some(Text {
            text,
            path: value.path().clone(),
            whole,
            begin,
        })
    }

    /// An expression of this type.
    pub(super) fn typed(&self, text: &Text, ty: &Type, context: Context) -> Option<Expression> {
        self.typed_with_result(text, ty, context, None)
    }

    /// An expression of this type, which may use what a call returned.
    pub(super) fn typed_with_result(
        &self,
        text: &Text,
        ty: &Type,
        context: Context,
        result: Option<&Type>,
    ) -> Option<Expression> {
        let mut scope = self.names.scope(context);
        if let Some(result) = result {
            // A name of the profile's own goes before.
            let _ = scope.result(result.clone());
        }
        let expression = Expression::parse_as(&text.text, ty, &scope);
        let expression = expression
            .map_err(|error| self.refuse_in(text, error, context))
            .ok()?;
        self.can_be_evaluated(text, &expression, context)
            .then_some(expression)
    }

    /// An expression of any type.
    pub(super) fn untyped(&self, text: &Text, context: Context) -> Option<Expression> {
        let expression = self.try_untyped(text, &self.names.scope(context));
        let expression = expression
            .map_err(|error| self.refuse_expression(text, &error))
            .ok()?;
        self.can_be_evaluated(text, &expression, context)
            .then_some(expression)
    }

    /// An expression of any type, of which nothing is noted.
    pub(super) fn try_untyped(&self, text: &Text, scope: &Scope) -> Result<Expression, ExpressionError> {
        Expression::parse(&text.text, scope)
    }

    /// A call.
    pub(super) fn call(&self, text: &Text, context: Context) -> Option<CallTemplate> {
        let call = CallTemplate::parse(&text.text, &self.names.scope(context));
        let call = call.map_err(|error| self.refuse_in(text, error, context)).ok()?;
        if call.draws() && context.draws == MayDraw::Nothing {
            let (message, help) = ("nothing can be drawn here", "write a value, or use a parameter");
            return self.refuse_text(text, message, "draws a value", help);
        }
        self.has_values(text, call.variables(), context).then_some(call)
    }

    /// Notes what is wrong with an expression in this context, which may lack a contract that is deployed later.
    fn refuse_in(&self, text: &Text, mut error: ExpressionError, context: Context) {
        let later = &self.names.contracts[context.contracts.unwrap_or(self.names.contracts.len())..];
        let names = |name: &str| error.message.contains(&format!("`{name}`"));
        if let Some(contract) = later.iter().find(|contract| names(&contract.name)) {
            error.message = format!("the contract `{}` is deployed later", contract.name);
            error.remedy = "constructors, and steps before a contract, use those above it".to_owned();
        }
        self.refuse_expression(text, &error);
    }

    /// Notes what is wrong with an expression, unless it uses a name whose declaration is broken.
    pub(super) fn refuse_expression(&self, text: &Text, error: &ExpressionError) {
        if self.broken.iter().any(|word| text.mentions(word)) {
            return;
        }
        let message = format!("`{}`: {}", text.path, error.message);
        let part = text.place(&error.span);
        self.refuse_part::<()>(
            &text.path,
            part,
            [message, "here".to_owned(), error.remedy.clone()],
        );
    }

    /// Notes a problem with the whole text of an expression.
    pub(super) fn refuse_text<T>(&self, text: &Text, message: &str, label: &str, help: &str) -> Option<T> {
        let message = format!("`{}`: {message}", text.path);
        let part = text.place(&(0..text.text.len()));
        self.refuse_part(&text.path, part, [message, label.to_owned(), help.to_owned()])
    }

    /// Whether an expression has what it needs where it stands: values, reads and draws.
    fn can_be_evaluated(&self, text: &Text, expression: &Expression, context: Context) -> bool {
        if expression.reads_chain() && !context.reads {
            let help = match context.task {
                true => {
                    "read it into a field, [[event]] set = { … } or [[on]] set = { … }, and use that: task.…"
                }
                false => "only rules, set-up, `set` and invariants read the chain",
            };
            self.refuse_text::<()>(text, "the chain cannot be read here", "reads the chain", help);
            return false;
        }
        let is_drawn = match context.draws {
            MayDraw::Nothing => expression.draws(),
            MayDraw::Random => expression.draws_unique(),
            MayDraw::All => false,
        };
        if is_drawn {
            let (message, help) = match (context.draws, context.task) {
                (MayDraw::Random, _) => (
                    "only actors draw unique values",
                    "draw a random one: random(bytes32)",
                ),
                (_, true) => (
                    "nothing can be drawn here",
                    "draw it into a field, [[event]] set = { … }, and use that: task.…",
                ),
                _ => (
                    "nothing can be drawn here",
                    "only rules, set-up and `set` draw values",
                ),
            };
            self.refuse_text::<()>(text, message, "draws a value", help);
            return false;
        }
        self.has_values(text, expression.variables(), context)
    }

    /// Whether the built-in names that an expression uses have a value where it stands.
    fn has_values(&self, text: &Text, variables: &[Variable], context: Context) -> bool {
        let mut all = true;
        for variable in variables {
            let is_built_in =
                variable.source == Source::Parameter && variable.index < Definition::BUILT_IN.len();
            if !is_built_in || context.gives(variable.index) {
                continue;
            }
            let (name, _) = Definition::BUILT_IN[variable.index];
            let span = text.find_word(name).unwrap_or(0..text.text.len());
            let message = format!("`{}`: `{name}` has no value here", text.path);
            let help = match variable.index {
                Definition::PAYLOAD => "it is the size of a task's payload, in rules with `arrival = true`",
                Definition::SUBMITTED => {
                    "it is the number of tasks that the actor submitted before, in rules with `arrival = true`"
                }
                Definition::OPENER => "it is the account that submitted a task, where that is on the chain",
                Definition::ACCOUNT => "it is the account of a step of set-up with `for_each`",
                _ => "it is the place of an actor in its role, in rules and set-up",
            };
            self.refuse_part::<()>(
                &text.path,
                text.place(&span),
                [message, "here".to_owned(), help.to_owned()],
            );
            all = false;
        }
        all
    }
}
