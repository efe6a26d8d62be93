// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity 0.8.37;

import {ISessionRouters} from "../interfaces/ISessionRouters.sol";
import {SessionStore} from "./SessionStore.sol";

/// @title The routers of sessions; part of SessionV2
abstract contract SessionRouters is SessionStore {
    /// @dev So that one transaction can remove all routers of a session.
    uint256 internal constant MAX_ROUTERS = 32;
    uint256 internal constant MAX_INFO_LENGTH = 1024;

    /// @inheritdoc ISessionRouters
    function addRouter(uint256 sessionId, address routerAddress, string calldata routerInfo)
        external
        override
        onlySessionOwner(sessionId)
    {
        _requireActive(sessionId);
        SessionRecord storage session = _session(sessionId);
        (bool found,) = _findRouter(session, routerAddress);
        if (found) revert RouterExists(sessionId, routerAddress);
        if (session.routerAddresses.length == MAX_ROUTERS) revert TooManyRouters(sessionId, MAX_ROUTERS);
        _checkInfo(routerInfo);
        session.routerAddresses.push(routerAddress);
        session.routerMetadatas.push(routerInfo);
        emit RouterAdded(routerAddress, routerInfo);
    }

    /// @inheritdoc ISessionRouters
    function updateRouter(uint256 sessionId, address routerAddress, string calldata routerInfo)
        external
        override
        onlySessionOwner(sessionId)
    {
        SessionRecord storage session = _session(sessionId);
        _checkInfo(routerInfo);
        session.routerMetadatas[_routerIndex(session, sessionId, routerAddress)] = routerInfo;
        emit RouterUpdated(routerAddress, routerInfo);
    }

    /// @inheritdoc ISessionRouters
    function removeRouter(uint256 sessionId, address routerAddress) external override onlySessionOwner(sessionId) {
        SessionRecord storage session = _session(sessionId);
        uint256 index = _routerIndex(session, sessionId, routerAddress);
        uint256 last = session.routerAddresses.length - 1;
        if (index != last) {
            session.routerAddresses[index] = session.routerAddresses[last];
            session.routerMetadatas[index] = session.routerMetadatas[last];
        }
        session.routerAddresses.pop();
        session.routerMetadatas.pop();
        emit RouterRemoved(routerAddress);
    }

    /// @inheritdoc ISessionRouters
    function resetAllRouters(uint256 sessionId) external override onlySessionOwner(sessionId) {
        SessionRecord storage session = _session(sessionId);
        delete session.routerAddresses;
        delete session.routerMetadatas;
        emit AllRoutersRemoved(sessionId);
    }

    function _checkInfo(string calldata info) private pure {
        if (bytes(info).length > MAX_INFO_LENGTH) revert RouterInfoTooLong(bytes(info).length, MAX_INFO_LENGTH);
        _requireUtf8(info);
    }

    function _routerIndex(SessionRecord storage session, uint256 sessionId, address router)
        private
        view
        returns (uint256)
    {
        (bool found, uint256 index) = _findRouter(session, router);
        if (!found) revert RouterNotFound(sessionId, router);
        return index;
    }

    function _findRouter(SessionRecord storage session, address router)
        private
        view
        returns (bool found, uint256 index)
    {
        uint256 count = session.routerAddresses.length;
        for (; index < count; ++index) {
            if (session.routerAddresses[index] == router) return (true, index);
        }
    }
}
