import type { Position, Word } from "./words.ts";

/** A completion script for fish. */
export function fishScript(positions: readonly Position[], groups: readonly string[]): string {
  const lines = positions.flatMap(({ path, words, options, takesInstance }) => {
    const when = `complete -c gentity -n '__gentity_at "${path}"'`;
    const ids = takesInstance ? [`${when} -f -a '(gentity compute list --quiet 2>/dev/null)'`] : [];
    return [
      ...words.map((word) => `${when} -f -a ${word.text}${description(word)}`),
      ...options.map((word) => `${when} -l ${word.text.slice(2)}${description(word)}`),
      ...ids,
    ];
  });
  return `# fish completion for gentity; use it with: gentity completion fish | source
function __gentity_at
    set -l path
    set -l tokens (commandline -opc)
    for word in $tokens[2..]
        if test "$word" = --
            return 1
        end
        if string match -q -- '-*' $word
            continue
        end
        if test (count $path) -eq 0
            set path $word
        else if contains -- "$path" ${groups.map((group) => `"${group}"`).join(" ")}
            set path $path $word
        end
    end
    test "$path" = "$argv[1]"
end
complete -c gentity -f
${lines.join("\n")}
`;
}

function description({ describe }: Word): string {
  return describe === "" ? "" : ` -d '${describe.replaceAll("'", "\\'")}'`;
}
