//! Consistency checks: totals of a result must equal the sums of their parts.

use super::{PhaseResult, RunResult, TransactionCounts};
use crate::protocol::Phase;

impl RunResult {
    /// Checks that totals are consistent: every task and every transaction has exactly one outcome, phases and functions
    /// add up to the totals, and so does their gas.
    ///
    /// # Errors
    /// The first equation that does not hold, with its numbers.
    pub fn check_consistency(&self) -> Result<(), String> {
        self.check_tasks()?;
        outcomes("transactions", &self.transactions)?;
        for (phase, result) in &self.phases {
            check_phase(*phase, result)?;
        }
        let mut over_phases = TransactionCounts::default();
        self.phases
            .values()
            .for_each(|phase| add(&mut over_phases, &phase.transactions));
        if over_phases != self.transactions {
            return Err(format!(
                "phases add up to {over_phases:?}, not {:?}",
                self.transactions
            ));
        }
        self.check_functions()?;
        self.check_misbehaviour()
    }

    /// Everything that was repelled is a misdeed.
    fn check_misbehaviour(&self) -> Result<(), String> {
        let refused = self.misbehaviour.iter().map(|of| of.refused).sum();
        equal("transactions repelled", self.transactions.repelled, refused)
    }

    fn check_tasks(&self) -> Result<(), String> {
        let tasks = &self.tasks;
        equal(
            "tasks submitted",
            tasks.submitted,
            tasks.ended + tasks.failed + tasks.unfinished,
        )?;
        equal(
            "tasks failed",
            tasks.failed,
            tasks.failed_by_reason.values().sum(),
        )?;
        equal(
            "tasks unfinished",
            tasks.unfinished,
            tasks.unfinished_by_phase.values().sum(),
        )?;
        let by_invariant = self.invariants.violated_by_invariant.values().sum();
        equal("invariants violated", self.invariants.violated, by_invariant)
    }

    fn check_functions(&self) -> Result<(), String> {
        // Setup's functions are management's, too, once the load has begun: those two add up together.
        let together = |phase: Phase| !phase.is_lifecycle();
        let setup = self
            .protocol
            .phases
            .iter()
            .copied()
            .filter(|phase| phase.is_setup());
        for phase in setup.chain(self.protocol.lifecycle()) {
            let same = |other: Phase| other == phase || together(other) && together(phase);
            let of_phase = || {
                self.functions
                    .iter()
                    .filter(move |(function, _)| same(function.phase()))
            };
            let mut counts = TransactionCounts::default();
            of_phase().for_each(|(_, result)| add(&mut counts, &result.transactions));
            let name = phase.name();
            let mut result = PhaseResult::default();
            for (_, part) in self.phases.iter().filter(|(part, _)| same(**part)) {
                add(&mut result.transactions, &part.transactions);
                result.gas_total = result.gas_total.saturating_add(part.gas_total);
                result.gas_reverted = result.gas_reverted.saturating_add(part.gas_reverted);
            }
            if counts != result.transactions {
                return Err(format!(
                    "functions of {name} add up to {counts:?}, not {:?}",
                    result.transactions
                ));
            }
            let gas = |of: fn(&super::FunctionResult) -> u64| {
                of_phase()
                    .map(|(_, result)| of(result))
                    .fold(0, u64::saturating_add)
            };
            equal(
                &format!("{name} gas"),
                result.gas_total,
                gas(|function| function.gas_total),
            )?;
            equal(
                &format!("{name} gas of reverts"),
                result.gas_reverted,
                gas(|function| function.gas_reverted),
            )?;
        }
        Ok(())
    }
}

fn check_phase(phase: Phase, result: &PhaseResult) -> Result<(), String> {
    let name = phase.name();
    outcomes(name, &result.transactions)?;
    let failures = &result.failures;
    equal(
        &format!("{name} reverted"),
        result.transactions.reverted,
        failures.reverted.values().sum(),
    )?;
    equal(
        &format!("{name} outrun"),
        result.transactions.outrun,
        failures.outrun.values().sum(),
    )?;
    equal(
        &format!("{name} refused"),
        result.transactions.refused,
        failures.refused.values().sum(),
    )?;
    equal(
        &format!("{name} lost"),
        result.transactions.lost,
        failures.lost.values().sum(),
    )
}

fn outcomes(name: &str, counts: &TransactionCounts) -> Result<(), String> {
    equal(
        name,
        counts.total,
        counts.in_blocks() + counts.refused + counts.lost,
    )
}

fn equal(name: &str, total: u64, parts: u64) -> Result<(), String> {
    if total == parts {
        Ok(())
    } else {
        Err(format!(
            "{name}: {total} in total, but the parts add up to {parts}"
        ))
    }
}

fn add(sum: &mut TransactionCounts, counts: &TransactionCounts) {
    sum.total += counts.total;
    sum.included += counts.included;
    sum.reverted += counts.reverted;
    sum.outrun += counts.outrun;
    sum.repelled += counts.repelled;
    sum.refused += counts.refused;
    sum.lost += counts.lost;
    sum.resent += counts.resent;
}
