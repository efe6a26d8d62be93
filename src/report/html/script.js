"use strict";
(() => {
  const root = document.documentElement;
  const all = (selector, within = document) => [...within.querySelectorAll(selector)];
  for (const element of all(".scripted")) element.hidden = false;

  // The theme: the system's until the reader chooses; the choice is kept where the browser lets it be.
  const toggle = document.getElementById("theme");
  const system = matchMedia("(prefers-color-scheme: dark)");
  const kept = {
    get: () => { try { return localStorage.getItem("taskstorm-theme"); } catch { return null; } },
    set: (theme) => { try { localStorage.setItem("taskstorm-theme", theme); } catch { /* only for this view, then */ } },
  };
  const isDark = () => (root.dataset.theme ?? (system.matches ? "dark" : "light")) === "dark";
  const label = () => { toggle.textContent = isDark() ? "Light" : "Dark"; };
  const chosen = kept.get();
  if (chosen === "dark" || chosen === "light") root.dataset.theme = chosen;
  toggle.addEventListener("click", () => {
    root.dataset.theme = isDark() ? "light" : "dark";
    kept.set(root.dataset.theme);
    label();
  });
  system.addEventListener("change", label);
  label();
  toggle.hidden = false;
  // Paper is light.
  let before;
  addEventListener("beforeprint", () => { before = root.dataset.theme; root.dataset.theme = "light"; });
  addEventListener("afterprint", () => {
    if (before) root.dataset.theme = before;
    else delete root.dataset.theme;
  });

  // Tables sort by the column that is clicked: down or up first, whichever suits it, then the other way, then as they were.
  for (const table of all("table")) {
    const body = table.tBodies[0];
    const rows = [...body.rows];
    if (rows.length < 2) continue;
    all("th", table).forEach((head, column) => {
      const button = document.createElement("button");
      button.type = "button";
      button.append(...head.childNodes);
      head.append(button);
      const number = head.classList.contains("number");
      const orders = number ? ["descending", "ascending"] : ["ascending", "descending"];
      button.addEventListener("click", () => {
        const order = orders[orders.indexOf(head.ariaSort) + 1];
        for (const other of all("th", table)) other.removeAttribute("aria-sort");
        if (order) head.setAttribute("aria-sort", order);
        const sign = order === "descending" ? -1 : 1;
        const compare = (a, b) => {
          const [x, y] = [a.cells[column], b.cells[column]];
          if (!number) return sign * x.textContent.localeCompare(y.textContent, "en", { numeric: true });
          const [v, w] = [x.dataset.value, y.dataset.value];
          // What was never measured stays at the end.
          if (v === undefined || w === undefined) return (v === undefined) - (w === undefined);
          return sign * (v - w);
        };
        body.append(...(order ? [...rows].sort(compare) : rows));
      });
    });
  }

  // Charts tell what was measured where the pointer is, or where the arrow keys went.
  const tip = document.createElement("div");
  tip.id = "tip";
  tip.hidden = true;
  tip.setAttribute("role", "status");
  document.body.append(tip);
  const told = new WeakMap();
  const show = (spot, x, y) => {
    const [title, ...lines] = told.get(spot).split("\n");
    const part = (name, text) => {
      const element = document.createElement(name);
      element.textContent = text;
      return element;
    };
    tip.replaceChildren(part("b", title), ...lines.flatMap((line) => {
      const at = line.lastIndexOf(": ");
      return [part("span", line.slice(0, at)), part("span", line.slice(at + 2))];
    }));
    tip.hidden = false;
    const { width, height } = tip.getBoundingClientRect();
    const left = x + 16 + width < innerWidth ? x + 16 : x - 16 - width;
    tip.style.left = `${Math.max(8, left)}px`;
    tip.style.top = `${Math.max(8, Math.min(y + 16, innerHeight - height - 8))}px`;
  };
  for (const svg of all("figure > svg")) {
    const spots = all(".spots rect", svg);
    for (const spot of spots) {
      const title = spot.querySelector("title");
      told.set(spot, title.textContent);
      title.remove();
    }
    if (spots.length === 0) continue;
    let at = -1;
    const leave = () => {
      tip.hidden = true;
      spots[at]?.classList.remove("at");
      at = -1;
    };
    svg.addEventListener("pointermove", (event) => {
      leave();
      if (told.has(event.target)) show(event.target, event.clientX, event.clientY);
    });
    svg.addEventListener("pointerleave", leave);
    svg.setAttribute("tabindex", "0");
    svg.addEventListener("blur", leave);
    svg.addEventListener("keydown", (event) => {
      if (event.key === "Escape") return leave();
      const step = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
      if (!step) return;
      event.preventDefault();
      spots[at]?.classList.remove("at");
      at = Math.max(0, Math.min(spots.length - 1, at + step));
      spots[at].classList.add("at");
      const place = spots[at].getBoundingClientRect();
      show(spots[at], place.right, place.top + place.height / 2);
    });
  }
  addEventListener("scroll", () => { tip.hidden = true; }, { passive: true });
})();
