// node run.mjs STORY ADDRESS PASSWORD: what a browser has and node lacks, then the story.
const kept = new Map();
globalThis.localStorage = {
  getItem: (key) => kept.get(key) ?? null,
  setItem: (key, value) => kept.set(key, value),
  removeItem: (key) => kept.delete(key),
};
let last = Promise.resolve();
const request = (_name, work) => (last = last.then(work, work));
Object.defineProperty(globalThis, "navigator", { value: { locks: { request } }, configurable: true });

const [story, ...given] = process.argv.slice(2);
const stories = await import("./story.js");
console.log(JSON.stringify(await stories[story](...given)));
