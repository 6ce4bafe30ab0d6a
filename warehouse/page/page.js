// Draws the charts, filters and points at runs; it shows what the tables say and works out nothing.
"use strict";
(() => {
  const rows = {}, drawn = {}, chosen = {};
  for (const [name, table] of Object.entries(DATA)) {
    const isDay = table.columns.map((column) => /_on$|^on_day$/.test(column));
    const value = (cell, n) => (isDay[n] && cell !== null ? Date.parse(cell) : cell);
    rows[name] = table.rows.map((row) => Object.fromEntries(row.map((cell, n) => [table.columns[n], value(cell, n)])));
  }
  const POINTED = { runs: "flop", costs: "usd" };
  const year = (number) => Date.UTC(number, 0, 1);
  const last = (name) => Math.max(...rows[name].map((row) => row.published_on));

  // What the filters of the runs let through, and the fitted lines that belong to it.
  function choice() {
    const form = document.querySelector("form.filters");
    return form ? Object.fromEntries(new FormData(form)) : {};
  }
  const holds = (list, one) => (list || "").split("|").includes(one);
  function runsShown(by, since) {
    return rows.runs.filter((run) => run.published_on >= since
      && (!by.domain || holds(run.domains, by.domain))
      && (!by.organisation || run.organisation_type === by.organisation)
      && (!by.openness || run.openness === by.openness)
      && (!by.selection || holds(run.selections, by.selection)));
  }
  function fitsShown(by) {
    const set = ["domain", "organisation", "openness", "selection"].filter((name) => by[name]);
    if (!set.length) return rows.fits.filter((fit) => fit.is_first);
    if (set.length > 1) return [];
    const prefix = { domain: "domain:", organisation: "organisation_type:", openness: "openness:", selection: "" }[set[0]];
    const found = rows.fits.filter((fit) => fit.selection === prefix + by[set[0]]);
    const metric = found.some((fit) => fit.metric === "training_compute") ? "training_compute" : "published_training_compute";
    const period = found.some((fit) => fit.period === "from_2010" && fit.metric === metric) ? "from_2010" : "2012_2018";
    return found.filter((fit) => fit.metric === metric && fit.period === period);
  }
  // Names that find room beside their dot, the latest first; the places are those the chart will give them, to a few pixels.
  function labelsThatFit(labels, runs, since, until) {
    const width = document.getElementById("chart-runs").clientWidth - 45, height = 470, taken = [];
    const figures = runs.map((run) => Math.log(run.flop)), low = Math.min(...figures), high = Math.max(...figures);
    return [...labels].sort((one, other) => one.place - other.place).filter((label) => {
      const right = (label.published_on - since) / (until - since) * width - 6, left = right - 7 * Math.min(label.name.length, 21);
      const foot = (high - Math.log(label.flop)) / (high - low) * height;
      const isFree = left > 0 && taken.every((box) => right < box.left || left > box.right || Math.abs(foot - box.foot) > 16);
      if (isFree) taken.push({ left: left - 8, right: right + 8, foot });
      return isFree;
    });
  }
  function choose() {
    const by = choice(), first = Math.min(...rows.runs.map((run) => run.published_on));
    const since = by.span && by.span !== "0" ? year(+by.span) : year(new Date(first).getUTCFullYear());
    const runs = runsShown(by, since), fits = fitsShown(by).filter((fit) => fit.on_day >= since);
    const isFiltered = by.domain || by.organisation || by.openness || (by.selection && by.selection !== "frontier");
    const until = last("runs") + 200 * 864e5;
    const labels = isFiltered ? [] : labelsThatFit(rows.labels, runs, since, until);
    chosen.runs = { data: { runs, fits, labels }, params: { since, until, scheme: by.scheme || "" } };
    const ends = fits.filter((fit) => fit.is_end);
    document.getElementById("shown-runs").textContent = `${runs.length.toLocaleString("en")} of ${rows.runs.length.toLocaleString("en")} runs; `
      + (ends.length ? ends.map((fit) => fit.said).join("; ") : "no line: fits are made for one filter at a time, of three runs or more") + ".";
  }
  if (rows.projections) {
    const days = rows.projections.flatMap((row) => [row.earliest_on, row.reached_on]).filter(Boolean);
    if (days.length) chosen.projections = { data: {}, params: { from: Math.min(...days) - 250 * 864e5, to: Math.min(Math.max(...days), year(2050)) } };
  }

  // A chart's specification with its rows in it.
  function spec(name, width) {
    const made = JSON.parse(JSON.stringify(CHARTS[name])), own = chosen[name] || { data: {}, params: {} };
    const used = new Set(JSON.stringify(made).match(/"data":\{"name":"[\w-]+"\}/g).map((text) => JSON.parse(`{${text}}`).data.name));
    const given = made.datasets || {};
    made.datasets = Object.fromEntries([...used].map((one) => [one, given[one] || own.data[one] || rows[one] || []]));
    for (const param of made.params || []) if (param.name in own.params) param.value = own.params[param.name];
    if (name in POINTED && width < 500) made.height = 400;
    // On a phone a row's words stand above its line.
    if (made.height.step) made.height = rows[name].length * (name !== "projections" && width < 640 ? 46 : made.height.step);
    return made;
  }
  const OPTIONS = { actions: false, renderer: "svg", ast: true, tooltip: false, hover: false, defaultStyle: false, logLevel: 1 };
  async function draw(name) {
    const chart = document.getElementById(`chart-${name}`);
    const made = await vegaEmbed(chart, spec(name, chart.clientWidth), OPTIONS);
    if (drawn[name]) drawn[name].finalize();
    drawn[name] = made;
    hide(name);
  }

  // Pointing at a run: mouse, finger and arrow keys show the same card.
  const shown = (name) => (chosen[name] && chosen[name].data[name]) || rows[name];
  const at = {};
  function place(name, row) {
    const view = drawn[name].view, [left, top] = view.origin();
    return [view.scale("x")(row.published_on) + left, view.scale("y")(row[POINTED[name]]) + top];
  }
  function nearest(name, x, y, reach) {
    let best = null, distance = reach;
    for (const row of shown(name)) {
      const [left, top] = place(name, row), off = Math.hypot(left - x, top - y);
      if (off < distance) [best, distance] = [row, off];
    }
    return best;
  }
  function line(kind, text) {
    const made = document.createElement(kind);
    made.textContent = text;
    return made;
  }
  function show(name, row) {
    if (at[name] === row) return;
    at[name] = row;
    const card = document.getElementById(`card-${name}`), chart = document.getElementById(`chart-${name}`);
    const much = line("span", row.much);
    much.className = "much";
    card.replaceChildren(line("strong", row.name), line("span", row.who), much, line("span", row.sure), line("span", row.how));
    if (row.url) {
      const link = line("a", "Source");
      Object.assign(link, { href: row.url, rel: "noopener noreferrer", target: "_blank", tabIndex: -1 });
      card.append(link);
    }
    card.hidden = false;
    chart.classList.toggle("on-a-run", Boolean(row.url));
    const [left, top] = place(name, row), isRight = left > chart.clientWidth / 2;
    card.style.left = `${isRight ? left - card.offsetWidth - 16 : left + 16}px`;
    card.style.top = `${Math.max(0, Math.min(top - 20, chart.clientHeight - card.offsetHeight))}px`;
    drawn[name].view.signal("picked", row.run_id).runAsync();
  }
  function hide(name) {
    if (!(name in POINTED)) return;
    at[name] = null;
    document.getElementById(`card-${name}`).hidden = true;
    document.getElementById(`chart-${name}`).classList.remove("on-a-run");
    drawn[name].view.signal("picked", "").runAsync();
  }
  const open = (row) => row && row.url && window.open(row.url, "_blank", "noopener,noreferrer");
  function point(name) {
    const chart = document.getElementById(`chart-${name}`);
    const under = (event) => {
      const box = chart.getBoundingClientRect();
      return nearest(name, event.clientX - box.left, event.clientY - box.top, event.pointerType === "touch" ? 40 : 18);
    };
    chart.addEventListener("pointermove", (event) => {
      const row = drawn[name] && under(event);
      if (row) show(name, row);
      else if (at[name] && event.pointerType === "mouse") hide(name);
    });
    chart.addEventListener("pointerdown", (event) => {
      const row = drawn[name] && under(event);
      if (row) show(name, row);
    });
    chart.addEventListener("pointerleave", (event) => event.pointerType === "mouse" && at[name] && hide(name));
    chart.addEventListener("click", (event) => event.pointerType !== "touch" && open(drawn[name] && under(event)));
    chart.addEventListener("keydown", (event) => walk(name, event));
  }
  function walk(name, event) {
    const inOrder = [...shown(name)].sort((one, other) => one.published_on - other.published_on);
    const now = inOrder.indexOf(at[name]), end = inOrder.length - 1;
    const to = { ArrowRight: Math.min(now + 1, end), ArrowLeft: now < 0 ? end : Math.max(now - 1, 0), Home: 0, End: end }[event.key];
    if (event.key === "Enter") open(at[name]);
    else if (event.key === "Escape" && at[name]) hide(name);
    else if (to === undefined || end < 0) return;
    else show(name, inOrder[to]);
    event.preventDefault();
  }

  // Pictures for papers: always on white, with title and version.
  async function save(name, kind) {
    const light = document.styleSheets[0].cssRules[0].style;
    const plain = JSON.stringify(spec(name, 860)).replace(/var\((--\w+)\)/g, (_, key) => light.getPropertyValue(key).trim());
    const made = JSON.parse(plain);
    made.title = { text: document.getElementById(`title-${name}`).textContent, subtitle: document.querySelector("footer p").textContent.split(". ")[0], offset: 14 };
    Object.assign(made, { width: 860, background: "#ffffff", padding: 16 });
    made.autosize = { type: "pad" };
    const aside = document.createElement("div");
    const picture = await vegaEmbed(aside, made, OPTIONS);
    const address = kind === "png" ? await picture.view.toImageURL("png", 2)
      : `data:image/svg+xml;charset=utf-8,${encodeURIComponent(await picture.view.toSVG())}`;
    picture.finalize();
    const link = document.createElement("a");
    Object.assign(link, { href: address, download: `aicompute-${name}.${kind}` });
    link.click();
  }

  async function start() {
    for (const control of document.querySelectorAll("form.filters, .downloads")) control.hidden = false;
    if (rows.runs) {
      const form = document.querySelector("form.filters");
      const again = () => { choose(); draw("runs"); };
      form.addEventListener("change", again);
      form.addEventListener("reset", () => setTimeout(again));
      choose();
    }
    for (const button of document.querySelectorAll("button[data-save]")) {
      button.addEventListener("click", () => save(button.dataset.of, button.dataset.save));
    }
    for (const chart of document.querySelectorAll(".chart")) {
      await draw(chart.dataset.chart);
      if (chart.dataset.chart in POINTED) point(chart.dataset.chart);
    }
    document.documentElement.dataset.drawn = "yes";
  }
  start();
})();
