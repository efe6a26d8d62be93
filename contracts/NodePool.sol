// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity 0.8.37;

import {Owned} from "./base/Owned.sol";
import {INodePool} from "./interfaces/INodePool.sol";

/// @title The pool of registered miners
/// @notice Idle miners wait in a queue: who registers or is released waits at its end, and sessions draw from its head.
/// The others lie in a list of two zones, [shared | held]. A miner changes zone by a swap with the miner at the border, so
/// nothing here searches: drawing costs the same in a pool of any size, however many are held.
contract NodePool is INodePool, Owned {
    /// @dev One slot. `ticket` is the place in the queue plus one, `position` the index in the list plus one; a registered
    /// miner has one of them. `holder` is the id of the session that has the miner to itself plus one, 0 if none does.
    struct Miner {
        uint64 ticket;
        uint32 position;
        uint32 shares;
        uint64 holder;
    }

    /// @dev One slot: where the queue starts and ends, where the list's zones end, and where the next rotation through the
    /// shared zone starts.
    struct Zones {
        uint64 head;
        uint64 tail;
        uint32 sharedEnd;
        uint32 heldEnd;
        uint32 cursor;
    }

    /// @inheritdoc INodePool
    address public override session;

    Zones internal _zones;
    mapping(uint256 place => address) internal _queue;
    mapping(uint256 index => address) internal _list;
    mapping(bytes32 nodeId => Miner) internal _miners;

    /// @inheritdoc INodePool
    mapping(address node => address sessionOwner) public override getDedicationAllowance;

    modifier onlySession() {
        if (msg.sender != session) revert OnlySession(msg.sender);
        _;
    }

    // ---- Miners ----

    /// @inheritdoc INodePool
    function register() external override {
        bytes32 nodeId = getNodeId(msg.sender);
        Miner storage miner = _miners[nodeId];
        if (_isRegistered(miner)) revert AlreadyRegistered(msg.sender);

        Zones memory zones = _zones;
        if (miner.holder != 0) _addHeld(zones, msg.sender);
        else if (miner.shares != 0) _addShared(zones, msg.sender);
        else _enqueue(zones, msg.sender);
        _zones = zones;
        emit MinerRegistered(msg.sender, nodeId);
    }

    /// @inheritdoc INodePool
    function unregister() external override {
        bytes32 nodeId = getNodeId(msg.sender);
        Miner storage miner = _miners[nodeId];
        if (!_isRegistered(miner)) revert NotRegistered(msg.sender);
        if (miner.holder != 0) revert MinerHeld(msg.sender, miner.holder - 1);

        Zones memory zones = _zones;
        if (miner.ticket != 0) _leaveQueue(zones, miner);
        else _leaveList(zones, miner);
        _zones = zones;
        emit MinerUnregistered(msg.sender, nodeId);
    }

    /// @inheritdoc INodePool
    function allowDedication(address sessionOwner) external override {
        getDedicationAllowance[msg.sender] = sessionOwner;
        emit DedicationAllowed(msg.sender, sessionOwner);
    }

    // ---- The session contract ----

    /// @inheritdoc INodePool
    function draw(uint256 sessionId, uint256 required, uint256 count, bool reserve, address[] calldata held)
        external
        override
        onlySession
        returns (address[] memory miners)
    {
        Zones memory zones = _zones;
        uint256 idle = zones.tail - zones.head;
        if (reserve) {
            miners = new address[](_min(idle, _min(count, required + _spare(zones, required))));
            for (uint256 i; i < miners.length; ++i) {
                miners[i] = _reserveNext(zones, sessionId);
            }
        } else {
            miners = new address[](_min(count, idle + zones.sharedEnd));
            uint256 drawn = _share(zones, miners, held);
            // Rotation may have skipped miners that the session has already.
            assembly ("memory-safe") {
                mstore(miners, drawn)
            }
        }
        _zones = zones;
    }

    /// @inheritdoc INodePool
    function hold(uint256 sessionId, address sessionOwner, address node) external override onlySession {
        if (getDedicationAllowance[node] != sessionOwner) revert DedicationNotAllowed(node, sessionOwner);
        Miner storage miner = _miners[getNodeId(node)];
        if (miner.holder != 0) revert MinerHeld(node, miner.holder - 1);
        if (miner.shares != 0) revert MinerShared(node, miner.shares);

        if (miner.ticket != 0) {
            Zones memory zones = _zones;
            _leaveQueue(zones, miner);
            _addHeld(zones, node);
            _zones = zones;
        }
        miner.holder = uint64(sessionId + 1);
    }

    /// @inheritdoc INodePool
    function release(address node) external override onlySession {
        Miner storage miner = _miners[getNodeId(node)];
        if (miner.holder != 0) miner.holder = 0;
        else if (--miner.shares != 0) return;
        if (miner.position == 0) return;

        Zones memory zones = _zones;
        _leaveList(zones, miner);
        _enqueue(zones, node);
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
        return _isRegistered(_miners[getNodeId(miner)]);
    }

    /// @inheritdoc INodePool
    function getCounts() external view override returns (uint256 idle, uint256 shared, uint256 held) {
        Zones memory zones = _zones;
        return (zones.tail - zones.head, zones.sharedEnd, zones.heldEnd - zones.sharedEnd);
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

    /// @dev Miners that a session may reserve beyond the `required` ones, so that half of the pool stays free.
    function _spare(Zones memory zones, uint256 required) internal pure returns (uint256) {
        uint256 registered = zones.tail - zones.head + zones.heldEnd;
        uint256 taken = zones.heldEnd - zones.sharedEnd + required;
        return taken < registered / 2 ? registered / 2 - taken : 0;
    }

    /// @dev The idle miner whose turn it is, for one session alone.
    function _reserveNext(Zones memory zones, uint256 sessionId) internal returns (address node) {
        node = _dequeue(zones);
        _addHeld(zones, node);
        _miners[getNodeId(node)].holder = uint64(sessionId + 1);
    }

    /// @dev Fills `miners` with idle and shared ones in proportion to their numbers, so that a few newcomers cannot take
    /// every seat where the pool is at work. Returns how many it found.
    function _share(Zones memory zones, address[] memory miners, address[] calldata held)
        internal
        returns (uint256 drawn)
    {
        uint256 shared = zones.sharedEnd;
        uint256 idle = zones.tail - zones.head;
        if (idle != 0) idle = (miners.length * idle + idle + shared - 1) / (idle + shared);
        for (; drawn < idle; ++drawn) {
            miners[drawn] = _shareNext(zones);
        }
        drawn = _rotate(zones, shared, miners, drawn, held);
        for (; drawn < miners.length && zones.head != zones.tail; ++drawn) {
            miners[drawn] = _shareNext(zones);
        }
    }

    function _shareNext(Zones memory zones) internal returns (address node) {
        node = _dequeue(zones);
        _addShared(zones, node);
        _miners[getNodeId(node)].shares = 1;
    }

    /// @dev Walks once through the first `length` shared miners, from the cursor on, until `miners` is full.
    function _rotate(Zones memory zones, uint256 length, address[] memory miners, uint256 drawn, address[] calldata held)
        internal
        returns (uint256)
    {
        if (drawn == miners.length || length == 0) return drawn;
        uint256 cursor = zones.cursor % length;
        for (uint256 step; step < length && drawn < miners.length; ++step) {
            address node = _list[cursor];
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

    // ---- The queue ----

    function _isRegistered(Miner storage miner) internal view returns (bool) {
        return miner.ticket != 0 || miner.position != 0;
    }

    function _enqueue(Zones memory zones, address node) internal {
        _queue[zones.tail] = node;
        _miners[getNodeId(node)].ticket = ++zones.tail;
    }

    function _dequeue(Zones memory zones) internal returns (address node) {
        node = _queue[zones.head];
        delete _queue[zones.head++];
        _miners[getNodeId(node)].ticket = 0;
    }

    /// @dev The last of the queue takes the place of one that leaves it, so the queue has no gaps to skip.
    function _leaveQueue(Zones memory zones, Miner storage miner) internal {
        uint64 ticket = miner.ticket;
        address last = _queue[--zones.tail];
        _queue[ticket - 1] = last;
        _miners[getNodeId(last)].ticket = ticket;
        delete _queue[zones.tail];
        miner.ticket = 0;
    }

    // ---- The list ----

    function _addHeld(Zones memory zones, address node) internal {
        _place(node, zones.heldEnd++);
    }

    /// @dev The first held miner makes room at the border.
    function _addShared(Zones memory zones, address node) internal {
        if (zones.sharedEnd != zones.heldEnd) _place(_list[zones.sharedEnd], zones.heldEnd);
        ++zones.heldEnd;
        _place(node, zones.sharedEnd++);
    }

    /// @dev The last of its zone takes its place; from the shared zone, the last held one takes that one's.
    function _leaveList(Zones memory zones, Miner storage miner) internal {
        uint256 index = miner.position - 1;
        if (index < zones.sharedEnd) {
            uint256 border = --zones.sharedEnd;
            if (index != border) _place(_list[border], index);
            index = border;
        }
        uint256 last = --zones.heldEnd;
        if (index != last) _place(_list[last], index);
        delete _list[last];
        miner.position = 0;
    }

    function _min(uint256 a, uint256 b) internal pure returns (uint256) {
        return a < b ? a : b;
    }

    function _place(address node, uint256 index) internal {
        _list[index] = node;
        _miners[getNodeId(node)].position = uint32(index + 1);
    }
}
