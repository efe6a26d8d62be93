//! Throughput of the embedded chain against the EVM under it: lifecycle transactions per second through mempool and
//! blocks, against a raw revm loop that commits the same calls on the same state, wave by wave in the same run.
//!
//! `cargo bench --bench embedded` prints both and their ratio, for blocks of 36 million gas and for blocks that hold a
//! whole wave, in the thread's time on the CPU; then the whole run of the scenario, actors, records and CSV files included,
//! against the raw loop: in real time, where two cores share the run, and in time of all threads on the CPU, which is what
//! one core takes. `-- chain` leaves the raw loop out, for a profiler.

mod lifecycle;
mod raw;

use std::{collections::BTreeMap, error::Error, io::Write, ops::Sub, time::Duration};

use alloy::primitives::{Address, U256};
use mimalloc::MiMalloc;
use nix::time::{ClockId, clock_gettime};
use taskstorm::{
    chain::{
        Eip1559Fees, Receipt,
        embedded::{Config, EmbeddedChain, PooledTransaction, TransactionOrder},
    },
    plan::Plan,
    protocol::{Contracts, Deployment, Event, Invocation, REFERENCE, WindowSeconds},
    record::{Progress, Recorder},
    run::{Simulation, simulate},
    run_folder::{FinishedRun, RunDir},
    scenario::Scenario,
};
use tokio_util::sync::CancellationToken;

use self::{lifecycle::Lifecycle, raw::Raw};

#[global_allocator]
static ALLOCATOR: MiMalloc = MiMalloc;

const SCENARIO: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/scenarios/stress.toml");
const ROUNDS: usize = 5;
/// Every block's, so that both sides see the same time.
const TIMESTAMP: u64 = 1_800_000_000;
/// Holds whatever the base fee climbs to.
const FEES: Eip1559Fees = Eip1559Fees {
    max_fee: 1_000_000_000_000_000_000,
    tip: 1_000_000_000,
};

/// Time that each side took for the waves from submission to end, and their transactions.
#[derive(Default)]
struct Times {
    transactions: usize,
    chain: Duration,
    raw: Duration,
}

fn main() -> Result<(), Box<dyn Error>> {
    let with_raw = !std::env::args().any(|argument| argument == "chain");
    let scenario = Scenario::load(SCENARIO)?;
    let mut out = std::io::stdout();
    writeln!(
        out,
        "{:>13}  {:>5}  {:>10}  {:>10}  {:>5}",
        "block gas", "round", "chain tx/s", "raw tx/s", "ratio"
    )?;
    for gas_limit in [36_000_000, scenario.chain.gas_limit] {
        let mut ratios = Vec::with_capacity(ROUNDS);
        for round in 1..=ROUNDS {
            let times = measure(&scenario, gas_limit, with_raw)?;
            let per_second = |time: Duration| times.transactions as f64 / time.as_secs_f64();
            let ratio = times.raw.as_secs_f64() / times.chain.as_secs_f64();
            ratios.push(ratio);
            writeln!(
                out,
                "{gas_limit:>13}  {round:>5}  {:>10.0}  {:>10.0}  {ratio:>5.2}",
                per_second(times.chain),
                per_second(times.raw)
            )?;
        }
        ratios.sort_by(f64::total_cmp);
        writeln!(out, "{gas_limit:>13}  median ratio {:.2}", ratios[ROUNDS / 2])?;
    }
    if with_raw {
        end_to_end(&scenario, &mut out)
    } else {
        Ok(())
    }
}

/// Whole runs of the scenario, from its plan to its last record on disk, against the raw loop.
fn end_to_end(scenario: &Scenario, out: &mut impl Write) -> Result<(), Box<dyn Error>> {
    writeln!(
        out,
        "\n{:>13}  {:>5}  {:>10}  {:>10}  {:>9}  {:>8}",
        "end to end", "round", "run tx/s", "raw tx/s", "real time", "CPU time"
    )?;
    let mut ratios = [const { Vec::new() }; 2];
    for round in 1..=ROUNDS {
        let before = Clocks::now()?;
        let times = measure(scenario, scenario.chain.gas_limit, true)?;
        let measured = Clocks::now()? - before;
        // What the raw loop took of the real time of its round: its threads are one.
        let raw = times.raw.as_secs_f64();
        let raw_real = raw * measured.real.as_secs_f64() / measured.cpu.as_secs_f64();
        let folder = tempfile::tempdir()?;
        let began = Clocks::now()?;
        let mut dir = RunDir::create(folder.path().join("run"))?;
        let recorder = Recorder::new(REFERENCE).with_journal(dir.journal());
        let Simulation {
            result, histograms, ..
        } = simulate(scenario, recorder, &CancellationToken::new(), |_: &Progress| {})?;
        dir.write(&FinishedRun {
            result: &result,
            histograms: &histograms,
            scenario: &scenario.to_toml(),
        })?;
        let run = Clocks::now()? - began;
        assert!(result.complete);
        let per_raw = result.transactions.included as f64 / times.transactions as f64;
        let ratio = [
            raw_real / run.real.as_secs_f64() * per_raw,
            raw / run.cpu.as_secs_f64() * per_raw,
        ];
        writeln!(
            out,
            "{:>13}  {round:>5}  {:>10.0}  {:>10.0}  {:>9.2}  {:>8.2}",
            "",
            result.transactions.included as f64 / run.real.as_secs_f64(),
            times.transactions as f64 / raw_real,
            ratio[0],
            ratio[1],
        )?;
        for (ratios, ratio) in ratios.iter_mut().zip(ratio) {
            ratios.push(ratio);
        }
    }
    let median = ratios.map(|mut ratios| {
        ratios.sort_by(f64::total_cmp);
        ratios[ROUNDS / 2]
    });
    writeln!(
        out,
        "{:>13}  median ratio {:.2} in real time, {:.2} in CPU time",
        "", median[0], median[1]
    )?;
    Ok(())
}

