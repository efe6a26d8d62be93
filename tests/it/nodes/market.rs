//! The market of the profiles' tests as a run on a node: the second protocol of these tests.

use crate::{
    profiles::market,
    support::{place::Place, taskstorm::Ended},
};

/// Tasks of the scenario.
const TASKS: u64 = 24;
/// Six seconds of load on blocks of 200 ms. A question that nobody answers in time expires.
const SCENARIO: &str = r#"
name = "market"
seed = 3
protocol = "PROFILE"
thresholds = ["tasks.failed.count < 24"]
[chain]
block_time = "200ms"
[[asker]]
count = 2
tasks = 24
load = { constant = "4/s" }
payload_size = "32 B"
[[answerer]]
count = 4
think = "100ms"
[limits]
transaction_deadline = "3s"
drain = "60s"
"#;

/// The folder of the profile.
pub(super) struct Market(Place);

impl Market {
    /// A market whose questions wait two seconds for a better answer.
    pub(super) fn new() -> Self {
        let place = market();
        place.edit("market.toml", "[\"deployer\", \"30\"]", "[\"deployer\", \"2\"]");
        Self(place)
    }

    /// Writes a profile that deploys the market's contract twice.
    pub(super) fn with_two(&self, file: &str) {
        let spare = "[contracts.spare]\nartifact = \"artifacts\"\ncontract = \"Market\"\narguments = [\"deployer\", \"2\"]\n";
        let market = self.0.read("market.toml");
        // Both write the same events.
        let market = market.replace("[roles.asker]", &format!("{spare}\n[roles.asker]"));
        let events = ["Asked", "Answered", "Expired"];
        let named = events.into_iter().fold(market, |text, event| {
            text.replace(
                &format!("name = \"{event}\""),
                &format!("name = \"market.{event}\""),
            )
        });
        let named = named.replace("event = \"Joined\"", "event = \"market.Joined\"");
        self.0.write(
            file,
            named.replace("event = \"Asked\"", "event = \"market.Asked\""),
        );
    }

    /// Its scenario.
    pub(super) fn scenario(&self) -> String {
        let profile = self.0.path("market.toml");
        SCENARIO.replace("PROFILE", profile.to_str().expect("a path of text"))
    }
}

/// Holds a run of the scenario to every task being over and every transaction in a block. Returns how many were sent again.
pub(super) fn accounted_for(ended: &Ended) -> u64 {
    let folder = ended.success();
    let (tasks, transactions) = (&folder.result.tasks, &folder.result.transactions);
    assert_eq!(tasks.submitted, TASKS, "{tasks:?}");
    assert_eq!(tasks.ended + tasks.failed, TASKS, "{tasks:?}");
    assert_eq!(
        (transactions.refused, transactions.lost),
        (0, 0),
        "{transactions:?}"
    );
    assert!(folder.result.invariants.violations.is_empty());
    transactions.resent
}
