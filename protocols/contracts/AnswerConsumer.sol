// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity 0.8.37;

/// @title Keeps the answers of an Airnode to requests
contract AnswerConsumer {
    address public immutable airnodeRrp;
    mapping(bytes32 requestId => uint256) public answerOf;

    error NotAirnodeRrp(address caller);

    constructor(address airnodeRrp_) {
        airnodeRrp = airnodeRrp_;
    }

    function receiveAnswer(bytes32 requestId, bytes calldata data) external {
        if (msg.sender != airnodeRrp) revert NotAirnodeRrp(msg.sender);
        answerOf[requestId] = abi.decode(data, (uint256));
    }
}
