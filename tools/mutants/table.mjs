// The table of results: text, JSON and CSV.

import { writeFileSync } from "node:fs";
import { join } from "node:path";

const COLUMNS = ["id", "kind", "place", "verdict", "seconds", "runs", "calls", "by", "detail", "description"];

const rounded = (number) => (number === undefined ? "" : String(Math.round(number * 10) / 10));
const cell = (row, column) => (column === "seconds" ? rounded(row.seconds) : String(row[column] ?? ""));

/** Counts by verdict, and the medians of what detection took. */
export function totals(rows) {
  const counts = {};
  for (const { verdict } of rows) counts[verdict] = (counts[verdict] ?? 0) + 1;
  const caught = rows.filter((row) => row.verdict === "caught");
  const median = (column) => {
    const sorted = caught.map((row) => row[column]).filter((value) => value !== undefined).sort((a, b) => a - b);
    return sorted[Math.floor((sorted.length - 1) / 2)];
  };
  const medians = { seconds: median("seconds"), runs: median("runs"), calls: median("calls") };
  return { counts, medians };
}

/** Those that the command should have caught. */
export const expected = (rows) => rows.filter((row) => !["equivalent", "interrupted"].includes(row.verdict));

export function text(rows, complete) {
  const shown = ["id", "place", "verdict", "seconds", "runs", "calls", "by", "description"];
  const cells = [shown, ...rows.map((row) => shown.map((column) => cell(row, column)))];
  const widths = shown.map((_, index) => Math.min(Math.max(...cells.map((row) => row[index].length)), 44));
  const line = (row) => row.map((word, index) => word.padEnd(widths[index])).join("  ").trimEnd();
  const { counts, medians } = totals(rows);
  const caught = counts.caught ?? 0;
  const of = expected(rows).length;
  const facts = [
    `${caught} of ${of} caught${complete ? "" : " (interrupted: the others did not run)"}`,
    ...Object.entries(counts).filter(([verdict]) => verdict !== "caught").map(([verdict, count]) => `${count} ${verdict}`),
    medians.seconds === undefined ? "" : `median time to find ${rounded(medians.seconds)} s`,
    medians.runs === undefined ? "" : `median runs to find ${medians.runs}`,
    medians.calls === undefined ? "" : `median calls after shrinking ${medians.calls}`,
  ];
  return [...cells.map(line), "", facts.filter(Boolean).join(" · "), ""].join("\n");
}

function csv(rows) {
  const quoted = (word) => (/[",\n]/.test(word) ? `"${word.replaceAll('"', '""')}"` : word);
  const line = (words) => words.map(quoted).join(",");
  return [line(COLUMNS), ...rows.map((row) => line(COLUMNS.map((column) => cell(row, column)))), ""].join("\n");
}

/** Writes mutants.txt, mutants.json and mutants.csv. */
export function write(folder, rows, about) {
  writeFileSync(join(folder, "mutants.txt"), text(rows, about.complete));
  writeFileSync(join(folder, "mutants.csv"), csv(rows));
  writeFileSync(join(folder, "mutants.json"), `${JSON.stringify({ ...about, ...totals(rows), mutants: rows }, null, 2)}\n`);
}
