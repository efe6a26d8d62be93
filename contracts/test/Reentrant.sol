// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity 0.8.37;

/// @title A receiver of payments that calls back
/// @notice Test double: it stands for an owner or a miner whose code calls the payer again while being paid.
contract Reentrant {
    address internal _target;
    bytes internal _callback;

    /// @notice Whether the last call back succeeded.
    bool public callbackSucceeded;

    /// @notice How often it was paid.
    uint256 public received;

    receive() external payable {
        ++received;
        if (_callback.length == 0) return;
        (callbackSucceeded,) = _target.call(_callback);
        // Passing the refusal on would hide whether the payer protects itself, so it is only recorded.
    }

    /// @notice What to call while being paid; nothing if `callback` is empty.
    function arm(address target, bytes calldata callback) external {
        _target = target;
        _callback = callback;
    }

    /// @notice Calls `target` as this contract.
    function forward(address target, bytes calldata data) external payable returns (bytes memory) {
        (bool success, bytes memory output) = target.call{value: msg.value}(data);
        if (!success) {
            assembly ("memory-safe") {
                revert(add(output, 32), mload(output))
            }
        }
        return output;
    }
}
