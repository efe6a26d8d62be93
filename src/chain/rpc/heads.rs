//! Noticing new blocks: announced over WebSocket, or found by polling where and while that fails.

use std::{collections::VecDeque, future::Future, pin::Pin, time::Duration};

use alloy::primitives::U64;
use tokio::time::Instant;

use super::{
    Http, RpcError, RunClock,
    announcements::{Announcement, Announcements, Head},
    early_logs::EarlyLogs,
    event::ChainEvent,
    header::BlockId,
    logs::by_transaction,
    masked,
};
use crate::{
    chain::{BlockLogs, LogPriority},
    time::Micros,
};

/// How often the latest block is asked for at most while none is announced. It bounds how late a block is seen.
const POLL: Duration = Duration::from_millis(20);
/// In how many parts of the usual time between blocks it is asked for then, where those are longer.
const POLLS: u32 = 25;
/// How often it is asked for at least.
const SLOWEST_POLL: Duration = Duration::from_millis(500);
/// The same at most, while blocks are announced and only the next one is overdue.
const OVERDUE_POLL: Duration = Duration::from_millis(250);
/// How much later than usual a block may be announced before it is asked for.
const GRACE: Duration = Duration::from_millis(50);
/// How long an announcement may come after polling found the block, before the WebSocket counts as silent.
const BEHIND: Duration = Duration::from_millis(300);
/// How long a node may take to accept subscriptions.
const SUBSCRIPTION: Duration = Duration::from_secs(3);
/// How long the priority logs of an announced block are waited for before it is read without them.
const HELD: Duration = Duration::from_millis(500);
/// The first wait before a lost WebSocket is connected again, and the longest.
const RECONNECT: Duration = Duration::from_secs(1);
const LONGEST_RECONNECT: Duration = Duration::from_secs(30);
/// The number of intervals between blocks that are remembered.
const INTERVALS: usize = 9;

/// A block that the node says it has.
#[derive(Clone, Copy, Debug)]
pub(super) struct Seen {
    pub(super) number: u64,
    /// `None` where only its number is known.
    pub(super) id: Option<BlockId>,
    /// When the run learned of it.
    pub(super) at: Micros,
    /// Whether its priority logs were reported already.
    pub(super) priority_notified: bool,
}

type Later<T> = Pin<Box<dyn Future<Output = Result<T, RpcError>> + Send>>;

/// The state of the WebSocket.
enum Socket {
    Connecting(Later<Announcements>),
    Open(Box<Announcements>),
    /// Lost; to be connected again at this moment.
    Lost(Instant),
    /// The node has none.
    None,
}

/// Notices new blocks, hands each to `announce` as soon as its priority logs are reported, and these to `report`.
pub(super) struct Heads<A, T> {
    http: Http,
    url: String,
    priority: LogPriority,
    clock: RunClock,
    announce: A,
    report: T,
    socket: Socket,
    reconnect: Duration,
    warned: bool,
    /// What to warn of once the node is known to live.
    warning: Option<String>,
    pace: Pace,
    /// A question for the latest block that is not answered yet.
    poll: Option<Later<u64>>,
    next_poll: Instant,
    pause: Duration,
    /// The highest block that is known of.
    latest: Option<u64>,
    /// The block that the latest poll found.
    polled: Option<u64>,
    /// When polling found a block that the WebSocket has not announced.
    behind: Option<Instant>,
    /// An announced block whose priority logs are awaited, and until when.
    held: Option<(Head, Micros, Instant)>,
    early: EarlyLogs,
}

impl<A: Fn(Seen) -> bool, T: Fn(ChainEvent)> Heads<A, T> {
    pub(super) fn new(
        http: Http,
        url: String,
        priority: LogPriority,
        clock: RunClock,
        announce: A,
        report: T,
    ) -> Self {
        let socket = Socket::Connecting(subscribe(&url, &priority));
        Self {
            http,
            url,
            priority,
            clock,
            announce,
            report,
            socket,
            reconnect: RECONNECT,
            warned: false,
            warning: None,
            pace: Pace::default(),
            poll: None,
            next_poll: Instant::now(),
            pause: POLL,
            latest: None,
            polled: None,
            behind: None,
            held: None,
            early: EarlyLogs::default(),
        }
    }

    /// Notices blocks until nobody wants to know of them any more.
    ///
    /// # Errors
    /// Why the node was lost.
    pub(super) async fn run(mut self) -> Result<(), RpcError> {
        loop {
            let held_until = self.held.map(|(_, _, until)| until);
            let goes_on = tokio::select! {
                biased;
                event = self.socket.next() => self.socket_event(event).await,
                polled = answer(&mut self.poll), if self.poll.is_some() => {
                    self.poll = None;
                    self.polled(polled?)
                }
                () = until(held_until), if held_until.is_some() => self.release(false),
                () = tokio::time::sleep_until(self.next_poll), if self.poll.is_none() => {
                    let http = self.http.clone();
                    self.poll = Some(Box::pin(async move {
                        Ok(http.read::<U64>("eth_blockNumber", ()).await?.to())
                    }));
                    true
                }
            };
            if !goes_on {
                return Ok(());
            }
        }
    }

