//! The chain: accounts, mempool and blocks around the EVM.

use alloy::{
    eips::eip1559::{BaseFeeParams, calc_next_block_base_fee},
    primitives::{Address, B256, U256, keccak256},
};

use super::{
    Access, BlockLog, BuilderTerms, Location, Mined, PooledTransaction, Refused, TracedBlock,
    TracedTransaction, TransactionOrder,
    access::Tracer,
    admission,
    evm::{BlockFacts, Evm, Outcome, Status},
    order::Slot,
    pool::Pool,
};
use crate::{
    chain::{Block, Log, Receipt},
    hardfork::Hardfork,
    mempool::BelowBaseFee,
    state_dump::StateDump,
    time::Micros,
};

/// Who gets the tips of every block, as on anvil.
pub const COINBASE: Address = Address::ZERO;
/// The least gas that a transaction takes: a block with less left is full.
const LEAST_GAS: u64 = 21_000;
/// Transactions whose changes are committed at once. Committing each by itself reads and writes again what all of them
/// touch; committing thousands keeps more in the journal than a CPU's caches hold.
const BATCH: usize = 128;

/// What a chain starts from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Config {
    /// The rules that transactions are executed and priced by.
    pub hardfork: Hardfork,
    /// Its id. Default 31,337.
    pub chain_id: u64,
    /// Gas that a block can hold. Default 36,000,000.
    pub gas_limit: u64,
    /// Base fee of the first block, in wei per gas. Default 1 gwei, as on anvil; 0 makes it 0 for ever, as there.
    pub base_fee: u64,
    /// What the mempool does with transactions whose max fee is below the base fee. Default: refuses them, as anvil.
    pub below_base_fee: BelowBaseFee,
    /// Timestamp of block 0, in seconds since the Unix epoch, above 0. Default 1,700,000,000 (November 2023).
    pub genesis_timestamp: u64,
    /// The order of transactions in blocks.
    pub order: TransactionOrder,
    /// What is drawn at random is drawn from it: a random order, and what contracts read as `prevrandao`.
    pub seed: u64,
    /// Whether receipts tell where their gas went. It takes several times as long. Default no.
    pub meter_gas: bool,
}

impl Default for Config {
    fn default() -> Self {
        Self {
            hardfork: Hardfork::default(),
            chain_id: 31_337,
            gas_limit: 36_000_000,
            base_fee: 1_000_000_000,
            below_base_fee: BelowBaseFee::default(),
            genesis_timestamp: 1_700_000_000,
            order: TransactionOrder::default(),
            seed: 0,
            meter_gas: false,
        }
    }
}

/// A chain inside the process: what a node does with transactions, at the moments that the caller says.
#[derive(Debug)]
pub struct EmbeddedChain {
    pub(super) evm: Evm,
    pub(super) pool: Pool,
    order: TransactionOrder,
    below_base_fee: BelowBaseFee,
    pub(super) chain_id: u64,
    pub(super) gas_limit: u64,
    seed: u64,
    /// Of the latest block.
    pub(super) number: u64,
    /// Of the latest block, in seconds.
    pub(super) timestamp: u64,
    /// Of the next block, in wei per gas.
    pub(super) base_fee: u64,
    /// Who hears of the accesses of every block's transactions.
    tracer: Option<Tracer>,
    /// Where the transactions in blocks are kept, if they are.
    log: Option<BlockLog>,
}

impl EmbeddedChain {
    /// A chain with block 0 and nothing else.
    #[must_use]
    pub fn new(config: Config) -> Self {
        let mut evm = Evm::new(config.hardfork, config.chain_id);
        evm.check_nonces();
        if config.meter_gas {
            evm.meter();
        }
        let mut chain = Self {
            evm,
            pool: Pool::new(config.below_base_fee),
            below_base_fee: config.below_base_fee,
            order: config.order,
            chain_id: config.chain_id,
            gas_limit: config.gas_limit,
            seed: config.seed,
            number: 0,
            timestamp: config.genesis_timestamp,
            base_fee: config.base_fee,
            tracer: None,
            log: None,
        };
        chain.evm.begin_block(&chain.facts());
        chain
    }

