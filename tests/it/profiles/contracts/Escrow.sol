// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity ^0.8.30;

/// @notice Disputes after ERC-792, numbered by themselves.
contract Court {
    event DisputeCreation(uint256 indexed _disputeID, address indexed _arbitrable);

    address[] private arbitrables;

    function createDispute() external returns (uint256 disputeID) {
        arbitrables.push(msg.sender);
        disputeID = 1000 + 7 * arbitrables.length;
        emit DisputeCreation(disputeID, msg.sender);
    }

    function giveRuling(uint256 disputeID, uint256 ruling) external {
        Escrow(arbitrables[(disputeID - 1000) / 7 - 1]).rule(disputeID, ruling);
    }
}

/// @notice Deposits for the tests of profiles. Only return values tell the id of a deposit, and that of its dispute.
contract Escrow {
    event Ruling(address indexed _arbitrator, uint256 indexed _disputeID, uint256 _ruling);

    error NotYours(uint256 id, address owner);

    Court public immutable court;
    address[] private owners;
    mapping(uint256 => uint256) public disputeOf;
    mapping(uint256 => uint256) private depositOf;

    constructor(Court court_) {
        court = court_;
    }

    function create(string calldata) external returns (uint256 id) {
        owners.push(msg.sender);
        return owners.length - 1;
    }

    function contest(uint256 id) external returns (uint256 disputeID, address arbitrator) {
        require(owners[id] == msg.sender, NotYours(id, owners[id]));
        disputeID = court.createDispute();
        disputeOf[id] = disputeID;
        depositOf[disputeID] = id;
        return (disputeID, address(court));
    }

    function rule(uint256 disputeID, uint256 ruling) external {
        require(msg.sender == address(court), "not the court");
        require(owners[depositOf[disputeID]] != address(0), string.concat("ruled already: ", digits(depositOf[disputeID])));
        delete owners[depositOf[disputeID]];
        emit Ruling(msg.sender, disputeID, ruling);
    }

    function digits(uint256 number) private pure returns (string memory) {
        bytes memory text = new bytes(3);
        for (uint256 place = 3; place > 0; place--) {
            text[place - 1] = bytes1(uint8(48 + number % 10));
            number /= 10;
        }
        return string(text);
    }
}
