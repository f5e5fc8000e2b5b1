// The words of the language for people, and people's words for the language.

/** A text as the language writes it. */
export const quoted = (text) => `'${String(text).replace(/[\\']/g, "\\$&")}'`;

/** `NOT_SUBSCRIBED` as `Not subscribed`. */
export function pretty(value) {
  const words = String(value).replace(/_/g, " ").toLowerCase();
  return words.charAt(0).toUpperCase() + words.slice(1);
}

/** Days that one often means. */
export const DAYS = [
  ["today", "today"],
  ["yesterday", "yesterday"],
  ["-7d", "7 days ago"],
  ["-30d", "30 days ago"],
  ["-90d", "90 days ago"],
  ["-6m", "6 months ago"],
  ["-12m", "12 months ago"],
  ["+7d", "in 7 days"],
  ["+30d", "in 30 days"],
];

const DATED = { ">": "after", ">=": "on or after", "<": "before", "<=": "on or before", "=": "on", "!=": "not on" };
const COUNTED = { ">": "more than", ">=": "at least", "<": "less than", "<=": "at most", "=": "is", "!=": "is not" };
const OTHERS = {
  BETWEEN: "between", CONTAINS: "include", "NOT CONTAINS": "do not include",
  "IS NULL": "is not known", "IS NOT NULL": "is known", MATCHES: "did", "NOT MATCHES": "did not",
  IN: "is one of", "NOT IN": "is none of",
}; // prettier-ignore

/** An operator as a person says it of this kind of attribute. */
export function operatorWords(operator, kind) {
  const compared = kind === "date" ? DATED : COUNTED;
  return OTHERS[operator] || compared[operator] || operator;
}

export const UNITS = { d: "days", w: "weeks", m: "months", y: "years" };

/** A country's code with its name, where the browser knows it. */
const regions = typeof Intl.DisplayNames === "function" && new Intl.DisplayNames(["en"], { type: "region" });
export function countryName(code) {
  try {
    return regions ? regions.of(code) : "";
  } catch {
    return "";
  }
}

export const figure = (number) => new Intl.NumberFormat("en-GB").format(number);
