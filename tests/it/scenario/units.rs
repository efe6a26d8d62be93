//! Numbers with units, as files write them.

use std::time::Duration;

use alloy::primitives::U256;
use taskstorm::scenario::units::{
    ByteSize, Rate, format_amount, format_duration, format_gas_price, parse_amount, parse_duration,
};

#[test]
fn amounts() {
    for (text, wei, written) in [
        ("0 wei", 0_u128, "0 wei"),
        ("1 wei", 1, "1 wei"),
        ("10gwei", 10_000_000_000, "10 gwei"),
        ("0.5 Ether", 500_000_000_000_000_000, "0.5 ether"),
        ("0.000_000_001 gwei", 1, "1 wei"),
        ("1_000 ether", 1_000_000_000_000_000_000_000, "1000 ether"),
    ] {
        assert_eq!(parse_amount(text), Ok(U256::from(wei)), "{text}");
        assert_eq!(format_amount(U256::from(wei)), written);
    }
    for wrong in [
        "",
        "1",
        "ether",
        "1 eth",
        "0.5 wei",
        "-1 wei",
        "1..5 gwei",
        "1e3 wei",
        "0.0000000001 gwei",
    ] {
        assert!(parse_amount(wrong).is_err(), "{wrong}");
    }
}

#[test]
fn prices_of_gas() {
    for (wei, written) in [
        (0, "0 wei"),
        (1, "1 wei"),
        (1_000_001, "1000001 wei"),
        (1_500_000_000, "1.5 gwei"),
        (1_000_000_000_000_000, "1000000 gwei"),
    ] {
        assert_eq!(format_gas_price(wei), written);
        assert_eq!(parse_amount(written), Ok(U256::from(wei)));
    }
}

#[test]
fn durations() {
    for (text, micros, written) in [
        ("0s", 0, "0s"),
        ("250us", 250, "250us"),
        ("1.5ms", 1_500, "1.5ms"),
        ("1500 ms", 1_500_000, "1.5s"),
        ("2m", 120_000_000, "2m"),
        ("1m 30s", 90_000_000, "90s"),
        ("2h", 7_200_000_000, "2h"),
    ] {
        assert_eq!(parse_duration(text), Ok(Duration::from_micros(micros)), "{text}");
        assert_eq!(format_duration(Duration::from_micros(micros)), written);
    }
    for wrong in ["", "10", "1.5", "ten seconds", "-1s", "500ns", "366 days"] {
        assert!(parse_duration(wrong).is_err(), "{wrong}");
    }
}

#[test]
fn sizes() {
    for (text, bytes, written) in [
        ("0 B", 0, "0 B"),
        ("64b", 64, "64 B"),
        ("1.5 KiB", 1_536, "1536 B"),
        ("2kB", 2_000, "2000 B"),
        ("4 KiB", 4_096, "4 KiB"),
        ("3 MiB", 3 << 20, "3 MiB"),
    ] {
        assert_eq!(ByteSize::parse(text), Ok(ByteSize(bytes)), "{text}");
        assert_eq!(ByteSize(bytes).to_string(), written);
    }
    for wrong in ["", "64", "1.5 B", "KiB", "1 parsec", "-1 B"] {
        assert!(ByteSize::parse(wrong).is_err(), "{wrong}");
    }
}

#[test]
fn rates() {
    for (text, per_second, written) in [
        ("50/s", 50.0, "50/s"),
        ("600 / min", 10.0, "600/min"),
        ("0.5/s", 0.5, "0.5/s"),
        ("36/hour", 0.01, "36/h"),
    ] {
        let rate = Rate::parse(text).unwrap();
        assert!(
            (rate.per_second(Duration::from_secs(1)) - per_second).abs() < 1e-12,
            "{text}"
        );
        assert_eq!(rate.to_string(), written);
    }
    for wrong in [
        "",
        "50",
        "0/s",
        "/s",
        "-1/s",
        "50/day",
        "1_000_001/s",
        "0.0000001/s",
    ] {
        assert!(Rate::parse(wrong).is_err(), "{wrong}");
    }
}
