"use strict";
// What a browser sees of a release's pages: asked by test_page_in_browser.py, answered as JSON on the last line.
// node page_in_browser.cjs <folder of npm packages> <chromium> <reports folder> <the same without the drawing program>

const [, , packages, browser, folder, bare] = process.argv;
const load = require("module").createRequire(`${packages}/`);
const axe = require("fs").readFileSync(load.resolve("axe-core/axe.min.js"), "utf8");
const seen = { requests: [], messages: [], axe: {} };

async function open(chrome, name, { where = folder, scripts = true, width = 1366 } = {}) {
  const page = await chrome.newPage();
  page.on("request", (request) => seen.requests.push(request.url()));
  page.on("console", (message) => seen.messages.push(message.text()));
  page.on("pageerror", (error) => seen.messages.push(error.message));
  await page.setViewport({ width, height: 900 });
  await page.setJavaScriptEnabled(scripts);
  await page.goto(`file://${where}/${name}`, { waitUntil: "load" });
  return page;
}
async function violations(page) {
  await page.evaluate(axe);
  const found = await page.evaluate(() => axe.run(document, { resultTypes: ["violations"] }));
  return found.violations.map((one) => `${one.id}: ${one.nodes.map((node) => node.target).join(" ")}`);
}
const said = (page) => page.$eval("#said", (box) => box.textContent);
const drawn = (page) => page.evaluate(() => ({
  places: D.places[D.division[name()]].name, outlines: document.querySelectorAll("#map .js-fill").length,
  label: document.getElementById("map").getAttribute("aria-label"), buttons: document.querySelectorAll("#map .modebar-btn").length,
}));

