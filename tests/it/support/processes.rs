//! Helpers that list and signal processes.

use std::thread;
use std::time::{Duration, Instant};

use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;

pub(crate) fn send(pid: u32, signal: Signal) {
    kill(Pid::from_raw(pid.try_into().expect("a pid")), signal).expect("to signal it");
}

/// Waits until a process is gone; one that ended but whose parent did not ask yet counts as gone.
pub(crate) fn assert_gone(pid: u32) {
    eventually(&format!("the end of process {pid}"), || !is_alive(pid));
}

/// Waits until nothing watches over this process any more.
pub(crate) fn assert_unguarded(pid: u32) {
    eventually(&format!("the end of the guard of {pid}"), || guards(pid) == 0);
}

pub(crate) fn is_alive(pid: u32) -> bool {
    if kill(Pid::from_raw(pid.try_into().expect("a pid")), None).is_err() {
        return false;
    }
    // After the name in parentheses comes the state: Z is a process that has ended.
    let stat = std::fs::read_to_string(format!("/proc/{pid}/stat")).unwrap_or_default();
    !stat
        .rsplit_once(") ")
        .is_some_and(|(_, rest)| rest.starts_with('Z'))
}

/// Whether this process ignores a signal. Never where there is no `/proc`.
pub(crate) fn is_ignored(signal: Signal) -> bool {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let mask = status.lines().find_map(|line| line.strip_prefix("SigIgn:"));
    let mask = mask.and_then(|mask| u64::from_str_radix(mask.trim(), 16).ok());
    mask.unwrap_or_default() >> (signal as u32 - 1) & 1 == 1
}

/// How many guards of this process there are. Always none where there is no `/proc`.
pub(crate) fn guards(pid: u32) -> usize {
    let wanted = format!("\0taskstorm-guard\0{pid}\0");
    let entries = std::fs::read_dir("/proc").into_iter().flatten().flatten();
    entries
        .filter(|entry| {
            let line = std::fs::read(entry.path().join("cmdline")).unwrap_or_default();
            String::from_utf8_lossy(&line).contains(&wanted)
        })
        .count()
}

fn eventually(what: &str, condition: impl Fn() -> bool) {
    let deadline = Instant::now() + Duration::from_secs(3);
    while !condition() {
        assert!(Instant::now() < deadline, "waited too long for {what}");
        thread::sleep(Duration::from_millis(5));
    }
}

/// The processes that `parent` started and that run a program of this name with this argument.
pub(crate) fn children(parent: u32, program: &str, argument: &str) -> Vec<u32> {
    let entries = std::fs::read_dir("/proc").into_iter().flatten().flatten();
    let pids = entries.filter_map(|entry| entry.file_name().to_str()?.parse::<u32>().ok());
    let is_child = |pid: &u32| {
        let stat = std::fs::read_to_string(format!("/proc/{pid}/stat")).unwrap_or_default();
        // `pid (name) state parent …`
        let Some((name, rest)) = stat.split_once(" (").and_then(|(_, rest)| rest.rsplit_once(") ")) else {
            return false;
        };
        let line = std::fs::read(format!("/proc/{pid}/cmdline")).unwrap_or_default();
        let has_argument = String::from_utf8_lossy(&line)
            .split('\0')
            .any(|other| other == argument);
        name == program && rest.split(' ').nth(1) == Some(&parent.to_string()) && has_argument
    };
    pids.filter(is_child).collect()
}
