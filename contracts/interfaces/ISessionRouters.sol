// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity 0.8.37;

/// @title The routers of a session: endpoints that its owner announces, metadata only
interface ISessionRouters {
    // ---- Errors ----

    /// @notice The session has this router already.
    error RouterExists(uint256 sessionId, address router);

    /// @notice The session has no such router.
    error RouterNotFound(uint256 sessionId, address router);

    /// @notice The session has as many routers as it may have.
    error TooManyRouters(uint256 sessionId, uint256 limit);

    /// @notice Information on a router of more bytes than a session keeps.
    error RouterInfoTooLong(uint256 length, uint256 limit);

    // ---- Events ----

    /// @notice A router was added to a session.
    event RouterAdded(address routerAddress, string routerInfo);

    /// @notice A router's information changed.
    event RouterUpdated(address routerAddress, string routerInfo);

    /// @notice A router was removed from its session.
    event RouterRemoved(address routerAddress);

    /// @notice A session has no routers any more.
    event AllRoutersRemoved(uint256 indexed sessionId);

    // ---- Functions ----

    /// @notice Adds a router. Only the owner of the session, as in all of these.
    function addRouter(uint256 sessionId, address routerAddress, string calldata routerInfo) external;

    /// @notice Changes a router's information.
    function updateRouter(uint256 sessionId, address routerAddress, string calldata routerInfo) external;

    /// @notice Removes a router.
    function removeRouter(uint256 sessionId, address routerAddress) external;

    /// @notice Removes all routers.
    function resetAllRouters(uint256 sessionId) external;
}
