// Compiles mutants to folders that `--artifacts` takes, with a cache, and drops those that change no code.

import { createHash } from "node:crypto";
import { once } from "node:events";
import { existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { Worker } from "node:worker_threads";

import { PIPELINES, compile, loadCompiler } from "./sources.mjs";

/** EIP-170. */
const CODE_LIMIT = 24_576;
const OUTPUTS = ["abi", "evm.bytecode.object", "evm.bytecode.linkReferences", "evm.deployedBytecode.object"];

const sha256 = (text) => createHash("sha256").update(text).digest("hex");
const selectionOf = (file, name) => ({ [file]: { [name]: OUTPUTS } });

/** What is the same of two mutants that do the same: their creation code. */
const codeOf = (contracts) =>
  sha256(
    JSON.stringify(
      Object.entries(contracts).flatMap(([file, names]) =>
        Object.entries(names).map(([name, { evm }]) => [file, name, evm.bytecode.object]),
      ),
    ),
  );

/** The unchanged contracts, and how to compile each of them. */
export class Original {
  constructor(project, out) {
    this.project = project;
    this.cache = join(out, "cache");
    mkdirSync(this.cache, { recursive: true });
    const key = sha256(JSON.stringify([project.sources, PIPELINES]));
    const kept = join(this.cache, `original-${key}.json`);
    const { contracts, pipelines } = existsSync(kept) ? JSON.parse(readFileSync(kept, "utf8")) : this.#compile();
    writeFileSync(kept, JSON.stringify({ contracts, pipelines }));
    Object.assign(this, { contracts, pipelines, code: codeOf(contracts) });
  }

  #compile() {
    const solc = loadCompiler();
    const [contracts, pipelines] = [{}, {}];
    for (const [file, name] of this.project.deployable()) {
      const { pipeline, contract } = this.#first(solc, file, name);
      (contracts[file] ??= {})[name] = contract;
      pipelines[`${file}:${name}`] = pipeline;
    }
    return { contracts, pipelines };
  }

  #first(solc, file, name) {
    let failure;
    for (const [pipeline, settings] of PIPELINES.entries()) {
      try {
        const output = compile(solc, this.project.sources, settings, selectionOf(file, name));
        const contract = output.contracts[file][name];
        if (contract.evm.deployedBytecode.object.length / 2 <= CODE_LIMIT) return { pipeline, contract };
        failure = new Error(`${file}: ${name} has more than ${CODE_LIMIT} bytes of code`);
      } catch (error) {
        failure = error;
      }
    }
    throw failure;
  }
}

/** Writes contracts as solc's standard JSON output, the way `--artifacts` takes them. Returns the folder. */
export function write(folder, contracts) {
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, "contracts.json"), JSON.stringify({ contracts }));
  return folder;
}

/**
 * Compiles the mutants in order, `jobs` at a time. Yields each with `contracts`, or with `dropped`, why it is none: it does
 * not compile, is too large, or has the code of the original or of an earlier mutant.
 */
export async function* build(original, mutants, jobs) {
  const compilers = Array.from({ length: jobs }, () => new Compiler());
  const pending = new Map();
  const codes = new Map([[original.code, "the original"]]);
  let next = 0;
  const start = (compiler) => {
    if (next === mutants.length) return;
    const index = next++;
    const done = compiled(original, mutants[index], compiler).then((result) => {
      start(compiler);
      return result;
    });
    pending.set(index, done);
  };
  try {
    compilers.forEach(start);
    for (let index = 0; index < mutants.length; index += 1) {
      const { contracts, dropped } = await pending.get(index);
      pending.delete(index);
      yield { ...mutants[index], ...verdict(codes, mutants[index].id, contracts, dropped) };
    }
  } finally {
    await Promise.all(compilers.map((compiler) => compiler.end()));
  }
}

function verdict(codes, id, contracts, dropped) {
  if (dropped) return { dropped };
  const code = codeOf(contracts);
  const same = codes.get(code);
  if (same) return { dropped: `has the same code as ${same}` };
  codes.set(code, id);
  return { contracts };
}

/** A mutant's contracts: those that its file changes are compiled, the others are the original's. */
async function compiled(original, mutant, compiler) {
  const contracts = structuredClone(original.contracts);
  const { project } = original;
  const all = { ...project.sources, [mutant.file]: { content: mutant.content } };
  for (const [file, name] of project.affected(mutant.file)) {
    const sources = Object.fromEntries([...project.closure(file)].map((path) => [path, all[path]]));
    const settings = PIPELINES[original.pipelines[`${file}:${name}`]];
    const output = await cached(original.cache, { sources, settings, selection: selectionOf(file, name) }, compiler);
    if (output.error) return { dropped: `does not compile: ${output.error.split("\n")[0]}` };
    const contract = output.contracts[file][name];
    if (contract.evm.deployedBytecode.object.length / 2 > CODE_LIMIT) return { dropped: `${name} becomes too large` };
    contracts[file][name] = contract;
  }
  return { contracts };
}

async function cached(cache, input, compiler) {
  const kept = join(cache, `${sha256(JSON.stringify(input))}.json`);
  if (existsSync(kept)) return JSON.parse(readFileSync(kept, "utf8"));
  const output = await compiler.compile(input);
  // Whole at once: an interrupted run leaves no half a file.
  writeFileSync(`${kept}.part`, JSON.stringify(output));
  renameSync(`${kept}.part`, kept);
  return output;
}

/** A compiler in a thread of its own, started when there is something to compile. */
class Compiler {
  #worker;

  async compile(input) {
    this.#worker ??= new Worker(new URL("compile-worker.mjs", import.meta.url));
    this.#worker.postMessage(input);
    const [output] = await once(this.#worker, "message");
    return output;
  }

  async end() {
    await this.#worker?.terminate();
  }
}
