//! Contracts that are deployed already: what a run asks them before it begins, and what they answer.

use std::collections::BTreeMap;

use alloy::{
    primitives::{Address, Bytes, U256},
    sol_types::SolCall,
};

use super::{
    Addresses, Contracts, Invocation, WindowSeconds,
    bindings::{
        NodePool::{getCountsCall, isRegisteredCall},
        SessionQueueV2::{getPriceCall, getWindowsCall, isOracleNodeCall, ownerCall},
        SessionV2::getSessionCountCall,
    },
    deployment::name_oracle,
};

/// What contracts that are deployed already are set to, and who takes part in them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ExistingContracts {
    /// Where they are.
    pub addresses: Addresses,
    /// The windows of new tasks.
    pub windows: WindowSeconds,
    /// Wei per task and miner.
    pub price: U256,
    /// The sessions that there are, open or not.
    pub sessions: u64,
    /// The miners in the pool that sessions may draw.
    pub pool: u64,
    /// Who may name oracles.
    pub owner: Address,
    /// Whether each oracle of the run is one there.
    pub oracles: Vec<bool>,
    /// Whether each miner of the run is registered there.
    pub registered: Vec<bool>,
}

impl Addresses {
    /// The contracts of a map from names to addresses.
    ///
    /// # Errors
    /// The name of one that is not there.
    pub fn named(contracts: &BTreeMap<String, Address>) -> Result<Self, &'static str> {
        let address = |name: &'static str| contracts.get(name).copied().ok_or(name);
        Ok(Self {
            node_pool: address("NodePool")?,
            session: address("SessionV2")?,
            session_queue: address("SessionQueueV2")?,
        })
    }
}

impl ExistingContracts {
    /// The calls to make, each with its contract, for a run with these oracles and miners.
    #[must_use]
    pub fn questions(at: &Addresses, oracles: &[Address], miners: &[Address]) -> Vec<(Address, Bytes)> {
        let mut questions: Vec<(Address, Bytes)> = vec![
            (at.session_queue, getWindowsCall {}.abi_encode().into()),
            (at.session_queue, getPriceCall {}.abi_encode().into()),
            (at.session, getSessionCountCall {}.abi_encode().into()),
            (at.node_pool, getCountsCall {}.abi_encode().into()),
            (at.session_queue, ownerCall {}.abi_encode().into()),
        ];
        questions.extend(oracles.iter().map(|oracle| {
            let call = isOracleNodeCall { account: *oracle };
            (at.session_queue, call.abi_encode().into())
        }));
        questions.extend(miners.iter().map(|miner| {
            let call = isRegisteredCall { miner: *miner };
            (at.node_pool, call.abi_encode().into())
        }));
        questions
    }

    /// What the answers to [`ExistingContracts::questions`] about the contracts at `addresses` for so many oracles say.
    ///
    /// # Errors
    /// Which answer is none.
    pub fn of(addresses: Addresses, answers: &[Bytes], oracles: usize) -> Result<Self, String> {
        let [windows, price, sessions, counts, owner, others @ ..] = answers else {
            return Err("too few answers".to_owned());
        };
        let wrong = |what: &'static str| move |error: alloy::sol_types::Error| format!("{what}: {error}");
        let windows = getWindowsCall::abi_decode_returns(windows).map_err(wrong("getWindows"))?;
        let counts = getCountsCall::abi_decode_returns(counts).map_err(wrong("getCounts"))?;
        let (oracles, miners) = others.split_at_checked(oracles).ok_or("too few answers")?;
        let oracle =
            |answer: &Bytes| isOracleNodeCall::abi_decode_returns(answer).map_err(wrong("isOracleNode"));
        let registered =
            |answer: &Bytes| isRegisteredCall::abi_decode_returns(answer).map_err(wrong("isRegistered"));
        Ok(Self {
            addresses,
            windows: WindowSeconds {
                ack: windows.ackWindow.saturating_to(),
                precommit: windows.precommitWindow.saturating_to(),
                commit: windows.commitWindow.saturating_to(),
            },
            price: getPriceCall::abi_decode_returns(price).map_err(wrong("getPrice"))?,
            sessions: getSessionCountCall::abi_decode_returns(sessions)
                .map_err(wrong("getSessionCount"))?
                .saturating_to(),
            pool: counts.idle.saturating_add(counts.shared).saturating_to(),
            owner: ownerCall::abi_decode_returns(owner).map_err(wrong("owner"))?,
            oracles: oracles.iter().map(oracle).collect::<Result<_, _>>()?,
            registered: miners.iter().map(registered).collect::<Result<_, _>>()?,
        })
    }
}

impl Contracts {
    /// The same contracts at other addresses, where they were deployed before: what happens in the sessions that they have is no
    /// concern of the run's.
    #[must_use]
    pub fn existing(self, existing: &ExistingContracts) -> Self {
        Self {
            addresses: existing.addresses,
            first_session: existing.sessions,
            ..self
        }
    }

    /// The transaction by which the owner of the contracts names an oracle.
    #[must_use]
    pub fn name_oracle(&self, oracle: Address) -> Invocation {
        name_oracle(self.addresses.session_queue, oracle)
    }
}
