// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity 0.8.37;

import {IOwned} from "./IOwned.sol";
import {ISessionErrors} from "./ISessionErrors.sol";
import {ITextErrors} from "./ITextErrors.sol";
import {MinerStatus, Task, TaskStatus} from "./TaskTypes.sol";

/// @title The queue that leads tasks through ack, precommit and commit to their end
/// @notice **Edges.** An action whose deadline is `t` is accepted while `block.timestamp <= t`; what needs the window
/// to be over (`endAck`, `endPrecommit`, `endCommit`, a forced `end`) is accepted from `block.timestamp > t`.
/// Acks: until assignment + ack window. Precommits: until the end of the ack phase (its last ack, or its deadline) +
/// precommit window; a miner that acked need not wait for the others' acks. Commits: until the end of the precommit
/// phase (its last precommit, or its deadline) + commit window. Closing a phase late moves no later deadline. A task keeps
/// the windows and the price it was submitted under.
interface ISessionQueueV2 is IOwned, ISessionErrors, ITextErrors {
    // ---- Errors ----

    /// @notice The session has no task with this id.
    error TaskNotFound(uint256 sessionId, uint256 taskId);

    /// @notice The task is in a status in which this is not possible.
    error WrongPhase(uint256 sessionId, uint256 taskId, TaskStatus status);

    /// @notice Too late: the deadline has passed.
    error WindowClosed(uint256 sessionId, uint256 taskId, uint256 deadline);

    /// @notice Too early: miners have until this deadline.
    error WindowOpen(uint256 sessionId, uint256 taskId, uint256 deadline);

    /// @notice The caller is not one of the task's miners.
    error NotAssigned(uint256 sessionId, uint256 taskId, address miner);

    /// @notice The miner did not ack, so it cannot precommit.
    error NotAcked(uint256 sessionId, uint256 taskId, address miner);

    /// @notice The miner did not precommit, so it cannot commit.
    error NotPrecommitted(uint256 sessionId, uint256 taskId, address miner);

    /// @notice The miner acked before.
    error AlreadyAcked(uint256 sessionId, uint256 taskId, address miner);

    /// @notice The miner precommitted before.
    error AlreadyPrecommitted(uint256 sessionId, uint256 taskId, address miner);

    /// @notice The miner committed before.
    error AlreadyCommitted(uint256 sessionId, uint256 taskId, address miner);

    /// @notice A precommit of zero, which no result hashes to.
    error EmptyHash(uint256 sessionId, uint256 taskId, address miner);

    /// @notice The result is not the one that the miner precommitted.
    error HashMismatch(uint256 sessionId, uint256 taskId, address miner, bytes32 precommitted, bytes32 revealed);

    /// @notice Task data, a result or a note of more bytes than the queue takes.
    error DataTooLong(uint256 length, uint256 limit);

    /// @notice Task data or a result of this many bytes could not be stored: creating a contract for it failed, for want
    /// of gas.
    error DataNotStored(uint256 length);

    /// @notice The caller is not an oracle.
    error NotOracle(address caller);

    /// @notice The caller is not the session contract.
    error OnlySession(address caller);

    /// @notice A window, in seconds, outside 1 to `limit`.
    error InvalidWindow(uint256 window, uint256 limit);

    /// @notice A price, in wei, above what the queue can account for.
    error PriceTooHigh(uint256 price, uint256 limit);

    // ---- Events ----

    /// @notice A task was submitted. `globalId` counts the tasks of all sessions.
    event TaskQueued(uint256 sessionId, uint256 taskId, uint256 globalId, string taskData);

    /// @notice The task's miners; they may ack now.
    event TaskAssigned(uint256 sessionId, uint256 taskId, address[] miners);

    /// @notice A miner took the task on.
    event TaskAcked(uint256 sessionId, uint256 taskId, address miner);

    /// @notice A miner bound itself to a result.
    event TaskPrecommitted(uint256 sessionId, uint256 taskId, address miner);

    /// @notice All miners that acked have precommitted.
    event TaskAllPrecommitted(uint256 sessionId, uint256 taskId, address[] miners);

    /// @notice The precommit phase is over; those that precommitted may commit.
    event TaskPrecommitEnded(uint256 sessionId, uint256 taskId);

    /// @notice A miner revealed its result.
    event TaskCommitted(uint256 sessionId, uint256 taskId, address miner);

    /// @notice All miners that precommitted have committed.
    event TaskAllCommitted(uint256 sessionId, uint256 taskId, address[] miners);

    /// @notice The commit phase is over; anyone may end the task.
    event TaskCommitEnded(uint256 sessionId, uint256 taskId);

    /// @notice The task is final. `miners` are those that committed, in the order of assignment.
    event TaskEnded(uint256 sessionId, uint256 taskId, address[] miners);

    /// @notice An account became an oracle, or ceased to be one.
    event OracleChanged(address indexed account, bool isOracle);

    /// @notice The windows, in seconds, of the tasks submitted from now on.
    event WindowsChanged(uint256 ackWindow, uint256 precommitWindow, uint256 commitWindow);

    /// @notice The price in wei, per miner, of the tasks submitted from now on.
    event PriceChanged(uint256 price);

    // ---- Session owners ----

    /// @notice Submits a task and assigns its miners. Only the session's owner.
    function submitTask(uint256 sessionId, string calldata taskData) external returns (uint256 taskId);

