// The only miner runs out of funds during a task, then somebody else uses its account; it answers the next task.

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

const sessionContract = new ethers.Contract(SESSION_V2_ADDRESS, SessionV2ABI, signer);
const queueContract = new ethers.Contract(SESSION_QUEUE_V2_ADDRESS, SessionQueueV2ABI, signer);
const sent = async (tx) => (await tx).wait();
const ended = (task) =>
  until(`the end of task ${task}`, async () => (await queueContract.getTask(0, task)).ended);

await sent(sessionContract.create("One miner", "", signer.address, 1, 1, 1, 0, 0, false));
const [miner] = await sessionContract.getSessionMiners(0);
const funds = await http.send("eth_getBalance", [miner, "latest"]);

await http.send("anvil_setBalance", [miner, "0x0"]);
await sent(queueContract.submitTask(0, "to a miner without funds"));
// Its ack is refused as soon as it has seen the task; the oracle ends the task after the ack window.
await new Promise((resolve) => setTimeout(resolve, 1_000));
await http.send("evm_increaseTime", [31]);
await ended(0);

await http.send("anvil_setBalance", [miner, funds]);
await http.send("anvil_impersonateAccount", [miner]);
await sent((await http.getSigner(miner)).sendTransaction({ to: signer.address, value: 1n }));
await sent(queueContract.submitTask(0, "to the same miner"));
await ended(1);

const results = async (task) => [...(await queueContract.getTaskResults(0, task))[1]];
report({ without: await results(0), again: await results(1) });
