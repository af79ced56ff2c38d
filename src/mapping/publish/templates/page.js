"use strict";
// The page's own program: what is chosen, the table, the sentence and the map say the same. It reads the data that
// stand in the page and asks no network for anything. The state is kept in the address after "#", for links and reloads.

const D = JSON.parse(document.getElementById("data").textContent);
const W = D.words;
const $ = (id) => document.getElementById(id);
const [FIRST, WAVE] = D.first.split("|"); // what the page shows without scripts
const START = { measure: FIRST, group: "all", wave: WAVE, view: "estimate", tiles: "", place: "", other: "", search: "" };
const state = { ...START };
const WAVES = new Map(D.waves), GROUPS = new Map(D.groups);
let drawn = null; // the outlines on screen
let width = 0; // of the map on screen
let rows = []; // the table's rows of places, in alphabetical order

// ---- words and numbers ----------------------------------------------------------------------------------------------

function say(key, values = {}) {
  let text = W[key];
  if (Array.isArray(text)) text = text[values.count === 1 ? 0 : 1];
  for (const [name, value] of Object.entries(values)) text = text.replaceAll(`{${name}}`, value);
  return text.replace(/(\d) (?=procent|per cent)/g, "$1\u00a0");
}
const number = (value, decimals) => value.toFixed(decimals).replace(".", W.comma);
const percent = (value, decimals) => say("percent", { share: number(value, decimals) });

// ---- what is chosen -------------------------------------------------------------------------------------------------

const name = () => `${state.measure}|${state.wave}|${state.group}`;
const measure = () => D.measures.find((one) => one.id === state.measure);
const waveWords = () => WAVES.get(state.wave);
const places = () => (name() in D.division ? D.places[D.division[name()]] : null);
const ground = () => D.grounds[D.division[name()]];
const steps = (columns) => columns[`${name()} step`] || "";
const view = () => (places() && steps(places()) && state.view === "exceedance" ? "exceedance" : "estimate");

// one cell: its state, its numbers as printed, its class against the municipality's level (-1: not told)
function cell(columns, prefix, letters, bases, at) {
  const letter = letters[at];
  const get = (part) => (columns[prefix + part] || [])[at] ?? null;
  return {
    state: letter.toLowerCase(), decimals: letter === letter.toLowerCase() ? 0 : 1,
    share: get("share"), low: get("low"), high: get("high"), base: D.bases["abcdefghijklmnopqrstuvwxyz".indexOf(bases[at])] || "",
    middle: get("middle"), from: get("from"), to: get("to"),
  };
}
function place(at) {
  const p = places();
  const made = cell(p, `${name()} `, p[name()], p[`${name()} base`], at);
  return { ...made, at, code: p.code[at], name: p.name[at], step: steps(p) ? "abcde".indexOf(steps(p)[at]) : -1 };
}
const all = () => (places() ? places().code.map((_, at) => place(at)) : []);
const find = (code) => { const at = places() ? places().code.indexOf(code) : -1; return at < 0 ? null : place(at); };
function whole() {
  const at = D.whole.choice.indexOf(name());
  return at < 0 ? null : { ...cell(D.whole, "", D.whole.state, D.whole.base, at), title: D.whole.title[at], detail: D.whole.detail[at] };
}
const shown = (c) => c.state === "s" || c.state === "u";
const limits = () => measure().limits.split(" ").map(Number);
const classOf = (share) => limits().filter((limit) => share >= limit).length - 1;

// ---- sentences ------------------------------------------------------------------------------------------------------

