// The audience: finds a segment by its name, and says how many people the choice is at most.

import { figure } from "../segments/wording.js";

const form = document.getElementById("campaign-audience");
const rows = [...form.querySelectorAll("tr[data-name]")];
const find = form.querySelector("[data-part=find]");
const sum = form.querySelector("[data-part=sum]");

const sideOf = (row) => row.querySelector("select").value;

function tell() {
  rows.forEach((row) => {
    row.dataset.side = sideOf(row);
  });
  const included = rows.filter((row) => sideOf(row) === "include");
  const excluded = rows.filter((row) => sideOf(row) === "exclude").length;
  const people = included.reduce((whole, row) => whole + Number(row.dataset.count || 0), 0);
  if (!sum) return;
  if (!included.length) {
    sum.textContent = "No segment is included yet.";
    return;
  }
  const segments = included.length === 1 ? "1 segment" : `${included.length} segments`;
  const without = excluded ? `, without those in ${excluded} other${excluded > 1 ? "s" : ""}` : "";
  sum.textContent = `${segments} with at most ${figure(people)} customers${without}.`;
}

form.addEventListener("change", tell);
if (find) {
  find.addEventListener("input", () => {
    const wanted = find.value.trim().toLowerCase();
    rows.forEach((row) => {
      row.hidden = !row.dataset.name.includes(wanted);
    });
  });
  // Enter in the field of the search is no wish to save.
  find.addEventListener("keydown", (event) => {
    if (event.key === "Enter") event.preventDefault();
  });
}
tell();