    /// From here on `tracer` hears what the transactions of every block accessed, which takes longer and changes nothing else.
    pub fn trace(&mut self, tracer: impl FnMut(TracedBlock) + 'static) {
        self.evm.collect_mapping_slots();
        self.tracer = Some(Tracer(Box::new(tracer)));
    }

    /// Keeps the transactions of all blocks from now on in `log`.
    pub fn log_to(&mut self, log: BlockLog) {
        self.log = Some(log);
    }

    /// Takes the accounts of a state, with their code and storage.
    pub fn load(&mut self, state: &StateDump) {
        for (address, account) in state.accounts() {
            self.evm.load(*address, account);
        }
    }

    /// Gives the account this balance in wei.
    pub fn fund(&mut self, account: Address, wei: U256) {
        self.evm.set_balance(account, wei);
    }

    /// Puts a transaction in the mempool, and returns its (simulated) hash. One whose nonce is not the account's next
    /// waits for those before it; one whose max fee is below the base fee waits until that falls, if the chain lets it.
    ///
    /// # Errors
    /// If it could not be executed as things stand, or does not offer enough to replace the one with its nonce.
    pub fn submit(&mut self, pending: PooledTransaction) -> Result<B256, Refused> {
        let from = pending.from;
        let sender = self.pool.sender(from, self.chain_id, || self.evm.account(from).0);
        let limits = admission::Limits {
            block_gas: self.gas_limit,
            min_max_fee: match self.below_base_fee {
                BelowBaseFee::Refuse => self.base_fee,
                BelowBaseFee::Wait => 0,
            },
        };
        admission::check(&self.evm, self.pool.next_nonce(sender), limits, &pending)?;
        self.pool.insert(sender, pending)
    }

    /// Builds the next block, with this timestamp in seconds (the parent's, should it be earlier than that).
    ///
    /// It takes transactions in the chain's order. One whose gas limit is more than the gas that is left is passed
    /// over, and with it the account that sends it; smaller ones after it may still get in, as on anvil.
    pub fn mine(&mut self, timestamp: u64) -> Mined {
        self.mine_on_terms(timestamp, &BuilderTerms::default())
    }

    /// The same by a builder with these terms.
    pub fn mine_on_terms(&mut self, timestamp: u64, terms: &BuilderTerms<'_>) -> Mined {
        let (mut ids, mut receipts) = (Vec::new(), Vec::new());
        let mined = self.mine_streaming(timestamp, terms, |id, receipt| {
            ids.push(id);
            receipts.push(receipt);
        });
        let block = Block {
            receipts,
            ..mined.block
        };
        Mined { block, ids, ..mined }
    }

