//! revm behind types of our own, so that its breaking releases end here.
//!
//! [`Evm`] has two ways to execute: [`Evm::transact`] commits each message by itself, without fees and nonces, and
//! `begin_block`, `execute` and `commit` are what a chain is made of. Between commits revm's journal holds all that changed,
//! so that what many transactions touch is read and written once; a commit moves it to the database and drops the rest.

mod mapping_slots;
mod meter;
mod saved;
mod view;

use std::fmt;

use alloy::primitives::{Address, B256, Bytes, Log, TxKind, U256};
use revm::{
    Context, DatabaseRef, ExecuteCommitEvm, ExecuteEvm, MainBuilder, MainContext, MainnetEvm,
    context::{
        Cfg, TransactionType, TxEnv,
        result::{EVMError, ExecutionResult, InvalidTransaction},
    },
    database::InMemoryDB,
    handler::{Handler, MainnetContext, MainnetHandler},
    inspector::InspectorHandler,
    primitives::hardfork::SpecId,
    state::{AccountInfo, Bytecode},
};

pub use self::saved::SavedState;
pub(super) use self::view::{EvmReader, EvmView};
use self::{mapping_slots::MappingSlots, meter::Meter};
use super::{Access, Location, MappingSlot, PooledTransaction};
use crate::{block::Invocation, gas::GasBreakdown, hardfork::Hardfork, state_dump::DumpedAccount};

/// What a transaction may spend: within Osaka's cap of 2^24, and more than any lifecycle call takes.
const GAS_LIMIT: u64 = 16_000_000;

/// An EVM with its state in memory: no blocks, no mempool, no fees, no signatures.
///
/// A message executes at once, at the block number and timestamp that were set last. Nonces count up by themselves.
pub struct Evm {
    inner: MainnetEvm<MainnetContext<InMemoryDB>, (Meter, MappingSlots)>,
    /// Whether transactions in blocks are executed with the inspectors, which cost time; without it nothing calls them.
    inspected: bool,
}

/// A transaction, or a call that leaves no trace.
#[derive(Clone, Debug, Default)]
pub struct Message {
    /// The account it comes from.
    pub from: Address,
    /// The account it goes to; `None` deploys `data`.
    pub to: Option<Address>,
    /// In wei.
    pub value: U256,
    /// Calldata, or the code that deploys.
    pub data: Bytes,
}

impl Message {
    fn into_transaction(self, gas_limit: u64, chain_id: u64) -> TxEnv {
        TxEnv {
            caller: self.from,
            kind: self.to.map_or(TxKind::Create, TxKind::Call),
            value: self.value,
            data: self.data,
            gas_limit,
            chain_id: Some(chain_id),
            ..TxEnv::default()
        }
    }
}

/// How an execution ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Status {
    /// It did what it was asked.
    Success,
    /// The contract refused; the output holds its error.
    Reverted,
    /// The EVM stopped it (out of gas, invalid opcode and the like).
    Halted,
}

/// What an execution left.
#[derive(Clone, Debug)]
pub struct Outcome {
    /// How it ended.
    pub status: Status,
    /// Gas as a receipt states it: refunds taken off.
    pub gas_used: u64,
    /// Return data, revert data, or the code that was deployed.
    pub output: Bytes,
    /// The events it emitted; none unless it succeeded.
    pub logs: Vec<Log>,
    /// The contract that it deployed.
    pub created: Option<Address>,
    /// Where the gas went, on a chain that meters.
    pub breakdown: Option<Box<GasBreakdown>>,
}

/// What transactions in a block can learn of it.
#[derive(Clone, Copy, Debug)]
pub(super) struct BlockFacts {
    pub(super) number: u64,
    /// In seconds.
    pub(super) timestamp: u64,
    pub(super) gas_limit: u64,
    /// In wei per gas.
    pub(super) base_fee: u64,
    /// Who gets the tips.
    pub(super) coinbase: Address,
    pub(super) prevrandao: B256,
}

/// A copy of all accounts, with their code and storage.
#[derive(Clone, Debug)]
pub(super) struct EvmState(InMemoryDB);

/// A message that the EVM did not execute at all.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the EVM refuses the transaction: {0}")]
pub struct EvmError(String);

impl Evm {
    /// An empty chain.
    #[must_use]
    pub fn new(hardfork: Hardfork, chain_id: u64) -> Self {
        let context = Context::mainnet()
            .with_db(InMemoryDB::default())
            .modify_cfg_chained(|cfg| {
                cfg.set_spec_and_mainnet_gas_params(match hardfork {
                    Hardfork::Cancun => SpecId::CANCUN,
                    Hardfork::Prague => SpecId::PRAGUE,
                    Hardfork::Osaka => SpecId::OSAKA,
                });
                cfg.chain_id = chain_id;
                cfg.disable_nonce_check = true;
            });
        Self {
            inner: context.build_mainnet_with_inspector(Default::default()),
            inspected: false,
        }
    }

