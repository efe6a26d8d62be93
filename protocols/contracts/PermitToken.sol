// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity 0.8.37;

import {ERC20} from "@openzeppelin/contracts/token/ERC20/ERC20.sol";
import {ERC20Permit} from "@openzeppelin/contracts/token/ERC20/extensions/ERC20Permit.sol";

/// @title A token whose holders allow by signature
contract PermitToken is ERC20, ERC20Permit {
    constructor(string memory name) ERC20(name, "PT") ERC20Permit(name) {}

    function mint(address account, uint256 amount) external {
        _mint(account, amount);
    }
}

/// @title Invoices that are paid with a permit of the payer, in one transaction of the merchant
contract Invoices {
    event Issued(uint256 indexed id, address indexed payer, uint256 amount);
    event Settled(uint256 indexed id, address indexed payer, uint256 amount);

    struct Invoice {
        address merchant;
        address payer;
        uint256 amount;
    }

    error NotOpen(uint256 id);

    PermitToken public immutable token;
    Invoice[] public invoices;
    uint256 public open;

    constructor(PermitToken token_) {
        token = token_;
    }

    function issue(address payer, uint256 amount) external returns (uint256 id) {
        id = invoices.length;
        invoices.push(Invoice(msg.sender, payer, amount));
        open += amount;
        emit Issued(id, payer, amount);
    }

    function settle(uint256 id, uint256 deadline, uint8 v, bytes32 r, bytes32 s) external {
        Invoice memory invoice = invoices[id];
        if (invoice.payer == address(0)) revert NotOpen(id);
        delete invoices[id];
        open -= invoice.amount;
        token.permit(invoice.payer, address(this), invoice.amount, deadline, v, r, s);
        require(token.transferFrom(invoice.payer, invoice.merchant, invoice.amount), "not paid");
        emit Settled(id, invoice.payer, invoice.amount);
    }
}
