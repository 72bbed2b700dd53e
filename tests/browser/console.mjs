// A morning at the review console in a real Chromium: sign in by the one-time link, clear 30 drafts by
// keyboard and count the actions, approve a group, two persons at one draft, a lost connection, a page
// without script; axe on every page; pictures at 390 and 1280 pixels, light and dark.
//
//   npm install playwright-core@1 @axe-core/playwright@4   (Chromium: apt-get install chromium)
//   MUAVU=target/release/muavu MUAVU_HOME=/tmp/home OUT=/tmp/pictures node tests/browser/console.mjs
//
// The home must hold at least 60 drafts that still stand. It is written to: give it a copy.
// NO_PICTURES=1 leaves the pictures out, ONLY_TIME=1 everything but the queue's time (the account "lan"
// must be there then). With
// FAKETIME="2014-03-15 08:00:00" (apt-get install faketime) the drafts of a replayed morning stand.
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { mkdirSync } from "node:fs";
import { chromium } from "playwright-core";
import { AxeBuilder } from "@axe-core/playwright";

const { MUAVU, MUAVU_HOME, OUT = "/tmp/console", FAKETIME, ONLY_TIME, NO_PICTURES } = process.env;
const PASSWORD = "con đường về vườn dừa";
mkdirSync(OUT, { recursive: true });
const results = {};

function start() {
  const args = ["--home", MUAVU_HOME, "serve", "--listen", "127.0.0.1:0"];
  // Timers go on by the real clock; only the time of day is another.
  const faked = FAKETIME && {
    LD_PRELOAD: "/usr/lib/x86_64-linux-gnu/faketime/libfaketime.so.1",
    FAKETIME: `@${FAKETIME}`, FAKETIME_DONT_FAKE_MONOTONIC: "1", TZ: "UTC",
  };
  const env = { ...process.env, ...faked };
  const child = spawn(MUAVU, args, { stdio: ["ignore", "ignore", "pipe"], env });
  return new Promise((found, failed) => {
    let said = "";
    child.stderr.on("data", (bytes) => {
      said += bytes;
      const base = /on (http:\/\/[^/]+)\//.exec(said)?.[1];
      const link = /nobody can sign in yet: (\S+)/.exec(said)?.[1];
      if (base && (link || ONLY_TIME)) found({ child, base, link: link && base + new URL(link).pathname });
    });
    child.on("exit", () => failed(new Error(`it ended: ${said}`)));
  });
}

async function signIn(page, base, name, password = PASSWORD) {
  await page.goto(`${base}/ban-duyet/dang-nhap`);
  await page.fill("[name=name]", name);
  await page.fill("[name=password]", password);
  await page.press("[name=password]", "Enter");
  await page.waitForURL("**/ban-duyet");
}

async function choosePassword(page, link, name) {
  await page.goto(link);
  if (await page.locator("[name=name]").count()) await page.fill("[name=name]", name);
  await page.fill("[name=password]", PASSWORD);
  await page.fill("[name=again]", PASSWORD);
  await page.click("button");
  await page.waitForURL("**/dang-nhap?moi=1");
}

async function axe(page, name) {
  const { violations } = await new AxeBuilder({ page }).setLegacyMode(true).analyze();
  const told = violations.map((v) => `${v.id}: ${v.nodes.map((n) => n.target).join(" | ")}`);
  assert.deepEqual(told, [], `axe on ${name}`);
}

async function pictures(browser, base, storageState, pages) {
  for (const colorScheme of ["light", "dark"]) {
    for (const width of [390, 1280]) {
      const context = await browser.newContext({ storageState, colorScheme, viewport: { width, height: 900 } });
      const page = await context.newPage();
      for (const [name, path] of Object.entries(pages)) {
        await page.goto(base + path);
        await axe(page, `${name} ${width} ${colorScheme}`);
        const wide = await page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
        assert.ok(wide <= 0, `${name} is ${wide} px too wide at ${width}`);
        await page.screenshot({ path: `${OUT}/${name}-${width}-${colorScheme}.png`, fullPage: name === "case" });
      }
      await context.close();
    }
  }
}

// Presses keys and counts them; a key is one action, and so is a click.
function counting(page) {
  const count = { actions: 0 };
  count.press = async (key) => { count.actions += 1; await page.keyboard.press(key); };
  return count;
}

async function clear(page, base, wanted) {
  await page.goto(`${base}/ban-duyet`);
  const hands = counting(page);
  const waiting = async () => Number(/(\d+) tin/.exec(await page.locator("h1").innerText())[1]);
  const before = await waiting();
  const begun = Date.now();
  await hands.press("Enter");
  await page.waitForURL("**/tin/**");
  let second = 0;
  for (let done = 0; done < wanted; done += 1) {
    const two = await page.locator(".two").count();
    const at = page.url();
    await hands.press("a");
    await page.waitForFunction((old) => location.href !== old && document.querySelector(".done"), at);
    // An emergency stays in the queue until a second person has signed it.
    second += two;
  }
  const seconds = (Date.now() - begun) / 1000;
  await page.goto(`${base}/ban-duyet`);
  assert.equal(before - (await waiting()), wanted - second, "that many have left the queue");
  return { drafts: wanted, actions: hands.actions, first_signatures: second, seconds };
}

async function clearByGroups(page, base, wanted) {
  await page.goto(`${base}/ban-duyet`);
  const hands = counting(page);
  let done = 0;
  const begun = Date.now();
  while (done < wanted) {
    await page.waitForSelector("h1");
    // Groups of the emergency class wait for a second person: the others are cleared here.
    await page.locator(".groups").evaluate((groups) => { groups.open = true; });
    hands.actions += 1;
    await page.locator(".groups a:not(:has(.emergency))").first().click();
    await page.waitForURL("**/nhom?**");
    await hands.press("a");
    await page.waitForURL("**/ban-duyet?xong=nhom**");
    done += Number(/Đã duyệt (\d+)/.exec(await page.locator(".done").innerText())[1]);
  }
  return { actions: hands.actions, drafts: done, seconds: (Date.now() - begun) / 1000 };
}

