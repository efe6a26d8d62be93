// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity 0.8.37;

import {Owned} from "./base/Owned.sol";
import {INodePool} from "./interfaces/INodePool.sol";

/// @title The pool of registered miners
/// @notice Miners lie in one list of three zones, [idle | shared | held]. A miner changes zone by a swap with the
/// miner at the border, so drawing never searches: its cost does not grow with the pool, however many are held.
contract NodePool is INodePool, Owned {
    /// @dev One slot. `position` is the index in the list plus one, 0 outside the pool; `holder` is the id of the
    /// session that has the miner to itself plus one, 0 if none does.
    struct Miner {
        uint32 position;
        uint32 shares;
        uint64 holder;
    }

    /// @dev One slot: where the zones end, and where the next rotation through the shared zone starts.
    struct Zones {
        uint32 idleEnd;
        uint32 sharedEnd;
        uint32 heldEnd;
        uint32 cursor;
    }

    /// @inheritdoc INodePool
    address public override session;

    Zones internal _zones;
    mapping(uint256 index => address) internal _list;
    mapping(bytes32 nodeId => Miner) internal _miners;

    modifier onlySession() {
        if (msg.sender != session) revert OnlySession(msg.sender);
        _;
    }

    // ---- Miners ----

    /// @inheritdoc INodePool
    function register() external override {
        bytes32 nodeId = getNodeId(msg.sender);
        Miner storage miner = _miners[nodeId];
        if (miner.position != 0) revert AlreadyRegistered(msg.sender);

        Zones memory zones = _zones;
        uint256 index = zones.heldEnd++;
        _place(msg.sender, index);
        if (miner.holder == 0) _leaveHeld(zones, index, miner.shares == 0);
        _zones = zones;
        emit MinerRegistered(msg.sender, nodeId);
    }

    /// @inheritdoc INodePool
    function unregister() external override {
        bytes32 nodeId = getNodeId(msg.sender);
        Miner storage miner = _miners[nodeId];
        if (miner.position == 0) revert NotRegistered(msg.sender);
        if (miner.holder != 0) revert MinerHeld(msg.sender, miner.holder - 1);

        Zones memory zones = _zones;
        uint256 index = _enterHeld(zones, miner.position - 1);
        _swap(index, --zones.heldEnd);
        delete _list[zones.heldEnd];
        miner.position = 0;
        _zones = zones;
        emit MinerUnregistered(msg.sender, nodeId);
    }

    // ---- The session contract ----

    /// @inheritdoc INodePool
    function draw(uint256 sessionId, uint256 count, bool reserve, address[] calldata held)
        external
        override
        onlySession
        returns (address[] memory miners)
    {
        Zones memory zones = _zones;
        uint256 available = reserve ? zones.idleEnd : zones.sharedEnd;
        miners = new address[](count < available ? count : available);
        uint256 drawn;
        // The rotation goes over those that were shared before this draw: the idle ones are taken first.
        uint256 rotationStart = zones.idleEnd;

        for (; drawn < miners.length && zones.idleEnd != 0; ++drawn) {
            miners[drawn] = reserve ? _reserveIdle(zones, sessionId) : _shareIdle(zones);
        }
        if (!reserve) drawn = _rotate(zones, rotationStart, miners, drawn, held);
        _zones = zones;
        // Rotation may have skipped miners that the session has already.
        assembly ("memory-safe") {
            mstore(miners, drawn)
        }
    }

    /// @inheritdoc INodePool
    function hold(uint256 sessionId, address node) external override onlySession {
        Miner storage miner = _miners[getNodeId(node)];
        if (miner.holder != 0) revert MinerHeld(node, miner.holder - 1);
        if (miner.shares != 0) revert MinerShared(node, miner.shares);

        if (miner.position != 0) {
            Zones memory zones = _zones;
            _enterHeld(zones, miner.position - 1);
            _zones = zones;
        }
        miner.holder = uint64(sessionId + 1);
    }

    /// @inheritdoc INodePool
    function release(address node) external override onlySession {
        Miner storage miner = _miners[getNodeId(node)];
        Zones memory zones = _zones;
        if (miner.holder != 0) {
            miner.holder = 0;
            if (miner.position == 0) return;
            _leaveHeld(zones, miner.position - 1, true);
        } else {
            if (--miner.shares != 0 || miner.position == 0) return;
            _swap(miner.position - 1, zones.idleEnd++);
        }
        _zones = zones;
    }

    // ---- Set-up ----

    /// @inheritdoc INodePool
    function setSession(address session_) external override onlyOwner {
        if (session != address(0)) revert SessionAlreadySet(session);
        session = session_;
    }

    // ---- Views ----

    /// @inheritdoc INodePool
    function getNodeId(address miner) public pure override returns (bytes32) {
        return keccak256(abi.encodePacked(miner));
    }

    /// @inheritdoc INodePool
    function isRegistered(address miner) external view override returns (bool) {
        return _miners[getNodeId(miner)].position != 0;
    }

    /// @inheritdoc INodePool
    function getCounts() external view override returns (uint256 idle, uint256 shared, uint256 held) {
        Zones memory zones = _zones;
        return (zones.idleEnd, zones.sharedEnd - zones.idleEnd, zones.heldEnd - zones.sharedEnd);
    }

    /// @inheritdoc INodePool
    function getHolder(bytes32 nodeId) external view override returns (bool isHeld, uint256 sessionId) {
        uint256 holder = _miners[nodeId].holder;
        if (holder != 0) return (true, holder - 1);
    }

    /// @inheritdoc INodePool
    function getShares(address miner) external view override returns (uint256) {
        return _miners[getNodeId(miner)].shares;
    }

    // ---- Drawing ----

    /// @dev The last idle miner becomes the first shared one: only the border moves.
    function _shareIdle(Zones memory zones) internal returns (address node) {
        node = _list[--zones.idleEnd];
        _miners[getNodeId(node)].shares = 1;
    }

    function _reserveIdle(Zones memory zones, uint256 sessionId) internal returns (address node) {
        node = _list[zones.idleEnd - 1];
        _miners[getNodeId(node)].holder = uint64(sessionId + 1);
        _enterHeld(zones, zones.idleEnd - 1);
    }

    /// @dev Walks once through [start, sharedEnd) from the cursor until `miners` is full.
    function _rotate(Zones memory zones, uint256 start, address[] memory miners, uint256 drawn, address[] calldata held)
        internal
        returns (uint256)
    {
        uint256 length = zones.sharedEnd - start;
        if (drawn == miners.length || length == 0) return drawn;
        uint256 cursor = zones.cursor % length;
        for (uint256 step; step < length && drawn < miners.length; ++step) {
            address node = _list[start + cursor];
            cursor = cursor + 1 == length ? 0 : cursor + 1;
            if (_contains(held, node)) continue;
            ++_miners[getNodeId(node)].shares;
            miners[drawn++] = node;
        }
        zones.cursor = uint32(cursor);
        return drawn;
    }

    function _contains(address[] calldata nodes, address node) internal pure returns (bool) {
        for (uint256 i; i < nodes.length; ++i) {
            if (nodes[i] == node) return true;
        }
        return false;
    }

    // ---- Zones ----

    /// @dev Moves the idle or shared miner at `index` to the first place of the held zone, and returns that place.
    function _enterHeld(Zones memory zones, uint256 index) internal returns (uint256) {
        if (index < zones.idleEnd) {
            _swap(index, --zones.idleEnd);
            index = zones.idleEnd;
        }
        _swap(index, --zones.sharedEnd);
        return zones.sharedEnd;
    }

    /// @dev Moves the held miner at `index` to the shared zone or, through it, to the idle one.
    function _leaveHeld(Zones memory zones, uint256 index, bool toIdle) internal {
        _swap(index, zones.sharedEnd++);
        if (toIdle) _swap(zones.sharedEnd - 1, zones.idleEnd++);
    }

    function _swap(uint256 a, uint256 b) internal {
        if (a == b) return;
        (address first, address second) = (_list[a], _list[b]);
        _place(first, b);
        _place(second, a);
    }

    function _place(address node, uint256 index) internal {
        _list[index] = node;
        _miners[getNodeId(node)].position = uint32(index + 1);
    }
}
