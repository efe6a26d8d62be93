// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity 0.8.37;

/// @title A contract with one privileged account
/// @notice Error and event names are OpenZeppelin's, so that existing tools decode them.
interface IOwned {
    // ---- Errors ----

    /// @notice The caller is not the contract's owner.
    error OwnableUnauthorizedAccount(address account);

    /// @notice The zero address cannot own the contract.
    error OwnableInvalidOwner(address owner);

    // ---- Events ----

    /// @notice The contract has a new owner; at deployment the previous one is zero.
    event OwnershipTransferred(address indexed previousOwner, address indexed newOwner);

    // ---- Functions ----

    /// @notice The contract's owner.
    function owner() external view returns (address);

    /// @notice Hands the contract over. Only the owner.
    function transferOwnership(address newOwner) external;
}
