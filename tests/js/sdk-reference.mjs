// The snippets of the SDK reference, as they stand there but for addresses and the URL's schemes, and what came of them.

import { ethers } from "ethers";

import {
  PUBLIC_RPC_URL,
  SESSION_QUEUE_V2_ADDRESS,
  SESSION_V2_ADDRESS,
  SessionQueueV2ABI,
  SessionV2ABI,
  report,
  signer,
  until,
} from "./devnet.mjs";

const events = [];

// ---- Listening to Events (first, so that nothing is missed)
{
  const provider = new ethers.WebSocketProvider(PUBLIC_RPC_URL.replace('http', 'ws'));
  const queueContract = new ethers.Contract(SESSION_QUEUE_V2_ADDRESS, SessionQueueV2ABI, provider);

  queueContract.on("TaskEnded", (sessionId, taskId, miners, event) => {
    console.log(`Task ${taskId} in session ${sessionId} completed`);
    events.push({ sessionId, taskId, miners: [...miners], event: event.eventName });
  });
}

// ---- Create Session
const sessionContract = new ethers.Contract(SESSION_V2_ADDRESS, SessionV2ABI, signer);
{
  const tx = await sessionContract.create(
    "My Session",
    "Metadata",
    await signer.getAddress(),
    1, 3, 1, 0, 0,
    false
  );
  await tx.wait();
}

// ---- List Sessions by Address
const sessions = await sessionContract.getSessions(await signer.getAddress());

// ---- Get Session Details
const session = await sessionContract.getSession(0);
const sessionMiners = await sessionContract.getSessionMiners(0);

// ---- Submit Task
const queueContract = new ethers.Contract(SESSION_QUEUE_V2_ADDRESS, SessionQueueV2ABI, signer);
{
  const tx = await queueContract.submitTask(0, JSON.stringify({ type: "chat", message: "Hello" }));
  await tx.wait();
}
await until("the end of the task", () => events.length > 0);

// ---- Get Tasks by Session
const tasks = await queueContract.getTasksBySessionId(0);
const [miners, results] = await queueContract.getTaskResults(0, 0);

// ---- Update Session
{
  const tx = await sessionContract.updateSession(
    0,
    "Updated Name",
    "Updated Metadata",
    2, 4, 2
  );
  await tx.wait();
}
const updated = await sessionContract.getSession(0);

report({
  signer: signer.address,
  sessions: sessions.map(({ id, name }) => ({ id, name })),
  session: {
    id: session.id,
    sid: session.sid,
    name: session.name,
    metadata: session.metadata,
    state: session.state,
    owner: session.owner,
    ephemeralNodes: [...session.ephemeralNodes],
    dedicatedNodes: [...session.dedicatedNodes],
    mode: session.mode,
    redundant: session.redundant,
  },
  sessionMiners: [...sessionMiners],
  tasks: tasks.map(({ id, sessionId, data, assignedMiners, ended }) => {
    return { id, sessionId, data, assignedMiners: [...assignedMiners], ended };
  }),
  miners: [...miners],
  results: [...results],
  events,
  updated: { name: updated.name, metadata: updated.metadata, redundant: updated.redundant },
  updatedMiners: [...(await sessionContract.getSessionMiners(0))],
});
