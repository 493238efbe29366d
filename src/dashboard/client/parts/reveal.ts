import { copyButton } from "./copy.ts";

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
  const hide = document.createElement("button");
  hide.type = "button";
  hide.textContent = "Hide";
  hide.addEventListener("click", () => {
    place.replaceChildren(...veiled);
    place.querySelector("a")?.focus();
  });
  place.replaceChildren(
    shown,
    " ",
    copyButton(() => shown.textContent ?? ""),
    " ",
    hide,
  );
  hide.focus();
}
