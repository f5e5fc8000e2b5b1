// Reads a query's text as far as it is typed: its words, and what could come where the cursor is.
// The server alone says what is right; this only helps to type, so it forgives everything.

const WORD =
  /\s+|'(?:\\[^]|[^'\\])*'?|\d{4}-\d\d-\d\d(?:T\d\d:\d\d(?::\d\d)?)?|[+-]?\d+(?:\.\d+)?[dwmy]?(?![\w])|[A-Za-z_][\w.-]*|!=|>=|<=|[=<>(),]|[^]/g;
const KEYWORDS = new Set(
  "AND OR NOT BETWEEN CONTAINS MATCHES IS NULL IN TRUE FALSE TODAY YESTERDAY".split(" "),
);
const COMPARING = new Set(["=", "!=", ">", ">=", "<", "<="]);

/** Every word of the text with its place and kind, spaces among them. */
export function wordsOf(text) {
  return [...text.matchAll(WORD)].map(([word], index, all) => ({
    text: word,
    from: all[index].index,
    to: all[index].index + word.length,
    kind: kindOf(word),
  }));
}

function kindOf(word) {
  if (/^\s/.test(word)) return "space";
  if (word[0] === "'") return "string";
  if (/^[+-]?\d/.test(word)) return "number";
  if (KEYWORDS.has(word.toUpperCase())) return "keyword";
  if (/^[A-Za-z_]/.test(word)) return "name";
  return /[(),]/.test(word) ? "bracket" : "operator";
}

/**
 * What stands at the cursor: the word that a choice would replace, what is typed of it, and
 * what could come there (`expects`, with the attribute and parameter that it is about).
 */
export function contextAt(text, caret, find) {
  let state = { expects: "attribute" };
  for (const word of wordsOf(text)) {
    if (word.kind === "space") continue;
    if (word.from >= caret) break;
    const open = word.kind === "string" && (word.text.length === 1 || !word.text.endsWith("'"));
    if (word.to > caret || (word.to === caret && typing(word)) || open) {
      return { ...state, from: word.from, to: open ? caret : word.to, typed: text.slice(word.from, caret) };
    }
    state = step(state, word, find);
  }
  return { ...state, from: caret, to: caret, typed: "" };
}

function typing(word) {
  return word.kind !== "bracket" && !(word.kind === "string" && word.text.length > 1 && word.text.endsWith("'"));
}

const within = (state, expects, more = {}) => ({ ...state, expects, ...more });

function step(state, word, find) {
  const upper = word.text.toUpperCase();
  const next = STEPS[state.expects];
  const went = next && next(state, word, upper, find);
  // What does not fit is passed over: after AND or OR another clause begins in any case.
  if (went) return went;
  if (!state.parameters && (upper === "AND" || upper === "OR")) return { expects: "attribute" };
  return state;
}

const STEPS = {
  attribute(state, word, upper, find) {
    if (word.text === "(") return state;
    if (word.kind !== "name") return null;
    const attribute = find(word.text);
    return {
      expects: attribute && attribute.takes_argument ? "argument" : "operator",
      attribute,
    };
  },
  argument(state, word) {
    if (word.text === ")") return within(state, "operator");
    return state;
  },
  operator(state, word, upper) {
    if (COMPARING.has(word.text)) return within(state, "value", { operator: word.text });
    if (upper === "NOT") return within(state, "negated");
    if (upper === "IS") return within(state, "null");
    if (upper === "CONTAINS") return within(state, "value", { operator: upper });
    if (upper === "BETWEEN") return within(state, "value", { operator: upper, ends: 2 });
    if (upper === "MATCHES") return within(state, "opening");
    if (upper === "IN" && state.parameters) return within(state, "listing");
    return null;
  },
  negated: (state, word, upper) => STEPS.operator(state, word, upper),
  null(state, word, upper) {
    return ["NULL", "TRUE", "FALSE"].includes(upper) ? within(state, "joining") : state;
  },
  value(state, word, upper) {
    if (!["string", "number", "keyword", "name"].includes(word.kind)) return null;
    if (state.ends === 2) return within(state, "and", { ends: 1 });
    if (state.list) return within(state, "more");
    return within(state, state.parameters ? "parameterEnd" : "joining", { ends: 0 });
  },
  and: (state, word, upper) => (upper === "AND" ? within(state, "value") : state),
  opening(state, word) {
    return word.text === "(" ? within(state, "parameter", { parameters: true, used: [] }) : null;
  },
  parameter(state, word) {
    if (word.text === ")") return { expects: "joining", attribute: state.attribute };
    if (word.kind !== "name") return null;
    const known = (state.attribute && state.attribute.parameters) || [];
    const parameter = known.find((each) => each.name === word.text);
    return within(state, "operator", { parameter, used: [...state.used, word.text] });
  },
  parameterEnd(state, word) {
    if (word.text === ",") return within(state, "parameter", { parameter: null });
    if (word.text === ")") return { expects: "joining", attribute: state.attribute };
    return null;
  },
  listing: (state, word) => (word.text === "(" ? within(state, "value", { list: true }) : null),
  more(state, word) {
    if (word.text === ",") return within(state, "value");
    if (word.text === ")") return within(state, "parameterEnd", { list: false });
    return null;
  },
  joining(state, word, upper) {
    return upper === "AND" || upper === "OR" ? { expects: "attribute" } : state;
  },
};
