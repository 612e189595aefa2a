/* SPDX-License-Identifier: Apache-2.0
 *
 * What the browser adds to the report: search and filter, a time line that zooms, keys. Nothing here is needed to read it.
 * Texts of the run are only ever compared or put back as text, never as markup; nothing is stored, loaded or sent. */
'use strict';
(() => {
const byId = (id) => document.getElementById(id);
const all = (selector, root = document) => [...root.querySelectorAll(selector)];
const verdictOf = (el) => [...el.classList].find((c) => c.length === 1 && 'pfeirna'.includes(c)) || '';

/* ---- search and filter ---- */

const form = byId('find');
const items = all('[data-g]');
const texts = new Map();

/* A row of an index is found by all that stands in the part it leads to. */
function textOf(el) {
	if (!texts.has(el)) {
		const link = el.matches('.index tr, .findings tr') && el.querySelector('th a');
		const whole = link && byId(link.hash.slice(1));
		texts.set(el, (el.textContent + (whole ? ' ' + whole.textContent : '')).toLowerCase());
	}
	return texts.get(el);
}

/* A heading goes with the last of what stands below it. */
function headings(children, isHeading) {
	let heading = null, shown = false;
	for (const el of [...children, null]) {
		if (el && !isHeading(el)) {
			shown = shown || !el.hidden;
			continue;
		}
		if (heading)
			heading.hidden = !shown;
		heading = el;
		shown = false;
	}
}

function showGroups() {
	const tests = byId('tests');
	headings(all('h3.g, article', tests), (el) => el.matches('h3'));
	for (const body of all('.index tbody, .requirements tbody'))
		headings(body.children, (el) => el.matches('.group'));
	for (const row of all('.untested tbody tr'))
		row.hidden = all('li', row).every((li) => li.hidden);
}

function count(selector) {
	const of = all(selector);
	return of.filter((el) => !el.hidden).length + ' / ' + of.length;
}

function filter() {
	const v = byId('find-v').value, g = byId('find-g').value, w = byId('find-w').value;
	const words = byId('find-t').value.toLowerCase().split(/\s+/).filter(Boolean);
	for (const el of items)
		el.hidden = !((!v || v.includes(verdictOf(el) || '-')) && (!g || el.dataset.g === g) && (!w || el.dataset.w.includes(w)) &&
			      words.every((word) => textOf(el).includes(word)));
	showGroups();
	byId('find-n').textContent = v || g || w || words.length
		? 'tests 試験 ' + count('.index tr[data-g]') + ', requirements 要求 ' + count('.requirements tr[data-g]') : '';
}

function clearFilter() {
	form.reset();
	filter();
}

function setUpFilter() {
	let later = 0;
	form.hidden = false;
	document.documentElement.classList.add('scripted');
	form.addEventListener('submit', (e) => e.preventDefault());
	form.addEventListener('reset', () => setTimeout(filter));
	form.addEventListener('change', filter);
	byId('find-t').addEventListener('input', () => {
		clearTimeout(later);
		later = setTimeout(filter, 120);
	});
}

/* Twice: what is laid out only when it comes near may move the place. */
function goTo(el) {
	el.scrollIntoView();
	requestAnimationFrame(() => requestAnimationFrame(() => el.scrollIntoView()));
}

/* What a link leads to must be seen, whatever is filtered or folded. */
function reveal() {
	const el = location.hash.length > 1 && byId(location.hash.slice(1));
	if (!el)
		return;
	if (el.closest('[hidden]'))
		clearFilter();
	for (let d = el.closest('details'); d; d = d.parentElement.closest('details'))
		d.open = true;
	goTo(el);
}

/* ---- print: all of it ---- */

let opened = [];

function beforePrint() {
	for (const el of all('main [hidden]'))
		if (el.matches('[data-g], .group, h3, tr'))
			el.hidden = false;
	opened = all('details:not([open])');
	for (const d of opened)
		d.open = true;
}

function afterPrint() {
	for (const d of opened)
		d.open = false;
	opened = [];
	filter();
}

/* ---- time line ---- */

const LEFT = 104, WIDTH = 896, TALL = 18;       /* as chart.h has them */
const SVG = 'http://www.w3.org/2000/svg';

const svg = document.querySelector('#timeline svg');
const end = svg ? Number(svg.dataset.ms) : 0;   /* of the run, in ms since its begin */
const lanes = svg ? all('.lane', svg).map((g) => ({ g, kind: g.dataset.k, y: Number(g.dataset.y), home: [...g.childNodes], items: null })) : [];
const axis = svg && svg.querySelector('.axis');
const axisHome = axis ? [...axis.childNodes] : [];
let from = 0, to = end, marked = -1;

function shape(name, attributes, text) {
	const el = document.createElementNS(SVG, name);
	for (const key in attributes)
		el.setAttribute(key, attributes[key]);
	if (text !== undefined)
		el.textContent = text;
	return el;
}

/* One item a line: ms since the one before, then what its kind needs. */
function itemsOf(lane) {
	let t = 0;
	if (!lane.items)
		lane.items = (lane.g.dataset.d || '').split('\n').filter(Boolean).map((line) => {
			const f = line.split(' ');
			t += Number(f[0]);
			if (lane.kind === 'level')
				return { t, z: t, v: Number(f[1]) };
			if (lane.kind === 'event')
				return { t, z: t };
			if (lane.kind === 'mark')
				return { t, z: t, verdict: f[1], id: f[2] };
			return lane.kind === 'rate' ? { t, z: t + Number(f[1]), v: Number(f[2]) } : { t, z: t + Number(f[1]), text: f.slice(2).join(' ') };
		});
	return lane.items;
}

const column = (t) => LEFT + Math.max(0, Math.min(WIDTH, (t - from) / (to - from) * WIDTH));
const timeText = (ms) => '+' + (ms / 1000).toFixed(3) + ' s';
const isSeen = (it) => it.z >= from && it.t <= to;

function linkTo(id, el) {
	const a = shape('a', { href: '#' + id, 'aria-label': id });
	a.append(el);
	return byId(id) ? a : el;
}

function levelPath(lane) {
	const low = Number(lane.g.dataset.low), high = Number(lane.g.dataset.high);
	let d = '', last = null;
	for (const it of itemsOf(lane)) {
		const y = (lane.y + TALL - (it.v - low) * TALL / (high - low)).toFixed(1);
		if (it.t > to)
			break;
		if (it.t < from)
			d = 'M' + LEFT + ' ' + y;
		else
			d += last === null && !d ? 'M' + column(it.t).toFixed(1) + ' ' + y : 'H' + column(it.t).toFixed(1) + 'V' + y;
		last = it;
	}
	return [shape('path', { class: 'level', d: d && d + 'H' + (LEFT + WIDTH) })];
}

function eventPath(lane) {
	return [shape('path', { class: 'event', d: itemsOf(lane).filter(isSeen).map((it) => 'M' + column(it.t).toFixed(1) + ' ' + (lane.y + TALL) + 'v-12').join('') })];
}

function ratePath(lane) {
	const sum = new Map();
	let most = 1, d = '';
	for (const it of itemsOf(lane).filter(isSeen)) {
		const x = Math.round(column(it.t)), was = sum.get(x) || { v: 0, w: 1 };
		was.v += it.v;
		was.w = Math.max(was.w, Math.round(column(it.z)) - x);
		most = Math.max(most, was.v);
		sum.set(x, was);
	}
	for (const [x, it] of sum)
		d += 'M' + x + ' ' + (lane.y + TALL) + 'v-' + (it.v * TALL / most).toFixed(1) + 'h' + it.w + 'V' + (lane.y + TALL) + 'z';
	return [shape('path', { class: 'rate', d }), shape('text', { class: 'unit', x: 0, y: lane.y + 17 }, 'max ' + most + lane.g.dataset.unit)];
}

function spanBoxes(lane) {
	const ret = [];
	let free = 0;
	for (const it of itemsOf(lane)) {
		const x = Math.max(column(it.t), free), id = it.text.split(' ')[0], test = byId(id);
		const wide = Math.max(column(it.z) - x - 1, 1.5), said = lane.g.dataset.short && test ? it.text.slice(id.length + 1) : it.text;
		if (!isSeen(it) || column(it.z) < free)
			continue;
		const box = shape('rect', { class: 'span ' + (test && !lane.g.dataset.short ? verdictOf(test) : ''), x, y: lane.y, width: wide, height: TALL });
		box.append(shape('title', {}, timeText(it.t) + ' ' + it.text));
		ret.push(test ? linkTo(id, box) : box);
		if (said.length * 6 + 8 < wide)
			ret.push(shape('text', { class: 'in', x: x + 4, y: lane.y + 13 }, said));
		free = x + wide;
	}
	return ret;
}

function markTicks(lane) {
	const ret = [];
	let last = -9;
	for (const it of itemsOf(lane).filter(isSeen)) {
		const x = column(it.t);
		if (x - last < 4)
			continue;
		const tick = shape('path', { class: 'hit ' + it.verdict, d: 'M' + x.toFixed(1) + ' ' + (lane.y + 4) + 'l5 12h-10z' });
		tick.append(shape('title', {}, timeText(it.t)));
		ret.push(linkTo(it.id, tick));
		last = x;
	}
	return ret;
}

function drawAxis() {
	const steps = [1, 2, 5, 10, 20, 50, 100, 200, 500, 1e3, 2e3, 5e3, 1e4, 15e3, 3e4, 6e4, 12e4, 3e5, 6e5, 9e5, 18e5, 36e5, 72e5, 216e5, 864e5];
	const step = steps.find((s) => (to - from) / s <= 9) || 6048e5, ret = [];
	const digits = step < 1000 ? 3 : 0;
	for (let t = Math.ceil(from / step) * step; t <= to; t += step) {
		ret.push(shape('path', { class: 'grid', d: 'M' + column(t).toFixed(1) + ' 14V' + svg.viewBox.baseVal.height }));
		ret.push(shape('text', { class: 'tick', x: column(t).toFixed(1), y: 9 }, (t / 1000).toFixed(digits) + ' s'));
	}
	axis.replaceChildren(...ret);
}

function draw() {
	const kinds = { level: levelPath, event: eventPath, rate: ratePath, span: spanBoxes, mark: markTicks };
	const whole = from === 0 && to === end;
	for (const lane of lanes)
		lane.g.replaceChildren(...(whole ? lane.home : lane.g.dataset.d ? kinds[lane.kind](lane) :
			[shape('text', { class: 'unit', x: LEFT, y: lane.y + 14 }, 'too much to zoom into: see the tests')]));
	if (whole)
		axis.replaceChildren(...axisHome);
	else
		drawAxis();
	byId('here').setAttribute('d', marked >= from && marked <= to ? 'M' + column(marked).toFixed(1) + ' 12V' + svg.viewBox.baseVal.height : '');
	byId('zoom-n').textContent = timeText(from) + ' – ' + timeText(to);
}

/* Never beyond the run, never less than 20 ms. */
function view(a, z) {
	const wide = Math.min(Math.max(z - a, Math.min(20, end)), end);
	from = Math.max(0, Math.min((a + z - wide) / 2, end - wide));
	to = from + wide;
	draw();
}

const zoom = (factor, at = (from + to) / 2) => view(at - (at - from) * factor, at + (to - at) * factor);
const move = (part) => view(from + (to - from) * part, to + (to - from) * part);
const moves = {
	in: () => zoom(0.5), out: () => zoom(2), left: () => move(-0.25), right: () => move(0.25),
	all: () => {
		marked = -1;
		view(0, end);
	},
};
const moveKeys = { '+': 'in', '=': 'in', '-': 'out', ArrowLeft: 'left', ArrowRight: 'right', '0': 'all' };

function timeAt(e) {
	const box = svg.getBoundingClientRect(), x = (e.clientX - box.left) * svg.viewBox.baseVal.width / box.width;
	return from + Math.max(0, Math.min(1, (x - LEFT) / WIDTH)) * (to - from);
}

/* From a moment beside some evidence, or from a test as a whole, to the time line and back. */
function showMoment(e) {
	const link = e.target.closest('a.when');
	if (!link || !end || e.ctrlKey || e.metaKey || e.shiftKey)
		return;
	const t = Number(link.dataset.t), z = Number(link.dataset.z || t), near = z > t ? (z - t) / 20 : Math.min(2500, end / 20);
	const place = link.closest('[id]'), back = byId('zoom-back');
	e.preventDefault();
	marked = z > t ? -1 : t;
	back.hidden = !place;
	if (place) {
		back.href = '#' + place.id;
		back.querySelector('b').textContent = place.id.replace(/^e-/, '');
	}
	view(t - near, z + near);
	history.pushState(null, '', '#timeline');
	goTo(byId('timeline'));
	svg.parentElement.focus({ preventScroll: true });
}

/* A range that is drawn over with the mouse is what shows next. */
function setUpDrag() {
	const range = byId('range');
	let start = -1;
	const show = (e) => {
		const a = column(Math.min(start, timeAt(e))), z = column(Math.max(start, timeAt(e)));
		range.setAttribute('d', start < 0 ? '' : 'M' + a + ' 12H' + z + 'V' + svg.viewBox.baseVal.height + 'H' + a + 'z');
		return z - a;
	};
	svg.addEventListener('pointerdown', (e) => {
		start = e.button === 0 && e.pointerType === 'mouse' ? timeAt(e) : -1;
	});
	svg.addEventListener('dragstart', (e) => e.preventDefault());
	svg.addEventListener('pointermove', (e) => {
		if (start >= 0 && show(e) > 4 && !svg.hasPointerCapture(e.pointerId))
			svg.setPointerCapture(e.pointerId);
		byId('zoom-n').textContent = timeText(timeAt(e));
	});
	svg.addEventListener('pointerup', (e) => {
		const a = start, wide = start < 0 ? 0 : show(e);
		start = -1;
		show(e);
		if (wide > 4)
			view(Math.min(a, timeAt(e)), Math.max(a, timeAt(e)));
	});
	svg.addEventListener('pointerleave', () => {
		byId('zoom-n').textContent = timeText(from) + ' – ' + timeText(to);
	});
	svg.addEventListener('dblclick', moves.all);
	svg.addEventListener('wheel', (e) => {
		if (!e.ctrlKey && !e.shiftKey)
			return;
		e.preventDefault();
		if (e.ctrlKey)
			zoom(e.deltaY < 0 ? 0.7 : 1.4, timeAt(e));
		else
			move((e.deltaY || e.deltaX) < 0 ? -0.15 : 0.15);
	}, { passive: false });
}

function setUpTimeline() {
	if (!end)
		return;
	const tools = byId('zoom');
	tools.hidden = false;
	for (const button of all('button', tools))
		button.addEventListener('click', () => moves[button.dataset.do]());
	svg.parentElement.addEventListener('keydown', (e) => {
		if (e.ctrlKey || e.metaKey || e.altKey || !moveKeys[e.key])
			return;
		e.preventDefault();
		e.stopPropagation();
		moves[moveKeys[e.key]]();
	});
	setUpDrag();
	document.addEventListener('click', showMoment);
	byId('zoom-n').textContent = timeText(from) + ' – ' + timeText(to);
}

/* ---- keys ---- */

/* The next, or previous, of what is not PASS, from where the page stands. */
function step(forward) {
	const bar = 100, list = all('article.t:not(.p, .a), .requirements tr[data-g]:not(.p, .a)').filter((el) => !el.hidden);
	const tops = list.map((el) => el.getBoundingClientRect().top);
	const i = forward ? tops.findIndex((y) => y > bar + 4) : tops.findLastIndex((y) => y < bar - 40);
	if (i >= 0) {
		list[i].tabIndex = -1;
		list[i].focus({ preventScroll: true });
		goTo(list[i]);
	}
}

function fold() {
	const closed = all('main details:not([open])');
	for (const d of closed.length ? closed : all('main details'))
		d.open = closed.length > 0;
}

function nextLanguage() {
	const list = all('input[name=lang]'), i = list.findIndex((r) => r.checked);
	list[(i + 1) % list.length].checked = true;
}

const keys = {
	'/': () => byId('find-t').focus(), n: () => step(true), p: () => step(false), e: fold, l: nextLanguage,
	t: () => {
		goTo(byId('timeline'));
		if (svg)
			svg.parentElement.focus({ preventScroll: true });
	},
	'?': () => byId('keys').showModal(), Escape: clearFilter,
};

function setUpKeys() {
	byId('keys-open').addEventListener('click', keys['?']);
	byId('keys-close').addEventListener('click', () => byId('keys').close());
	document.addEventListener('keydown', (e) => {
		const typing = e.target.closest('input[type=search], select, dialog');
		if (e.ctrlKey || e.metaKey || e.altKey || !keys[e.key] || (typing && (e.key !== 'Escape' || typing.matches('dialog'))))
			return;
		e.preventDefault();
		keys[e.key]();
	});
}

const wanted = byId('lang-' + location.hash.slice(1));          /* report.html#ja opens in Japanese */
if (wanted)
	wanted.checked = true;
setUpFilter();
setUpTimeline();
setUpKeys();
window.addEventListener('hashchange', reveal);
window.addEventListener('beforeprint', beforePrint);
window.addEventListener('afterprint', afterPrint);
})();
