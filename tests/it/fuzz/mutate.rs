//! Mutations of a corpus.

use rand::{RngExt, SeedableRng, rngs::ChaCha8Rng};

/// Longest input, in bytes.
const LONGEST: usize = 1 << 18;

/// What readers trip over: syntax, extremes of numbers, characters of several bytes, line ends.
const WORDS: &[&str] = &[
    "\0",
    "\r",
    "\n",
    "\r\n",
    "\u{feff}",
    "\u{1b}[31m",
    "ä",
    "漢",
    "\u{202e}",
    "\t",
    " ",
    ",",
    ";",
    "\"",
    "'",
    "\"\"\"",
    "[",
    "]",
    "[[",
    "{",
    "}",
    "=",
    ".",
    "..",
    "#",
    "-",
    "+",
    "%",
    "<",
    ">=",
    "/",
    "/s",
    "/h",
    "/block",
    "ms",
    "us",
    "s",
    "h",
    "d",
    "y",
    " ether",
    " gwei",
    " MiB",
    "0",
    "-0",
    "1",
    "-1",
    "00",
    "0.0000001",
    "1e308",
    "-1e308",
    "1e999",
    "nan",
    "inf",
    "-inf",
    "255",
    "256",
    "65535",
    "65536",
    "1000000",
    "4294967295",
    "4294967296",
    "9223372036854775807",
    "9223372036854775808",
    "18446744073709551615",
    "18446744073709551616",
    "340282366920938463463374607431768211456",
    "99999999999999999999999999999999999999999999",
    "1_000",
    "0x7f",
    "true",
    "null",
    "[[owners]]\n",
    "[[miners]]\n",
    "count = ",
    "redundancy = ",
    "load = ",
    "extends = \"s.toml\"\n",
    "owners.",
    "miners[0].",
    "at_s",
    "at",
    "value_us",
    "low_us",
    "high_us",
    "count",
    "2030-01-02T03:04:05Z",
    "1900000000",
    "uniform",
    "lognormal",
    "empirical",
    "constant",
    "trace",
    "stages",
    "365d",
    "168h",
    "0s",
];

/// A sequence of inputs.
pub(super) struct Mutator {
    random: ChaCha8Rng,
    seeds: Vec<Vec<u8>>,
}

impl Mutator {
    /// Mutations of `seeds`.
    pub(super) fn new(seed: u64, seeds: Vec<Vec<u8>>) -> Self {
        Self {
            random: ChaCha8Rng::seed_from_u64(seed),
            seeds,
        }
    }

    /// The next input.
    pub(super) fn next(&mut self) -> Vec<u8> {
        let seed = self.below(self.seeds.len());
        let mut bytes = self.seeds[seed].clone();
        for _ in 0..=self.below(6) {
            self.mutate(&mut bytes);
        }
        bytes.truncate(LONGEST);
        bytes
    }

    fn mutate(&mut self, bytes: &mut Vec<u8>) {
        let (start, end) = self.range(bytes);
        match self.below(9) {
            0 if start < bytes.len() => bytes[start] ^= 1 << self.below(8),
            1 => drop(bytes.drain(start..end)),
            2 => {
                let copy = bytes[start..end].to_vec();
                let place = self.below(bytes.len() + 1);
                bytes.splice(place..place, copy);
            }
            3 => {
                // Once in a while so often that depth and length tell.
                let times = if self.below(20) == 0 {
                    1 << self.below(17)
                } else {
                    self.below(5)
                };
                let copy = bytes[start..end].repeat(times.min(LONGEST / (end - start).max(1)));
                bytes.splice(start..start, copy);
            }
            4 => {
                let other = self.below(self.seeds.len());
                let (from, to) = self.range(&self.seeds[other].clone());
                let part = self.seeds[other][from..to].to_vec();
                bytes.splice(start..end, part);
            }
            5 => {
                let long = if self.below(20) == 0 {
                    1 << self.below(17)
                } else {
                    1
                };
                let word = self.word().repeat(long);
                bytes.splice(start..start, word);
            }
            6 => {
                // A number for a number.
                let digits = |byte: &u8| byte.is_ascii_digit();
                let from = bytes[start..].iter().position(digits).map(|at| at + start);
                let Some(from) = from else { return };
                let length = bytes[from..].iter().take_while(|byte| digits(byte)).count();
                let word = self.word();
                bytes.splice(from..from + length, word);
            }
            7 => bytes.truncate(end),
            _ => {
                let word = self.word();
                bytes.splice(start..end, word);
            }
        }
    }

    fn word(&mut self) -> Vec<u8> {
        WORDS[self.below(WORDS.len())].as_bytes().to_vec()
    }

    /// A part of `bytes`, mostly a short one.
    fn range(&mut self, bytes: &[u8]) -> (usize, usize) {
        let start = self.below(bytes.len() + 1);
        let length = 1 << self.below(7);
        (start, (start + length).min(bytes.len()))
    }

    /// From 0 to `end`, without it.
    fn below(&mut self, end: usize) -> usize {
        self.random.random_range(0..end.max(1))
    }
}