async function lostConnection(context, page, base) {
  await page.goto(`${base}/ban-duyet`);
  await page.keyboard.press("Enter");
  await page.waitForURL("**/tin/**");
  const at = page.url();
  await page.keyboard.press("e");
  await page.keyboard.press("End");
  await page.keyboard.type(" Nhớ đo lại lúc nước ròng.");
  await context.setOffline(true);
  await page.keyboard.press("Control+Enter");
  await page.waitForSelector("#mang:not([hidden])");
  assert.match(await page.locator("#mang").innerText(), /Mất mạng/);
  // The browser is closed on it: the words are still there the next time.
  await context.setOffline(false);
  await page.close();
  const again = await context.newPage();
  await again.goto(at);
  const still = again.url() === at && (await again.locator("#loi_vi").inputValue());
  return { page: again, kept: still.includes("Nhớ đo lại lúc nước ròng."), at };
}

const ways = await start();
const { child, base, link } = ways;
process.on("exit", () => child.kill("SIGTERM"));
const browser = await chromium.launch({ executablePath: "/usr/bin/chromium", args: ["--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage"] });
try {
  const context = await browser.newContext();
  context.setDefaultTimeout(60_000);
  const page = await context.newPage();
  const broken = [];
  page.on("console", (line) => { if (line.type() === "error") broken.push(line.text()); });
  page.on("pageerror", (error) => broken.push(String(error)));
  if (!ONLY_TIME) await choosePassword(page, link, "lan");
  await signIn(page, base, "lan");
  const storageState = await context.storageState();
  const first = await page.locator(".drafts a").first().getAttribute("href");
  const group = await page.locator(".groups a").first().getAttribute("href");

  const took = [];
  for (let k = 0; k < 7; k += 1) {
    const t = await page.evaluate(async () => {
      const begun = performance.now();
      await (await fetch("/ban-duyet")).text();
      return performance.now() - begun;
    });
    took.push(Math.round(t));
  }
  results.queue = { drafts: await page.locator("h1").innerText(), fetched_ms: took.sort((a, b) => a - b) };
  await page.goto(`${base}/ban-duyet`);
  results.queue.drawn_ms = Math.round(await page.evaluate(() => performance.getEntriesByType("navigation")[0].domComplete));

  if (!ONLY_TIME) {
    if (!NO_PICTURES) await pictures(browser, base, storageState, {
      queue: "/ban-duyet", case: first, group, published: "/ban-duyet/da-phat",
      alarms: "/ban-duyet/bao-dong", log: "/ban-duyet/nhat-ky",
    });
    const outside = await browser.newContext({ viewport: { width: 390, height: 800 } });
    const door = await outside.newPage();
    await door.goto(`${base}/ban-duyet`);
    await axe(door, "sign-in");
    await door.screenshot({ path: `${OUT}/sign-in-390-light.png` });
    // The address of a page in the browser's history opens nothing once the session is ended.
    assert.match(door.url(), /dang-nhap\?next=/);

    results.thirty = await clear(page, base, 30);
    results.groups = await clearByGroups(page, base, 30);

    const lost = await lostConnection(context, page, base);
    results.kept_after_lost_connection = lost.kept;
    assert.ok(lost.kept, "words typed before the connection was lost are still there");

    // Two at one draft: the second is shown both versions, and loses nothing.
    const other = await context.newPage();
    await other.goto(lost.at);
    await other.fill("#loi_vi", "Lời của người thứ hai.");
    await lost.page.fill("#loi_vi", "Lời của người thứ nhất.");
    await lost.page.click("#sua");
    await lost.page.waitForSelector(".done");
    await other.click("#sua");
    await other.waitForSelector("section.wrong");
    const both = await other.locator("main").innerHTML();
    assert.ok(both.includes("Lời của người thứ nhất.") && both.includes("Lời của người thứ hai."));
    await axe(other, "conflict");
    await other.screenshot({ path: `${OUT}/conflict-1280-light.png`, fullPage: true });

    // Live preview, and help by "?".
    await lost.page.fill("#loi_vi", "Đóng cống ngay chiều nay.");
    await lost.page.waitForFunction(() => document.querySelector("#xem-truoc").innerText.includes("Đóng cống ngay chiều nay."));
    await lost.page.keyboard.press("Escape");
    await lost.page.keyboard.press("?");
    await lost.page.waitForSelector("dialog[open]");
    await axe(lost.page, "help");
    await lost.page.screenshot({ path: `${OUT}/help-1280-light.png` });

    // Without script: read, change, look, approve.
    const plain = await browser.newContext({ storageState, javaScriptEnabled: false });
    const form = await plain.newPage();
    await form.goto(`${base}/ban-duyet`);
    await form.locator(".drafts a").nth(2).click();
    await form.fill("#loi_vi", "Lời không cần mã.");
    await form.click("#xem");
    assert.ok((await form.locator("#xem-truoc").innerText()).includes("Lời không cần mã."));
    await form.click("#duyet");
    assert.match(form.url(), /xong=/);
    results.without_script = true;
  }
  const alarming = broken.filter((line) => !/409|404|net::ERR_INTERNET_DISCONNECTED/.test(line));
  assert.deepEqual(alarming, [], "nothing is wrong in the browser's own log");
  console.log(JSON.stringify(results, null, 2));
} finally {
  await browser.close();
  child.kill("SIGTERM");
}
