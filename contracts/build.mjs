// Compiles the reference contracts to abi/*.json.
//
//   node contracts/build.mjs           writes the artifacts
//   node contracts/build.mjs --check   fails, naming the stale file, if they differ from what the sources compile to
//
// The compiler is the one that package-lock.json pins; it is installed on first use. The output is the same, byte for
// byte, on every machine: no time, no path, no metadata hash enters it.

import { createRequire } from "node:module";
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join, relative, sep } from "node:path";
import { fileURLToPath } from "node:url";

import { install } from "../tools/install.mjs";

const ROOT = dirname(dirname(fileURLToPath(import.meta.url)));
const SOURCES = join(ROOT, "contracts");
const ARTIFACTS = join(ROOT, "abi");

/** What is deployed (and measured), and the test doubles; the other sources are parts of these. */
const CONTRACTS = [
  ["contracts/NodePool.sol", "NodePool"],
  ["contracts/SessionV2.sol", "SessionV2"],
  ["contracts/SessionQueueV2.sol", "SessionQueueV2"],
  ["contracts/test/Receiver.sol", "test/Receiver"],
];

/** What dishonest actors deploy; compiled apart, since all sources of a compilation have a part in its output. */
const ADVERSARIES = [["adversary/Reenter.sol", "adversary/Reenter"]];

/** EIP-170. */
const CODE_LIMIT = 24576;

const SETTINGS = {
  evmVersion: "cancun",
  // Tuned for calls, not for deployment: the contracts are deployed once and called millions of times.
  optimizer: { enabled: true, runs: 1000000 },
  viaIR: true,
  metadata: { bytecodeHash: "none", appendCBOR: false },
};

function fail(message) {
  console.error(`build.mjs: ${message}`);
  process.exit(1);
}

function loadCompiler() {
  const require = createRequire(join(ROOT, "package.json"));
  install();
  return require("solc");
}

function readSources(folder) {
  const sources = {};
  for (const entry of readdirSync(folder, { recursive: true, withFileTypes: true })) {
    if (!entry.isFile() || !entry.name.endsWith(".sol")) continue;
    const path = join(entry.parentPath ?? entry.path, entry.name);
    sources[relative(ROOT, path).split(sep).join("/")] = { content: readFileSync(path, "utf8") };
  }
  return Object.fromEntries(Object.entries(sources).sort(([a], [b]) => (a < b ? -1 : 1)));
}

function compile(solc, sources) {
  const outputs = ["abi", "metadata", "storageLayout", "evm.bytecode.object", "evm.deployedBytecode.object"];
  const settings = { ...SETTINGS, outputSelection: { "*": { "*": outputs } } };
  const output = JSON.parse(solc.compile(JSON.stringify({ language: "Solidity", sources, settings })));
  const problems = (output.errors ?? []).filter((problem) => problem.severity !== "info");
  if (problems.length > 0) fail(`solc refuses:\n${problems.map((problem) => problem.formattedMessage).join("\n")}`);
  return output.contracts;
}

/** A storage layout without the numbers of syntax trees, which change with every source. */
function withoutAst(layout) {
  const text = JSON.stringify(layout, (key, value) => (key === "astId" || key === "contract" ? undefined : value));
  return JSON.parse(text.replace(/(t_(?:struct|enum|contract|userDefinedValueType)\([^()]*\))\d+/g, "$1"));
}

/** The artifacts as file name → text. */
function artifacts() {
  const solc = loadCompiler();
  const compiled = {
    ...compile(solc, readSources(SOURCES)),
    ...compile(solc, readSources(join(ROOT, "adversary"))),
  };
  const files = {};
  for (const [source, name] of [...CONTRACTS, ...ADVERSARIES]) {
    const contractName = name.split("/").at(-1);
    const { abi, evm, metadata, storageLayout } = compiled[source][contractName];
    const deployedBytecode = evm.deployedBytecode.object;
    const size = deployedBytecode.length / 2;
    if (size > CODE_LIMIT) fail(`${contractName} has ${size} bytes of code; the limit is ${CODE_LIMIT}`);
    const hashes = Object.entries(JSON.parse(metadata).sources).map(([path, { keccak256 }]) => [path, keccak256]);
    const artifact = {
      contractName,
      compiler: { name: "solc", version: solc.version(), settings: SETTINGS },
      evmVersion: SETTINGS.evmVersion,
      sources: Object.fromEntries(hashes.sort(([a], [b]) => (a < b ? -1 : 1))),
      abi,
      bytecode: `0x${evm.bytecode.object}`,
      deployedBytecode: `0x${deployedBytecode}`,
      storageLayout: withoutAst(storageLayout),
    };
    files[`${name}.json`] = `${JSON.stringify(artifact, null, 2)}\n`;
  }
  return files;
}

function existing() {
  if (!existsSync(ARTIFACTS)) return [];
  const names = readdirSync(ARTIFACTS, { recursive: true }).map((name) => name.split(sep).join("/"));
  return names.filter((name) => name.endsWith(".json"));
}

function check(files) {
  const stale = [];
  for (const [name, text] of Object.entries(files)) {
    const path = join(ARTIFACTS, name);
    // A checkout with converted line ends is not stale.
    const found = existsSync(path) ? readFileSync(path, "utf8").replaceAll("\r\n", "\n") : undefined;
    if (found !== text) stale.push(`abi/${name} ${found === undefined ? "is missing" : "differs from its sources"}`);
  }
  for (const name of existing()) if (!(name in files)) stale.push(`abi/${name} belongs to no contract`);
  if (stale.length > 0) fail(`${stale.join("\n           ")}\n           run: node contracts/build.mjs`);
  console.error(`build.mjs: ${Object.keys(files).length} artifacts agree with their sources`);
}

function write(files) {
  for (const name of existing()) if (!(name in files)) rmSync(join(ARTIFACTS, name));
  for (const [name, text] of Object.entries(files)) {
    const path = join(ARTIFACTS, name);
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, text);
    const size = (JSON.parse(text).deployedBytecode.length - 2) / 2;
    console.error(`build.mjs: abi/${name} (${size} bytes of code)`);
  }
}

const [flag, ...rest] = process.argv.slice(2);
if (rest.length > 0 || (flag !== undefined && flag !== "--check")) fail("usage: node contracts/build.mjs [--check]");
if (flag === "--check") check(artifacts());
else write(artifacts());
