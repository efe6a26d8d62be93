//! Programs that nobody would write: whatever they do, the groups add up to the receipt, and metering changes nothing.

use alloy::primitives::Address;
use proptest::{collection::vec, prelude::*};
use taskstorm::hardfork::Hardfork;

use super::support::{Lab, NOBODY, breakdown, push};

/// A piece of a program that leaves the stack as it was, or nearly so.
#[derive(Clone, Debug)]
enum Piece {
    Push(u8),
    /// Any opcode at all; most of them end the program.
    Opcode(u8),
    Store(u8, u8),
    Load(u8),
    Remember(u16),
    Hash(u8),
    Log(u8, u8),
    Call {
        kind: u8,
        target: u8,
        gas: u16,
        value: bool,
    },
    Create {
        deposit: u16,
        salted: bool,
    },
    Revert,
    Return(u8),
}

fn piece() -> impl Strategy<Value = Piece> {
    prop_oneof![
        4 => any::<u8>().prop_map(Piece::Push),
        1 => any::<u8>().prop_map(Piece::Opcode),
        4 => (0..4_u8, 0..3_u8).prop_map(|(slot, value)| Piece::Store(slot, value)),
        2 => (0..4_u8).prop_map(Piece::Load),
        2 => any::<u16>().prop_map(Piece::Remember),
        2 => any::<u8>().prop_map(Piece::Hash),
        2 => (0..5_u8, any::<u8>()).prop_map(|(topics, length)| Piece::Log(topics, length)),
        6 => (0..4_u8, 0..12_u8, any::<u16>(), any::<bool>())
            .prop_map(|(kind, target, gas, value)| Piece::Call { kind, target, gas, value }),
        2 => (any::<u16>(), any::<bool>()).prop_map(|(deposit, salted)| Piece::Create { deposit, salted }),
        1 => Just(Piece::Revert),
        1 => any::<u8>().prop_map(Piece::Return),
    ]
}

impl Piece {
    fn code(&self, other: Address) -> Vec<u8> {
        match *self {
            Self::Push(value) => vec![0x60, value],
            Self::Opcode(code) => vec![code],
            Self::Store(slot, value) => vec![0x60, value, 0x60, slot, 0x55],
            Self::Load(slot) => vec![0x60, slot, 0x54, 0x50],
            Self::Remember(place) => {
                let [high, low] = place.to_be_bytes();
                vec![0x60, 1, 0x61, high, low, 0x52]
            }
            Self::Hash(length) => vec![0x60, length, 0x5f, 0x20, 0x50],
            Self::Log(topics, length) => {
                let mut code = vec![0x5f; topics.into()];
                code.extend([0x60, length, 0x5f, 0xa0 + topics]);
                code
            }
            Self::Call {
                kind,
                target,
                gas,
                value,
            } => {
                let [high, low] = gas.to_be_bytes();
                let mut code = vec![0x60, 32, 0x5f, 0x60, 32, 0x5f];
                // CALL and CALLCODE take a value.
                if kind < 2 {
                    code.extend([0x60, value.into()]);
                }
                code.extend(match target {
                    0 => vec![0x30],
                    10 => push(NOBODY),
                    11 => push(other),
                    precompile => vec![0x60, precompile],
                });
                code.extend([0x61, high, low, [0xf1, 0xf2, 0xf4, 0xfa][usize::from(kind)], 0x50]);
                code
            }
            Self::Create { deposit, salted } => {
                let [high, low] = deposit.to_be_bytes();
                // Init code PUSH2 deposit, PUSH0, RETURN in the last 5 bytes of the first word.
                let mut code = vec![0x64, 0x61, high, low, 0x5f, 0xf3, 0x5f, 0x52];
                if salted {
                    code.push(0x5f);
                }
                code.extend([0x60, 5, 0x60, 27, 0x5f, if salted { 0xf5 } else { 0xf0 }, 0x50]);
                code
            }
            Self::Revert => vec![0x5f, 0x5f, 0xfd],
            Self::Return(length) => vec![0x60, length, 0x5f, 0xf3],
        }
    }
}

/// A program of these pieces. It begins with a JUMPDEST: code that begins with 0xef is not stored (EIP-3541).
fn program(pieces: &[Piece], other: Address) -> Vec<u8> {
    let code = pieces.iter().flat_map(|piece| piece.code(other));
    std::iter::once(0x5b).chain(code).collect()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(256))]

    #[test]
    fn groups_add_up_whatever_is_executed(
        callee in vec(piece(), 0..12),
        caller in vec(piece(), 0..20),
        input in vec(prop_oneof![Just(0), any::<u8>()], 0..200),
        gas in 0..300_000_u64,
        hardfork in prop::sample::select(Hardfork::ALL.to_vec()),
    ) {
        let mut receipts = [true, false].map(|metered| {
            let mut lab = Lab::new(hardfork, metered);
            let callee = lab.deploy(&program(&callee, NOBODY));
            let caller = lab.deploy(&program(&caller, callee));
            // Twice: the second finds what the first left, and gets refunds for clearing it.
            [0, 1].map(|_| lab.send(Some(caller), 3, &input, 30_000 + gas))
        });
        for receipt in &mut receipts[0] {
            breakdown(receipt);
            receipt.breakdown = None;
        }
        prop_assert_eq!(format!("{:?}", receipts[0]), format!("{:?}", receipts[1]));
    }
}
