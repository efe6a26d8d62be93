//! Reading single values.

use std::{
    ops::{Range, RangeInclusive},
    time::Duration,
};

use alloy::primitives::U256;
use toml::{
    Spanned,
    de::{DeString, DeTable, DeValue},
};

use super::report::Report;
use crate::scenario::{
    path::{KeyPath, Step},
    problem::Problem,
    suggest::{self, list},
    units::{
        Parameter, format_amount, format_duration, format_gas_price, grouped, parse_amount, parse_duration,
    },
};

/// A value being read.
#[derive(Clone)]
pub(in crate::scenario) struct Value<'a> {
    value: &'a Spanned<DeValue<'a>>,
    path: KeyPath,
    report: &'a Report,
}

impl<'a> Value<'a> {
    /// A value with its place.
    pub(in crate::scenario) fn new(
        value: &'a Spanned<DeValue<'a>>,
        path: KeyPath,
        report: &'a Report,
    ) -> Self {
        Self { value, path, report }
    }

    /// The value itself.
    pub(in crate::scenario) fn get(&self) -> &'a DeValue<'a> {
        self.value.get_ref()
    }

    /// Its place.
    pub(in crate::scenario) fn path(&self) -> &KeyPath {
        &self.path
    }

    /// The offset of its first byte among all texts.
    pub(in crate::scenario) fn begin(&self) -> usize {
        self.value.span().start
    }

    /// Its bytes among all texts.
    pub(in crate::scenario) fn span(&self) -> Range<usize> {
        self.value.span()
    }

