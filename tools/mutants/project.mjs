// A project of forge's whose tests take contracts from artifacts, so that nothing but the tests is compiled.

import { spawnSync } from "node:child_process";
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";

import { ROOT, loadCompiler } from "./sources.mjs";

const SETTINGS = `[profile.default]
src = "test"
test = "test"
out = "out"
evm_version = "cancun"
fs_permissions = [{ access = "read", path = "./artifacts" }]
lint = { lint_on_build = false }
`;

/** The compiler that package.json names, as forge calls it. */
const COMPILER = `#!/usr/bin/env node
const { createRequire } = require("node:module");
const { readFileSync } = require("node:fs");
const solc = createRequire(${JSON.stringify(join(ROOT, "package.json"))})("solc");
const isAsked = process.argv.includes("--version");
process.stdout.write(isAsked ? "Version: " + solc.version() + "\\n" : solc.compile(readFileSync(0, "utf8")));
`;

/** Writes a project without tests, with more settings if any are given. Installs forge and the compiler if need be. */
export function create(project, settings = "") {
  loadCompiler();
  mkdirSync(join(project, "test"), { recursive: true });
  writeFileSync(join(project, "foundry.toml"), SETTINGS + settings);
  writeFileSync(join(project, "solc.cjs"), COMPILER, { mode: 0o755 });
}

/** Writes a build that `run.mjs` made as forge's own artifacts, `artifacts/BUILD/CONTRACT.json`. */
export function addArtifacts(project, build, from) {
  const { contracts } = JSON.parse(readFileSync(join(from, "contracts.json"), "utf8"));
  const folder = join(project, "artifacts", build);
  mkdirSync(folder, { recursive: true });
  for (const names of Object.values(contracts)) {
    for (const [name, { abi, evm }] of Object.entries(names)) {
      const bytecode = { object: `0x${evm.bytecode.object}`, linkReferences: {} };
      writeFileSync(join(folder, `${name}.json`), JSON.stringify({ abi, bytecode, deployedBytecode: bytecode }));
    }
  }
}

/** Runs the tests. Returns `{ contract, tests }` of each contract, its tests as forge's JSON has them. */
export function results(project, env = {}) {
  const forge = join(ROOT, "node_modules", ".bin", "forge");
  const flags = ["test", "--offline", "--use", join(project, "solc.cjs"), "--json"];
  const settings = { cwd: project, encoding: "utf8", maxBuffer: 1 << 30, env: { ...process.env, ...env } };
  const { stdout, stderr, error } = spawnSync(forge, flags, settings);
  if (error) throw error;
  // What the compiler says comes first.
  const line = stdout.split("\n").find((line) => line.startsWith('{"test/'));
  if (line === undefined) throw new Error(`forge did not run the tests:\n${stdout}${stderr}`.slice(0, 4_000));
  return Object.entries(JSON.parse(line)).map(([suite, { test_results }]) => ({
    contract: suite.split(":").pop(),
    tests: Object.values(test_results),
  }));
}
