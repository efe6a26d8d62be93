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

    /// @notice The account whose sessions may have the node as a dedicated one; zero for none.
    event DedicationAllowed(address indexed node, address indexed sessionOwner);

    // ---- Miners ----

    /// @notice Joins the pool, behind all idle miners that are in it. Whoever joins agrees to be drawn, by sessions that
    /// reserve their miners too.
    function register() external;

    /// @notice Lets sessions of one account have the caller, registered or not, as a dedicated node, until it allows
    /// another; the zero address for none. A session that has the caller keeps it until one of both releases it.
    function allowDedication(address sessionOwner) external;

    /// @notice Leaves the pool: no later session draws the caller. Sessions that share it keep it, and tasks it was
    /// assigned stay its own. A held miner must be released first.
    function unregister() external;

    // ---- The session contract ----

    /// @notice Draws up to `count` miners, in turn: those that are idle for the longest and, unless `reserve`, shared ones,
    /// in the proportion of idle to shared miners in the pool.
    /// @param required how many the session cannot do without. Those that it reserves beyond them leave half of the
    /// registered miners free.
    /// @param held miners that the session has already, which are not drawn again
    /// @return miners fewer than `count` if the pool has no more
    function draw(uint256 sessionId, uint256 required, uint256 count, bool reserve, address[] calldata held)
        external
        returns (address[] memory miners);

    /// @notice Gives one miner, registered and idle or from outside the pool, to one session alone, if it allowed that to
    /// the session's owner.
    function hold(uint256 sessionId, address sessionOwner, address node) external;

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

    /// @notice Whose sessions may have the node as a dedicated one; zero for none.
    function getDedicationAllowance(address node) external view returns (address sessionOwner);

    /// @notice How many sessions share the miner.
    function getShares(address miner) external view returns (uint256);
}
