// Asks the server: the newest question alone is answered, and a question waits for a pause.

const SLOW = 15000;

/** The CSRF token of the page's form. */
const token = () => document.querySelector("[name=csrfmiddlewaretoken]").value;

/** JSON for a form's fields; an Error with the answer's status for anything else. */
export async function post(url, fields, signal) {
  const response = await fetch(url, {
    method: "POST",
    headers: { "X-CSRFToken": token(), Accept: "application/json" },
    body: new URLSearchParams(fields),
    signal,
  });
  return read(response);
}

/** JSON for a query. */
export async function get(url, fields, signal) {
  const response = await fetch(`${url}?${new URLSearchParams(fields)}`, {
    headers: { Accept: "application/json" },
    signal,
  });
  return read(response);
}

async function read(response) {
  const json = (response.headers.get("Content-Type") || "").startsWith("application/json");
  if (!json || response.redirected) throw new Error("You are signed out, or may not ask this.");
  const answer = await response.json();
  if (response.status >= 500) throw new Error("The server could not answer.");
  return answer;
}

/**
 * A question that is asked after a pause. Each new one ends the one before it, on its way or
 * waiting, so an older answer never comes after a newer one.
 */
export function asker(pause, ask, { answered, failed }) {
  let timer = 0;
  let running = null;
  function stop() {
    clearTimeout(timer);
    if (running) running.abort();
    running = null;
  }
  async function go(question) {
    const mine = new AbortController();
    running = mine;
    const late = setTimeout(() => mine.abort(new Error("No answer came in time.")), SLOW);
    try {
      const answer = await ask(question, mine.signal);
      if (running === mine) answered(answer, question);
    } catch (error) {
      if (running === mine) failed(error);
    } finally {
      clearTimeout(late);
      if (running === mine) running = null;
    }
  }
  return {
    stop,
    ask(question, at_once = false) {
      stop();
      timer = setTimeout(go, at_once ? 0 : pause, question);
    },
  };
}
