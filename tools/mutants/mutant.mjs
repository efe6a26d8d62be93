// A mutant: one changed span of one source file.

import { Project } from "./sources.mjs";

/** `span` of `file`, replaced by `text`. */
export function mutant(project, { id, kind, description, file, span, text }) {
  const [start, end] = span;
  const source = project.bytes[file];
  const changed = Buffer.concat([source.subarray(0, start), Buffer.from(text), source.subarray(end)]).toString();
  return {
    id,
    kind,
    description,
    file,
    line: project.line(file, start),
    change: `${squeeze(project.text(file, span))} -> ${squeeze(text) || "(nothing)"}`,
    diff: diff(file, project.sources[file].content, changed),
    content: changed,
  };
}

/** The text on one line. */
export const squeeze = (text) => text.replace(/\s+/g, " ").trim();

/** A unified diff of two texts that differ in one place. */
function diff(file, before, after) {
  const [old, now] = [before.split("\n"), after.split("\n")];
  const shorter = Math.min(old.length, now.length);
  let head = 0;
  while (head < shorter && old[head] === now[head]) head += 1;
  let tail = 0;
  while (tail < shorter - head && old.at(-1 - tail) === now.at(-1 - tail)) tail += 1;
  const context = 2;
  const [from, oldEnd, newEnd] = [Math.max(head - context, 0), old.length - tail, now.length - tail];
  const after_ = old.slice(oldEnd, oldEnd + context);
  const lines = [
    ...old.slice(from, head).map((line) => ` ${line}`),
    ...old.slice(head, oldEnd).map((line) => `-${line}`),
    ...now.slice(head, newEnd).map((line) => `+${line}`),
    ...after_.map((line) => ` ${line}`),
  ];
  const range = (end) => `${from + 1},${end - from + after_.length}`;
  return [`--- a/${file}`, `+++ b/${file}`, `@@ -${range(oldEnd)} +${range(newEnd)} @@`, ...lines, ""].join("\n");
}

/** Every function and modifier of the sources that has a body: `{ file, contract, name, node }`. */
export function functions(project) {
  const kinds = ["FunctionDefinition", "ModifierDefinition"];
  return Object.entries(project.trees).flatMap(([file, tree]) =>
    tree.nodes
      .filter((node) => node.nodeType === "ContractDefinition")
      .flatMap((contract) =>
        contract.nodes
          .filter((node) => kinds.includes(node.nodeType) && node.body)
          .map((node) => ({ file, contract: contract.name, name: node.name || node.kind, node })),
      ),
  );
}

/**
 * A mutant of the own list, `{ id, at, find, replace, description }`. `at` is `Contract.function`, or `Contract` for what
 * stands outside of functions; `find` must stand there exactly once, whatever its white space.
 */
export function patched(project, { id, at, find, replace, description }) {
  const [file, range] = place(project, at);
  const source = project.text(file, range);
  const pattern = squeeze(find).split(" ").map((word) => word.replace(/[.*+?^${}()|[\]\\]/g, "\\$&")).join("\\s+");
  const matches = [...source.matchAll(new RegExp(pattern, "g"))];
  if (matches.length !== 1) {
    throw new Error(`mutant ${id}: expected once in ${at}, found ${matches.length} times: ${squeeze(find)}`);
  }
  const start = range[0] + Buffer.byteLength(source.slice(0, matches[0].index));
  const span = [start, start + Buffer.byteLength(matches[0][0])];
  return mutant(project, { id, kind: "own", description, file, span, text: replace });
}

function place(project, at) {
  const [contract, name] = at.split(".");
  if (name === undefined) {
    for (const [file, tree] of Object.entries(project.trees)) {
      const node = tree.nodes.find((node) => node.nodeType === "ContractDefinition" && node.name === contract);
      if (node) return [file, Project.span(node)];
    }
  } else {
    const found = functions(project).filter((fn) => fn.contract === contract && fn.name === name);
    if (found.length === 1) return [found[0].file, Project.span(found[0].node)];
  }
  throw new Error(`no such place in the sources, or more than one: ${at}`);
}
