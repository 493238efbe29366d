/** The button of the audit page: what verifies is loaded when it is pressed. */
const button = document.querySelector<HTMLButtonElement>("#verify");
const dialog = document.querySelector<HTMLDialogElement>("#verify-dialog");

if (button && dialog) {
  button.disabled = false;
  button.addEventListener("click", async () => {
    dialog.showModal();
    const progress = dialog.querySelector("#verify-progress");
    try {
      const { verifyHere }: typeof import("./audit-verify.ts") = await import(button.dataset.module ?? "");
      await verifyHere(dialog);
    } catch (error) {
      if (progress) {
        progress.textContent = `It could not be verified: ${error instanceof Error ? error.message : String(error)}`;
      }
    }
  });
}
