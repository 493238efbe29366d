import type { Access } from "../../../instance/record.ts";
import { MAX_NAME_LENGTH } from "../../../services/instances/field-rules.ts";
import { Field } from "../../layout/form.tsx";
import { described, type FormProps } from "./fields.ts";

const ACCESS_WORDS: Record<Access, string> = {
  link: "Whoever has the URL",
  token: "Who shows a token of this account",
  signed: "The same, and who has a signed link",
};

/** What can be left as it is. */
export function MoreFields({ values, mistakes }: FormProps) {
  const names = ["name", "labels", "access", "idleMinutes"] as const;
  const isOpen = names.some((name) => mistakes[name] !== undefined || !["", "link"].includes(values[name]));
  return (
    <details open={isOpen} class="more">
      <summary>More: name, labels, access, sleep</summary>
      <Field name="name" label="Name" error={mistakes.name} hint="Empty: after its agent and model.">
        <input
          id="name"
          name="name"
          value={values.name}
          maxlength={MAX_NAME_LENGTH}
          autocomplete="off"
          {...described("name", mistakes)}
        />
      </Field>
      <Field
        name="labels"
        label="Labels"
        error={mistakes.labels}
        hint="One a line: key=value. The list is filtered by them."
      >
        <textarea id="labels" name="labels" rows={3} spellcheck={false} {...described("labels", mistakes)}>
          {values.labels}
        </textarea>
      </Field>
      <Field name="access" label="Who may open it" error={mistakes.access} hint="Can be changed later.">
        <select id="access" name="access" {...described("access", mistakes)}>
          {Object.entries(ACCESS_WORDS).map(([access, words]) => (
            <option value={access} selected={access === values.access}>
              {words}
            </option>
          ))}
        </select>
      </Field>
      <Field
        name="idleMinutes"
        label="Suspend after so many minutes without work"
        error={mistakes.idleMinutes}
        hint="Empty: never. At Fly, up to 2 GB of memory; the next request wakes it."
      >
        <input
          id="idleMinutes"
          name="idleMinutes"
          type="number"
          inputmode="decimal"
          min="1"
          step="any"
          value={values.idleMinutes}
          {...described("idleMinutes", mistakes)}
        />
      </Field>
    </details>
  );
}
