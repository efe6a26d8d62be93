//! Gas of a transaction by groups of opcodes that add up to the receipt, to the unit.

use std::{array, collections::BTreeMap, ops::AddAssign};

use serde::{Deserialize, Deserializer, Serialize, Serializer, de::Error};

named! {
    /// What a part of a transaction's gas was spent on. Every unit belongs to exactly one group.
    #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
    pub enum GasGroup {
        /// What every transaction costs: 21,000, and 32,000 more if it creates a contract.
        Intrinsic = "intrinsic",
        /// The bytes of its calldata (EIP-2028), or of its init code.
        Calldata = "calldata",
        /// `SSTORE` and `TSTORE`, with the surcharge for a slot that is touched first (EIP-2929).
        StorageWrites = "storage_writes",
        /// `SLOAD` and `TLOAD`, with the same surcharge.
        StorageReads = "storage_reads",
        /// `LOG0` to `LOG4`.
        Logs = "logs",
        /// `KECCAK256`, and the precompiles SHA-256 and RIPEMD-160.
        Hashing = "hashing",
        /// What calling costs by itself: `CALL`, `CALLCODE`, `DELEGATECALL` and `STATICCALL` without the gas that is passed
        /// on, less the stipend; looking at other accounts (`BALANCE`, `EXTCODE…`, `SELFDESTRUCT`); other precompiles.
        Calls = "calls",
        /// `CREATE` and `CREATE2` without the gas that is passed on, and storing the code (200 a byte).
        Creates = "creates",
        /// Memory that grows, whatever opcode makes it.
        Memory = "memory",
        /// Every other opcode: stack, arithmetic, jumps, moving memory.
        Rest = "rest",
        /// What was left when the EVM stopped a call (out of gas, invalid opcode) and kept it.
        Halted = "halted",
        /// What EIP-7623 charges on top, where the transaction would else cost less than its calldata's floor price.
        CalldataFloor = "calldata_floor",
        /// What clearing storage gave back, capped by EIP-3529. Never above 0.
        Refunds = "refunds",
    }
}

/// Gas by group, of one transaction or of many together.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct GasBreakdown([i64; GasGroup::ALL.len()]);

impl GasBreakdown {
    /// The gas of a group; of [`GasGroup::Refunds`] 0 or less, of every other 0 or more.
    #[must_use]
    pub const fn of(&self, group: GasGroup) -> i64 {
        self.0[group as usize]
    }

    /// Adds gas to a group.
    pub const fn add(&mut self, group: GasGroup, gas: i64) {
        self.0[group as usize] += gas;
    }

    /// All groups together: the gas of the receipt.
    #[must_use]
    pub fn total(&self) -> i64 {
        self.0.iter().sum()
    }

    /// Every group with its gas, in the order of tables.
    pub fn iter(&self) -> impl Iterator<Item = (GasGroup, i64)> {
        GasGroup::ALL.into_iter().zip(self.0)
    }
}

impl AddAssign<&Self> for GasBreakdown {
    fn add_assign(&mut self, other: &Self) {
        self.0 = array::from_fn(|group| self.0[group] + other.0[group]);
    }
}

/// Written as a map: group → gas, in the order of tables, without the groups that have none.
impl Serialize for GasBreakdown {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let spent: Vec<_> = self
            .iter()
            .filter(|(_, gas)| *gas != 0)
            .map(|(group, gas)| (group.name(), gas))
            .collect();
        serializer.collect_map(spent)
    }
}

impl<'de> Deserialize<'de> for GasBreakdown {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let mut breakdown = Self::default();
        for (name, gas) in BTreeMap::<String, i64>::deserialize(deserializer)? {
            let group = GasGroup::named(&name);
            let group =
                group.ok_or_else(|| D::Error::custom(format!("no group of gas is called {name:?}")))?;
            breakdown.add(group, gas);
        }
        Ok(breakdown)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_breakdown_reads_back_as_it_was_written() {
        let mut breakdown = GasBreakdown::default();
        for (group, gas) in GasGroup::ALL.into_iter().zip(1..) {
            breakdown.add(group, if group == GasGroup::Refunds { -gas } else { gas });
        }
        let json = serde_json::to_string(&breakdown).unwrap();
        assert_eq!(serde_json::from_str::<GasBreakdown>(&json).unwrap(), breakdown);
        assert_eq!(breakdown.total(), (1..=12).sum::<i64>() - 13);
    }

    #[test]
    fn every_group_has_its_own_place() {
        for (place, group) in GasGroup::ALL.into_iter().enumerate() {
            assert_eq!(group as usize, place, "{}", group.name());
        }
    }
}
