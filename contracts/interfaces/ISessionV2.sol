// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity 0.8.37;

import {IMinerErrors} from "./IMinerErrors.sol";
import {IOwned} from "./IOwned.sol";
import {ISessionErrors} from "./ISessionErrors.sol";
import {ISessionPayment} from "./ISessionPayment.sol";
import {ISessionRouters} from "./ISessionRouters.sol";
import {ISessionTasks} from "./ISessionTasks.sol";
import {ITextErrors} from "./ITextErrors.sol";

/// @notice Whether a session takes tasks.
enum SessionState {
    Active,
    Deactivated
}

/// @notice A session as readers see it.
struct Session {
    uint256 id;
    bytes32 sid;
    string name;
    string metadata;
    SessionState state;
    uint256 createdAt;
    uint256 updatedAt;
    address owner;
    address[] ephemeralNodes;
    address[] dedicatedNodes;
    uint256 mode;
    uint256 redundant;
    uint256 minNumOfNodes;
    uint256 maxNumOfNodes;
    uint256 numOfValidatorNodes;
    string[] routerMetadatas;
    address[] routerAddresses;
    bool reserveEphemeralNodes;
}

/// @title Sessions: their owners, miners and routers
/// @notice Modes: 0 ephemeral (miners drawn from the pool), 1 hybrid (dedicated nodes first, the rest from the pool),
/// 2 dedicated (dedicated nodes only, added after `create`). A dedicated node, registered in the pool or not, belongs
/// to one session at a time, like a reserved miner.
interface ISessionV2 is
    IOwned,
    ISessionErrors,
    IMinerErrors,
    ITextErrors,
    ISessionPayment,
    ISessionRouters,
    ISessionTasks
{
    // ---- Errors ----

    /// @notice The caller is not the task queue.
    error OnlyQueue(address caller);

    /// @notice The task queue was set before; it cannot change while it holds tasks in flight.
    error SessionQueueAlreadySet(address queue);

    /// @notice A mode other than 0, 1 or 2.
    error InvalidMode(uint256 mode);

    /// @notice Not 1 <= min <= max <= 255, or a max below the number of dedicated nodes.
    error InvalidNodeBounds(uint256 minNumOfNodes, uint256 maxNumOfNodes);

    /// @notice More validators than the session may have nodes.
    error InvalidValidatorCount(uint256 numOfValidatorNodes, uint256 limit);

    /// @notice The session has as many nodes as it may have.
    error TooManyNodes(uint256 sessionId, uint256 maxNumOfNodes);

    /// @notice Sessions of this mode have no dedicated nodes.
    error WrongMode(uint256 sessionId, uint256 mode);

    /// @notice The zero address cannot be a node.
    error InvalidNode(address node);

    /// @notice The node is not dedicated to the session.
    error NotDedicatedNode(uint256 sessionId, address node);

    /// @notice No session has this node to itself.
    error NodeNotReserved(bytes32 nodeId);

    /// @notice The caller is neither the session's owner nor the node itself.
    error NotReleasable(bytes32 nodeId, address caller);

    // ---- Events ----

    /// @notice A session was created with these miners.
    event SessionCreated(uint256 sessionId, bytes32 sid, address owner, address[] miners);

    /// @notice A session's limits changed.
    event SessionUpdated(
        uint256 indexed sessionId,
        address indexed updater,
        uint256 minNumOfNodes,
        uint256 maxNumOfNodes,
        uint256 redundant
    );

    /// @notice A session takes no more tasks; tasks in flight go on.
    event SessionDeactivated(uint256 indexed sessionId, address indexed deactivator);

    /// @notice A task was submitted through this contract.
    event TaskSubmitted(uint256 sessionId, string taskData);

    /// @notice The miners, by node id, of a task that was submitted through this contract.
    event TaskAssigned(uint256 sessionId, uint256 taskId, bytes32[] nodeIds);

    /// @notice A node left its session.
    event NodeReleased(bytes32 nodeId, uint256 sessionId);

    /// @notice A session got a dedicated node.
    event DedicatedNodeAdded(address indexed nodeAddress);

    /// @notice A session gave a dedicated node up.
    event DedicatedNodeRemoved(address indexed nodeAddress);

    // ---- Session owners ----

    /// @notice Creates a session owned by the caller and, unless its mode is 2, draws up to `maxNumOfNodes` miners.
    /// @param variableAddress an address of the client's choice; it enters `sid` and means nothing else here
    /// @param redundant miners per task, 1 to 255
    /// @param numOfValidatorNodes kept for readers
    /// @param reserveEphemeralNodes whether the miners drawn work for this session alone
    function create(
        string calldata name,
        string calldata metadata,
        address variableAddress,
        uint256 minNumOfNodes,
        uint256 maxNumOfNodes,
        uint256 redundant,
        uint256 numOfValidatorNodes,
        uint256 mode,
        bool reserveEphemeralNodes
    ) external returns (uint256 sessionId);

    /// @notice Changes a session's name, metadata and limits, then draws miners up to the new maximum, or releases the
    /// ephemeral ones above it. Tasks in flight keep their miners.
    function updateSession(
        uint256 sessionId,
        string calldata name,
        string calldata metadata,
        uint256 minNumOfNodes,
        uint256 maxNumOfNodes,
        uint256 redundant
    ) external;

    /// @notice Ends a session: releases its nodes; the owner may withdraw what it has available, now or later.
    function deactivateSession(uint256 sessionId) external;

    /// @notice Submits a task through this contract, which then announces it in its own events too.
    function submit(uint256 sessionId, string calldata taskData) external returns (uint256 taskId);

    /// @notice Gives the session a node of its own, which must have allowed it (see {INodePool}); in a full hybrid session
    /// it takes the place of an ephemeral one.
    function addDedicatedNode(uint256 sessionId, address nodeAddress) external;

    /// @notice Gives a dedicated node up.
    function removeDedicatedNode(uint256 sessionId, address nodeAddress) external;

    /// @notice Releases a reserved or dedicated node from the session it belongs to. The session's owner, or the node.
    /// A session that has too few nodes then draws what it lacks from the pool at its next task.
    function releaseByNodeId(bytes32 nodeId) external;

    // ---- Set-up ----

    /// @notice Sets the task queue, once. Only the contract's owner.
    function setSessionQueue(address queue) external;

    // ---- Views ----

    /// @notice The miner pool.
    function nodePool() external view returns (address);

    /// @notice The task queue.
    function sessionQueue() external view returns (address);

    /// @notice One session.
    function getSession(uint256 sessionId) external view returns (Session memory);

    /// @notice All sessions that an account created, oldest first.
    function getSessions(address account) external view returns (Session[] memory);

    /// @notice Up to `limit` of the sessions that an account created, from the one at place `start` on, for accounts with
    /// more than one call can read.
    function getSessionsPaged(address account, uint256 start, uint256 limit) external view returns (Session[] memory);

    /// @notice The ids of the sessions that an account created.
    function getSessionIds(address account) external view returns (uint256[] memory);

    /// @notice The session's miners: dedicated nodes, then ephemeral ones.
    function getSessionMiners(uint256 sessionId) external view returns (address[] memory);

    /// @notice How many sessions there are; their ids are 0 to this, exclusive.
    function getSessionCount() external view returns (uint256);

    /// @notice The node id of an address: keccak256 of its 20 bytes.
    function getNodeId(address node) external pure returns (bytes32);
}
