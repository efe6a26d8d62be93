// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity 0.8.37;

/// @title Money of sessions and miners
/// @notice Deposits = what sessions have available + what tasks in flight reserve + what miners earned and did not
/// withdraw yet + what was withdrawn, to the wei.
interface ISessionPayment {
    // ---- Errors ----

    /// @notice An amount of zero.
    error ZeroAmount();

    /// @notice The caller earned nothing that it did not withdraw already.
    error NothingToWithdraw(address miner);

    /// @notice The receiver refused the payment.
    error TransferFailed(address to, uint256 amount);

    // ---- Events ----

    /// @notice A deposit to a session, by anyone.
    event DepositToSession(uint256 indexed sessionId, address indexed from, uint256 amount);

    /// @notice A withdrawal from a session by its owner.
    event WithdrawFromSession(uint256 indexed sessionId, address indexed to, uint256 amount);

    /// @notice A withdrawal by a miner of what it earned.
    event EarningsWithdrawn(address indexed miner, uint256 amount);

    // ---- Functions ----

    /// @notice Adds the value sent to an active session's balance.
    function depositToSession(uint256 sessionId) external payable;

    /// @notice Pays out from what the session has available; what tasks in flight reserve stays. Only the session's
    /// owner, whether or not the session is active.
    function withdrawFromSession(uint256 sessionId, uint256 amount) external;

    /// @notice Pays the caller all that it earned.
    function withdrawEarnings() external;

    // ---- Views ----

    /// @notice A session's balance, in wei: for withdrawals and new tasks, and reserved by tasks in flight.
    function getSessionBalance(uint256 sessionId) external view returns (uint256 available, uint256 reserved);

    /// @notice What a miner earned and did not withdraw yet, in wei.
    function getEarnings(address miner) external view returns (uint256);
}
