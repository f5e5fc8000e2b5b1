// The sending settings: the account of the chosen way out is asked for, and no other.

const form = document.getElementById("sending-settings");
const way = form.elements.way;

function show() {
  for (const account of form.querySelectorAll("[data-way]")) {
    account.hidden = account.dataset.way !== way.value;
  }
}

way.addEventListener("change", show);
show(); // a browser that comes back keeps what was chosen
