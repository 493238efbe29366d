import { currentRelease } from "../../../catalog/catalog.ts";
import { acceptedProviders } from "../../../catalog/models.ts";
import { VOLUME_GB } from "../../../catalog/sizes.ts";
import type { Session } from "../../../services/sessions/authenticate.ts";
import { Field, Form } from "../../layout/form.tsx";
import { Note } from "../../layout/parts.tsx";
import { described, type FormProps } from "./fields.ts";
import { MoreFields } from "./more.tsx";
import { placeKey, pricesOf, sizeKey } from "./options.ts";
import { dollars, hourMicros, priceWords, sizeWords } from "./price.ts";
import { modelKey } from "./values.ts";

/** Agent → model → key → where and how large, with the price of an hour; the rest is folded away. */
export function CreateForm({
  session,
  action,
  ...props
}: FormProps & { session: Pick<Session, "formToken">; action: string }) {
  const { mistakes } = props;
  return (
    <Form session={session} action={action} id="create">
      {/* Sent twice, the form makes one instance. */}
      <input type="hidden" name="once" value={crypto.randomUUID()} />
      {Object.keys(mistakes).length === 0 ? null : (
        <Note kind="bad">
          <strong>{mistakes.form ?? "The instance was not made: see the fields below."}</strong> Type the
          model key again: it is not kept.
        </Note>
      )}
      <AgentChoice {...props} />
      <ModelFields {...props} />
      <Field
        name="apiKey"
        label="Model key"
        hint="Your key of the model's provider. It is sealed for this instance at once and never shown again."
        error={mistakes.apiKey}
      >
        <input
          id="apiKey"
          name="apiKey"
          type="password"
          required
          maxlength={512}
          autocomplete="off"
          spellcheck={false}
          {...described("apiKey", mistakes)}
        />
      </Field>
      <PlaceFields {...props} />
      <MoreFields {...props} />
      <p class="actions">
        <button type="submit" class="main">
          Create
        </button>
        <a class="button" href="/dashboard">
          Cancel
        </a>
      </p>
    </Form>
  );
}

function AgentChoice({ options: { agents }, values, mistakes }: FormProps) {
  const chosen = agents.find(({ id }) => id === values.agent);
  return (
    <fieldset aria-describedby={mistakes.agent ? "agent-hint" : undefined}>
      <legend>Agent</legend>
      {mistakes.agent ? (
        <p id="agent-hint" class="mistake">
          {mistakes.agent}
        </p>
      ) : null}
      <div class="choices">
        {agents.map((agent) => (
          <label class="choice">
            <input
              type="radio"
              name="agent"
              value={agent.id}
              required
              checked={agent.id === values.agent}
              data-size={sizeKey(agent.size)}
              data-volume={String(agent.size.volumeGb)}
            />
            <span>
              <strong>{agent.name}</strong>
              <br />
              <small class="quiet">{agent.description}</small>
            </span>
          </label>
        ))}
      </div>
      <noscript>
        <p class="quiet">
          Model, size and prices below begin with what suits {chosen?.name}. Begin with another:{" "}
          {agents
            .filter(({ id }) => id !== values.agent)
            .map(({ id, name }, at) => (
              <>
                {at === 0 ? "" : ", "}
                <a href={`/dashboard/instances/new?agent=${id}`}>{name}</a>
              </>
            ))}
          .
        </p>
      </noscript>
    </fieldset>
  );
}

function ModelFields({ options: { agents }, values, mistakes }: FormProps) {
  // One model may be offered by several agents: of those the chosen one's is meant.
  const isChosen = (agent: { id: string }, key: string) =>
    values.otherModel === "" && agent.id === values.agent && key === values.model;
  return (
    <>
      <Field name="model" label="Model" error={mistakes.model} hint="What the agent thinks with.">
        <select id="model" name="model" {...described("model", mistakes)}>
          {agents.map((agent) => (
            <optgroup label={agent.name} data-agent={agent.id}>
              {agent.models.map((model) => (
                <option value={modelKey(model)} selected={isChosen(agent, modelKey(model))}>
                  {model.label}
                </option>
              ))}
            </optgroup>
          ))}
        </select>
      </Field>
      <details open={values.otherModel !== "" || mistakes.otherModel !== undefined}>
        <summary>Another model</summary>
        <Field
          name="otherModel"
          label="Name of the model"
          error={mistakes.otherModel}
          hint="As its provider spells it, and instead of the one above; with a / in it, it is OpenRouter's."
        >
          <input
            id="otherModel"
            name="otherModel"
            value={values.otherModel}
            maxlength={128}
            autocomplete="off"
            spellcheck={false}
            {...described("otherModel", mistakes)}
          />
        </Field>
        <p class="quiet">
          {agents.map((agent) => (
            <span data-agent={agent.id}>
              {`${agent.name} takes models of ${acceptedProviders(currentRelease(agent)).join(", ")}. `}
            </span>
          ))}
        </p>
      </details>
    </>
  );
}

const PROVIDER_NAMES = {
  fly: "Fly: a machine that can be suspended",
  hetzner: "Hetzner: a server of its own",
};

function PlaceFields({ options: { places, sizes }, values, mistakes }: FormProps) {
  const size = sizes.findIndex((each) => sizeKey(each) === values.size);
  const volumeGb = Number(values.volumeGb) || 1;
  const providers = [...new Set(places.map(({ provider }) => provider))];
  const chosen = places.find((place) => placeKey(place) === values.place);
  return (
    <>
      <Field
        name="place"
        label="Region"
        error={mistakes.place}
        hint="Prices are estimates by list prices, an hour while it runs."
      >
        <select id="place" name="place" {...described("place", mistakes)}>
          {providers.map((provider) => (
            <optgroup label={PROVIDER_NAMES[provider]}>
              {places
                .filter((place) => place.provider === provider)
                .map((place) => {
                  const prices = pricesOf(place);
                  const hour = hourMicros(prices, size, volumeGb);
                  const name = `${place.city} (${place.region})`;
                  return (
                    <option
                      value={placeKey(place)}
                      selected={placeKey(place) === values.place}
                      data-name={name}
                      data-prices={JSON.stringify(prices)}
                    >
                      {`${name} · ${hour === undefined ? "not in this size" : `est. ${dollars(hour)} an hour`}`}
                    </option>
                  );
                })}
            </optgroup>
          ))}
        </select>
      </Field>
      <div class="side-by-side">
        <Field name="size" label="Size" error={mistakes.size} hint="An agent's own is chosen with it.">
          <select id="size" name="size" {...described("size", mistakes)}>
            {sizes.map((each) => (
              <option value={sizeKey(each)} selected={sizeKey(each) === values.size}>
                {sizeWords(each)}
              </option>
            ))}
            {size < 0 && values.size !== "" ? (
              <option value={values.size} selected>
                {values.size.replaceAll("-", " ")}
              </option>
            ) : null}
          </select>
        </Field>
        <Field
          name="volumeGb"
          label="Volume (GB)"
          error={mistakes.volumeGb}
          hint="Its disk; it survives a stop."
        >
          <input
            id="volumeGb"
            name="volumeGb"
            type="number"
            inputmode="numeric"
            required
            min={String(VOLUME_GB.min)}
            max={String(VOLUME_GB.max)}
            value={values.volumeGb}
            {...described("volumeGb", mistakes)}
          />
        </Field>
      </div>
      <p class="price">
        <output for="size volumeGb place" id="price">
          {chosen ? priceWords(pricesOf(chosen), size, volumeGb) : "Choose a region to see a price."}
        </output>
      </p>
    </>
  );
}
