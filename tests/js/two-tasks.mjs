// Two tasks at once in a session that was updated to two miners per task, between transactions of others.

import { ethers } from "ethers";

import {
  SESSION_QUEUE_V2_ADDRESS,
  SESSION_V2_ADDRESS,
  SessionQueueV2ABI,
  SessionV2ABI,
  http,
  report,
  signer,
  until,
} from "./devnet.mjs";

const balance = await http.getBalance(signer.address);
const sessionContract = new ethers.Contract(SESSION_V2_ADDRESS, SessionV2ABI, signer);
const queueContract = new ethers.Contract(SESSION_QUEUE_V2_ADDRESS, SessionQueueV2ABI, signer);

await (await sessionContract.create("My Session", "Metadata", signer.address, 1, 3, 1, 0, 0, false)).wait();
await (await sessionContract.updateSession(0, "Updated Name", "Updated Metadata", 2, 4, 2)).wait();

// Somebody else's transactions in the same blocks: a transfer, a contract, and a task in a session that is not theirs.
const stranger = await http.getSigner(1);
const strangerQueue = queueContract.connect(stranger);
const refusal = await strangerQueue.submitTask.staticCall(0, "not mine").catch((error) => error.revert?.name);
const first = await queueContract.submitTask(0, "one");
const second = await queueContract.submitTask(0, "two");
const transfer = await stranger.sendTransaction({ to: signer.address, value: 1n });
const contract = await stranger.sendTransaction({ data: "0x600d80600b6000396000f363deadbeef6000526004601cfd" });
const refused = await strangerQueue.submitTask(0, "not mine", { gasLimit: 500_000 });
await Promise.all([first.wait(), second.wait(), transfer.wait(), contract.wait()]);
const reverted = await refused.wait().catch((error) => error.code);

const tasks = await until("the end of both tasks", async () => {
  const tasks = await queueContract.getTasksBySessionId(0);
  return tasks.length === 2 && tasks.every((task) => task.ended) && tasks;
});

report({
  balance,
  refusal,
  reverted,
  sessionMiners: [...(await sessionContract.getSessionMiners(0))],
  tasks: await Promise.all(
    tasks.map(async ({ id, data, assignedMiners }) => {
      const [miners, results] = await queueContract.getTaskResults(0, id);
      return { id, data, assignedMiners: [...assignedMiners], miners: [...miners], results: [...results] };
    }),
  ),
});
