// Colours queries that are only shown, and draws nothing where JavaScript is off.

import { wordsOf } from "./reading.js";
import { make } from "./values.js";

/** Colour the words of every element that holds a query. */
export function colourQueries(root = document) {
  for (const holder of root.querySelectorAll("[data-query]")) {
    const words = wordsOf(holder.textContent);
    holder.replaceChildren(...words.map((w) => make("span", { className: `seg-w-${w.kind}`, textContent: w.text })));
  }
}
