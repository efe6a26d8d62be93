// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity ^0.8.20;

// What an engineer who knows the protocol writes for Foundry's invariant tests: a handler of honest actors with a function for
// each of theirs, and what must hold after every call. `ARTIFACTS` is the folder of the contracts to test.

interface Vm {
    function deal(address account, uint256 balance) external;
    function envString(string calldata name) external view returns (string memory);
    function getCode(string calldata artifact) external view returns (bytes memory);
    function prank(address sender) external;
    function warp(uint256 timestamp) external;
}

struct Task {
    uint256 id;
    uint256 gid;
    uint256 sessionId;
    string data;
    address[] assignedMiners;
    bool ended;
    uint8 status;
    uint256 createdAt;
    uint256 lastPrecommitAt;
    uint256 lastCommitAt;
    uint256 finishedAt;
}

interface Pool {
    function register() external;
    function unregister() external;
    function allowDedication(address owner) external;
    function setSession(address session) external;
    function isRegistered(address miner) external view returns (bool);
}

interface Sessions {
    function create(
        string calldata name,
        string calldata metadata,
        address variable,
        uint256 minNodes,
        uint256 maxNodes,
        uint256 redundancy,
        uint256 validators,
        uint256 mode,
        bool reserve
    ) external returns (uint256);
    function addDedicatedNode(uint256 sessionId, address node) external;
    function addRouter(uint256 sessionId, address router, string calldata info) external;
    function deactivateSession(uint256 sessionId) external;
    function depositToSession(uint256 sessionId) external payable;
    function setSessionQueue(address queue) external;
    function submit(uint256 sessionId, string calldata data) external returns (uint256);
    function withdrawEarnings() external;
    function withdrawFromSession(uint256 sessionId, uint256 amount) external;
    function getEarnings(address miner) external view returns (uint256);
    function getSessionBalance(uint256 sessionId) external view returns (uint256 available, uint256 reserved);
    function getSessionCount() external view returns (uint256);
    function getTaskCount(uint256 sessionId) external view returns (uint256);
}

interface Queue {
    function submitTask(uint256 sessionId, string calldata data) external returns (uint256);
    function ack(uint256 sessionId, uint256 taskId) external;
    function precommit(uint256 sessionId, uint256 taskId, bytes32 hash, string calldata note) external;
    function commit(uint256 sessionId, uint256 taskId, string calldata result) external;
    function endAck(uint256 sessionId, uint256 taskId) external;
    function endPrecommit(uint256 sessionId, uint256 taskId) external;
    function endCommit(uint256 sessionId, uint256 taskId) external;
    function end(uint256 sessionId, uint256 taskId, bool force) external;
    function setOracle(address account, bool isOracle) external;
    function getTask(uint256 sessionId, uint256 taskId) external view returns (Task memory);
    function getTaskResultState(uint256 sessionId, uint256 taskId, address miner) external view returns (uint8);
    function getDeadlines(uint256 sessionId, uint256 taskId) external view returns (uint256 phase, uint256 last);
    function getGlobalTaskCount() external view returns (uint256);
    function getTaskResults(uint256 sessionId, uint256 taskId)
        external
        view
        returns (address[] memory miners, string[] memory results);
    function getResultHash(uint256 sessionId, uint256 taskId, address miner, string calldata result)
        external
        pure
        returns (bytes32);
}

