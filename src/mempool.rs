//! Rules of the mempool that a scenario can choose.

named! {
    /// What a mempool does with a transaction whose max fee is below the base fee.
    #[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
    pub enum BelowBaseFee {
        /// Refuses one whose max fee is below the next block's base fee. Drops one that the base fee rose above, with the
        /// account's transactions behind it, when a block would have taken it. What anvil does.
        #[default]
        Refuse = "refuse",
        /// Keeps it until the base fee has fallen. What the mempools of public networks do.
        Wait = "wait",
    }
}
