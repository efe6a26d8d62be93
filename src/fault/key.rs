//! The keys of a fault.

named! {
    /// A key of a fault, in files and on command lines.
    #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
    pub enum FaultKey {
        /// The share of transactions, blocks or requests that it strikes.
        Rate = "rate",
        /// Moments at which it strikes.
        At = "at",
        /// The time from one strike to the next.
        Every = "every",
        /// The beginning of its window.
        From = "from",
        /// The end of its window.
        Until = "until",
        /// By how much.
        By = "by",
        /// How long one strike lasts.
        For = "for",
        /// The number of blocks.
        Depth = "depth",
        /// By what the base fee is multiplied.
        Factor = "factor",
        /// The share of a block that others fill.
        Fill = "fill",
        /// The role that it concerns.
        Role = "role",
        /// The group that it concerns.
        Group = "group",
        /// The function that it concerns.
        Function = "function",
    }
}

impl FaultKey {
    /// The keys of every fault.
    pub const OF_ALL: [Self; 5] = [Self::Rate, Self::At, Self::Every, Self::From, Self::Until];

    /// One line about it, for the JSON Schema.
    #[must_use]
    pub const fn about(self) -> &'static str {
        match self {
            Self::Rate => "The share of transactions, blocks or requests that it strikes, drawn for each.",
            Self::At => "Moments at which it strikes the next transaction, block or request.",
            Self::Every => "The time from one strike to the next, from the window's beginning on.",
            Self::From => "The beginning of its window, from the beginning of the load. Default 0s.",
            Self::Until => {
                "The end of its window, from the beginning of the load. Default: the end of the run."
            }
            Self::By => "By how much: a time, or the least and the most, such as 1s..5s.",
            Self::For => "How long one strike lasts.",
            Self::Depth => "The number of blocks.",
            Self::Factor => "By what the base fee is multiplied.",
            Self::Fill => "The share of the block's gas that others use.",
            Self::Role => "The role whose transactions it concerns.",
            Self::Group => "The group whose transactions it concerns.",
            Self::Function => "The function whose calls it concerns.",
        }
    }

    /// What its value must be, with an article.
    #[must_use]
    pub const fn must(self) -> &'static str {
        match self {
            Self::Rate | Self::Fill => "a share from 0% to 100%",
            Self::At | Self::From | Self::Until => "a time from the beginning of the load",
            Self::Every | Self::For => "a time of at least 50ms",
            Self::By => "a time, or the least and the most of it",
            Self::Depth => "a number of blocks from 1 to 32",
            Self::Factor => "a factor from 0.01 to 1000",
            Self::Role => "the name of a role",
            Self::Group => "the name of a group",
            Self::Function => "the name of a function",
        }
    }

    /// A value that would do.
    #[must_use]
    pub const fn example(self) -> &'static str {
        match self {
            Self::Rate => "2%",
            Self::At => "30s",
            Self::Every => "20s",
            Self::From => "10s",
            Self::Until => "60s",
            Self::By => "2s",
            Self::For => "5s",
            Self::Depth => "2",
            Self::Factor => "4",
            Self::Fill => "100%",
            Self::Role => "oracle",
            Self::Group => "miners",
            Self::Function => "ack",
        }
    }
}
