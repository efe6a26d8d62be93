// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity 0.8.37;

import {ISessionQueueV2} from "../interfaces/ISessionQueueV2.sol";
import {MinerStatus} from "../interfaces/TaskTypes.sol";
import {Assignment} from "../libraries/Assignment.sol";
import {CodeStorage} from "../libraries/CodeStorage.sol";
import {TaskState} from "../libraries/TaskState.sol";
import {Words} from "../libraries/Words.sol";
import {Texts} from "./Texts.sol";

/// @title Where tasks, assignments and results lie in storage
abstract contract TaskStore is ISessionQueueV2, Texts {
    /// @dev Lengths are 16 bits wide, and so is an ack delay plus one; a task has at most 255 miners.
    uint256 internal constant MAX_DATA_LENGTH = type(uint16).max;
    uint256 internal constant MAX_WINDOW = type(uint16).max - 1;
    uint256 internal constant MAX_MINERS = 255;

    /// @dev Task data and results up to this length are kept in storage slots, longer ones as code: up to three slots
    /// cost less than a contract of as many bytes, four and more cost more.
    uint256 internal constant MAX_IN_SLOTS = 96;
    /// @dev Slots of a text: the words of a short one, or the addresses of the contracts that hold a long one.
    uint256 internal constant TEXT_SLOTS = 3;

    /// @dev Fixed arrays, so that every slot of a task is one hash and an addition away; what is not used costs nothing.
    struct TaskRecord {
        TaskState state;
        Assignment[MAX_MINERS] assignments;
        // Per miner: the precommitted hash, overwritten at commit by the first slot of the result, since overwriting
        // costs 5,000 gas where a fresh slot costs 22,100. The hash can be computed again from the result.
        bytes32[MAX_MINERS] heads;
        bytes32[TEXT_SLOTS] data;
        // Per miner: the other slots of the result.
        bytes32[TEXT_SLOTS - 1][MAX_MINERS] tails;
    }

    mapping(uint256 sessionId => mapping(uint256 taskId => TaskRecord)) private _tasks;

    function _task(uint256 sessionId, uint256 taskId) internal view returns (TaskRecord storage) {
        return _tasks[sessionId][taskId];
    }

    function _existing(uint256 sessionId, uint256 taskId)
        internal
        view
        returns (TaskRecord storage task, TaskState state)
    {
        task = _tasks[sessionId][taskId];
        state = task.state;
        if (!state.exists()) revert TaskNotFound(sessionId, taskId);
    }

    // Elements of the fixed arrays. Assembly: Solidity would load a slot before each write of an element, to keep what
    // shares the slot with it, though nothing does. `index` is below the number of assigned miners in all of these.

    function _assignment(TaskRecord storage task, uint256 index) internal view returns (Assignment assignment) {
        Assignment[MAX_MINERS] storage assignments = task.assignments;
        assembly ("memory-safe") {
            assignment := sload(add(assignments.slot, index))
        }
    }

    function _setAssignment(TaskRecord storage task, uint256 index, Assignment assignment) internal {
        Assignment[MAX_MINERS] storage assignments = task.assignments;
        assembly ("memory-safe") {
            sstore(add(assignments.slot, index), assignment)
        }
    }

    function _head(TaskRecord storage task, uint256 index) internal view returns (bytes32 head) {
        bytes32[MAX_MINERS] storage heads = task.heads;
        assembly ("memory-safe") {
            head := sload(add(heads.slot, index))
        }
    }

    function _setHead(TaskRecord storage task, uint256 index, bytes32 head) internal {
        bytes32[MAX_MINERS] storage heads = task.heads;
        assembly ("memory-safe") {
            sstore(add(heads.slot, index), head)
        }
    }

    /// @dev The place of `miner` among the assigned ones.
    function _find(TaskRecord storage task, TaskState state, uint256 sessionId, uint256 taskId, address miner)
        internal
        view
        returns (uint256 index, Assignment assignment)
    {
        uint256 count = state.assigned();
        for (; index < count; ++index) {
            if (!state.mayBe(index, miner)) continue;
            assignment = _assignment(task, index);
            if (assignment.miner() == miner) return (index, assignment);
        }
        revert NotAssigned(sessionId, taskId, miner);
    }

    /// @dev The miners that have come as far as `mask` says, in the order of assignment.
    /// @param mask see {AssignmentLibrary}
    /// @param count how many they are
    function _miners(TaskRecord storage task, TaskState state, uint256 mask, uint256 count)
        internal
        view
        returns (address[] memory miners)
    {
        miners = new address[](count);
        uint256 assigned = state.assigned();
        uint256 found;
        // Unchecked: neither passes `assigned`, which has 8 bits.
        unchecked {
            for (uint256 i; found < count && i < assigned; ++i) {
                Assignment assignment = _assignment(task, i);
                if (assignment.reached(mask)) miners[found++] = assignment.miner();
            }
        }
    }

    function _status(Assignment assignment) internal pure returns (MinerStatus) {
        if (assignment.committedAt() != 0) return MinerStatus.Committed;
        if (assignment.precommittedAt() != 0) return MinerStatus.Precommitted;
        return assignment.hasAcked() ? MinerStatus.Acked : MinerStatus.Assigned;
    }

    function _storeData(TaskRecord storage task, string calldata data) internal {
        uint256 slot = _dataSlot(task);
        if (bytes(data).length <= MAX_IN_SLOTS) Words.write(slot, bytes(data), 0);
        else _storeAsCode(slot, slot + 1, data);
    }

    /// @dev The head is written in any case, since short results are the most; a long one overwrites it for 100 gas.
    function _storeResult(TaskRecord storage task, uint256 index, string calldata result) internal {
        _setHead(task, index, Words.head(bytes(result)));
        if (bytes(result).length <= 32) return;
        (uint256 headSlot, uint256 tailSlot) = _resultSlots(task, index);
        if (bytes(result).length > MAX_IN_SLOTS) {
            _storeAsCode(headSlot, tailSlot, result);
        } else {
            Words.write(tailSlot, bytes(result), 1);
        }
    }

    function _storeAsCode(uint256 headSlot, uint256 tailSlot, string calldata text) private {
        if (!CodeStorage.write(headSlot, tailSlot, bytes(text))) revert DataNotStored(bytes(text).length);
    }

    function _loadData(TaskRecord storage task, TaskState state) internal view returns (string memory) {
        uint256 slot = _dataSlot(task);
        return _load(slot, slot + 1, state.dataLength());
    }

    function _loadResult(TaskRecord storage task, uint256 index, uint256 length) internal view returns (string memory) {
        (uint256 headSlot, uint256 tailSlot) = _resultSlots(task, index);
        return _load(headSlot, tailSlot, length);
    }

    function _load(uint256 headSlot, uint256 tailSlot, uint256 length) private view returns (string memory) {
        if (length > MAX_IN_SLOTS) return CodeStorage.read(headSlot, tailSlot, length);
        return Words.read(headSlot, tailSlot, length);
    }

    /// @dev The first slot of the task's data; the others follow.
    function _dataSlot(TaskRecord storage task) private view returns (uint256 slot) {
        bytes32[TEXT_SLOTS] storage data = task.data;
        assembly ("memory-safe") {
            slot := data.slot
        }
    }

    /// @dev The first slot of a miner's result, and the place of the others.
    function _resultSlots(TaskRecord storage task, uint256 index)
        private
        view
        returns (uint256 headSlot, uint256 tailSlot)
    {
        bytes32[MAX_MINERS] storage heads = task.heads;
        bytes32[TEXT_SLOTS - 1] storage tail = task.tails[index];
        assembly ("memory-safe") {
            headSlot := add(heads.slot, index)
            tailSlot := tail.slot
        }
    }

    /// @dev See {getResultHash}. Assembly: `abi.encode` would allocate memory anew for each of these four words.
    function _resultHash(uint256 sessionId, uint256 taskId, address miner, bytes32 dataHash)
        internal
        pure
        returns (bytes32 hash)
    {
        assembly ("memory-safe") {
            let pointer := mload(0x40)
            mstore(pointer, sessionId)
            mstore(add(pointer, 32), taskId)
            mstore(add(pointer, 64), shr(96, shl(96, miner)))
            mstore(add(pointer, 96), dataHash)
            hash := keccak256(pointer, 128)
        }
    }
}