    /// Where problems go.
    pub(in crate::scenario) fn report(&self) -> &'a Report {
        self.report
    }

    /// Notes that it `must` be something else: `label` says what it is, `help` what would be right.
    pub(in crate::scenario) fn refuse<T>(
        &self,
        must: &str,
        label: impl Into<String>,
        help: impl Into<String>,
    ) -> Option<T> {
        let problem =
            Problem::new(format!("`{}` must be {must}", self.path), help).at(self.path.clone(), label);
        self.report.broken(self.path.clone(), problem);
        None
    }

    fn refuse_type<T>(&self, must: &str, help: impl Into<String>) -> Option<T> {
        self.refuse(must, format!("is {}", kind(self.get())), help)
    }

    /// A string.
    pub(in crate::scenario) fn text(self) -> Option<String> {
        match self.get().as_str() {
            Some(text) => Some(text.to_owned()),
            None => self.refuse_type("text", format!("put it in quotes: {} = \"…\"", self.key())),
        }
    }

    /// A name that is safe in a file's name.
    pub(in crate::scenario) fn name(self) -> Option<String> {
        const MUST: &str = "1 to 64 letters, digits, `-`, `_` or `.`, and begin with a letter or a digit";
        let Some(text) = self.get().as_str() else {
            return self.refuse_type(MUST, "it names files and folders");
        };
        let plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.');
        let starts_well = text.starts_with(|c: char| c.is_ascii_alphanumeric());
        if starts_well && text.len() <= 64 && text.chars().all(plain) {
            return Some(text.to_owned());
        }
        let label = if text.is_empty() {
            "is empty"
        } else {
            "cannot name a file everywhere"
        };
        let fitting: String = text
            .chars()
            .map(|c| if plain(c) { c } else { '-' })
            .take(64)
            .collect();
        let fitting = fitting.trim_start_matches(['-', '_', '.']);
        let fitting = if fitting.is_empty() { "baseline" } else { fitting };
        self.refuse(MUST, label, format!("for example \"{fitting}\""))
    }

    /// `true` or `false`.
    pub(in crate::scenario) fn boolean(self) -> Option<bool> {
        match self.get().as_bool() {
            Some(value) => Some(value),
            None => self.refuse_type("true or false", format!("write {} = true", self.key())),
        }
    }

    /// A whole number in `range`.
    pub(in crate::scenario) fn whole(self, range: RangeInclusive<u64>) -> Option<u64> {
        let must = format!(
            "a whole number from {} to {}",
            grouped(*range.start()),
            grouped(*range.end())
        );
        let help = |value: u64| format!("the nearest that will do is {value}");
        let Some(integer) = self.get().as_integer() else {
            return self.refuse_type(
                &must,
                format!(
                    "write it without quotes and units: {} = {}",
                    self.key(),
                    range.start()
                ),
            );
        };
        match i128::from_str_radix(integer.as_str(), integer.radix()) {
            Ok(number) => match u64::try_from(number) {
                Ok(number) if range.contains(&number) => Some(number),
                _ => {
                    let nearest = if number < i128::from(*range.start()) {
                        range.start()
                    } else {
                        range.end()
                    };
                    self.refuse(&must, format!("is {number}"), help(*nearest))
                }
            },
            Err(_) => self.refuse(&must, "is far too large", help(*range.end())),
        }
    }

    /// A number without a unit, in `range`.
    pub(in crate::scenario) fn parameter(self, range: RangeInclusive<Parameter>) -> Option<Parameter> {
        let (least, most) = (*range.start(), *range.end());
        let must = format!("a number from {least} to {most}");
        let parsed = match self.get() {
            DeValue::Integer(integer) if integer.radix() == 10 => Parameter::parse(integer.as_str()),
            DeValue::Float(float) => Parameter::parse(float.as_str()),
            _ => {
                let help = format!("write it without quotes and units: {} = 1.5", self.key());
                return self.refuse_type(&must, help);
            }
        };
        match parsed {
            Ok(number) if range.contains(&number) => Some(number),
            Ok(number) => {
                let nearest = number.clamp(least, most);
                self.refuse(
                    &must,
                    format!("is {number}"),
                    format!("the nearest that will do is {nearest}"),
                )
            }
            Err(fault) => self.refuse(&must, fault, "write it with a point: 0.5, 1.25, 3"),
        }
    }

    /// A whole number in `range`, of 32 bits.
    pub(in crate::scenario) fn count(self, range: RangeInclusive<u32>) -> Option<u32> {
        self.whole((*range.start()).into()..=(*range.end()).into())
            .and_then(|number| u32::try_from(number).ok())
    }

    /// One of `choices`, by their names.
    pub(in crate::scenario) fn choice<T: Copy>(
        self,
        choices: &[T],
        name: impl Fn(T) -> &'static str,
    ) -> Option<T> {
        let names: Vec<_> = choices.iter().map(|choice| name(*choice)).collect();
        let must = format!("one of {}", list(&names));
        let Some(text) = self.get().as_str() else {
            return self.refuse_type(&must, format!("for example {} = \"{}\"", self.key(), names[0]));
        };
        let found = choices.iter().copied().find(|choice| name(*choice) == text);
        found.or_else(|| {
            let help =
                suggest::meant(text, &names).unwrap_or_else(|| format!("for example \"{}\"", names[0]));
            self.refuse(&must, "is none of them", help)
        })
    }

    /// Text that `parse` reads; its error completes "it …".
    pub(in crate::scenario) fn parsed<T>(
        self,
        must: &str,
        help: &str,
        parse: impl FnOnce(&str) -> Result<T, String>,
    ) -> Option<T> {
        match self.get().as_str() {
            Some(text) => match parse(text) {
                Ok(value) => Some(value),
                Err(fault) => self.refuse(must, fault, help),
            },
            None => self.refuse_type(must, help),
        }
    }

    /// A duration in `range`.
    pub(in crate::scenario) fn duration(self, range: RangeInclusive<Duration>) -> Option<Duration> {
        self.duration_because(range, "")
    }

    /// A duration in `range`, with the reason for these bounds.
    pub(in crate::scenario) fn duration_because(
        self,
        range: RangeInclusive<Duration>,
        why: &str,
    ) -> Option<Duration> {
        let (shortest, longest) = (format_duration(*range.start()), format_duration(*range.end()));
        let must = format!("a duration from {shortest} to {longest}");
        let duration = self.clone().parsed(
            &must,
            "write it with its unit: \"300ms\", \"1.5s\", \"2m\"",
            parse_duration,
        )?;
        if range.contains(&duration) {
            return Some(duration);
        }
        let help = |nearest: &str| format!("the nearest that will do is \"{nearest}\"{why}");
        if duration < *range.start() {
            self.refuse(&must, format!("is shorter than {shortest}"), help(&shortest))
        } else {
            self.refuse(&must, format!("is longer than {longest}"), help(&longest))
        }
    }

    /// An amount of ether of at most `most` wei, as wei.
    pub(in crate::scenario) fn amount(self, most: u128) -> Option<U256> {
        const HELP: &str =
            "write it with its unit: \"0.5 ether\", \"10 gwei\", \"100 wei\", or as a number of wei";
        let most = U256::from(most);
        let must = format!("an amount of ether, below 2^{} wei", most.bit_len());
        let amount = match self.get().as_integer() {
            Some(integer) => match u128::from_str_radix(integer.as_str(), integer.radix()) {
                Ok(wei) => U256::from(wei),
                Err(_) => return self.refuse(&must, "is out of range", HELP),
            },
            None => self.clone().parsed(&must, HELP, parse_amount)?,
        };
        if amount <= most {
            return Some(amount);
        }
        self.refuse(
            &must,
            "is too large",
            format!("at most \"{}\"", format_amount(most)),
        )
    }

    /// A price of gas of at most `most` wei, as wei.
    pub(in crate::scenario) fn gas_price(self, most: u64) -> Option<u64> {
        const HELP: &str = "write it with its unit: \"1.5 gwei\", \"100 wei\", or as a number of wei";
        let must = format!("a price of gas, at most \"{}\"", format_gas_price(most));
        let wei = match self.get().as_integer() {
            Some(integer) => u64::from_str_radix(integer.as_str(), integer.radix()).ok(),
            None => {
                let amount = self.clone().parsed(&must, HELP, parse_amount)?;
                u64::try_from(amount).ok()
            }
        };
        match wei {
            Some(wei) if wei <= most => Some(wei),
            _ => self.refuse(&must, "is out of range", HELP),
        }
    }

    /// The elements of an array, each with its place; `None` if it is none.
    pub(in crate::scenario) fn elements(&self) -> Option<Vec<Self>> {
        let element = |(index, value)| Self::new(value, self.path.index(index), self.report);
        Some(self.get().as_array()?.iter().enumerate().map(element).collect())
    }

    /// The entries of a table whose keys are names that the file chooses, in the order of the file.
    pub(in crate::scenario) fn members(self) -> Option<Vec<(String, Self)>> {
        let (path, report) = (self.path.clone(), self.report);
        let mut members: Vec<_> = self.entries()?.iter().collect();
        members.sort_by_key(|(name, _)| name.span().start);
        let member = |(name, value): (&Spanned<DeString<'_>>, &'a Spanned<DeValue<'a>>)| {
            let name = name.get_ref();
            (name.to_string(), Self::new(value, path.key(name), report))
        };
        Some(members.into_iter().map(member).collect())
    }

    /// A table's entries.
    pub(in crate::scenario) fn entries(self) -> Option<&'a DeTable<'a>> {
        match self.get() {
            DeValue::Table(table) => Some(table),
            _ => self.refuse_type(
                "a table",
                match self.path.steps() {
                    [.., Step::Index(_), Step::Key(key)] => {
                        format!("write its keys in braces: {key} = {{ … }}")
                    }
                    _ => format!("write [{}] on a line of its own, and its keys below", self.path),
                },
            ),
        }
    }

    /// The last key of its path.
    fn key(&self) -> String {
        let path = self.path.to_string();
        path.rsplit('.').next().unwrap_or_default().to_owned()
    }
}

/// What a value of the wrong type is, with its article.
pub(in crate::scenario) fn kind(value: &DeValue<'_>) -> &'static str {
    match value {
        DeValue::String(_) => "text",
        DeValue::Integer(_) => "a whole number",
        DeValue::Float(_) => "a decimal number",
        DeValue::Boolean(_) => "true or false",
        DeValue::Datetime(_) => "a date",
        DeValue::Array(_) => "an array",
        DeValue::Table(_) => "a table",
    }
}
