// Opens a page in headless Chromium, in the light and the dark theme and without JavaScript, and tells as JSON what it saw:
// requests, failures, console messages, and what reading and using the page gives. Screenshots go into a folder.
//
//   node tests/js/browser.mjs CHROMIUM PAGE SCREENSHOTS

import { spawn } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { pathToFileURL } from "node:url";

const [chromium, page, screenshots] = process.argv.slice(2);
const address = pathToFileURL(resolve(page)).href;
const profile = mkdtempSync(join(tmpdir(), "taskstorm-browser-"));
mkdirSync(screenshots, { recursive: true });

const browser = spawn(chromium, [
  "--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--disable-dev-shm-usage", "--no-first-run",
  "--disable-background-networking", "--disable-component-update", "--disable-sync", "--disable-extensions",
  "--hide-scrollbars", `--user-data-dir=${profile}`, "--remote-debugging-pipe", "about:blank",
], { stdio: ["ignore", "ignore", "pipe", "pipe", "pipe"] });
let words = "";
browser.stderr.on("data", (data) => { words += data; });
const ended = new Promise((done) => browser.on("exit", done));
browser.on("error", (error) => fail(error.message));

/** Gives up: says why, ends the browser and cleans up. */
function fail(why) {
  console.error(`${why}\n${words.slice(-2000)}`);
  browser.kill("SIGKILL");
  process.exit(1);
}
const limit = setTimeout(() => fail("the browser took too long"), 120_000);

// The DevTools protocol over a pipe: JSON messages that end with a zero byte.
let count = 0;
const waiting = new Map();
const listeners = new Set();
let rest = "";
browser.stdio[4].setEncoding("utf8");
browser.stdio[4].on("data", (data) => {
  const messages = (rest + data).split("\0");
  rest = messages.pop();
  for (const message of messages.map((text) => JSON.parse(text))) {
    if (message.id === undefined) for (const listener of listeners) listener(message);
    else {
      const { resolve, reject } = waiting.get(message.id);
      waiting.delete(message.id);
      if (message.error) reject(new Error(message.error.message));
      else resolve(message.result);
    }
  }
});
function send(method, params = {}, sessionId = undefined) {
  const id = ++count;
  browser.stdio[3].write(`${JSON.stringify({ id, method, params, sessionId })}\0`);
  return new Promise((resolve, reject) => waiting.set(id, { resolve, reject }));
}

/** Opens the page in a tab of its own, which remembers nothing of the others, and looks at it with `look(ask, evaluate)`. */
async function visit({ theme, scripts = true }, look) {
  const { browserContextId } = await send("Target.createBrowserContext");
  const { targetId } = await send("Target.createTarget", { url: "about:blank", browserContextId });
  const { sessionId } = await send("Target.attachToTarget", { targetId, flatten: true });
  const ask = (method, params) => send(method, params, sessionId);
  const evaluate = async (expression) => {
    const { result, exceptionDetails } = await ask("Runtime.evaluate", { expression, returnByValue: true });
    if (exceptionDetails) throw new Error(exceptionDetails.exception?.description ?? exceptionDetails.text);
    return result.value;
  };
  const seen = { requests: [], failed: [], console: [] };
  let loaded;
  const whole = new Promise((done) => { loaded = done; });
  const listener = ({ method, params, sessionId: from }) => {
    if (from !== sessionId) return;
    if (method === "Network.requestWillBeSent") seen.requests.push(params.request.url.slice(0, 100));
    if (method === "Network.loadingFailed") seen.failed.push(params.errorText);
    if (method === "Log.entryAdded") seen.console.push(params.entry.text);
    if (method === "Runtime.consoleAPICalled") seen.console.push(JSON.stringify(params.args));
    if (method === "Runtime.exceptionThrown") seen.console.push(params.exceptionDetails.text);
    if (method === "Page.loadEventFired") loaded();
  };
  listeners.add(listener);
  for (const domain of ["Page", "Network", "Log", "Runtime"]) await ask(`${domain}.enable`);
  await ask("Emulation.setEmulatedMedia", { features: [{ name: "prefers-color-scheme", value: theme }] });
  await ask("Emulation.setDeviceMetricsOverride", { width: 1280, height: 900, deviceScaleFactor: 1, mobile: false });
  if (!scripts) await ask("Emulation.setScriptExecutionDisabled", { value: true });
  await ask("Page.navigate", { url: address });
  await whole;
  const told = await look(ask, evaluate);
  listeners.delete(listener);
  await send("Target.disposeBrowserContext", { browserContextId });
  return { ...seen, ...told };
}

