//! Scenario → TOML that reads back as the same scenario.

use std::fmt::{self, Write};

use super::{
    Load, MinerGroup, OwnerGroup, Scenario, Stages, TaskCount, WarmUp,
    units::{format_amount, format_duration, format_gas_price},
};
use crate::{fees::Eip1559Fees, metric::Threshold};

impl Scenario {
    /// The scenario as a file, every default written out. [`Scenario::load`] reads an equal one back from a folder where
    /// the files of [`Scenario::data`] are; one without data files, [`Scenario::from_toml`] too.
    #[must_use]
    pub fn to_toml(&self) -> String {
        let mut text = String::new();
        // Writing to a String cannot fail.
        let _ = self.write(&mut text);
        text
    }

    fn write(&self, out: &mut String) -> fmt::Result {
        writeln!(out, "name = {}", quoted(&self.name))?;
        writeln!(out, "description = {}", quoted(&self.description))?;
        writeln!(out, "seed = {}", self.seed)?;
        writeln!(out, "price = \"{}\"", format_amount(self.price))?;
        write_thresholds(out, &self.thresholds)?;
        let chain = &self.chain;
        writeln!(out, "\n[chain]\nkind = \"{}\"", chain.kind)?;
        writeln!(out, "block_time = \"{}\"", format_duration(chain.block_time))?;
        writeln!(
            out,
            "gas_limit = {}\nhardfork = \"{}\"",
            chain.gas_limit, chain.hardfork
        )?;
        writeln!(out, "base_fee = \"{}\"", format_gas_price(chain.base_fee))?;
        writeln!(out, "below_base_fee = \"{}\"", chain.below_base_fee)?;
        writeln!(out, "order = {}", chain.order)?;
        writeln!(out, "submission_delay = {}", chain.submission_delay)?;
        writeln!(
            out,
            "\n[windows]\nack = \"{}\"",
            format_duration(self.windows.ack)
        )?;
        writeln!(out, "precommit = \"{}\"", format_duration(self.windows.precommit))?;
        writeln!(out, "commit = \"{}\"", format_duration(self.windows.commit))?;
        self.owners
            .iter()
            .try_for_each(|group| write_owners(out, group))?;
        self.miners
            .iter()
            .try_for_each(|group| write_miners(out, group))?;
        writeln!(out, "\n[oracle]\ncount = {}", self.oracle.count)?;
        writeln!(
            out,
            "check_interval = \"{}\"",
            format_duration(self.oracle.check_interval)
        )?;
        write_fees(out, self.oracle.fees)?;
        writeln!(out, "\n[measure]\nwarm_up = {}", self.measure.warm_up)?;
        let cool_down = format_duration(self.measure.cool_down);
        writeln!(out, "cool_down = \"{cool_down}\"")?;
        let deadline = format_duration(self.limits.transaction_deadline);
        writeln!(out, "\n[limits]\ntransaction_deadline = \"{deadline}\"")?;
        writeln!(out, "drain = \"{}\"", format_duration(self.limits.drain))?;
        let node_timeout = format_duration(self.limits.node_timeout);
        writeln!(out, "node_timeout = \"{node_timeout}\"")
    }
}

fn write_thresholds(out: &mut String, thresholds: &[Threshold]) -> fmt::Result {
    // Reading the scenario adds the default again, but not that it stops early.
    let (defaults, written): (Vec<_>, Vec<_>) = thresholds
        .iter()
        .partition(|threshold| threshold.is_default && !threshold.stop_early);
    for default in defaults {
        writeln!(out, "# default threshold: {default}")?;
    }
    if written.is_empty() {
        return Ok(());
    }
    writeln!(out, "thresholds = [")?;
    for threshold in written {
        let hold = quoted(threshold.expression());
        if threshold.stop_early {
            writeln!(out, "    {{ hold = {hold}, stop_early = true }},")?;
        } else {
            writeln!(out, "    {hold},")?;
        }
    }
    writeln!(out, "]")
}

