//! Dishonest calls of a profile's actors.

use alloy::json_abi::Function as FunctionAbi;
use rand::{RngExt, rngs::ChaCha8Rng};

use super::{
    ProfileCall, ProfileContracts, ProfileState, World,
    protocol::{Profile, ProfileTimer},
    state::Task,
};
use crate::protocol::{
    Behaviour, Cue, DeployedContracts, DishonestCall, Invocation, ProtocolCall, RobberyStep, Temptation,
    lengthened, profile::rule::Trigger, redirected, robbery,
};

impl ProfileContracts {
    /// The ABI of the function that a transaction calls.
    pub(super) fn abi_of(&self, invocation: &Invocation) -> Option<FunctionAbi> {
        let (to, selector) = (invocation.to?, invocation.input.get(..4)?.try_into().ok()?);
        let world = self.world();
        let mut contracts = world.definition.contracts.iter().zip(&world.addresses);
        let (contract, _) = contracts.find(|(_, address)| **address == to)?;
        contract.abi.function_by_selector(selector).cloned()
    }
}

/// The calls that a dishonest actor makes on account of a call.
pub(super) fn dishonest(
    contracts: &ProfileContracts,
    tempting: &mut Temptation<'_, Profile>,
    random: &mut ChaCha8Rng,
) -> Option<Vec<DishonestCall<Profile>>> {
    let call = tempting.call;
    if tempting.behaviour == Behaviour::Reenter {
        // The call that was accepted, by a contract.
        let step = RobberyStep {
            to: call.to?,
            value: call.value,
            input: call.input.clone(),
            of_first: false,
        };
        let schema = contracts.schema();
        return Some(vec![DishonestCall {
            call: ProfileCall::filler(schema),
            edited: Some(robbery(&[step])),
        }]);
    }
    let call = match tempting.behaviour {
        Behaviour::Replay => replay(call, tempting.state, random)?,
        Behaviour::Racing if call.races => call.clone(),
        Behaviour::Grief => enlarged(contracts, call)?,
        // The coalition stays silent about the task.
        Behaviour::Collude if !call.submits => return Some(Vec::new()),
        _ => return None,
    };
    Some(vec![DishonestCall::of(call)])
}

/// The same call with its texts and byte strings as long as an edit makes them.
fn enlarged(contracts: &ProfileContracts, call: &ProfileCall) -> Option<ProfileCall> {
    let function = contracts.abi_of(&contracts.encode(call))?;
    Some(ProfileCall {
        input: lengthened(&function, &call.input)?,
        ..call.clone()
    })
}

/// A later rule of the same role about the call's task, which is not due: what waits for an event cannot be followed without.
pub(super) fn cues(
    tempting: &Temptation<'_, Profile>,
    world: &World,
    random: &mut ChaCha8Rng,
) -> Vec<Cue<Profile>> {
    let Some((rule, task)) = tempting.call.rule.zip(tempting.call.task) else {
        return Vec::new();
    };
    let role = world.definition.rules[usize::from(rule)].role;
    let later: Vec<u16> = world
        .rules_of(|trigger| {
            matches!(
                trigger,
                Trigger::Entered(_) | Trigger::Time(_) | Trigger::Block(_)
            )
        })
        .filter(|place| *place > rule && world.definition.rules[usize::from(*place)].role == role)
        .collect();
    let drawn = later.get(random.random_range(0..later.len().max(1)));
    let timer = |rule: &u16| {
        Cue::Timer(ProfileTimer::Triggered {
            rule: *rule,
            task: Some(task),
            event: None,
            again: false,
        })
    };
    drawn.map(timer).into_iter().collect()
}

/// The same call for another task, drawn among those that are known.
fn replay(call: &ProfileCall, state: &ProfileState, random: &mut ChaCha8Rng) -> Option<ProfileCall> {
    let task = state.known(call.task?)?;
    let others: Vec<&Task> = state.tasks().filter(|other| other.key != task.key).collect();
    let other = *others.get(random.random_range(0..others.len().max(1)))?;
    let words = task.words.iter().zip(other.words.iter());
    let words: Vec<_> = words
        .filter_map(|(from, to)| Some((from.as_word()?, to.as_word()?)))
        .collect();
    Some(ProfileCall {
        input: redirected(&call.input, &words)?,
        task: Some(other.key),
        opens: None,
        ..call.clone()
    })
}
