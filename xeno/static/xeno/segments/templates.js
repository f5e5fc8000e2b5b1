// Counts the templates one after the other, those in sight first.

import { post } from "./asking.js";
import { colourQueries } from "./colouring.js";
import { figure } from "./wording.js";

const cards = document.querySelector(".seg-cards");
let turn = Promise.resolve();

async function count(card) {
  const words = card.querySelector("[data-found-words]");
  try {
    const answer = await post(cards.dataset.count, { template: card.dataset.template });
    if (!answer.ok) throw new Error("refused");
    card.querySelector("[data-found]").textContent = `${answer.estimate ? "≈ " : ""}${figure(answer.count)}`;
    words.textContent = answer.count === 1 ? "customer now" : "customers now";
  } catch {
    card.querySelector("[data-found]").textContent = "–";
    words.textContent = "not counted";
  }
}

const sight = new IntersectionObserver((entries) => {
  for (const { isIntersecting, target } of entries) {
    if (isIntersecting) {
      sight.unobserve(target);
      turn = turn.then(() => count(target));
    }
  }
});

colourQueries();
cards.querySelectorAll("[data-template]").forEach((card) => sight.observe(card));
