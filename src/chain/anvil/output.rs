//! Reads anvil's output: the address it listens on, and the last lines for when something goes wrong.

use std::net::SocketAddr;

/// How much is kept, in bytes.
const KEPT: usize = 8 * 1024;

/// The last part of a process's output.
#[derive(Debug, Default)]
pub(super) struct Tail(Vec<u8>);

impl Tail {
    pub(super) fn push(&mut self, bytes: &[u8]) {
        self.0.extend_from_slice(bytes);
        // Halving now and then costs less than shifting at every line.
        if self.0.len() > 2 * KEPT {
            self.0.drain(..self.0.len() - KEPT);
        }
    }

    pub(super) fn clear(&mut self) {
        self.0.clear();
    }

    /// Whether there are only empty lines, or none.
    pub(super) fn is_empty(&self) -> bool {
        self.0.iter().all(u8::is_ascii_whitespace)
    }

    /// The last lines, without the empty ones; at most 30.
    pub(super) fn text(&self) -> String {
        let text = String::from_utf8_lossy(&self.0);
        let lines: Vec<&str> = text.lines().filter(|line| !line.trim().is_empty()).collect();
        let last = &lines[lines.len().saturating_sub(30)..];
        if last.is_empty() {
            "(nothing)".to_owned()
        } else {
            last.join("\n")
        }
    }

    /// The address in `Listening on 127.0.0.1:8545`, once that line is complete.
    pub(super) fn listening(&self) -> Option<SocketAddr> {
        let text = String::from_utf8_lossy(&self.0);
        let (_, rest) = text.split_once("Listening on ")?;
        let (address, _) = rest.split_once('\n')?;
        address.trim().parse().ok()
    }
}

#[cfg(test)]
mod tests {
    use super::{KEPT, Tail};

    #[test]
    fn the_address_is_read_when_its_line_is_complete() {
        let mut tail = Tail::default();
        for part in ["Genesis\n\nListening ", "on 127.0.0.1:43", "071"] {
            tail.push(part.as_bytes());
            assert_eq!(tail.listening(), None);
        }
        tail.push(b"\n");
        assert_eq!(tail.listening(), Some(([127, 0, 0, 1], 43_071).into()));
    }

    #[test]
    fn it_stays_bounded_and_keeps_the_end() {
        let mut tail = Tail::default();
        for number in 0..10_000 {
            tail.push(format!("line {number}\n").as_bytes());
            assert!(tail.0.len() <= 2 * KEPT);
        }
        let text = tail.text();
        assert!(text.ends_with("line 9999"));
        assert_eq!(text.lines().count(), 30);
    }
}
