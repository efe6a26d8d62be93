// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity 0.8.37;

import {Owned} from "./base/Owned.sol";
import {TaskStore} from "./base/TaskStore.sol";
import {TaskViews} from "./base/TaskViews.sol";
import {ISessionQueueV2} from "./interfaces/ISessionQueueV2.sol";
import {ISessionTasks} from "./interfaces/ISessionTasks.sol";
import {TaskStatus} from "./interfaces/TaskTypes.sol";
import {Assignment, AssignmentLibrary} from "./libraries/Assignment.sol";
import {TaskState, TaskStateLibrary} from "./libraries/TaskState.sol";

/// @title The task queue
/// @notice Miners' calls (`ack`, `precommit`, `commit`) touch the task's state slot, the miner's own slot and no other
/// contract. The session contract is called at submission, and at the end of a task that has a price.
contract SessionQueueV2 is TaskViews, Owned {
    /// @dev One slot, read and written once per submission.
    struct Settings {
        uint16 ackWindow;
        uint16 precommitWindow;
        uint16 commitWindow;
        uint24 priceId;
        uint24 lastPriceId;
        uint32 taskCount;
    }

    /// @inheritdoc ISessionQueueV2
    address public immutable override session;

    Settings internal _settings;

    /// @dev Every price there ever was, so that a task needs to keep 24 bits of it only. Price 0 has id 0 and no entry.
    mapping(uint256 priceId => uint256) internal _prices;

    /// @inheritdoc ISessionQueueV2
    mapping(address account => bool) public override isOracleNode;

    constructor(address session_, uint256 ackWindow, uint256 precommitWindow, uint256 commitWindow, uint256 price) {
        session = session_;
        _setWindows(ackWindow, precommitWindow, commitWindow);
        _setPrice(price);
    }

    // ---- Session owners ----

    /// @inheritdoc ISessionQueueV2
    function submitTask(uint256 sessionId, string calldata taskData) external override returns (uint256 taskId) {
        (taskId,) = _submit(sessionId, msg.sender, taskData);
    }

    /// @inheritdoc ISessionQueueV2
    function enqueueTask(uint256 sessionId, address submitter, string calldata taskData)
        external
        override
        returns (uint256 taskId, address[] memory miners)
    {
        if (msg.sender != session) revert OnlySession(msg.sender);
        return _submit(sessionId, submitter, taskData);
    }

    // ---- Miners ----

    /// @inheritdoc ISessionQueueV2
    function ack(uint256 sessionId, uint256 taskId) external override {
        (TaskRecord storage task, TaskState state) = _existing(sessionId, taskId);
        if (state.status() != TaskStatus.Assigned) revert WrongPhase(sessionId, taskId, state.status());
        if (block.timestamp > state.deadline()) revert WindowClosed(sessionId, taskId, state.deadline());
        (uint256 index, Assignment assignment) = _find(task, state, sessionId, taskId, msg.sender);
        if (assignment.hasAcked()) revert AlreadyAcked(sessionId, taskId, msg.sender);

        _setAssignment(task, index, assignment.ack(block.timestamp - state.assignedAt()));
        state = state.addAck();
        emit TaskAcked(sessionId, taskId, msg.sender);
        if (state.acked() == state.assigned()) {
            // The caller has not precommitted yet, so the precommit phase cannot be over.
            state = state.enter(TaskStatus.Acked, block.timestamp + state.precommitWindow());
        }
        task.state = state;
    }

    /// @inheritdoc ISessionQueueV2
    function precommit(uint256 sessionId, uint256 taskId, bytes32 hash, string calldata data) external override {
        (TaskRecord storage task, TaskState state) = _existing(sessionId, taskId);
        TaskStatus status = state.status();
        if (status == TaskStatus.Acked) {
            if (block.timestamp > state.deadline()) revert WindowClosed(sessionId, taskId, state.deadline());
        } else if (status == TaskStatus.Assigned) {
            // The precommit phase lasts until then at most, whoever closes the ack phase and when.
            uint256 latest = state.deadline() + state.precommitWindow();
            if (block.timestamp > latest) revert WindowClosed(sessionId, taskId, latest);
        } else {
            revert WrongPhase(sessionId, taskId, status);
        }
        (uint256 index, Assignment assignment) = _find(task, state, sessionId, taskId, msg.sender);
        if (!assignment.hasAcked()) revert NotAcked(sessionId, taskId, msg.sender);
        if (assignment.precommittedAt() != 0) revert AlreadyPrecommitted(sessionId, taskId, msg.sender);
        if (hash == 0) revert EmptyHash(sessionId, taskId, msg.sender);
        if (bytes(data).length != 0) _checkText(data);

        _setAssignment(task, index, assignment.precommit(block.timestamp));
        _setHead(task, index, hash);
        state = state.addPrecommit();
        emit TaskPrecommitted(sessionId, taskId, msg.sender);
        if (status == TaskStatus.Acked) state = _endIfAllPrecommitted(task, state, sessionId, taskId);
        task.state = state;
    }

    /// @inheritdoc ISessionQueueV2
    function commit(uint256 sessionId, uint256 taskId, string calldata data) external override {
        (TaskRecord storage task, TaskState state) = _existing(sessionId, taskId);
        if (state.status() != TaskStatus.Precommitted) state = _endOverduePhases(task, state, sessionId, taskId);
        if (block.timestamp > state.deadline()) revert WindowClosed(sessionId, taskId, state.deadline());
        _checkText(data);
        (uint256 index, Assignment assignment) = _find(task, state, sessionId, taskId, msg.sender);
        if (assignment.precommittedAt() == 0) revert NotPrecommitted(sessionId, taskId, msg.sender);
        if (assignment.committedAt() != 0) revert AlreadyCommitted(sessionId, taskId, msg.sender);
        bytes32 precommitted = _head(task, index);
        bytes32 revealed = _resultHash(sessionId, taskId, msg.sender, keccak256(bytes(data)));
        if (revealed != precommitted) revert HashMismatch(sessionId, taskId, msg.sender, precommitted, revealed);

        _setAssignment(task, index, assignment.commit(block.timestamp, bytes(data).length));
        _storeResult(task, index, data);
        state = state.addCommit();
        emit TaskCommitted(sessionId, taskId, msg.sender);
        if (state.committed() == state.precommitted()) {
            state = state.enter(TaskStatus.Committed, 0);
            emit TaskAllCommitted(sessionId, taskId, _miners(task, state, AssignmentLibrary.HAS_COMMITTED, state.committed()));
            emit TaskCommitEnded(sessionId, taskId);
        }
        task.state = state;
    }

    // ---- Anyone, and oracles ----

    /// @inheritdoc ISessionQueueV2
    function endAck(uint256 sessionId, uint256 taskId) external override {
        (TaskRecord storage task, TaskState state) = _overdue(sessionId, taskId, TaskStatus.Assigned);
        if (state.acked() == 0) {
            task.state = _endWithNothing(state, sessionId, taskId);
        } else {
            task.state = _endAckPhase(task, state, sessionId, taskId);
        }
    }

    /// @inheritdoc ISessionQueueV2
    function endPrecommit(uint256 sessionId, uint256 taskId) external override {
        (TaskRecord storage task, TaskState state) = _overdue(sessionId, taskId, TaskStatus.Acked);
        if (state.precommitted() == 0) {
            task.state = _endWithNothing(state, sessionId, taskId);
        } else {
            task.state = _endPrecommitPhase(state, sessionId, taskId);
        }
    }

    /// @inheritdoc ISessionQueueV2
    function endCommit(uint256 sessionId, uint256 taskId) external override {
        (TaskRecord storage task, TaskState state) = _overdue(sessionId, taskId, TaskStatus.Precommitted);
        task.state = state.enter(TaskStatus.Committed, 0);
        emit TaskCommitEnded(sessionId, taskId);
    }

    /// @inheritdoc ISessionQueueV2
    function end(uint256 sessionId, uint256 taskId, bool forceEnd) external override {
        (TaskRecord storage task, TaskState state) = _existing(sessionId, taskId);
        TaskStatus status = state.status();
        if (forceEnd) {
            if (!isOracleNode[msg.sender]) revert NotOracle(msg.sender);
            if (status == TaskStatus.Ended) revert WrongPhase(sessionId, taskId, status);
            uint256 lastDeadline = state.lastDeadline();
            if (block.timestamp <= lastDeadline) revert WindowOpen(sessionId, taskId, lastDeadline);
        } else if (status != TaskStatus.Committed) {
            revert WrongPhase(sessionId, taskId, status);
        }

        task.state = state.enter(TaskStatus.Ended, block.timestamp);
        address[] memory miners = _miners(task, state, AssignmentLibrary.HAS_COMMITTED, state.committed());
        emit TaskEnded(sessionId, taskId, miners);
        if (state.priceId() != 0) {
            ISessionTasks(session).settle(sessionId, miners, _prices[state.priceId()], state.assigned());
        }
    }

    // ---- Set-up ----

    /// @inheritdoc ISessionQueueV2
    function setOracle(address account, bool isOracle) external override onlyOwner {
        isOracleNode[account] = isOracle;
        emit OracleChanged(account, isOracle);
    }

    /// @inheritdoc ISessionQueueV2
    function setWindows(uint256 ackWindow, uint256 precommitWindow, uint256 commitWindow) external override onlyOwner {
        _setWindows(ackWindow, precommitWindow, commitWindow);
    }

    /// @inheritdoc ISessionQueueV2
    function setPrice(uint256 price) external override onlyOwner {
        _setPrice(price);
    }

    // ---- Views ----

    /// @inheritdoc ISessionQueueV2
    function getTaskCountBySessionId(uint256 sessionId) public view override(TaskViews) returns (uint256) {
        return ISessionTasks(session).getTaskCount(sessionId);
    }

    /// @inheritdoc ISessionQueueV2
    function getGlobalTaskCount() external view override returns (uint256) {
        return _settings.taskCount;
    }

    /// @inheritdoc ISessionQueueV2
    function getWindows()
        external
        view
        override
        returns (uint256 ackWindow, uint256 precommitWindow, uint256 commitWindow)
    {
        Settings memory settings = _settings;
        return (settings.ackWindow, settings.precommitWindow, settings.commitWindow);
    }

    /// @inheritdoc ISessionQueueV2
    function getPrice() external view override returns (uint256) {
        return _prices[_settings.priceId];
    }

    // ---- Steps ----

    function _submit(uint256 sessionId, address submitter, string calldata taskData)
        internal
        returns (uint256 taskId, address[] memory miners)
    {
        _checkText(taskData);
        Settings memory settings = _settings;
        uint256 price = settings.priceId == 0 ? 0 : _prices[settings.priceId];
        (taskId, miners) = ISessionTasks(session).takeTask(sessionId, submitter, price);

        uint256 globalId = settings.taskCount;
        // The one field that changed: storing the whole struct would write the slot once per field. Unchecked: no chain
        // sees 2^32 tasks.
        unchecked {
            _settings.taskCount = settings.taskCount + 1;
        }
        TaskRecord storage task = _task(sessionId, taskId);
        task.state = TaskStateLibrary.open(
            miners,
            globalId,
            settings.ackWindow,
            settings.precommitWindow,
            settings.commitWindow,
            bytes(taskData).length,
            settings.priceId
        );
        // Unchecked: a task has at most 255 miners.
        unchecked {
            for (uint256 i; i < miners.length; ++i) {
                _setAssignment(task, i, AssignmentLibrary.assign(miners[i]));
            }
        }
        _storeData(task, taskData);
        emit TaskQueued(sessionId, taskId, globalId, taskData);
        emit TaskAssigned(sessionId, taskId, miners);
    }

    /// @dev The task, if it is in `status` and past that phase's deadline.
    function _overdue(uint256 sessionId, uint256 taskId, TaskStatus status)
        internal
        view
        returns (TaskRecord storage task, TaskState state)
    {
        (task, state) = _existing(sessionId, taskId);
        if (state.status() != status) revert WrongPhase(sessionId, taskId, state.status());
        if (block.timestamp <= state.deadline()) revert WindowOpen(sessionId, taskId, state.deadline());
    }

    /// @dev The next phase's window starts at the deadline of the one that is over, so a late close, by whomever, never
    /// moves the last deadline.
    function _endAckPhase(TaskRecord storage task, TaskState state, uint256 sessionId, uint256 taskId)
        internal
        returns (TaskState)
    {
        state = state.enter(TaskStatus.Acked, state.deadline() + state.precommitWindow());
        return _endIfAllPrecommitted(task, state, sessionId, taskId);
    }

    function _endPrecommitPhase(TaskState state, uint256 sessionId, uint256 taskId) internal returns (TaskState) {
        emit TaskPrecommitEnded(sessionId, taskId);
        return state.enter(TaskStatus.Precommitted, state.deadline() + state.commitWindow());
    }

    /// @dev Leads a task whose earlier phases are over by the clock, though nobody closed them, to its commit phase: a
    /// miner that precommitted in time needs nobody to be able to commit.
    function _endOverduePhases(TaskRecord storage task, TaskState state, uint256 sessionId, uint256 taskId)
        internal
        returns (TaskState)
    {
        TaskStatus status = state.status();
        if (state.precommitted() == 0) revert WrongPhase(sessionId, taskId, status);
        if (status == TaskStatus.Assigned && block.timestamp > state.deadline()) {
            state = _endAckPhase(task, state, sessionId, taskId);
        }
        if (state.status() == TaskStatus.Acked && block.timestamp > state.deadline()) {
            state = _endPrecommitPhase(state, sessionId, taskId);
        }
        if (state.status() != TaskStatus.Precommitted) revert WrongPhase(sessionId, taskId, status);
        return state;
    }

    function _endIfAllPrecommitted(TaskRecord storage task, TaskState state, uint256 sessionId, uint256 taskId)
        internal
        returns (TaskState)
    {
        uint256 count = state.precommitted();
        if (count != state.acked()) return state;
        emit TaskAllPrecommitted(sessionId, taskId, _miners(task, state, AssignmentLibrary.HAS_PRECOMMITTED, count));
        emit TaskPrecommitEnded(sessionId, taskId);
        // Never later than if the phase had lasted until its deadline.
        uint256 start = block.timestamp < state.deadline() ? block.timestamp : state.deadline();
        return state.enter(TaskStatus.Precommitted, start + state.commitWindow());
    }

    /// @dev No miner can precommit or commit any more: both phases are over, and `end` can close the task.
    function _endWithNothing(TaskState state, uint256 sessionId, uint256 taskId) internal returns (TaskState) {
        emit TaskPrecommitEnded(sessionId, taskId);
        emit TaskCommitEnded(sessionId, taskId);
        return state.enter(TaskStatus.Committed, 0);
    }

    function _checkText(string calldata text) internal pure {
        if (bytes(text).length > MAX_DATA_LENGTH) revert DataTooLong(bytes(text).length, MAX_DATA_LENGTH);
        _requireUtf8(text);
    }

    // ---- Settings ----

    function _setWindows(uint256 ackWindow, uint256 precommitWindow, uint256 commitWindow) internal {
        _settings.ackWindow = _checked(ackWindow);
        _settings.precommitWindow = _checked(precommitWindow);
        _settings.commitWindow = _checked(commitWindow);
        emit WindowsChanged(ackWindow, precommitWindow, commitWindow);
    }

    function _setPrice(uint256 price) internal {
        if (price > type(uint96).max) revert PriceTooHigh(price, type(uint96).max);
        uint24 priceId;
        if (price != 0) {
            priceId = ++_settings.lastPriceId;
            _prices[priceId] = price;
        }
        _settings.priceId = priceId;
        emit PriceChanged(price);
    }

    function _checked(uint256 window) internal pure returns (uint16) {
        if (window == 0 || window > MAX_WINDOW) revert InvalidWindow(window, MAX_WINDOW);
        return uint16(window);
    }
}
