// Compiles one Solidity file and prints the compiler's standard JSON output.
//
//   node tests/it/expressions/compile.mjs FILE

import { readFileSync } from "node:fs";
import { createRequire } from "node:module";

const solc = createRequire(import.meta.url)("solc");
const input = {
  language: "Solidity",
  sources: { "Expressions.sol": { content: readFileSync(process.argv[2], "utf8") } },
  settings: {
    evmVersion: "cancun",
    outputSelection: { "*": { "*": ["abi", "evm.bytecode.object"] } },
  },
};
process.stdout.write(solc.compile(JSON.stringify(input)));
