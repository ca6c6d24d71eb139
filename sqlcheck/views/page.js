// Light up the whole way of a column while the pointer, or the focus, is on a part of it.
for (const section of document.querySelectorAll("section")) {
  const figure = section.querySelector("figure");
  if (!figure) continue;
  const lines = [...figure.querySelectorAll("path")];
  const ports = new Map([...figure.querySelectorAll("li")].map(item => [item.dataset.n, item]));
  const rows = new Map([...section.querySelectorAll("tr[data-p]")].map(row => ["#" + row.id, row]));
  const rowOf = item => { const link = item.querySelector("a"); return link && rows.get(link.getAttribute("href")); };
  const byRow = new Map([...ports].map(([id, item]) => [rowOf(item), id]));

  const light = start => {
    figure.classList.add("lighting");
    for (const [from, to] of [["a", "b"], ["b", "a"]]) {
      const reached = new Set([start]);
      for (const id of reached) {
        const item = ports.get(id);
        item.classList.add("lit");
        rowOf(item)?.classList.add("lit");
        for (const line of lines) {
          if (line.dataset[from] === id) { line.classList.add("lit"); reached.add(line.dataset[to]); }
        }
      }
    }
  };
  const dark = () => {
    figure.classList.remove("lighting");
    section.querySelectorAll(".lit").forEach(item => item.classList.remove("lit"));
  };
  const at = event => {
    const item = event.target.closest("li[data-n], tr[data-p]");
    return item && (item.dataset.n ?? byRow.get(item));
  };
  for (const on of ["mouseover", "focusin"]) section.addEventListener(on, event => { dark(); const id = at(event); if (id) light(id); });
  for (const off of ["mouseleave", "focusout"]) section.addEventListener(off, dark);
}
