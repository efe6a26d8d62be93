//! The types of what actors remember: `mine.…` by `let`, `actor.…` by `remember`, `shared.…` by `share`.

use super::{expressions::Text, names::Context, reader::Reader, rules::Parts};
use crate::protocol::profile::expression::{ExpressionError, Source, Type};

/// A value that is remembered somewhere.
struct Entry<'p> {
    source: Source,
    name: &'p str,
    text: &'p Text,
    context: Context,
}

/// Infers the type of every name from the first value in the file that can be read: a value may use others that are
/// remembered further down.
pub(super) fn infer<'a>(rules: &[Parts<'a>], reader: &mut Reader<'a>) {
    let mut waiting: Vec<Entry<'_>> = Vec::new();
    for rule in rules.iter().filter(|rule| rule.is_known()) {
        for (name, text) in &rule.lets {
            waiting.push(Entry {
                source: Source::Mine,
                name,
                text,
                context: rule.context(),
            });
        }
        if let Some(remember) = &rule.remember {
            let source = if remember.shared {
                Source::Shared
            } else {
                Source::Actor
            };
            let context = Context {
                event: Some(remember.event),
                ..rule.context()
            };
            for (name, text) in &remember.values {
                waiting.push(Entry {
                    source,
                    name,
                    text,
                    context,
                });
            }
        }
    }
    loop {
        let before = waiting.len();
        let mut errors = Vec::new();
        waiting.retain(|entry| match entry.infer(reader) {
            Ok(()) => false,
            Err(error) => {
                errors.push(error);
                true
            }
        });
        if waiting.len() < before && !waiting.is_empty() {
            continue;
        }
        refuse(&waiting, &errors, reader);
        return;
    }
}

/// Notes why the types of these values are not known, once for what they all come from.
fn refuse(waiting: &[Entry<'_>], errors: &[ExpressionError], reader: &mut Reader<'_>) {
    let unknown: Vec<_> = waiting
        .iter()
        .zip(errors)
        .filter(|(entry, _)| !reader.knows(entry.source, entry.name))
        .collect();
    let follows = |entry: &Entry<'_>| {
        let mut others = unknown.iter().filter(|(other, _)| other.name != entry.name);
        others.any(|(other, _)| entry.text.mentions(other.name))
    };
    let (following, first): (Vec<_>, Vec<_>) = unknown.iter().partition(|(entry, _)| follows(entry));
    // Values that only follow one another are told of one of them.
    let told = if first.is_empty() {
        &following[..following.len().min(1)]
    } else {
        &first[..]
    };
    for (entry, error) in told {
        reader.refuse_expression(entry.text, error);
    }
    let names: Vec<String> = unknown.iter().map(|(entry, _)| entry.name.to_owned()).collect();
    reader.broken.extend(names);
}

impl Entry<'_> {
    /// Declares the name with the type of the value, unless it is known.
    fn infer(&self, reader: &mut Reader<'_>) -> Result<(), ExpressionError> {
        if reader.knows(self.source, self.name) {
            return Ok(());
        }
        let ty: Type = reader
            .try_untyped(self.text, &reader.names.scope(self.context))?
            .ty()
            .clone();
        reader.declare(&self.text.path, self.name, |names| match self.source {
            Source::Mine => names.mine(self.name, ty),
            Source::Shared => names.shared(self.name, ty),
            _ => names.actor(self.name, ty),
        });
        Ok(())
    }
}

impl Reader<'_> {
    /// Whether a remembered name has a type, or was refused.
    fn knows(&self, source: Source, name: &str) -> bool {
        self.place_of(source, name).is_some() || self.broken.iter().any(|broken| broken == name)
    }

    /// The place of a remembered name.
    pub(super) fn place_of(&self, source: Source, name: &str) -> Option<usize> {
        let names = match source {
            Source::Mine => &self.names.mine,
            Source::Shared => &self.names.shared,
            _ => &self.names.actor,
        };
        names.iter().position(|known| known.name == name)
    }
}