    async fn socket_event(&mut self, event: SocketEvent) -> bool {
        match event {
            SocketEvent::Connected(Ok(announcements)) => {
                tracing::debug!("new blocks are announced over {}", masked(&self.url));
                self.socket = Socket::Open(announcements);
                self.behind = None;
                // What the last one announced is read by now.
                self.early = EarlyLogs::default();
            }
            SocketEvent::Connected(Err(error)) => self.lost(&error),
            SocketEvent::Reconnect => self.socket = Socket::Connecting(subscribe(&self.url, &self.priority)),
            SocketEvent::Said(Ok(announcement)) => return self.announced(announcement).await,
            SocketEvent::Said(Err(error)) => {
                self.lost(&error);
                return self.release(false);
            }
        }
        true
    }

    async fn announced(&mut self, announcement: Announcement) -> bool {
        match announcement {
            Announcement::Head(head) => {
                let at = self.clock.now();
                self.behind = None;
                self.reconnect = RECONNECT;
                self.early
                    .head(head, at, |log| (self.report)(ChainEvent::Log(log)));
                if self.latest.is_some_and(|latest| head.id.number <= latest) {
                    // Known already, or another in the place of one that is.
                    return self.release(false) && self.see(head.id.number, Some(head.id), at, false);
                }
                self.note(head.id.number);
                // The logs of the one before, if they are still awaited, are late: it is read as it is.
                let goes_on = self.release(false);
                self.held = Some((head, at, Instant::now() + HELD));
                if !self.asks_for_priority_logs(head).await {
                    return goes_on && self.release(false);
                }
                goes_on
            }
            Announcement::Log { block, log } => {
                self.early
                    .log(block, log, |log| (self.report)(ChainEvent::Log(log)));
                true
            }
            Announcement::PriorityLogs { block, logs } => {
                let Some((head, at, _)) = self.held.filter(|(head, ..)| head.id.number == block) else {
                    return true;
                };
                let logs =
                    logs.filter(|logs| self.early.follows && logs.iter().all(|log| log.is_of(head.id.hash)));
                let reported = logs.is_some();
                if let Some(logs) = logs {
                    (self.report)(ChainEvent::PriorityLogs(BlockLogs {
                        number: block,
                        timestamp: head.timestamp,
                        seen: at,
                        transactions: by_transaction(logs),
                    }));
                }
                self.release(reported)
            }
        }
    }

    /// Asks for the priority logs of a block over the WebSocket; whether an answer is to be waited for.
    async fn asks_for_priority_logs(&mut self, head: Head) -> bool {
        if self.priority.next.is_empty() {
            return false;
        }
        let Socket::Open(announcements) = &mut self.socket else {
            return false;
        };
        match announcements.ask_for_priority_logs(head.id.number).await {
            Ok(()) => true,
            Err(error) => {
                self.lost(&error);
                false
            }
        }
    }

    /// Hands over the block that was held for its priority logs.
    fn release(&mut self, priority_notified: bool) -> bool {
        match self.held.take() {
            Some((head, at, _)) => self.see(head.id.number, Some(head.id), at, priority_notified),
            None => true,
        }
    }

    fn see(&self, number: u64, id: Option<BlockId>, at: Micros, priority_notified: bool) -> bool {
        (self.announce)(Seen {
            number,
            id,
            at,
            priority_notified,
        })
    }

    /// A new block is known of: the next one is due after the usual time.
    fn note(&mut self, number: u64) {
        self.latest = Some(number);
        let due = self.pace.next_due(Instant::now());
        self.pause = self.pace.poll();
        self.next_poll = match self.socket {
            Socket::Open(_) => due,
            _ => Instant::now() + self.pause,
        };
    }

