/** An open menu closes when one looks elsewhere: a click beside it, the focus outside of it, Escape. */
export function closeMenus(root: Document): void {
  const open = () => root.querySelectorAll<HTMLDetailsElement>("details[data-menu][open]");
  const closeOthers = ({ target }: Event) => {
    for (const menu of open()) {
      if (!(target instanceof Node && menu.contains(target))) menu.open = false;
    }
  };
  root.addEventListener("click", closeOthers);
  root.addEventListener("focusin", closeOthers);
  root.addEventListener("keydown", ({ key }) => {
    if (key !== "Escape") return;
    for (const menu of open()) {
      menu.open = false;
      menu.querySelector("summary")?.focus();
    }
  });
}
