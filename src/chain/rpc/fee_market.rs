//! The fees that a chain asks for now, by `eth_feeHistory`, or by `eth_gasPrice` where the node has no such method.

use std::{
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use alloy::primitives::U64;
use serde::Deserialize;

use super::{Endpoint, Refusal, Request, RpcError};
use crate::fees::Eip1559Fees;

/// The blocks whose tips are looked at.
const BLOCKS: u64 = 10;
/// The percentile of a block's tips that is paid: the median.
const PERCENTILE: u64 = 50;
/// How often the chain is asked.
const INTERVAL: Duration = Duration::from_secs(5);
const HISTORY: &str = "eth_feeHistory";
/// The least tip in wei per gas: nodes refuse transactions without one.
const LEAST_TIP: u64 = 1;

/// The fees of a chain, as last heard of. Cloning shares them.
#[derive(Clone, Debug)]
pub struct FeeMarket(Arc<Shared>);

#[derive(Debug)]
struct Shared {
    /// Whether the chain takes legacy transactions only.
    legacy: bool,
    level: Mutex<Level>,
}

/// What a transaction has to pay, in wei per gas.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Level {
    /// The next block's base fee; all of the price on a chain without base fees.
    base_fee: u64,
    tip: u64,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct FeeHistory {
    base_fee_per_gas: Vec<U64>,
    /// Missing where none was asked for, or no block had transactions.
    #[serde(default)]
    reward: Option<Vec<Vec<U64>>>,
}

impl FeeMarket {
    /// The fees of the chain at `endpoint`.
    ///
    /// # Errors
    /// Any [`RpcError`].
    pub async fn open(endpoint: &Endpoint) -> Result<Self, RpcError> {
        Ok(Self(Arc::new(Shared {
            legacy: endpoint.legacy,
            level: Mutex::new(Level::read(endpoint).await?),
        })))
    }

    /// Asks the chain again and again, until the future is dropped. What fails changes nothing.
    pub async fn follow(&self, endpoint: &Endpoint) {
        loop {
            tokio::time::sleep(INTERVAL).await;
            match Level::read(endpoint).await {
                Ok(level) => *self.level() = level,
                Err(error) => tracing::debug!("fees stay as they are: {error}"),
            }
        }
    }

    /// A block had this base fee: the next one's is an eighth higher at most (EIP-1559).
    pub fn note_base_fee(&self, base_fee: u64) {
        if !self.0.legacy {
            let mut level = self.level();
            level.base_fee = level.base_fee.max(base_fee);
        }
    }

    /// The fees of a transaction that was planned with these: what the plan leaves at its default follows the chain. The
    /// max fee is twice the base fee and the tip, which holds for six full blocks; a planned one is the most that is paid.
    #[must_use]
    pub fn fees(&self, planned: Eip1559Fees) -> Eip1559Fees {
        let level = *self.level();
        let default = Eip1559Fees::default();
        if self.0.legacy {
            let price = self.capped(level.base_fee.saturating_add(level.tip), planned);
            return Eip1559Fees {
                max_fee: price,
                tip: price,
            };
        }
        let tip = if planned.tip == default.tip {
            level.tip
        } else {
            planned.tip
        };
        let max_fee = self.capped(level.base_fee.saturating_mul(2).saturating_add(tip), planned);
        Eip1559Fees {
            max_fee,
            tip: tip.min(max_fee),
        }
    }

    /// The fees that replace a transaction with `before`, by a quarter more on both and no less than the chain asks for now;
    /// `None` if what was planned is less than that.
    #[must_use]
    pub fn replacing(&self, before: Eip1559Fees, planned: Eip1559Fees) -> Option<Eip1559Fees> {
        let fees = before.raised(1).at_least(self.fees(planned));
        (self.capped(fees.max_fee, planned) == fees.max_fee).then_some(fees)
    }

    /// A price in wei per gas with which a plain transfer gets into one of the next blocks, all of which is paid: what is
    /// left of the account is known to the wei.
    #[must_use]
    pub fn transfer_price(&self) -> Eip1559Fees {
        let level = *self.level();
        let price = level
            .base_fee
            .saturating_add(level.base_fee / 4)
            .saturating_add(level.tip);
        Eip1559Fees {
            max_fee: price,
            tip: price,
        }
    }

    fn capped(&self, price: u64, planned: Eip1559Fees) -> u64 {
        if planned.max_fee == Eip1559Fees::default().max_fee {
            price
        } else {
            price.min(planned.max_fee)
        }
    }

    /// A level is whole at any moment: a poisoned lock is as good.
    fn level(&self) -> MutexGuard<'_, Level> {
        self.0.level.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Level {
    async fn read(endpoint: &Endpoint) -> Result<Self, RpcError> {
        let http = &endpoint.http;
        if !endpoint.legacy {
            match Self::history(endpoint).await? {
                Ok(history) => {
                    // Empty blocks say a tip of nothing. The node's own suggestion is asked for where all are.
                    return match Self::of(&history) {
                        Some(level) if level.tip > 0 => Ok(level),
                        level => Ok(Self {
                            base_fee: level.map_or(0, |level| level.base_fee),
                            tip: Self::suggested_tip(endpoint).await?,
                        }),
                    };
                }
                Err(refusal) => {
                    let what = format!("the node has no {HISTORY}; fees follow eth_gasPrice: {refusal}");
                    http.troubles.notice(HISTORY, what);
                }
            }
        }
        // A gas price has a tip in it: paid as a base fee it is an upper bound.
        let price: U64 = http.read("eth_gasPrice", ()).await?;
        Ok(Self {
            base_fee: price.to(),
            tip: if endpoint.legacy {
                0
            } else {
                Self::suggested_tip(endpoint).await?
            },
        })
    }

    /// The history of fees, of one block where the node refuses more: some do on a chain with few.
    async fn history(endpoint: &Endpoint) -> Result<Result<FeeHistory, Refusal>, RpcError> {
        let request = |blocks: u64| Request::new(HISTORY, (U64::from(blocks), "latest", [PERCENTILE]));
        let mut refused = None;
        for blocks in [BLOCKS, 1] {
            match endpoint.http.call_once(&request(blocks)?).await? {
                Ok(history) => return Ok(Ok(history)),
                Err(refusal) => refused = Some(refusal),
            }
        }
        Ok(Err(refused.unwrap_or_else(|| Refusal {
            code: 0,
            message: "no answer".to_owned(),
            data: None,
        })))
    }

    /// The next block's base fee, and the median over blocks of their median tips; `None` if the node tells no base fee.
    fn of(history: &FeeHistory) -> Option<Self> {
        let base_fee = history.base_fee_per_gas.last()?.to();
        let rewards = history.reward.iter().flatten().filter_map(|block| block.first());
        let mut tips: Vec<u64> = rewards.map(|tip| tip.to()).filter(|tip| *tip > 0).collect();
        tips.sort_unstable();
        let tip = tips.get(tips.len() / 2).copied().unwrap_or_default();
        Some(Self { base_fee, tip })
    }

    /// The node's own suggestion for a tip, or the default one where it has none.
    async fn suggested_tip(endpoint: &Endpoint) -> Result<u64, RpcError> {
        let request = Request::new("eth_maxPriorityFeePerGas", ())?;
        let tip: Result<U64, Refusal> = endpoint.http.call_once(&request).await?;
        Ok(tip.map_or(Eip1559Fees::default().tip, |tip| tip.to::<u64>().max(LEAST_TIP)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn market(legacy: bool, base_fee: u64, tip: u64) -> FeeMarket {
        FeeMarket(Arc::new(Shared {
            legacy,
            level: Mutex::new(Level { base_fee, tip }),
        }))
    }

    const fn fees(max_fee: u64, tip: u64) -> Eip1559Fees {
        Eip1559Fees { max_fee, tip }
    }

    #[test]
    fn what_is_not_planned_follows_the_chain_and_what_is_planned_is_kept() {
        let (market, default) = (market(false, 100, 7), Eip1559Fees::default());
        for (planned, paid) in [
            (default, fees(207, 7)),
            (fees(default.max_fee, 3), fees(203, 3)),
            (fees(150, default.tip), fees(150, 7)),
            (fees(5, default.tip), fees(5, 5)),
        ] {
            assert_eq!(market.fees(planned), paid, "{planned:?}");
        }
    }

    #[test]
    fn a_replacement_pays_an_eighth_more_at_least_and_never_more_than_planned() {
        let (market, default) = (market(false, 1_000, 8), Eip1559Fees::default());
        let before = fees(2_008, 8);
        let after = market.replacing(before, default).expect("no limit was planned");
        assert!(
            after.max_fee * 8 >= before.max_fee * 9 && after.tip * 8 >= before.tip * 9,
            "{after:?}"
        );
        // The chain has become dearer than a quarter more.
        market.note_base_fee(10_000);
        assert_eq!(market.replacing(before, default), Some(fees(20_008, 11)));
        assert_eq!(market.replacing(before, fees(2_008, 8)), None);
    }

    #[test]
    fn a_chain_without_base_fees_is_paid_one_price() {
        let market = market(true, 50, 1);
        assert_eq!(market.fees(Eip1559Fees::default()), fees(51, 51));
        market.note_base_fee(900);
        assert_eq!(market.fees(Eip1559Fees::default()), fees(51, 51));
    }

    #[test]
    fn the_tip_is_the_median_of_blocks_with_transactions() {
        let history = |rewards: &[u64]| FeeHistory {
            base_fee_per_gas: vec![U64::from(9), U64::from(10)],
            reward: Some(rewards.iter().map(|tip| vec![U64::from(*tip)]).collect()),
        };
        for (rewards, tip) in [(&[][..], 0), (&[0, 0], 0), (&[0, 5, 0], 5), (&[9, 1, 5], 5)] {
            assert_eq!(
                Level::of(&history(rewards)),
                Some(Level { base_fee: 10, tip }),
                "{rewards:?}"
            );
        }
    }
}
