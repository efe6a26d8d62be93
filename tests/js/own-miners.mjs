// A session with a simulated miner and two of the client's own: one that does its part, then one that falls silent
// half-way and one that never says anything, in a task whose ack phase the client closes itself.

import { ethers } from "ethers";

import {
  NODE_POOL_ADDRESS,
  NodePoolABI,
  SESSION_QUEUE_V2_ADDRESS,
  SESSION_V2_ADDRESS,
  SessionQueueV2ABI,
  SessionV2ABI,
  http,
  report,
  signer,
  until,
} from "./devnet.mjs";

const sessionContract = new ethers.Contract(SESSION_V2_ADDRESS, SessionV2ABI, signer);
const queueContract = new ethers.Contract(SESSION_QUEUE_V2_ADDRESS, SessionQueueV2ABI, signer);
const sent = async (tx) => (await tx).wait();

// What a step costs depends on whose step comes last, so an estimate may be too low by the time it counts.
const gas = { gasLimit: 500_000 };
const own = [await http.getSigner(1), await http.getSigner(2)];
const queueOf = (miner) => queueContract.connect(miner);
for (const miner of own) await sent(new ethers.Contract(NODE_POOL_ADDRESS, NodePoolABI, miner).register());
await sent(sessionContract.create("Mine", "", signer.address, 3, 3, 3, 0, 0, false));

const Status = { Acked: 2n, Precommitted: 3n, Ended: 5n };
const reached = (task, status) =>
  until(`status ${status} of task ${task}`, async () => (await queueContract.getTaskStatus(0, task)) >= status);
const results = async (task) => {
  const [miners, results] = await queueContract.getTaskResults(0, task);
  return { miners: [...miners], results: [...results] };
};

// Everyone does their part.
await sent(queueContract.submitTask(0, "together"));
await Promise.all(own.map((miner) => sent(queueOf(miner).ack(0, 0, gas))));
await reached(0, Status.Acked);
const answer = (miner) => `answer of ${miner.address}`;
for (const miner of own) {
  const hash = await queueContract.getResultHash(0, 0, miner.address, answer(miner));
  await sent(queueOf(miner).precommit(0, 0, hash, "", gas));
}
await reached(0, Status.Precommitted);
for (const miner of own) await sent(queueOf(miner).commit(0, 0, answer(miner), gas));
await reached(0, Status.Ended);

// One acks and then falls silent, one says nothing, and the client closes the ack phase before the oracle does.
await sent(queueContract.submitTask(0, "alone"));
await sent(queueOf(own[0]).ack(0, 1, gas));
await until("the precommit of the simulated miner", async () => {
  const [, times] = await queueContract.getAllTaskResultPrecommitTimestamps(0, 1);
  return times.some((time) => time > 0n);
});
await http.send("evm_increaseTime", [31]);
await sent(queueContract.endAck(0, 1, gas));
// The oracle finds out when it tries to close the phase itself, at one of its looks at the deadlines, a second apart.
await new Promise((resolve) => setTimeout(resolve, 3_000));
await http.send("evm_increaseTime", [121]);
await reached(1, Status.Ended);

report({ own: own.map((miner) => miner.address), together: await results(0), alone: await results(1) });
