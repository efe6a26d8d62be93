// Compiles the reference contracts, and changed ones, to artifacts in the layouts that users have.
//
//   node tests/js/artifacts.mjs FOLDER
//
// Writes to FOLDER: foundry/ and hardhat/ (projects), standard.json, abi/ (X.abi and X.bin), and for every change below a
// file <change>.json of solc's standard JSON output.

import { createHash } from "node:crypto";
import { cpSync, mkdirSync, readFileSync, readdirSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join, relative, sep } from "node:path";
import { fileURLToPath } from "node:url";

const ROOT = dirname(dirname(dirname(fileURLToPath(import.meta.url))));
const OUT = process.argv[2];
const solc = createRequire(join(ROOT, "package.json"))("solc");
const NAMES = ["NodePool", "SessionV2", "SessionQueueV2"];
const QUEUE = "contracts/SessionQueueV2.sol";
const QUEUE_INTERFACE = "contracts/interfaces/ISessionQueueV2.sol";

const settings = JSON.parse(readFileSync(join(ROOT, "abi/SessionQueueV2.json"), "utf8")).compiler.settings;

function sources() {
  const found = {};
  for (const entry of readdirSync(join(ROOT, "contracts"), { recursive: true, withFileTypes: true })) {
    const path = join(entry.parentPath ?? entry.path, entry.name);
    if (!entry.name.endsWith(".sol") || path.includes(`${sep}test${sep}`)) continue;
    found[relative(ROOT, path).split(sep).join("/")] = { content: readFileSync(path, "utf8") };
  }
  return found;
}

/** Replaces texts in sources, each of which must be there. */
function changed(edits) {
  const all = sources();
  for (const [path, from, to] of edits) {
    if (!all[path].content.includes(from)) throw new Error(`${path} has no ${from}`);
    all[path].content = all[path].content.replaceAll(from, to);
  }
  return all;
}

function compile(all, names, more = {}) {
  const outputs = ["abi", "metadata", "storageLayout", "evm.bytecode", "evm.deployedBytecode"];
  const selection = Object.fromEntries(names.map((name) => [`contracts/${name}.sol`, { "*": outputs }]));
  const input = { language: "Solidity", sources: all, settings: { ...settings, ...more, outputSelection: selection } };
  const output = JSON.parse(solc.compile(JSON.stringify(input)));
  const errors = (output.errors ?? []).filter((problem) => problem.severity === "error");
  if (errors.length > 0) throw new Error(errors.map((error) => error.formattedMessage).join("\n"));
  return { input, output };
}

const write = (path, value) => {
  mkdirSync(dirname(join(OUT, path)), { recursive: true });
  writeFileSync(join(OUT, path), typeof value === "string" ? value : JSON.stringify(value, null, 2));
};

const reference = compile(sources(), [...NAMES, "interfaces/INodePool"]);
write("standard.json", reference.output);

// The projects, as their tools lay them out.
for (const project of ["foundry", "hardhat"]) {
  cpSync(join(ROOT, "contracts"), join(OUT, project, "contracts"), { recursive: true });
}
write("foundry/foundry.toml", '[profile.default]\nsrc = "contracts"\n');
write("hardhat/hardhat.config.js", "module.exports = { solidity: \"0.8.37\" };\n");
const { output } = reference;
const id = createHash("md5").update(JSON.stringify(reference.input)).digest("hex");
write(`hardhat/artifacts/build-info/${id}.json`, {
  id,
  _format: "hh-sol-build-info-1",
  solcVersion: "0.8.37",
  solcLongVersion: solc.version().replace(/\.Emscripten.*/, ""),
  ...reference,
});
for (const [source, contracts] of Object.entries(output.contracts)) {
  for (const [name, { abi, metadata, evm, storageLayout }] of Object.entries(contracts)) {
    const file = source.split("/").at(-1);
    const { object, linkReferences, sourceMap } = evm.bytecode;
    write(`foundry/out/${file}/${name}.json`, {
      abi,
      bytecode: { object: `0x${object}`, sourceMap, linkReferences },
      deployedBytecode: { object: `0x${evm.deployedBytecode.object}`, linkReferences: {}, immutableReferences: {} },
      methodIdentifiers: {},
      rawMetadata: metadata,
      metadata: JSON.parse(metadata),
      storageLayout,
      id: 0,
    });
    const folder = `hardhat/artifacts/${source}`;
    write(`${folder}/${name}.json`, {
      _format: "hh-sol-artifact-1",
      contractName: name,
      sourceName: source,
      abi,
      bytecode: `0x${object}`,
      deployedBytecode: `0x${evm.deployedBytecode.object}`,
      linkReferences,
      deployedLinkReferences: {},
    });
    const up = "../".repeat(source.split("/").length);
    write(`${folder}/${name}.dbg.json`, { _format: "hh-sol-dbg-1", buildInfo: `${up}build-info/${id}.json` });
    write(`abi/${name}.abi`, abi);
    write(`abi/${name}.bin`, object);
  }
}

// Only the queue differs; the other contracts are those above.
const ACK = "        _setAssignment(task, index, assignment.ack(block.timestamp - state.assignedAt()));\n";
const queues = {
  // More gas per ack.
  costly: [[QUEUE, ACK, `${ACK}        for (uint256 i; i < 40; ++i) { assembly { sstore(add(0xc057, i), add(gas(), i)) } }\n`]],
  // An event that the actors wait for has another name, and an argument of another is indexed.
  renamed: [
    [QUEUE, "emit TaskAcked(", "emit TaskAccepted("],
    [QUEUE_INTERFACE, "event TaskAcked(", "event TaskAccepted("],
    [QUEUE_INTERFACE, "event TaskCommitEnded(uint256 sessionId", "event TaskCommitEnded(uint256 indexed sessionId"],
  ],
  // Anything may be revealed, whatever was precommitted.
  broken: [[QUEUE, "if (revealed != precommitted) revert", "if (revealed == 0) revert"]],
  // A miner may ack again and again; nobody is asked who forces the end of a task.
  again: [[QUEUE, "if (assignment.hasAcked()) revert AlreadyAcked(sessionId, taskId, msg.sender);", ""]],
  unguarded: [[QUEUE, "if (!isOracleNode[msg.sender]) revert NotOracle(msg.sender);", ""]],
  // An external library.
  library: [
    [QUEUE, ACK, `${ACK}        require(Ones.one() == 1);\n`],
    [QUEUE, "contract SessionQueueV2", "library Ones { function one() external pure returns (uint256) { return 1; } }\n\ncontract SessionQueueV2"],
  ],
  // The same code twice, with different metadata: a comment is not the same.
  "metadata-a": [],
  "metadata-b": [[QUEUE, "    // ---- Anyone, and oracles ----", "    // ---- Oracles, and anyone ----"]],
};
for (const [name, edits] of Object.entries(queues)) {
  const more = name.startsWith("metadata") ? { metadata: { bytecodeHash: "ipfs", appendCBOR: true } } : {};
  const compiled = compile(changed(edits), ["SessionQueueV2"], more).output;
  const contracts = { ...output.contracts, [QUEUE]: compiled.contracts[QUEUE] };
  write(`${name}.json`, { contracts });
}
