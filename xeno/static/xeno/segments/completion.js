// Offers what could come at the cursor of a text area: a listbox beside it, by mouse or keyboard.

import { asker, get } from "./asking.js";
import { contextAt } from "./reading.js";
import { DAYS, pretty, quoted } from "./wording.js";

const MOST = 30;
const PAUSE = 120;
const word = (value, label = "", text = `${value} `) => ({ value, label, text });

const OPERATOR_WORDS = {
  "=": "is", "!=": "is not", ">": "more or after", ">=": "at least, or from",
  "<": "less or before", "<=": "at most, or until", BETWEEN: "both ends included",
  CONTAINS: "has", "NOT CONTAINS": "has not", "IS NULL": "is not known",
  "IS NOT NULL": "is known", MATCHES: "did", "NOT MATCHES": "did not",
  IN: "one of", "NOT IN": "none of",
}; // prettier-ignore

function operatorOption(operator) {
  const text = { MATCHES: "MATCHES (", "NOT MATCHES": "NOT MATCHES (" }[operator] || `${operator} `;
  const list = operator.endsWith("IN") ? `${operator} (` : text;
  const between = operator === "BETWEEN" ? "BETWEEN " : list;
  return word(operator, OPERATOR_WORDS[operator] || "", between);
}

const attributeOption = (attribute) =>
  word(
    attribute.name,
    attribute.label + (attribute.extension ? " · not in Shopify" : ""),
    attribute.takes_argument ? `${attribute.name}('` : `${attribute.name} `,
  );

/** The options that need no server, or null where the values are the store's own. */
function optionsOf(context, attributes) {
  const { expects, attribute, parameter } = context;
  const asked = parameter || attribute;
  switch (expects) {
    case "attribute":
      return attributes.map(attributeOption);
    case "operator":
      if (!asked) return [];
      return asked.operators.map(operatorOption);
    case "negated":
      if (!asked) return [];
      return asked.operators.filter((o) => o.startsWith("NOT ")).map((o) => operatorOption(o.slice(4)));
    case "null":
      return [word("NULL", "is not known"), word("NOT NULL", "is known")];
    case "opening":
      return [word("(", "", "(")];
    case "listing":
      return [word("(", "", "(")];
    case "parameter":
      return ((attribute && attribute.parameters) || [])
        .filter((each) => !(context.used || []).includes(each.name))
        .map((each) => word(each.name, each.label));
    case "and":
      return [word("AND", "and the other end")];
    case "joining":
      return [word("AND", "all of them"), word("OR", "any of them")];
    case "parameterEnd":
      return [word(",", "another condition", ", "), word(")", "that is all", ") ")];
    case "more":
      return [word(",", "another", ", "), word(")", "that is all", ") ")];
    case "argument":
      return attribute && attribute.completes ? null : [];
    case "value":
      return asked ? valuesOf(asked) : [];
    default:
      return [];
  }
}

/** Values that are fixed: of an enum, days, true and false. */
function valuesOf(asked) {
  if (asked.kind === "date") return DAYS.map(([value, label]) => word(value, label));
  if (asked.values.length) return asked.values.map((v) => word(v, pretty(v), `${quoted(v)} `));
  return asked.completes ? null : [];
}

