const SAID_FOR_MS = 1_500;

/** A button at each block of code. It lies over its corner, so that nothing moves when it comes. */
export function addCopyButtons(root: ParentNode): void {
  // There is none where the page is not served securely.
  if (!("clipboard" in navigator)) return;
  for (const block of root.querySelectorAll<HTMLElement>(".code")) {
    const code = block.querySelector("code");
    if (!code || block.querySelector("pre.output")) continue;
    const button = document.createElement("button");
    button.type = "button";
    button.className = "copy";
    button.textContent = "Copy";
    button.addEventListener("click", async () => {
      await navigator.clipboard.writeText(code.textContent ?? "");
      button.textContent = "Copied";
      setTimeout(() => {
        button.textContent = "Copy";
      }, SAID_FOR_MS);
    });
    block.append(button);
  }
}
