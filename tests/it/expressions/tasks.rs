//! Expressions over several tasks: invariants and batches.

use alloy::primitives::U256;
use taskstorm::protocol::profile::expression::{Answers, Expression, Member, Scope, Tuple, Type, Value};

use super::support::{Seeded, World};

fn scope() -> Scope {
    let mut scope = Scope::new();
    scope.key("question", Type::WORD).expect("a key");
    scope.task("bond", Type::UINT).expect("a field");
    scope.parameter("fee", Type::Uint(8)).expect("a parameter");
    scope.with_tasks()
}

/// Tasks with these bonds. Keys and fields share places here: the environment tells them apart, not the expression.
fn world(bonds: &[U256]) -> World {
    let mut world = World::new();
    world.tasks = bonds.iter().map(|bond| vec![Value::Word(*bond)]).collect();
    world
}

fn evaluate(text: &str, world: &World) -> Result<Value, String> {
    let expression = Expression::parse(text, &scope()).map_err(|error| error.to_string())?;
    let value = expression.evaluate(world, &mut Seeded::new(1), &Answers::new());
    value.map_err(|error| error.to_string())
}

#[test]
fn sums_counts_and_lists_go_over_all_tasks() {
    let world = world(&[10, 20, 30].map(U256::from));
    for (text, expected) in [
        ("sum(task.bond)", 60_u64),
        ("sum(task.bond * 2 + fee)", 135),
        ("sum(1)", 3),
        ("count()", 3),
        ("count(task.bond > 15)", 2),
        ("list(question).length", 3),
        ("sum(task.bond) / count() + fee", 25),
    ] {
        assert_eq!(evaluate(text, &world), Ok(expected.into()), "{text}");
    }
    let listed = evaluate("list(task.bond)", &world).expect("a list");
    assert_eq!(
        listed,
        vec![Value::from(10), Value::from(20), Value::from(30)].into()
    );
    assert_eq!(evaluate("sum(task.bond)", &self::world(&[])), Ok(0.into()));
    let too_much = self::world(&[U256::MAX, U256::ONE]);
    assert_eq!(
        evaluate("sum(task.bond)", &too_much),
        Err("`+` leaves the range of uint256".to_owned())
    );
}

#[test]
fn a_task_has_its_values_inside_only() {
    let world = world(&[]);
    for (text, refusal) in [
        (
            "task.bond + 1",
            "`task.bond` differs from task to task; go over all tasks: `sum(task.bond)`, `count(task.bond == …)` or \
             `list(task.bond)`",
        ),
        (
            "sum(count())",
            "`count` has no tasks to go over here; `sum`, `count` and `list` cannot be nested",
        ),
        (
            "sum(question)",
            "`sum` cannot be applied to `bytes32`; give it a number of each task",
        ),
        (
            "count(task.bond)",
            "this must be `bool`, not `uint256`; give a value of type `bool`",
        ),
        (
            "sum(address(0).balance)",
            "a read for each task is not possible; keep the value as a field of the task",
        ),
    ] {
        assert_eq!(evaluate(text, &world), Err(refusal.to_owned()), "{text}");
    }
}

#[test]
fn literals_in_a_list_take_the_type_that_is_needed() {
    let members = [("bond", Type::UINT), ("fee", Type::Uint(64))];
    let members = members.map(|(name, ty)| Member {
        name: name.to_owned(),
        ty,
    });
    let order = Tuple {
        name: Some("Order".to_owned()),
        members: members.into(),
    };
    let needed = Type::Array(Type::Tuple(order.into()).into());
    let expression = Expression::parse_as("list((task.bond, 5))", &needed, &scope()).expect("a list");
    let value = expression.evaluate(&world(&[U256::ONE]), &mut Seeded::new(1), &Answers::new());
    let order: Value = vec![Value::from(1), Value::from(5)].into();
    assert_eq!(value, Ok(vec![order].into()));

    let refused = |text: &str| {
        let error = Expression::parse_as(text, &needed, &scope()).expect_err(text);
        (error.message, error.remedy)
    };
    let (message, _) = refused("list((task.bond, true))");
    assert_eq!(message, "member `fee` must be `uint64`, not `bool`");
    let (_, remedy) = refused("list((task.bond, 5, 6))");
    assert_eq!(remedy, "give 2 values: `(uint256 bond, uint64 fee)`");
}
