// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity 0.8.37;

import {ITextErrors} from "../interfaces/ITextErrors.sol";
import {Utf8} from "../libraries/Utf8.sol";

/// @title The check of every text that a reader gets back
abstract contract Texts is ITextErrors {
    function _requireUtf8(string calldata text) internal pure {
        uint256 place = Utf8.firstInvalid(bytes(text));
        if (place != bytes(text).length) revert InvalidUtf8(place);
    }
}
