import type { Options } from "./options.ts";
import type { Mistakes, Values } from "./values.ts";

export interface FormProps {
  options: Options;
  values: Values;
  mistakes: Mistakes;
}

/** What describes a control, and whether it is wrong: on the control itself, for those who do not see it. */
export function described(name: keyof Mistakes, mistakes: Mistakes) {
  return {
    "aria-describedby": `${name}-hint`,
    "aria-invalid": mistakes[name] === undefined ? undefined : ("true" as const),
  };
}
