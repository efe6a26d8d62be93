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

/** Compilers, and what is deployed of what each compiles: source and name. */
const BUILDS = [
  {
    compiler: "solc",
    settings: { evmVersion: "cancun", viaIR: true, metadata: { bytecodeHash: "none", appendCBOR: false } },
    // Chainlink's sources name the version of a package that has another name here.
    remappings: ["@openzeppelin/contracts@4.9.6/=@openzeppelin/contracts-4.9.6/"],
    contracts: [
      ["contracts/Token.sol", "Token"],
      ["contracts/Jobs.sol", "Jobs"],
      ["contracts/RandomConsumer.sol", "RandomConsumer"],
      ["contracts/AnswerConsumer.sol", "AnswerConsumer"],
      ["contracts/ManagedBox.sol", "ManagedBox"],
      ["contracts/OfferDesk.sol", "OfferDesk"],
      ["contracts/PermitToken.sol", "PermitToken"],
      ["contracts/PermitToken.sol", "Invoices"],
      ["contracts/Governance.sol", "VotesToken"],
      ["contracts/Governance.sol", "Box"],
      ["contracts/Governance.sol", "BoxGovernor"],
      ["contracts/network/NetworkQueue.sol", "NetworkQueue"],
      ["contracts/network/NetworkSession.sol", "NetworkSession"],
      ["@openzeppelin/contracts/access/manager/AccessManager.sol", "AccessManager"],
      ["@openzeppelin/contracts/governance/TimelockController.sol", "TimelockController"],
      ["@openzeppelin/contracts/metatx/ERC2771Forwarder.sol", "ERC2771Forwarder"],
      ["@chainlink/contracts/src/v0.8/vrf/mocks/VRFCoordinatorV2_5Mock.sol", "VRFCoordinatorV2_5Mock"],
    ],
  },
  {
    compiler: "solc",
    // Safe's assembly leaves the code generator by way of Yul no memory to move variables to.
    settings: { evmVersion: "cancun", metadata: { bytecodeHash: "none", appendCBOR: false } },
    remappings: [],
    contracts: [
      ["@safe-global/safe-contracts/contracts/Safe.sol", "Safe"],
      ["@safe-global/safe-contracts/contracts/proxies/SafeProxyFactory.sol", "SafeProxyFactory"],
    ],
  },
  {
    compiler: "solc-0.8.9",
    settings: { evmVersion: "london", metadata: { bytecodeHash: "none" } },
    // Airnode's sources need an earlier version of OpenZeppelin's than others.
    remappings: ["@openzeppelin/=@api3/airnode-protocol/node_modules/@openzeppelin/"],
    contracts: [["@api3/airnode-protocol/contracts/rrp/AirnodeRrpV0.sol", "AirnodeRrpV0"]],
  },
];

const OPTIMIZER = { enabled: true, runs: 200 };
const OUTPUTS = ["abi", "evm.bytecode.object", "evm.deployedBytecode.object"];

function fail(message) {
  console.error(`build.mjs: ${message}`);
  process.exit(1);
}

/** The file of a source: ours by its path, others in their packages. */
const fileOf = (source) => join(FOLDER, source.startsWith("contracts/") ? "" : "node_modules", source);

/** The sources that a source imports, as the compiler names them. */
function importsOf(source, text, remappings) {
  const paths = [...text.matchAll(/^\s*(?:import|\}\s*from)\b[^;]*?["']([^"']+)["']/gm)].map(([, path]) => path);
  const prefixes = remappings.map((remapping) => remapping.split("="));
  return paths.map((path) => {
    if (path.startsWith(".")) return join(dirname(source), path);
    const [prefix, target] = prefixes.find(([prefix]) => path.startsWith(prefix)) ?? ["", ""];
    return target + path.slice(prefix.length);
  });
}

/** Every source that the contracts need, by name. */
function readSources({ contracts, remappings }) {
  const sources = {};
  const queue = contracts.map(([source]) => source);
  for (let source; (source = queue.pop()) !== undefined; ) {
    if (source in sources) continue;
    if (!existsSync(fileOf(source))) fail(`no source ${source}`);
    const content = readFileSync(fileOf(source), "utf8");
    sources[source] = { content };
    queue.push(...importsOf(source, content, remappings));
  }
  return Object.fromEntries(Object.entries(sources).sort(([a], [b]) => (a < b ? -1 : 1)));
}

/** What a compiler is given. */
function inputOf(build) {
  const outputSelection = { "*": { "*": OUTPUTS } };
  const settings = { ...build.settings, optimizer: OPTIMIZER, remappings: build.remappings, outputSelection };
  return JSON.stringify({ language: "Solidity", sources: readSources(build), settings });
}

/** Warnings about our own sources are errors; others' are their business. */
function compile(compiler, input) {
  const output = JSON.parse(require(compiler).compile(input));
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
const require = createRequire(import.meta.url);
const inputs = BUILDS.map(inputOf);
const versions = BUILDS.map(({ compiler }) => require(`${compiler}/package.json`).version);
const stamp = createHash("sha256").update(JSON.stringify([versions, BUILDS, inputs])).digest("hex");
if (!existsSync(STAMP) || readFileSync(STAMP, "utf8") !== stamp) {
  mkdirSync(ARTIFACTS, { recursive: true });
  for (const [place, { compiler, contracts }] of BUILDS.entries()) {
    const compiled = compile(compiler, inputs[place]);
    for (const [sourceName, contractName] of contracts) {
      const { abi, evm } = compiled[sourceName][contractName];
      const [bytecode, deployedBytecode] = [evm.bytecode, evm.deployedBytecode].map(({ object }) => `0x${object}`);
      const artifact = { contractName, sourceName, abi, bytecode, deployedBytecode };
      write(`${contractName}.json`, `${JSON.stringify(artifact, null, 2)}\n`);
      console.error(`build.mjs: ${contractName} (${(deployedBytecode.length - 2) / 2} bytes of code)`);
    }
  }
  write("inputs.sha256", stamp);
}
