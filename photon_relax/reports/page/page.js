(() => {
  const figures = new Map();
  const colour = name =>
    getComputedStyle(document.documentElement).getPropertyValue("--" + name).trim();
  const faded = (name, alpha) => colour(name) + Math.round(255 * alpha).toString(16).padStart(2, "0");

  // A trace in the colours of the theme; `meta` names the colour that it has.
  function themedTrace(trace) {
    const role = trace.meta || "ink", own = colour(role);
    const made = { ...trace, hoverlabel: { bgcolor: colour("card"), bordercolor: own,
      font: { color: colour("ink") } } };
    if (trace.type === "heatmap") {
      const stops = colour("heat").split(/\s+/);
      made.colorscale = stops.map((stop, i) => [i / (stops.length - 1), stop]);
      made.colorbar = { ...trace.colorbar, outlinewidth: 0, tickfont: { color: colour("ink") } };
      return made;
    }
    made.line = { ...trace.line, color: own };
    made.marker = { ...trace.marker, color: own,
      line: { ...(trace.marker || {}).line, color: own } };
    if (trace.fill) made.fillcolor = faded(role, 0.18);
    for (const axis of ["error_x", "error_y"]) {
      if (trace[axis]) made[axis] = { ...trace[axis], color: trace.type === "bar"
        ? colour("ink") : own };
    }
    return made;
  }

  // The figure's data with the colours of the theme that is in force now.
  function themed(spec) {
    const layout = { ...spec.layout, paper_bgcolor: "rgba(0,0,0,0)", plot_bgcolor: "rgba(0,0,0,0)",
      font: { family: getComputedStyle(document.body).fontFamily, size: 12.5, color: colour("ink") },
      autosize: true };
    for (const key of Object.keys(layout).filter(key => /^[xy]axis/.test(key))) {
      layout[key] = { ...layout[key], gridcolor: colour("grid"), linecolor: colour("rule"),
        tickcolor: colour("rule"), showline: true,
        title: { ...layout[key].title, font: { size: 13 }, standoff: 8 } };
    }
    // A shape's name is its colour, where it has one.
    layout.shapes = (layout.shapes || []).map(shape => ({ ...shape,
      fillcolor: shape.fillcolor && faded(shape.name, 0.18), line: { ...shape.line,
        color: colour(shape.name || (shape.line.dash ? "band" : "rule")) } }));
    layout.annotations = (layout.annotations || []).map(note => ({ ...note,
      font: { size: 11, color: colour("faint"), ...note.font } }));
    return { data: spec.data.map(themedTrace), layout };
  }

  function draw(place) {
    const { data, layout } = themed(figures.get(place));
    Plotly.react(place, data, layout, { responsive: true, displaylogo: false,
      displayModeBar: false, scrollZoom: false });
    place.dataset.drawn = "yes";
  }

  for (const place of document.querySelectorAll(".figure")) {
    const spec = JSON.parse(place.nextElementSibling.textContent);
    if (spec.layout.height) place.style.minHeight = spec.layout.height + "px";
    figures.set(place, spec);
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
