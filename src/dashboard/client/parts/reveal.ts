/** What `data-reveal` asks for is shown in its place, until it is hidden again; the page never had it. */
export function revealInPlace(root: ParentNode): void {
  for (const place of root.querySelectorAll<HTMLElement>("[data-reveal]")) {
    const veiled = [...place.childNodes];
    const show = place.querySelector("a");
    show?.addEventListener("click", (event) => {
      event.preventDefault();
      void reveal(place, veiled).catch(() => {
        location.href = show.href;
      });
    });
  }
}

async function reveal(place: HTMLElement, veiled: ChildNode[]): Promise<void> {
  const answer = await fetch(place.dataset.reveal ?? "", {
    headers: { Accept: "text/plain" },
    redirect: "error",
  });
  if (!answer.ok) {
    throw new Error(`refused with ${answer.status}`);
  }
  const shown = document.createElement("output");
  shown.textContent = await answer.text();
  const copy = newButton("Copy");
  copy.dataset.copy = shown.textContent;
  const hide = newButton("Hide");
  hide.addEventListener("click", () => {
    place.replaceChildren(...veiled);
    place.querySelector("a")?.focus();
  });
  place.replaceChildren(shown, copy, hide);
  hide.focus();
}

function newButton(text: string): HTMLButtonElement {
  const button = document.createElement("button");
  button.type = "button";
  button.className = "small";
  button.textContent = text;
  return button;
}
