// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity 0.8.37;

import {AccessManaged} from "@openzeppelin/contracts/access/manager/AccessManaged.sol";

/// @title A number that only those can store whom an access manager lets
contract ManagedBox is AccessManaged {
    uint256 public number;

    constructor(address manager) AccessManaged(manager) {}

    function store(uint256 number_) external restricted {
        number = number_;
    }
}
