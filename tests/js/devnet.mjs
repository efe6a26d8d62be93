// What the scripts here share: the devnet that deployment.json (the first argument) describes, and how they report.

import { readFileSync, writeSync } from "node:fs";
import { dirname, join } from "node:path";

import { ethers } from "ethers";

const [file] = process.argv.slice(2);
const { contracts, account, rpcUrl } = JSON.parse(readFileSync(file, "utf8"));

const abi = (name) => JSON.parse(readFileSync(join(dirname(file), contracts[name].abi), "utf8")).abi;

export const SESSION_V2_ADDRESS = contracts.SessionV2.address;
export const SESSION_QUEUE_V2_ADDRESS = contracts.SessionQueueV2.address;
export const NODE_POOL_ADDRESS = contracts.NodePool.address;
export const PUBLIC_RPC_URL = rpcUrl;
export const SessionV2ABI = abi("SessionV2");
export const SessionQueueV2ABI = abi("SessionQueueV2");
export const NodePoolABI = abi("NodePool");

// Blocks come faster here than ethers.js expects: it polls every 4 s and takes the same answer twice within 250 ms.
const quick = { cacheTimeout: -1, pollingInterval: 50 };
export const http = new ethers.JsonRpcProvider(PUBLIC_RPC_URL, undefined, quick);
export const signer = new ethers.Wallet(account.privateKey, http);

/** Waits until `reached` gives something, and gives that. */
export async function until(what, reached) {
  const deadline = Date.now() + 60_000;
  while (Date.now() < deadline) {
    const value = await reached();
    if (value) return value;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  throw new Error(`waited too long for ${what}`);
}

/** Ends the script with a line of JSON on stdout; integers that ethers.js gives as bigint end in n. */
export function report(seen) {
  const text = JSON.stringify(seen, (_, value) => (typeof value === "bigint" ? `${value}n` : value));
  writeSync(1, `${text}\n`);
  process.exit(0);
}
