// Installs the packages that a package-lock.json pins, unless they are there: the project's tools (solc, ethers.js, anvil),
// or those of another folder.
//
//   node tools/install.mjs

import { execFileSync } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const ROOT = dirname(dirname(fileURLToPath(import.meta.url)));

const read = (path) => JSON.parse(readFileSync(path, "utf8"));

function isInstalled(folder, name, pinned) {
  const path = join(folder, "node_modules", name, "package.json");
  const version = pinned.replace(/^npm:.*@/, "");
  return existsSync(path) && read(path).version === version;
}

/** Runs `npm ci` with these flags in a folder if a package is missing or of another version than package.json pins. */
export function install(folder = ROOT, flags = []) {
  const { dependencies, devDependencies } = read(join(folder, "package.json"));
  const pinned = Object.entries({ ...dependencies, ...devDependencies });
  const missing = pinned.filter(([name, version]) => !isInstalled(folder, name, version));
  if (missing.length === 0) return;
  console.error(`installing ${missing.map((tool) => tool.join(" ")).join(", ")} with npm ci`);
  // Windows finds npm only through a shell; the arguments are constant.
  const shell = process.platform === "win32";
  execFileSync("npm", ["ci", "--no-audit", "--no-fund", ...flags], { cwd: folder, stdio: ["ignore", 2, 2], shell });
}

if (process.argv[1] === fileURLToPath(import.meta.url)) install();
