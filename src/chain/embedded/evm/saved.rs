//! States of an EVM to go back to, and what nobody on a chain could do to it.

use alloy::primitives::{Address, B256, Bytes, U256};
use revm::{
    ExecuteCommitEvm, ExecuteEvm,
    context::{
        JournalTr,
        result::{EVMError, InvalidTransaction},
    },
    database::InMemoryDB,
    handler::{Handler, MainnetHandler},
    state::Bytecode,
};

use super::{Evm, EvmError, Message, Outcome};

/// Accounts, code and storage of an [`Evm`] at one moment, with its block.
#[derive(Clone, Debug)]
pub struct SavedState {
    database: InMemoryDB,
    number: U256,
    timestamp: U256,
}

impl Evm {
    /// The state after the latest transaction.
    #[must_use]
    pub fn save(&self) -> SavedState {
        let context = &self.inner.ctx;
        SavedState {
            database: context.journaled_state.database.clone(),
            number: context.block.number,
            timestamp: context.block.timestamp,
        }
    }

    /// Goes back to a state, of this EVM or of one with the same rules.
    pub fn restore(&mut self, saved: &SavedState) {
        let context = &mut self.inner.ctx;
        context.journaled_state.database.clone_from(&saved.database);
        context.block.number = saved.number;
        context.block.timestamp = saved.timestamp;
    }

    /// Gives an account this code.
    pub fn set_code(&mut self, account: Address, code: Bytes) {
        let code = Bytecode::new_raw(code);
        let database = &mut self.inner.ctx.journaled_state.database;
        let known = database.cache.accounts.get(&account);
        let mut info = known.map(|known| known.info.clone()).unwrap_or_default();
        info.code_hash = code.hash_slow();
        info.code = Some(code);
        database.insert_account_info(account, info);
    }

    /// Sets what contracts read as `prevrandao`.
    pub const fn set_prevrandao(&mut self, word: B256) {
        self.inner.ctx.block.prevrandao = Some(word);
    }

    /// Executes a call that an account with code makes without being called itself, which no transaction can do, and keeps
    /// what it changed.
    ///
    /// # Errors
    /// As [`Evm::transact`].
    pub fn transact_as_contract(&mut self, message: Message) -> Result<Outcome, EvmError> {
        let outcome = self.as_contract(message)?;
        self.inner.commit_inner();
        Ok(outcome)
    }

    /// The same, and forgets what it changed.
    ///
    /// # Errors
    /// As [`Evm::transact`].
    pub fn call_as_contract(&mut self, message: Message) -> Result<Outcome, EvmError> {
        let outcome = self.as_contract(message)?;
        self.inner.finalize();
        Ok(outcome)
    }

    fn as_contract(&mut self, message: Message) -> Result<Outcome, EvmError> {
        // Only what a transaction begins with is loaded before it runs; this begins without one.
        let sender = message.from;
        self.inner.ctx.tx = self.transaction(message);
        let Ok(_) = self.inner.ctx.journaled_state.load_account(sender);
        let executed: Result<_, EVMError<_, InvalidTransaction>> =
            MainnetHandler::default().run_system_call(&mut self.inner);
        executed.map(Outcome::from).map_err(EvmError::new)
    }
}
