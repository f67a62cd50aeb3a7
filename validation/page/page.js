(() => {
  const figures = new Map();
  const colour = name =>
    getComputedStyle(document.documentElement).getPropertyValue("--" + name).trim();

  // The figure's data with the colours of the theme that is in force now.
  function themed(spec) {
    const roles = { formula: colour("formula"), model: colour("model"), residual: colour("model") };
    const data = spec.data.map(trace => ({
      ...trace,
      line: { ...trace.line, color: roles[trace.meta] },
      marker: { ...trace.marker, color: roles[trace.meta],
        line: { ...(trace.marker || {}).line, color: roles[trace.meta] } },
    }));
    const layout = { ...spec.layout, paper_bgcolor: "rgba(0,0,0,0)", plot_bgcolor: "rgba(0,0,0,0)",
      font: { family: getComputedStyle(document.body).fontFamily, size: 12.5, color: colour("ink") },
      autosize: true };
    for (const key of Object.keys(layout).filter(key => /^[xy]axis/.test(key))) {
      layout[key] = { ...layout[key], gridcolor: colour("grid"), linecolor: colour("rule"),
        tickcolor: colour("rule"), showline: true,
        title: { ...layout[key].title, font: { size: 13 }, standoff: 8 } };
    }
    layout.shapes = (layout.shapes || []).map(shape => ({ ...shape,
      line: { ...shape.line, color: colour(shape.line.dash ? "band" : "rule") } }));
    layout.annotations = (layout.annotations || []).map(note => ({ ...note,
      font: { size: 11, color: colour("faint") } }));
    return { data, layout };
  }

  function draw(place) {
    const spec = figures.get(place);
    const { data, layout } = themed(spec);
    Plotly.react(place, data, layout, { responsive: true, displaylogo: false,
      displayModeBar: false, scrollZoom: false });
    place.dataset.drawn = "yes";
  }

  for (const place of document.querySelectorAll(".figure")) {
    figures.set(place, JSON.parse(place.nextElementSibling.textContent));
  }
  const seen = new IntersectionObserver(entries => {
    for (const entry of entries.filter(entry => entry.isIntersecting)) {
      seen.unobserve(entry.target);
      draw(entry.target);
    }
  }, { rootMargin: "800px" });
  figures.forEach((_, place) => seen.observe(place));

  const drawn = () => [...figures.keys()].filter(place => place.dataset.drawn);
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => drawn().forEach(draw));
  addEventListener("beforeprint", () => figures.forEach((_, place) => draw(place)));
})();
