"use strict";
(() => {
  const root = document.documentElement;
  const stage = document.getElementById("stage");
  const svg = document.getElementById("picture");
  const view = document.getElementById("view");
  const field = document.getElementById("search");
  const hits = document.getElementById("hits");
  const panel = document.getElementById("panel");
  const facts = JSON.parse(document.getElementById("facts").textContent);
  const boxes = new Map();
  for (const node of svg.querySelectorAll("[data-box]")) boxes.set(+node.dataset.box, node);
  const links = [...svg.querySelectorAll(".link")];
  // A search for a step does not find the steps beside it.
  const others = new Set(["waits for", "then"]);
  const index = facts.map((box) => box && [box.name].concat(
    box.facts.filter(([label]) => !others.has(label)).map(([, text]) => text),
  ).join(" ").toLowerCase());
  root.classList.add("live");
  root.dataset.indexed = String(index.filter((text) => text !== null).length);

  // The picture fills the window; one transformation moves it.
  const full = svg.viewBox.baseVal;
  const size = { width: full.width, height: full.height };
  svg.removeAttribute("viewBox");
  svg.querySelector(".page").setAttribute("width", "100%");
  svg.querySelector(".page").setAttribute("height", "100%");
  let scale = 1, x = 0, y = 0;
  // Headings and names of rows stay in sight, each over the visible part of its range.
  const heads = document.getElementById("heads"), lanes = document.getElementById("lanes");
  const headTop = +heads.dataset.top - 4, laneWidth = +lanes.dataset.left;
  const shade = (parent, shape) => {
    const node = document.createElementNS("http://www.w3.org/2000/svg", "rect");
    for (const [name, value] of Object.entries(shape)) node.setAttribute(name, value);
    node.setAttribute("class", "page shade");
    parent.prepend(node);
  };
  const far = 1e6;
  shade(heads, { x: -far, y: headTop, width: 2 * far, height: 38 });
  shade(lanes, { x: 0, y: -far, width: laneWidth, height: 2 * far });
  const stretches = (parent) => [...parent.querySelectorAll("[data-from]")].map((node) => ({
    node, from: +node.dataset.from, to: +node.dataset.to, size: +node.dataset.size || 16,
  }));
  const columns = stretches(heads), rows = stretches(lanes);
  const keep = (list, name, low, high, raised) => {
    for (const { node, from, to, size } of list) {
      const middle = (Math.max(from, low) + Math.min(to, high)) / 2;
      const place = Math.min(Math.max(middle, from + size / 2), to - size / 2);
      node.setAttribute(name, size < to - from ? place + raised : (from + to) / 2 + raised);
    }
  };
  const stick = () => {
    const left = -x / scale, top = -y / scale;
    const right = left + stage.clientWidth / scale, bottom = top + stage.clientHeight / scale;
    const aside = Math.max(0, left), down = Math.max(0, top - headTop);
    heads.setAttribute("transform", `translate(0 ${down})`);
    lanes.setAttribute("transform", `translate(${aside} 0)`);
    heads.classList.toggle("stuck", down > 0);
    lanes.classList.toggle("stuck", aside > 0);
    keep(columns, "x", aside > 0 ? left + laneWidth : left, right, 0);
    keep(rows, "y", down > 0 ? top + 38 : top, bottom, 4);
  };
  const draw = () => {
    view.setAttribute("transform", `translate(${x} ${y}) scale(${scale})`);
    stick();
  };
  const within = (value) => Math.min(4, Math.max(0.02, value));
  const zoom = (factor, at) => {
    const next = within(scale * factor);
    const point = at || { x: stage.clientWidth / 2, y: stage.clientHeight / 2 };
    x = point.x - (point.x - x) * next / scale;
    y = point.y - (point.y - y) * next / scale;
    scale = next;
    draw();
  };
  const fit = () => {
    const { clientWidth, clientHeight } = stage;
    scale = within(Math.min(clientWidth / size.width, clientHeight / size.height, 1.25));
    x = Math.max(0, (clientWidth - size.width * scale) / 2);
    y = Math.max(0, (clientHeight - size.height * scale) / 4);
    draw();
  };
  // A wide picture first shows its left part, at a size that people can read.
  const begin = () => {
    fit();
    if (scale >= 0.6) return;
    scale = within(Math.max(0.75, stage.clientHeight / size.height * 0.98));
    scale = Math.min(scale, 1);
    x = 0;
    y = 0;
    draw();
  };
  const show = (number) => {
    const box = boxes.get(number).getBoundingClientRect();
    const frame = stage.getBoundingClientRect();
    const margin = 40;
    if (box.left < frame.left + margin || box.right > frame.right - margin) {
      x += frame.left + frame.width / 2 - (box.left + box.width / 2);
    }
    if (box.top < frame.top + margin || box.bottom > frame.bottom - margin) {
      y += frame.top + frame.height / 2 - (box.top + box.height / 2);
    }
    draw();
  };

  // The panel about a step.
  const add = (parent, name, text, style) => {
    const node = document.createElement(name);
    node.textContent = text;
    if (style) node.className = style;
    parent.append(node);
    return node;
  };
  const mono = new Set(["runs", "logs", "env", "script", "sha256", "arguments"]);
  // The address says what the page shows, so that people can share it.
  const link = (key, value) => {
    const address = value ? `#${key}=${encodeURIComponent(value)}` : location.pathname;
    try { history.replaceState(null, "", address); } catch { /* Not everywhere allowed. */ }
  };
  const choose = (number, focus, wanted) => {
    for (const node of svg.querySelectorAll(".chosen, .near")) {
      node.classList.remove("chosen", "near");
    }
    const box = facts[number];
    if (!box) return;
    root.classList.add("picked");
    boxes.get(number).classList.add("chosen", "near");
    const linked = { before: [], after: [] };
    // A join stands for the boxes beyond it.
    const walk = (from, key, far, list) => {
      const seen = new Set([from]);
      const stack = [from];
      while (stack.length) {
        const current = stack.pop();
        for (const link of links) {
          if (+link.dataset[key] !== current) continue;
          link.classList.add("near");
          const other = +link.dataset[far];
          if (seen.has(other)) continue;
          seen.add(other);
          boxes.get(other).classList.add("near");
          if (facts[other]) list.push(other); else stack.push(other);
        }
      }
    };
    walk(number, "to", "from", linked.before);
    walk(number, "from", "to", linked.after);
    panel.hidden = false;
    const body = document.getElementById("told");
    body.replaceChildren();
    add(body, "h2", box.name);
    const list = add(body, "dl", "");
    // One of several steps that share a box.
    if (wanted) {
      add(list, "dt", "selected step");
      add(list, "dd", wanted, "code wanted");
    }
    for (const [label, text] of box.facts) {
      add(list, "dt", label);
      add(list, "dd", text, mono.has(label) ? "code" : "");
    }
    for (const [label, others] of [["before", linked.before], ["after", linked.after]]) {
      if (!others.length) continue;
      add(list, "dt", label);
      const row = add(list, "dd", "");
      for (const other of others.slice(0, 60)) {
        add(row, "button", facts[other].name).addEventListener("click", () => choose(other, true));
      }
      if (others.length > 60) add(row, "span", `and ${others.length - 60} more`);
    }
    show(number);
    if (focus) boxes.get(number).focus({ preventScroll: true });
    link("step", wanted || box.name);
  };
  // The box of a step with this name: its own box, whether or not the name has the statement, or the box
  // that it shares with other steps.
  const find = (name) => {
    const named = (text) => facts.findIndex((box) => box && box.name === text);
    const own = named(name);
    if (own >= 0) return { number: own };
    const parts = /^([^:#]*):?([^#]*)#?(.*)$/.exec(name);
    if (!parts) return null;
    const [, phase, path, statement] = parts;
    const short = named(path ? `${phase}:${path}` : phase);
    if (short >= 0 && !facts[short].holds) return { number: short };
    const number = facts.findIndex((box) => box && box.holds && box.holds.phase === phase
      && (!box.holds.subject || `${path}/`.startsWith(`${box.holds.subject}/`))
      && (!statement || box.holds.statements.includes(statement)));
    return number >= 0 ? { number, wanted: name } : null;
  };
  const release = () => {
    if (!panel.hidden) link("step", "");
    root.classList.remove("picked");
    panel.hidden = true;
    for (const node of svg.querySelectorAll(".chosen, .near")) {
      node.classList.remove("chosen", "near");
    }
  };

  // Search: every word has to be in the name or the facts of a step.
  let found = [], at = -1;
  const search = () => {
    const words = field.value.toLowerCase().split(/\s+/).filter(Boolean);
    found = [];
    at = -1;
    index.forEach((text, number) => {
      const isHit = words.length > 0 && text !== null && words.every((word) => text.includes(word));
      boxes.get(number)?.classList.toggle("hit", isHit);
      if (isHit) found.push(number);
    });
    root.classList.toggle("found", words.length > 0);
    hits.textContent = words.length ? `${found.length} found` : "";
    root.dataset.found = String(found.length);
  };
  field.addEventListener("input", search);
  field.addEventListener("keydown", (event) => {
    if (event.key === "Enter" && found.length) {
      at = (at + (event.shiftKey ? found.length - 1 : 1)) % found.length;
      hits.textContent = `${at + 1} of ${found.length}`;
      choose(found[at], false);
    }
  });

  // Pointer: drag to pan, wheel or two fingers to zoom, click to select.
  const held = new Map();
  let moved = 0, span = 0;
  const local = (event) => {
    const frame = stage.getBoundingClientRect();
    return { x: event.clientX - frame.left, y: event.clientY - frame.top };
  };
  stage.addEventListener("pointerdown", (event) => {
    held.set(event.pointerId, local(event));
    moved = 0;
    span = 0;
  });
  window.addEventListener("pointermove", (event) => {
    const before = held.get(event.pointerId);
    if (!before) return;
    const now = local(event);
    held.set(event.pointerId, now);
    moved += Math.abs(now.x - before.x) + Math.abs(now.y - before.y);
    if (held.size === 1) {
      if (moved > 4) stage.classList.add("held");
      x += now.x - before.x;
      y += now.y - before.y;
      draw();
    } else if (held.size === 2) {
      const [one, two] = [...held.values()];
      const wide = Math.hypot(one.x - two.x, one.y - two.y);
      if (span) zoom(wide / span, { x: (one.x + two.x) / 2, y: (one.y + two.y) / 2 });
      span = wide;
    }
  });
  const letGo = (event) => {
    held.delete(event.pointerId);
    span = 0;
    stage.classList.remove("held");
  };
  window.addEventListener("pointerup", letGo);
  window.addEventListener("pointercancel", letGo);
  stage.addEventListener("wheel", (event) => {
    event.preventDefault();
    const isPan = !event.ctrlKey && Math.abs(event.deltaX) > Math.abs(event.deltaY);
    if (isPan) {
      x -= event.deltaX;
      draw();
    } else {
      zoom(Math.exp(-event.deltaY * (event.deltaMode === 1 ? 0.05 : 0.0016)), local(event));
    }
  }, { passive: false });
  svg.addEventListener("click", (event) => {
    if (moved > 4) return;
    const box = event.target.closest("[data-box]");
    if (box && facts[+box.dataset.box]) choose(+box.dataset.box, false); else release();
  });

  // Keyboard: Tab moves from step to step, arrows follow links or move the picture.
  const follow = (number, key, far) => {
    const next = links.find((link) => +link.dataset[key] === number);
    if (!next) return null;
    const other = +next.dataset[far];
    return facts[other] ? other : follow(other, key, far);
  };
  svg.addEventListener("focusin", (event) => {
    const box = event.target.closest("[data-box]");
    if (box && event.target.matches(":focus-visible")) show(+box.dataset.box);
  });
  document.addEventListener("keydown", (event) => {
    if (event.key === "Escape") {
      if (field.value) { field.value = ""; search(); }
      release();
      return;
    }
    if (event.target === field || event.ctrlKey || event.metaKey || event.altKey) return;
    const box = event.target.closest && event.target.closest("[data-box]");
    const number = box ? +box.dataset.box : null;
    switch (event.key) {
      case "/": event.preventDefault(); field.focus(); field.select(); break;
      case "+": case "=": zoom(1.25); break;
      case "-": zoom(0.8); break;
      case "0": case "f": fit(); break;
      case "Enter": case " ":
        if (box) { event.preventDefault(); choose(number, true); }
        break;
      case "ArrowRight": case "ArrowLeft": {
        const isRight = event.key === "ArrowRight";
        const next = box && follow(number, isRight ? "from" : "to", isRight ? "to" : "from");
        if (box && next !== null) choose(next, true);
        else { x += isRight ? -80 : 80; draw(); }
        event.preventDefault();
        break;
      }
      case "ArrowUp": case "ArrowDown":
        y += event.key === "ArrowDown" ? -60 : 60;
        event.preventDefault();
        draw();
        break;
      default: break;
    }
  });
  document.getElementById("in").addEventListener("click", () => zoom(1.25));
  document.getElementById("out").addEventListener("click", () => zoom(0.8));
  document.getElementById("fit").addEventListener("click", fit);
  document.getElementById("shut").addEventListener("click", release);
  window.addEventListener("resize", draw);
  begin();
  // page.html#step=NAME, page.html#search=WORDS
  const visit = () => {
    const wanted = new Map(location.hash.slice(1).split("&").map((part) => {
      const at = part.indexOf("=");
      try { return [part.slice(0, at), decodeURIComponent(part.slice(at + 1))]; } catch { return []; }
    }));
    if (wanted.has("search")) {
      field.value = wanted.get("search");
      search();
      if (found.length) show(found[0]);
    }
    const step = wanted.has("step") ? find(wanted.get("step")) : null;
    if (step) choose(step.number, false, step.wanted);
    root.dataset.step = step ? "found" : wanted.has("step") ? "unknown" : "";
    if (wanted.has("step") && !step) hits.textContent = "no such step";
  };
  window.addEventListener("hashchange", visit);
  visit();
})();
