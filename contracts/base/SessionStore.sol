// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity 0.8.37;

import {ISessionV2, SessionState} from "../interfaces/ISessionV2.sol";
import {Texts} from "./Texts.sol";

/// @title Where sessions lie in storage, and who may act on them
abstract contract SessionStore is ISessionV2, Texts {
    /// @dev Everything a submission needs is in the first slot; the balance is in the second, read if there is a price.
    struct SessionRecord {
        address owner;
        bool deactivated;
        uint8 redundant;
        uint16 ephemeralCount;
        uint16 dedicatedCount;
        uint16 minNumOfNodes;
        uint32 taskCount;
        // ---- second slot
        uint128 available;
        uint128 reserved;
        // ---- third slot
        uint64 createdAt;
        uint64 updatedAt;
        uint16 maxNumOfNodes;
        uint16 numOfValidatorNodes;
        uint8 mode;
        bool reserveEphemeralNodes;
        // ---- a slot or more each
        bytes32 sid;
        string name;
        string metadata;
        mapping(uint256 index => address) ephemeralNodes;
        mapping(uint256 index => address) dedicatedNodes;
        address[] routerAddresses;
        string[] routerMetadatas;
    }

    /// @dev A mapping, since an array's length would be one more slot to load; what exists has an owner.
    mapping(uint256 sessionId => SessionRecord) internal _sessions;
    uint256 internal _sessionCount;

    modifier onlySessionOwner(uint256 sessionId) {
        if (_session(sessionId).owner != msg.sender) revert NotSessionOwner(sessionId, msg.sender);
        _;
    }

    function _session(uint256 sessionId) internal view returns (SessionRecord storage session) {
        session = _sessions[sessionId];
        if (session.owner == address(0)) revert SessionNotFound(sessionId);
    }

    function _requireActive(uint256 sessionId) internal view {
        if (_session(sessionId).deactivated) revert SessionInactive(sessionId);
    }

    function _state(SessionRecord storage session) internal view returns (SessionState) {
        return session.deactivated ? SessionState.Deactivated : SessionState.Active;
    }
}
