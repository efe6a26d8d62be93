// Compiles the reference contracts for an older EVM, for nodes that know no newer one.
//
//   node tests/js/london.mjs OUT.json

import { createRequire } from "node:module";
import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join, relative, sep } from "node:path";
import { fileURLToPath } from "node:url";

const ROOT = dirname(dirname(dirname(fileURLToPath(import.meta.url))));
const solc = createRequire(join(ROOT, "package.json"))("solc");

const sources = {};
for (const entry of readdirSync(join(ROOT, "contracts"), { recursive: true, withFileTypes: true })) {
  if (!entry.isFile() || !entry.name.endsWith(".sol")) continue;
  const path = join(entry.parentPath ?? entry.path, entry.name);
  sources[relative(ROOT, path).split(sep).join("/")] = { content: readFileSync(path, "utf8") };
}
const settings = {
  evmVersion: "london",
  optimizer: { enabled: true, runs: 200 },
  viaIR: true,
  outputSelection: { "*": { "*": ["abi", "evm.bytecode", "evm.deployedBytecode"] } },
};
const output = JSON.parse(solc.compile(JSON.stringify({ language: "Solidity", sources, settings })));
const errors = (output.errors ?? []).filter((problem) => problem.severity === "error");
if (errors.length > 0) {
  console.error(errors.map((problem) => problem.formattedMessage).join("\n"));
  process.exit(1);
}
writeFileSync(process.argv[2], JSON.stringify(output));
