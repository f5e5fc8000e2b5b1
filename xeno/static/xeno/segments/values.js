// The fields of one value in the builder. A value is kept as the language writes it: `-30d`, `'vip'`.

import { asker, get } from "./asking.js";
import { UNITS, countryName, pretty, quoted } from "./wording.js";

let boxes = 0;

/** An element with properties and children; `aria-…` and `data-…` are attributes. */
export function make(tag, given = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(given)) {
    if (name.includes("-")) element.setAttribute(name, value);
    else element[name] = value;
  }
  element.append(...children);
  return element;
}

/** A dropdown of [value, label] pairs. */
export function select(pairs, chosen, label, changed) {
  const options = pairs.map(([value, text]) =>
    make("option", { value, textContent: text, selected: value === chosen }),
  );
  const field = make("select", { className: "seg-field", "aria-label": label }, ...options);
  field.addEventListener("change", () => changed(field.value));
  return field;
}

function input(given, label, changed) {
  const field = make("input", { className: "seg-field", "aria-label": label, ...given });
  field.addEventListener("input", () => changed(field.value));
  return field;
}

const unquoted = (source) =>
  source.startsWith("'") ? source.slice(1, -1).replace(/\\(.)/g, "$1") : source;

/** The fields for a value of this attribute or parameter; `changed` gets '' while it is unfinished. */
export function valueField(asked, source, label, url, changed) {
  if (asked.kind === "date") return dayField(source, label, changed);
  if (asked.values.length) return enumField(asked, source, label, changed);
  if (asked.kind === "boolean") {
    return select([["true", "true"], ["false", "false"]], source || "true", label, changed);
  }
  if (["integer", "float"].includes(asked.kind)) {
    const step = asked.kind === "float" ? "any" : "1";
    return input({ type: "number", step, value: source }, label, changed);
  }
  const write = asked.kind === "id" ? (text) => text.replace(/\D/g, "") : (text) => text && quoted(text);
  return textField(asked, unquoted(source), label, url, (text) => changed(write(text)));
}

function enumField(asked, source, label, changed) {
  const pairs = [["", "choose…"], ...asked.values.map((value) => [value, pretty(value)])];
  return select(pairs, unquoted(source), label, (value) => changed(value && quoted(value)));
}

/** A text or id with the store's own values to choose from. */
function textField(asked, text, label, url, changed) {
  const field = input({ type: "text", value: text, autocomplete: "off", spellcheck: false }, label, changed);
  if (asked.kind === "id") field.inputMode = "numeric";
  if (!asked.completes) return field;
  boxes += 1;
  const list = make("datalist", { id: `values-${boxes}` });
  field.setAttribute("list", list.id);
  const values = asker(150, (q, signal) => get(url, { what: asked.completes, q }, signal), {
    answered(answer) {
      list.replaceChildren(
        ...answer.values.map(({ value, label: words }) =>
          make("option", {
            value,
            textContent: words || (asked.completes === "countries" ? countryName(value) : ""),
          }),
        ),
      );
    },
    failed() {},
  });
  field.addEventListener("focus", () => values.ask(field.value, true));
  field.addEventListener("input", () => values.ask(field.value));
  return make("span", { className: "seg-value" }, field, list);
}

const AGO = Object.entries(UNITS).map(([unit, words]) => [`-${unit}`, `${words} ago`]);
const AHEAD = Object.entries(UNITS).map(([unit, words]) => [`+${unit}`, `${words} from now`]);
const WAYS = [
  ...AGO,
  ["today", "today"],
  ["yesterday", "yesterday"],
  ["date", "on the calendar"],
  ["time", "day and time"],
  ...AHEAD,
];

/** How a day is told: `-30d` is 30 of `-d`. */
function readDay(source) {
  const offset = /^([+-])?(\d+)([dwmy])$/.exec(source);
  if (offset) return [`${offset[1] || "+"}${offset[3]}`, offset[2]];
  if (source === "today" || source === "yesterday") return [source, ""];
  if (source.includes("T")) return ["time", source];
  return source ? ["date", source] : ["-d", "30"];
}

function dayField(source, label, changed) {
  let [way, told] = readDay(source);
  const holder = make("span", { className: "seg-value" });
  const say = () => changed(dayOf(way, told));
  function draw() {
    const ways = select(WAYS, way, `${label}: how the day is told`, (chosen) => {
      way = chosen;
      told = /^[+-]/.test(way) ? "30" : "";
      draw();
      say();
      holder.querySelector("select").focus();
    });
    holder.replaceChildren(...fieldsOf(way, told, label, (text) => ((told = text), say())), ways);
  }
  draw();
  if (!source) say();
  return holder;
}

function fieldsOf(way, told, label, changed) {
  if (/^[+-]/.test(way)) {
    return [input({ type: "number", min: 0, step: 1, value: told, size: 4 }, `${label}: how many`, changed)];
  }
  if (way === "date") return [input({ type: "date", value: told }, label, changed)];
  if (way === "time") {
    return [input({ type: "datetime-local", step: 1, value: told }, label, changed)];
  }
  return [];
}

function dayOf(way, told) {
  if (/^[+-]/.test(way)) return told === "" ? "" : `${way[0]}${Math.abs(Number(told))}${way[1]}`;
  if (way === "time") return told.length === 16 ? `${told}:00` : told;
  return way === "date" ? told : way;
}