function short(c) {
  if (shown(c)) return number(c.share, c.decimals);
  if (c.state === "k") return say("status.none_known", { high: percent(c.high, c.decimals) });
  return { w: W["status.withheld"], a: W["status.not_asked"], e: W["picture.no_pupils"] }[c.state];
}
const between = (c) => (shown(c) ? `${number(c.low, c.decimals)}–${number(c.high, c.decimals)}` : "");
function sentence(c) {
  if (shown(c)) {
    const told = { name: c.name, share: number(c.share, c.decimals), low: number(c.low, c.decimals), high: number(c.high, c.decimals) };
    return [
      say("page.said_shown", told), c.state === "u" ? W["page.said_uncertain"] : "",
      c.step >= 0 ? `${W[`map.exceedance.${c.step}`]}.` : "", c.base ? say("page.said_base", { base: c.base }) : "",
    ].filter(Boolean).join(" ");
  }
  const why = {
    k: () => say("status.none_known_sentence", { high: number(c.high, c.decimals) }),
    w: () => W["status.withheld_why"], a: () => say("status.not_asked_in", { wave: waveWords() }), e: () => W["page.said_no_pupils"],
  }[c.state]();
  return say("page.said_of", { name: c.name, sentence: why });
}
function count(cells, key, letter) {
  const found = cells.filter((c) => c.state === letter).length;
  return found ? say(key, { count: found }) : "";
}
// the picture in words: its range or its classes, and how much of it shows nothing
function summary(cells) {
  const told = { total: cells.length, measure: measure().name, wave: waveWords() };
  const seen = cells.filter(shown).sort((a, b) => a.share - b.share);
  const parts = [say(`page.summary_${view()}`, told)];
  if (view() === "exceedance") {
    for (const step of [4, 3, 2, 1, 0]) {
      const found = cells.filter((c) => c.step === step).length;
      if (found) parts.push(say("page.summary_class", { label: W[`map.exceedance.${step}`], count: found }));
    }
  } else if (seen.length) {
    const ends = [seen[0], seen[seen.length - 1]].map((c) => percent(c.share, c.decimals));
    parts.push(say("picture.alt_range", { count: seen.length, low: ends[0], high: ends[1] }), count(cells, "page.summary_uncertain", "u"));
  }
  parts.push(...[["none_known", "k"], ["withheld", "w"], ["not_asked", "a"], ["no_pupils", "e"]].map(([key, letter]) => count(cells, `map.alt_state.${key}`, letter)));
  return [...parts, W["page.summary_table"]].filter(Boolean).join(" ");
}

// ---- two places -----------------------------------------------------------------------------------------------------

const logit = (p) => Math.log(p / (1 - p));
function normal(z) { // the normal distribution function; Abramowitz & Stegun 26.2.17, error below 1e-7
  const t = 1 / (1 + 0.2316419 * Math.abs(z));
  const tail = Math.exp(-z * z / 2) / Math.sqrt(2 * Math.PI) * t * (0.31938153 + t * (-0.356563782 + t * (1.781477937 + t * (-1.821255978 + t * 1.330274429))));
  return z < 0 ? tail : 1 - tail;
}
// The public model's view of one place on the logit scale, from its printed share and limits. The limits were rounded
// outwards, by half a step on average, which is taken back; a limit at 0 or 100 says nothing.
function onLogit(c) {
  const half = 0.5 * 10 ** -c.decimals;
  const p = Math.min(Math.max(c.middle, half), 100 - half) / 100;
  const low = Math.min((c.from + half) / 100, p), high = Math.max((c.to - half) / 100, p);
  const widths = [...(c.from > 0 ? [logit(p) - logit(low)] : []), ...(c.to < 100 ? [logit(high) - logit(p)] : [])];
  return { mean: logit(p), sd: widths.reduce((a, b) => a + b, 0) / widths.length / 1.959964 };
}
function chanceOfMore(a, b) {
  const x = onLogit(a), y = onLogit(b);
  return normal((x.mean - y.mean) / Math.hypot(x.sd, y.sd));
}
function compared() {
  const pair = [find(state.place), find(state.other)];
  if (!pair[0] || !pair[1] || pair[0].code === pair[1].code) return [W["page.compare_choose"], ""];
  if (pair.every((c) => c.middle !== null)) {
    const chance = chanceOfMore(...pair);
    const [more, less] = chance >= 0.5 ? pair : [pair[1], pair[0]];
    const sure = Math.max(chance, 1 - chance);
    const key = sure > 0.95 ? "clear" : sure > 0.8 ? "likely" : "unclear";
    const told = { more: more.name, less: less.name, chance: Math.min(95, 5 * Math.round(20 * sure)) };
    return [say(`page.compare_${key}`, told), W["page.compare_about"]];
  }
  if (!pair.every(shown)) return [W["page.compare_withheld"], ""];
  // Zou & Donner (2008), as in the report: the lower limit of the difference, from the printed intervals
  const [more, less] = pair[0].share >= pair[1].share ? pair : [pair[1], pair[0]];
  const apart = more.share - less.share > Math.hypot(more.share - more.low, less.high - less.share);
  const told = { more: more.name, less: less.name, high: number(more.share, more.decimals), low: number(less.share, less.decimals) };
  return [say(apart ? "page.compare_apart" : "page.compare_same", told), ""];
}

