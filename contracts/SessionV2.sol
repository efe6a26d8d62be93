// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity 0.8.37;

import {Owned} from "./base/Owned.sol";
import {SessionNodes} from "./base/SessionNodes.sol";
import {SessionRouters} from "./base/SessionRouters.sol";
import {ISessionQueueV2} from "./interfaces/ISessionQueueV2.sol";
import {ISessionTasks} from "./interfaces/ISessionTasks.sol";
import {ISessionV2, Session} from "./interfaces/ISessionV2.sol";
import {SessionPayment} from "./SessionPayment.sol";

/// @title Sessions
contract SessionV2 is SessionNodes, SessionRouters, SessionPayment, Owned {
    /// @inheritdoc ISessionV2
    address public override sessionQueue;

    mapping(address account => uint256[]) internal _sessionIds;

    modifier onlyQueue() {
        if (msg.sender != sessionQueue) revert OnlyQueue(msg.sender);
        _;
    }

    constructor(address nodePool_) SessionNodes(nodePool_) {}

    // ---- Session owners ----

    /// @inheritdoc ISessionV2
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
    ) external override returns (uint256 sessionId) {
        if (mode > DEDICATED) revert InvalidMode(mode);
        if (numOfValidatorNodes > maxNumOfNodes) revert InvalidValidatorCount(numOfValidatorNodes, maxNumOfNodes);
        _checkLimits(minNumOfNodes, maxNumOfNodes, redundant);
        _requireUtf8(name);
        _requireUtf8(metadata);
        sessionId = _sessionCount++;
        SessionRecord storage session = _sessions[sessionId];
        session.owner = msg.sender;
        session.redundant = uint8(redundant);
        session.minNumOfNodes = uint16(minNumOfNodes);
        session.createdAt = uint64(block.timestamp);
        session.updatedAt = uint64(block.timestamp);
        session.maxNumOfNodes = uint16(maxNumOfNodes);
        session.numOfValidatorNodes = uint16(numOfValidatorNodes);
        session.mode = uint8(mode);
        session.reserveEphemeralNodes = reserveEphemeralNodes;
        session.sid = keccak256(abi.encode(block.chainid, address(this), sessionId, msg.sender, variableAddress));
        session.name = name;
        session.metadata = metadata;
        _sessionIds[msg.sender].push(sessionId);

        (address[] memory miners, uint256 total) = _fill(sessionId, session, maxNumOfNodes);
        if (mode != DEDICATED) _checkNodes(total, minNumOfNodes, redundant);
        emit SessionCreated(sessionId, session.sid, msg.sender, miners);
    }

    /// @inheritdoc ISessionV2
    function updateSession(
        uint256 sessionId,
        string calldata name,
        string calldata metadata,
        uint256 minNumOfNodes,
        uint256 maxNumOfNodes,
        uint256 redundant
    ) external override onlySessionOwner(sessionId) {
        _requireActive(sessionId);
        _checkLimits(minNumOfNodes, maxNumOfNodes, redundant);
        _requireUtf8(name);
        _requireUtf8(metadata);
        SessionRecord storage session = _session(sessionId);
        if (maxNumOfNodes < session.dedicatedCount || maxNumOfNodes < session.numOfValidatorNodes) {
            revert InvalidNodeBounds(minNumOfNodes, maxNumOfNodes);
        }
        session.name = name;
        session.metadata = metadata;
        session.minNumOfNodes = uint16(minNumOfNodes);
        session.maxNumOfNodes = uint16(maxNumOfNodes);
        session.redundant = uint8(redundant);
        session.updatedAt = uint64(block.timestamp);

        while (uint256(session.ephemeralCount) + session.dedicatedCount > maxNumOfNodes) {
            _removeEphemeral(sessionId, session, session.ephemeralCount - 1);
        }
        (, uint256 total) = _fill(sessionId, session, maxNumOfNodes);
        if (session.mode != DEDICATED) _checkNodes(total, minNumOfNodes, redundant);
        emit SessionUpdated(sessionId, msg.sender, minNumOfNodes, maxNumOfNodes, redundant);
    }

    /// @inheritdoc ISessionV2
    function deactivateSession(uint256 sessionId) external override onlySessionOwner(sessionId) {
        _requireActive(sessionId);
        SessionRecord storage session = _session(sessionId);
        session.deactivated = true;
        session.updatedAt = uint64(block.timestamp);
        for (uint256 i = session.ephemeralCount; i != 0; --i) {
            _removeEphemeral(sessionId, session, i - 1);
        }
        for (uint256 i = session.dedicatedCount; i != 0; --i) {
            _removeDedicated(sessionId, session, i - 1);
        }
        emit SessionDeactivated(sessionId, msg.sender);
    }

    /// @inheritdoc ISessionV2
    function submit(uint256 sessionId, string calldata taskData) external override returns (uint256 taskId) {
        address[] memory miners;
        (taskId, miners) = ISessionQueueV2(sessionQueue).enqueueTask(sessionId, msg.sender, taskData);
        bytes32[] memory nodeIds = new bytes32[](miners.length);
        for (uint256 i; i < miners.length; ++i) {
            nodeIds[i] = getNodeId(miners[i]);
        }
        emit TaskSubmitted(sessionId, taskData);
        emit TaskAssigned(sessionId, taskId, nodeIds);
    }

    // ---- The task queue ----

    /// @inheritdoc ISessionTasks
    function takeTask(uint256 sessionId, address submitter, uint256 price)
        external
        override
        onlyQueue
        returns (uint256 taskId, address[] memory miners)
    {
        SessionRecord storage session = _session(sessionId);
        if (session.owner != submitter) revert NotSessionOwner(sessionId, submitter);
        if (session.deactivated) revert SessionInactive(sessionId);
        uint256 redundant = session.redundant;
        uint256 dedicated = session.dedicatedCount;
        uint256 ephemeral = session.ephemeralCount;
        uint256 total = dedicated + ephemeral;
        if (total < session.minNumOfNodes || total < redundant) {
            // Nodes were released since the session was filled.
            (, total) = _fill(sessionId, session, _needed(session));
            _checkNodes(total, session.minNumOfNodes, redundant);
            ephemeral = total - dedicated;
        }
        taskId = session.taskCount;
        session.taskCount = uint32(taskId + 1);
        if (price != 0) _reserve(sessionId, session, price * redundant);

        miners = new address[](redundant);
        uint256 first = redundant < dedicated ? redundant : dedicated;
        _rotate(session.dedicatedNodes, dedicated, taskId, miners, 0, first);
        _rotate(session.ephemeralNodes, ephemeral, taskId, miners, first, redundant);
    }

    /// @inheritdoc ISessionTasks
    function settle(uint256 sessionId, address[] calldata paid, uint256 price, uint256 assigned)
        external
        override
        onlyQueue
    {
        _settle(_session(sessionId), paid, price, assigned);
    }

    /// @inheritdoc ISessionTasks
    function getTaskCount(uint256 sessionId) external view override returns (uint256) {
        return _session(sessionId).taskCount;
    }

    // ---- Set-up ----

    /// @inheritdoc ISessionV2
    function setSessionQueue(address queue) external override onlyOwner {
        if (sessionQueue != address(0)) revert SessionQueueAlreadySet(sessionQueue);
        sessionQueue = queue;
    }

    // ---- Views ----

    /// @inheritdoc ISessionV2
    function getSession(uint256 sessionId) public view override returns (Session memory) {
        SessionRecord storage session = _session(sessionId);
        return Session({
            id: sessionId,
            sid: session.sid,
            name: session.name,
            metadata: session.metadata,
            state: _state(session),
            createdAt: session.createdAt,
            updatedAt: session.updatedAt,
            owner: session.owner,
            ephemeralNodes: _nodes(session.ephemeralNodes, session.ephemeralCount),
            dedicatedNodes: _nodes(session.dedicatedNodes, session.dedicatedCount),
            mode: session.mode,
            redundant: session.redundant,
            minNumOfNodes: session.minNumOfNodes,
            maxNumOfNodes: session.maxNumOfNodes,
            numOfValidatorNodes: session.numOfValidatorNodes,
            routerMetadatas: session.routerMetadatas,
            routerAddresses: session.routerAddresses,
            reserveEphemeralNodes: session.reserveEphemeralNodes
        });
    }

    /// @inheritdoc ISessionV2
    function getSessions(address account) external view override returns (Session[] memory sessions) {
        return _sessionsFrom(account, 0, _sessionIds[account].length);
    }

    /// @inheritdoc ISessionV2
    function getSessionsPaged(address account, uint256 start, uint256 limit)
        external
        view
        override
        returns (Session[] memory sessions)
    {
        uint256 count = _sessionIds[account].length;
        uint256 left = start < count ? count - start : 0;
        return _sessionsFrom(account, start, limit < left ? limit : left);
    }

    /// @inheritdoc ISessionV2
    function getSessionIds(address account) external view override returns (uint256[] memory) {
        return _sessionIds[account];
    }

    /// @inheritdoc ISessionV2
    function getSessionMiners(uint256 sessionId) external view override returns (address[] memory miners) {
        SessionRecord storage session = _session(sessionId);
        uint256 dedicated = session.dedicatedCount;
        miners = new address[](dedicated + session.ephemeralCount);
        for (uint256 i; i < miners.length; ++i) {
            miners[i] = i < dedicated ? session.dedicatedNodes[i] : session.ephemeralNodes[i - dedicated];
        }
    }

    /// @inheritdoc ISessionV2
    function getSessionCount() external view override returns (uint256) {
        return _sessionCount;
    }

    // ---- Steps ----

    /// @dev Fills `miners` from `start` to `end` with consecutive nodes, beginning where the task before left off
    /// if it took as many: the task's number is the only cursor there is.
    function _rotate(
        mapping(uint256 => address) storage nodes,
        uint256 count,
        uint256 taskId,
        address[] memory miners,
        uint256 start,
        uint256 end
    ) private view {
        if (start == end) return;
        // Unchecked: numbers of tasks have 32 bits, of nodes 16.
        unchecked {
            uint256 next = (taskId * (end - start)) % count;
            for (; start < end; ++start) {
                miners[start] = nodes[next];
                next = next + 1 == count ? 0 : next + 1;
            }
        }
    }

    function _sessionsFrom(address account, uint256 start, uint256 count)
        private
        view
        returns (Session[] memory sessions)
    {
        uint256[] storage ids = _sessionIds[account];
        sessions = new Session[](count);
        for (uint256 i; i < count; ++i) {
            sessions[i] = getSession(ids[start + i]);
        }
    }

    function _checkLimits(uint256 minNumOfNodes, uint256 maxNumOfNodes, uint256 redundant) private pure {
        if (minNumOfNodes == 0 || minNumOfNodes > maxNumOfNodes || maxNumOfNodes > MAX_NODES) {
            revert InvalidNodeBounds(minNumOfNodes, maxNumOfNodes);
        }
        if (redundant == 0 || redundant > maxNumOfNodes) revert InvalidRedundancy(redundant, maxNumOfNodes);
    }

    /// @dev A session's tasks need `redundant` different miners, and its owner asked for `minNumOfNodes` at least.
    function _checkNodes(uint256 available, uint256 minNumOfNodes, uint256 redundant) private pure {
        if (available < minNumOfNodes) revert TooFewNodes(available, minNumOfNodes);
        if (available < redundant) revert InvalidRedundancy(redundant, available);
    }
}
