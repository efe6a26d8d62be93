// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity 0.8.37;

/// @title A receiver of payments with a will of its own
/// @notice Test double: an owner or a miner whose code refuses payments, or calls the payer again while being paid.
contract Receiver {
    address internal _target;
    bytes internal _callback;

    /// @notice Whether it refuses payments.
    bool public refuses;

    /// @notice Whether the last call back succeeded.
    bool public callbackSucceeded;

    /// @notice How often it was paid.
    uint256 public payments;

    receive() external payable {
        require(!refuses);
        ++payments;
        // A refused call back is only recorded: passing the refusal on would hide whether the payer protects itself.
        if (_callback.length != 0) (callbackSucceeded,) = _target.call(_callback);
    }

    /// @notice Whether to refuse payments from now on.
    function setRefuses(bool refuses_) external {
        refuses = refuses_;
    }

    /// @notice What to call while being paid; nothing if `callback` is empty.
    function arm(address target, bytes calldata callback) external {
        _target = target;
        _callback = callback;
    }

    /// @notice Calls `target` as this contract.
    function forward(address target, bytes calldata data) external {
        (bool success, bytes memory output) = target.call(data);
        if (success) return;
        assembly ("memory-safe") {
            revert(add(output, 32), mload(output))
        }
    }
}