// ---- the parts of the page ------------------------------------------------------------------------------------------

function element(tag, text = "", attributes = {}) {
  const made = document.createElement(tag);
  made.textContent = text;
  for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value);
  return made;
}
function options(select, pairs, value) {
  select.replaceChildren(...pairs.map(([key, words]) => element("option", words, { value: key })));
  select.value = value;
}
function fillTable() {
  const body = $("places").tBodies[0], about = whole();
  const line = (c, head) => {
    const row = document.createElement("tr"), numbers = shown(c);
    row.append(head, ...(numbers ? [element("td", short(c), { class: "n" }), element("td", between(c), { class: "n" })] : [element("td", short(c), { class: "none", colspan: 2 })]));
    row.append(element("td", c.base, { class: "n base" }), element("td", c.step >= 0 ? W[`page.step.${c.step}`] : ""));
    return row;
  };
  rows = all().map((c) => {
    const head = element("th", "", { scope: "row" });
    head.append(element("button", c.name, { type: "button", "data-code": c.code, "aria-pressed": "false" }));
    return line(c, head);
  });
  const top = about ? [line({ ...about, step: -1 }, element("th", W["page.whole"], { scope: "row" }))] : [];
  top.forEach((row) => row.classList.add("whole"));
  body.replaceChildren(...top, ...rows);
  $("caption").textContent = say("page.caption", { measure: measure().name, wave: waveWords(), group: W[`group_small.${state.group}`] });
}
function seek() {
  const wanted = state.search.trim().toLocaleLowerCase(D.language);
  const names = rows.map((row) => row.cells[0].textContent.toLocaleLowerCase(D.language));
  rows.forEach((row, at) => { row.hidden = !names[at].includes(wanted); });
  $("matches").textContent = wanted ? say("page.matches", { count: rows.filter((row) => !row.hidden).length }) : "";
}
function told() { // the finding of the map against the municipality's level
  const cells = all(), clear = cells.filter((c) => c.step === 0 || c.step === 4).length;
  const finding = clear ? say("map.title_exceedance", { count: clear, total: cells.length }) : W["map.title_exceedance_none"];
  return say("page.said_of", { name: measure().name, sentence: finding });
}
function tell() {
  const about = whole(), here = places();
  $("title").textContent = view() === "exceedance" ? told() : about ? about.title : measure().name;
  $("detail").textContent = about ? about.detail : say("page.no_figure", { wave: waveWords() });
  const target = W[`picture.target.${view() === "exceedance" ? "risk" : "pupils"}`];
  $("meaning").textContent = [say("page.counted", { definition: measure().definition }), say("page.about", { of: measure().of, wave: waveWords() }), target].join(" ");
  const asked = about === null || about.state !== "a";
  const note = !here ? (asked ? W["page.no_places"] : "") : state.view !== view() ? say("page.no_model", { wave: WAVES.get(D.wave) }) : state.tiles ? W["page.tiles_help"] : "";
  $("map-note").textContent = note;
  $("map-note").hidden = !note;
  $("h-map").textContent = W[state.tiles ? "page.tile_map" : "page.map"];
  const chosen = find(state.place);
  $("said").textContent = !here ? "" : chosen ? sentence(chosen) : W["page.said_first"];
  $("said").hidden = !here;
  const [words, under] = compared();
  $("said").classList.toggle("empty", !chosen);
  $("compare").classList.toggle("empty", words === W["page.compare_choose"]);
  $("compared").textContent = words;
  $("compared-about").textContent = under;
  for (const row of rows) {
    const button = row.querySelector("button");
    button.setAttribute("aria-pressed", String(button.dataset.code === state.place));
    row.classList.toggle("chosen", button.dataset.code === state.place);
  }
}
function fillLegend(cells) {
  for (const part of document.querySelectorAll("#legend [data-view]")) part.hidden = part.dataset.view !== view();
  const edges = limits(), last = edges.length - 1;
  document.querySelectorAll("#legend .scale li").forEach((item, at) => {
    const key = at === 0 ? "below" : at === last ? "from" : "between";
    item.lastChild.textContent = say(`page.${key}`, { low: edges[at], high: edges[at + 1] });
  });
  const letters = { uncertain: "u", none_known: "k", withheld: "w", not_asked: "a", no_pupils: "e" };
  for (const item of document.querySelectorAll("#legend [data-state]")) {
    const kind = item.dataset.state, always = kind === "withheld" || (kind === "uncertain" && view() === "estimate");
    item.hidden = !always && (kind === "uncertain" || !cells.some((c) => c.state === letters[kind]));
  }
}

