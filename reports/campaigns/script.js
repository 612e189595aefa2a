// Sorting and filtering of the runs. Without it the page holds the same.
"use strict";
const section = document.getElementById("runs");
const tables = [...document.querySelectorAll("table.runs")];
const rows = [...document.querySelectorAll("table.runs tbody tr[id]")];

function make(tag, props, ...children) {
	const e = Object.assign(document.createElement(tag), props);
	e.append(...children);
	return e;
}

function filterBar() {
	const text = make("input", { type: "search", id: "find", placeholder: "product, unit, folder, profile" });
	const gate = make("select", { id: "gate" }, ...["any", "MET", "NOT MET", "OPEN"].map(w => make("option", { value: w, textContent: w })));
	const rehearsals = make("input", { type: "checkbox", id: "real" });
	const shown = make("output", { textContent: rows.length + " runs" });
	const words = new Map(rows.map(r => [r, (r.textContent + " " + (r.closest(".scroll").previousElementSibling?.textContent ?? "")).toLowerCase()]));

	function apply() {
		const want = text.value.toLowerCase().split(/\s+/).filter(w => w);
		let n = 0;

		for (const r of rows) {
			const keep = want.every(w => words.get(r).includes(w)) && (gate.value === "any" || r.dataset.gate === gate.value) &&
				!(rehearsals.checked && r.dataset.rehearsal);
			r.hidden = !keep;
			n += keep;
		}
		for (const body of document.querySelectorAll("table.runs tbody"))
			body.hidden = ![...body.querySelectorAll("tr[id]")].some(r => !r.hidden);
		for (const t of tables) {
			const none = [...t.tBodies].every(b => b.hidden);
			t.closest(".scroll").hidden = none;
			t.closest(".scroll").previousElementSibling.hidden = none;
		}
		shown.textContent = n === rows.length ? n + " runs" : n + " of " + rows.length + " runs";
	}
	const bar = make("form", { className: "filter" }, make("label", {}, "Find ", text), make("label", {}, "Gate ", gate),
		make("label", {}, rehearsals, " no rehearsals"), shown);

	bar.setAttribute("role", "search");
	shown.setAttribute("aria-live", "polite");
	bar.addEventListener("submit", e => e.preventDefault());
	for (const e of [text, gate, rehearsals])
		e.addEventListener("input", apply);
	section.querySelector("h2").after(bar);
	apply();                        // what the browser kept of an earlier visit
}

function value(row, column) {
	const cell = row.cells[column];
	return cell.dataset.by !== undefined ? Number(cell.dataset.by) : cell.textContent.trim();
}

function sortable(table) {
	const heads = [...table.tHead.rows[0].cells].slice(0, 6);

	heads.forEach((head, column) => {
		const button = make("button", { type: "button" }, ...head.childNodes);

		head.append(button);
		button.addEventListener("click", () => {
			const up = head.getAttribute("aria-sort") === "descending";

			for (const h of heads)
				h.removeAttribute("aria-sort");
			head.setAttribute("aria-sort", up ? "ascending" : "descending");
			for (const body of table.tBodies) {
				const sorted = [...body.querySelectorAll("tr[id]")].sort((a, b) => {
					const x = value(a, column), y = value(b, column);
					const order = typeof x === "number" ? x - y : x < y ? -1 : x > y ? 1 : 0;
					return (up ? order : -order) || a.dataset.at - b.dataset.at;
				});
				body.append(...sorted);
			}
		});
	});
	heads[0].setAttribute("aria-sort", "descending");
}

if (rows.length > 1) {
	filterBar();
	tables.forEach(sortable);
}
