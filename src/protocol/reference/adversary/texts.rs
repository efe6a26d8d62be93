//! Task data and results of every kind that contracts treat in their own way.

use alloy::primitives::{Address, B256, keccak256};
use rand::{RngExt, rngs::ChaCha8Rng};

use super::super::{TaskKey, commit_hash};

/// Bytes of texts: none, some, a word and about it, what fits in slots and about it, and what is kept as code.
const SIZES: [usize; 10] = [0, 5, 31, 32, 33, 64, 95, 96, 97, 300];
/// One more kind: a result that begins with [`CRAFTED`], and one in other alphabets.
const KINDS: usize = SIZES.len() + 2;
/// Thirty-two bytes that are text and that a miner precommits as if they were a hash.
const CRAFTED: [u8; 32] = *b"a word that is text and no hash.";

/// The result of one of [`KINDS`].
fn text(kind: usize, seed: u64) -> String {
    match SIZES.get(kind) {
        Some(size) => {
            let letters = (0..*size as u64).map(|place| b'a' + ((place + seed) % 26) as u8);
            letters.map(char::from).collect()
        }
        None if kind == SIZES.len() => format!("{}{seed}", String::from_utf8_lossy(&CRAFTED)),
        None => format!("ünïcødé 字母 🙂 {seed}"),
    }
}

/// One byte more than a contract that keeps text as code can hold.
const LONG: usize = 24_576;

/// Bytes that are no text: a byte that starts nothing, characters cut off at the end, a wrong second, third and fourth byte,
/// a surrogate, a longer form than needed, and more than there are.
const INVALID: [&[u8]; 9] = [
    b"\xff",
    b"cut \xc3",
    b"cut \xe2\x82",
    b"\xe2\x28\xa1 second",
    b"\xe2\x82\x28 third",
    b"\xf0\x9f\x98\x28 fourth",
    b"\xed\xa0\x80 surrogate",
    b"thirty-two bytes of plain letters and then \xc0\x80",
    b"\xf4\x90\x80\x80",
];

/// Bytes that are no text.
pub(super) fn invalid(rng: &mut ChaCha8Rng) -> &'static [u8] {
    INVALID[rng.random_range(0..INVALID.len())]
}

/// Bytes that are no text and that a miner precommitted with this hash.
pub(super) fn invalid_bound(key: TaskKey, miner: Address, hash: B256) -> Option<&'static [u8]> {
    let mut all = INVALID.into_iter();
    all.find(|bytes| commit_hash(key, miner, bytes) == hash)
}

/// A task's data.
pub(super) fn data(rng: &mut ChaCha8Rng) -> String {
    if rng.random_ratio(1, 200) {
        return "x".repeat(LONG);
    }
    text(kind(rng), rng.random_range(0..4))
}

/// A kind of text; short ones are the most likely.
fn kind(rng: &mut ChaCha8Rng) -> usize {
    if rng.random_bool(0.5) {
        1
    } else {
        rng.random_range(0..KINDS)
    }
}

/// A result of a miner.
pub(super) fn result(key: TaskKey, miner: Address, rng: &mut ChaCha8Rng) -> String {
    text(kind(rng), seed(key, miner))
}

/// What a miner precommits: most often the hash of a result, sometimes a text as if it were one.
pub(super) fn hash(key: TaskKey, miner: Address, rng: &mut ChaCha8Rng) -> B256 {
    match rng.random_range(0..24) {
        0 | 1 => CRAFTED.into(),
        2 => commit_hash(key, miner, invalid(rng)),
        3..=6 => {
            let almost = almost(key, miner, &result(key, miner, rng));
            almost[rng.random_range(0..almost.len())]
        }
        drawn => {
            let first = first_of_two(key, miner).filter(|_| drawn < 12);
            commit_hash(key, miner, first.unwrap_or_else(|| result(key, miner, rng)))
        }
    }
}

/// A result whose hash is text, if it is the first miner's of the first task; the number was searched for.
pub(super) const SECOND_OF_TWO: &str = "second 30625685";

/// A result that is the hash of [`SECOND_OF_TWO`]: contracts that keep results in the place of hashes take both, one after the
/// other, if they do not ask whether the miner committed. `None` where that hash is no text.
pub(super) fn first_of_two(key: TaskKey, miner: Address) -> Option<String> {
    String::from_utf8(commit_hash(key, miner, SECOND_OF_TWO).to_vec()).ok()
}

/// Hashes that almost bind a result: of another task, of another session, of the result alone, and with one bit changed.
fn almost(key: TaskKey, miner: Address, result: &str) -> [B256; 5] {
    let of = |session, task| commit_hash(TaskKey { session, task }, miner, result);
    let own = of(key.session, key.task);
    let changed = |place: usize| {
        let mut hash = own;
        hash[place] ^= 0x80;
        hash
    };
    [
        of(key.session, 0),
        of(0, key.task),
        keccak256(result),
        changed(0),
        changed(31),
    ]
}

/// The result that this hash almost binds a miner to.
pub(super) fn almost_bound(key: TaskKey, miner: Address, hash: B256) -> Option<String> {
    let mut results = (0..KINDS).map(|kind| text(kind, seed(key, miner)));
    results.find(|result| almost(key, miner, result).contains(&hash))
}

/// The result that a miner precommitted with this hash; `None` if it is none of [`KINDS`].
pub(super) fn bound(key: TaskKey, miner: Address, hash: B256) -> Option<String> {
    let results = (0..KINDS).map(|kind| text(kind, seed(key, miner)));
    let mut results = results.chain(first_of_two(key, miner));
    results.find(|result| commit_hash(key, miner, result) == hash)
}

fn seed(key: TaskKey, miner: Address) -> u64 {
    let word = keccak256(
        [
            &key.session.to_be_bytes()[..],
            &key.task.to_be_bytes(),
            miner.as_slice(),
        ]
        .concat(),
    );
    u64::from(word[0] % 16)
}