async function keys(page) { // Tab to the first place, Enter, Tab to the next, and so on; then the arrows
  const reached = [];
  await page.focus("#search");
  for (let presses = 0; presses < 400; presses += 1) {
    await page.keyboard.press("Tab");
    const place = await page.evaluate(() => (document.activeElement.closest("#places") && document.activeElement.textContent) || "");
    if (!place && reached.length) break;
    if (!place) continue;
    await page.keyboard.press("Enter");
    reached.push([place, await said(page), await page.evaluate(() => document.activeElement.getAttribute("aria-pressed"))]);
  }
  await page.focus("#places button");
  const stepped = [];
  for (const key of ["ArrowDown", "ArrowDown", "ArrowUp", "End", "Home"]) {
    await page.keyboard.press(key);
    stepped.push(await page.evaluate(() => document.activeElement.textContent));
  }
  return { reached, stepped };
}
async function compare(page, part) { // each of the first eight places with a number and the next one: what is said, and the chance
  const codes = await page.evaluate((part) => all().filter((c) => c[part] !== null).slice(0, 8).map((c) => c.code), part);
  const told = [];
  for (let at = 1; at < codes.length; at += 1) {
    await page.select("#one", codes[at - 1]);
    await page.select("#two", codes[at]);
    told.push(await page.evaluate(() => {
      const [one, two] = [find(state.place), find(state.other)], said = document.getElementById("compared").textContent;
      return { one: one.name, two: two.name, codes: [one.code, two.code], chance: one.middle === null ? null : chanceOfMore(one, two), said };
    }));
  }
  return told;
}
async function pointer(page) { // a click on the widest outline tells of its place
  const [x, y, code] = await page.evaluate(() => {
    const at = drawn.map((one) => one.x).map((x) => Math.max(...x.filter((v) => v !== null)) - Math.min(...x.filter((v) => v !== null)));
    const widest = at.indexOf(Math.max(...at)), map = document.getElementById("map"), box = map.getBoundingClientRect();
    const [px, py] = ground().label[widest].split("|")[0].split(" ").map(Number), layout = map._fullLayout;
    return [box.left + layout.xaxis.l2p(px) + layout._size.l, box.top + layout.yaxis.l2p(py) + layout._size.t, places().code[widest]];
  });
  await page.mouse.move(x, y, { steps: 4 });
  await new Promise((done) => setTimeout(done, 150));
  const hover = await page.$$eval("#map .hoverlayer text", (texts) => texts.map((text) => text.textContent).join(" "));
  await page.mouse.click(x, y);
  return { code, chosen: await page.evaluate(() => state.place), hover, said: await said(page) };
}
async function look(chrome) {
  for (const name of ["map.sv.html", "map.en.html", "report.sv.html", "report.en.html"]) {
    const page = await open(chrome, name);
    seen.axe[name] = await violations(page);
    if (name === "map.sv.html") {
      seen.estimate = await drawn(page);
      seen.keys = await keys(page);
      seen.chances = await page.evaluate(() => all().filter((c) => c.middle !== null).slice(0, 8).map((a, _, few) => few.map((b) => chanceOfMore(a, b))));
      seen.pairs = await compare(page, "middle");
      await page.select("#wave", "2024");
      seen.before = await compare(page, "share");
      await page.select("#wave", "2026");
      await page.click('input[value="exceedance"]');
      await page.click("#tiles");
      await page.select("#two", await page.evaluate(() => all().find((c) => c.state === "w").code));
      await page.type("#search", "ä");
      seen.exceedance = await drawn(page);
      seen.filtered = await page.$$eval("#places tbody tr:not([hidden]) button", (buttons) => buttons.map((button) => button.textContent));
      seen.compared = await page.$eval("#compared", (box) => box.textContent);
      seen.axe["map.sv.html, chosen"] = await violations(page);
      seen.hash = await page.evaluate(() => location.hash);
      seen.state = await page.evaluate(() => ({ ...state }));
      seen.other = await page.$eval("a.other", (link) => link.getAttribute("href"));
    }
    await page.close();
  }
  const again = await open(chrome, `map.en.html${seen.hash}`);
  seen.restored = await again.evaluate(() => ({ ...state }));
  seen.tiled = await again.$eval("#tiles", (box) => box.checked);
  await again.close();

  const fresh = await open(chrome, "map.sv.html");
  seen.pointer = await pointer(fresh);
  await fresh.select("#group", "girl");
  seen.girls = { note: await fresh.$eval("#map-note", (note) => note.textContent), table: await fresh.$eval("#table", (part) => part.hidden), title: await fresh.$eval("#title", (head) => head.textContent) };
  await fresh.close();

  const phone = await open(chrome, "map.sv.html", { width: 390 });
  seen.phone = await phone.evaluate(() => document.documentElement.scrollWidth);
  seen.axe["map.sv.html, phone"] = await violations(phone);
  await phone.close();

  const still = await open(chrome, "map.sv.html", { scripts: false });
  seen.still = await still.evaluate(() => ({
    picture: document.querySelector("#still svg").getBoundingClientRect().width, rows: document.querySelectorAll("#places tbody tr").length,
    choose: getComputedStyle(document.getElementById("choose")).display, help: document.getElementById("help").textContent,
  }));
  await still.close();

  const alone = await open(chrome, "map.sv.html", { where: bare });
  await alone.click("#places button");
  seen.alone = { said: await said(alone), picture: await alone.$eval("#still svg", (svg) => svg.getBoundingClientRect().width), note: await alone.$eval("#map-note", (note) => note.hidden) };
  await alone.select("#measure", await alone.$eval("#measure option:nth-child(2)", (option) => option.value));
  seen.alone.changed = await alone.$eval("#map-note", (note) => (note.hidden ? "" : note.textContent));
  seen.alone.caption = await alone.$eval("#caption", (caption) => caption.textContent);
  await alone.close();
}
(async () => {
  const chrome = await load("puppeteer-core").launch({ executablePath: browser, args: ["--no-sandbox"], headless: true });
  try {
    await look(chrome);
  } finally {
    await chrome.close();
  }
  console.log(JSON.stringify(seen));
})();