    /// Gives the account this balance in wei, and makes it exist.
    pub fn set_balance(&mut self, account: Address, balance: U256) {
        let database = &mut self.inner.ctx.journaled_state.database;
        let known = database.basic_ref(account).unwrap_or_default();
        let info = AccountInfo {
            balance,
            ..known.unwrap_or_default()
        };
        database.insert_account_info(account, info);
    }

    /// Gives the account what a dump says of it.
    pub fn load(&mut self, address: Address, account: &DumpedAccount) {
        let database = &mut self.inner.ctx.journaled_state.database;
        let code = Bytecode::new_raw(account.code.clone());
        let info = AccountInfo {
            balance: account.balance,
            nonce: account.nonce,
            code_hash: code.hash_slow(),
            code: Some(code),
            ..AccountInfo::default()
        };
        database.insert_account_info(address, info);
        for (slot, value) in &account.storage {
            // Storage in memory cannot fail.
            let _ = database.insert_account_storage(address, *slot, *value);
        }
    }

    /// The account's balance in wei, 0 if it does not exist.
    #[must_use]
    pub fn balance(&self, account: Address) -> U256 {
        let database = &self.inner.ctx.journaled_state.database;
        let account = database.basic_ref(account).unwrap_or_default();
        account.map(|info| info.balance).unwrap_or_default()
    }

    /// Sets the block that what follows executes in: its number, and its timestamp in seconds.
    pub fn set_block(&mut self, number: u64, timestamp: u64) {
        self.inner.ctx.block.number = U256::from(number);
        self.inner.ctx.block.timestamp = U256::from(timestamp);
    }

    /// The timestamp of the current block, in seconds.
    #[must_use]
    pub fn timestamp(&self) -> u64 {
        self.inner.ctx.block.timestamp.saturating_to()
    }

    /// Executes a transaction and keeps what it changed. A revert is an outcome, not an error.
    ///
    /// # Errors
    /// If the transaction cannot begin: for want of balance or of intrinsic gas.
    pub fn transact(&mut self, message: Message) -> Result<Outcome, EvmError> {
        let transaction = self.transaction(message);
        self.inner
            .transact_commit(transaction)
            .map(Outcome::from)
            .map_err(EvmError::new)
    }

    /// Executes a call and forgets what it changed.
    ///
    /// # Errors
    /// As [`Evm::transact`].
    pub fn call(&mut self, message: Message) -> Result<Outcome, EvmError> {
        let transaction = self.transaction(message);
        self.inner
            .transact(transaction)
            .map(|done| done.result.into())
            .map_err(EvmError::new)
    }

    /// From here on nonces must be right, as on a chain.
    pub(super) fn check_nonces(&mut self) {
        self.inner.ctx.cfg.disable_nonce_check = false;
    }

    /// From here on transactions in blocks tell where their gas went.
    pub(super) const fn meter(&mut self) {
        self.inspected = true;
    }

    /// From here on the slots of mappings that transactions in blocks compute are collected.
    pub(super) const fn collect_mapping_slots(&mut self) {
        self.inspected = true;
        self.inner.inspector.1.collects = true;
    }

    /// Takes the slots of mappings that were computed since this was last asked.
    pub(super) fn take_mapping_slots(&mut self) -> Vec<MappingSlot> {
        std::mem::take(&mut self.inner.inspector.1.found)
    }

    /// What was accessed since the latest commit, in the order of locations: every slot, and the accounts that changed.
    pub(super) fn accesses(&self) -> Vec<Access> {
        let journal = &self.inner.ctx.journaled_state;
        let known = &journal.database.cache.accounts;
        let accesses = journal.inner.state.iter().flat_map(|(address, account)| {
            let slots = account.storage.iter().map(|(slot, value)| Access {
                location: Location::Slot(*address, *slot),
                writes: value.is_changed(),
            });
            let before = known.get(address).map(|account| &account.info);
            let changed = account.info != *before.unwrap_or(&AccountInfo::default());
            let location = Location::Account(*address);
            let account = changed.then_some(Access {
                location,
                writes: true,
            });
            slots.chain(account).collect::<Vec<_>>()
        });
        let mut accesses: Vec<Access> = accesses.collect();
        accesses.sort_unstable();
        accesses
    }

    /// The account's nonce and its balance in wei.
    pub(super) fn account(&self, account: Address) -> (u64, U256) {
        let accounts = &self.inner.ctx.journaled_state.database.cache.accounts;
        let account = accounts.get(&account).map(|account| &account.info);
        account.map_or((0, U256::ZERO), |info| (info.nonce, info.balance))
    }

    /// The most gas that one transaction may be given (EIP-7825 from Osaka on).
    pub(super) fn transaction_gas_cap(&self) -> u64 {
        self.inner.ctx.cfg.tx_gas_limit_cap()
    }