/// Honest actors: each function is one of them doing what comes next for it, at an arbitrary moment.
contract Handler {
    Vm private constant vm = Vm(address(uint160(uint256(keccak256("hevm cheat code")))));
    uint256 public constant PRICE = 1_000_003;
    uint256 private constant MINERS = 5;
    uint256 private constant OWNERS = 2;

    Pool private immutable pool;
    Sessions private immutable sessions;
    Queue private immutable queue;
    address private immutable oracle;
    uint256 private now_ = block.timestamp;

    struct Key {
        uint256 session;
        uint256 task;
    }

    Key[] public tasks;
    mapping(uint256 session => address) public ownerOf;
    mapping(uint256 session => uint256) public redundancyOf;
    /// A call that an honest actor makes when it must be taken and that was refused, or what came to something else.
    string public wrong;
    /// How far each task was, by its place.
    mapping(uint256 place => uint8) private reached;

    constructor(Pool pool_, Sessions sessions_, Queue queue_, address oracle_) {
        (pool, sessions, queue, oracle) = (pool_, sessions_, queue_, oracle_);
        for (uint256 i; i < OWNERS; ++i) vm.deal(owner(i), 1_000 ether);
        for (uint256 i; i < 3; ++i) register(i);
    }

    modifier inTime() {
        vm.warp(now_);
        _;
        for (uint256 i; i < tasks.length; ++i) {
            uint8 status = queue.getTask(tasks[i].session, tasks[i].task).status;
            _note(status < reached[i], "a task went back");
            reached[i] = status;
        }
    }

    function miner(uint256 seed) public pure returns (address) {
        return address(uint160(0xa1000 + seed % MINERS));
    }

    function owner(uint256 seed) public pure returns (address) {
        return address(uint160(0xb1000 + seed % OWNERS));
    }

    function count() external view returns (uint256) {
        return tasks.length;
    }

    function minersOf() external pure returns (uint256) {
        return MINERS;
    }

    // ---- Time ----

    function pass(uint256 seconds_) external {
        now_ += seconds_ % 4;
        vm.warp(now_);
    }

    /// To a deadline of a task, or the second behind it.
    function passDeadline(uint256 seed, bool last, bool behind) external inTime {
        if (tasks.length == 0) return;
        Key memory key = _key(seed);
        (uint256 phase, uint256 final_) = queue.getDeadlines(key.session, key.task);
        uint256 to = (last ? final_ : phase) + (behind ? 1 : 0);
        if (to > now_) now_ = to;
        vm.warp(now_);
    }

    // ---- Miners ----

    function register(uint256 seed) public inTime {
        if (pool.isRegistered(miner(seed))) return;
        vm.prank(miner(seed));
        pool.register();
    }

    function unregister(uint256 seed) external inTime {
        vm.prank(miner(seed));
        pool.unregister();
    }

    function ack(uint256 seed, uint256 place) external inTime {
        (Key memory key, address who) = _assigned(seed, place);
        (uint256 deadline,) = queue.getDeadlines(key.session, key.task);
        bool isDue = queue.getTask(key.session, key.task).status == 1 && now_ <= deadline
            && queue.getTaskResultState(key.session, key.task, who) == 0;
        vm.prank(who);
        try queue.ack(key.session, key.task) {
            _note(!isDue, "ack taken");
        } catch {
            _note(isDue, "ack refused");
        }
    }

    function precommit(uint256 seed, uint256 place) external inTime {
        (Key memory key, address who) = _assigned(seed, place);
        if (queue.getTaskResultState(key.session, key.task, who) != 1) return;
        bytes32 hash = queue.getResultHash(key.session, key.task, who, _result(who));
        (uint256 deadline,) = queue.getDeadlines(key.session, key.task);
        bool isDue = queue.getTask(key.session, key.task).status == 2 && now_ <= deadline;
        vm.prank(who);
        try queue.precommit(key.session, key.task, hash, "") {}
        catch {
            _note(isDue, "precommit refused");
        }
    }

    function commit(uint256 seed, uint256 place) external inTime {
        (Key memory key, address who) = _assigned(seed, place);
        if (queue.getTaskResultState(key.session, key.task, who) != 2) return;
        (uint256 deadline,) = queue.getDeadlines(key.session, key.task);
        bool isDue = queue.getTask(key.session, key.task).status == 3 && now_ <= deadline;
        vm.prank(who);
        try queue.commit(key.session, key.task, _result(who)) {}
        catch {
            _note(isDue, "commit refused");
        }
    }

    function withdrawEarnings(uint256 seed) external inTime {
        address who = miner(seed);
        uint256 earned = sessions.getEarnings(who);
        if (earned == 0) return;
        uint256 before = who.balance;
        vm.prank(who);
        sessions.withdrawEarnings();
        _note(who.balance != before + earned || sessions.getEarnings(who) != 0, "earnings");
    }

    // ---- Owners ----

    function create(uint256 seed, uint256 nodes, uint256 redundancy, bool reserve) external inTime {
        nodes = 1 + nodes % 3;
        redundancy = 1 + redundancy % nodes;
        vm.prank(owner(seed));
        uint256 id = sessions.create("", "", address(0), nodes, nodes, redundancy, 0, 0, reserve);
        ownerOf[id] = owner(seed);
        redundancyOf[id] = redundancy;
        vm.prank(owner(seed));
        sessions.depositToSession{value: 4 * redundancy * PRICE}(id);
    }

    function deposit(uint256 seed, uint256 wei_) external inTime {
        (uint256 id, address who) = _session(seed);
        wei_ = 1 + wei_ % (5 * PRICE);
        (uint256 before,) = sessions.getSessionBalance(id);
        vm.prank(who);
        sessions.depositToSession{value: wei_}(id);
        (uint256 available,) = sessions.getSessionBalance(id);
        _note(available != before + wei_, "deposit");
    }

    function submit(uint256 seed, bool door) external inTime {
        (uint256 id, address who) = _session(seed);
        vm.prank(who);
        uint256 task = door ? sessions.submit(id, "work") : queue.submitTask(id, "work");
        tasks.push(Key(id, task));
        Task memory made = queue.getTask(id, task);
        _note(made.assignedMiners.length != redundancyOf[id] || made.status != 1, "submission");
    }

    function withdraw(uint256 seed, uint256 wei_) external inTime {
        (uint256 id, address who) = _session(seed);
        (uint256 available,) = sessions.getSessionBalance(id);
        if (available == 0) return;
        wei_ = 1 + wei_ % available;
        uint256 before = who.balance;
        vm.prank(who);
        sessions.withdrawFromSession(id, wei_);
        _note(who.balance != before + wei_, "withdrawal");
    }

    function deactivate(uint256 seed) external inTime {
        (uint256 id, address who) = _session(seed);
        vm.prank(who);
        sessions.deactivateSession(id);
    }

    // ---- Anybody, and the oracle ----

    function close(uint256 seed, uint8 phase) external inTime {
        Key memory key = _key(seed);
        phase %= 3;
        if (phase == 0) queue.endAck(key.session, key.task);
        else if (phase == 1) queue.endPrecommit(key.session, key.task);
        else queue.endCommit(key.session, key.task);
    }

    function end(uint256 seed) external inTime {
        Key memory key = _key(seed);
        bool isDue = queue.getTask(key.session, key.task).status == 4;
        try queue.end(key.session, key.task, false) {
            _note(!isDue, "end taken");
        } catch {
            _note(isDue, "end refused");
        }
    }

    function force(uint256 seed) external inTime {
        Key memory key = _key(seed);
        (, uint256 last) = queue.getDeadlines(key.session, key.task);
        bool isDue = now_ > last && !queue.getTask(key.session, key.task).ended;
        vm.prank(oracle);
        try queue.end(key.session, key.task, true) {
            _note(!isDue, "forced end taken");
        } catch {
            _note(isDue, "forced end refused");
        }
    }

    function _note(bool isWrong, string memory what) private {
        if (isWrong) wrong = what;
    }

    function _key(uint256 seed) private view returns (Key memory) {
        return tasks[seed % tasks.length];
    }

    function _session(uint256 seed) private view returns (uint256 id, address who) {
        id = seed % sessions.getSessionCount();
        who = ownerOf[id];
    }

    function _assigned(uint256 seed, uint256 place) private view returns (Key memory key, address who) {
        key = _key(seed);
        address[] memory assigned = queue.getTask(key.session, key.task).assignedMiners;
        who = assigned[place % assigned.length];
    }

    function _result(address who) private pure returns (string memory) {
        return uint160(who) % 2 == 0 ? "a result" : "a longer result, of more than thirty-two bytes";
    }
}

