/** The theme changes in place; the server keeps the choice, as it does without a script. */
export function switchThemes(root: Document): void {
  const form = root.querySelector<HTMLFormElement>("form[data-themes]");
  form?.addEventListener("submit", (event) => {
    const chosen = event.submitter;
    if (!(chosen instanceof HTMLButtonElement)) return;
    event.preventDefault();
    void keep(form.action, chosen.value).then(() => show(root, form, chosen));
  });
}

async function keep(url: string, theme: string): Promise<void> {
  // The redirect that follows leads to this very page; nobody needs it again.
  await fetch(url, { method: "POST", body: new URLSearchParams({ theme }), redirect: "manual" });
}

function show(root: Document, form: HTMLFormElement, chosen: HTMLButtonElement): void {
  const { value } = chosen;
  if (value === "system") delete root.documentElement.dataset.theme;
  else root.documentElement.dataset.theme = value;
  const scheme = root.querySelector<HTMLMetaElement>('meta[name="color-scheme"]');
  if (scheme) scheme.content = value === "system" ? "light dark" : value;
  for (const button of form.querySelectorAll("button")) {
    button.setAttribute("aria-pressed", String(button === chosen));
  }
}