/// Real time, and time that all threads of this process have spent on a CPU.
#[derive(Clone, Copy)]
struct Clocks {
    real: Duration,
    cpu: Duration,
}

impl Clocks {
    fn now() -> Result<Self, Box<dyn Error>> {
        Ok(Self {
            real: clock_gettime(ClockId::CLOCK_MONOTONIC)?.into(),
            cpu: clock_gettime(ClockId::CLOCK_PROCESS_CPUTIME_ID)?.into(),
        })
    }
}

impl Sub for Clocks {
    type Output = Self;

    fn sub(self, before: Self) -> Self {
        Self {
            real: self.real - before.real,
            cpu: self.cpu - before.cpu,
        }
    }
}

/// Time that this thread has spent on a CPU: what others do on the machine does not count.
fn cpu_time() -> Result<Duration, Box<dyn Error>> {
    Ok(clock_gettime(ClockId::CLOCK_THREAD_CPUTIME_ID)?.into())
}

/// Leads all tasks of the scenario through their lifecycle on both sides.
fn measure(scenario: &Scenario, gas_limit: u64, with_raw: bool) -> Result<Times, Box<dyn Error>> {
    let plan = Plan::of(scenario);
    let mut bench = Bench::new(scenario, &plan, gas_limit);
    let mut lifecycle = Lifecycle::new(&plan);
    let addresses: BTreeMap<_, _> = plan
        .accounts()
        .map(|account| (account.actor, account.key.address))
        .collect();
    let mut events = Vec::new();
    let mut times = Times::default();
    for name in lifecycle::SETUP.into_iter().chain(lifecycle::WAVES) {
        let wave = lifecycle.wave(name, &events);
        let calls = wave
            .iter()
            .map(|(actor, call)| (addresses[actor], bench.contracts.encode(call)));
        let calls: Vec<_> = calls.collect();
        let (chain, raw) = bench.run(&calls, with_raw, &mut events)?;
        if lifecycle::WAVES.contains(&name) {
            times.transactions += calls.len();
            times.chain += chain;
            times.raw += raw;
        }
    }
    Ok(times)
}

struct Bench {
    chain: EmbeddedChain,
    raw: Raw,
    contracts: Contracts,
    nonces: BTreeMap<Address, u64>,
}

impl Bench {
    fn new(scenario: &Scenario, plan: &Plan, gas_limit: u64) -> Self {
        let windows = WindowSeconds {
            ack: 600,
            precommit: 600,
            commit: 600,
        };
        let deployer = plan.deployer.address;
        let oracles: Vec<_> = plan.oracles.iter().map(|oracle| oracle.key.address).collect();
        let deployment = Deployment::new(
            &scenario.contracts,
            deployer,
            0,
            windows,
            scenario.price,
            &oracles,
        );
        let config = Config {
            hardfork: scenario.chain.hardfork,
            gas_limit,
            order: TransactionOrder::Fifo,
            ..Config::default()
        };
        let raw = Raw::new(config.hardfork, config.chain_id, TIMESTAMP);
        let mut chain = EmbeddedChain::new(config);
        for account in plan
            .accounts()
            .map(|account| account.key.address)
            .chain([deployer])
        {
            chain.fund(account, U256::from(10).pow(U256::from(30)));
        }
        let mut bench = Self {
            chain,
            raw,
            contracts: Contracts::new(deployment.addresses, 3),
            nonces: BTreeMap::new(),
        };
        let steps = deployment.steps.into_iter().map(|step| (deployer, step));
        let deployed = bench.run(&steps.collect::<Vec<_>>(), true, &mut Vec::new());
        deployed.expect("a deployment");
        bench
    }

    /// Makes the calls on both sides; returns the time that each took.
    fn run(
        &mut self,
        calls: &[(Address, Invocation)],
        with_raw: bool,
        events: &mut Vec<Event>,
    ) -> Result<(Duration, Duration), Box<dyn Error>> {
        let pending: Vec<PooledTransaction> = (0..)
            .zip(calls)
            .map(|(id, call)| self.pending(id, call))
            .collect();
        let transactions = calls
            .iter()
            .map(|(from, call)| Raw::transaction(*from, call))
            .collect();

        let began = cpu_time()?;
        let mut receipts: Vec<Receipt> = Vec::with_capacity(calls.len());
        for pending in pending {
            self.chain.submit(pending)?;
        }
        while self.chain.pending_len() > 0 {
            receipts.extend(self.chain.mine(TIMESTAMP).block.receipts);
        }
        let chain = cpu_time()? - began;

        let began = cpu_time()?;
        let gas = if with_raw { self.raw.run(transactions) } else { 0 };
        let raw = cpu_time()? - began;

        assert_eq!(receipts.len(), calls.len());
        assert!(receipts.iter().all(|receipt| receipt.success));
        if with_raw {
            assert_eq!(gas, receipts.iter().map(|receipt| receipt.gas_used).sum::<u64>());
        }
        let logs = receipts.iter().flat_map(|receipt| &receipt.logs);
        events.extend(logs.filter_map(|log| self.contracts.decode(log)));
        Ok((chain, raw))
    }

    fn pending(&mut self, id: u64, (from, invocation): &(Address, Invocation)) -> PooledTransaction {
        let nonce = self.nonces.entry(*from).or_default();
        *nonce += 1;
        PooledTransaction {
            id,
            from: *from,
            nonce: *nonce - 1,
            invocation: invocation.clone(),
            fees: FEES,
        }
    }
}
