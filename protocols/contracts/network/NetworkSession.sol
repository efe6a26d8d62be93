// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity 0.8.37;

import {NetworkQueue} from "./NetworkQueue.sol";

/// @title The sessions of a network's later version: longer argument lists, strings as refusals
contract NetworkSession {
    struct Session {
        address owner;
        bool active;
        uint64 createdAt;
        uint256 redundant;
        uint256 mode;
        uint256 sla;
        uint256 modelIdentifier;
        uint256 reservePeriod;
        uint256 maxTaskExecutionCount;
        bytes32 sid;
    }

    NetworkQueue public immutable queue;
    uint256 public getSessionCount;
    mapping(uint256 sessionId => Session) internal _sessions;

    event SessionCreated(uint256 sessionId, bytes32 sid, address owner, address[] miners);
    event SessionDeactivated(uint256 indexed sessionId, address indexed deactivator);
    event TaskSubmitted(uint256 sessionId, uint256 taskId, string taskData, string clientReference);

    constructor(NetworkQueue queue_) {
        queue = queue_;
    }

    function create(
        string calldata name,
        string calldata metadata,
        address variableAddress,
        uint256 minNumOfNodes,
        uint256 maxNumOfNodes,
        uint256 redundant,
        uint256 numOfValidatorNodes,
        uint256 mode,
        bool,
        uint256 sla,
        uint256 modelIdentifier,
        uint256 reservePeriod,
        uint256 maxTaskExecutionCount
    ) external {
        require(minNumOfNodes != 0 && minNumOfNodes <= maxNumOfNodes, "Session: wrong number of nodes");
        require(redundant != 0 && redundant <= maxNumOfNodes, "Session: wrong redundancy");
        require(numOfValidatorNodes <= maxNumOfNodes, "Session: too many validators");
        require(mode < 3, "Session: no such mode");
        uint256 sessionId = getSessionCount++;
        bytes32 sid = keccak256(abi.encode(sessionId, msg.sender, name, metadata, variableAddress));
        Session storage session = _sessions[sessionId];
        session.owner = msg.sender;
        session.active = true;
        session.createdAt = uint64(block.timestamp);
        session.redundant = redundant;
        session.mode = mode;
        session.sla = sla;
        session.modelIdentifier = modelIdentifier;
        session.reservePeriod = reservePeriod;
        session.maxTaskExecutionCount = maxTaskExecutionCount;
        session.sid = sid;
        emit SessionCreated(sessionId, sid, msg.sender, new address[](0));
    }

    function submit(
        uint256 sessionId,
        uint256 nodeType,
        string calldata taskData,
        uint256 promptType,
        string calldata promptTemplate,
        uint256[] calldata llmParams,
        uint256[] calldata requestParams,
        string calldata clientReference
    ) external {
        Session storage session = _sessions[sessionId];
        require(session.owner == msg.sender, "Session: caller is not the session's owner");
        require(session.active, "Session: session is not active");
        require(nodeType < 3, "Session: no such type of node");
        uint256 taskId = queue.enqueueTask(sessionId, taskData, promptType, promptTemplate, llmParams, requestParams);
        require(taskId < session.maxTaskExecutionCount, "Session: too many tasks");
        emit TaskSubmitted(sessionId, taskId, taskData, clientReference);
    }

    function deactivateSession(uint256 sessionId) external {
        require(_sessions[sessionId].owner == msg.sender, "Session: caller is not the session's owner");
        _sessions[sessionId].active = false;
        emit SessionDeactivated(sessionId, msg.sender);
    }

    function getSession(uint256 sessionId) external view returns (Session memory) {
        return _sessions[sessionId];
    }
}