    /// @notice The same for a submission that came through the session contract. Only that contract.
    function enqueueTask(uint256 sessionId, address submitter, string calldata taskData)
        external
        returns (uint256 taskId, address[] memory miners);

    // ---- Miners ----

    /// @notice Takes the task on.
    function ack(uint256 sessionId, uint256 taskId) external;

    /// @notice Binds the caller to a result: see {getResultHash}. The last of the acked miners ends the phase.
    /// @param data a public note, left in the transaction and stored nowhere
    function precommit(uint256 sessionId, uint256 taskId, bytes32 hash, string calldata data) external;

    /// @notice Reveals the result. The last of the miners that precommitted ends the phase. Earlier phases whose
    /// deadlines have passed end with this call if nobody closed them.
    /// @param data the result exactly as it was hashed for the precommit, its salt included; readers get these bytes back
    function commit(uint256 sessionId, uint256 taskId, string calldata data) external;

    // ---- Anyone, and oracles ----

    /// @notice Drops the miners that did not ack in time. With no ack at all, the later phases end with this one.
    function endAck(uint256 sessionId, uint256 taskId) external;

    /// @notice Drops the miners that did not precommit in time. With no precommit at all, the commit phase ends too.
    function endPrecommit(uint256 sessionId, uint256 taskId) external;

    /// @notice Drops the miners that did not commit in time.
    function endCommit(uint256 sessionId, uint256 taskId) external;

    /// @notice Makes the task final, pays the miners that committed, returns the rest to the session.
    /// @param forceEnd false: anyone, once the commit phase is over. true: an oracle, from any phase, after the last
    /// deadline (see {getDeadlines}).
    function end(uint256 sessionId, uint256 taskId, bool forceEnd) external;

    // ---- Set-up ----

    /// @notice Makes an account an oracle, or takes the role away. Only the owner.
    function setOracle(address account, bool isOracle) external;

    /// @notice Sets the windows, in seconds, of later tasks. Only the owner.
    function setWindows(uint256 ackWindow, uint256 precommitWindow, uint256 commitWindow) external;

    /// @notice Sets the price in wei, per miner, of later tasks. Only the owner.
    function setPrice(uint256 price) external;

    // ---- Views: tasks ----

    /// @notice One task.
    function getTask(uint256 sessionId, uint256 taskId) external view returns (Task memory);

    /// @notice All tasks of a session, in the order of their ids.
    function getTasksBySessionId(uint256 sessionId) external view returns (Task[] memory);

    /// @notice Up to `limit` of a session's tasks from number `start` on, for sessions with more than one call can read.
    function getTasksBySessionIdPaged(uint256 sessionId, uint256 start, uint256 limit)
        external
        view
        returns (Task[] memory);

    /// @notice Where a task is in its life.
    function getTaskStatus(uint256 sessionId, uint256 taskId) external view returns (TaskStatus);

    /// @notice How many tasks the session has had; their ids are 0 to this, exclusive.
    function getTaskCountBySessionId(uint256 sessionId) external view returns (uint256);

    /// @notice How many tasks all sessions have had: the next global id.
    function getGlobalTaskCount() external view returns (uint256);

    /// @notice The deadline of the open phase, and the time after which an oracle may force the end.
    /// @return phase 0 once no phase is open
    /// @return last the deadline of the open phase plus the windows of the phases that miners can still reach; 0 once
    /// the commit phase is over
    function getDeadlines(uint256 sessionId, uint256 taskId) external view returns (uint256 phase, uint256 last);

    // ---- Views: miners' results ----

    /// @notice The miners that committed, in the order of assignment, and their results.
    function getTaskResults(uint256 sessionId, uint256 taskId)
        external
        view
        returns (address[] memory miners, string[] memory results);

    /// @notice The miners that precommitted, and their hashes.
    function getTaskResultHashes(uint256 sessionId, uint256 taskId)
        external
        view
        returns (address[] memory miners, bytes32[] memory hashes);

    /// @notice What one assigned miner has done.
    function getTaskResultState(uint256 sessionId, uint256 taskId, address miner) external view returns (MinerStatus);

    /// @notice All assigned miners, and when they acked (0: not).
    function getAllTaskResultAckedTimestamps(uint256 sessionId, uint256 taskId)
        external
        view
        returns (address[] memory miners, uint256[] memory timestamps);

    /// @notice All assigned miners, and when they precommitted (0: not).
    function getAllTaskResultPrecommitTimestamps(uint256 sessionId, uint256 taskId)
        external
        view
        returns (address[] memory miners, uint256[] memory timestamps);

    /// @notice All assigned miners, and when they committed (0: not).
    function getAllTaskResultCommitTimestamps(uint256 sessionId, uint256 taskId)
        external
        view
        returns (address[] memory miners, uint256[] memory timestamps);

    /// @notice The hash that binds a result to its miner, session and task:
    /// keccak256(abi.encode(sessionId, taskId, miner, keccak256(bytes(data)))).
    function getResultHash(uint256 sessionId, uint256 taskId, address miner, string calldata data)
        external
        pure
        returns (bytes32);

    // ---- Views: settings ----

    /// @notice The session contract.
    function session() external view returns (address);

    /// @notice Whether the account is an oracle.
    function isOracleNode(address account) external view returns (bool);

    /// @notice The windows of new tasks, in seconds.
    function getWindows() external view returns (uint256 ackWindow, uint256 precommitWindow, uint256 commitWindow);

    /// @notice The price of new tasks in wei, per miner.
    function getPrice() external view returns (uint256);
}
