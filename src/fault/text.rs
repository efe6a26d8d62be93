//! Faults as text: `2% by 1s..5s from 10s until 60s`, after the name of the kind.

use std::{fmt, time::Duration};

use super::{Delay, Fault, FaultKey, FaultKind};
use crate::{
    suggest,
    units::{Parameter, format_duration, parse_duration},
};

/// The reason why a text is no fault.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{fault}")]
pub struct FaultError {
    /// What is wrong, as a sentence without its end.
    pub fault: String,
    /// What to do.
    pub help: String,
}

impl Fault {
    /// Reads a fault with its kind: `drop 2%`, `reorg depth 2 every 30s`.
    ///
    /// # Errors
    /// If it is none.
    pub fn parse(text: &str) -> Result<Self, FaultError> {
        let text = text.trim();
        let (name, rest) = text.split_once([' ', ',']).unwrap_or((text, ""));
        let Some(kind) = FaultKind::named(name) else {
            let names = FaultKind::ALL.map(FaultKind::name);
            return Err(FaultError {
                fault: format!("{:?} is no kind of fault", suggest::shortened(name)),
                help: suggest::meant(name, &names)
                    .unwrap_or_else(|| format!("the kinds are {}", suggest::list(&names))),
            });
        };
        Self::parse_of(kind, rest)
    }

    /// Reads what a text says of a fault of a known kind: `2%`, `depth 2 every 30s`.
    ///
    /// # Errors
    /// If it says something that the kind does not have.
    pub fn parse_of(kind: FaultKind, text: &str) -> Result<Self, FaultError> {
        let mut fault = Self::new(kind);
        let mut words = text
            .split([' ', ',', '='])
            .map(str::trim)
            .filter(|word| !word.is_empty());
        while let Some(word) = words.next() {
            let (key, value) = if word.ends_with('%') {
                (FaultKey::Rate, word)
            } else {
                let key = fault.key(word)?;
                let value = words.next().ok_or_else(|| FaultError {
                    fault: format!("`{word}` has no value"),
                    help: format!("for example {word} {}", key.example()),
                })?;
                (key, value)
            };
            fault.set(key, value).map_err(|wrong| FaultError {
                fault: format!("`{key}` must be {}; {value:?} {wrong}", key.must()),
                help: format!("for example {key} {}", key.example()),
            })?;
        }
        fault.check()?;
        Ok(fault)
    }

    /// The key that a word names, of those that its kind has.
    fn key(&self, word: &str) -> Result<FaultKey, FaultError> {
        let keys: Vec<FaultKey> = self.kind.keys().collect();
        keys.iter()
            .copied()
            .find(|key| key.name() == word)
            .ok_or_else(|| {
                let names: Vec<_> = keys.iter().map(|key| key.name()).collect();
                FaultError {
                    fault: format!("`{}` has no key `{}`", self.kind, suggest::shortened(word)),
                    help: suggest::meant(word, &names).unwrap_or_else(|| {
                        format!("the keys are {}; a share is written as 2%", suggest::list(&names))
                    }),
                }
            })
    }

    /// Gives a key this value.
    ///
    /// # Errors
    /// What is wrong with it, to follow "it".
    pub fn set(&mut self, key: FaultKey, value: &str) -> Result<(), String> {
        match key {
            FaultKey::Rate => self.rate = Some(share(value)?),
            FaultKey::At => {
                self.at.push(parse_duration(value)?);
                self.at.sort_unstable();
            }
            FaultKey::Every => self.every = Some(lasting(value)?),
            FaultKey::From => self.from = parse_duration(value)?,
            FaultKey::Until => self.until = Some(parse_duration(value)?),
            FaultKey::By => self.by = delay(value)?,
            FaultKey::For => self.lasts = lasting(value)?,
            FaultKey::Depth => {
                let depth = value.parse().map_err(|_| "is no whole number".to_owned())?;
                if !Self::DEPTH.contains(&depth) {
                    return Err("is out of range".to_owned());
                }
                self.depth = depth;
            }
            FaultKey::Factor => {
                let factor = Parameter::parse(value)?;
                if !(0.01..=1000.0).contains(&factor.value()) {
                    return Err("is out of range".to_owned());
                }
                self.factor = factor;
            }
            FaultKey::Fill => self.fill = share(value)?,
            FaultKey::Role => self.target.role = Some(value.to_owned()),
            FaultKey::Group => self.target.group = Some(value.to_owned()),
            FaultKey::Function => self.target.function = Some(value.to_owned()),
        }
        Ok(())
    }

    /// Holds its keys against each other.
    ///
    /// # Errors
    /// If they contradict each other.
    pub fn check(&self) -> Result<(), FaultError> {
        let wrong = |fault: String, help: &str| {
            Err(FaultError {
                fault,
                help: help.to_owned(),
            })
        };
        let kind = self.kind;
        if self.until.is_some_and(|until| until <= self.from) {
            let help = "make `until` later than `from`; both count from the beginning of the load";
            return wrong(format!("the window of `{kind}` ends before it begins"), help);
        }
        if self.rate.is_some() && (!self.at.is_empty() || self.every.is_some()) {
            let help = "keep the rate, or `at` and `every`";
            return wrong(format!("`{kind}` has a rate and moments"), help);
        }
        if kind.needs_target() && self.target.is_everybody() {
            let help = "say whom it concerns: a role, a group or a function, such as role oracle";
            return wrong(format!("`{kind}` concerns nobody"), help);
        }
        if kind == FaultKind::Outage && self.until.is_none() {
            let help = "say when it ends, such as until 60s: what was sent arrives then";
            return wrong(format!("`{kind}` has no end"), help);
        }
        Ok(())
    }

