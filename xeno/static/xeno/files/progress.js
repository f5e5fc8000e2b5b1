// Moves the bars of what is being made, and reads the page anew when one of them has ended.

const EVERY = 2000;
const bars = [...document.querySelectorAll("[data-progress]")].filter((bar) => bar.dataset.progress);

async function look() {
  const response = await fetch(new URL(window.location.pathname.replace(/\/\d+\/change\/$/, "/") + "progress/", window.location.href), {
    headers: { Accept: "application/json" },
  });
  if (!response.ok || response.redirected) throw new Error(`No answer: ${response.status}`);
  const { running } = await response.json();
  if (bars.some((bar) => !(bar.dataset.progress in running))) {
    window.location.reload();
    return;
  }
  for (const bar of bars) {
    const percent = running[bar.dataset.progress];
    bar.querySelector("progress").value = percent;
    bar.lastElementChild.textContent = `${percent} %`;
  }
  setTimeout(again, EVERY);
}

// A request that is lost or refused says nothing: the next one asks again.
const again = () => look().catch(() => setTimeout(again, EVERY));

if (bars.length) setTimeout(again, EVERY);
