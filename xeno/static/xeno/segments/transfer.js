// While Shopify's segments are being fetched: how many have come, and the page anew when it is over.

import { get } from "./asking.js";

const EVERY = 2000;
const jobs = document.querySelector("[data-fetch]");
const running = jobs && jobs.querySelector('[data-state="running"]');

async function look() {
  const { state, made } = await get(jobs.dataset.fetch, {});
  if (state !== "running") return window.location.assign(window.location.pathname);
  running.querySelector("[data-made]").textContent = made;
  return setTimeout(() => look().catch(() => {}), EVERY);
}

if (running) setTimeout(() => look().catch(() => {}), EVERY);
