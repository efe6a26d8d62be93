// A consensus layer of one: has an execution client make a block a second through the Engine API.
//
//   node consensus.mjs RPC_URL ENGINE_URL
//
// It waits for the client, and ends when it is killed.

const [rpc, engine] = process.argv.slice(2).map(endpoint);
const BLOCK_TIME = 1_000;
/** How long the client may take to put transactions into a block. */
const BUILDING = 100;

/** Calls methods of JSON-RPC at this address. */
function endpoint(url) {
  return async (method, ...params) => {
    const body = JSON.stringify({ jsonrpc: "2.0", id: 1, method, params });
    const answer = await fetch(url, { method: "POST", headers: { "content-type": "application/json" }, body });
    const { result, error } = await answer.json();
    if (error) throw new Error(`${method}: ${error.message}`);
    return result;
  };
}

const pause = (time) => new Promise((resolve) => setTimeout(resolve, time));

/** Makes one block on top of the latest. */
async function block() {
  const head = await rpc("eth_getBlockByNumber", "latest", false);
  const choose = (hash, attributes) =>
    engine("engine_forkchoiceUpdatedV2", { headBlockHash: hash, safeBlockHash: hash, finalizedBlockHash: hash }, attributes);
  const timestamp = Math.max(Math.floor(Date.now() / 1_000), Number(head.timestamp) + 1);
  const { payloadId } = await choose(head.hash, {
    timestamp: `0x${timestamp.toString(16)}`,
    prevRandao: head.hash,
    suggestedFeeRecipient: `0x${"11".repeat(20)}`,
    withdrawals: [],
  });
  await pause(BUILDING);
  const { executionPayload } = await engine("engine_getPayloadV2", payloadId);
  await engine("engine_newPayloadV2", executionPayload);
  await choose(executionPayload.blockHash, null);
}

for (;;) {
  const began = Date.now();
  await block().catch((error) => console.error(String(error)));
  await pause(Math.max(0, BLOCK_TIME - (Date.now() - began)));
}
