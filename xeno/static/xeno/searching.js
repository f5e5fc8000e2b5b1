// Searches a list while one types. Without this, Enter does, as it does with it.

const PAUSE = 300;
// What a search changes: rows, pages, tabs, and the button that exports what is shown.
const PARTS = ["#changelist-form", "#list-pages", ".xeno-tabs", 'a[href*="/export/new/?"]'];
const field = document.getElementById("searchbar");
let shown = field?.value.trim();
let asking = new AbortController();
let timer = 0;

function address(term) {
  const url = new URL(window.location.href);
  url.searchParams.delete("p");
  if (term) url.searchParams.set("q", term);
  else url.searchParams.delete("q");
  return url;
}

async function search() {
  const term = field.value.trim();
  asking.abort(); // also where what is shown is wanted again: the answer would replace it
  if (term === shown) return;
  asking = new AbortController();
  const { signal } = asking;
  const url = address(term);
  try {
    const answer = await fetch(url, { signal, headers: { Accept: "text/html" } });
    if (!answer.ok || answer.redirected) return; // Enter asks again, and shows why
    const page = new DOMParser().parseFromString(await answer.text(), "text/html");
    if (signal.aborted) return;
    for (const part of PARTS) {
      const found = page.querySelector(part);
      const place = document.querySelector(part);
      if (found && place) place.replaceWith(document.adoptNode(found));
    }
    for (const input of document.querySelectorAll('#filter-form input[name="q"]')) input.value = term;
    shown = term;
    window.history.replaceState(null, "", url);
  } catch (error) {
    if (error.name !== "AbortError" && !(error instanceof TypeError)) throw error; // else no network
  }
}

field?.addEventListener("input", () => {
  clearTimeout(timer);
  timer = setTimeout(search, PAUSE);
});
