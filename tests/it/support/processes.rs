//! Helpers that list and signal processes.

use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;

use super::wait::eventually;

pub(crate) fn send(pid: u32, signal: Signal) {
    kill(Pid::from_raw(pid.try_into().expect("a pid")), signal).expect("to signal it");
}

/// Waits until a process is gone; one that ended but whose parent did not ask yet counts as gone.
pub(crate) fn assert_gone(pid: u32) {
    eventually(&format!("the end of process {pid}"), || {
        (!is_alive(pid)).then_some(())
    });
}

/// Waits until nothing watches over this process any more.
pub(crate) fn assert_unguarded(pid: u32) {
    eventually(&format!("the end of the guard of {pid}"), || {
        (guards(pid) == 0).then_some(())
    });
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

/// The arguments that a process was started with.
pub(crate) fn arguments(pid: u32) -> Vec<String> {
    let line = std::fs::read(format!("/proc/{pid}/cmdline")).unwrap_or_default();
    String::from_utf8_lossy(&line)
        .split('\0')
        .map(str::to_owned)
        .collect()
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
        let is_of_parent = rest.split(' ').nth(1) == Some(&parent.to_string());
        name == program && is_of_parent && arguments(*pid).iter().any(|other| other == argument)
    };
    pids.filter(is_child).collect()
}
