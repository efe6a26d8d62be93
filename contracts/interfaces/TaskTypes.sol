// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity 0.8.37;

/// @notice Where a task is in its life. Each name says what is behind it: an `Acked` task is in its precommit phase.
/// `Queued` and `Assigned` happen in one transaction, so no reader ever sees `Queued`.
enum TaskStatus {
    Queued,
    Assigned,
    Acked,
    Precommitted,
    Committed,
    Ended
}

/// @notice What a miner has done for a task that it was assigned.
enum MinerStatus {
    Assigned,
    Acked,
    Precommitted,
    Committed
}

/// @notice A task as readers see it. Times are block timestamps, 0 where nothing happened yet.
struct Task {
    uint256 id;
    uint256 gid;
    uint256 sessionId;
    string data;
    address[] assignedMiners;
    bool ended;
    TaskStatus status;
    uint256 createdAt;
    uint256 lastPrecommitAt;
    uint256 lastCommitAt;
    uint256 finishedAt;
}
