/** A button beside every `data-copy` field that copies what is in it. */
export function addCopyButtons(root: ParentNode): void {
  for (const field of root.querySelectorAll<HTMLInputElement>("input[data-copy]")) {
    field.after(
      " ",
      copyButton(() => field.value),
    );
    field.addEventListener("focus", () => field.select());
  }
}

export function copyButton(text: () => string): HTMLButtonElement {
  const button = document.createElement("button");
  button.type = "button";
  button.textContent = "Copy";
  button.setAttribute("aria-live", "polite");
  button.addEventListener("click", () => {
    void navigator.clipboard.writeText(text()).then(
      () => say(button, "Copied"),
      () => say(button, "Could not copy"),
    );
  });
  return button;
}

function say(button: HTMLButtonElement, text: string): void {
  button.textContent = text;
  setTimeout(() => {
    button.textContent = "Copy";
  }, 2_000);
}