fn write_owners(out: &mut String, group: &OwnerGroup) -> fmt::Result {
    writeln!(
        out,
        "\n[[owners]]\nname = {}\ncount = {}",
        quoted(&group.name),
        group.count
    )?;
    writeln!(out, "sessions = {}\nmode = \"{}\"", group.sessions, group.mode)?;
    writeln!(
        out,
        "min_nodes = {}\nmax_nodes = {}",
        group.min_nodes, group.max_nodes
    )?;
    writeln!(
        out,
        "redundancy = {}\nreserve = {}",
        group.redundancy, group.reserve
    )?;
    match group.tasks {
        Some(TaskCount::Total(tasks)) => writeln!(out, "tasks = {tasks}")?,
        Some(TaskCount::PerSession(tasks)) => writeln!(out, "tasks = {{ per_session = {tasks} }}")?,
        None => {}
    }
    if let Some(duration) = group.duration {
        writeln!(out, "duration = \"{}\"", format_duration(duration))?;
    }
    writeln!(out, "start = \"{}\"", format_duration(group.start))?;
    writeln!(out, "load = {}", group.load)?;
    if let Some(most) = group.max_in_flight {
        writeln!(out, "max_in_flight = {most}")?;
    }
    writeln!(out, "payload_size = {}", group.payload_size)?;
    write_fees(out, group.fees)?;
    if let Some(deposit) = group.deposit {
        writeln!(out, "deposit = \"{}\"", format_amount(deposit))?;
    }
    if let Some(dedicated) = &group.dedicated {
        let name = quoted(&dedicated.group);
        writeln!(
            out,
            "dedicated = {{ group = {name}, nodes = {} }}",
            dedicated.nodes
        )?;
    }
    if group.manage.is_empty() {
        return Ok(());
    }
    writeln!(out, "manage = {}", group.manage)
}

impl fmt::Display for Load {
    /// As a scenario file writes it.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::BackToBack {
                in_flight,
                think_time,
            } => write!(
                f,
                "{{ back_to_back = {{ in_flight = {in_flight}, think_time = {think_time} }} }}"
            ),
            Self::Constant { rate } => write!(f, "{{ constant = \"{rate}\" }}"),
            Self::Poisson { rate } => write!(f, "{{ poisson = \"{rate}\" }}"),
            Self::Bursts(bursts) => write!(
                f,
                "{{ bursts = {{ rate = \"{}\", idle = \"{}\", on = \"{}\", off = \"{}\", arrivals = \"{}\" }} }}",
                bursts.rate,
                bursts.idle,
                format_duration(bursts.on),
                format_duration(bursts.off),
                bursts.arrivals.name()
            ),
            Self::Mmpp(mmpp) => {
                let [first, second] = mmpp.rates;
                let [from_first, from_second] = mmpp.sojourns.map(format_duration);
                write!(
                    f,
                    "{{ mmpp = {{ rates = [\"{first}\", \"{second}\"], sojourns = [\"{from_first}\", \"{from_second}\"] }} }}"
                )
            }
            Self::Stages(stages) => stages.fmt(f),
            Self::Trace(replay) => f.write_str(&replay.toml()),
        }
    }
}

impl fmt::Display for Stages {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{{ from = \"{}\", stages = [", self.from)?;
        for (place, stage) in self.stages.iter().enumerate() {
            let comma = if place == 0 { "" } else { ", " };
            let length = format_duration(stage.length);
            write!(f, "{comma}{{ for = \"{length}\", to = \"{}\" }}", stage.to)?;
        }
        write!(f, "], arrivals = \"{}\" }}", self.arrivals.name())
    }
}

impl fmt::Display for WarmUp {
    /// As a scenario file writes it.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Fixed(time) => write!(f, "\"{}\"", format_duration(*time)),
            Self::Auto => f.write_str("\"auto\""),
        }
    }
}

fn write_miners(out: &mut String, group: &MinerGroup) -> fmt::Result {
    writeln!(
        out,
        "\n[[miners]]\nname = {}\ncount = {}",
        quoted(&group.name),
        group.count
    )?;
    writeln!(
        out,
        "ack_delay = {}\nwork_time = {}",
        group.ack_delay, group.work_time
    )?;
    writeln!(
        out,
        "commit_delay = {}\nresult_size = {}",
        group.commit_delay, group.result_size
    )?;
    writeln!(out, "concurrency = {}", group.concurrency)?;
    if let Some(join_after) = &group.join_after {
        writeln!(out, "join_after = {join_after}")?;
    }
    if let Some(churn) = &group.churn {
        writeln!(out, "churn = {churn}")?;
    }
    write_fees(out, group.fees)
}

fn write_fees(out: &mut String, fees: Eip1559Fees) -> fmt::Result {
    writeln!(out, "tip = \"{}\"", format_gas_price(fees.tip))?;
    writeln!(out, "max_fee = \"{}\"", format_gas_price(fees.max_fee))
}

/// As TOML writes text.
fn quoted(text: &str) -> String {
    toml::Value::String(text.to_owned()).to_string()
}
