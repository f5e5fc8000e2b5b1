// The query as fields: groups of conditions that can be changed one by one.
//
// A group is {any, parts}; a condition {name, argument, operator, values, parameters}, of which
// each parameter is {name, operator, values}. Values are kept as the language writes them.

import { make, select, valueField } from "./values.js";
import { operatorWords, quoted } from "./wording.js";

const blank = () => ({ name: "", argument: "", operator: "", values: [], parameters: [] });
const isGroup = (part) => Array.isArray(part.parts);
const isFunction = (operator) => operator.endsWith("MATCHES");

/** How many values an operator takes; a list takes what there is. */
function places(operator) {
  if (operator.endsWith("NULL") || isFunction(operator)) return 0;
  return operator === "BETWEEN" ? 2 : 1;
}

/** `count >= 2`, `id IN (1, 2)`; '' while a value is missing. */
function asked(test) {
  const values = test.values.slice(0, test.operator.endsWith("IN") ? undefined : places(test.operator));
  if (!test.name || !test.operator || values.length < places(test.operator) || values.some((v) => !v)) return "";
  if (test.operator.endsWith("IN")) return `${test.name} ${test.operator} (${values.join(", ")})`;
  if (test.operator === "BETWEEN") return `${test.name} BETWEEN ${values[0]} AND ${values[1]}`;
  return [test.name, test.operator, ...values].join(" ");
}

/** The condition in the language; '' while it is unfinished. */
export function clauseText(clause, attribute) {
  if (attribute && attribute.takes_argument && !clause.argument) return "";
  const name = clause.argument ? `${clause.name}(${quoted(clause.argument)})` : clause.name;
  if (!isFunction(clause.operator)) return asked({ ...clause, name });
  const parameters = clause.parameters.map(asked);
  return parameters.includes("") ? "" : `${name} ${clause.operator} (${parameters.join(", ")})`;
}

export class Clauses {
  constructor({ root, attributes, find, url, changed }) {
    Object.assign(this, { root, attributes, find, url, changed });
    this.group = { any: false, parts: [blank()] };
    this.draw();
  }

  /** Show this group in place of what was there. */
  show(group) {
    this.group = group;
    this.draw();
  }

  get focused() {
    return this.root.contains(document.activeElement);
  }

  /** The whole in the language, without what is unfinished. */
  text(part = this.group, inner = false) {
    if (!isGroup(part)) return clauseText(part, this.find(part.name));
    const texts = part.parts.map((each) => this.text(each, true)).filter(Boolean);
    if (texts.length < 2) return texts[0] || "";
    const joined = texts.join(part.any ? " OR " : " AND ");
    return inner ? `(${joined})` : joined;
  }

  draw() {
    this.root.replaceChildren(this.groupBox(this.group, null));
  }

  /** Something changed what fields there are: draw anew, keep the keyboard where it was. */
  redraw(focus = "") {
    this.draw();
    if (focus) this.root.querySelector(focus)?.focus();
    this.changed();
  }

  groupBox(group, above) {
    const rows = group.parts.flatMap((part, index) => {
      const row = isGroup(part) ? this.groupBox(part, group) : this.clauseBox(part, group);
      return index ? [this.joint(group), row] : [row];
    });
    const box = make("div", { className: above ? "seg-group seg-inner" : "seg-group", role: "group" }, ...rows);
    box.setAttribute("aria-label", group.any ? "Any of these" : "All of these");
    box.append(this.adders(group, above));
    return box;
  }

  joint(group) {
    const pairs = [["and", "and"], ["or", "or"]]; // prettier-ignore
    const field = select(pairs, group.any ? "or" : "and", "How the conditions are joined", (chosen) => {
      group.any = chosen === "or";
      this.redraw();
    });
    field.classList.add("seg-joint");
    return field;
  }

  adders(group, above) {
    const add = (part) => () => {
      group.parts.push(part());
      this.draw();
      [...this.root.querySelectorAll("select[data-attribute]")].findLast((s) => !s.value)?.focus();
    };
    const buttons = [
      button("add", "Condition", add(blank)),
      button("account_tree", "Group", add(() => ({ any: !group.any, parts: [blank()] }))),
    ];
    if (above) {
      buttons.push(
        button("delete", "Group", () => {
          above.parts.splice(above.parts.indexOf(group), 1);
          this.redraw();
        }, "Remove this group"),
      );
    }
    return make("div", { className: "seg-adders" }, ...buttons);
  }

  clauseBox(clause, group) {
    const attribute = this.find(clause.name);
    const fields = [this.attributeField(clause)];
    if (attribute) {
      if (attribute.prefix) fields.push(this.restOfName(clause, attribute));
      if (attribute.takes_argument) fields.push(this.argumentField(clause, attribute));
      fields.push(...this.testFields(clause, attribute, "Value"));
    }
    const remove = button("close", "", () => {
      group.parts.splice(group.parts.indexOf(clause), 1);
      if (!this.group.parts.length) this.group.parts.push(blank());
      this.redraw("select[data-attribute]");
    }, "Remove this condition");
    remove.classList.add("seg-remove");
    const box = make("div", { className: "seg-clause" }, make("div", { className: "seg-fields" }, ...fields), remove);
    if (attribute && isFunction(clause.operator)) box.append(this.parameterBoxes(clause, attribute));
    return box;
  }

