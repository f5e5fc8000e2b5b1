// The plan: who gets it and who does not as a ring, in the colours of the list beside it.

import { figure } from "../segments/wording.js";

const reasons = JSON.parse(document.getElementById("plan-reasons").textContent);
const canvas = document.getElementById("plan-donut");
const GETS_IT = "#059669";
const OTHERS = ["#f59e0b", "#ef4444", "#8b5cf6", "#3b82f6", "#ec4899", "#14b8a6", "#64748b", "#a16207"];

const colours = reasons.map(({ key }, index) => (key === "queued" ? GETS_IT : OTHERS[index % OTHERS.length]));

document.querySelectorAll("[data-dot]").forEach((dot) => {
  dot.style.setProperty("--dot", colours[reasons.findIndex(({ key }) => key === dot.dataset.dot)]);
});

if (canvas) {
  new window.Chart(canvas, {
    type: "doughnut",
    data: {
      labels: reasons.map(({ label }) => label),
      datasets: [{ data: reasons.map(({ count }) => count), backgroundColor: colours, borderWidth: 0 }],
    },
    options: {
      animation: false, cutout: "68%", maintainAspectRatio: false,
      plugins: {
        legend: { display: false },
        tooltip: { callbacks: { label: ({ label, parsed }) => `${label}: ${figure(parsed)}` } },
      },
    }, // prettier-ignore
  });
}
