// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity 0.8.37;

/// @title Refusals of texts
interface ITextErrors {
    /// @notice A text that is no UTF-8 from this byte on.
    error InvalidUtf8(uint256 place);
}
