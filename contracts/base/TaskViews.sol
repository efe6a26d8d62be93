// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity 0.8.37;

import {ISessionQueueV2} from "../interfaces/ISessionQueueV2.sol";
import {MinerStatus, Task, TaskStatus} from "../interfaces/TaskTypes.sol";
import {Assignment, AssignmentLibrary} from "../libraries/Assignment.sol";
import {TaskState} from "../libraries/TaskState.sol";
import {TaskStore} from "./TaskStore.sol";

/// @title What can be read about tasks and results
abstract contract TaskViews is TaskStore {
    /// @inheritdoc ISessionQueueV2
    function getTask(uint256 sessionId, uint256 taskId) public view override returns (Task memory task) {
        (TaskRecord storage record, TaskState state) = _existing(sessionId, taskId);
        TaskStatus status = state.status();
        task.id = taskId;
        task.gid = state.globalId();
        task.sessionId = sessionId;
        task.data = _loadData(record, state);
        task.assignedMiners = new address[](state.assigned());
        task.ended = status == TaskStatus.Ended;
        task.status = status;
        task.createdAt = state.assignedAt();
        if (task.ended) task.finishedAt = state.deadline();
        for (uint256 i; i < task.assignedMiners.length; ++i) {
            Assignment assignment = _assignment(record, i);
            task.assignedMiners[i] = assignment.miner();
            task.lastPrecommitAt = _max(task.lastPrecommitAt, assignment.precommittedAt());
            task.lastCommitAt = _max(task.lastCommitAt, assignment.committedAt());
        }
    }

    /// @inheritdoc ISessionQueueV2
    function getTasksBySessionId(uint256 sessionId) external view override returns (Task[] memory tasks) {
        return _tasksFrom(sessionId, 0, getTaskCountBySessionId(sessionId));
    }

    /// @inheritdoc ISessionQueueV2
    function getTasksBySessionIdPaged(uint256 sessionId, uint256 start, uint256 limit)
        external
        view
        override
        returns (Task[] memory tasks)
    {
        uint256 count = getTaskCountBySessionId(sessionId);
        uint256 left = start < count ? count - start : 0;
        return _tasksFrom(sessionId, start, limit < left ? limit : left);
    }

    /// @inheritdoc ISessionQueueV2
    function getTaskStatus(uint256 sessionId, uint256 taskId) external view override returns (TaskStatus) {
        (, TaskState state) = _existing(sessionId, taskId);
        return state.status();
    }

    /// @inheritdoc ISessionQueueV2
    function getTaskCountBySessionId(uint256 sessionId) public view virtual override returns (uint256);

    /// @inheritdoc ISessionQueueV2
    function getDeadlines(uint256 sessionId, uint256 taskId)
        external
        view
        override
        returns (uint256 phase, uint256 last)
    {
        (, TaskState state) = _existing(sessionId, taskId);
        if (state.status() < TaskStatus.Committed) phase = state.deadline();
        last = state.lastDeadline();
    }

    /// @inheritdoc ISessionQueueV2
    function getTaskResults(uint256 sessionId, uint256 taskId)
        external
        view
        override
        returns (address[] memory miners, string[] memory results)
    {
        (TaskRecord storage record, TaskState state) = _existing(sessionId, taskId);
        miners = _miners(record, state, AssignmentLibrary.HAS_COMMITTED, state.committed());
        results = new string[](miners.length);
        uint256 found;
        for (uint256 i; found < miners.length; ++i) {
            Assignment assignment = _assignment(record, i);
            if (assignment.committedAt() == 0) continue;
            results[found++] = _loadResult(record, i, assignment.resultLength());
        }
    }

    /// @inheritdoc ISessionQueueV2
    function getTaskResultHashes(uint256 sessionId, uint256 taskId)
        external
        view
        override
        returns (address[] memory miners, bytes32[] memory hashes)
    {
        (TaskRecord storage record, TaskState state) = _existing(sessionId, taskId);
        miners = _miners(record, state, AssignmentLibrary.HAS_PRECOMMITTED, state.precommitted());
        hashes = new bytes32[](miners.length);
        uint256 found;
        for (uint256 i; found < miners.length; ++i) {
            Assignment assignment = _assignment(record, i);
            if (assignment.precommittedAt() == 0) continue;
            if (assignment.committedAt() == 0) {
                hashes[found] = _head(record, i);
            } else {
                bytes32 dataHash = keccak256(bytes(_loadResult(record, i, assignment.resultLength())));
                hashes[found] = _resultHash(sessionId, taskId, miners[found], dataHash);
            }
            ++found;
        }
    }

    /// @inheritdoc ISessionQueueV2
    function getTaskResultState(uint256 sessionId, uint256 taskId, address miner)
        external
        view
        override
        returns (MinerStatus)
    {
        (TaskRecord storage record, TaskState state) = _existing(sessionId, taskId);
        (, Assignment assignment) = _find(record, state, sessionId, taskId, miner);
        return _status(assignment);
    }

    /// @inheritdoc ISessionQueueV2
    function getAllTaskResultAckedTimestamps(uint256 sessionId, uint256 taskId)
        external
        view
        override
        returns (address[] memory miners, uint256[] memory timestamps)
    {
        return _timestamps(sessionId, taskId, MinerStatus.Acked);
    }

    /// @inheritdoc ISessionQueueV2
    function getAllTaskResultPrecommitTimestamps(uint256 sessionId, uint256 taskId)
        external
        view
        override
        returns (address[] memory miners, uint256[] memory timestamps)
    {
        return _timestamps(sessionId, taskId, MinerStatus.Precommitted);
    }

    /// @inheritdoc ISessionQueueV2
    function getAllTaskResultCommitTimestamps(uint256 sessionId, uint256 taskId)
        external
        view
        override
        returns (address[] memory miners, uint256[] memory timestamps)
    {
        return _timestamps(sessionId, taskId, MinerStatus.Committed);
    }

    /// @inheritdoc ISessionQueueV2
    function getResultHash(uint256 sessionId, uint256 taskId, address miner, string calldata data)
        external
        pure
        override
        returns (bytes32)
    {
        return _resultHash(sessionId, taskId, miner, keccak256(bytes(data)));
    }

    function _tasksFrom(uint256 sessionId, uint256 start, uint256 count) internal view returns (Task[] memory tasks) {
        tasks = new Task[](count);
        for (uint256 i; i < count; ++i) {
            tasks[i] = getTask(sessionId, start + i);
        }
    }

    function _timestamps(uint256 sessionId, uint256 taskId, MinerStatus reached)
        internal
        view
        returns (address[] memory miners, uint256[] memory timestamps)
    {
        (TaskRecord storage record, TaskState state) = _existing(sessionId, taskId);
        miners = new address[](state.assigned());
        timestamps = new uint256[](miners.length);
        for (uint256 i; i < miners.length; ++i) {
            Assignment assignment = _assignment(record, i);
            miners[i] = assignment.miner();
            if (reached == MinerStatus.Acked) timestamps[i] = assignment.ackedAt(state.assignedAt());
            else if (reached == MinerStatus.Precommitted) timestamps[i] = assignment.precommittedAt();
            else timestamps[i] = assignment.committedAt();
        }
    }

    function _max(uint256 a, uint256 b) private pure returns (uint256) {
        return a > b ? a : b;
    }
}
