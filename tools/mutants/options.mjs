// The command line of run.mjs.

import { availableParallelism } from "node:os";
import { join, resolve } from "node:path";
import { parseArgs } from "node:util";

import { ROOT } from "./sources.mjs";

export const USAGE = `usage: node tools/mutants/run.mjs [options] -- COMMAND…

Runs COMMAND over mutants of the contracts and prints which of them it caught. In COMMAND, {artifacts} is the mutant's
folder (without it, --artifacts FOLDER is appended), {dir} a folder for what the command writes, {budget} the budget.
A mutant is caught if COMMAND ends with exit code 5 or 4.

  --out DIR          results, artifacts and the cache of the compiler [target/mutants]
  --sources DIR      Solidity sources to mutate [contracts]
  --own FILE         a module that exports OWN, a list of patches; "none" for none [tools/mutants/own/index.mjs]
  --equivalent FILE  mutants that change nothing observable, with reasons [tools/mutants/equivalent.json]
  --sample N         systematic mutants beside the own list; "all" for all of them [60]
  --seed N           which systematic mutants [1]
  --only ID,…        these mutants alone; ID may end in *
  --jobs N           mutants at a time [1]
  --budget TIME      time for each mutant, in seconds or as 30s, 2m [30s]
  --equivalents      run the equivalent mutants, too: one that is caught is not equivalent
  --list             print the mutants without building or running any
  --build            write the artifacts without running anything

Exit codes: 0 every mutant was caught · 1 failure · 2 bad usage · 4 a mutant was missed · 130 interrupted.`;

const FLAGS = {
  out: { type: "string", default: join(ROOT, "target", "mutants") },
  sources: { type: "string", default: join(ROOT, "contracts") },
  own: { type: "string" },
  equivalent: { type: "string" },
  sample: { type: "string", default: "60" },
  seed: { type: "string", default: "1" },
  only: { type: "string" },
  jobs: { type: "string", default: "1" },
  budget: { type: "string", default: "30s" },
  equivalents: { type: "boolean", default: false },
  list: { type: "boolean", default: false },
  build: { type: "boolean", default: false },
  help: { type: "boolean", short: "h", default: false },
};

export class UsageError extends Error {}

/** What the arguments say, checked. Throws a UsageError. */
export function options(args) {
  const { values, command } = parse(args);
  const isReference = resolve(values.sources) === join(ROOT, "contracts");
  const here = join(ROOT, "tools", "mutants");
  const read = {
    ...values,
    command,
    out: resolve(values.out),
    own: values.own ?? (isReference ? join(here, "own", "index.mjs") : "none"),
    equivalent: values.equivalent ?? (isReference ? join(here, "equivalent.json") : undefined),
    sample: values.sample === "all" ? Infinity : whole("sample", values.sample, 0),
    seed: whole("seed", values.seed, 0),
    jobs: Math.min(whole("jobs", values.jobs, 1), 4 * availableParallelism()),
    budget: seconds(values.budget),
    only: values.only?.split(",").map((id) => id.trim()),
  };
  const runs = !values.list && !values.build && !values.help;
  if (runs && command.length === 0) throw new UsageError("no COMMAND: give it after --");
  return read;
}

function parse(args) {
  const at = args.indexOf("--");
  const own = at < 0 ? args : args.slice(0, at);
  try {
    return { ...parseArgs({ args: own, options: FLAGS }), command: at < 0 ? [] : args.slice(at + 1) };
  } catch (error) {
    throw new UsageError(error.message);
  }
}

function whole(name, text, least) {
  const number = Number(text);
  if (!/^\d+$/.test(text) || number < least) throw new UsageError(`--${name} ${text}: expected a whole number from ${least}`);
  return number;
}

/** Seconds. */
function seconds(text) {
  const match = /^(\d+(?:\.\d+)?)(s|m)?$/.exec(text);
  if (!match || Number(match[1]) === 0) throw new UsageError(`--budget ${text}: expected a time such as 30s`);
  return Number(match[1]) * (match[2] === "m" ? 60 : 1);
}
