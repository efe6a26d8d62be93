// Which mutants are made, and which of them are known to be equivalent.

import { createHash } from "node:crypto";
import { existsSync, readFileSync } from "node:fs";
import { pathToFileURL } from "node:url";

import { functions, patched } from "./mutant.mjs";
import { systematic } from "./operators.mjs";

/** The own list and a sample of the systematic mutants, in the order in which they are built. */
export async function select(project, { own, sample, seed, only }) {
  const patches = own === "none" ? [] : (await import(pathToFileURL(own))).OWN;
  const listed = patches.map((patch) => patched(project, patch));
  const all = systematic(project);
  if (!only) return [...listed, ...sampled(project, all, sample, seed)];
  const matches = (id) => only.some((wanted) => (wanted.endsWith("*") ? id.startsWith(wanted.slice(0, -1)) : id === wanted));
  const found = [...listed, ...all].filter(({ id }) => matches(id));
  if (found.length === 0) throw new Error(`--only ${only.join(",")}: no such mutant; --list prints them`);
  return found;
}

/** Some of the mutants of every function that may change state: one of each function, in turn, until there are enough. */
function sampled(project, all, count, seed) {
  if (count === Infinity) return all;
  const readers = functions(project)
    .filter(({ node }) => node.visibility === "external" && ["view", "pure"].includes(node.stateMutability))
    .map(({ contract, name }) => `${contract}.${name}`);
  const rank = (text) => createHash("sha256").update(`${seed} ${text}`).digest("hex");
  const groups = new Map();
  for (const one of all) {
    const name = one.id.slice(0, one.id.lastIndexOf("."));
    if (readers.includes(name)) continue;
    if (!groups.has(name)) groups.set(name, []);
    groups.get(name).push(one);
  }
  const byRank = (key) => (a, b) => (rank(key(a)) < rank(key(b)) ? -1 : 1);
  const order = [...groups.keys()].sort(byRank((name) => name));
  for (const group of groups.values()) group.sort(byRank(({ id }) => id));
  const chosen = [];
  for (let round = 0; chosen.length < count; round += 1) {
    const found = order.flatMap((name) => groups.get(name).slice(round, round + 1));
    if (found.length === 0) break;
    chosen.push(...found.slice(0, count - chosen.length));
  }
  return chosen;
}

/** Reasons by id. Fails if a listed mutant is another one by now: the ids count what stands in a function. */
export function equivalents(file, mutants) {
  if (!file || !existsSync(file)) return new Map();
  const listed = JSON.parse(readFileSync(file, "utf8"));
  const changes = new Map(mutants.map(({ id, change }) => [id, change]));
  for (const { id, change } of listed) {
    const found = changes.get(id);
    if (found !== undefined && found !== change) {
      throw new Error(`${file}: ${id} is another mutant now: listed ${change}; found ${found}`);
    }
  }
  return new Map(listed.map(({ id, reason }) => [id, reason]));
}
