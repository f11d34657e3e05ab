// Drives Chromium for tests in Python: one JSON command per line of input, one JSON answer per line of output.
import { readFile } from "node:fs/promises";
import { createInterface } from "node:readline";
import { createRequire } from "node:module";

const [packages, executablePath] = process.argv.slice(2);
const { chromium } = createRequire(`${packages}/`)("playwright-core");

const FLAGS = ["--headless=new", "--no-sandbox", "--disable-background-networking", "--mute-audio"];
const ANSWERS = ["evaluate"]; // of other calls, Python needs no more than that they are done

const browser = await chromium.launch({ executablePath, headless: false, args: FLAGS });
const pages = [];

async function open(options) {
  const page = await (await browser.newContext(options)).newPage();
  const said = [];
  const ranges = [];
  page.on("request", (request) => {
    const range = request.headers()["content-range"];
    if (range) ranges.push(range);
  });
  page.on("console", (message) => {
    const about = message.text().startsWith("Failed to load resource") ? ` ${message.location().url}` : "";
    said.push(`${message.type()}: ${message.text()}${about}`);
  });
  page.on("pageerror", (error) => said.push(`uncaught: ${error.message}`));
  pages.push({ page, said, ranges });
  return pages.length - 1;
}

/** Clicks, and reads the file that the browser saves then. */
async function download(page, selector) {
  const [saved] = await Promise.all([page.waitForEvent("download"), page.click(selector)]);
  return { name: saved.suggestedFilename(), text: await readFile(await saved.path(), "utf8") };
}

async function run({ page: number, frame, call, args }) {
  if (call === "open") return open(...args);
  const { page, said, ranges } = pages[number];
  if (call === "said") return said;
  if (call === "ranges") return ranges;
  if (call === "cdp") return (await page.context().newCDPSession(page)).send(...args);
  if (call === "close") return page.context().close();
  if (call === "download") return download(page, ...args);
  if (call === "answerWith") return page.route(args[0], (route) => (args[1] ? route.fulfill(args[1]) : route.abort()));
  if (call === "setOffline") return page.context().setOffline(...args);
  const target = frame ? page.frames().find((one) => one.url().includes(frame)) : page;
  if (!target) throw new Error(`no frame has ${frame} in its address`);
  const path = call.split(".");
  const name = path.pop();
  const owner = path.reduce((found, part) => found[part], target);
  const answer = await owner[name](...args);
  return ANSWERS.includes(name) ? answer : null;
}

console.log(JSON.stringify({ version: browser.version() }));
for await (const line of createInterface({ input: process.stdin })) {
  let answer;
  try {
    answer = { value: (await run(JSON.parse(line))) ?? null };
  } catch (error) {
    answer = { error: error.message };
  }
  console.log(JSON.stringify(answer));
}
await browser.close();
