// A segment's page: its growth as a line, its query in colours.

import { get } from "./asking.js";
import { colourQueries } from "./colouring.js";
import { figure } from "./wording.js";

const canvas = document.getElementById("segment-growth");

function colour(name) {
  return getComputedStyle(document.documentElement).getPropertyValue(name).trim();
}

function draw(days) {
  const note = document.getElementById("segment-growth-note");
  const [first] = days;
  const last = days[days.length - 1];
  const change = last.members - first.members;
  note.textContent = days.length > 1 ? `${change > 0 ? "+" : ""}${figure(change)} in ${days.length} days` : "Its line begins today";
  const grid = { color: "rgb(128 128 128 / .15)" };
  const ticks = { color: colour("--color-base-500"), maxTicksLimit: 6, precision: 0 };
  new window.Chart(canvas, {
    type: "line",
    data: {
      labels: days.map(({ day }) => new Date(`${day}T12:00`).toLocaleDateString("en-GB", { day: "numeric", month: "short" })),
      datasets: [
        {
          label: "Members",
          data: days.map(({ members }) => members),
          borderColor: colour("--color-primary-600"),
          backgroundColor: "rgb(16 185 129 / .12)",
          borderWidth: 2, fill: true, pointRadius: days.length < 4 ? 3 : 0, pointHitRadius: 12, stepped: "after",
        },
      ],
    }, // prettier-ignore
    options: {
      animation: false, maintainAspectRatio: false, interaction: { mode: "index", intersect: false },
      plugins: {
        legend: { display: false },
        tooltip: {
          callbacks: {
            afterLabel: ({ dataIndex }) => `${figure(days[dataIndex].joined)} joined, ${figure(days[dataIndex].left)} left`,
          },
        },
      },
      scales: {
        x: { grid: { display: false }, ticks: { ...ticks, maxRotation: 0 } },
        y: { grid, ticks, border: { display: false }, suggestedMin: 0 },
      },
    }, // prettier-ignore
  });
}

colourQueries();
if (canvas) {
  get(canvas.dataset.growth, {})
    .then(({ days }) => draw(days))
    .catch(() => {
      document.getElementById("segment-growth-note").textContent = "could not be drawn";
    });
}
