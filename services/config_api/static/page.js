// The page refreshes its parts while somebody looks at it, shows times in the viewer's zone, and says when the
// server no longer answers. htmx does the rest; see data-part in templates/overview.html.
"use strict";

const EVERY_MILLISECONDS = 5000;

function showLocalTimes(root) {
  for (const element of root.querySelectorAll("time[datetime]")) {
    const moment = new Date(element.dateTime);
    if (Number.isNaN(moment.getTime())) continue;
    const day = moment.toLocaleDateString("sv-SE"); // YYYY-MM-DD
    const time = moment.toLocaleTimeString("sv-SE");
    const today = day === new Date().toLocaleDateString("sv-SE");
    element.textContent = today && !element.hasAttribute("data-full") ? time : `${day} ${time}`;
    element.title = `${element.dateTime} (UTC)`;
  }
}

function report(connected) {
  const banner = document.getElementById("connection");
  if (!banner) return;
  banner.hidden = connected;
  if (connected) document.getElementById("refreshed").dateTime = new Date().toISOString();
  showLocalTimes(document.querySelector("header"));
}

function refresh() {
  if (document.visibilityState === "visible") document.body.dispatchEvent(new Event("refresh-parts"));
}

document.addEventListener("DOMContentLoaded", () => {
  showLocalTimes(document);
  setInterval(refresh, EVERY_MILLISECONDS);
  document.addEventListener("visibilitychange", refresh);
  document.body.addEventListener("htmx:afterSwap", (event) => showLocalTimes(event.target));
  document.body.addEventListener("htmx:afterRequest", (event) => report(event.detail.successful));
});
