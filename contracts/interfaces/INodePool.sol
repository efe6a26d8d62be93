// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity 0.8.37;

import {IMinerErrors} from "./IMinerErrors.sol";
import {IOwned} from "./IOwned.sol";

/// @title The pool of registered miners that sessions draw from
/// @notice A miner is *idle* (in no session), *shared* (in one or more sessions that do not reserve) or *held*
/// (reserved by, or dedicated to, exactly one session). The node id of a miner is keccak256 of its packed address.
interface INodePool is IOwned, IMinerErrors {
    // ---- Errors ----

    /// @notice The caller is not the session contract.
    error OnlySession(address caller);

    /// @notice The session contract was set before; it cannot change while sessions hold miners.
    error SessionAlreadySet(address session);

    /// @notice The miner is in the pool already.
    error AlreadyRegistered(address miner);

    /// @notice The miner is not in the pool.
    error NotRegistered(address miner);

    // ---- Events ----

    /// @notice A miner joined the pool.
    event MinerRegistered(address indexed miner, bytes32 nodeId);

    /// @notice A miner left the pool.
    event MinerUnregistered(address indexed miner, bytes32 nodeId);

    // ---- Miners ----

    /// @notice Joins the pool.
    function register() external;

    /// @notice Leaves the pool: no later session draws the caller. Sessions that share it keep it, and tasks it was
    /// assigned stay its own. A held miner must be released first.
    function unregister() external;

    // ---- The session contract ----

    /// @notice Draws up to `count` miners: idle ones first, then, unless `reserve`, shared ones in rotation.
    /// @param held miners that the session has already, which are not drawn again
    /// @return miners fewer than `count` if the pool has no more
    function draw(uint256 sessionId, uint256 count, bool reserve, address[] calldata held)
        external
        returns (address[] memory miners);

    /// @notice Gives one miner, registered and idle or from outside the pool, to one session alone.
    function hold(uint256 sessionId, address node) external;

    /// @notice Takes back a miner that a session drew or held.
    function release(address node) external;

    // ---- Set-up ----

    /// @notice Sets the session contract, once. Only the owner.
    function setSession(address session) external;

    // ---- Views ----

    /// @notice The session contract.
    function session() external view returns (address);

    /// @notice The node id of an address.
    function getNodeId(address miner) external pure returns (bytes32);

    /// @notice Whether the miner is in the pool.
    function isRegistered(address miner) external view returns (bool);

    /// @notice Registered miners by their use.
    function getCounts() external view returns (uint256 idle, uint256 shared, uint256 held);

    /// @notice The session that has this node to itself.
    /// @return isHeld false if there is none
    function getHolder(bytes32 nodeId) external view returns (bool isHeld, uint256 sessionId);

    /// @notice How many sessions share the miner.
    function getShares(address miner) external view returns (uint256);
}
