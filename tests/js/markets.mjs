// Compiles the market of the profiles' tests, as it is and changed.
//
//   node tests/js/markets.mjs FOLDER
//
// Writes to FOLDER for every change below a file <change>.json of solc's standard JSON output.

import { readFileSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const ROOT = dirname(dirname(dirname(fileURLToPath(import.meta.url))));
const OUT = process.argv[2];
const solc = createRequire(join(ROOT, "package.json"))("solc");
const SOURCE = "contracts/Market.sol";
const market = readFileSync(join(ROOT, "tests/it/profiles", SOURCE), "utf8");

const CHANGES = {
  same: [],
  // More gas per question, and another library.
  costly: [
    ["        emit Asked(question,", "        spent[nonce] = block.number;\n        emit Asked(question,"],
    ["    uint64 public tickets;", "    uint64 public tickets;\n    mapping(uint256 => uint256) public spent;"],
    ["return bond / 40;", "return bond / 20;"],
  ],
  // What the profile calls and decodes is not there as it was.
  other: [
    ["function claim(bytes32 question)", "function claim(bytes32 question, uint256 round)"],
    ["emit Answered(question, text,", "emit Replied(question, text,"],
    ["event Answered(", "event Replied("],
    ["function join(address member)", "function join(address member) public {\n        join(member, 0);\n    }\n\n    function join(address member, uint256)"],
    ["uint256) external {\n        emit Joined", "uint256) public {\n        emit Joined"],
  ],
  renamed: [["contract Market", "contract MarketV2"]],
};

for (const [name, edits] of Object.entries(CHANGES)) {
  let content = market;
  for (const [from, to] of edits) {
    if (!content.includes(from)) throw new Error(`${SOURCE} has no ${from}`);
    content = content.replaceAll(from, to);
  }
  const outputSelection = { "*": { "*": ["abi", "evm.bytecode", "evm.deployedBytecode", "metadata"] } };
  const settings = { optimizer: { enabled: true, runs: 200 }, evmVersion: "shanghai", outputSelection };
  const input = { language: "Solidity", sources: { [SOURCE]: { content } }, settings };
  const output = JSON.parse(solc.compile(JSON.stringify(input)));
  const errors = (output.errors ?? []).filter((problem) => problem.severity === "error");
  if (errors.length > 0) throw new Error(errors.map((error) => error.formattedMessage).join("\n"));
  writeFileSync(join(OUT, `${name}.json`), JSON.stringify({ contracts: output.contracts }));
}
