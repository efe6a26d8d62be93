// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity 0.8.37;

import {ERC2771Context} from "@openzeppelin/contracts/metatx/ERC2771Context.sol";

/// @title Offers that customers accept without paying for gas: they sign, and a relayer sends
contract OfferDesk is ERC2771Context {
    struct Offer {
        address customer;
        uint64 price;
        bool accepted;
    }

    event ShopOpened(uint256 indexed shop, address indexed merchant);
    /// @param nth how many offers the customer had before
    event Offered(uint256 indexed id, address indexed customer, uint256 nth, uint256 price);
    event Accepted(uint256 indexed id, address indexed customer, uint256 total);

    error NotTheCustomer(uint256 id, address caller);
    error AcceptedAlready(uint256 id);

    uint256 public shops;
    Offer[] public offers;
    mapping(address customer => uint256) public offersOf;
    mapping(address customer => uint256) public owedBy;

    constructor(address forwarder) ERC2771Context(forwarder) {}

    function openShop() external returns (uint256 shop) {
        shop = ++shops;
        emit ShopOpened(shop, _msgSender());
    }

    function offer(address customer, uint64 price) external returns (uint256 id) {
        id = offers.length;
        offers.push(Offer(customer, price, false));
        emit Offered(id, customer, offersOf[customer]++, price);
    }

    function accept(uint256 id) external {
        Offer storage accepted = offers[id];
        if (accepted.customer != _msgSender()) revert NotTheCustomer(id, _msgSender());
        if (accepted.accepted) revert AcceptedAlready(id);
        accepted.accepted = true;
        owedBy[accepted.customer] += accepted.price;
        emit Accepted(id, accepted.customer, owedBy[accepted.customer]);
    }
}