// ---- the map --------------------------------------------------------------------------------------------------------

const PATTERN = { u: ".", w: "/", a: "x", k: "+", e: "-" };
function look(c) { // colour, ink on it, and pattern of one place
  const step = view() === "exceedance" ? c.step : shown(c) ? classOf(c.share) : -1;
  if (step < 0) {
    const fill = c.state === "e" ? D.colours.no_pupils : D.colours.paper;
    return { fill, ink: D.colours.ink, shape: PATTERN[c.state === "u" || c.state === "s" ? "w" : c.state], over: D.colours.pattern };
  }
  const ink = D.colours[`${view()}_ink`].split(" ")[step];
  return { fill: D.colours[view()].split(" ")[step], ink, shape: view() === "estimate" && c.state === "u" ? "." : "", over: ink };
}
const hexagon = (x, y, gap) => [30, 90, 150, 210, 270, 330, 30].map((turn) => [x + 0.96 * gap / Math.sqrt(3) * Math.cos(turn * Math.PI / 180), y + 0.96 * gap / Math.sqrt(3) * Math.sin(turn * Math.PI / 180)]);
function outlines(g) { // the points of each place, its parts told apart by gaps
  return g.outline.map((text, at) => {
    const x = [], y = [];
    const rings = state.tiles ? [hexagon(...g.tile[at].split(" ").map(Number), g.gap)] : text.split("/").map((ring) => {
      const n = ring.split(" ").map(Number), points = [];
      for (let i = 0, px = 0, py = 0; i < n.length; i += 2) points.push([px += n[i], py += n[i + 1]]);
      return points;
    });
    for (const ring of rings) {
      if (x.length) { x.push(null); y.push(null); }
      for (const [px, py] of ring) { x.push(px); y.push(py); }
    }
    return { x, y };
  });
}
const plain = (text) => text.replaceAll("<", "&lt;"); // plotly reads marks in texts
function briefly(name, room) { // a name in at most three short lines
  const lines = [];
  for (const word of name.split(/[ -]/)) {
    const end = lines.length - 1;
    if (end >= 0 && `${lines[end]} ${word}`.length <= room) lines[end] += ` ${word}`;
    else lines.push(word.length > room ? `${word.slice(0, room - 1)}…` : word);
  }
  return lines.slice(0, 3);
}
function labels(g, cells, looks, scale) { // names and symbols where they have room: a text of its own for each size
  const size = state.tiles ? Math.min(12, g.gap * scale / 6) : g.size * scale;
  const font = { size: Math.max(size, 9), color: [], family: "DejaVu Sans, Verdana, sans-serif" };
  const trace = { type: "scatter", mode: "text", x: [], y: [], text: [], hoverinfo: "skip", textfont: font, meta: [] };
  cells.forEach((c, at) => {
    const [point, ...lines] = g.label[at].split("|"), symbols = D.colours.symbols.split("|");
    const symbol = view() === "exceedance" && c.step >= 0 ? symbols[c.step] : "";
    const [x, y] = (state.tiles ? g.tile[at] : point).split(" ").map(Number);
    const words = size < 9 ? [] : state.tiles ? briefly(c.name, Math.max(5, Math.floor(g.gap * scale / (0.62 * size)) - 1)) : lines;
    const told = words.length && symbol && !state.tiles ? [`${symbol} ${words[0]}`, ...words.slice(1)] : [...(symbol ? [symbol] : []), ...words];
    if (!told.length) return;
    trace.x.push(x);
    trace.y.push(y);
    trace.text.push(told.map(plain).join("<br>"));
    font.color.push(looks[at].ink);
    trace.meta.push(looks[at].fill);
  });
  return trace;
}
function outlined(code, dash, cells) { // a rim around a place: white below, dark above
  const at = cells.findIndex((c) => c.code === code);
  if (at < 0) return [];
  const rim = (color, width) => ({ type: "scatter", mode: "lines", ...drawn[at], hoverinfo: "skip", line: { color, width, dash: color === D.colours.paper ? "solid" : dash } });
  return [rim(D.colours.paper, 6), rim(D.colours.ink, 3)];
}
function extent(g) {
  if (!state.tiles) return [0, g.width, 0, g.height];
  const n = g.tile.map((text) => text.split(" ").map(Number)), r = 0.65 * g.gap;
  const xs = n.map((p) => p[0]), ys = n.map((p) => p[1]);
  return [Math.min(...xs) - r, Math.max(...xs) + r, Math.min(...ys) - r, Math.max(...ys) + r];
}
function drawMap() {
  const map = $("map"), cells = all(), ready = typeof Plotly !== "undefined";
  map.hidden = $("legend").hidden = $("views").hidden = !(ready && cells.length);
  $("compare").hidden = !cells.length;
  $("still").hidden = ready || !cells.length;
  if (!ready && document.readyState === "complete" && cells.length && name() !== D.first) {
    $("map-note").textContent = say("page.map_missing", { measure: D.measures.find((one) => one.id === FIRST).name, wave: WAVES.get(WAVE) });
    $("map-note").hidden = false;
  }
  if (map.hidden) return;
  fillLegend(cells);
  map.setAttribute("aria-label", summary(cells));
  const g = ground(), [x0, x1, y0, y1] = extent(g), looks = cells.map(look);
  const tall = Math.min(608, Math.max(352, 0.62 * window.innerHeight)); // pixels: the map and its key on one screen
  const size = { width: map.clientWidth, height: Math.min(tall, map.clientWidth * (y1 - y0) / (x1 - x0)) };
  map.style.height = `${size.height}px`;
  width = size.width;
  drawn = outlines(g);
  const shapes = cells.map((c, at) => ({
    type: "scatter", mode: "lines", fill: "toself", ...drawn[at], hoveron: "fills", hoverinfo: "text", name: c.code,
    text: `<b>${plain(c.name)}</b><br>${short(c)}${shown(c) ? ` % (${between(c)})` : ""}`, fillcolor: looks[at].fill,
    line: { color: D.colours.border, width: 0.8 },
    ...(looks[at].shape ? { fillpattern: { shape: looks[at].shape, fgcolor: looks[at].over, bgcolor: looks[at].fill, size: 7, solidity: looks[at].shape === "." ? 0.09 : 0.15 } } : {}),
  }));
  const names = labels(g, cells, looks, Math.min(size.width / (x1 - x0), size.height / (y1 - y0)));
  const axis = { visible: false, fixedrange: true };
  Plotly.react(map, [...shapes, names, ...outlined(state.other, "dot", cells), ...outlined(state.place, "solid", cells)], {
    ...size, xaxis: { ...axis, range: [x0, x1] }, yaxis: { ...axis, range: [y1, y0], scaleanchor: "x" }, margin: { l: 2, r: 2, t: 2, b: 2 },
    showlegend: false, hovermode: "closest", dragmode: false, paper_bgcolor: "rgba(0,0,0,0)", plot_bgcolor: "rgba(0,0,0,0)",
    hoverlabel: { bgcolor: D.colours.paper, bordercolor: D.colours.ink, font: { color: D.colours.ink, family: "system-ui, sans-serif", size: 14 }, align: "left" },
  }, { displayModeBar: false, displaylogo: false, showSendToCloud: false, plotlyServerURL: "", doubleClick: false });
  map.querySelectorAll(".textpoint text").forEach((text, at) => { // a rim keeps names readable on dots and lines
    Object.assign(text.style, { paintOrder: "stroke", stroke: names.meta[at], strokeWidth: "4px", strokeLinejoin: "round" });
  });
  if (!map.dataset.listens) {
    map.dataset.listens = "yes";
    map.on("plotly_click", (event) => choose({ place: event.points[0].data.name }));
  }
}