    /// Its keys and their values, those that say something of it.
    #[must_use]
    pub fn entries(&self) -> Vec<(FaultKey, String)> {
        let mut entries = Vec::new();
        let mut add = |key: FaultKey, value: Option<String>| entries.extend(value.map(|value| (key, value)));
        add(FaultKey::Rate, self.rate.map(percent));
        for at in &self.at {
            add(FaultKey::At, Some(format_duration(*at)));
        }
        add(FaultKey::Every, self.every.map(format_duration));
        add(
            FaultKey::From,
            (self.from > Duration::ZERO).then(|| format_duration(self.from)),
        );
        add(FaultKey::Until, self.until.map(format_duration));
        for key in self.kind.own_keys() {
            let value = match key {
                FaultKey::By => Some(self.by.to_string()),
                FaultKey::For => Some(format_duration(self.lasts)),
                FaultKey::Depth => Some(self.depth.to_string()),
                FaultKey::Factor => Some(self.factor.to_string()),
                FaultKey::Fill => Some(percent(self.fill)),
                FaultKey::Role => self.target.role.clone(),
                FaultKey::Group => self.target.group.clone(),
                FaultKey::Function => self.target.function.clone(),
                _ => None,
            };
            add(*key, value);
        }
        entries
    }
}

impl fmt::Display for Fault {
    /// As a command line writes it.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.kind)?;
        for (key, value) in self.entries() {
            match key {
                FaultKey::Rate => write!(f, " {value}")?,
                _ => write!(f, " {key} {value}")?,
            }
        }
        Ok(())
    }
}

impl fmt::Display for Delay {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", format_duration(self.least))?;
        if self.most > self.least {
            write!(f, "..{}", format_duration(self.most))?;
        }
        Ok(())
    }
}

/// `2%` as a share from 0 to 1.
fn share(text: &str) -> Result<Parameter, String> {
    let Some(number) = text.strip_suffix('%') else {
        return Err("has no %".to_owned());
    };
    let percent = Parameter::parse(number.trim())?;
    let millionths = percent.millionths().div_euclid(100);
    if millionths > 1_000_000 {
        return Err("is more than 100%".to_owned());
    }
    if !percent.millionths().is_multiple_of(100) {
        return Err("has more than four places".to_owned());
    }
    Ok(Parameter::from_millionths(millionths))
}

fn percent(share: Parameter) -> String {
    format!("{}%", Parameter::from_millionths(share.millionths() * 100))
}

/// A time of at least [`Fault::SHORTEST`].
fn lasting(text: &str) -> Result<Duration, String> {
    let time = parse_duration(text)?;
    if time < Fault::SHORTEST {
        return Err(format!("is shorter than {}", format_duration(Fault::SHORTEST)));
    }
    Ok(time)
}

/// `2s` or `1s..5s`.
fn delay(text: &str) -> Result<Delay, String> {
    let (least, most) = text.split_once("..").unwrap_or((text, text));
    let (least, most) = (parse_duration(least)?, parse_duration(most)?);
    if most < least {
        return Err("ends before it begins".to_owned());
    }
    Ok(Delay { least, most })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_read_back_as_they_are_written() {
        for text in [
            "drop 2%",
            "drop 0.25% from 10s until 1m role miner",
            "delay 5% by 1s..5s",
            "duplicate by 500ms function ack",
            "outage from 20s until 40s role oracle",
            "censor from 20s until 40s group gpu",
            "fee_spike at 10s at 20s factor 8",
            "full_blocks 10% fill 75%",
            "reorg every 30s depth 2",
            "stall at 10s for 3s",
        ] {
            let fault = Fault::parse(text).unwrap_or_else(|error| panic!("{text}: {error}"));
            assert_eq!(fault.to_string(), text);
        }
    }

    #[test]
    fn equals_signs_and_commas_separate_as_spaces_do() {
        let spaces = Fault::parse("reorg depth 2 every 30s").expect("a fault");
        assert_eq!(Fault::parse("reorg depth=2, every=30s"), Ok(spaces));
    }

    #[test]
    fn what_is_wrong_is_said_with_what_to_do() {
        let cases: Vec<String> = [
            "drp 2%",
            "drop 2",
            "drop 200%",
            "drop depth 2",
            "drop from",
            "drop from 20s until 10s",
            "drop 2% every 10s",
            "censor from 10s",
            "outage role oracle",
            "reorg depth 0",
            "delay by 5s..1s",
            "stall for 1ms",
            "fee_spike factor 0",
        ]
        .into_iter()
        .map(|text| {
            let error = Fault::parse(text).expect_err(text);
            format!("{text}\n  {}\n  {}\n", error.fault, error.help)
        })
        .collect();
        insta::assert_snapshot!(cases.concat());
    }
}
