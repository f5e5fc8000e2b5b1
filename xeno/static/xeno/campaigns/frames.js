// Shows an answer of the server in a sandboxed frame: nothing that is written in it runs.

const DESK = 680; // pixels: a mail is 600 wide, with room around it

/** Posts fields into a frame of its own, and shows it in place of the one before once it is there. */
export function frames(place, url) {
  let turn = 0;
  function draw(fields) {
    turn += 1;
    const frame = document.createElement("iframe");
    frame.setAttribute("sandbox", "");
    frame.name = `preview-${turn}`;
    frame.title = "The message is being made";
    place.append(frame);
    const mine = turn;
    const sent = document.createElement("form");
    Object.assign(sent, { method: "post", action: url, target: frame.name, hidden: true });
    for (const [name, value] of Object.entries(fields)) {
      const input = document.createElement("textarea");
      Object.assign(input, { name, value });
      sent.append(input);
    }
    document.body.append(sent);
    frame.addEventListener("load", () => {
      if (mine !== turn) {
        frame.remove();
        return;
      }
      place.querySelectorAll("iframe").forEach((each) => each !== frame && each.remove());
      frame.title = "The message as somebody gets it";
    });
    sent.submit();
    sent.remove();
  }
  new ResizeObserver(([{ contentRect }]) => {
    if (contentRect.width) place.style.setProperty("--scale", Math.min(1, contentRect.width / DESK));
  }).observe(place);
  return { draw };
}
