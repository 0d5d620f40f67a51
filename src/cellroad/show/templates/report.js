// Draws the charts of a report: options and maps come as JSON with the page, colours of text and ground from its style.
(() => {
  "use strict";
  const { charts, maps } = JSON.parse(document.getElementById("data").textContent);
  const root = document.documentElement;
  root.classList.add("js");
  for (const twin of document.querySelectorAll("details.twin")) twin.open = false;
  for (const [name, land] of Object.entries(maps)) echarts.registerMap(name, land);

  echarts.registerCustomSeries("gantt", (params, api) => {
    const [x, y] = api.coord([api.value(1), api.value(0)]);
    const [end] = api.coord([api.value(2), api.value(0)]);
    const height = Math.min(api.size([0, 1])[1] * 0.46, 22);
    const bar = { x, y: y - height / 2, width: Math.max(end - x, 2), height };
    const shape = echarts.graphic.clipRectByRect(bar, params.coordSys);
    return shape && { type: "rect", shape, style: { fill: api.visual("color") } };
  });

  const theme = () => {
    const style = getComputedStyle(root);
    const v = (name) => style.getPropertyValue(`--${name}`).trim();
    const text = { color: v("ink"), fontFamily: v("font"), fontSize: 12.5 };
    const axis = {
      axisLine: { lineStyle: { color: v("line") } },
      axisTick: { lineStyle: { color: v("line") } },
      axisLabel: { color: v("quiet"), fontSize: 12 },
      nameTextStyle: { color: v("quiet"), fontSize: 12 },
      splitLine: { lineStyle: { color: v("faint") } },
    };
    return {
      color: [v("ink")],
      backgroundColor: "transparent",
      textStyle: text,
      legend: { textStyle: text, pageTextStyle: text, pageIconColor: v("quiet"), pageIconInactiveColor: v("line"), inactiveColor: v("line") },
      tooltip: { backgroundColor: v("sheet"), borderColor: v("line"), textStyle: { color: v("ink"), fontSize: 12.5 }, axisPointer: { lineStyle: { color: v("quiet") } } },
      categoryAxis: axis, valueAxis: axis, timeAxis: axis,
      visualMap: { textStyle: { color: v("quiet") } },
      geo: { itemStyle: { areaColor: v("land"), borderColor: v("sheet"), borderWidth: 0.6 } },
      scatter: { itemStyle: { borderColor: v("sheet") }, label: { color: v("ink"), textBorderColor: v("sheet"), textBorderWidth: 2.5 } },
      heatmap: { itemStyle: { borderColor: v("sheet") }, label: { color: v("ink") } },
      sankey: { label: { color: v("ink"), fontSize: 12, lineHeight: 15 } },
      bar: { label: { color: v("ink") } },
      graph: { itemStyle: { color: v("faint"), borderColor: v("line") }, label: { color: v("ink") }, edgeLabel: { color: v("ink"), textBorderColor: v("sheet"), textBorderWidth: 3 } },
    };
  };

  const drawn = new Map();
  const draw = (place) => {
    drawn.get(place)?.dispose();
    place.style.height = `${place.dataset.height}px`;
    const chart = echarts.init(place, theme(), { renderer: "svg" });
    chart.setOption(charts[place.dataset.chart]);
    drawn.set(place, chart);
  };
  const places = [...document.querySelectorAll(".chart")];
  const redraw = () => places.forEach(draw);
  redraw();

  const resized = new ResizeObserver((entries) => {
    for (const { target } of entries) drawn.get(target)?.resize();
  });
  for (const place of places) resized.observe(place);
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", redraw);
  matchMedia("print").addEventListener("change", redraw);

  const save = (name, type, text) => {
    const link = document.createElement("a");
    link.href = URL.createObjectURL(new Blob([text], { type }));
    link.download = name;
    link.click();
    URL.revokeObjectURL(link.href);
  };
  const cell = (node) => `"${node.textContent.trim().replaceAll('"', '""')}"`;
  const csv = (table) => [...table.rows].map((row) => [...row.cells].map(cell).join(",")).join("\r\n");
  const button = (label, act) => {
    const made = document.createElement("button");
    made.type = "button";
    made.textContent = label;
    made.addEventListener("click", act);
    return made;
  };
  for (const place of places) {
    const name = place.dataset.chart;
    const twin = place.closest("section").querySelector("details.twin");
    const tools = document.createElement("div");
    tools.className = "tools";
    tools.append(
      button("Save picture", () => save(`${name}.svg`, "image/svg+xml", drawn.get(place).renderToSVGString())),
      button("Save table", () => save(`${name}.csv`, "text/csv", "\ufeff" + csv(twin.querySelector("table")))),
    );
    twin.before(tools);
  }
  root.dataset.drawn = String(places.length);
})();
