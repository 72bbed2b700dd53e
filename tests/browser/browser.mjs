// What the browser tests share: a real Chromium, the real program on a free port, axe in every page, and
// a clock of their own: a test that stands still ends itself and says at which step.
//
// The environment names what they need; `tests/it/browser.rs` sets it, and skips when something is not
// there:
//   MUAVU_BIN        the program
//   MUAVU_HOME       the home it serves; it is written to
//   MUAVU_TEST_NODE  a folder whose node_modules hold playwright-core and axe-core
//   CHROMIUM         the browser, /usr/bin/chromium when not named
//   SCREENSHOTS      a folder for pictures; none are taken without it
//   FAKETIME         "2014-03-15 08:00:00": the program's time of day, for a replayed morning (libfaketime)
import { spawn } from "node:child_process";
import { mkdirSync, readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";

const { MUAVU_BIN, MUAVU_HOME, MUAVU_TEST_NODE, CHROMIUM = "/usr/bin/chromium", SCREENSHOTS, FAKETIME } = process.env;
const require = createRequire(join(MUAVU_TEST_NODE ?? process.cwd(), "x.js"));
const playwright = require("playwright-core");
const axeSource = readFileSync(require.resolve("axe-core/axe.min.js"), "utf8");

// A whole test takes under a minute on two free cores; four times that is a machine at work on others.
const TEST_SECS_MAX = 240;
const begun = Date.now();
const seconds = () => ((Date.now() - begun) / 1000).toFixed(1);
let at = "the start";
let server;
let told = "";

// Says on stderr which step begins, so that a run that is ended from outside shows where it was.
export function step(name) {
  at = name;
  console.error(`${seconds()} s: ${name}`);
}
setTimeout(() => {
  console.error(`still at "${at}" after ${TEST_SECS_MAX} s; the program said: ${told}`);
  server?.kill("SIGTERM");
  process.exit(1);
}, TEST_SECS_MAX * 1000).unref();
process.on("exit", () => server?.kill("SIGTERM"));

// Starts the program; returns where it listens and the one-time link of a home without accounts.
export async function serve() {
  // Timers go on by the real clock; only the time of day is another.
  const faked = FAKETIME && {
    LD_PRELOAD: "/usr/lib/x86_64-linux-gnu/faketime/libfaketime.so.1",
    FAKETIME: `@${FAKETIME}`, FAKETIME_DONT_FAKE_MONOTONIC: "1", TZ: "UTC",
  };
  const env = { ...process.env, MUAVU__FETCH__ENABLED: "false", ...faked };
  server = spawn(MUAVU_BIN, ["--home", MUAVU_HOME, "serve", "--listen", "127.0.0.1:0"], { env, stdio: ["ignore", "ignore", "pipe"] });
  return new Promise((found, failed) => {
    server.stderr.on("data", (bytes) => {
      told += bytes;
      const base = /on (http:\/\/[^/\s]+)\//.exec(told)?.[1];
      // The link is said right after the address, or not at all.
      if (base) setTimeout(() => {
        const link = /nobody can sign in yet: (\S+)/.exec(told)?.[1];
        found({ base, link: link && base + new URL(link).pathname });
      }, 200);
    });
    server.on("exit", (code) => failed(new Error(`the program ended with ${code}: ${told}`)));
  });
}

export function launch() {
  return playwright.chromium.launch({ executablePath: CHROMIUM, args: ["--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage"] });
}

// Opens a context whose pages know axe: put in from outside, past the policy of the pages, which stays on.
export async function context(browser, options = {}) {
  const context = await browser.newContext(options);
  context.setDefaultTimeout(60_000);
  if (options.javaScriptEnabled !== false) await context.addInitScript({ content: axeSource });
  return context;
}

// Returns what axe finds wrong, by `rules` or by all of them.
export async function violations(page, rules) {
  const found = await page.evaluate((rules) => axe.run(document, rules ? { runOnly: rules } : {}), rules);
  return found.violations.map((v) => `${v.id}: ${v.nodes.map((n) => n.target).slice(0, 3).join(" | ")}`);
}

// Takes a picture where pictures are wanted.
export async function picture(page, name, options = {}) {
  if (!SCREENSHOTS) return;
  mkdirSync(SCREENSHOTS, { recursive: true });
  await page.screenshot({ path: join(SCREENSHOTS, `${name}.png`), ...options });
}

export { SCREENSHOTS, MUAVU_BIN, MUAVU_HOME };
