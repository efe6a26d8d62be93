// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity ^0.8.30;

/// @notice A fee, in a library that has to be linked.
library Fees {
    function feeOf(uint256 bond) external pure returns (uint256) {
        return bond / 40;
    }
}

/// @notice A market of questions for the tests of profiles: ask, answer with a higher bond, claim, or expire.
contract Market {
    struct Question {
        address asker;
        address answerer;
        bytes32 answer;
        uint256 bond;
        uint256 finalize;
    }

    event Asked(bytes32 indexed question, address indexed asker, uint256 bond, uint256 finalize);
    event Answered(bytes32 indexed question, bytes32 answer, address indexed answerer, uint256 bond, uint256 finalize);
    event Claimed(bytes32 indexed id, address winner, uint256 amount);
    event Expired(bytes32 indexed question);
    event Joined(address indexed member, uint64 ticket);
    event Noted(string text);
    event Noted(uint256 number);

    address public immutable keeper;
    uint256 public immutable timeout;
    uint64 public tickets;
    mapping(bytes32 => Question) public questions;

    constructor(address keeper_, uint256 timeout_) {
        keeper = keeper_;
        timeout = timeout_;
    }

    function join(address member) external {
        emit Joined(member, ++tickets);
    }

    function ask(bytes calldata text, uint256 nonce) external payable returns (bytes32 question) {
        question = keccak256(abi.encode(msg.sender, text, nonce));
        questions[question] = Question(msg.sender, address(0), 0, msg.value, block.timestamp + timeout);
        emit Asked(question, msg.sender, msg.value, block.timestamp + timeout);
    }

    function answer(bytes32 question, bytes32 text) external payable {
        Question storage q = questions[question];
        require(q.asker != address(0) && block.timestamp < q.finalize, "closed");
        require(msg.value >= q.bond, "bond too low");
        q.answer = text;
        q.answerer = msg.sender;
        q.bond += msg.value;
        q.finalize = block.timestamp + timeout;
        emit Answered(question, text, msg.sender, q.bond, q.finalize);
    }

    function claim(bytes32 question) external {
        Question memory q = questions[question];
        require(block.timestamp >= q.finalize, "too early");
        delete questions[question];
        uint256 amount = q.bond - Fees.feeOf(q.bond);
        if (q.answerer == address(0)) {
            emit Expired(question);
        } else {
            emit Claimed(question, q.answerer, amount);
            payable(q.answerer).transfer(amount);
        }
    }

    function bondOf(bytes32 question) external view returns (uint256) {
        return questions[question].bond;
    }
}
