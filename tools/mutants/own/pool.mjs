// Faults of a pool of miners: registration, draws, reservations.

const register = "NodePool.register";
const unregister = "NodePool.unregister";
const hold = "NodePool.hold";
const release = "NodePool.release";

export const POOL = [
  ["register-twice", register, "a miner registers twice", "if (_isRegistered(miner)) revert AlreadyRegistered(msg.sender);", ""],
  ["register-silent", register, "no MinerRegistered", "emit MinerRegistered(msg.sender, nodeId);", "nodeId;"],
  ["register-held", register, "a held miner that registers is idle", "if (miner.holder != 0) _addHeld(zones, msg.sender);", "if (false) _addHeld(zones, msg.sender);"],
  ["unregister-stranger", unregister, "who never registered leaves", "if (!_isRegistered(miner)) revert NotRegistered(msg.sender);", ""],
  ["unregister-held", unregister, "a reserved miner leaves", "if (miner.holder != 0) revert MinerHeld(msg.sender, miner.holder - 1);", ""],
  ["unregister-stays", unregister, "a miner that left is still drawn", "if (miner.ticket != 0) _leaveQueue(zones, miner);", "if (miner.ticket != 0) miner.ticket = 0;"],
  ["unregister-silent", unregister, "no MinerUnregistered", "emit MinerUnregistered(msg.sender, nodeId);", "nodeId;"],
  ["allow-nothing", "NodePool.allowDedication", "a consent is not kept", "getDedicationAllowance[msg.sender] = sessionOwner;", ""],
  ["draw-by-anybody", "NodePool.draw", "anybody draws miners", "onlySession", ""],
  ["draw-unreserved", "NodePool._reserveNext", "a reserved miner has no holder", "_miners[getNodeId(node)].holder = uint64(sessionId + 1);", "sessionId;"],
  ["draw-same", "NodePool._dequeue", "one miner is drawn by all", "delete _queue[zones.head++];", "zones.head + 0;"],
  ["draw-takes-all", "NodePool._spare", "a session may reserve the whole pool", "taken < registered / 2 ? registered / 2 - taken : 0", "registered - (taken > registered ? registered : taken)"],
  ["draw-held-twice", "NodePool._contains", "a session gets a miner that it has", "return true;", "return false;"],
  ["share-uncounted", "NodePool._rotate", "a second session's share is not counted", "++_miners[getNodeId(node)].shares;", ""],
  ["share-first-uncounted", "NodePool._shareNext", "the first session's share is not counted", "_miners[getNodeId(node)].shares = 1;", ""],
  ["share-cursor", "NodePool._rotate", "every session shares the same miners", "zones.cursor = uint32(cursor);", ""],
  ["hold-by-anybody", hold, "anybody holds miners", "onlySession", ""],
  ["hold-without-consent", hold, "a miner is made dedicated without its consent", "if (getDedicationAllowance[node] != sessionOwner) revert DedicationNotAllowed(node, sessionOwner);", ""],
  ["hold-held", hold, "two sessions hold one miner", "if (miner.holder != 0) revert MinerHeld(node, miner.holder - 1);", ""],
  ["hold-shared", hold, "a shared miner is held", "if (miner.shares != 0) revert MinerShared(node, miner.shares);", ""],
  ["hold-stays-idle", hold, "a held miner stays in the queue", "if (miner.ticket != 0) {", "if (miner.ticket > type(uint32).max) {"],
  ["hold-not-marked", hold, "a dedicated miner has no holder", "miner.holder = uint64(sessionId + 1);", "sessionId;"],
  ["hold-off-by-one", hold, "a dedicated miner is held by the next session", "uint64(sessionId + 1)", "uint64(sessionId + 2)"],
  ["release-by-pool-stranger", release, "anybody releases miners in the pool", "onlySession", ""],
  ["release-kept", release, "a released miner stays held", "if (miner.holder != 0) miner.holder = 0;", "if (miner.holder != 0) return;"],
  ["release-shared", release, "one session's release frees a miner that others share", "else if (--miner.shares != 0) return;", "else miner.shares = 0;"],
  ["release-lost", release, "a released miner is not idle again", "_enqueue(zones, node);", ""],
  ["pool-session-twice", "NodePool.setSession", "the session contract is exchanged", "if (session != address(0)) revert SessionAlreadySet(session);", ""],
  ["pool-session-by-anybody", "NodePool.setSession", "anybody sets the session contract", "onlyOwner", ""],
  ["queue-gap", "NodePool._leaveQueue", "who leaves takes the last of the queue along", "_queue[ticket - 1] = last;", "last;"],
  ["list-border", "NodePool._leaveList", "a shared miner leaves a hole at the border", "if (index != border) _place(_list[border], index);", ""],
  ["list-held-lost", "NodePool._addShared", "the first held miner loses its place", "if (zones.sharedEnd != zones.heldEnd) _place(_list[zones.sharedEnd], zones.heldEnd);", ""],
];
