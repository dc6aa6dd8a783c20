
// Forms drawn by the kit: a grid that is worked with the keyboard and takes a block from a spreadsheet, rows that come
// and go, and a check while somebody types. Without any of it the form can be filled in and sent.
{
  const at = (place) => document.getElementById("at-" + place);
  const typed = "input:not([type=hidden]):not([type=checkbox]), select, textarea";
  const control = (cell) => cell?.querySelector(typed) ?? null;
  const isRemoved = (row) => row.hasAttribute("data-removed");
  const rowsOf = (table) => [...table.tBodies[0].rows].filter((row) => row.dataset.row && !isRemoved(row));
  const told = (form) => form.dispatchEvent(new Event("input", { bubbles: true }));

  // What needs a script is shown where there is one.
  for (const part of document.querySelectorAll("[data-remove], [data-add], [data-scripted]")) part.hidden = false;

  // The ids of the rows that are sent stand in order in one hidden input.
  const listed = (table) => {
    const rows = rowsOf(table).map((row) => row.dataset.row);
    table.closest("[data-at]").querySelector(`input[name="${table.dataset.rows}.rows"]`).value = rows.join(",");
  };

  // A new row is called n and the next number: the server calls its own blank rows so, too.
  const add = (table) => {
    if (rowsOf(table).length >= Number(table.dataset.most)) return null;
    const all = [...table.tBodies[0].rows].filter((row) => row.dataset.row);
    const numbers = all.map((row) => Number(/^n(\d{1,9})$/.exec(row.dataset.row)?.[1] ?? 0));
    const id = "n" + (Math.max(0, ...numbers) + 1);
    const made = table.closest("[data-at]").querySelector("template[data-new]").content.firstElementChild.cloneNode(true);
    for (const part of [made, ...made.querySelectorAll("*")]) {
      for (const { name, value } of [...part.attributes]) {
        if (name === "data-row") part.setAttribute(name, id);
        else if (value.includes(".~.")) part.setAttribute(name, value.replaceAll(".~.", `.${id}.`));
      }
    }
    for (const part of made.querySelectorAll("[data-remove]")) part.hidden = false;
    table.tBodies[0].append(made);
    listed(table);
    return made;
  };

  // A row that is taken away stays in sight, struck out, until the form is saved.
  const remove = (button) => {
    const row = button.closest("tr");
    row.toggleAttribute("data-removed");
    for (const part of row.querySelectorAll(typed)) part.disabled = isRemoved(row);
    const words = button.textContent;
    button.textContent = button.dataset.undo;
    button.dataset.undo = words;
    listed(row.closest("table"));
    told(row.closest("form"));
  };
  document.addEventListener("click", (event) => {
    const adds = event.target.closest("[data-add]");
    const removes = event.target.closest("[data-remove]");
    const leads = event.target.closest('a[href^="#at-"]');
    if (removes) remove(removes);
    if (leads) setTimeout(() => document.getElementById(leads.getAttribute("href").slice(1))?.focus());
    if (!adds) return;
    const row = add(adds.closest("[data-at]").querySelector("table[data-rows]"));
    if (!row) return;
    row.querySelector(typed)?.focus();
    told(row.closest("form"));
  });

  // The same column some rows further; below the last row a new one begins.
  const go = (cell, rows, grows) => {
    const table = cell.closest("table");
    const all = rowsOf(table);
    const next = all[all.indexOf(cell.parentElement) + rows] ?? (grows && rows > 0 ? add(table) : null);
    const to = control(next?.cells[cell.cellIndex]);
    to?.focus();
    to?.select?.();
    return to !== null;
  };
  const beside = (cell, step) => {
    let next = cell;
    do next = step < 0 ? next.previousElementSibling : next.nextElementSibling;
    while (next && !control(next));
    const to = control(next);
    to?.focus();
    to?.select?.();
    return Boolean(to);
  };
  const caret = (box) => {
    if (box.tagName === "SELECT" || !["text", "textarea"].includes(box.type)) return null;
    return { first: box.selectionEnd === 0, last: box.selectionStart === box.value.length,
      all: box.selectionStart === 0 && box.selectionEnd === box.value.length };
  };
  const inGrid = (event, cell) => {
    const box = event.target, where = caret(box);
    if (event.key === "Enter") return !event.shiftKey && go(cell, 1, true);
    if (!where || event.shiftKey || event.ctrlKey || event.altKey || event.metaKey) return false;
    if (event.key === "ArrowLeft") return (where.first || where.all) && beside(cell, -1);
    if (event.key === "ArrowRight") return (where.last || where.all) && beside(cell, 1);
    const lines = box.tagName === "TEXTAREA" && box.value.includes("\n") && !where.all;
    if (event.key === "ArrowUp") return (!lines || where.first) && go(cell, -1, false);
    if (event.key === "ArrowDown") return (!lines || where.last) && go(cell, 1, false);
    return false;
  };
  document.addEventListener("keydown", (event) => {
    const box = event.target;
    if (event.isComposing || !box.matches?.(typed) || !box.closest(".fill")) return;
    const cell = box.closest("table[data-rows] td");
    if (cell && inGrid(event, cell)) event.preventDefault();
    // The key that ends a cell never sends the form.
    else if (event.key === "Enter" && box.tagName !== "TEXTAREA") {
      event.preventDefault();
      if (cell) return;
      const all = [...box.closest(".fill").querySelectorAll(typed)].filter((other) => !other.disabled && other.offsetParent);
      all[all.indexOf(box) + 1]?.focus();
    }
  });

  // What a spreadsheet copies: tabs between cells, and quotes around one that holds a line break.
  const block = (text) => {
    const rows = [[""]];
    let quoted = false;
    for (let i = 0; i < text.length; i += 1) {
      const row = rows[rows.length - 1], c = text[i];
      if (quoted && c === '"' && text[i + 1] === '"') i += 1, (row[row.length - 1] += c);
      else if (quoted ? c === '"' : c === '"' && row[row.length - 1] === "") quoted = !quoted;
      else if (!quoted && c === "\t") row.push("");
      else if (!quoted && c === "\n") rows.push([""]);
      else row[row.length - 1] += c;
    }
    if (rows.length > 1 && rows[rows.length - 1].join("") === "") rows.pop();
    return rows;
  };
  const put = (box, text) => {
    const said = text.trim();
    if (box.tagName === "SELECT") {
      const option = [...box.options].find((it) => it.text.trim() === said || it.value === said);
      // What is not among the choices is kept, for the check to refuse it in words.
      if (said !== "" && !option) box.add(new Option(said, said));
      box.value = said === "" ? "" : option?.value ?? said;
    } else if (box.type === "date" || box.type === "month") {
      const day = /^(\d{4})[-/.年](\d{1,2})(?:[-/.月](\d{1,2}))?[日月]?$/.exec(said);
      const parts = day?.slice(1).filter(Boolean).map((part) => part.padStart(2, "0")) ?? [];
      const value = parts.slice(0, box.type === "date" ? 3 : 2).join("-");
      if (said !== "" && value.length !== (box.type === "date" ? 10 : 7)) box.type = "text";
      box.value = box.type === "text" ? said : value;
    } else box.value = box.tagName === "TEXTAREA" ? said : said.replace(/\s*\n\s*/g, " ");
  };
  document.addEventListener("paste", (event) => {
    const cell = event.target.closest?.("table[data-rows] td");
    const text = event.clipboardData?.getData("text/plain").replaceAll("\r\n", "\n") ?? "";
    if (!cell || !/[\t\n]/.test(text.trimEnd())) return;
    event.preventDefault();
    const table = cell.closest("table"), values = block(text);
    let row = null;
    for (const [number, line] of values.entries()) {
      const all = rowsOf(table);
      row = row ? all[all.indexOf(row) + 1] ?? add(table) : cell.parentElement;
      if (!row) {
        alert(table.dataset.full.replace("{}", values.length - number));
        break;
      }
      for (const [i, value] of line.entries()) {
        const box = control(row.cells[cell.cellIndex + i]);
        if (box) put(box, value);
      }
    }
    told(event.target.form);
  });

  // The check: the form is sent as it stands once nobody has typed for a while, and the last answer counts. Where no
  // answer comes, what was shown stays.
  const notes = (answer) => {
    const by = new Map();
    for (const note of answer.notes ?? []) by.set(note.place, [...(by.get(note.place) ?? []), note]);
    for (const box of document.querySelectorAll(".fill [data-notes]")) {
      const said = by.get(box.dataset.notes) ?? [];
      const words = said.map(({ tone, text }) => {
        const line = document.createElement("p");
        line.className = ["bad", "warn", "info"].includes(tone) ? tone : "info";
        line.textContent = text;
        return line;
      });
      if (said.map((note) => note.tone + note.text).join("\n") === box.dataset.said) continue;
      box.dataset.said = said.map((note) => note.tone + note.text).join("\n");
      box.replaceChildren(...words);
      const marked = at(box.dataset.notes);
      if (said.some((note) => note.tone === "bad")) marked?.setAttribute("aria-invalid", "true");
      else marked?.removeAttribute("aria-invalid");
    }
  };
  const bar = (answer) => {
    for (const left of document.querySelectorAll("[data-left]")) left.textContent = answer.left ?? "";
    for (const list of document.querySelectorAll("[data-missing]")) {
      const named = (answer.missing ?? []).slice(0, Number(list.dataset.missing)).map((place) => {
        const link = document.createElement("a");
        link.href = "#at-" + place;
        link.textContent = at(place)?.closest("[data-at]")?.dataset.label ?? place;
        return link;
      });
      const more = (answer.missing ?? []).length > named.length ? ["…"] : [];
      list.replaceChildren(...named, ...more);
    }
  };
  const shows = (answer) => {
    const shown = answer.shown ?? {};
    for (const output of document.querySelectorAll("[data-shown]")) {
      const place = output.dataset.shown;
      const derived = output.hasAttribute("data-derived") && output.textContent !== "";
      const text = Object.hasOwn(shown, place) ? shown[place] : derived ? "—" : null;
      if (text !== null && output.textContent !== text) output.textContent = text;
    }
    const missing = new Set(answer.missing ?? []), hidden = new Set(answer.hidden ?? []);
    for (const cell of document.querySelectorAll(".fill [data-at]")) {
      cell.classList.toggle("lacks", missing.has(cell.dataset.at));
      cell.classList.toggle("off", hidden.has(cell.dataset.at) || hidden.has(cell.dataset.field));
    }
  };
  let quiet, asked = 0;
  const check = async (form) => {
    const number = (asked += 1);
    const sent = { method: "POST", headers: { "x-quiet": "0", accept: "application/json" },
      body: new URLSearchParams(new FormData(form)) };
    const reply = await fetch(form.getAttribute("data-check"), sent).catch(() => null);
    const answer = reply?.ok ? await reply.json().catch(() => null) : null;
    if (!answer || number !== asked) return;
    shows(answer);
    notes(answer);
    bar(answer);
  };
  document.addEventListener("input", (event) => {
    // A field may be called as a property of forms is, so that only attributes and methods with capitals are asked.
    const form = event.target instanceof HTMLFormElement ? event.target : event.target.form;
    if (!form?.getAttribute("data-check")) return;
    // What comes back for an earlier state of the form is not looked at.
    asked += 1;
    clearTimeout(quiet);
    quiet = setTimeout(() => check(form), 300);
  });
}
