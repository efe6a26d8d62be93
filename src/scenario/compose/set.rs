//! Applying what the command line sets.

use std::ops::Range;

use toml::{
    Spanned,
    de::{DeArray, DeString, DeTable, DeValue},
};

use super::{
    Fault,
    groups::{self, Groups},
    shift,
};
use crate::scenario::{
    overrides::{Does, Override},
    path::{KeyPath, Step},
    source::Source,
    suggest,
};

/// How an assignment looks.
const EXAMPLE: &str = "write KEY=VALUE, for example chain.block_time=2s";

/// Most parts of a key: several times as many as the longest key has.
const MAX_PARTS: usize = 32;

/// Sets in `tree` what `over` says, whose text is `source`.
pub(super) fn apply<'a>(tree: &mut DeTable<'a>, over: &Override, source: &'a Source) -> Result<(), Fault> {
    let text = source.text();
    let flag = || source.place(0..over.begin.saturating_sub(1));
    match over.does {
        Does::Sets => {}
        Does::Lasts => {
            let value = value(&text[over.begin..], source.start() + over.begin)?;
            last(tree, &flag(), &value);
            return Ok(());
        }
        Does::AddsFault => return add_fault(tree, flag(), &text[over.begin..], source.start() + over.begin),
    }
    let (path, value_at) = match over.key {
        Some(key) => {
            let flag = source.place(0..over.begin.saturating_sub(1));
            let steps = key
                .split('.')
                .map(|key| (Step::Key(key.to_owned()), flag.clone()));
            (steps.collect(), over.begin)
        }
        None => {
            let Some(key) = text[over.begin..]
                .split('=')
                .next()
                .filter(|key| over.begin + key.len() < text.len())
            else {
                let span = source.place(over.begin..text.len());
                return Err(Fault::new("no value is set", span, "has no `=`", EXAMPLE));
            };
            (
                steps(key, source.start() + over.begin)?,
                over.begin + key.len() + 1,
            )
        }
    };
    let value = value(&text[value_at..], source.start() + value_at)?;
    let groups = Groups::of([&*tree]);
    let setting = Setting {
        path: &path,
        value,
        groups,
    };
    setting.in_table(tree, 0)
}

/// Adds the fault that `text` writes, which stands at `start` behind `flag`, to those of its kind.
fn add_fault<'a>(
    tree: &mut DeTable<'a>,
    flag: Range<usize>,
    text: &'a str,
    start: usize,
) -> Result<(), Fault> {
    let start = start + (text.len() - text.trim_start().len());
    let text = text.trim();
    let (kind, rest) = text.split_at(text.find([' ', ',']).unwrap_or(text.len()));
    if kind.is_empty() {
        let help = "write its kind and how often, for example --fault \"drop 2%\"";
        return Err(Fault::new("no fault is named", flag, "nothing follows", help));
    }
    let name: Spanned<DeString<'a>> = Spanned::new(start..start + kind.len(), kind.into());
    let value = Spanned::new(start..start + text.len(), DeValue::String(rest.into()));
    if !tree.contains_key("faults") {
        let empty = DeValue::Table(DeTable::new());
        tree.insert(
            Spanned::new(flag.clone(), "faults".into()),
            Spanned::new(flag, empty),
        );
    }
    // One that is no table is refused by who reads it.
    if let Some(DeValue::Table(faults)) = tree.get_mut("faults").map(Spanned::get_mut) {
        let value = match faults.remove(kind) {
            None => value,
            Some(others) => {
                let span = others.span();
                let mut all = match others.into_inner() {
                    DeValue::Array(all) => all,
                    one => [Spanned::new(span.clone(), one)].into_iter().collect(),
                };
                all.push(value);
                Spanned::new(span, DeValue::Array(all))
            }
        };
        faults.insert(name, value);
    }
    Ok(())
}

/// Has the load of every group last for `value`, which stands behind `flag`, however many tasks that makes.
fn last<'a>(tree: &mut DeTable<'a>, flag: &Range<usize>, value: &Spanned<DeValue<'a>>) {
    let which = Groups::of([&*tree]);
    // That groups are missing is said by who reads them.
    for (key, groups) in tree.iter_mut() {
        let key = key.get_ref().as_ref();
        let count = groups::names(key, groups.get_ref()).len();
        for index in 0..count {
            let group = groups::group(groups, index);
            if let Some(group) = group.filter(|group| which.submits(key, group)) {
                group.remove("tasks");
                group.remove("duration");
                group.insert(Spanned::new(flag.clone(), "duration".into()), value.clone());
            }
        }
    }
}

