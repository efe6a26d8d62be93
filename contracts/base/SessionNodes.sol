// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity 0.8.37;

import {INodePool} from "../interfaces/INodePool.sol";
import {ISessionV2} from "../interfaces/ISessionV2.sol";
import {SessionStore} from "./SessionStore.sol";

/// @title The miners of sessions; part of SessionV2
abstract contract SessionNodes is SessionStore {
    uint256 internal constant EPHEMERAL = 0;
    uint256 internal constant HYBRID = 1;
    uint256 internal constant DEDICATED = 2;

    /// @dev So that one transaction can draw, and one release, all nodes of a session: see README.md.
    uint256 internal constant MAX_NODES = 255;

    /// @inheritdoc ISessionV2
    address public immutable override nodePool;

    constructor(address nodePool_) {
        nodePool = nodePool_;
    }

    // ---- Session owners ----

    /// @inheritdoc ISessionV2
    function addDedicatedNode(uint256 sessionId, address nodeAddress) external override onlySessionOwner(sessionId) {
        _requireActive(sessionId);
        SessionRecord storage session = _session(sessionId);
        if (session.mode == EPHEMERAL) revert WrongMode(sessionId, session.mode);
        if (nodeAddress == address(0)) revert InvalidNode(nodeAddress);
        INodePool(nodePool).hold(sessionId, msg.sender, nodeAddress);

        uint256 dedicated = session.dedicatedCount;
        uint256 ephemeral = session.ephemeralCount;
        if (dedicated + ephemeral >= session.maxNumOfNodes) {
            if (ephemeral == 0) revert TooManyNodes(sessionId, session.maxNumOfNodes);
            _removeEphemeral(sessionId, session, ephemeral - 1);
        }
        session.dedicatedNodes[dedicated] = nodeAddress;
        session.dedicatedCount = uint16(dedicated + 1);
        emit DedicatedNodeAdded(nodeAddress);
    }

    /// @inheritdoc ISessionV2
    function removeDedicatedNode(uint256 sessionId, address nodeAddress)
        external
        override
        onlySessionOwner(sessionId)
    {
        SessionRecord storage session = _session(sessionId);
        (bool found, uint256 index) = _findNode(session.dedicatedNodes, session.dedicatedCount, getNodeId(nodeAddress));
        if (!found) revert NotDedicatedNode(sessionId, nodeAddress);
        _removeDedicated(sessionId, session, index);
    }

    /// @inheritdoc ISessionV2
    function releaseByNodeId(bytes32 nodeId) external override {
        (bool isHeld, uint256 sessionId) = INodePool(nodePool).getHolder(nodeId);
        if (!isHeld) revert NodeNotReserved(nodeId);
        SessionRecord storage session = _session(sessionId);
        if (msg.sender != session.owner && getNodeId(msg.sender) != nodeId) revert NotReleasable(nodeId, msg.sender);

        (bool found, uint256 index) = _findNode(session.ephemeralNodes, session.ephemeralCount, nodeId);
        if (found) {
            _removeEphemeral(sessionId, session, index);
        } else {
            (, index) = _findNode(session.dedicatedNodes, session.dedicatedCount, nodeId);
            _removeDedicated(sessionId, session, index);
        }
    }

    // ---- Views ----

    /// @inheritdoc ISessionV2
    function getNodeId(address node) public pure override returns (bytes32) {
        return keccak256(abi.encodePacked(node));
    }

    // ---- Drawing and releasing ----

    /// @dev Draws miners until the session has `limit` nodes, in the modes that draw, as far as the pool has them.
    /// Returns the new ones, and how many nodes the session has then.
    function _fill(uint256 sessionId, SessionRecord storage session, uint256 limit)
        internal
        returns (address[] memory drawn, uint256 total)
    {
        uint256 count = session.ephemeralCount;
        total = count + session.dedicatedCount;
        if (session.mode == DEDICATED || total >= limit) return (drawn, total);
        uint256 needed = _needed(session);
        drawn = INodePool(nodePool)
            .draw(
                sessionId,
                needed > total ? needed - total : 0,
                limit - total,
                session.reserveEphemeralNodes,
                _nodes(session.ephemeralNodes, count)
            );
        for (uint256 i; i < drawn.length; ++i) {
            session.ephemeralNodes[count + i] = drawn[i];
        }
        session.ephemeralCount = uint16(count + drawn.length);
        total += drawn.length;
    }

    /// @dev The nodes without which the session takes no task.
    function _needed(SessionRecord storage session) internal view returns (uint256) {
        return session.minNumOfNodes > session.redundant ? session.minNumOfNodes : session.redundant;
    }

    function _removeEphemeral(uint256 sessionId, SessionRecord storage session, uint256 index) internal {
        uint256 last = session.ephemeralCount - 1;
        session.ephemeralCount = uint16(last);
        _release(sessionId, _removeFrom(session.ephemeralNodes, index, last));
    }

    function _removeDedicated(uint256 sessionId, SessionRecord storage session, uint256 index) internal {
        uint256 last = session.dedicatedCount - 1;
        session.dedicatedCount = uint16(last);
        address node = _removeFrom(session.dedicatedNodes, index, last);
        _release(sessionId, node);
        emit DedicatedNodeRemoved(node);
    }

    function _nodes(mapping(uint256 => address) storage nodes, uint256 count)
        internal
        view
        returns (address[] memory copy)
    {
        copy = new address[](count);
        for (uint256 i; i < count; ++i) {
            copy[i] = nodes[i];
        }
    }

    function _release(uint256 sessionId, address node) private {
        INodePool(nodePool).release(node);
        emit NodeReleased(getNodeId(node), sessionId);
    }

    function _removeFrom(mapping(uint256 => address) storage nodes, uint256 index, uint256 last)
        private
        returns (address node)
    {
        node = nodes[index];
        if (index != last) nodes[index] = nodes[last];
        delete nodes[last];
    }

    function _findNode(mapping(uint256 => address) storage nodes, uint256 count, bytes32 nodeId)
        private
        view
        returns (bool found, uint256 index)
    {
        for (; index < count; ++index) {
            if (getNodeId(nodes[index]) == nodeId) return (true, index);
        }
    }
}
