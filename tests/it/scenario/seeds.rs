//! Several seeds on one command line.

use taskstorm::scenario::Seeds;

fn seeds(text: &str) -> Vec<u64> {
    text.parse::<Seeds>().unwrap().iter().collect()
}

#[test]
fn ranges_lists_and_both() {
    for (text, expected, written) in [
        ("7", &[7][..], "7"),
        ("0", &[0], "0"),
        ("1..4", &[1, 2, 3, 4], "1..4"),
        ("5..5", &[5], "5"),
        ("9,1,5", &[1, 5, 9], "1,5,9"),
        ("10, 1..3 ,12", &[1, 2, 3, 10, 12], "1..3,10,12"),
        ("4,3,1..2", &[1, 2, 3, 4], "1..4"),
        ("1_000 .. 1_001", &[1_000, 1_001], "1000..1001"),
        ("9223372036854775807", &[i64::MAX as u64], "9223372036854775807"),
    ] {
        assert_eq!(seeds(text), expected, "{text}");
        let parsed: Seeds = text.parse().unwrap();
        assert_eq!(
            (parsed.len(), parsed.to_string().as_str()),
            (expected.len(), written)
        );
        assert_eq!(seeds(written), expected, "{written}");
    }
    assert_eq!(seeds("1..10000").len(), Seeds::MAX);
}

#[test]
fn what_names_no_seeds_is_explained() {
    for (text, message) in [
        (
            "",
            "`` is not a seed or a range of seeds; write 1..32 (both included), 1,5,9 or 1..4,10",
        ),
        (
            "1,",
            "`` is not a seed or a range of seeds; write 1..32 (both included), 1,5,9 or 1..4,10",
        ),
        (
            "1..",
            "`1..` is not a seed or a range of seeds; write 1..32 (both included), 1,5,9 or 1..4,10",
        ),
        (
            "1..=4",
            "`1..=4` is not a seed or a range of seeds; write 1..32 (both included), 1,5,9 or 1..4,10",
        ),
        (
            "-3",
            "`-3` is not a seed or a range of seeds; write 1..32 (both included), 1,5,9 or 1..4,10",
        ),
        ("9..3", "the range 9..3 ends before it begins; write 3..9"),
        ("1..4,3", "the seed 3 occurs twice; every run must differ"),
        (
            "9223372036854775808",
            "the seed 9223372036854775808 is too large: at most 9223372036854775807",
        ),
        (
            "1..99999999999999999999",
            "the seed 99999999999999999999 is too large: at most 9223372036854775807",
        ),
        ("0..10000", "these are more than 10000 seeds"),
        ("1..9999,20000,20001", "these are more than 10000 seeds"),
        ("0..9223372036854775807", "these are more than 10000 seeds"),
    ] {
        assert_eq!(text.parse::<Seeds>().unwrap_err().to_string(), message, "{text}");
    }
}
