// Compiles what the main thread sends, one input after the other.

import { parentPort } from "node:worker_threads";

import { compile, loadCompiler } from "./sources.mjs";

const solc = loadCompiler();

parentPort.on("message", ({ sources, settings, selection }) => {
  try {
    parentPort.postMessage({ contracts: compile(solc, sources, settings, selection).contracts });
  } catch (error) {
    parentPort.postMessage({ error: error.message });
  }
});