async function shoot(ask, name) {
  const { cssContentSize } = await ask("Page.getLayoutMetrics");
  const clip = { x: 0, y: 0, width: 1280, height: Math.min(cssContentSize.height, 12_000), scale: 1 };
  const { data } = await ask("Page.captureScreenshot", { captureBeyondViewport: true, clip });
  writeFileSync(join(screenshots, `${name}.png`), Buffer.from(data, "base64"));
}

/** What anyone can read, with scripts or without. */
const READ = `({
  title: document.title,
  text: document.body.innerText,
  paper: getComputedStyle(document.body).backgroundColor,
  chart: getComputedStyle(document.querySelector("figure svg > rect") ?? document.body).fill,
  charts: document.querySelectorAll("figure > svg").length,
  titles: document.querySelectorAll(".spots rect > title").length,
  wide: document.documentElement.scrollWidth > innerWidth,
  buttons: [...document.querySelectorAll("button")].filter((button) => !button.hidden).length,
})`;

/** What only works with scripts: sorting, the values of charts, the theme. */
const USE = `(() => {
  const column = (table, at) => [...table.tBodies[0].rows].map((row) => row.cells[at].dataset.value ?? row.cells[at].textContent);
  const sorted = [];
  for (const table of document.querySelectorAll("table")) {
    const head = table.querySelector("th.number button")?.parentElement;
    if (!head) continue;
    const before = column(table, head.cellIndex);
    const states = [0, 1, 2].map(() => { head.firstElementChild.click(); return [head.ariaSort, column(table, head.cellIndex)]; });
    sorted.push({ before, states });
  }
  const tips = [];
  const tip = document.getElementById("tip");
  for (const svg of document.querySelectorAll("figure > svg")) {
    const spot = svg.querySelector(".spots rect");
    if (!spot) continue;
    spot.dispatchEvent(new PointerEvent("pointermove", { bubbles: true, clientX: 200, clientY: 200 }));
    tips.push(tip.hidden ? null : tip.innerText);
    svg.dispatchEvent(new PointerEvent("pointerleave"));
    if (!tip.hidden) tips.push("still there");
    svg.dispatchEvent(new KeyboardEvent("keydown", { key: "ArrowRight" }));
    tips.push(tip.hidden ? null : tip.innerText);
    svg.dispatchEvent(new FocusEvent("blur"));
  }
  const paper = () => getComputedStyle(document.body).backgroundColor;
  const papers = [paper()];
  document.getElementById("theme").click();
  papers.push(paper());
  document.getElementById("theme").click();
  papers.push(paper());
  return { sorted, tips, papers };
})()`;

/** Grids of the page's head: how many columns and cells each has, and whether the page scrolls sideways. */
const GRIDS = `({
  grids: [".verdicts", ".figures"].map((grid) => {
    const element = document.querySelector(grid);
    return [getComputedStyle(element).gridTemplateColumns.split(" ").length, element.children.length];
  }),
  wide: document.documentElement.scrollWidth > innerWidth,
})`;

try {
  const report = {};
  for (const theme of ["light", "dark"]) {
    report[theme] = await visit({ theme }, async (ask, evaluate) => {
      await shoot(ask, `report-${theme}`);
      const read = await evaluate(READ);
      return { ...read, ...(await evaluate(USE)) };
    });
  }
  report.scriptless = await visit({ theme: "light", scripts: false }, async (ask, evaluate) => {
    await shoot(ask, "report-scriptless");
    return evaluate(READ);
  });
  report.widths = await visit({ theme: "dark" }, async (ask, evaluate) => {
    const seen = {};
    for (const width of [1280, 900, 640, 480, 360]) {
      await ask("Emulation.setDeviceMetricsOverride", { width, height: 900, deviceScaleFactor: 1, mobile: false });
      seen[width] = await evaluate(GRIDS);
    }
    return { seen };
  });
  await send("Browser.close").catch(() => {});
  await ended;
  console.log(JSON.stringify(report));
} catch (error) {
  fail(error.stack);
} finally {
  clearTimeout(limit);
  rmSync(profile, { recursive: true, force: true, maxRetries: 5 });
}