function fits(option, typed) {
  const sought = typed.replace(/^'/, "").toLowerCase();
  const value = option.value.toLowerCase();
  if (!sought || value.startsWith(sought)) return true;
  return sought.length > 1 && (value.includes(sought) || option.label.toLowerCase().includes(sought));
}

function ranked(options, typed) {
  const sought = typed.replace(/^'/, "").toLowerCase();
  const first = (option) => (option.value.toLowerCase().startsWith(sought) ? 0 : 1);
  return options.filter((o) => fits(o, typed)).sort((a, b) => first(a) - first(b)).slice(0, MOST);
}

/** The listbox of one text area. `anchor` gives where on the page a place in the text is. */
export class Completion {
  constructor({ area, box, anchor, attributes, find, url, changed }) {
    Object.assign(this, { area, box, anchor, attributes, find, url, changed });
    this.options = [];
    this.chosen = -1;
    this.values = asker(PAUSE, (question, signal) => get(url, question, signal), {
      answered: (answer) => this.show(answer.values.map(storesOwn(this.context))),
      failed: () => this.hide(),
    });
    area.addEventListener("keydown", (event) => this.key(event));
    area.addEventListener("blur", () => setTimeout(() => this.hide(), 150));
    area.addEventListener("click", () => this.hide());
  }

  /** Look at the cursor again. `asked`: somebody pressed Ctrl and space, so an empty word will do. */
  look(asked = false) {
    const { area } = this;
    if (area.selectionStart !== area.selectionEnd) return this.hide();
    this.context = contextAt(area.value, area.selectionStart, this.find);
    const { typed, expects } = this.context;
    const eager = ["value", "operator", "null", "parameter"].includes(expects);
    if (!asked && !typed && !eager) return this.hide();
    const options = optionsOf(this.context, this.attributes);
    if (options) {
      this.values.stop();
      const offered = ranked(options, typed);
      const done = offered.length === 1 && offered[0].value === typed.replace(/'/g, "");
      return done ? this.hide() : this.show(offered);
    }
    const what = (this.context.parameter || this.context.attribute).completes;
    this.values.ask({ what, q: typed.replace(/^'|'$/g, "") });
    return undefined;
  }

  show(options) {
    this.options = options;
    this.chosen = options.length ? 0 : -1;
    if (!options.length || document.activeElement !== this.area) return this.hide();
    this.box.replaceChildren(...options.map((option, index) => this.row(option, index)));
    this.box.hidden = false;
    this.area.setAttribute("aria-expanded", "true");
    this.box.style.left = "0";
    const { left, top } = this.anchor(this.context.from);
    const widest = this.box.parentElement.clientWidth - this.box.offsetWidth;
    this.box.style.left = `${Math.max(0, Math.min(left, widest))}px`;
    this.box.style.top = `${top}px`;
    return this.mark();
  }

  row(option, index) {
    const row = document.createElement("li");
    row.id = `${this.box.id}-${index}`;
    row.role = "option";
    const value = document.createElement("span");
    value.textContent = option.shown || option.value;
    const label = document.createElement("small");
    label.textContent = option.label;
    row.append(value, label);
    row.addEventListener("mousedown", (event) => {
      event.preventDefault();
      this.take(option);
    });
    return row;
  }

  mark() {
    [...this.box.children].forEach((row, index) => {
      row.setAttribute("aria-selected", index === this.chosen ? "true" : "false");
      if (index === this.chosen) row.scrollIntoView({ block: "nearest" });
    });
    this.area.setAttribute("aria-activedescendant", `${this.box.id}-${this.chosen}`);
  }

  hide() {
    this.box.hidden = true;
    this.area.setAttribute("aria-expanded", "false");
    this.area.removeAttribute("aria-activedescendant");
  }

  key(event) {
    if (event.key === " " && event.ctrlKey) {
      event.preventDefault();
      return this.look(true);
    }
    if (this.box.hidden) return undefined;
    const moves = { ArrowDown: 1, ArrowUp: -1 };
    if (event.key in moves) {
      event.preventDefault();
      const { length } = this.options;
      this.chosen = (this.chosen + moves[event.key] + length) % length;
      return this.mark();
    }
    if (event.key === "Escape") {
      event.stopPropagation();
      return this.hide();
    }
    // Tab and Enter take what is offered; with a finished word before it Enter is a new line.
    if (event.key === "Tab" || event.key === "Enter") {
      if (event.shiftKey) return this.hide();
      event.preventDefault();
      return this.take(this.options[this.chosen]);
    }
    return undefined;
  }

  take(option) {
    const { area, context } = this;
    area.focus();
    area.setRangeText(option.text, context.from, context.to, "end");
    this.hide();
    this.changed();
    this.look();
  }
}

/** An option for one of the store's own values: an id stands bare, a text in quotes. */
function storesOwn(context) {
  const asked = context.parameter || context.attribute;
  const bare = asked.kind === "id" || asked.kind === "integer";
  const closing = context.expects === "argument" ? ") " : " ";
  return ({ value, label }) => ({
    value: String(value),
    label: label || "",
    text: (bare ? String(value) : quoted(value)) + closing,
  });
}
