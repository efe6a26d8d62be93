// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity 0.8.37;

/// @title Byte strings as the code of contracts
/// @notice A stored byte costs 200 gas as code, 691 in a fresh storage slot; each contract costs 32,000 gas more.
/// A string is cut into chunks of {CHUNK} bytes, the last one shorter. Storage holds the addresses of the contracts, one
/// a slot; the length is kept by the caller.
/// @dev The code of such a contract is a STOP byte, then the chunk: whoever calls it executes nothing.
library CodeStorage {
    /// @notice Bytes of data in one contract: the limit of EIP-170, less the STOP byte.
    uint256 internal constant CHUNK = 24_575;

    /// @notice Writes `data`: the first address to `headSlot`, the others from `tailSlot` on.
    /// @return success false if a contract could not be created: the caller must revert then
    function write(uint256 headSlot, uint256 tailSlot, bytes calldata data) internal returns (bool success) {
        uint256 slot = headSlot;
        // Unchecked: far below 2^256.
        unchecked {
            for (uint256 offset; offset < data.length; offset += CHUNK) {
                address holder = _create(data[offset:offset + _chunkLength(data.length, offset)]);
                if (holder == address(0)) return false;
                assembly ("memory-safe") {
                    sstore(slot, holder)
                }
                slot = tailSlot++;
            }
        }
        return true;
    }

    /// @notice Reads the `length` bytes that {write} was given.
    function read(uint256 headSlot, uint256 tailSlot, uint256 length) internal view returns (string memory data) {
        data = new string(length);
        uint256 slot = headSlot;
        // Unchecked: far below 2^256.
        unchecked {
            for (uint256 offset; offset < length; offset += CHUNK) {
                uint256 size = _chunkLength(length, offset);
                // From the byte after STOP.
                assembly ("memory-safe") {
                    extcodecopy(sload(slot), add(add(data, 32), offset), 1, size)
                }
                slot = tailSlot++;
            }
        }
    }

    /// @dev The length of the chunk at `offset`, which is below `length`.
    function _chunkLength(uint256 length, uint256 offset) private pure returns (uint256) {
        unchecked {
            uint256 left = length - offset;
            return left < CHUNK ? left : CHUNK;
        }
    }

    /// @dev Creates a contract with this chunk in its code; 0 if that fails. The init code is 10 bytes that return all
    /// that follows them:
    /// PUSH2 size | DUP1 | PUSH1 10 | PUSH0 | CODECOPY | PUSH0 | RETURN,
    /// then the STOP byte and the chunk; `size` is the chunk's length plus one. Memory beyond the free pointer is used
    /// and left free.
    function _create(bytes calldata chunk) private returns (address holder) {
        assembly ("memory-safe") {
            let pointer := mload(0x40)
            let header := or(0x61000080600a5f395ff300, shl(64, add(chunk.length, 1)))
            mstore(pointer, shl(168, header))
            calldatacopy(add(pointer, 11), chunk.offset, chunk.length)
            holder := create(0, pointer, add(chunk.length, 11))
        }
    }
}
