// The editor of a segment: text and fields side by side, kept in step by the server, which reads
// the one and writes the other; the count and a sample follow.

import { asker, post } from "./asking.js";
import { Clauses } from "./clauses.js";
import { Completion } from "./completion.js";
import { QueryText, indexOf } from "./querytext.js";
import { make } from "./values.js";
import { figure } from "./wording.js";

const form = document.getElementById("segment-editor");
const part = (name) => form.querySelector(`[data-part="${name}"]`);
const { attributes } = JSON.parse(document.getElementById("segment-attributes").textContent);

function find(name) {
  const known = attributes.find((each) => each.name === name && !each.prefix);
  return known || attributes.find((each) => each.prefix && name && name.startsWith(each.name));
}

const area = form.elements.query;
const text = new QueryText(area, part("copy"));
const clauses = new Clauses({
  root: part("clauses"), attributes, find, url: form.dataset.values, changed: writeText,
}); // prettier-ignore
const completion = new Completion({
  area, box: part("options"), anchor: (index) => text.anchor(index),
  attributes, find, url: form.dataset.values, changed: typed,
}); // prettier-ignore

// --- Text and fields in step ------------------------------------------------------------------

const PATIENCE = 1500; // before an error is told of a word that is still being typed
let fromFields = false;
let telling = 0;
const reading = asker(250, (query, signal) => post(form.dataset.read, { query }, signal), {
  answered: wasRead,
  failed: (error) => say("error", [error.message]),
});

function typed() {
  fromFields = false;
  text.fresh();
  changed();
}

function writeText() {
  fromFields = true;
  area.value = clauses.text();
  text.fresh();
  changed();
}

function changed(at_once = false) {
  clearTimeout(telling);
  reading.ask(area.value, at_once);
  counting.stop();
  if (area.value.trim()) waiting(true);
  else emptied();
}

function wasRead(answer, query) {
  if (query !== area.value) return;
  part("fields-behind").hidden = answer.ok;
  if (!answer.ok && answer.problems.every(beingTyped)) {
    waiting(false);
    tellCount("", "Go on…");
    telling = setTimeout(tellFaults, PATIENCE, answer);
    return;
  }
  tellFaults(answer);
  if (!answer.ok) return;
  if (!fromFields && !clauses.focused) clauses.show(answer.group);
  // What was typed is left as it is typed; what the fields made is put in order.
  if (fromFields && document.activeElement !== area && answer.text) {
    area.value = answer.text;
    text.draw();
  }
  part("format").hidden = answer.text === area.value;
  part("format").dataset.text = answer.text;
  if (query.trim()) counting.ask(area.value);
}

part("format").addEventListener("click", () => {
  area.value = part("format").dataset.text;
  typed();
  area.focus();
});

area.addEventListener("input", () => {
  typed();
  completion.look();
});

// --- Faults and advice ------------------------------------------------------------------------

/** Whether the fault is where the cursor is, or that the text ends there. */
function beingTyped(each) {
  const from = indexOf(area.value, each);
  const here = area.selectionEnd;
  const after = area.value.slice(Math.min(from + each.length, here), here);
  return document.activeElement === area && here >= from && !after.trim();
}

function tellFaults(answer) {
  if (!answer.ok) notCounted(answer.problems.length);
  const faults = answer.problems
    .map((each) => ({ ...each, kind: "fault" }))
    .sort((a, b) => a.line - b.line || a.column - b.column);
  const advice = answer.advice.map((each) => ({
    ...each,
    kind: each.code === "rewritten" ? "info" : "advice",
  }));
  text.mark([...faults, ...advice].filter((each) => each.length || each.kind === "fault"));
  part("faults").replaceChildren(...[...faults, ...advice].map(faultRow));
}

const row = (kind, icon, ...words) =>
  make(
    "li",
    { className: `seg-said seg-said-${kind}` },
    make("span", { className: "material-symbols-outlined", "aria-hidden": "true", textContent: icon }),
    make("span", {}, ...words),
  );

function say(kind, words) {
  part("faults").replaceChildren(...words.map((each) => row(kind, "error", each)));
}

const ICONS = { fault: "error", advice: "lightbulb", info: "edit_note" };

function faultRow(each) {
  const place = make("button", { type: "button", className: "seg-link", textContent: `Show` });
  place.setAttribute("aria-label", `Show line ${each.line}, column ${each.column} in the text`);
  place.addEventListener("click", () => text.select(each));
  const words = [each.message, " ", place];
  if (each.suggestion) {
    const mend = make("button", { type: "button", className: "seg-link", textContent: `Use “${each.suggestion}”` });
    mend.addEventListener("click", () => {
      text.replace(each, each.suggestion);
      typed();
    });
    words.push(" ", mend);
  }
  return row(each.kind, ICONS[each.kind], ...words);
}

// --- The count and the sample -----------------------------------------------------------------

const counting = asker(300, (query, signal) => post(form.dataset.count, { query }, signal), {
  answered: wasCounted,
  failed: () => {
    waiting(false);
    tellCount("", "The count did not come; it is tried again when you type.");
  },
});

function waiting(yes) {
  part("spinner").hidden = !yes;
  part("count-line").classList.toggle("seg-stale", yes);
}

function tellCount(count, words) {
  part("count").textContent = count;
  part("count-words").textContent = words;
}

function emptied() {
  reading.stop();
  waiting(false);
  tellCount("", "Type a query, or choose a condition.");
  part("faults").replaceChildren();
  showSample([], 1);
  part("format").hidden = true;
  part("fields-behind").hidden = true;
  if (!fromFields && !clauses.focused) clauses.show({ any: false, parts: [{ name: "", argument: "", operator: "", values: [], parameters: [] }] });
}

function notCounted(faults) {
  waiting(false);
  tellCount("", faults === 1 ? "Mend the error to see who is in it." : `Mend the ${faults} errors to see who is in it.`);
}

function wasCounted(answer, query) {
  waiting(false);
  if (query !== area.value) return;
  if (!answer.ok) {
    tellFaults(answer);
    return;
  }
  const words = answer.count === 1 ? "customer matches" : "customers match";
  tellCount(`${answer.estimate ? "≈ " : ""}${figure(answer.count)}`, `${words}${answer.estimate ? ` · estimate from a sample, give or take ${figure(answer.error)}` : ""}`);
  showSample(answer.sample, answer.count);
}

function showSample(customers, count) {
  part("sample").replaceChildren(...customers.map(sampleRow));
  part("sample-table").hidden = !customers.length;
  const words = customers.length ? `${customers.length} of them, as a sample.` : "A sample appears here.";
  part("sample-note").textContent = count > customers.length ? words : "";
}

function sampleRow(customer) {
  const name = customer.url
    ? make("a", { href: customer.url, className: "xeno-link", textContent: customer.name, target: "_blank" })
    : customer.name;
  const cells = [["Customer", name], ["E-mail", customer.email], ["Orders", customer.orders], ["Spent", customer.spent], ["Last order", customer.last_order]]; // prettier-ignore
  return make("tr", {}, ...cells.map(([label, cell]) => make("td", { "data-label": label }, cell)));
}

if (area.value.trim()) changed(true);
