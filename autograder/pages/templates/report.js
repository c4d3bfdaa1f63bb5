// Sort the students by a column; show those of a section, or with a text. Without it, the page is the same.
const table = document.querySelector("table.students");
if (table) {
  const body = table.tBodies[0], rows = [...body.rows];
  const key = (row, column) => row.cells[column]?.dataset.key ?? row.cells[column]?.textContent.trim() ?? "";
  const order = new Intl.Collator(undefined, { numeric: true }).compare;
  [...table.tHead.rows[0].cells].forEach((head, column) => {
    const button = document.createElement("button");
    button.append(...head.childNodes);
    head.append(button);
    button.onclick = () => {
      const down = head.getAttribute("aria-sort") === "ascending";
      for (const other of table.tHead.rows[0].cells) other.removeAttribute("aria-sort");
      head.setAttribute("aria-sort", down ? "descending" : "ascending");
      rows.sort((a, b) => (down ? -1 : 1) * order(key(a, column), key(b, column)));
      body.append(...rows);
    };
  });
  const search = document.querySelector("#search");
  const text = search.querySelector("input"), section = search.querySelector("select");
  search.hidden = false;
  search.oninput = () => {
    const wanted = text.value.toLowerCase(), its = section?.value;
    for (const row of rows)
      row.hidden = !row.textContent.toLowerCase().includes(wanted) || Boolean(its && row.dataset.section !== its);
  };
}
