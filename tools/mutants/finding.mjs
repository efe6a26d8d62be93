// What a command found, from what it wrote: findings of a hunt, or violations of a run.

import { existsSync, readFileSync, readdirSync, statSync } from "node:fs";
import { join } from "node:path";

/** Addresses and numbers differ from run to run of what is one finding. */
const plain = (text) => text.replace(/0x[0-9a-f]{6,}/gi, "0x…").slice(0, 160);

/** When the first finding of a hunt was written, in milliseconds since the Unix epoch; undefined if none was. */
export function firstFindingAt(folder) {
  const findings = join(folder, "findings");
  if (!existsSync(findings)) return undefined;
  const files = readdirSync(findings).filter((name) => name.endsWith(".toml"));
  const times = files.map((name) => statSync(join(findings, name)).mtimeMs);
  return times.length === 0 ? undefined : Math.min(...times);
}

/** `{ by, detail, runs?, calls? }` of the first finding: what it broke, in which run, and how many calls it takes. */
export function finding(folder, output) {
  const read = (name) => {
    const path = join(folder, name);
    return existsSync(path) ? JSON.parse(readFileSync(path, "utf8")) : undefined;
  };
  const found = read("hunt.json")?.findings?.[0];
  if (found) return ofHunt(found);
  const violation = read("summary.json")?.invariants?.violations?.[0];
  if (violation) return { by: violation.invariant, detail: plain(violation.detail) };
  const line = output.split("\n").find((line) => /invariant|finding|threshold/i.test(line)) ?? "";
  return { by: "output", detail: plain(line.trim()) };
}

function ofHunt({ rule, function: called, detail, run, transactions }) {
  const by = called ? `${rule} ${called}` : rule;
  // A whole run has no transactions of its own.
  const calls = transactions.length || undefined;
  return { by, detail: plain(detail), runs: run + 1, calls };
}
