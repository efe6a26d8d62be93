// Solidity sources of a folder: text, syntax trees, and which contracts can be deployed.

import { existsSync, readdirSync, readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join, relative, resolve, sep } from "node:path";
import { fileURLToPath } from "node:url";

import { install } from "../install.mjs";

export const ROOT = dirname(dirname(dirname(fileURLToPath(import.meta.url))));

const COMMON = { evmVersion: "cancun", metadata: { bytecodeHash: "none", appendCBOR: false } };
const YUL = { yul: true, yulDetails: { stackAllocation: true, optimizerSteps: "" } };

/** From the quickest to the slowest: each contract is compiled with the first that takes it as it is. */
export const PIPELINES = [
  { ...COMMON, optimizer: { enabled: true, runs: 200 } },
  { ...COMMON, optimizer: { enabled: true, runs: 200, details: YUL }, viaIR: true },
  { ...COMMON, optimizer: { enabled: true, runs: 200 }, viaIR: true },
];

/** Folders of a project that hold no sources of its own. */
const FOREIGN = new Set(["node_modules", "out", "artifacts", "cache", "test", "script"]);

export function loadCompiler() {
  install();
  return createRequire(join(ROOT, "package.json"))("solc");
}

/** Path relative to the folder's parent (as imports of the reference contracts have it) → `{ content }`. */
export function readSources(folder) {
  if (!existsSync(folder)) throw new Error(`${folder}: no such folder of sources`);
  const parent = dirname(resolve(folder));
  const found = [];
  const visit = (path) => {
    for (const entry of readdirSync(path, { withFileTypes: true })) {
      const below = join(path, entry.name);
      if (entry.isDirectory() && !FOREIGN.has(entry.name)) visit(below);
      if (entry.isFile() && entry.name.endsWith(".sol")) {
        found.push([relative(parent, below).split(sep).join("/"), { content: readFileSync(below, "utf8") }]);
      }
    }
  };
  visit(resolve(folder));
  if (found.length === 0) throw new Error(`${folder}: no .sol file in it`);
  return Object.fromEntries(found.sort(([a], [b]) => (a < b ? -1 : 1)));
}

/** Compiles; throws with the compiler's words if it refuses. Warnings are no problem: mutants leave names unused. */
export function compile(solc, sources, settings, outputSelection) {
  const input = { language: "Solidity", sources, settings: { ...settings, outputSelection } };
  const output = JSON.parse(solc.compile(JSON.stringify(input)));
  const errors = (output.errors ?? []).filter((problem) => problem.severity === "error");
  if (errors.length > 0) throw new Error(errors[0].formattedMessage);
  return output;
}

/** The sources, parsed and resolved. */
export class Project {
  constructor(sources) {
    this.sources = sources;
    const parsed = compile(loadCompiler(), sources, COMMON, { "*": { "": ["ast"] } });
    this.trees = Object.fromEntries(Object.entries(parsed.sources).map(([file, { ast }]) => [file, ast]));
    this.bytes = Object.fromEntries(Object.entries(sources).map(([file, { content }]) => [file, Buffer.from(content)]));
  }

  /** `[file, contract]` of everything that can be deployed. */
  deployable() {
    return Object.entries(this.trees).flatMap(([file, tree]) =>
      tree.nodes
        .filter((node) => node.nodeType === "ContractDefinition" && node.contractKind === "contract" && !node.abstract)
        .map((node) => [file, node.name]),
    );
  }

  /** The deployable contracts whose code may change with this file. */
  affected(file) {
    return this.deployable().filter(([own]) => this.closure(own).has(file));
  }

  /** A file and all that it imports. */
  closure(file, found = new Set()) {
    if (found.has(file)) return found;
    found.add(file);
    const imports = this.trees[file].nodes.filter((node) => node.nodeType === "ImportDirective");
    for (const { absolutePath } of imports) this.closure(absolutePath, found);
    return found;
  }

  /** The bytes that a node (or a `src` of one) covers: offset and end. */
  static span(node) {
    const [start, length] = (node.src ?? node).split(":").map(Number);
    return [start, start + length];
  }

  text(file, [start, end]) {
    return this.bytes[file].subarray(start, end).toString();
  }

  /** Number of the line, from 1, that an offset lies in. */
  line(file, offset) {
    let line = 1;
    for (const byte of this.bytes[file].subarray(0, offset)) if (byte === 10) line += 1;
    return line;
  }
}
