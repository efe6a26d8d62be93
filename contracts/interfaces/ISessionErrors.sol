// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity 0.8.37;

/// @title Refusals of the session contract that callers of the task queue meet too
/// @notice Declared for both, so that a client decodes them with the ABI of the contract that it called.
interface ISessionErrors {
    /// @notice There is no session with this id.
    error SessionNotFound(uint256 sessionId);

    /// @notice The caller does not own the session.
    error NotSessionOwner(uint256 sessionId, address caller);

    /// @notice The session was deactivated.
    error SessionInactive(uint256 sessionId);

    /// @notice A redundancy of zero, or above `limit`: the miners that the session has or may have, and 255.
    error InvalidRedundancy(uint256 redundant, uint256 limit);

    /// @notice The session has, or the pool can give it, too few miners.
    error TooFewNodes(uint256 available, uint256 required);

    /// @notice The session has less than is needed, in wei.
    error InsufficientDeposit(uint256 sessionId, uint256 available, uint256 required);
}
