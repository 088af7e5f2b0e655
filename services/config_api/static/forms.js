// Comforts of forms, which work without scripts too: a form is sent once and shows that it is under way; details that
// were opened in a part stay open when it is refreshed; an empty time zone becomes the viewer's.
"use strict";

function setBusy(form, busy) {
  for (const button of form.querySelectorAll("button")) {
    if (busy) button.setAttribute("aria-busy", "true");
    else button.removeAttribute("aria-busy");
  }
}

document.addEventListener("submit", (event) => {
  const form = event.target;
  if (!form.matches("[data-once]")) return;
  if (form.querySelector("[aria-busy=true]")) event.preventDefault();
  else setBusy(form, true);
});

// Back from the next page: the browser shows this one as it was left.
window.addEventListener("pageshow", () => {
  for (const form of document.querySelectorAll("form[data-once]")) setBusy(form, false);
});

document.addEventListener("DOMContentLoaded", () => {
  for (const input of document.querySelectorAll("input[data-local-zone]")) {
    if (!input.value) input.value = Intl.DateTimeFormat().resolvedOptions().timeZone || "";
  }
  let open = [];
  document.body.addEventListener("htmx:beforeSwap", (event) => {
    open = [...event.target.querySelectorAll("details[open][id]")].map((details) => details.id);
  });
  document.body.addEventListener("htmx:afterSwap", () => {
    for (const id of open) document.getElementById(id)?.setAttribute("open", "");
  });
});
