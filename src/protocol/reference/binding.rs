//! The hash that binds a miner to its result.

use alloy::primitives::{Address, B256, U256, hex, keccak256};

use super::TaskKey;

/// The hash that a miner precommits: `keccak256(abi.encode(sessionId, taskId, miner, keccak256(bytes(data))))`.
///
/// It binds result, miner, session and task, so that nobody can reuse another miner's hash.
#[must_use]
pub fn commit_hash(key: TaskKey, miner: Address, result: impl AsRef<[u8]>) -> B256 {
    commit_hash_of(key, miner, keccak256(result.as_ref()))
}

/// The same of a result of which the Keccak-256 is known.
pub(super) fn commit_hash_of(key: TaskKey, miner: Address, result: B256) -> B256 {
    let mut words = [0; 128];
    words[..32].copy_from_slice(&U256::from(key.session).to_be_bytes::<32>());
    words[32..64].copy_from_slice(&U256::from(key.task).to_be_bytes::<32>());
    words[64..96].copy_from_slice(miner.into_word().as_slice());
    words[96..].copy_from_slice(result.as_slice());
    keccak256(words)
}

/// How salted data begins; 32 hexadecimal digits, a colon and the result follow.
const SALT: &str = "salt:";
/// Bytes of salted data in front of the result.
const PREFIX: usize = SALT.len() + 32 + 1;

/// The data that a miner hashes and commits for a result that others could guess: `salt:<32 hexadecimal digits>:<result>`.
///
/// A precommitted hash is public while others still work, so a result of few possibilities must not be hashed alone.
/// `salt` must be random, secret until the commit, and new for every task. The contracts return data as committed, the
/// prefix included; [`unsalted`] takes it off.
#[must_use]
pub fn salted(result: &str, salt: [u8; 16]) -> String {
    format!("{SALT}{}:{result}", hex::encode(salt))
}

/// The result in committed data: what follows a prefix made by [`salted`], or all of it if there is none.
#[must_use]
pub fn unsalted(data: &str) -> &str {
    let (Some(prefix), Some(result)) = (data.get(..PREFIX), data.get(PREFIX..)) else {
        return data;
    };
    let digits = prefix.strip_prefix(SALT).and_then(|rest| rest.strip_suffix(':'));
    let is_salt = digits.is_some_and(|digits| digits.bytes().all(|byte| byte.is_ascii_hexdigit()));
    if is_salt { result } else { data }
}

#[cfg(test)]
mod tests {
    use super::{salted, unsalted};

    #[test]
    fn only_the_prefix_is_taken_off() {
        for result in ["", "yes", "salt:yes", "\u{e9}"] {
            assert_eq!(unsalted(&salted(result, [0xab; 16])), result);
            assert_eq!(unsalted(result), result);
        }
        let no_digits = format!("salt:{}:yes", "g".repeat(32));
        assert_eq!(unsalted(&no_digits), no_digits);
    }
}
