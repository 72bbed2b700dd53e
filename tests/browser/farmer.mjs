// The farmer's page in a real browser: readable at 320 px in light and dark, no axe violation,
// works with scripts off, remembers on the phone, opens offline and tells its age, small on the wire.
//
//   MUAVU_BIN=… MUAVU_HOME=… MUAVU_TEST_NODE=… node tests/browser/farmer.mjs    (see browser.mjs)
//
// URL=http://… tests a server that runs already, ONLY=words only the checks with these words, NOW=… sets the
// phone's clock for a home of a past morning, COMMUNE=code looks at another commune.
import { SCREENSHOTS, context as known, launch, picture, serve, step, violations } from "./browser.mjs";

const { URL: running, COMMUNE = "28807", ONLY, NOW } = process.env;
// The rules of WCAG to the strictest level, and what axe holds for good practice.
const RULES = ["wcag2a", "wcag2aa", "wcag2aaa", "wcag21aa", "wcag22aa", "best-practice"];

let passed = 0, failed = 0;
async function check(name, test) {
  if (ONLY && !name.includes(ONLY)) return;
  step(name);
  try {
    const told = await test();
    passed += 1;
    console.log(`ok ${name}${told ? ` (${told})` : ""}`);
  } catch (error) {
    failed += 1;
    console.log(`FAILED ${name}: ${error.message}`);
  }
}
function must(holds, why) {
  if (!holds) throw new Error(why);
}

const url = running ?? (await serve()).base;
const browser = await launch();
const pages = { chooser: "/", search: "/?q=long+thanh", commune: `/xa/${COMMUNE}`, english: `/xa/${COMMUNE}?lang=en`, poster: `/xa/${COMMUNE}/in`, missing: "/xa/99999" };

async function open(options, path) {
  const context = await known(browser, { serviceWorkers: "block", ...options });
  const page = await context.newPage();
  // A home of a past morning greys itself on a phone of today: NOW=2010-02-20T01:30:00Z sets its clock.
  if (NOW) await page.clock.setFixedTime(NOW);
  const errors = [];
  page.on("console", (m) => m.type() === "error" && errors.push(m.text()));
  page.on("pageerror", (e) => errors.push(String(e)));
  await page.goto(url + path, { waitUntil: "load" });
  return { context, page, errors };
}

for (const colorScheme of ["light", "dark"]) {
  for (const width of [320, 360, 1200]) {
    for (const [name, path] of Object.entries(pages)) {
      await check(`${name} at ${width} px, ${colorScheme}`, async () => {
        const { context, page, errors } = await open({ viewport: { width, height: 740 }, colorScheme }, path);
        for (const details of await page.$$("details")) await details.evaluate((d) => { d.open = true; });
        const over = await page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
        must(over <= 0, `${over} px wider than the screen`);
        const found = await violations(page, RULES);
        must(!found.length, found.join("; "));
        const small = await page.evaluate(() => {
          const of = (e) => ({ e, box: e.getBoundingClientRect() });
          const seen = [...document.querySelectorAll("main a, main button, main input, main summary, header a")].map(of).filter(({ box }) => box.width && box.height);
          const fonts = [...document.querySelectorAll("main *")].filter((e) => e.children.length === 0 && e.textContent.trim() && !e.closest("svg"));
          return {
            targets: seen.filter(({ box }) => box.height < 48).map(({ e, box }) => `${e.textContent.slice(0, 20)} ${box.height}`),
            fonts: fonts.filter((e) => parseFloat(getComputedStyle(e).fontSize) < 18).map((e) => e.textContent.slice(0, 20)),
          };
        });
        must(!small.targets.length, `targets under 48 px: ${small.targets.slice(0, 3)}`);
        must(!small.fonts.length, `words under 18 px: ${small.fonts.slice(0, 3)}`);
        const broken = errors.filter((e) => !(name === "missing" && e.includes("404")));
        must(!broken.length, broken.join("; "));
        await picture(page, `${name}-${width}-${colorScheme}`, { fullPage: true });
        await context.close();
      });
    }
  }
}

