// Runs the Foundry tests of what a hunt found in mutants, with the real forge: each must fail on its mutant and pass on the
// unchanged contracts. See README.md.
//
//   node tools/mutants/forge.mjs [FOLDER]     FOLDER is what run.mjs wrote [target/mutants]

import { existsSync, readFileSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";

import { addArtifacts, create, results } from "./project.mjs";
import { ROOT } from "./sources.mjs";

/** The tests that a hunt wrote: `{ id, name, text }`. */
function testsOf(out) {
  const runs = join(out, "runs");
  const ids = existsSync(runs) ? readdirSync(runs).filter((id) => id !== "original") : [];
  return ids.flatMap((id) => {
    const findings = join(runs, id, "run", "findings");
    const files = existsSync(findings) ? readdirSync(findings) : [];
    const tests = files.filter((file) => file.endsWith(".t.sol"));
    return tests.map((file) => ({ id, name: file.slice(0, -6), text: readFileSync(join(findings, file), "utf8") }));
  });
}

/** The same test on a build that is there already: contracts are read from its artifacts, and its name tells them apart. */
function onBuild({ text }, build, name) {
  const artifact = (_, contract) => `create("artifacts/${build}/${contract}.json"`;
  return text.replace(/create\("[^":]*:(\w+)"/g, artifact).replace(/^contract \w+/m, `contract ${name}`);
}

function main() {
  const out = resolve(process.argv[2] ?? join(ROOT, "target", "mutants"));
  const tests = testsOf(out);
  if (tests.length === 0) throw new Error(`${out}: no Foundry test in runs/*/run/findings`);
  const project = join(out, "forge");
  rmSync(project, { recursive: true, force: true });
  create(project);
  for (const build of new Set(["original", ...tests.map(({ id }) => id)])) {
    addArtifacts(project, build, join(out, "artifacts", build));
  }
  tests.forEach((test, index) => {
    for (const [kind, build] of [["Mutant", test.id], ["Original", "original"]]) {
      const name = `${kind}${index}`;
      writeFileSync(join(project, "test", `${name}.t.sol`), onBuild(test, build, name));
    }
  });
  const passed = new Map(
    results(project).map(({ contract, tests }) => [contract, tests.every(({ status }) => status === "Success")]),
  );
  const rows = tests.map(({ id, name }, index) => {
    const [onMutant, onOriginal] = [passed.get(`Mutant${index}`), passed.get(`Original${index}`)];
    const isRight = onMutant === false && onOriginal === true;
    return { id, name, isRight, onMutant, onOriginal };
  });
  const word = (passes) => (passes === undefined ? "did not run" : passes ? "passes" : "fails");
  const wrong = rows.filter(({ isRight }) => !isRight);
  for (const { id, name, onMutant, onOriginal } of wrong) {
    console.log(`${id}  ${name}: ${word(onMutant)} on the mutant, ${word(onOriginal)} on the original`);
  }
  console.log(`${rows.length - wrong.length} of ${rows.length} tests fail on their mutant and pass on the original`);
  process.exitCode = wrong.length === 0 ? 0 : 4;
}

try {
  main();
} catch (error) {
  process.stderr.write(`forge.mjs: ${error.message}\n`);
  process.exitCode = 1;
}
