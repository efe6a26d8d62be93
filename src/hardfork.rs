//! The rules that a chain runs by, whatever the chain.

named! {
    /// A hardfork that chains can be pinned to. It decides what gas costs, so results name it.
    #[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
    pub enum Hardfork {
        /// March 2024; the contracts are compiled for it.
        Cancun = "cancun",
        /// May 2025: calldata has a floor price.
        #[default]
        Prague = "prague",
        /// December 2025: a transaction's gas is capped at 2^24.
        Osaka = "osaka",
    }
}
