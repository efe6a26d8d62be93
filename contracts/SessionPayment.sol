// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity 0.8.37;

import {SessionStore} from "./base/SessionStore.sol";
import {ISessionPayment} from "./interfaces/ISessionPayment.sol";

/// @title Deposits, reservations, payouts and refunds; part of {SessionV2}
/// @notice Every payment out sets the balance first and calls last, so a receiver that calls back finds nothing left.
abstract contract SessionPayment is SessionStore {
    mapping(address miner => uint256) internal _earnings;

    // ---- Anyone ----

    /// @inheritdoc ISessionPayment
    function depositToSession(uint256 sessionId) external payable override {
        _requireActive(sessionId);
        if (msg.value == 0) revert ZeroAmount();
        _session(sessionId).available += uint128(msg.value);
        emit DepositToSession(sessionId, msg.sender, msg.value);
    }

    // ---- Session owners ----

    /// @inheritdoc ISessionPayment
    function withdrawFromSession(uint256 sessionId, uint256 amount) external override onlySessionOwner(sessionId) {
        if (amount == 0) revert ZeroAmount();
        SessionRecord storage session = _session(sessionId);
        uint256 available = session.available;
        if (available < amount) revert InsufficientDeposit(sessionId, available, amount);
        session.available = uint128(available - amount);
        emit WithdrawFromSession(sessionId, msg.sender, amount);
        _pay(msg.sender, amount);
    }

    // ---- Miners ----

    /// @inheritdoc ISessionPayment
    function withdrawEarnings() external override {
        uint256 amount = _earnings[msg.sender];
        if (amount == 0) revert NothingToWithdraw(msg.sender);
        _earnings[msg.sender] = 0;
        emit EarningsWithdrawn(msg.sender, amount);
        _pay(msg.sender, amount);
    }

    // ---- Views ----

    /// @inheritdoc ISessionPayment
    function getSessionBalance(uint256 sessionId) external view override returns (uint256 available, uint256 reserved) {
        SessionRecord storage session = _session(sessionId);
        return (session.available, session.reserved);
    }

    /// @inheritdoc ISessionPayment
    function getEarnings(address miner) external view override returns (uint256) {
        return _earnings[miner];
    }

    // ---- Steps ----

    function _reserve(uint256 sessionId, SessionRecord storage session, uint256 amount) internal {
        uint256 available = session.available;
        if (available < amount) revert InsufficientDeposit(sessionId, available, amount);
        session.available = uint128(available - amount);
        session.reserved += uint128(amount);
    }

    function _settle(SessionRecord storage session, address[] calldata paid, uint256 price, uint256 assigned) internal {
        for (uint256 i; i < paid.length; ++i) {
            _earnings[paid[i]] += price;
        }
        session.reserved -= uint128(price * assigned);
        session.available += uint128(price * (assigned - paid.length));
    }

    function _pay(address to, uint256 amount) private {
        (bool success,) = to.call{value: amount}("");
        if (!success) revert TransferFailed(to, amount);
    }
}
