// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity 0.8.37;

/// @title Refusals of the node pool that callers of the session contract meet too
/// @notice Declared for both, so that a client decodes them with the ABI of the contract that it called.
interface IMinerErrors {
    /// @notice The miner belongs to this session until it is released.
    error MinerHeld(address miner, uint256 sessionId);

    /// @notice The miner works for this many sessions, so none can have it to itself.
    error MinerShared(address miner, uint256 sessions);

    /// @notice The node did not allow this owner to have it as a dedicated node.
    error DedicationNotAllowed(address node, address sessionOwner);
}
