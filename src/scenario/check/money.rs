//! Checks of fees and deposits.

use alloy::primitives::U256;

use crate::{
    fees::Eip1559Fees,
    scenario::{
        OwnerGroup, Scenario,
        path::KeyPath,
        problem::Problem,
        units::{format_amount, format_gas_price},
    },
};

/// Fees that contradict themselves, and every owner that cannot pay its deposits.
pub(super) fn problems(scenario: &Scenario) -> Vec<Problem> {
    let fees = scenario.fees();
    let mut problems: Vec<_> = fees.iter().filter_map(|(path, fees)| tip(*fees, path)).collect();
    for (index, group) in scenario.owners.iter().enumerate() {
        problems.extend(deposits(scenario, group, &super::owners_path(scenario, index)));
    }
    problems
}

/// tip ≤ `max_fee`
fn tip(fees: Eip1559Fees, path: &KeyPath) -> Option<Problem> {
    let Eip1559Fees { max_fee, tip } = fees;
    let (max_fee, tip) = (tip > max_fee).then(|| (format_gas_price(max_fee), format_gas_price(tip)))?;
    Some(
        Problem::new(
            format!("`{path}`: a transaction cannot tip more than it pays in all"),
            format!(
                "tip ≤ max_fee must hold: set max_fee = \"{tip}\" or more, or tip = \"{max_fee}\" or less"
            ),
        )
        .at(path.key("tip"), format!("`tip` is {tip} per gas"))
        .at(path.key("max_fee"), format!("`max_fee` is {max_fee} per gas")),
    )
}

/// An owner's deposits take at most half of what it starts with; the other half pays for gas.
fn deposits(scenario: &Scenario, group: &OwnerGroup, path: &KeyPath) -> Option<Problem> {
    let each = group
        .deposit
        .or_else(|| group.session_cost(scenario.price, scenario.chain.block_time))?;
    // A session that takes another's place gets its money before that one's is back.
    let sessions = u64::from(group.sessions) + u64::from(group.manage.reopen.is_some());
    let all = each.saturating_mul(U256::from(sessions));
    let most = U256::from(Scenario::BALANCE / 2);
    let (key, what) = match group.deposit {
        Some(_) => (path.key("deposit"), "a session is deposited"),
        None => (KeyPath::root().key("price"), "at this price a session costs"),
    };
    (all > most).then(|| {
        Problem::new(
            format!("`{path}`: an owner deposits {}, more than it may spend", format_amount(all)),
            format!(
                "an account starts with {}, half of which is for gas: the deposits of an owner's sessions may take at \
                 most {}",
                format_amount(U256::from(Scenario::BALANCE)),
                format_amount(most)
            ),
        )
        .at(key, format!("{what} {}", format_amount(each)))
        .at(path.key("sessions"), format!("`sessions` is {}", group.sessions))
    })
}
