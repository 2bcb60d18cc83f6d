// Timelines: all tracks of a figure share one x axis, one zoom and one cursor. Numbers come with the page; nothing is computed but places.
(function () {
  "use strict";
  const style = () => getComputedStyle(document.documentElement);
  const colour = (name) => style().getPropertyValue("--" + name).trim();
  const narrow = () => window.innerWidth <= 640;
  const plain = (v) => {
    const a = Math.abs(v);
    if (a >= 100 || a === 0) return Math.round(v).toLocaleString("en-US");
    return String(Number(v.toPrecision(3))).replace("-", "−");
  };
  const word = (v, unit) => {
    if (v == null) return "–";
    switch (unit) {
      case "ms": return v >= 1000 ? plain(v / 1000) + " s" : v > 0 && v < 1 ? plain(v * 1000) + " µs" : plain(v) + " ms";
      case "ratio": return Math.round(v * 1000) / 10 + " %";
      case "percent": return plain(v) + " %";
      case "mb": return plain(v) + " MB";
      case "per_s": return plain(v) + " /s";
      default: return plain(v);
    }
  };
  const two = (n) => String(n).padStart(2, "0");
  const clock = (s, end, step) => {
    if (end <= 600 || step < 1) return String(Math.round(s * 10) / 10);
    const whole = Math.round(s);
    const minutes = Math.floor(whole / 60);
    if (end <= 9000 || step < 60) return minutes + ":" + two(whole % 60);
    return Math.floor(minutes / 60) + ":" + two(minutes % 60);
  };
  const isPower = (track, v) => track.scale !== "log" || Math.abs(Math.log10(v) - Math.round(Math.log10(v))) < 1e-6;
  const STEPS = [0.1, 0.2, 0.5, 1, 2, 5, 10, 20, 30, 60, 120, 300, 600, 1200, 1800, 3600, 7200, 14400, 43200];

  // The columns of a track for uPlot: x, then one column a curve; stacks are summed up, the last one first.
  function columns(track, grids) {
    const drawn = track.layers.filter((l) => ["line", "stack", "band", "none"].includes(l.kind));
    const gridded = drawn.find((l) => l.kind !== "none");
    const x = gridded ? grids[gridded.grid] : [], nothing = x.map(() => null);
    const data = [x], series = [{}], bands = [], of = [];
    let sum = null;
    const stacks = [];
    for (const layer of drawn) {
      if (layer.kind !== "stack") continue;
      sum = layer.y.map((v, i) => (v || 0) + (sum ? sum[i] : 0));
      stacks.unshift([layer, sum]);
    }
    for (const [layer, y] of stacks) {
      data.push(y);
      of.push(layer);
      series.push({ fill: () => colour(layer.ink), width: 0, points: { show: false } });
    }
    for (const layer of drawn) {
      const line = { stroke: () => colour(layer.ink), width: layer.stroke === "bold" ? 2 : 1.25, points: { show: false }, spanGaps: false };
      if (layer.stroke === "dashed") line.dash = [4, 3];
      if (layer.kind === "line") {
        data.push(layer.y);
        of.push(layer);
        series.push(line);
      } else if (layer.kind === "band" || layer.kind === "none") {
        data.push(layer.high || nothing, layer.y || nothing);
        of.push(layer, null);
        series.push({ width: 0, points: { show: false } }, { width: 0, points: { show: false } });
        bands.push({ series: [data.length - 2, data.length - 1], fill: () => colour(layer.ink) + "4d" });
      }
    }
    return { data, series, bands, of };
  }

  function ground(track) {
    return (u) => {
      const { left, top, width, height } = u.bbox;
      for (const layer of track.layers) {
        if (layer.kind !== "spans") continue;
        u.ctx.save();
        u.ctx.fillStyle = colour(layer.ink);
        if (layer.stroke === "faint") u.ctx.globalAlpha = 0.13;
        for (const [from, to, share] of layer.spans) {
          const a = Math.max(left, u.valToPos(from, "x", true)), b = Math.min(left + width, u.valToPos(to, "x", true));
          if (b > a - 1 && b >= left && a <= left + width) u.ctx.fillRect(a, top + height * (1 - share), Math.max(b - a, 1), height * share);
        }
        u.ctx.restore();
      }
    };
  }

  function limits(track) {
    return (u) => {
      for (const layer of track.layers) {
        if (layer.kind !== "limit") continue;
        const y = u.valToPos(layer.at, "y", true), { left, width } = u.bbox;
        if (layer.at < track.range[0] || layer.at > track.range[1]) continue;
        u.ctx.save();
        u.ctx.strokeStyle = u.ctx.fillStyle = colour(layer.ink);
        u.ctx.setLineDash([6, 4]);
        u.ctx.beginPath();
        u.ctx.moveTo(left, y);
        u.ctx.lineTo(left + width, y);
        u.ctx.stroke();
        u.ctx.restore();
      }
    };
  }

  function timeline(figure) {
    const place = document.querySelector('.live[data-figure="' + figure.id + '"]');
    if (!place) return;
    const [start, end] = figure.range;
    let span = [start, end], isFine = false, charts = [], keys = [];
    const sync = uPlot.sync(figure.id);
    const make = (tag, className, text) => {
      const element = document.createElement(tag);
      if (className) element.className = className;
      if (text) element.textContent = text;
      return element;
    };
    const tools = place.appendChild(make("div", "tools"));
    const button = (name, act) => {
      const element = tools.appendChild(make("button", "", name));
      element.type = "button";
      element.addEventListener("click", act);
      return element;
    };
    const whole = button("Whole run", () => zoom(start, end));
    const about = (factor) => () => {
      const middle = (span[0] + span[1]) / 2, half = ((span[1] - span[0]) / 2) * factor;
      zoom(middle - half, middle + half);
    };
    const move = (share) => () => zoom(span[0] + share * (span[1] - span[0]), span[1] + share * (span[1] - span[0]));
    button("Zoom in", about(0.5));
    const out = button("Zoom out", about(2));
    const back = button("Earlier", move(-0.5)), on = button("Later", move(0.5));
    if (figure.events.length) {
      const list = tools.appendChild(make("select"));
      list.setAttribute("aria-label", "Go to an event");
      list.add(new Option("Go to …", ""));
      figure.events.forEach(([at, name], index) => list.add(new Option(name, index)));
      list.addEventListener("change", () => {
        if (list.value === "") return;
        const at = figure.events[list.value][0];
        zoom(at - 15, at + 25);
      });
    }
    const shown = tools.appendChild(make("span", "at"));
    shown.setAttribute("role", "status");
    const tracks = place.appendChild(make("div", "tracks"));
    tracks.setAttribute("role", "img");
    tracks.setAttribute("aria-label", figure.title + ". " + figure.text);

    function zoom(from, to) {
      const least = Math.min(1, end - start);
      let length = Math.min(Math.max(to - from, least), end - start);
      from = Math.min(Math.max(from, start), end - length);
      span = [from, from + length];
      const fine = length <= figure.below && figure.covers.some(([a, b]) => a <= span[0] + 0.11 && b >= span[1] - 0.11);
      if (fine !== isFine) {
        isFine = fine;
        charts.forEach((chart, index) => chart.setData(columns(level()[index], figure.grids).data, false));
      }
      uPlot.sync(figure.id);
      charts.forEach((chart, index) => chart.batch(() => {
        chart.setScale("y", { min: level()[index].range[0], max: level()[index].range[1] });
        chart.setScale("x", { min: span[0], max: span[1] });
      }));
      const isWhole = span[0] <= start && span[1] >= end;
      whole.disabled = out.disabled = isWhole;
      back.disabled = span[0] <= start;
      on.disabled = span[1] >= end;
      shown.textContent = clock(span[0], end, 1) + " to " + clock(span[1], end, 1) + (end <= 600 ? " s" : "") + (isFine ? ", steps of 0.1 s" : "");
    }
    const level = () => (isFine ? figure.fine : figure.coarse);

    function head(track, index) {
      const element = make("div", "head");
      element.append(make("span", "", track.axis ? track.title + ", " + track.axis : track.title));
      const row = element.appendChild(make("span", "keys"));
      const values = [];
      for (const layer of track.layers) {
        const name = layer.kind === "limit" ? layer.label : layer.name;
        if (!name) continue;
        const isLine = layer.kind === "line" || layer.kind === "limit";
        const key = row.appendChild(make("span"));
        const mark = key.appendChild(make("i", isLine ? "line" : ""));
        mark.style[isLine ? "borderTopColor" : "backgroundColor"] = "var(--" + layer.ink + ")";
        if (layer.stroke === "dashed") mark.style.borderTopStyle = "dashed";
        key.append(name + " ");
        if (layer.kind !== "spans" && layer.kind !== "limit") values.push([layer, key.appendChild(make("b"))]);
      }
      keys[index] = values;
      return element;
    }

    function values(index, at) {
      const track = level()[index];
      const plainLayers = track.layers.filter((l) => l.name && l.kind !== "limit" && l.kind !== "spans");
      keys[index].forEach(([, place], position) => {
        const layer = plainLayers[position];
        place.textContent = at == null || !layer || !layer.y ? "" : word(layer.y[at], track.unit);
      });
    }

    function draw() {
      charts.forEach((chart) => chart.destroy());
      charts = [];
      keys = [];
      tracks.textContent = "";
      const width = place.clientWidth;
      figure.coarse.forEach((track, index) => {
        tracks.append(head(track, index));
        const box = tracks.appendChild(make("div", "track"));
        const isLast = index === figure.coarse.length - 1;
        const { data, series, bands } = columns(level()[index], figure.grids);
        const font = "11px system-ui, sans-serif";
        const axes = [
          { show: true, size: isLast ? 24 : 0, font, stroke: () => colour("muted"), grid: { stroke: () => colour("rule"), width: 1 }, ticks: { show: false },
            values: (u, ticks, axis, space, step) => (isLast ? ticks.map((v) => clock(v, end, step)) : ticks.map(() => "")), incrs: STEPS },
          { show: true, size: 50, font, stroke: () => colour("muted"), grid: { stroke: () => colour("rule"), width: 1, filter: (u, ticks) => ticks.map((v) => (isPower(track, v) ? v : null)) }, ticks: { show: false }, space: 24,
            values: (u, ticks) => ticks.map((v) => (v == null || !track.axis || !isPower(track, v) ? "" : word(v, track.unit))) },
        ];
        if (!track.axis) axes[1].grid = { show: false };
        const chart = new uPlot({
          width, height: track.height + 14 + (isLast ? 24 : 0), padding: [7, 12, 7, 0], legend: { show: false },
          scales: { x: { time: false, min: span[0], max: span[1] }, y: { auto: false, range: track.range, min: track.range[0], max: track.range[1], distr: track.scale === "log" ? 3 : 1 } },
          cursor: { sync: { key: figure.id, setSeries: false }, drag: { x: true, y: false, setScale: false }, points: { show: false }, y: false,
            bind: { dblclick: () => () => zoom(start, end) } },
          axes, series, bands,
          hooks: {
            drawClear: [ground(track)], draw: [limits(track)],
            setCursor: [(u) => values(index, u.cursor.idx)],
            setSelect: [(u) => {
              if (u.select.width < 4) return;
              const from = u.posToVal(u.select.left, "x"), to = u.posToVal(u.select.left + u.select.width, "x");
              u.setSelect({ left: 0, top: 0, width: 0, height: 0 }, false);
              zoom(from, to);
            }],
          },
        }, data, box);
        charts.push(chart);
      });
      const wanted = span;
      zoom(wanted[0], wanted[1]);
    }

    place.hidden = false;
    place.parentElement.classList.add("has-live");
    draw();
    let wait = 0, last = place.clientWidth;
    window.addEventListener("resize", () => {
      clearTimeout(wait);
      wait = setTimeout(() => {
        if (place.clientWidth !== last && place.clientWidth > 0) { last = place.clientWidth; draw(); }
      }, 120);
    });
    matchMedia("(prefers-color-scheme: dark)").addEventListener("change", draw);
    place.timeline = { zoom, spans: () => charts.map((chart) => [chart.scales.x.min, chart.scales.x.max]), isFine: () => isFine };
  }

  JSON.parse(document.getElementById("tracks").textContent).forEach(timeline);
})();
