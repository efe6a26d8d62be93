// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity ^0.8.30;

/// @notice Addresses by name, which its owner sets.
contract Registry {
    error NotOwner(address sender);

    address private immutable owner = msg.sender;
    mapping(string => address) public addressOf;

    function set(string calldata name, address value) external {
        require(msg.sender == owner, NotOwner(msg.sender));
        addressOf[name] = value;
    }
}

/// @notice Carries out operations that their senders sign off the chain, several in one call.
contract Relay {
    enum Kind {
        Plain,
        Urgent
    }

    struct Operation {
        address sender;
        uint256 nonce;
        Kind kind;
        uint64 fee;
        bytes data;
    }

    event Handled(bytes32 indexed hash, address indexed sender, Kind kind);
    event Finished(bytes32 indexed hash, bytes data);

    /// @notice The registry has no address of this name.
    error Missing(string name);

    address public immutable bank;
    mapping(address => mapping(uint256 => bool)) public isUsed;
    mapping(bytes32 => address) public senderOf;

    constructor(Registry registry, address expected) {
        bank = registry.addressOf("bank");
        require(bank != address(0), Missing("bank"));
        require(bank == expected, "another bank");
    }

    function hashOf(Operation memory operation) public view returns (bytes32) {
        return keccak256(abi.encode(block.chainid, address(this), operation));
    }

    function handle(Operation[] calldata operations) external {
        for (uint256 i = 0; i < operations.length; ++i) {
            Operation calldata operation = operations[i];
            require(!isUsed[operation.sender][operation.nonce], "nonce used");
            isUsed[operation.sender][operation.nonce] = true;
            bytes32 hash = hashOf(operation);
            senderOf[hash] = operation.sender;
            emit Handled(hash, operation.sender, operation.kind);
        }
    }

    /// @notice Costs little, and asks for much gas.
    function finish(bytes32 hash) external {
        require(gasleft() >= 400_000, "give it enough gas");
        require(senderOf[hash] != address(0), "no such operation");
        emit Finished(hash, abi.encode(hash, uint256(7)));
    }
}
