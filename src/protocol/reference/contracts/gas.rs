//! Gas limits: what each call may use at most. A limit does not change what a call costs; it only has to hold it, and
//! to leave blocks room for others. Estimating each call on the node would cost it as much as running it.

use crate::protocol::{Call, Function, RouterChange};

/// Writing a fresh storage slot, in gas (EIP-2929, EIP-2200): 20,000 and 2,100 for the cold access.
const FRESH_SLOT: u64 = 22_100;
/// One byte of calldata, at most (EIP-7623 floor price).
const CALLDATA_BYTE: u64 = 40;

/// Bytes of task data or of a result that the queue keeps in storage slots; it keeps longer ones as contract code.
const MAX_IN_SLOTS: usize = 96;
/// Bytes of data in one such contract.
const CHUNK: usize = 24_575;
/// Creating such a contract (32,000) and storing its address.
const CREATE: u64 = 32_000 + FRESH_SLOT;
/// One byte of a text that is kept as code: 200 stored, 16 as calldata, 8 in an event, and what checking and copying it
/// takes (3). The rest is margin: a creation leaves a 64th of the gas to its caller (EIP-150).
const CODE_BYTE: u64 = 240;

/// Finding a miner among a session's: a cold read and a hash for each that it is not.
const SEARCH: u64 = 3_000;
/// Letting go of a miner: two slots of the session's, three of the pool's, an event.
const LET_GO: u64 = 80_000;

/// The gas limit of `call` for a task of at most `redundancy` miners, or a session of at most `nodes`.
pub(crate) fn gas_limit(call: &Call, redundancy: u64, nodes: u64) -> u64 {
    let per_miner = match call.function() {
        Function::SUBMIT | Function::END => 2 * FRESH_SLOT,
        Function::ACK | Function::PRECOMMIT | Function::COMMIT => 3_000,
        Function::END_ACK | Function::END_PRECOMMIT | Function::END_COMMIT => 3_000,
        _ => 0,
    };
    let fixed = match call {
        Call::FillNonce => return 21_000,
        Call::Create(new) => 400_000 + 4 * FRESH_SLOT * new.max_nodes + text(new.name.len()),
        Call::Update { terms, metadata, .. } => {
            400_000 + 4 * FRESH_SLOT * terms.max_nodes + text(terms.name.len()) + text(metadata.len())
        }
        Call::Deactivate { .. } => 200_000 + LET_GO * nodes,
        Call::Release { .. } | Call::RemoveDedicatedNode { .. } => 250_000 + SEARCH * nodes,
        Call::Router { change, .. } => match change {
            RouterChange::Add { info, .. } | RouterChange::Update { info, .. } => 300_000 + text(info.len()),
            RouterChange::Remove { .. } | RouterChange::Reset => 300_000,
        },
        Call::Submit { data, .. } | Call::Commit { data, .. } => 200_000 + payload(data.len()),
        _ => 200_000,
    };
    fixed + per_miner * redundancy
}

/// The most gas that a transaction may have from the Osaka hardfork on (EIP-7825).
const MOST_GAS: u64 = 1 << 24;

/// A limit of changed contracts: so many per cent of the reference contracts', unless no hardfork takes that.
pub(super) fn scaled(limit: u64, percent: u64) -> u64 {
    (limit.saturating_mul(percent) / 100).min(limit.max(MOST_GAS))
}

/// Storing `bytes` of text that came as calldata.
const fn text(bytes: usize) -> u64 {
    let words = bytes.div_ceil(32) as u64 + 1;
    words * FRESH_SLOT + bytes as u64 * CALLDATA_BYTE
}

/// Storing task data or a result of `bytes` that came as calldata.
const fn payload(bytes: usize) -> u64 {
    if bytes <= MAX_IN_SLOTS {
        return text(bytes);
    }
    bytes.div_ceil(CHUNK) as u64 * CREATE + bytes as u64 * CODE_BYTE
}
