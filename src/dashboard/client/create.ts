import { dollars, hourMicros, type PlacePrices, priceWords } from "../instances/create/price.ts";

/** The lists follow the agent, and the prices follow the choice. The form does without: everything is in it. */
const form = document.querySelector<HTMLFormElement>("#create");
const model = form?.querySelector<HTMLSelectElement>("#model");
const size = form?.querySelector<HTMLSelectElement>("#size");
const place = form?.querySelector<HTMLSelectElement>("#place");
const volume = form?.querySelector<HTMLInputElement>("#volumeGb");
const price = form?.querySelector<HTMLOutputElement>("#price");

if (form && model && size && place && volume && price) {
  const groups = [...model.querySelectorAll<HTMLElement>("optgroup")];
  const notes = [...form.querySelectorAll<HTMLElement>("span[data-agent]")];

  const chosenAgent = () => form.querySelector<HTMLInputElement>("input[name=agent]:checked");

  /** Only what the agent offers; a model that it offers as well stays chosen. */
  const followAgent = () => {
    const agent = chosenAgent()?.value;
    const before = model.value;
    model.replaceChildren(...groups.filter((group) => group.dataset.agent === agent));
    const options = [...model.options];
    model.selectedIndex = Math.max(
      0,
      options.findIndex(({ value }) => value === before),
    );
    for (const note of notes) {
      note.hidden = note.dataset.agent !== agent;
    }
  };
  const followPrices = () => {
    const gigabytes = Number(volume.value) || 1;
    for (const option of place.options) {
      const prices = JSON.parse(option.dataset.prices ?? "{}") as PlacePrices;
      const hour = hourMicros(prices, size.selectedIndex, gigabytes);
      const words = hour === undefined ? "not in this size" : `est. ${dollars(hour)} an hour`;
      option.textContent = `${option.dataset.name} · ${words}`;
      if (option.selected) {
        price.textContent = priceWords(prices, size.selectedIndex, gigabytes);
      }
    }
  };

  form.addEventListener("change", ({ target }) => {
    const agent = chosenAgent();
    if (agent && target === agent) {
      followAgent();
      size.value = agent.dataset.size ?? size.value;
      volume.value = agent.dataset.volume ?? volume.value;
    }
    followPrices();
  });
  volume.addEventListener("input", followPrices);
  // Sent once; shown again from the browser's memory, it can be sent again.
  form.addEventListener("submit", () => {
    const send = form.querySelector<HTMLButtonElement>("button[type=submit]");
    setTimeout(() => send?.setAttribute("aria-disabled", "true"));
  });
  followAgent();
  followPrices();
}
