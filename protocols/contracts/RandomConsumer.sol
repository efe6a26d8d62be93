// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity 0.8.37;

import {VRFConsumerBaseV2Plus} from "@chainlink/contracts/src/v0.8/vrf/dev/VRFConsumerBaseV2Plus.sol";
import {VRFV2PlusClient} from "@chainlink/contracts/src/v0.8/vrf/dev/libraries/VRFV2PlusClient.sol";

/// @title A consumer of Chainlink VRF: asks for random words and keeps the first of each answer
contract RandomConsumer is VRFConsumerBaseV2Plus {
    uint32 internal constant CALLBACK_GAS = 100_000;

    mapping(uint256 requestId => address) public requesterOf;
    mapping(uint256 requestId => uint256) public firstWordOf;

    event RandomnessReceived(uint256 indexed requestId, address indexed requester, uint256 firstWord);

    constructor(address coordinator) VRFConsumerBaseV2Plus(coordinator) {}

    /// @notice Asks for so many random words, paid for in ether by the subscription.
    function request(uint256 subId, bytes32 keyHash, uint32 numWords) external returns (uint256 requestId) {
        VRFV2PlusClient.ExtraArgsV1 memory extra = VRFV2PlusClient.ExtraArgsV1({nativePayment: true});
        requestId = s_vrfCoordinator.requestRandomWords(
            VRFV2PlusClient.RandomWordsRequest({
                keyHash: keyHash,
                subId: subId,
                requestConfirmations: 3,
                callbackGasLimit: CALLBACK_GAS,
                numWords: numWords,
                extraArgs: VRFV2PlusClient._argsToBytes(extra)
            })
        );
        requesterOf[requestId] = msg.sender;
    }

    function fulfillRandomWords(uint256 requestId, uint256[] calldata randomWords) internal override {
        firstWordOf[requestId] = randomWords[0];
        emit RandomnessReceived(requestId, requesterOf[requestId], randomWords[0]);
    }
}
