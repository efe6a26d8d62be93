// Runs a command over mutants of the contracts: how many faults does it catch, and how fast? See README.md.

import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";

import { Original, build, write as writeArtifacts } from "./build.mjs";
import { USAGE, UsageError, options } from "./options.mjs";
import { equivalents, select } from "./select.mjs";
import { Project, readSources } from "./sources.mjs";
import { expected, text, write } from "./table.mjs";
import { interrupt, trial } from "./trial.mjs";

const say = (line) => process.stderr.write(`${line}\n`);
let interrupted = false;

async function main() {
  const given = options(process.argv.slice(2));
  if (given.help) return print(USAGE);
  const project = new Project(readSources(given.sources));
  const mutants = await select(project, given);
  if (given.list) return print(mutants.map((one) => `${one.id}\t${place(one)}\t${one.description}`).join("\n"));
  const reasons = equivalents(given.equivalent, mutants);
  const built = await builds(given, project, mutants);
  if (given.build || interrupted) return ended(interrupted ? 130 : 0);
  await checkOriginal(given);
  const rows = await trials(given, built, reasons);
  write(given.out, rows, { command: given.command, budget_seconds: given.budget, complete: !interrupted });
  print(text(rows, !interrupted));
  return ended(interrupted ? 130 : expected(rows).some((row) => row.verdict !== "caught") ? 4 : 0);
}

const place = ({ file, line }) => `${file}:${line}`;
const print = (output) => process.stdout.write(output.endsWith("\n") ? output : `${output}\n`);
const ended = (code) => (process.exitCode = code);

/** Writes the artifacts of every mutant that is one, and the diffs. */
async function builds({ out, jobs }, project, mutants) {
  const original = new Original(project, out);
  writeArtifacts(join(out, "artifacts", "original"), original.contracts);
  mkdirSync(join(out, "diffs"), { recursive: true });
  const kept = [];
  const dropped = [];
  for await (const mutant of build(original, mutants, jobs)) {
    if (interrupted) break;
    if (mutant.dropped) {
      dropped.push(`${mutant.id}\t${mutant.dropped}`);
    } else {
      const { contracts, content, ...about } = mutant;
      writeFileSync(join(out, "diffs", `${mutant.id}.diff`), `${mutant.description}\n${mutant.diff}`);
      kept.push({ ...about, artifacts: writeArtifacts(join(out, "artifacts", mutant.id), contracts) });
    }
    const count = kept.length + dropped.length;
    if (count % 20 === 0 || count === mutants.length) say(`built ${kept.length} mutants, dropped ${dropped.length}`);
  }
  writeFileSync(join(out, "dropped.txt"), dropped.map((line) => `${line}\n`).join(""));
  return kept;
}

/** A command that finds something in the unchanged contracts measures nothing. */
async function checkOriginal(given) {
  const artifacts = join(given.out, "artifacts", "original");
  const { verdict, exit, by, detail } = await trial(given, join(given.out, "runs", "original"), artifacts);
  say(`unchanged contracts: ${verdict === "missed" ? "nothing found" : verdict}`);
  if (verdict === "missed" || interrupted) return;
  const found = by === undefined ? "" : `: ${by}: ${detail}`;
  throw new Error(`on the unchanged contracts the command ended with ${exit}${found}; see runs/original/output.txt`);
}

/** Runs the command on every mutant, `jobs` at a time. */
async function trials(given, mutants, reasons) {
  const rows = new Map();
  const queue = mutants.entries();
  const work = async () => {
    for (const [index, mutant] of queue) {
      if (interrupted) return;
      const row = await judged(given, mutant, reasons.get(mutant.id));
      rows.set(index, row);
      say(`${rows.size}/${mutants.length} ${row.verdict} ${row.id}${row.by ? ` (${row.by}, ${row.seconds.toFixed(1)} s)` : ""}`);
    }
  };
  await Promise.all(Array.from({ length: given.jobs }, work));
  return [...rows.entries()].sort(([a], [b]) => a - b).map(([, row]) => row);
}

async function judged(given, mutant, reason) {
  const { id, kind, description, artifacts } = mutant;
  const row = { id, kind, place: place(mutant), description, change: mutant.change };
  if (reason !== undefined && !given.equivalents) return { ...row, verdict: "equivalent", reason };
  const result = await trial(given, join(given.out, "runs", id), artifacts);
  if (reason === undefined) return { ...row, ...result };
  const verdict = result.verdict === "caught" ? "not equivalent" : "equivalent";
  return { ...row, ...result, verdict, reason };
}

process.on("SIGINT", () => {
  if (interrupted) process.exit(130);
  interrupted = true;
  say("interrupted: what ran is kept");
  interrupt();
});

try {
  await main();
} catch (error) {
  say(`run.mjs: ${error.message}`);
  process.exitCode = error instanceof UsageError ? 2 : 1;
}
