/** Where one says who one is. It asks for no password: everybody who reaches this computer's own ports is trusted to say it. */
import type { Person } from "./records.ts";

export const SIGN_IN_CSS = `
:root { color-scheme: light dark; font: 16px/1.5 system-ui, sans-serif; }
body { max-width: 24rem; margin: 12vh auto 0; padding: 0 1rem; }
h1 { font-size: 1.4rem; margin: 0 0 .25rem; }
p { margin: 0 0 1.25rem; opacity: .8; }
button, input { font: inherit; padding: .6rem .8rem; border-radius: .4rem; border: 1px solid color-mix(in srgb, currentColor 35%, transparent); width: 100%; box-sizing: border-box; }
button { cursor: pointer; text-align: start; margin-bottom: .5rem; background: color-mix(in srgb, currentColor 6%, transparent); color: inherit; }
button.away { border: 0; background: none; text-decoration: underline; padding-inline: 0; }
label { display: block; margin: 1rem 0 .25rem; }
input { margin-bottom: .5rem; }
:focus-visible { outline: 2px solid #2563eb; outline-offset: 2px; }
`;

const escapeHtml = (text: string) => text.replace(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`);

export function signInPage(action: string, people: Person[]): string {
  const choices = people.map(
    ({ email, name, isVerified }) =>
      `<button name="email" value="${escapeHtml(email)}">${escapeHtml(name)} &lt;${escapeHtml(email)}&gt;${isVerified ? "" : " (not confirmed)"}</button>`,
  );
  return document(
    "Who are you?",
    `<h1>Who are you?</h1>
<p>The identity provider of the local cloud. It believes everybody: choose a person, or name one.</p>
<form method="post" action="${escapeHtml(action)}">${choices.join("\n")}</form>
<form method="post" action="${escapeHtml(action)}">
<label for="email">Somebody else's email</label>
<input id="email" name="email" type="email" required autocomplete="off" placeholder="grace@localhost">
<button>Sign in</button></form>
<form method="post" action="${escapeHtml(action)}"><button class="away" name="deny" value="1">Cancel</button></form>`,
  );
}

export function problemPage(text: string): string {
  return document("This sign-in is over", `<h1>This sign-in is over</h1><p>${escapeHtml(text)}</p>`);
}

function document(title: string, body: string): string {
  return `<!doctype html><html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
<title>${title}</title><link rel="icon" href="data:,"><link rel="stylesheet" href="/sign-in.css"></head><body><main>${body}</main></body></html>`;
}