// ---- state ----------------------------------------------------------------------------------------------------------

function remember() {
  const told = new URLSearchParams(Object.entries(state).filter(([key, value]) => value && value !== START[key]));
  const hash = told.size ? `#${told}` : "#";
  if (hash !== (location.hash || "#")) history.replaceState(null, "", hash);
  for (const link of document.querySelectorAll("a.other")) link.href = link.getAttribute("href").split("#")[0] + hash;
}
function restore() {
  const told = new URLSearchParams(location.hash.slice(1));
  Object.assign(state, START);
  for (const key of Object.keys(START)) if (told.has(key)) state[key] = told.get(key);
  if (!measure()) state.measure = START.measure;
  if (!WAVES.has(state.wave)) state.wave = START.wave;
  if (!GROUPS.has(state.group)) state.group = START.group;
  if (state.view !== "exceedance") state.view = START.view;
  render();
}
function choose(changes) {
  Object.assign(state, changes);
  render(Object.keys(changes));
}
function render(changed = Object.keys(state)) {
  if (changed.some((key) => ["measure", "group", "wave"].includes(key))) {
    fillTable();
    const pairs = [["", "–"], ...all().filter((c) => c.state !== "e").map((c) => [c.code, c.name])];
    options($("one"), pairs, "");
    options($("two"), pairs, "");
    $("table").hidden = !places();
  }
  $("measure").value = state.measure;
  $("group").value = state.group;
  $("wave").value = state.wave;
  $("one").value = find(state.place) ? state.place : "";
  $("two").value = find(state.other) ? state.other : "";
  $("tiles").checked = Boolean(state.tiles);
  for (const radio of document.getElementsByName("view")) radio.checked = radio.value === state.view;
  if ($("search").value !== state.search) $("search").value = state.search;
  tell();
  seek();
  drawMap();
  remember();
}
function step(event) { // arrows go from place to place in the table
  const buttons = rows.filter((row) => !row.hidden).map((row) => row.querySelector("button"));
  const at = buttons.indexOf(event.target);
  const to = { ArrowDown: at + 1, ArrowUp: at - 1, Home: 0, End: buttons.length - 1 }[event.key];
  if (at < 0 || to === undefined || !buttons[to]) return;
  event.preventDefault();
  buttons[to].focus();
}
function start() {
  options($("measure"), D.measures.map((one) => [one.id, one.name]), "");
  options($("group"), D.groups, "");
  options($("wave"), D.waves, "");
  for (const key of ["measure", "group", "wave"]) $(key).addEventListener("change", () => choose({ [key]: $(key).value }));
  for (const radio of document.getElementsByName("view")) radio.addEventListener("change", () => choose({ view: radio.value }));
  $("tiles").addEventListener("change", () => choose({ tiles: $("tiles").checked ? "yes" : "" }));
  $("one").addEventListener("change", () => choose({ place: $("one").value }));
  $("two").addEventListener("change", () => choose({ other: $("two").value }));
  $("search").addEventListener("input", () => choose({ search: $("search").value }));
  $("choose").addEventListener("submit", (event) => event.preventDefault());
  $("places").addEventListener("click", (event) => { if (event.target.dataset.code) choose({ place: event.target.dataset.code }); });
  $("places").addEventListener("keydown", step);
  for (const head of document.querySelectorAll("#municipal th[data-measure]")) {
    const button = element("button", head.textContent, { type: "button" });
    button.addEventListener("click", () => { choose({ measure: head.dataset.measure, group: "all", wave: D.wave }); $("title").focus(); });
    head.replaceChildren(button);
  }
  for (const id of ["choose", "seek"]) $(id).hidden = false;
  window.addEventListener("hashchange", restore);
  window.addEventListener("load", drawMap);
  window.addEventListener("resize", () => { if (drawn && $("map").clientWidth !== width) drawMap(); });
  document.addEventListener("DOMContentLoaded", drawMap);
  restore();
}
start();
