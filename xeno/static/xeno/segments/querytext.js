// The text of the query: a plain text area, with its words coloured and its faults underlined
// in a copy that lies behind it.

import { wordsOf } from "./reading.js";

/** The index in the text of a place, of which lines count from 1 and columns from 0. */
export function indexOf(text, place) {
  const lines = text.split("\n").slice(0, place.line - 1);
  return Math.min(lines.reduce((sum, line) => sum + line.length + 1, 0) + place.column, text.length);
}

export class QueryText {
  constructor(area, copy) {
    Object.assign(this, { area, copy, marks: [] });
    area.addEventListener("scroll", () => this.follow());
    new ResizeObserver(() => this.follow()).observe(area);
    this.draw();
  }

  /** Underline these places: {line, column, length, kind}. */
  mark(places) {
    this.marks = places.map((place) => {
      const from = indexOf(this.area.value, place);
      // What is missing at the end is told under the last character there is.
      const start = Math.max(0, Math.min(from, this.area.value.length - 1));
      return { from: start, to: start + Math.max(1, place.length), kind: place.kind };
    });
    this.draw();
  }

  /** Colour the text as it stands now; marks of an older text are gone. */
  fresh() {
    this.marks = [];
    this.draw();
  }

  draw() {
    const parts = wordsOf(this.area.value).map((word) => {
      const part = document.createElement("span");
      const mark = this.marks.find((each) => each.from < word.to && word.from < each.to);
      part.className = `seg-w-${word.kind}${mark ? ` seg-${mark.kind}` : ""}`;
      part.textContent = word.text;
      return part;
    });
    this.copy.replaceChildren(...parts, "\n");
    this.follow();
  }

  follow() {
    this.copy.scrollTop = this.area.scrollTop;
    this.copy.style.width = `${this.area.clientWidth}px`;
  }

  /** Where a place in the text is drawn: below its first character, from the corner of the box. */
  anchor(index) {
    const range = document.createRange();
    let left = index;
    for (const part of this.copy.childNodes) {
      const { length } = part.textContent;
      if (left <= length || part === this.copy.lastChild) {
        const node = part.firstChild || part;
        range.setStart(node, Math.min(left, node.textContent.length));
        break;
      }
      left -= length;
    }
    range.collapse(true);
    const here = range.getBoundingClientRect();
    const box = this.copy.parentElement.getBoundingClientRect();
    const size = parseFloat(getComputedStyle(this.copy).lineHeight);
    const known = here.top || here.left;
    return { left: known ? here.left - box.left : 8, top: (known ? here.top - box.top : 8) + size };
  }

  /** Put the cursor on a place, so that the keyboard goes on there. */
  select(place) {
    const from = indexOf(this.area.value, place);
    this.area.focus();
    this.area.setSelectionRange(from, from + place.length);
  }

  /** Write over a place. */
  replace(place, text) {
    const from = indexOf(this.area.value, place);
    this.area.setRangeText(text, from, from + place.length, "end");
    this.area.focus();
  }
}
