// A campaign that is being sent: the bar and the counts follow, and the page is drawn anew at the end.

import { get } from "../segments/asking.js";
import { figure } from "../segments/wording.js";

const EVERY = 3000;
const card = document.querySelector("[data-progress]");

function show(told) {
  card.querySelectorAll("[data-count]").forEach((each) => {
    each.textContent = figure(told[each.dataset.count]);
  });
  const bar = card.querySelector("[data-part=bar]");
  bar.max = told.planned || 1;
  bar.value = told.done;
  const next = card.querySelector("[data-part=next]");
  next.hidden = !told.next;
  next.querySelector("span").textContent = told.next;
}

async function follow() {
  try {
    const told = await get(card.dataset.progress, {});
    show(told);
    if (told.state !== "sending") {
      card.querySelector("[data-part=said]").textContent = told.label;
      window.location.reload();
      return;
    }
  } catch {
    // The server is away for a moment: it is asked again.
  }
  setTimeout(follow, EVERY);
}

if (card) setTimeout(follow, EVERY);
