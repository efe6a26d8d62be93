// Foundry's invariant tests as a command of run.mjs, to hold the hunt against: honest actors (foundry/Honest.t.sol) on the
// contracts of a build, for as long. Exit codes as of `taskstorm hunt`: 0 nothing found, 5 something found.
//
//   node tools/mutants/run.mjs --budget 60s -- node tools/mutants/honest.mjs {budget} {artifacts} {dir}

import { copyFileSync, existsSync, mkdirSync, writeFileSync } from "node:fs";
import { basename, dirname, join, resolve } from "node:path";

import { addArtifacts, create, results } from "./project.mjs";
import { ROOT } from "./sources.mjs";

const SETTINGS = `optimizer = true

[profile.default.invariant]
runs = 1_000_000
depth = 100
`;

function main([budget, from, out]) {
  const artifacts = resolve(from);
  const seconds = Number.parseInt(budget, 10);
  // One project for all builds, so that its test is compiled once.
  const project = join(dirname(dirname(artifacts)), "honest");
  if (!existsSync(project)) create(project, SETTINGS);
  copyFileSync(join(ROOT, "tools", "mutants", "foundry", "Honest.t.sol"), join(project, "test", "Honest.t.sol"));
  const build = basename(artifacts);
  addArtifacts(project, build, artifacts);
  const env = { ARTIFACTS: `artifacts/${build}`, FOUNDRY_INVARIANT_TIMEOUT: String(seconds), FOUNDRY_FUZZ_SEED: "0x1" };
  const failed = results(project, env).flatMap(({ tests }) => tests).filter(({ status }) => status !== "Success");
  mkdirSync(out, { recursive: true });
  const findings = failed.map(({ reason, counterexample, kind }) => ({
    rule: "invariant",
    detail: reason ?? "set-up fails",
    run: kind?.Invariant?.runs ?? 0,
    transactions: callsOf(counterexample),
  }));
  writeFileSync(join(out, "hunt.json"), `${JSON.stringify({ findings }, null, 2)}\n`);
  process.exitCode = findings.length === 0 ? 0 : 5;
}

/** The shrunk sequence: forge gives it as `[length before, calls]`, or as the calls alone. */
function callsOf(counterexample) {
  const sequence = counterexample?.Sequence ?? [];
  return Array.isArray(sequence[1]) ? sequence[1] : sequence;
}

try {
  main(process.argv.slice(2));
} catch (error) {
  process.stderr.write(`honest.mjs: ${error.message}\n`);
  process.exitCode = 1;
}