  attributeField(clause) {
    const field = make("select", { className: "seg-field seg-attribute", "aria-label": "What is asked", "data-attribute": "" });
    field.append(make("option", { value: "", textContent: "Choose what to ask…" }));
    const known = this.find(clause.name);
    for (const title of new Set(this.attributes.map((each) => each.group))) {
      const members = this.attributes.filter((each) => each.group === title);
      const options = members.map((each) =>
        make("option", { value: each.name, textContent: each.label, selected: each === known }),
      );
      field.append(make("optgroup", { label: title }, ...options));
    }
    field.addEventListener("change", () => {
      const attribute = this.find(field.value);
      const operator = attribute ? startingOperator(attribute) : "";
      Object.assign(clause, blank(), { name: field.value, operator });
      const place = [...this.root.querySelectorAll("select[data-attribute]")].indexOf(field);
      this.draw();
      this.root.querySelectorAll("select[data-attribute]")[place]?.focus();
      this.changed();
    });
    return field;
  }

  restOfName(clause, attribute) {
    const rest = clause.name.slice(attribute.name.length);
    return this.plainField(rest, "The metafield's namespace and key", "metafields.namespace.key", (text) => {
      clause.name = attribute.name + text;
    });
  }

  argumentField(clause, attribute) {
    if (attribute.completes) {
      const of = { kind: "string", values: [], completes: attribute.completes };
      return valueField(of, clause.argument && quoted(clause.argument), "Which one", this.url, (source) => {
        clause.argument = source && source.slice(1, -1).replace(/\\(.)/g, "$1");
        this.changed();
      });
    }
    return this.plainField(clause.argument, "Of what", "metafields.facts.birth_date", (text) => {
      clause.argument = text;
    });
  }

  plainField(value, label, placeholder, write) {
    const field = make("input", { type: "text", className: "seg-field", value, placeholder, spellcheck: false, "aria-label": label });
    field.addEventListener("input", () => {
      write(field.value.trim());
      this.changed();
    });
    return field;
  }

  /** The operator and the values of a condition or parameter. */
  testFields(test, about, label) {
    const pairs = about.operators.map((each) => [each, operatorWords(each, about.kind)]);
    const operators = select(pairs, test.operator, "How it is compared", (chosen) => {
      const before = test.operator;
      test.operator = chosen;
      if (places(chosen) !== places(before) || isFunction(chosen) !== isFunction(before)) this.draw();
      this.changed();
    });
    operators.classList.add("seg-operator");
    return [operators, ...this.valueFields(test, about, label)];
  }

  valueFields(test, about, label) {
    const write = (index) => (source) => {
      test.values[index] = source;
      this.changed();
    };
    if (test.operator.endsWith("IN")) return [this.listField(test, about)];
    const fields = [];
    for (let index = 0; index < places(test.operator); index += 1) {
      const name = places(test.operator) === 2 ? ["From", "To"][index] : label;
      if (index) fields.push(make("span", { className: "seg-word", textContent: "and" }));
      fields.push(valueField(about, test.values[index] || "", name, this.url, write(index)));
    }
    return fields;
  }

  listField(test, about) {
    const shown = test.values.map((v) => v.replace(/^'|'$/g, "")).join(", ");
    return this.plainField(shown, "Which ones, with commas between", "1, 2, 3", (text) => {
      const parts = text.split(",").map((part) => part.trim()).filter(Boolean);
      test.values = about.kind === "id" ? parts : parts.map(quoted);
    });
  }

  parameterBoxes(clause, attribute) {
    const boxes = clause.parameters.map((each, index) => this.parameterBox(clause, attribute, each, index));
    const used = clause.parameters.map((each) => each.name);
    const free = attribute.parameters.filter((each) => !used.includes(each.name));
    if (free.length) {
      const pairs = [["", "Add which ones or how often…"], ...free.map((each) => [each.name, each.label])];
      const adder = select(pairs, "", "Add a condition on these events", (name) => {
        const chosen = attribute.parameters.find((each) => each.name === name);
        if (!chosen) return;
        clause.parameters.push({ name, operator: startingOperator(chosen), values: [] });
        this.redraw();
      });
      adder.classList.add("seg-adder");
      boxes.push(adder);
    }
    return make("div", { className: "seg-parameters" }, ...boxes);
  }

  parameterBox(clause, attribute, test, index) {
    const about = attribute.parameters.find((each) => each.name === test.name);
    const remove = button("close", "", () => {
      clause.parameters.splice(index, 1);
      this.redraw();
    }, "Remove this part");
    remove.classList.add("seg-remove");
    const name = make("span", { className: "seg-word", textContent: about ? about.label : test.name });
    const fields = about ? this.testFields(test, about, about.label) : [];
    return make("div", { className: "seg-parameter" }, make("div", { className: "seg-fields" }, name, ...fields), remove);
  }
}

function startingOperator(about) {
  const wished = { date: ">=", integer: ">=", float: ">=" }[about.kind];
  return about.operators.includes(wished) ? wished : about.operators[0];
}

function button(icon, text, press, label = "") {
  const mark = make("span", { className: "material-symbols-outlined", textContent: icon, "aria-hidden": "true" });
  const made = make("button", { type: "button", className: "seg-button" }, mark, text);
  if (label) made.setAttribute("aria-label", label);
  made.addEventListener("click", press);
  return made;
}
