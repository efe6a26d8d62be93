//! Admission rules of the mempool.

use alloy::primitives::U256;

use super::{PooledTransaction, evm::Evm};
use crate::{block::Invocation, chain::Eip1559Fees};

/// The reason why the mempool refused a transaction.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Refused {
    /// The account has used the nonce.
    #[error("nonce too low: next nonce {next}, transaction nonce {nonce}")]
    NonceTooLow {
        /// The account's next nonce.
        next: u64,
        /// The transaction's.
        nonce: u64,
    },
    /// The account could not pay the transaction at its highest price: gas limit × max fee + value.
    #[error("insufficient funds: balance {balance} wei, transaction cost {cost} wei")]
    CannotAfford {
        /// What the account has, in wei.
        balance: U256,
        /// What the transaction costs at most, in wei.
        cost: U256,
    },
    /// The gas limit does not hold what the transaction costs before it does anything (intrinsic gas; from Prague on
    /// also the floor price of its calldata, EIP-7623).
    #[error("intrinsic gas too low: gas limit {limit}, needed {needed}")]
    IntrinsicGas {
        /// The transaction's gas limit.
        limit: u64,
        /// The least that it must be.
        needed: u64,
    },
    /// The gas limit is more than a block holds, or than one transaction may have (2²⁴ from Osaka on, EIP-7825).
    #[error("gas limit too high: {limit}, at most {most}")]
    GasLimitTooHigh {
        /// The transaction's gas limit.
        limit: u64,
        /// The most that it may be.
        most: u64,
    },
    /// Its max fee is below the next block's base fee, and the chain refuses such transactions. In anvil's words, without
    /// the amounts: results count failures by their reasons.
    #[error("max fee per gas less than block base fee")]
    BelowBaseFee {
        /// Its max fee.
        max_fee: u64,
        /// The next block's base fee.
        base_fee: u64,
    },
    /// It offers a tip that its max fee does not hold.
    #[error("tip {} above max fee {} wei per gas", fees.tip, fees.max_fee)]
    TipAboveMaxFee {
        /// Its fees.
        fees: Eip1559Fees,
    },
    /// A transaction of the same account and nonce waits, and this one does not offer 10 % more of both max fee and
    /// tip.
    #[error(
        "replacement underpriced: max fee {} and tip {} must be 10 % above {} and {} wei per gas",
        fees.max_fee,
        fees.tip,
        waiting.max_fee,
        waiting.tip
    )]
    Underpriced {
        /// The fees of the one that waits.
        waiting: Eip1559Fees,
        /// The fees of the one that should replace it.
        fees: Eip1559Fees,
    },
}

/// What a transaction must fit beside its account.
#[derive(Clone, Copy, Debug)]
pub(super) struct Limits {
    /// Gas that a block holds.
    pub(super) block_gas: u64,
    /// The least max fee, in wei per gas.
    pub(super) min_max_fee: u64,
}

/// Whether the transaction could be executed as it is, by an account whose next nonce is `next_nonce`.
pub(super) fn check(
    evm: &Evm,
    next_nonce: u64,
    limits: Limits,
    pending: &PooledTransaction,
) -> Result<(), Refused> {
    let PooledTransaction {
        from,
        nonce,
        invocation,
        fees,
        ..
    } = pending;
    if *nonce < next_nonce {
        return Err(Refused::NonceTooLow {
            next: next_nonce,
            nonce: *nonce,
        });
    }
    if fees.max_fee < limits.min_max_fee {
        return Err(Refused::BelowBaseFee {
            max_fee: fees.max_fee,
            base_fee: limits.min_max_fee,
        });
    }
    if fees.tip > fees.max_fee {
        return Err(Refused::TipAboveMaxFee { fees: *fees });
    }
    let limit = invocation.gas_limit;
    let most = limits.block_gas.min(evm.transaction_gas_cap());
    if limit > most {
        return Err(Refused::GasLimitTooHigh { limit, most });
    }
    if !has_ample_gas(invocation) {
        let needed = evm.least_gas(invocation);
        if limit < needed {
            return Err(Refused::IntrinsicGas { limit, needed });
        }
    }
    let gas = U256::from(u128::from(limit) * u128::from(fees.max_fee));
    let cost = gas.saturating_add(invocation.value);
    let (_, balance) = evm.account(*from);
    if balance < cost {
        return Err(Refused::CannotAfford { balance, cost });
    }
    Ok(())
}

/// Whether the gas limit of a call holds what any calldata of its length costs before the call does anything, which is known without
/// reading it: 21,000 gas and, up to Osaka, at most 40 for each byte (EIP-7623).
fn has_ample_gas(call: &Invocation) -> bool {
    const BASE: u64 = 21_000;
    const PER_BYTE: u64 = 40;
    let most = BASE + PER_BYTE * call.input.len() as u64;
    call.to.is_some() && call.gas_limit >= most
}

/// Whether a transaction with fees `new` may take the place of one with fees `old`: both prices 10 % higher.
pub(super) fn replaces(new: Eip1559Fees, old: Eip1559Fees) -> bool {
    let higher = |new: u64, old: u64| u128::from(new) * 10 >= u128::from(old) * 11;
    higher(new.max_fee, old.max_fee) && higher(new.tip, old.tip)
}
