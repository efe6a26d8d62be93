// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity 0.8.37;

/// @title What the task queue asks of the session contract
interface ISessionTasks {
    /// @notice Checks that `submitter` may submit to the session now, numbers the task, picks its miners and reserves
    /// their price. One call, so that a submission pays for one. Only the queue.
    /// @param price per miner, in wei
    function takeTask(uint256 sessionId, address submitter, uint256 price)
        external
        returns (uint256 taskId, address[] memory miners);

    /// @notice Pays the miners that committed and gives the rest of the reserved price back. Only the queue.
    /// @param price per miner, in wei
    /// @param assigned how many miners the price was reserved for
    function settle(uint256 sessionId, address[] calldata paid, uint256 price, uint256 assigned) external;

    /// @notice How many tasks the session has had.
    function getTaskCount(uint256 sessionId) external view returns (uint256);
}
