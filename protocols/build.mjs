// Installs the packages of other protocols that package-lock.json pins, and compiles what the profiles deploy to artifacts/.
//
//   node protocols/build.mjs
//
// It does nothing if the artifacts are those of these sources, packages and settings.

import { createHash } from "node:crypto";
import { createRequire } from "node:module";
import { existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

import { install } from "../tools/install.mjs";

const FOLDER = dirname(fileURLToPath(import.meta.url));
const ARTIFACTS = join(FOLDER, "artifacts");
const STAMP = join(ARTIFACTS, "inputs.sha256");

/** What is deployed: source and name. */
const CONTRACTS = [
  ["contracts/Token.sol", "Token"],
  ["contracts/Jobs.sol", "Jobs"],
  ["contracts/RandomConsumer.sol", "RandomConsumer"],
  ["contracts/Governance.sol", "VotesToken"],
  ["contracts/Governance.sol", "Box"],
  ["contracts/Governance.sol", "BoxGovernor"],
  ["contracts/network/NetworkQueue.sol", "NetworkQueue"],
  ["contracts/network/NetworkSession.sol", "NetworkSession"],
  ["@openzeppelin/contracts/governance/TimelockController.sol", "TimelockController"],
  ["@chainlink/contracts/src/v0.8/vrf/mocks/VRFCoordinatorV2_5Mock.sol", "VRFCoordinatorV2_5Mock"],
];

const SETTINGS = {
  evmVersion: "cancun",
  optimizer: { enabled: true, runs: 200 },
  viaIR: true,
  metadata: { bytecodeHash: "none", appendCBOR: false },
  outputSelection: { "*": { "*": ["abi", "evm.bytecode.object", "evm.deployedBytecode.object"] } },
};

function fail(message) {
  console.error(`build.mjs: ${message}`);
  process.exit(1);
}

/** The file of a source: ours by its path, others as their packages name them. Chainlink names a version behind an `@`. */
function fileOf(source) {
  if (source.startsWith("contracts/")) return join(FOLDER, source);
  const versioned = source.replace(/^(@openzeppelin\/contracts)@([0-9.]+)\//, "$1-$2/");
  return join(FOLDER, "node_modules", versioned);
}

function importsOf(source, text) {
  const paths = [...text.matchAll(/^\s*(?:import|\}\s*from)\b[^;]*?["']([^"']+)["']/gm)].map(([, path]) => path);
  return paths.map((path) => (path.startsWith(".") ? join(dirname(source), path) : path));
}

/** Every source that the contracts need, by name. */
function readSources() {
  const sources = {};
  const queue = CONTRACTS.map(([source]) => source);
  for (let source; (source = queue.pop()) !== undefined; ) {
    if (source in sources) continue;
    if (!existsSync(fileOf(source))) fail(`no source ${source}`);
    const content = readFileSync(fileOf(source), "utf8");
    sources[source] = { content };
    queue.push(...importsOf(source, content));
  }
  return Object.fromEntries(Object.entries(sources).sort(([a], [b]) => (a < b ? -1 : 1)));
}

function compile(solc, input) {
  const output = JSON.parse(solc.compile(input));
  const isOurs = ({ sourceLocation }) => sourceLocation?.file.startsWith("contracts/") ?? true;
  const problems = (output.errors ?? []).filter((problem) => problem.severity === "error" || isOurs(problem));
  if (problems.length > 0) fail(`solc refuses:\n${problems.map((problem) => problem.formattedMessage).join("\n")}`);
  return output.contracts;
}

/** Others may read the file at any time: it is there as a whole, or not. */
function write(name, text) {
  const path = join(ARTIFACTS, name);
  writeFileSync(`${path}.${process.pid}`, text);
  renameSync(`${path}.${process.pid}`, path);
}

install();
install(FOLDER, ["--ignore-scripts"]);
const solc = createRequire(import.meta.url)("solc");
const input = JSON.stringify({ language: "Solidity", sources: readSources(), settings: SETTINGS });
const stamp = createHash("sha256").update(solc.version()).update(JSON.stringify(CONTRACTS)).update(input).digest("hex");
if (!existsSync(STAMP) || readFileSync(STAMP, "utf8") !== stamp) {
  const compiled = compile(solc, input);
  mkdirSync(ARTIFACTS, { recursive: true });
  for (const [sourceName, contractName] of CONTRACTS) {
    const { abi, evm } = compiled[sourceName][contractName];
    const [bytecode, deployedBytecode] = [evm.bytecode, evm.deployedBytecode].map(({ object }) => `0x${object}`);
    const artifact = { contractName, sourceName, abi, bytecode, deployedBytecode };
    write(`${contractName}.json`, `${JSON.stringify(artifact, null, 2)}\n`);
    console.error(`build.mjs: ${contractName} (${(deployedBytecode.length - 2) / 2} bytes of code)`);
  }
  write("inputs.sha256", stamp);
}