/// The value that `text`, which stands at `start`, writes: TOML, or else the text as it is.
fn value(text: &str, start: usize) -> Result<Spanned<DeValue<'_>>, Fault> {
    let start = start + (text.len() - text.trim_start().len());
    let text = text.trim();
    let span = start..start + text.len();
    if text.is_empty() {
        let help = "write the value after the `=`; an empty text is \"\"";
        return Err(Fault::new(
            "no value is set",
            start.saturating_sub(1)..start,
            "nothing follows",
            help,
        ));
    }
    let (value, errors) = DeValue::parse_recoverable(text);
    match errors.first() {
        None => Ok(shift::value(value, start)),
        // What begins like a table, an array or a text in quotes was meant to be one.
        Some(error) if text.starts_with(['{', '[', '"', '\'']) => {
            let span = error.span().unwrap_or_default();
            Err(Fault::new(
                format!("the value is not TOML: {}", error.message()),
                start + span.start..start + span.end,
                "here",
                "quote the whole for the shell, and texts in it for TOML: --set 'owners.load={ constant = \"5/s\" }'",
            ))
        }
        Some(_) => Ok(Spanned::new(span, DeValue::String(text.into()))),
    }
}

/// The steps of the key `text`, which stands at `start`: `miners[0].count`, `miners."gpu.large".count`.
fn steps(text: &str, start: usize) -> Result<Vec<(Step, Range<usize>)>, Fault> {
    let mut steps = Vec::new();
    let mut rest = text;
    let at = |rest: &str| start + text.len() - rest.len();
    let bad = |rest: &str| {
        let place = at(rest);
        let span = place..(place + rest.trim_end().len().min(1)).max(place);
        Err(Fault::new(
            format!("`{}` is not a key", suggest::shortened(text.trim())),
            span,
            "is not expected here",
            "keys have dots between them, and indices in brackets: miners.count, miners[0].count, miners.gpu.count",
        ))
    };
    rest = rest.trim_start();
    loop {
        let (key, length) = match rest.chars().next() {
            Some(quote @ ('"' | '\'')) => match rest[1..].split_once(quote) {
                Some((key, _)) => (key, key.len() + 2),
                None => return bad(rest),
            },
            _ => {
                let plain = |c: char| c.is_alphanumeric() || matches!(c, '-' | '_');
                let end = rest.find(|c| !plain(c)).unwrap_or(rest.len());
                (&rest[..end], end)
            }
        };
        if length == 0 {
            return bad(rest);
        }
        let place = at(rest);
        steps.push((Step::Key(key.to_owned()), place..place + length));
        rest = &rest[length..];
        while let Some(inside) = rest.strip_prefix('[') {
            let Some((index, after)) = inside.split_once(']') else {
                return bad(rest);
            };
            let Ok(number) = index.parse() else {
                return bad(inside);
            };
            steps.push((Step::Index(number), at(rest)..at(after)));
            rest = after;
        }
        if steps.len() > MAX_PARTS {
            let help = "keys have a few parts: miners.count, miners[0].count, miners.gpu.count";
            return Err(Fault::new(
                format!("the key has more than {MAX_PARTS} parts"),
                place..place + length,
                "one part too many",
                help,
            ));
        }
        match rest.strip_prefix('.') {
            Some(more) => rest = more,
            None if rest.trim().is_empty() => return Ok(steps),
            None => return bad(rest),
        }
    }
}

/// A value, and the way to where it belongs.
struct Setting<'p, 'a> {
    path: &'p [(Step, Range<usize>)],
    value: Spanned<DeValue<'a>>,
    /// Which keys are groups.
    groups: Groups,
}

