// The words of a campaign: the preview and the check follow what is typed; templates, fields, a test.

import { asker, get, post } from "../segments/asking.js";
import { finder } from "./people.js";
import { frames } from "./frames.js";

const form = document.getElementById("campaign-content");
const part = (name) => form.querySelector(`[data-part=${name}]`);
const field = (name) => form.elements.namedItem(name);
const fields = () => Object.fromEntries(new FormData(form));

// --- The preview and the check ----------------------------------------------------------------

const drawn = frames(part("frame"), form.dataset.preview);
const looking = asker(700, (told, signal) => post(form.dataset.look, told, signal), {
  answered: wasLooked,
  failed: () => {
    part("check-note").textContent = "The check did not come; it is made again when you type.";
  },
});

function look(at_once = false) {
  const told = fields();
  part("check-note").textContent = "being looked at";
  looking.ask(told, at_once);
}

function wasLooked({ findings, words, problem }, told) {
  drawn.draw(told);
  part("subject").textContent = words ? words.subject || "No subject yet" : "It cannot be written";
  part("preheader").textContent = words ? words.preheader : problem;
  part("text").textContent = words ? words.text : problem;
  const errors = findings.filter(({ severity }) => severity === "error").length;
  part("check-note").textContent = errors ? `${errors} to mend before it can be sent` : findings.length ? "It can be sent" : "Nothing is wrong"; // prettier-ignore
  part("findings").replaceChildren(...findings.map(row));
}

function row({ severity, detail, part: where, line, variant }) {
  const item = document.createElement("li");
  item.className = `seg-said seg-said-${severity === "error" ? "fault" : "advice"}`;
  const icon = document.createElement("span");
  icon.className = "material-symbols-outlined";
  icon.setAttribute("aria-hidden", "true");
  icon.textContent = severity === "error" ? "error" : "lightbulb";
  const words = document.createElement("span");
  const place = document.createElement("span");
  place.className = "cam-where";
  place.textContent = [where, line && `line ${line}`, variant && `variant ${variant}`].filter(Boolean).join(", ");
  words.append(detail, " ", place);
  item.append(icon, words);
  return item;
}

// --- What is typed ----------------------------------------------------------------------------

let dirty = false;
let area = document.getElementById("words-html"); // where a field is inserted

/** The variants that say something: as many of the letters are offered, as when it is saved. */
function offerVariants() {
  const said = [...form.querySelectorAll(".cam-variant")].filter((each) =>
    [...each.querySelectorAll("[data-words]")].some(({ value }) => value.trim()),
  ).length;
  const select = field("variant");
  [...select.options].forEach((option, index) => {
    option.hidden = option.disabled = index > said;
  });
  if (select.selectedOptions[0].disabled) select.value = "A";
  part("variants").hidden = !said;
}

form.addEventListener("input", ({ target }) => {
  if (!target.name || target.name === "addresses") return; // a field of the page, not of the draft
  if (target.name !== "variant") dirty = true;
  offerVariants();
  look();
});
form.addEventListener("focusin", ({ target }) => {
  if (target.dataset.words) area = target;
});
form.addEventListener("submit", () => {
  dirty = false;
});
window.addEventListener("beforeunload", (event) => {
  if (dirty) event.preventDefault();
});

part("field").addEventListener("change", ({ target }) => {
  const [chosen] = target.selectedOptions;
  if (!chosen.value) return;
  const guard = "nullable" in chosen.dataset ? ' | default: ""' : "";
  area.setRangeText(`{{ ${chosen.value}${guard} }}`, area.selectionStart, area.selectionEnd, "end");
  target.value = "";
  area.focus();
  area.dispatchEvent(new Event("input", { bubbles: true }));
});

part("template").addEventListener("change", async ({ target }) => {
  const { value } = target;
  target.value = "";
  const written = field("html").value.trim();
  if (!value || (written && !window.confirm("Put the template in place of what is written?"))) return;
  const told = await get(form.dataset.template, { template: value });
  if (!told.ok) return;
  for (const name of ["subject", "preheader", "html", "text"]) field(name).value = told[name];
  dirty = true;
  look(true);
});

// --- For whom, which variant, how wide ---------------------------------------------------------

form.querySelectorAll("[data-width]").forEach((tab) => {
  if (tab.tagName !== "BUTTON") return;
  tab.addEventListener("click", () => {
    form.querySelectorAll("button[data-width]").forEach((each) => each.setAttribute("aria-pressed", String(each === tab)));
    const width = tab.dataset.width;
    part("text").hidden = width !== "text";
    part("frame").hidden = width === "text";
    part("frame").dataset.width = width;
  });
});

const who = document.getElementById("preview-who");
if (who) {
  finder(who, document.getElementById("preview-people"), form.dataset.people, (id) => {
    field("customer").value = id;
    look(true);
  });
}

// --- A test -----------------------------------------------------------------------------------

part("test").addEventListener("click", async ({ currentTarget }) => {
  const button = currentTarget;
  button.disabled = true;
  part("tested").textContent = "being sent";
  try {
    const told = await post(form.dataset.test, fields());
    part("tested").textContent = told.said;
    if (told.ok) {
      field("version").value = told.version;
      dirty = false;
    }
  } catch (error) {
    part("tested").textContent = error.message;
  }
  button.disabled = false;
});

if (window.matchMedia("(max-width: 767px)").matches) form.querySelector("button[data-width=phone]").click();
offerVariants();
look(true);