await check("the whole first visit over the wire", async () => {
  const context = await browser.newContext();
  const page = await context.newPage();
  const session = await context.newCDPSession(page);
  await session.send("Network.enable");
  let total = 0, html = 0;
  const kinds = new Map();
  session.on("Network.responseReceived", (e) => kinds.set(e.requestId, e.type));
  session.on("Network.loadingFinished", (e) => {
    total += e.encodedDataLength;
    if (kinds.get(e.requestId) === "Document") html += e.encodedDataLength;
  });
  await page.goto(`${url}/xa/${COMMUNE}`, { waitUntil: "networkidle" });
  const raw = Buffer.byteLength(await (await fetch(`${url}/xa/${COMMUNE}`)).text());
  must(total <= 30 * 1024, `${total} bytes`);
  must(raw <= 14 * 1024, `${raw} bytes of HTML`);
  await context.close();
  return `${total} bytes with headers, of them HTML ${html}; HTML unpacked ${raw}`;
});

await check("with scripts off a commune is found and a crop chosen", async () => {
  const { context, page } = await open({ javaScriptEnabled: false, viewport: { width: 320, height: 640 } }, "/");
  await page.fill("#q", "phu khuong");
  await page.click("form button:not([type])");
  must(page.url().endsWith("/xa/28756"), page.url());
  await page.click(".pick a:not([aria-current])");
  must(page.url().includes("?vu="), page.url());
  must(await page.isVisible("#answer"), "no answer");
  await context.close();
});

await check("the phone remembers commune and crop, and forgets when told to", async () => {
  const { context, page } = await open({ viewport: { width: 360, height: 740 } }, `/xa/28756?vu=pomelo`);
  await page.goto(`${url}/`);
  must(await page.isVisible("#mine"), "the commune was not remembered");
  await page.click("#mine a");
  must(page.url().includes("/xa/28756?vu=pomelo"), page.url());
  await page.goto(`${url}/?app=1`);
  await page.waitForURL("**/xa/28756?vu=pomelo", { timeout: 5000 });
  must((await context.cookies()).length === 0, "nothing is kept by the server");
  await page.goto(`${url}/`);
  await page.click("#forget");
  await page.goto(`${url}/`);
  must(!(await page.isVisible("#mine")), "it was not forgotten");
  await context.close();
});

await check("near me leads to the communes nearest", async () => {
  const { context, page } = await open({ geolocation: { latitude: 10.2275, longitude: 106.4072 }, permissions: ["geolocation"] }, "/");
  await page.click("#near");
  await page.waitForURL("**gan=*", { timeout: 5000 });
  must((await page.textContent(".hits")).includes("Phú Khương"), "the nearest is missing");
  await context.close();
});

await check("opens offline with the last advice and its age", async () => {
  const { context, page } = await open({ serviceWorkers: "allow", viewport: { width: 360, height: 740 } }, `/xa/${COMMUNE}`);
  await page.evaluate(() => navigator.serviceWorker.ready);
  await page.waitForTimeout(1000);
  await page.reload({ waitUntil: "load" });
  await page.waitForTimeout(1000);
  must(!(await page.isVisible("#offline")), "said to be kept though the network is there");
  const word = await page.textContent(".big");
  await context.setOffline(true);
  await page.reload({ waitUntil: "load" });
  must((await page.textContent(".big")) === word, "another answer than before");
  must(await page.isVisible("#offline"), "the age of the kept page is not told");
  const told = await page.textContent("#offline");
  await picture(page, "offline-360-light");
  await page.goto(`${url}/`, { waitUntil: "load" });
  must((await page.textContent("h1")).includes("xã"), "the chooser does not open offline");
  await context.close();
  return told.trim();
});

await check("the poster fits one A4 page", async () => {
  const { context, page } = await open({}, `/xa/${COMMUNE}/in`);
  const pdf = await page.pdf({ preferCSSPageSize: true, path: SCREENSHOTS && `${SCREENSHOTS}/poster.pdf` });
  const count = (pdf.toString("latin1").match(/\/Type\s*\/Page\b(?!s)/g) ?? []).length;
  must(count === 1, `${count} pages`);
  await context.close();
});

await browser.close();
console.log(`${passed} passed, ${failed} failed`);
process.exit(failed ? 1 : 0);
