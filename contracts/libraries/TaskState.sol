// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity 0.8.37;

import {TaskStatus} from "../interfaces/TaskTypes.sol";

using TaskStateLibrary for TaskState global;

/// @notice The shared facts of a task, in one slot, lowest bits first:
/// status (8 bits) | miners assigned, acked, precommitted, committed (8 each) | assigned at (32) | deadline of the open
/// phase, or the time it ended at (32) | global id (32) | precommit and commit window (16 each) | length of the task's
/// data (16) | price id (24) | hints (6 x 8).
/// Times fit until the year 2106.
/// @dev The windows and the price id are the task's own: later changes of the settings do not reach it.
/// Hint `i` is the lowest byte of miner `i`'s address. It lets a miner be found among the first six without loading
/// the slots of the others (2,100 gas each); those past the sixth are searched one by one.
type TaskState is uint256;

/// @title Reading and advancing a {TaskState}
library TaskStateLibrary {
    uint256 internal constant HINTS = 6;

    uint256 private constant ASSIGNED = 8;
    uint256 private constant ACKED = 16;
    uint256 private constant PRECOMMITTED = 24;
    uint256 private constant COMMITTED = 32;
    uint256 private constant ASSIGNED_AT = 40;
    uint256 private constant DEADLINE = 72;
    uint256 private constant GLOBAL_ID = 104;
    uint256 private constant PRECOMMIT_WINDOW = 136;
    uint256 private constant COMMIT_WINDOW = 152;
    uint256 private constant DATA_LENGTH = 168;
    uint256 private constant PRICE_ID = 184;
    uint256 private constant HINT = 208;

    // ---- Building ----

    /// @notice A task that was assigned to `miners` just now.
    function open(
        address[] memory miners,
        uint256 globalId_,
        uint256 ackWindow,
        uint256 precommitWindow_,
        uint256 commitWindow_,
        uint256 dataLength_,
        uint256 priceId_
    ) internal view returns (TaskState) {
        uint256 word = uint256(TaskStatus.Assigned) | miners.length << ASSIGNED | block.timestamp << ASSIGNED_AT
            | (block.timestamp + ackWindow) << DEADLINE | globalId_ << GLOBAL_ID | precommitWindow_ << PRECOMMIT_WINDOW
            | commitWindow_ << COMMIT_WINDOW | dataLength_ << DATA_LENGTH | priceId_ << PRICE_ID;
        // Unchecked: below HINTS.
        unchecked {
            for (uint256 i; i < miners.length && i < HINTS; ++i) {
                word |= uint256(uint8(uint160(miners[i]))) << (HINT + 8 * i);
            }
        }
        return TaskState.wrap(word);
    }

    // ---- Reading ----

    function exists(TaskState self) internal pure returns (bool) {
        return TaskState.unwrap(self) != 0;
    }

    function status(TaskState self) internal pure returns (TaskStatus) {
        return TaskStatus(uint8(TaskState.unwrap(self)));
    }

    function assigned(TaskState self) internal pure returns (uint256) {
        return uint8(TaskState.unwrap(self) >> ASSIGNED);
    }

    function acked(TaskState self) internal pure returns (uint256) {
        return uint8(TaskState.unwrap(self) >> ACKED);
    }

    function precommitted(TaskState self) internal pure returns (uint256) {
        return uint8(TaskState.unwrap(self) >> PRECOMMITTED);
    }

    function committed(TaskState self) internal pure returns (uint256) {
        return uint8(TaskState.unwrap(self) >> COMMITTED);
    }

    function assignedAt(TaskState self) internal pure returns (uint256) {
        return uint32(TaskState.unwrap(self) >> ASSIGNED_AT);
    }

    function deadline(TaskState self) internal pure returns (uint256) {
        return uint32(TaskState.unwrap(self) >> DEADLINE);
    }

    function globalId(TaskState self) internal pure returns (uint256) {
        return uint32(TaskState.unwrap(self) >> GLOBAL_ID);
    }

    function precommitWindow(TaskState self) internal pure returns (uint256) {
        return uint16(TaskState.unwrap(self) >> PRECOMMIT_WINDOW);
    }

    function commitWindow(TaskState self) internal pure returns (uint256) {
        return uint16(TaskState.unwrap(self) >> COMMIT_WINDOW);
    }

    function dataLength(TaskState self) internal pure returns (uint256) {
        return uint16(TaskState.unwrap(self) >> DATA_LENGTH);
    }

    function priceId(TaskState self) internal pure returns (uint256) {
        return uint24(TaskState.unwrap(self) >> PRICE_ID);
    }

    /// @notice False only if miner `index` is certainly not `miner`.
    function mayBe(TaskState self, uint256 index, address miner) internal pure returns (bool) {
        return index >= HINTS || uint8(TaskState.unwrap(self) >> (HINT + 8 * index)) == uint8(uint160(miner));
    }

    /// @notice From after this time nobody but the oracle can do anything for the task that would change its results:
    /// the deadline of the open phase, and the windows of the phases that may still follow it.
    /// @dev A phase that no miner can reach any more counts nothing. 0 once the commit phase is over.
    function lastDeadline(TaskState self) internal pure returns (uint256 time) {
        TaskStatus current = self.status();
        if (current > TaskStatus.Precommitted) return 0;
        time = self.deadline();
        if (current == TaskStatus.Assigned && self.acked() != 0) {
            time += self.precommitWindow() + self.commitWindow();
        } else if (current == TaskStatus.Acked && self.precommitted() != 0) {
            time += self.commitWindow();
        }
    }

    // ---- Advancing ----

    // Unchecked: a count never passes the number of assigned miners, which has as many bits.

    function addAck(TaskState self) internal pure returns (TaskState) {
        unchecked {
            return TaskState.wrap(TaskState.unwrap(self) + (1 << ACKED));
        }
    }

    function addPrecommit(TaskState self) internal pure returns (TaskState) {
        unchecked {
            return TaskState.wrap(TaskState.unwrap(self) + (1 << PRECOMMITTED));
        }
    }

    function addCommit(TaskState self) internal pure returns (TaskState) {
        unchecked {
            return TaskState.wrap(TaskState.unwrap(self) + (1 << COMMITTED));
        }
    }

    /// @notice Enters `next`, whose deadline (or end time) is `time`.
    function enter(TaskState self, TaskStatus next, uint256 time) internal pure returns (TaskState) {
        uint256 cleared = TaskState.unwrap(self) & ~(uint256(type(uint32).max) << DEADLINE | type(uint8).max);
        return TaskState.wrap(cleared | uint256(next) | time << DEADLINE);
    }
}
