// A report's chart: how many people got it, opened it and clicked, hour by hour and then by day.

const canvas = document.getElementById("report-times");
const told = document.getElementById("report-times-data");

function colour(name) {
  return getComputedStyle(document.documentElement).getPropertyValue(name).trim();
}

function line(label, data, of) {
  return { label, data, borderColor: of, backgroundColor: of, borderWidth: 2, pointRadius: data.length < 30 ? 3 : 0, pointHitRadius: 12, tension: 0.2 };
}

if (canvas && told) {
  const { labels, sent, opened, clicked } = JSON.parse(told.textContent);
  const ticks = { color: colour("--color-base-500"), precision: 0 };
  new window.Chart(canvas, {
    type: "line",
    data: {
      labels,
      datasets: [
        line("Sent", sent, colour("--color-base-400")),
        line("Opened", opened, "#2563eb"),
        line("Clicked", clicked, colour("--color-primary-600")),
      ],
    },
    options: {
      animation: false, maintainAspectRatio: false, interaction: { mode: "index", intersect: false },
      plugins: { legend: { position: "bottom", labels: { color: colour("--color-base-500"), boxWidth: 12 } } },
      scales: {
        x: { grid: { display: false }, ticks: { ...ticks, maxTicksLimit: 6, maxRotation: 0 } },
        y: { grid: { color: "rgb(128 128 128 / .15)" }, ticks: { ...ticks, maxTicksLimit: 6 }, border: { display: false }, suggestedMin: 0 },
      },
    }, // prettier-ignore
  });
}
