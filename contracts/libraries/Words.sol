// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity 0.8.37;

/// @title Byte strings in consecutive storage slots, without a length slot
/// @notice The length is kept by the caller, packed among other facts: Solidity's own `string` takes one slot more.
library Words {
    /// @notice Writes `data` from word `first` on to the slots that follow `slot`.
    /// @dev Assembly, since Solidity cannot read a calldata string word by word. The last word may carry bytes from
    /// behind the string's end; readers go by the length, so they never see them.
    function write(uint256 slot, bytes calldata data, uint256 first) internal {
        assembly ("memory-safe") {
            for { let offset := shl(5, first) } lt(offset, data.length) { offset := add(offset, 32) } {
                sstore(slot, calldataload(add(data.offset, offset)))
                slot := add(slot, 1)
            }
        }
    }

    /// @notice The first word of `data`, zero behind its end.
    function head(bytes calldata data) internal pure returns (bytes32) {
        return bytes32(data);
    }

    /// @notice Reads `length` bytes: the first word from `headSlot`, the others from `tailSlot` on.
    function read(uint256 headSlot, uint256 tailSlot, uint256 length) internal view returns (string memory data) {
        data = new string(length);
        if (length == 0) return data;
        assembly ("memory-safe") {
            mstore(add(data, 32), sload(headSlot))
            for { let offset := 32 } lt(offset, length) { offset := add(offset, 32) } {
                mstore(add(add(data, 32), offset), sload(tailSlot))
                tailSlot := add(tailSlot, 1)
            }
        }
    }
}