    /// Gas that the transaction costs before it does anything: its intrinsic gas, and what its calldata costs at
    /// least (EIP-7623).
    pub(super) fn least_gas(&self, invocation: &Invocation) -> u64 {
        let params = self.inner.ctx.cfg.gas_params();
        let gas = params.initial_tx_gas(&invocation.input, invocation.to.is_none(), 0, 0, 0, None);
        let floor = match self.inner.ctx.cfg.is_eip7623_disabled() {
            true => 0,
            false => gas.floor_gas(),
        };
        gas.initial_regular_gas().max(floor)
    }

    /// Opens the block that what follows executes in.
    pub(super) fn begin_block(&mut self, facts: &BlockFacts) {
        self.set_block(facts.number, facts.timestamp);
        let block = &mut self.inner.ctx.block;
        block.gas_limit = facts.gas_limit;
        block.basefee = facts.base_fee;
        block.beneficiary = facts.coinbase;
        block.prevrandao = Some(facts.prevrandao);
    }

    /// Executes a transaction of the block that is open. A revert is an outcome, not an error.
    ///
    /// # Errors
    /// If it cannot be in the block; it left no trace then.
    pub(super) fn execute(&mut self, pending: PooledTransaction) -> Result<Outcome, EvmError> {
        let transaction = &mut self.inner.ctx.tx;
        transaction.tx_type = TransactionType::Eip1559 as u8;
        transaction.caller = pending.from;
        transaction.nonce = pending.nonce;
        transaction.kind = pending.invocation.to.map_or(TxKind::Create, TxKind::Call);
        transaction.value = pending.invocation.value;
        transaction.data = pending.invocation.input;
        transaction.gas_limit = pending.invocation.gas_limit;
        transaction.gas_price = pending.fees.max_fee.into();
        transaction.gas_priority_fee = Some(pending.fees.tip.into());
        transaction.chain_id = Some(self.inner.ctx.cfg.chain_id);
        if self.inspected {
            return self.execute_inspected();
        }
        let executed: Result<_, EVMError<_, InvalidTransaction>> =
            MainnetHandler::default().run(&mut self.inner);
        executed.map(Outcome::from).map_err(EvmError::new)
    }

    /// The same with the inspectors, of the transaction that is set.
    fn execute_inspected(&mut self) -> Result<Outcome, EvmError> {
        let executed: Result<_, EVMError<_, InvalidTransaction>> =
            MainnetHandler::default().inspect_run(&mut self.inner);
        let (meter, _) = &mut self.inner.inspector;
        let result = executed.map_err(|error| {
            meter.reset();
            EvmError::new(error)
        })?;
        let (params, transaction) = (self.inner.ctx.cfg.gas_params(), &self.inner.ctx.tx);
        let breakdown = meter.close(
            params,
            &transaction.data,
            transaction.kind.is_create(),
            result.gas(),
        );
        Ok(Outcome {
            breakdown: Some(Box::new(breakdown)),
            ..result.into()
        })
    }

    /// Commits what transactions changed since this was last done. Reads and balances are behind until then.
    pub(super) fn commit(&mut self) {
        self.inner.commit_inner();
    }

    /// A copy of the state after the latest commit.
    pub(super) fn state(&self) -> EvmState {
        EvmState(self.inner.ctx.journaled_state.database.clone())
    }

    /// Puts a state in the place of the current one.
    pub(super) fn set_state(&mut self, state: EvmState) {
        self.inner.ctx.journaled_state.database = state.0;
    }

    /// The state after the latest commit, to be read in the block that is open.
    pub(super) fn view(&self) -> EvmView<'_> {
        EvmView::of(
            &self.inner.ctx.journaled_state.database,
            &self.inner.ctx.cfg,
            &self.inner.ctx.block,
        )
    }

    /// The same of another state.
    pub(super) fn view_of<'a>(&self, state: &'a EvmState) -> EvmView<'a> {
        EvmView::of(&state.0, &self.inner.ctx.cfg, &self.inner.ctx.block)
    }

    fn transaction(&self, message: Message) -> TxEnv {
        message.into_transaction(GAS_LIMIT, self.inner.ctx.cfg.chain_id)
    }
}

impl fmt::Debug for Evm {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("Evm")
            .field("block", &self.inner.ctx.block.number)
            .finish_non_exhaustive()
    }
}

impl EvmError {
    fn new(error: impl fmt::Display) -> Self {
        Self(error.to_string())
    }
}

impl From<ExecutionResult> for Outcome {
    fn from(result: ExecutionResult) -> Self {
        let gas_used = result.tx_gas_used();
        match result {
            ExecutionResult::Success { logs, output, .. } => Self {
                status: Status::Success,
                gas_used,
                created: output.address().copied(),
                output: output.into_data(),
                logs,
                breakdown: None,
            },
            ExecutionResult::Revert { output, .. } => Self {
                status: Status::Reverted,
                gas_used,
                output,
                logs: Vec::new(),
                created: None,
                breakdown: None,
            },
            ExecutionResult::Halt { .. } => Self {
                status: Status::Halted,
                gas_used,
                output: Bytes::new(),
                logs: Vec::new(),
                created: None,
                breakdown: None,
            },
        }
    }
}