impl<'a> Setting<'_, 'a> {
    /// Sets it in `table`, which `depth` steps lead to.
    fn in_table(self, table: &mut DeTable<'a>, depth: usize) -> Result<(), Fault> {
        let (Step::Key(key), span) = &self.path[depth] else {
            return Err(self.no_array(depth));
        };
        let name = Spanned::new(span.clone(), key.clone().into());
        if depth + 1 == self.path.len() {
            table.remove(key.as_str());
            table.insert(name, self.value);
            return Ok(());
        }
        if !table.contains_key(key.as_str()) {
            let empty = Spanned::new(span.clone(), DeValue::Table(DeTable::new()));
            table.insert(name, empty);
        }
        match table.get_mut(key.as_str()) {
            Some(value) if depth == 0 && self.groups.contain(key) => self.in_groups(value, key),
            Some(value) => self.in_value(value, depth + 1),
            None => Ok(()),
        }
    }

    /// Sets it in `value`, which `depth` steps lead to.
    fn in_value(self, value: &mut Spanned<DeValue<'a>>, depth: usize) -> Result<(), Fault> {
        if depth == self.path.len() {
            *value = self.value;
            return Ok(());
        }
        match (value.get_mut(), &self.path[depth].0) {
            (DeValue::Table(table), _) => self.in_table(table, depth),
            (DeValue::Array(elements), Step::Index(index)) => {
                let count = elements.len();
                match elements.get_mut(*index) {
                    Some(element) => self.in_value(element, depth + 1),
                    None => Err(self.no_element(depth, count)),
                }
            }
            (DeValue::Array(_), Step::Key(_)) => Err(Fault::new(
                format!("`{}` is an array", self.name(depth)),
                self.path[depth].1.clone(),
                "is a key",
                format!("say which element, from 0: {}[0]", self.name(depth)),
            )),
            // A single value gives way to a table.
            (_, Step::Key(_)) => {
                let mut table = DeTable::new();
                let span = self.path[depth].1.clone();
                self.in_table(&mut table, depth)?;
                *value = Spanned::new(span, DeValue::Table(table));
                Ok(())
            }
            (_, Step::Index(_)) => Err(self.no_array(depth)),
        }
    }

    /// Sets it in the group or groups of `key`: the second step may say which.
    fn in_groups(self, value: &mut Spanned<DeValue<'a>>, key: &str) -> Result<(), Fault> {
        let names = groups::names(key, value.get_ref());
        let (step, _) = &self.path[1];
        let goes_on = self.path.len() > 2;
        let (index, depth) = match step {
            Step::Index(index) if *index < names.len() => (*index, 2),
            Step::Index(_) => return Err(self.no_element(1, names.len())),
            Step::Key(word) => match names.iter().position(|name| name == word) {
                Some(index) if goes_on => (index, 2),
                _ if names.len() == 1 => (0, 1),
                Some(_) | None if names.is_empty() => return self.in_value(value, 1),
                _ => return Err(self.no_group(key, word, &names)),
            },
        };
        if depth == self.path.len() {
            return self.in_value_at(value, index);
        }
        match groups::group(value, index) {
            Some(group) => self.in_table(group, depth),
            // No group: what is wrong with it is said by who reads it.
            None => Ok(()),
        }
    }

    /// Replaces the whole group `index`.
    fn in_value_at(self, groups: &mut Spanned<DeValue<'a>>, index: usize) -> Result<(), Fault> {
        match groups.get_mut() {
            DeValue::Array(elements) => set_element(elements, index, self.value),
            _ => *groups = self.value,
        }
        Ok(())
    }

    /// The path up to `depth`, as messages name it.
    fn name(&self, depth: usize) -> String {
        let steps = self.path[..depth].iter().map(|(step, _)| step);
        let path = steps.fold(KeyPath::root(), |path, step| match step {
            Step::Key(key) => path.key(key),
            Step::Index(index) => path.index(*index),
        });
        path.to_string()
    }

    /// `word` stands where one of several groups is to be named.
    fn no_group(&self, key: &str, word: &str, names: &[String]) -> Fault {
        let rest = &self.path[2..];
        let known = names.iter().any(|name| name == word);
        let (label, help) = if known {
            let help = format!("name a key of the group: {key}.{word}.count");
            ("is a whole group", help)
        } else {
            let written = |name: &str| match rest {
                // What stands there is a key, and the group before it is missing.
                [] => format!("{key}.{name}.{word}"),
                _ => format!("{key}.{name}"),
            };
            ("is no group", groups::which(word, names, written))
        };
        Fault::new(
            format!("`{key}.{word}`: there are {} groups of {key}", names.len()),
            self.path[1].1.clone(),
            label,
            help,
        )
    }

    fn no_array(&self, depth: usize) -> Fault {
        Fault::new(
            format!("`{}` is not an array", self.name(depth)),
            self.path[depth].1.clone(),
            "is an index",
            format!("leave it out: {}", self.name(depth)),
        )
    }

    fn no_element(&self, depth: usize, count: usize) -> Fault {
        Fault::new(
            format!("`{}` does not exist", self.name(depth + 1)),
            self.path[depth].1.clone(),
            format!("there are {count}"),
            format!("indices count from 0: the last is {}", count.saturating_sub(1)),
        )
    }
}

fn set_element<'a>(elements: &mut DeArray<'a>, index: usize, value: Spanned<DeValue<'a>>) {
    if let Some(element) = elements.get_mut(index) {
        *element = value;
    }
}
