// Installs the JavaScript tools that package-lock.json pins (solc, ethers.js, anvil), unless they are there.
//
//   node tools/install.mjs

import { execFileSync } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const ROOT = dirname(dirname(fileURLToPath(import.meta.url)));

const read = (...path) => JSON.parse(readFileSync(join(ROOT, ...path), "utf8"));

function isInstalled(name, version) {
  const path = ["node_modules", name, "package.json"];
  return existsSync(join(ROOT, ...path)) && read(...path).version === version;
}

/** Runs `npm ci` if a tool is missing or of another version than package.json pins. */
export function install() {
  const pinned = Object.entries(read("package.json").devDependencies);
  const missing = pinned.filter(([name, version]) => !isInstalled(name, version));
  if (missing.length === 0) return;
  console.error(`installing ${missing.map((tool) => tool.join(" ")).join(", ")} with npm ci`);
  // Windows finds npm only through a shell; the arguments are constant.
  const shell = process.platform === "win32";
  execFileSync("npm", ["ci", "--no-audit", "--no-fund"], { cwd: ROOT, stdio: ["ignore", 2, 2], shell });
}

if (process.argv[1] === fileURLToPath(import.meta.url)) install();
