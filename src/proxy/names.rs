//! Names of those who send transactions and of what they call.

use std::collections::HashMap;

use alloy::primitives::{Address, hex};

use crate::fault::Subject;

/// The names by which faults say whom they concern. A sender that is not known is a group by its address, and a function by its
/// selector, both in lower-case hexadecimal with `0x`.
#[derive(Clone, Debug, Default)]
pub struct Names {
    /// The role and the group of each account.
    pub senders: HashMap<Address, (&'static str, String)>,
    /// The functions that are known, by their selectors.
    pub(super) functions: HashMap<[u8; 4], &'static str>,
}

impl Names {
    /// Names of these accounts: address, role and group.
    pub fn of(accounts: impl IntoIterator<Item = (Address, &'static str, String)>) -> Self {
        let accounts = accounts.into_iter();
        Self {
            senders: accounts
                .map(|(address, role, group)| (address, (role, group)))
                .collect(),
            functions: HashMap::new(),
        }
    }

    /// Asks with the names of a transaction from `sender` with this calldata.
    pub(super) fn subject<T>(&self, sender: Address, input: &[u8], ask: impl FnOnce(Subject<'_>) -> T) -> T {
        let (address, selector);
        let (role, group) = match self.senders.get(&sender) {
            Some((role, group)) => (*role, group.as_str()),
            None => {
                address = format!("{sender:#x}");
                ("", address.as_str())
            }
        };
        let known = input
            .first_chunk()
            .and_then(|selector| self.functions.get(selector));
        let function = match known {
            Some(name) => *name,
            None => {
                selector = hex::encode_prefixed(&input[..input.len().min(4)]);
                selector.as_str()
            }
        };
        ask(Subject {
            role,
            group,
            function,
        })
    }
}
