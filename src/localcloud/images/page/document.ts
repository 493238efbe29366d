import { html } from "./html.ts";
import type { PageOptions } from "./options.ts";

const ICON =
  "data:image/svg+xml,%3Csvg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 16 16'%3E%3Crect width='16' height='16' rx='4' fill='%2312161c'/%3E%3Cpath d='m4 5 3 3-3 3m4.5 0H12' fill='none' stroke='%2358d3a8' stroke-width='1.6' stroke-linecap='round' stroke-linejoin='round'/%3E%3C/svg%3E";

/** The page is complete without JavaScript but for the terminal, and says so where there is none. */
export function pageDocument({ facts, model, command }: PageOptions): string {
  const entries: [string, string | undefined][] = [
    ["Model", model],
    ["Release", facts.release],
    ["Terminal", [command[0]?.split("/").at(-1), ...command.slice(1)].join(" ")],
  ];
  return html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="dark light">
<title>${facts.title}</title>
<link rel="icon" href="${ICON}">
<link rel="stylesheet" href="/assets/xterm.css">
<link rel="stylesheet" href="/assets/style.css">
<script type="module" src="/assets/client.js"></script>
</head>
<body>
<a class="skip" href="#terminal">Skip to the terminal</a>
<header>
  <div class="name">
    <h1>${facts.title}</h1>
    <p id="status" role="status"><span class="dot" aria-hidden="true"></span><span class="text">&nbsp;</span></p>
  </div>
  <dl>
    ${entries.map(([term, text]) => text !== undefined && html`<div><dt>${term}</dt><dd>${text}</dd></div>`)}
  </dl>
  <p class="runs ${facts.real ? "real" : "stand-in"}">${facts.runs}</p>
</header>
<main id="terminal" tabindex="-1" aria-label="Terminal">
  <noscript><p class="plain">The terminal needs JavaScript. From a command line:
    <code>gentity compute ssh</code> and this instance's id.</p></noscript>
  <div id="screen"></div>
  <div id="ended" hidden>
    <p></p>
    <button type="button" id="again">Start again <kbd>Enter</kbd></button>
  </div>
</main>
<footer>
  <p>The session goes on when you close this tab. <kbd>Shift</kbd>+<kbd>Esc</kbd> leaves the terminal.</p>
  <label><input type="checkbox" id="reader"> Screen reader</label>
</footer>
</body>
</html>
`.toString();
}
