// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity 0.8.37;

/// @title The task queue of a network's later version, as far as a task's lifecycle goes
/// @notice Unlike the reference contracts, the oracle assigns miners in a transaction of its own, ends phases with a flag
/// that asks for an event, and refusals are strings.
contract NetworkQueue {
    enum Status {
        Queued,
        Assigned,
        Acked,
        Precommitted,
        Committed,
        Ended
    }

    struct Task {
        Status status;
        uint64 createdAt;
        uint64 lastPrecommitAt;
        uint64 lastCommitAt;
        uint32 acks;
        uint32 precommits;
        uint32 commits;
        bytes32 data;
        uint256 promptType;
        address[] miners;
    }

    struct Work {
        bool acked;
        bool precommitted;
        bool committed;
        bytes32 hash;
    }

    address public immutable owner;
    address public session;
    uint256 public globalCount;
    mapping(address account => bool) public isOracleNode;
    mapping(uint256 sessionId => uint256) public getTaskCountBySessionId;
    mapping(uint256 sessionId => mapping(uint256 taskId => Task)) internal _tasks;
    mapping(uint256 sessionId => mapping(uint256 taskId => mapping(address miner => Work))) internal _work;
    mapping(uint256 sessionId => mapping(uint256 taskId => mapping(address miner => string))) internal _results;

    event TaskQueued(uint256 sessionId, uint256 taskId, uint256 globalId, string taskData);
    event TaskAssigned(uint256 sessionId, uint256 taskId, address[] miners);
    event TaskAcked(uint256 sessionId, uint256 taskId, address miner);
    event TaskPrecommitted(uint256 sessionId, uint256 taskId, address miner);
    event TaskAllPrecommitted(uint256 sessionId, uint256 taskId, address[] miners);
    event TaskPrecommitEnded(uint256 sessionId, uint256 taskId);
    event TaskCommitted(uint256 sessionId, uint256 taskId, address miner);
    event TaskAllCommitted(uint256 sessionId, uint256 taskId, address[] miners);
    event TaskCommitEnded(uint256 sessionId, uint256 taskId);
    event TaskEnded(uint256 sessionId, uint256 taskId, address[] miners);

    modifier onlyOracle() {
        require(isOracleNode[msg.sender], "SessionQueue: caller is not an oracle");
        _;
    }

    constructor() {
        owner = msg.sender;
    }

    function setSession(address session_) external {
        require(msg.sender == owner, "SessionQueue: caller is not the owner");
        session = session_;
    }

    function setOracleNode(address account, bool isOracle) external {
        require(msg.sender == owner, "SessionQueue: caller is not the owner");
        isOracleNode[account] = isOracle;
    }

    function enqueueTask(
        uint256 sessionId,
        string calldata taskData,
        uint256 promptType,
        string calldata promptTemplate,
        uint256[] calldata llmParams,
        uint256[] calldata requestParams
    ) external returns (uint256 taskId) {
        require(msg.sender == session, "SessionQueue: caller is not the session");
        taskId = getTaskCountBySessionId[sessionId]++;
        Task storage task = _tasks[sessionId][taskId];
        task.createdAt = uint64(block.timestamp);
        task.data = keccak256(abi.encode(taskData, promptTemplate, llmParams, requestParams));
        task.promptType = promptType;
        emit TaskQueued(sessionId, taskId, globalCount++, taskData);
    }

    function assignTask(uint256 sessionId, uint256 taskId, address[] calldata addrs, uint256 modelIdentifier)
        external
        onlyOracle
    {
        Task storage task = _inStatus(sessionId, taskId, Status.Queued);
        require(task.createdAt != 0, "SessionQueue: no such task");
        require(addrs.length != 0, "SessionQueue: no miners");
        require(modelIdentifier < 256, "SessionQueue: no such model");
        task.status = Status.Assigned;
        task.miners = addrs;
        emit TaskAssigned(sessionId, taskId, addrs);
    }

    function ack(uint256 sessionId, uint256 taskId) external {
        Task storage task = _tasks[sessionId][taskId];
        require(task.status == Status.Assigned, "SessionQueue: task is not assigned");
        Work storage work = _workOf(task, sessionId, taskId);
        require(!work.acked, "SessionQueue: acked already");
        work.acked = true;
        if (++task.acks == task.miners.length) task.status = Status.Acked;
        emit TaskAcked(sessionId, taskId, msg.sender);
    }

    function endAck(uint256 sessionId, uint256 taskId) external onlyOracle {
        Task storage task = _inStatus(sessionId, taskId, Status.Assigned);
        require(task.acks != 0, "SessionQueue: nobody acked");
        task.status = Status.Acked;
    }

    function precommit(uint256 sessionId, uint256 taskId, bytes32 hash, string calldata) external {
        Task storage task = _inStatus(sessionId, taskId, Status.Acked);
        Work storage work = _workOf(task, sessionId, taskId);
        require(work.acked && !work.precommitted, "SessionQueue: not acked or precommitted already");
        work.precommitted = true;
        work.hash = hash;
        ++task.precommits;
        task.lastPrecommitAt = uint64(block.timestamp);
        emit TaskPrecommitted(sessionId, taskId, msg.sender);
    }

    function endPrecommit(uint256 sessionId, uint256 taskId, bool emitAllPrecommitted) external onlyOracle {
        Task storage task = _inStatus(sessionId, taskId, Status.Acked);
        require(task.precommits != 0, "SessionQueue: nobody precommitted");
        task.status = Status.Precommitted;
        if (emitAllPrecommitted) emit TaskAllPrecommitted(sessionId, taskId, task.miners);
        emit TaskPrecommitEnded(sessionId, taskId);
    }

    function commit(uint256 sessionId, uint256 taskId, string calldata data) external {
        Task storage task = _inStatus(sessionId, taskId, Status.Precommitted);
        Work storage work = _workOf(task, sessionId, taskId);
        require(work.precommitted && !work.committed, "SessionQueue: not precommitted or committed already");
        require(work.hash == getHash(data), "SessionQueue: hash mismatch");
        work.committed = true;
        ++task.commits;
        task.lastCommitAt = uint64(block.timestamp);
        _results[sessionId][taskId][msg.sender] = data;
        emit TaskCommitted(sessionId, taskId, msg.sender);
    }

    function endCommit(uint256 sessionId, uint256 taskId, bool emitAllCommitted)
        external
        onlyOracle
        returns (bool)
    {
        Task storage task = _inStatus(sessionId, taskId, Status.Precommitted);
        require(task.commits != 0, "SessionQueue: nobody committed");
        task.status = Status.Committed;
        if (emitAllCommitted) emit TaskAllCommitted(sessionId, taskId, task.miners);
        emit TaskCommitEnded(sessionId, taskId);
        return task.commits == task.precommits;
    }

    function end(uint256 sessionId, uint256 taskId, bool forceEnd) external onlyOracle {
        Task storage task = _tasks[sessionId][taskId];
        require(task.createdAt != 0, "SessionQueue: no such task");
        require(task.status != Status.Ended, "SessionQueue: task has ended");
        require(forceEnd || task.status == Status.Committed, "SessionQueue: commit phase has not ended");
        task.status = Status.Ended;
        emit TaskEnded(sessionId, taskId, task.miners);
    }

    function getTaskStatus(uint256 sessionId, uint256 taskId) external view returns (uint8) {
        return uint8(_tasks[sessionId][taskId].status);
    }

    function getTaskResults(uint256 sessionId, uint256 taskId)
        external
        view
        returns (address[] memory miners, string[] memory results)
    {
        miners = _tasks[sessionId][taskId].miners;
        results = new string[](miners.length);
        for (uint256 i; i < miners.length; ++i) results[i] = _results[sessionId][taskId][miners[i]];
    }

    function getHash(string memory str) public pure returns (bytes32) {
        return keccak256(abi.encodePacked(str));
    }

    function _inStatus(uint256 sessionId, uint256 taskId, Status status)
        internal
        view
        returns (Task storage task)
    {
        task = _tasks[sessionId][taskId];
        require(task.status == status, "SessionQueue: wrong status");
    }

    /// @dev Linear in the number of assigned miners, as these are few.
    function _workOf(Task storage task, uint256 sessionId, uint256 taskId) internal view returns (Work storage) {
        uint256 count = task.miners.length;
        for (uint256 i; i < count; ++i) {
            if (task.miners[i] == msg.sender) return _work[sessionId][taskId][msg.sender];
        }
        revert("SessionQueue: caller is not assigned");
    }
}
