// Draws each table that a `[data-chart-of]` names, from its own cells: the table is the chart in words, and stays.
// Bars: a line of the table is a bar, the columns of `data-series` its parts. Steps: lines of (name, day, share).
// Told apart without colour: greys with patterns, and dashes. Nothing moves.
(() => {
  const LINE = 26, FRAME = 92;
  const STRENGTHS = [12, 34, 72, 100];
  const DASHES = [[], [7, 4], [2, 3], [12, 4, 2, 4], [16, 6]];
  const SHARES = { 0: "none", 0.25: "a quarter", 0.5: "half", 0.75: "three quarters", 1: "all" };
  const drawn = [];

  // A custom property may differ by light and dark: only an element that wears it knows which.
  const colours = (place) => {
    const probe = place.appendChild(document.createElement("span"));
    const read = (value) => {
      probe.style.color = value;
      return getComputedStyle(probe).color;
    };
    const found = {
      ink: read("var(--ink)"), soft: read("var(--soft)"), line: read("var(--line)"), edge: read("var(--edge)"), card: read("var(--card)"),
      parts: STRENGTHS.map((part) => read(`color-mix(in srgb, var(--accent) ${part}%, var(--card))`)),
    };
    probe.remove();
    return found;
  };

  // Plain, diagonals, dots, plain and dark: four that a copier keeps apart, and as thin that each is darker than the one before.
  const pattern = (kind, colour, over) => {
    if (kind === 0 || kind === 3) return colour;
    const tile = document.createElement("canvas");
    tile.width = tile.height = 8;
    const pen = tile.getContext("2d");
    pen.fillStyle = colour;
    pen.fillRect(0, 0, 8, 8);
    pen.strokeStyle = pen.fillStyle = over;
    if (kind === 1) {
      pen.lineWidth = 0.9;
      for (const shift of [-8, 0, 8]) {
        pen.beginPath();
        pen.moveTo(shift, 8);
        pen.lineTo(shift + 8, 0);
        pen.stroke();
      }
    } else {
      for (const [x, y] of [[2, 2], [6, 6]]) {
        pen.beginPath();
        pen.arc(x, y, 1, 0, 7);
        pen.fill();
      }
    }
    return pen.createPattern(tile, "repeat");
  };

  const words = (cell) => cell.textContent.trim().replace(/\s+/g, " ");
  const label = (head) => words(head.querySelector(".figures__label") ?? head); // more links may stand beside the name
  const number = (cell) => Number(cell.querySelector("[data-count]")?.dataset.count ?? 0);

  // On a phone a label takes two lines; a word that is longer still is cut.
  const wrapped = (name, most) => {
    const lines = [""];
    for (const word of name.split(" ")) {
      const shown = word.length > most ? `${word.slice(0, most - 1)}…` : word;
      if (lines.at(-1) && lines.at(-1).length + shown.length >= most) lines.push(shown);
      else lines[lines.length - 1] = `${lines.at(-1)} ${shown}`.trim();
    }
    return lines.length > 1 ? lines : lines[0];
  };

  const bars = (table, colour, narrow) => {
    const keys = table.dataset.series.split(" ");
    const rows = [...table.tBodies[0].rows].slice(0, Number(table.dataset.most));
    const stacked = "stacked" in table.dataset;
    const head = (key) => words(table.querySelector(`thead [data-column="${key}"]`));
    // of what adds up the longest wait is the darkest; of what stands side by side the first
    const fill = (place) => (stacked ? place : [3, 1, 2, 0][place]);
    return {
      height: rows.length * Math.max(narrow ? LINE + 8 : LINE, stacked ? 0 : 10 + 14 * keys.length) + FRAME,
      type: "bar",
      data: {
        labels: rows.map((row) => wrapped(label(row.cells[0]), narrow ? 14 : 34)),
        datasets: keys.map((key, place) => ({
          label: head(key),
          data: rows.map((row) => number(row.querySelector(`[data-column="${key}"]`))),
          backgroundColor: pattern(fill(place), colour.parts[fill(place)], place === 1 ? colour.ink : colour.card),
          borderColor: colour.edge,
          borderWidth: 1,
        })),
      },
      scales: {
        x: { stacked, beginAtZero: true, ticks: { precision: 0, color: colour.soft }, grid: { color: colour.line }, border: { display: false } },
        y: { stacked, ticks: { autoSkip: false, color: colour.ink }, grid: { display: false }, border: { color: colour.edge } },
      },
      more: { indexAxis: "y" },
    };
  };

  const steps = (table, colour) => {
    const series = new Map();
    for (const row of table.tBodies[0].rows) {
      const { series: name, x, y } = row.dataset;
      if (!series.has(name)) series.set(name, []);
      series.get(name).push({ x: Number(x), y: Number(y) });
    }
    return {
      height: 340,
      type: "line",
      data: {
        datasets: [...series].map(([label, data], place) => ({
          label,
          data,
          stepped: true,
          borderColor: place % 2 ? colour.ink : colour.parts[3],
          borderDash: DASHES[place % DASHES.length],
          borderWidth: place === 0 ? 2.5 : 2,
          pointRadius: 0,
          pointHitRadius: 8,
        })),
      },
      scales: {
        x: { type: "linear", min: 0, title: { display: true, text: "Days since it was asked", color: colour.soft }, ticks: { color: colour.soft }, grid: { display: false }, border: { color: colour.edge } },
        y: { min: 0, max: 1, title: { display: true, text: "Still waiting", color: colour.soft }, ticks: { stepSize: 0.25, color: colour.soft, callback: (value) => SHARES[value] ?? "" }, grid: { color: (tick) => (tick.tick.value === 0.5 ? colour.edge : colour.line) }, border: { display: false } },
      },
      more: {},
    };
  };

  // A line in the legend is the line itself, dashes and all.
  const legend = (chart) => Chart.defaults.plugins.legend.labels.generateLabels(chart).map((item) => {
    const { borderDash, borderWidth, borderColor } = chart.data.datasets[item.datasetIndex];
    return chart.config.type === "line" ? { ...item, pointStyle: "line", lineDash: borderDash, lineWidth: borderWidth, strokeStyle: borderColor } : item;
  });

  const draw = (place) => {
    const table = document.getElementById(place.dataset.chartOf);
    if (!table) return;
    const colour = colours(place);
    const made = (table.dataset.chart === "steps" ? steps : bars)(table, colour, place.parentElement.clientWidth < 480);
    const canvas = document.createElement("canvas");
    canvas.setAttribute("role", "img");
    canvas.setAttribute("aria-label", `Chart. ${table.dataset.finding} The numbers are in the table that follows.`);
    canvas.dataset.ink = colour.ink; // by day or by night: a picture does not say
    place.replaceChildren(canvas);
    place.style.height = `${made.height}px`;
    place.hidden = false;
    const lines = made.type === "line";
    return new Chart(canvas, {
      type: made.type,
      data: made.data,
      options: {
        ...made.more,
        animation: false,
        responsive: true,
        maintainAspectRatio: false,
        interaction: { mode: lines ? "nearest" : "index", axis: lines ? "x" : "y", intersect: false },
        scales: made.scales,
        plugins: {
          legend: { display: made.data.datasets.length > 1, position: "bottom", align: "start", labels: { color: colour.ink, usePointStyle: lines, pointStyleWidth: 42, boxWidth: 22, generateLabels: legend }, onClick: null },
          tooltip: { animation: false, callbacks: lines ? { title: (items) => `${items[0].parsed.x} days`, label: (item) => `${item.dataset.label}: ${item.parsed.y.toFixed(2)} of all still waiting` } : {} },
        },
      },
    });
  };

  const redraw = () => {
    for (const one of drawn) {
      one.chart?.destroy();
      one.chart = draw(one.place);
    }
  };
  // Paper is light, whatever the screen is.
  const onPaper = (is) => {
    for (const { place } of drawn) {
      if (is) place.dataset.theme = "light";
      else delete place.dataset.theme;
    }
    redraw();
  };

  Chart.defaults.font.family = getComputedStyle(document.body).fontFamily;
  Chart.defaults.font.size = 13;
  for (const place of document.querySelectorAll("[data-chart-of]")) drawn.push({ place });
  redraw();
  document.fonts?.ready.then(() => drawn.forEach(({ chart }) => chart?.update()));
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", redraw);
  addEventListener("beforeprint", () => onPaper(true));
  addEventListener("afterprint", () => onPaper(false));
})();
