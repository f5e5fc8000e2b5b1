// A field that finds a customer by the first letters of a name or an address.

import { asker, get } from "../segments/asking.js";

/** Lets the field offer customers in the list; `chosen` gets the id, or "" for an example. */
export function finder(field, list, url, chosen) {
  let current = -1;
  const options = () => [...list.querySelectorAll("[role=option]")];
  const finding = asker(250, (q, signal) => get(url, { q }, signal), {
    answered: ({ people }) => show(people),
    failed: () => show([]),
  });

  function show(people) {
    current = -1;
    list.replaceChildren(...people.map(option));
    list.hidden = !people.length;
    field.setAttribute("aria-expanded", String(Boolean(people.length)));
    field.removeAttribute("aria-activedescendant");
  }

  function option({ id, name, email }, index) {
    const item = document.createElement("li");
    item.id = `preview-person-${index}`;
    item.setAttribute("role", "option");
    item.setAttribute("aria-selected", "false");
    const words = document.createElement("span");
    words.textContent = name;
    const address = document.createElement("small");
    address.textContent = email;
    item.append(words, address);
    item.addEventListener("mousedown", (event) => {
      event.preventDefault();
      take(id, name);
    });
    item.take = () => take(id, name);
    return item;
  }

  function take(id, name) {
    finding.stop();
    field.value = name;
    show([]);
    chosen(id);
  }

  function move(step) {
    const all = options();
    if (!all.length) return;
    current = (current + step + all.length) % all.length;
    all.forEach((each, index) => each.setAttribute("aria-selected", String(index === current)));
    field.setAttribute("aria-activedescendant", all[current].id);
    all[current].scrollIntoView({ block: "nearest" });
  }

  field.addEventListener("input", () => {
    if (field.value.trim()) {
      finding.ask(field.value.trim());
      return;
    }
    finding.stop();
    show([]);
    chosen("");
  });
  field.addEventListener("keydown", (event) => {
    if (event.key === "ArrowDown" || event.key === "ArrowUp") {
      event.preventDefault();
      move(event.key === "ArrowDown" ? 1 : -1);
    } else if (event.key === "Enter") {
      event.preventDefault();
      const all = options();
      if (all.length) all[Math.max(current, 0)].take();
    } else if (event.key === "Escape") {
      show([]);
    }
  });
  field.addEventListener("blur", () => show([]));
}
