// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity 0.8.37;

/// @title The check that a text is UTF-8
/// @notice The ABI's `string` may hold any bytes; clients such as ethers.js throw when they decode what is no UTF-8, and
/// one such text in a list makes the whole list unreadable.
library Utf8 {
    /// @dev The highest bit of each byte: zero in a word of ASCII.
    uint256 private constant NOT_ASCII = 0x8080808080808080808080808080808080808080808080808080808080808080;

    /// @notice The first byte that starts no well-formed character (RFC 3629: shortest forms, no surrogates, up to
    /// U+10FFFF), or the text's length if there is none.
    function firstInvalid(bytes calldata text) internal pure returns (uint256 place) {
        uint256 length = text.length;
        if (_isAscii(text)) return length;
        // Unchecked: `place` never passes `length`, and the other numbers are bytes.
        unchecked {
            while (place < length) {
                uint256 word;
                // Assembly: Solidity reads calldata byte by byte.
                assembly ("memory-safe") {
                    word := calldataload(add(text.offset, place))
                }
                uint256 left = length - place;
                if (left >= 32 && word & NOT_ASCII == 0) {
                    place += 32;
                    continue;
                }
                uint256 size = _characterSize(word);
                if (size == 0 || size > left) return place;
                place += size;
            }
        }
    }

    /// @dev Assembly, as above. What lies behind the end of the last word is shifted out.
    function _isAscii(bytes calldata text) private pure returns (bool ascii) {
        assembly ("memory-safe") {
            let bits := 0
            let end := add(text.offset, text.length)
            let place := text.offset
            for {} gt(sub(end, place), 31) { place := add(place, 32) } { bits := or(bits, calldataload(place)) }
            bits := or(bits, shr(sub(256, shl(3, sub(end, place))), calldataload(place)))
            ascii := iszero(and(bits, NOT_ASCII))
        }
    }

    /// @dev Bytes of the character at the start of `word`; 0 if it is not well-formed.
    function _characterSize(uint256 word) private pure returns (uint256 size) {
        uint256 first = word >> 248;
        if (first < 0x80) return 1;
        if (first < 0xC2 || first > 0xF4) return 0;
        size = first < 0xE0 ? 2 : first < 0xF0 ? 3 : 4;
        uint256 second = (word >> 240) & 0xFF;
        // The second byte's range excludes longer forms of smaller characters, surrogates and what is above U+10FFFF.
        uint256 least = first == 0xE0 ? 0xA0 : first == 0xF0 ? 0x90 : 0x80;
        uint256 most = first == 0xED ? 0x9F : first == 0xF4 ? 0x8F : 0xBF;
        if (second < least || second > most) return 0;
        if (size > 2 && (word >> 232) & 0xC0 != 0x80) return 0;
        if (size > 3 && (word >> 224) & 0xC0 != 0x80) return 0;
    }
}
