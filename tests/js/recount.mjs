// Reads every block of a run from its node and compares transactions.csv, tasks.csv and summary.json with them, row by
// row.
//
//   node tests/js/recount.mjs RPC_URL RUN_DIR [FUNDER]
//
// What the accounts send to their funder is no transaction of the run.
//
// Prints a line of JSON: what was counted, and the first differences. Exits with 1 if there are any.

import { readFileSync, writeSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

import { ethers } from "ethers";

const [url, dir, funder] = process.argv.slice(2);
const ROOT = dirname(dirname(dirname(fileURLToPath(import.meta.url))));
/** Calls in one request. */
const BATCH = 100;
/** Differences that are printed. */
const SHOWN = 20;

const differences = [];
const differs = (text) => differences.push(text);

/** The rows of a CSV file (RFC 4180), as objects by column. */
function rows(name) {
  const text = readFileSync(join(dir, name), "utf8");
  const records = [[""]];
  let quoted = false;
  for (let place = 0; place < text.length; place += 1) {
    const record = records.at(-1);
    const character = text[place];
    if (quoted && character === '"' && text[place + 1] === '"') {
      record[record.length - 1] += '"';
      place += 1;
    } else if (character === '"') quoted = !quoted;
    else if (!quoted && character === ",") record.push("");
    else if (!quoted && character === "\n") records.push([""]);
    else if (character !== "\r" || quoted) record[record.length - 1] += character;
  }
  const [columns, ...values] = records.filter((record) => record.length > 1);
  return values.map((value) => Object.fromEntries(columns.map((column, index) => [column, value[index]])));
}

/** The results of many calls of a method, in their order. */
async function calls(method, parameters) {
  const results = [];
  for (let start = 0; start < parameters.length; start += BATCH) {
    const batch = parameters.slice(start, start + BATCH);
    const body = batch.map((params, id) => ({ jsonrpc: "2.0", id, method, params }));
    const headers = { "content-type": "application/json" };
    const response = await fetch(url, { method: "POST", headers, body: JSON.stringify(body) });
    const answers = await response.json();
    answers.sort((one, other) => one.id - other.id);
    for (const { error, result } of answers) {
      if (error) throw new Error(`${method}: ${error.message}`);
      results.push(result);
    }
  }
  return results;
}

/** All transactions of the chain with their receipts, by hash. */
async function chainTransactions() {
  const [latest] = await calls("eth_blockNumber", [[]]);
  const numbers = Array.from({ length: Number(latest) + 1 }, (_, number) => [ethers.toQuantity(number), false]);
  const blocks = await calls("eth_getBlockByNumber", numbers);
  const hashes = blocks.flatMap((block) => block.transactions);
  const receipts = await calls("eth_getTransactionReceipt", hashes.map((hash) => [hash]));
  for (const [index, block] of blocks.entries()) {
    if (index > 0 && block.parentHash !== blocks[index - 1].hash) throw new Error(`block ${index} changed meanwhile`);
  }
  const ofRun = receipts.filter(({ to }) => !funder || to?.toLowerCase() !== funder.toLowerCase());
  return new Map(ofRun.map((receipt) => [receipt.transactionHash, receipt]));
}

/** Compares a column of a row with the chain's value. */
function same(row, what, column, value) {
  if (row[column] !== String(value)) differs(`${what}: ${column} is ${row[column]} in the file, ${value} on the chain`);
}

function compareTransactions(chain, transactions) {
  const hashes = new Map();
  for (const row of transactions) {
    const what = `transaction ${row.id}`;
    const inBlock = row.outcome === "included" || row.outcome === "reverted";
    if (row.hash && hashes.has(row.hash)) differs(`${what} has the hash of transaction ${hashes.get(row.hash)}`);
    if (row.hash) hashes.set(row.hash, row.id);
    const receipt = chain.get(row.hash);
    if (!inBlock) {
      if (receipt) differs(`${what} is ${row.outcome} in the file, in block ${Number(receipt.blockNumber)} on the chain`);
    } else if (!receipt) differs(`${what} is ${row.outcome} in block ${row.block_number}, the chain does not have it`);
    else {
      same(row, what, "from", receipt.from);
      same(row, what, "block_number", Number(receipt.blockNumber));
      same(row, what, "gas_used", Number(receipt.gasUsed));
      same(row, what, "effective_gas_price_wei", Number(receipt.effectiveGasPrice));
      same(row, what, "outcome", Number(receipt.status) === 1 ? "included" : "reverted");
    }
  }
  const ours = new Set(transactions.map((row) => row.from));
  for (const { from, transactionHash, blockNumber } of chain.values()) {
    if (ours.has(from) && !hashes.has(transactionHash)) {
      differs(`${transactionHash} of ${from} in block ${Number(blockNumber)} has no row`);
    }
  }
}

/** What the events of the chain say of every task, by session and task. */
function chainTasks(chain, address) {
  const artifact = JSON.parse(readFileSync(join(ROOT, "abi", "SessionQueueV2.json"), "utf8"));
  const queue = new ethers.Interface(artifact.abi);
  const tasks = new Map();
  const receipts = [...chain.values()].sort(
    (one, other) =>
      Number(one.blockNumber) - Number(other.blockNumber) || Number(one.transactionIndex) - Number(other.transactionIndex),
  );
  for (const log of receipts.flatMap((receipt) => receipt.logs)) {
    const event = log.address === address ? queue.parseLog(log) : null;
    if (!event?.name.startsWith("Task")) continue;
    const { sessionId, taskId, globalId } = event.args;
    const key = `${sessionId}/${taskId}`;
    if (event.name === "TaskQueued") tasks.set(key, { globalId, acks: 0, precommits: 0, commits: 0, ended: false });
    const task = tasks.get(key);
    if (event.name === "TaskAcked") task.acks += 1;
    if (event.name === "TaskPrecommitted") task.precommits += 1;
    if (event.name === "TaskCommitted") task.commits += 1;
    if (event.name === "TaskEnded") task.ended = true;
  }
  return tasks;
}

function compareTasks(chain, rows) {
  const seen = new Set();
  for (const row of rows.filter((row) => row.task_id !== "")) {
    const key = `${row.session_id}/${row.task_id}`;
    const what = `task ${key}`;
    if (seen.has(key)) differs(`${what} has two rows`);
    seen.add(key);
    const task = chain.get(key);
    if (!task) {
      differs(`${what} is in the file, the chain does not have it`);
      continue;
    }
    same(row, what, "global_id", task.globalId);
    for (const column of ["acks", "precommits", "commits"]) same(row, what, column, task[column]);
    const outcome = task.ended ? (task.commits > 0 ? "ended" : "failed") : "unfinished";
    same(row, what, "outcome", outcome);
  }
  for (const key of chain.keys()) if (!seen.has(key)) differs(`task ${key} of the chain has no row`);
}

/** The totals of the summary, against the rows and the chain. */
function compareTotals(chain, transactions, tasks, summary) {
  const total = (what, ours, theirs) => {
    if (ours !== theirs) differs(`${what}: ${ours} in summary.json, ${theirs} counted`);
  };
  const count = (rows, outcome) => rows.filter((row) => row.outcome === outcome).length;
  for (const outcome of ["included", "reverted", "refused", "lost"]) {
    total(`transactions ${outcome}`, summary.transactions[outcome], count(transactions, outcome));
  }
  for (const outcome of ["ended", "failed", "unfinished", "dropped"]) {
    total(`tasks ${outcome}`, summary.tasks[outcome], count(tasks, outcome));
  }
  const ours = new Set(transactions.map((row) => row.from));
  const receipts = [...chain.values()].filter(({ from }) => ours.has(from));
  const gas = receipts.reduce((sum, receipt) => sum + Number(receipt.gasUsed), 0);
  const functions = Object.values(summary.functions);
  const reported = functions.reduce((sum, { gas_total }) => sum + gas_total, 0);
  total("gas", reported, gas);
  return { transactions: receipts.length, gas };
}

const transactions = rows("transactions.csv");
const tasks = rows("tasks.csv");
const summary = JSON.parse(readFileSync(join(dir, "summary.json"), "utf8"));
const chain = await chainTransactions();
compareTransactions(chain, transactions);
compareTasks(chainTasks(chain, summary.chain.contracts.SessionQueueV2), tasks);
const counted = compareTotals(chain, transactions, tasks, summary);
const verdict = {
  ...counted,
  tasks: tasks.length,
  differences: differences.length,
  first: differences.slice(0, SHOWN),
};
writeSync(1, `${JSON.stringify(verdict)}\n`);
process.exitCode = differences.length > 0 ? 1 : 0;