contract Honest {
    Vm private constant vm = Vm(address(uint160(uint256(keccak256("hevm cheat code")))));
    address private constant ORACLE = address(0xc1000);

    Sessions private sessions;
    Queue private queue;
    Handler private handler;

    function setUp() external {
        Pool pool = Pool(_create("NodePool", ""));
        sessions = Sessions(_create("SessionV2", abi.encode(pool)));
        queue = Queue(_create("SessionQueueV2", abi.encode(sessions, 5, 5, 5, 1_000_003)));
        pool.setSession(address(sessions));
        sessions.setSessionQueue(address(queue));
        queue.setOracle(ORACLE, true);
        handler = new Handler(pool, sessions, queue, ORACLE);
    }

    function targetContracts() external view returns (address[] memory targets) {
        targets = new address[](1);
        targets[0] = address(handler);
    }

    function _create(string memory name, bytes memory arguments) private returns (address created) {
        bytes memory code = vm.getCode(string.concat(vm.envString("ARTIFACTS"), "/", name, ".json"));
        code = bytes.concat(code, arguments);
        assembly {
            created := create(0, add(code, 32), mload(code))
        }
        require(created != address(0), name);
    }

    function invariant_books() external view {
        _nobodyIsRefused();
        _balances();
        _tasks();
    }

    function _nobodyIsRefused() private view {
        require(bytes(handler.wrong()).length == 0, handler.wrong());
    }

    /// The contract holds what sessions have, and what miners earned.
    function _balances() private view {
        uint256 owed;
        for (uint256 id; id < sessions.getSessionCount(); ++id) {
            (uint256 available, uint256 reserved) = sessions.getSessionBalance(id);
            owed += available + reserved;
        }
        for (uint256 i; i < handler.minersOf(); ++i) owed += sessions.getEarnings(handler.miner(i));
        require(address(sessions).balance == owed, "the balance is what is owed");
    }

    function _tasks() private view {
        uint256 count = handler.count();
        require(queue.getGlobalTaskCount() == count, "tasks are counted");
        uint256[] memory open = new uint256[](sessions.getSessionCount());
        for (uint256 i; i < count; ++i) {
            (uint256 session, uint256 id) = handler.tasks(i);
            Task memory task = queue.getTask(session, id);
            require(task.gid == i && task.id == id, "tasks have the ids that they were given");
            require(task.ended == (task.status == 5), "ended is the last status");
            if (!task.ended) open[session] += handler.redundancyOf(session) * handler.PRICE();
            _miners(task, session, id);
        }
        for (uint256 id; id < open.length; ++id) {
            (, uint256 reserved) = sessions.getSessionBalance(id);
            require(reserved == open[id], "what open tasks cost is reserved");
        }
    }

    function _miners(Task memory task, uint256 session, uint256 id) private view {
        uint256 committed;
        for (uint256 i; i < task.assignedMiners.length; ++i) {
            for (uint256 j; j < i; ++j) {
                require(task.assignedMiners[i] != task.assignedMiners[j], "a miner has one place");
            }
            if (queue.getTaskResultState(session, id, task.assignedMiners[i]) == 3) ++committed;
        }
        (address[] memory miners, string[] memory results) = queue.getTaskResults(session, id);
        require(miners.length == committed && results.length == committed, "results are of those that committed");
        for (uint256 i; i < committed; ++i) {
            bool even = uint160(miners[i]) % 2 == 0;
            string memory right = even ? "a result" : "a longer result, of more than thirty-two bytes";
            require(keccak256(bytes(results[i])) == keccak256(bytes(right)), "results are kept as they are");
        }
    }
}