    /// Polling found that the latest block has this number.
    fn polled(&mut self, number: u64) -> bool {
        let at = self.clock.now();
        if let Some(warning) = self.warning.take() {
            tracing::warn!("{warning}");
        }
        let is_new = self.latest.is_none_or(|latest| number > latest);
        let is_other = self.polled.replace(number) != Some(number);
        let mut goes_on = true;
        if is_new {
            let first = self.latest.is_none();
            self.note(number);
            goes_on = self.release(false) && self.see(number, None, at, false);
            if matches!(self.socket, Socket::Open(_)) && !first {
                self.behind.get_or_insert(Instant::now() + BEHIND);
            }
        } else if is_other {
            // It has fewer blocks than it had.
            goes_on = self.see(number, None, at, false);
        }
        let is_open = matches!(self.socket, Socket::Open(_));
        if is_open && self.behind.is_some_and(|until| Instant::now() >= until) {
            let why = "it goes on making blocks and does not announce them";
            self.lost(&RpcError::silent(&self.url, why));
        }
        self.pause = match self.socket {
            Socket::Open(_) if self.behind.is_none() => (self.pause * 3 / 2).min(OVERDUE_POLL),
            _ => self.pace.poll(),
        };
        let next = Instant::now() + self.pause;
        self.next_poll = if is_new && self.behind.is_none() {
            self.next_poll.max(next)
        } else {
            next
        };
        goes_on
    }

    /// The WebSocket failed: from now on new blocks are polled for, and after a while it is connected again.
    fn lost(&mut self, error: &RpcError) {
        let never = matches!(error, RpcError::NoWebSocket { .. });
        if !std::mem::replace(&mut self.warned, true) {
            self.warning = Some(if never {
                format!(
                    "{error}: new blocks are polled for, and seen 20 ms late or a 25th of the time between blocks"
                )
            } else {
                format!("new blocks are polled for until the WebSocket works again: {error}")
            });
        }
        self.http.troubles.note("WebSocket", error);
        self.socket = if never {
            Socket::None
        } else {
            Socket::Lost(Instant::now() + self.reconnect)
        };
        self.reconnect = (self.reconnect * 2).min(LONGEST_RECONNECT);
        self.behind = None;
        self.pause = self.pace.poll();
        self.next_poll = Instant::now();
    }
}

/// Something that happened to the WebSocket.
enum SocketEvent {
    Connected(Result<Box<Announcements>, RpcError>),
    Said(Result<Announcement, RpcError>),
    /// It is time to connect again.
    Reconnect,
}

impl Socket {
    /// The next thing that happens. Nothing is lost if it is not waited for.
    async fn next(&mut self) -> SocketEvent {
        match self {
            Self::Connecting(connecting) => SocketEvent::Connected(connecting.await.map(Box::new)),
            Self::Open(announcements) => SocketEvent::Said(announcements.next().await),
            Self::Lost(again) => {
                tokio::time::sleep_until(*again).await;
                SocketEvent::Reconnect
            }
            Self::None => std::future::pending().await,
        }
    }
}

fn subscribe(url: &str, priority: &LogPriority) -> Later<Announcements> {
    let (url, priority) = (url.to_owned(), priority.clone());
    Box::pin(async move {
        let subscribed = tokio::time::timeout(SUBSCRIPTION, Announcements::subscribe(&url, priority)).await;
        subscribed.unwrap_or_else(|_| {
            let why = format!("no subscription after {} s", SUBSCRIPTION.as_secs());
            Err(RpcError::silent(&url, why))
        })
    })
}

async fn answer<T>(later: &mut Option<Later<T>>) -> Result<T, RpcError> {
    match later {
        Some(later) => later.await,
        None => std::future::pending().await,
    }
}

async fn until(moment: Option<Instant>) {
    match moment {
        Some(moment) => tokio::time::sleep_until(moment).await,
        None => std::future::pending().await,
    }
}

/// The usual time between blocks.
#[derive(Debug, Default)]
struct Pace {
    last: Option<Instant>,
    intervals: VecDeque<Duration>,
}

impl Pace {
    /// A block is there now. When the next one is overdue.
    fn next_due(&mut self, now: Instant) -> Instant {
        if let Some(last) = self.last.replace(now) {
            self.intervals.push_back(now - last);
            if self.intervals.len() > INTERVALS {
                self.intervals.pop_front();
            }
        }
        let usual = self.usual();
        now + usual + usual / 10 + GRACE
    }

    /// The median time between blocks; nothing as long as none is known.
    fn usual(&self) -> Duration {
        let mut sorted: Vec<_> = self.intervals.iter().copied().collect();
        sorted.sort_unstable();
        sorted.get(sorted.len() / 2).copied().unwrap_or_default()
    }

    /// The pause between two questions for the latest block, where none is announced.
    fn poll(&self) -> Duration {
        (self.usual() / POLLS).clamp(POLL, SLOWEST_POLL)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_next_block_is_overdue_after_the_usual_time_and_not_after_one_long_wait() {
        let mut pace = Pace::default();
        let mut now = Instant::now();
        for after in [0, 1000, 1000, 1000, 9000, 1000] {
            now += Duration::from_millis(after);
            let due = pace.next_due(now);
            let usual = if after == 0 { 0 } else { 1000 };
            assert_eq!(due - now, Duration::from_millis(usual + usual / 10) + GRACE);
        }
    }
}
