// One run of the command on one build of the contracts.

import { spawn } from "node:child_process";
import { closeSync, mkdirSync, openSync, readFileSync, rmSync } from "node:fs";
import { join } from "node:path";

import { finding, firstFindingAt } from "./finding.mjs";

/** Exit codes of taskstorm that say that something is wrong with the contracts. */
const CAUGHT = [4, 5];
/** Milliseconds between two looks for a finding. */
const LOOK = 200;
/** Seconds beyond the budget, so that a command that keeps to it can still write. */
const GRACE = 30;

const running = new Set();

/** Interrupts every command that still runs. */
export function interrupt() {
  for (const child of running) child.kill("SIGINT");
}

/**
 * Runs the command on the artifacts in `folder` and says what became of it: `verdict` (caught, missed, failed, overtime or
 * interrupted), `exit`, `seconds`, and of a finding what it was and when.
 */
export async function trial({ command, budget }, folder, artifacts) {
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
  const places = { artifacts, dir: join(folder, "run"), budget: `${budget}s` };
  const filled = command.map((word) => word.replace(/\{(artifacts|dir|budget)\}/g, (_, name) => places[name]));
  if (!command.some((word) => word.includes("{artifacts}"))) filled.push("--artifacts", artifacts);
  const begun = Date.now();
  const { exit, signal, overtime } = await run(filled, folder, (budget + GRACE) * 1000, places.dir);
  const [ended, found] = [Date.now(), firstFindingAt(places.dir)];
  const verdict = verdictOf(exit, signal, overtime, found);
  const seconds = Math.max(((found ?? ended) - begun) / 1000, 0);
  if (verdict !== "caught") return { verdict, exit, seconds };
  const output = readFileSync(join(folder, "output.txt"), "utf8");
  return { verdict, exit, seconds, ...finding(places.dir, output) };
}

function verdictOf(exit, signal, overtime, found) {
  if (CAUGHT.includes(exit) || found !== undefined) return "caught";
  if (overtime) return "overtime";
  if (exit === 0) return "missed";
  return exit === 130 || signal ? "interrupted" : "failed";
}

/** Runs until the command ends, finds something, or has had its time. */
function run([program, ...args], folder, limit, findings) {
  const output = openSync(join(folder, "output.txt"), "w");
  return new Promise((resolve, reject) => {
    const child = spawn(program, args, { stdio: ["ignore", output, output] });
    running.add(child);
    let overtime = false;
    const first = setTimeout(() => {
      overtime = true;
      child.kill("SIGINT");
    }, limit);
    const last = setTimeout(() => child.kill("SIGKILL"), limit + 10_000);
    const look = setInterval(() => {
      if (firstFindingAt(findings) === undefined) return;
      clearInterval(look);
      child.kill("SIGINT");
    }, LOOK);
    const over = () => {
      clearInterval(look);
      clearTimeout(first);
      clearTimeout(last);
      running.delete(child);
      closeSync(output);
    };
    child.on("error", (error) => {
      over();
      reject(new Error(`${program}: ${error.message}`));
    });
    child.on("close", (exit, signal) => {
      over();
      resolve({ exit, signal, overtime });
    });
  });
}
