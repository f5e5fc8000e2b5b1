// Fills in what comes after the page, and asks for what arrives while somebody looks.

const EVERY = 5000;
const here = (name) => document.querySelector(`[data-here="${name}"]`);

async function read(url) {
  const response = await fetch(url, { headers: { Accept: "text/html" } });
  if (!response.ok || response.redirected) throw new Error(`No answer: ${response.status}`);
  const text = await response.text();
  return new DOMParser().parseFromString(text, "text/html").body;
}

function take(parts, name) {
  const found = parts.querySelector(`[data-part="${name}"]`);
  const place = here(name);
  if (found && place && place.innerHTML !== found.innerHTML) place.replaceChildren(...found.childNodes);
}

async function fillPeople() {
  const place = here("people");
  if (!place) return;
  const parts = await read(place.dataset.from).catch(() => null);
  place.removeAttribute("aria-busy");
  if (!parts) {
    place.textContent = "This could not be looked up. Read the page anew to try again.";
    return;
  }
  take(parts, "people");
  take(parts, "attributed");
}

function moveHistory(parts) {
  const bar = document.querySelector('[data-part="history"]');
  const found = parts.querySelector('[data-part="percent"]');
  if (!bar) return;
  if (!found) {
    window.location.reload(); // it is read: the list of steps is another one now
    return;
  }
  bar.value = Number(found.dataset.percent);
  document.querySelector('[data-part="history-words"]').textContent = `${found.dataset.percent} %`;
}

async function listen() {
  const feed = here("feed");
  const parts = await read(feed.dataset.from);
  take(parts, "feed");
  take(parts, "connection");
  moveHistory(parts);
}

// One question at a time, and none while nobody looks; one that is lost is asked again.
function keepListening() {
  const live = document.querySelector('[data-part="live"]');
  let timer = 0;
  const again = async () => {
    clearTimeout(timer);
    if (document.hidden) {
      live.textContent = "paused";
      return;
    }
    const heard = await listen().then(() => true, () => false);
    live.textContent = heard ? "live" : "no answer, trying again";
    timer = setTimeout(again, EVERY);
  };
  document.addEventListener("visibilitychange", () => { if (!document.hidden) again(); });
  again();
}

fillPeople();
if (here("feed")) keepListening();