    /// As [`EmbeddedChain::mine_on_terms`], but hands each receipt over as soon as its transaction is executed, with the
    /// transaction's id. The block that it returns has no receipts and no ids.
    pub fn mine_streaming(
        &mut self,
        timestamp: u64,
        terms: &BuilderTerms<'_>,
        mut take: impl FnMut(u64, Receipt),
    ) -> Mined {
        self.number += 1;
        self.timestamp = self.timestamp.max(timestamp);
        let slot = Slot {
            seed: self.seed,
            number: self.number,
            base_fee: self.base_fee,
        };
        self.evm.begin_block(&self.facts());
        if let Some(log) = &self.log {
            log.begin(self.number);
        }
        let mut ready = self.pool.ready(&self.order, slot, terms);
        let mut executed: usize = 0;
        let mut traced = Vec::new();
        // Committed one by one, what the EVM holds on to is what one transaction accessed.
        let batch = if self.tracer.is_some() { 1 } else { BATCH };
        let (mut gas_used, mut logs) = (terms.gas_of_others.min(self.gas_limit), 0);
        while self.gas_limit - gas_used >= LEAST_GAS
            && let Some(waiting) = self.pool.next(&mut ready, self.gas_limit - gas_used)
        {
            let id = waiting.pending.id;
            let tracing = self.tracer.as_ref();
            let invocation = tracing.map(|_| waiting.pending.invocation.clone());
            let logged = self.log.as_ref().map(|_| waiting.pending.clone());
            match self.evm.execute(waiting.pending) {
                Ok(outcome) => {
                    if let (Some(log), Some(sent)) = (&self.log, logged) {
                        log.add(self.number, self.timestamp, sent);
                    }
                    gas_used += outcome.gas_used;
                    executed += 1;
                    traced.extend(invocation.map(|invocation| TracedTransaction {
                        invocation,
                        gas_used: outcome.gas_used,
                        accesses: self.accesses(),
                    }));
                    let receipt = receipt(waiting.hash, outcome, logs);
                    logs += receipt.logs.len() as u64;
                    take(id, receipt);
                    self.pool.executed(&mut ready);
                    if executed.is_multiple_of(batch) {
                        self.evm.commit();
                    }
                }
                Err(error) => self.pool.give_up(&mut ready, id, error.to_string()),
            }
        }
        self.evm.commit();
        if let Some(Tracer(trace)) = &mut self.tracer {
            trace(TracedBlock {
                transactions: traced,
                mapping_slots: self.evm.take_mapping_slots(),
            });
        }
        self.base_fee = next_base_fee(gas_used, self.gas_limit, self.base_fee);
        Mined {
            block: Block {
                number: slot.number,
                timestamp: self.timestamp,
                seen: Micros::ZERO,
                gas_used,
                gas_limit: self.gas_limit,
                base_fee: slot.base_fee,
                receipts: Vec::new(),
            },
            ids: Vec::new(),
            dropped: self.pool.take_dropped(),
        }
    }

    /// The accesses of the latest transaction, without what the recipient of the fees gets.
    fn accesses(&self) -> Vec<Access> {
        let fees = Location::Account(COINBASE);
        let mut accesses = self.evm.accesses();
        accesses.retain(|access| access.location != fees);
        accesses
    }

    /// The account's next nonce after the latest block.
    #[must_use]
    pub fn nonce(&self, account: Address) -> u64 {
        self.evm.account(account).0
    }

    /// The account's balance after the latest block, in wei.
    #[must_use]
    pub fn balance(&self, account: Address) -> U256 {
        self.evm.account(account).1
    }

    /// How many transactions wait in the mempool, those behind a missing nonce included.
    #[must_use]
    pub const fn pending_len(&self) -> usize {
        self.pool.len()
    }

    /// The latest block's number.
    #[must_use]
    pub const fn number(&self) -> u64 {
        self.number
    }

    /// The latest block's timestamp in seconds.
    #[must_use]
    pub const fn timestamp(&self) -> u64 {
        self.timestamp
    }

    /// The next block's base fee in wei per gas.
    #[must_use]
    pub const fn base_fee(&self) -> u64 {
        self.base_fee
    }

    fn facts(&self) -> BlockFacts {
        let mut preimage = [0; 16];
        preimage[..8].copy_from_slice(&self.seed.to_be_bytes());
        preimage[8..].copy_from_slice(&self.number.to_be_bytes());
        BlockFacts {
            number: self.number,
            timestamp: self.timestamp,
            gas_limit: self.gas_limit,
            base_fee: self.base_fee,
            coinbase: COINBASE,
            prevrandao: keccak256(preimage),
        }
    }
}

/// The base fee after a block, in wei per gas (EIP-1559). A base fee of 0 stays, as on anvil.
fn next_base_fee(gas_used: u64, gas_limit: u64, base_fee: u64) -> u64 {
    match base_fee {
        0 => 0,
        _ => calc_next_block_base_fee(gas_used, gas_limit, base_fee, BaseFeeParams::ethereum()),
    }
}

/// The receipt of a transaction whose block has so many logs before its own.
fn receipt(hash: B256, outcome: Outcome, logs: u64) -> Receipt {
    let success = outcome.status == Status::Success;
    Receipt {
        hash,
        success,
        gas_used: outcome.gas_used,
        breakdown: outcome.breakdown,
        output: Some(outcome.output),
        logs: (logs..)
            .zip(outcome.logs)
            .map(|(index, log)| Log::of_evm(index, log))
            .collect(),
    }
}
