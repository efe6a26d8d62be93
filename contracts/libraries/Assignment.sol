// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity 0.8.37;

using AssignmentLibrary for Assignment global;

/// @notice All that a task knows about one of its miners, in one slot:
/// address (160 bits) | ack: seconds since the assignment plus one (16) | precommitted at (32) | committed at (32) |
/// length of the result (16). Zero in a time means "not yet".
type Assignment is uint256;

/// @title Reading and advancing an {Assignment}
library AssignmentLibrary {
    uint256 private constant ACK = 160;
    uint256 private constant PRECOMMIT = 176;
    uint256 private constant COMMIT = 208;
    uint256 private constant LENGTH = 240;

    /// @notice Masks of the times: not zero in an assignment that has come so far.
    uint256 internal constant HAS_PRECOMMITTED = uint256(type(uint32).max) << PRECOMMIT;
    uint256 internal constant HAS_COMMITTED = uint256(type(uint32).max) << COMMIT;

    function assign(address node) internal pure returns (Assignment) {
        return Assignment.wrap(uint160(node));
    }

    function miner(Assignment self) internal pure returns (address) {
        return address(uint160(Assignment.unwrap(self)));
    }

    function hasAcked(Assignment self) internal pure returns (bool) {
        return uint16(Assignment.unwrap(self) >> ACK) != 0;
    }

    /// @param mask one of {HAS_PRECOMMITTED} and {HAS_COMMITTED}
    function reached(Assignment self, uint256 mask) internal pure returns (bool) {
        return Assignment.unwrap(self) & mask != 0;
    }

    /// @param assignedAt when the task was assigned
    function ackedAt(Assignment self, uint256 assignedAt) internal pure returns (uint256) {
        uint256 delay = uint16(Assignment.unwrap(self) >> ACK);
        return delay == 0 ? 0 : assignedAt + delay - 1;
    }

    function precommittedAt(Assignment self) internal pure returns (uint256) {
        return uint32(Assignment.unwrap(self) >> PRECOMMIT);
    }

    function committedAt(Assignment self) internal pure returns (uint256) {
        return uint32(Assignment.unwrap(self) >> COMMIT);
    }

    function resultLength(Assignment self) internal pure returns (uint256) {
        return Assignment.unwrap(self) >> LENGTH;
    }

    /// @param delay seconds since the assignment, below 65,535
    function ack(Assignment self, uint256 delay) internal pure returns (Assignment) {
        unchecked {
            return Assignment.wrap(Assignment.unwrap(self) | (delay + 1) << ACK);
        }
    }

    function precommit(Assignment self, uint256 time) internal pure returns (Assignment) {
        return Assignment.wrap(Assignment.unwrap(self) | time << PRECOMMIT);
    }

    function commit(Assignment self, uint256 time, uint256 length) internal pure returns (Assignment) {
        return Assignment.wrap(Assignment.unwrap(self) | time << COMMIT | length << LENGTH);
    }
}
