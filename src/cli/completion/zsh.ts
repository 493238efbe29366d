import type { Position, Word } from "./words.ts";

/** A completion script for zsh. */
export function zshScript(positions: readonly Position[], groups: readonly string[]): string {
  const cases = positions.map(({ path, words, options, takesInstance }) => {
    const entries = [...words, ...options].map(entry).join(" ");
    const ids = takesInstance ? ` ids=(\${(f)"$(gentity compute list --quiet 2>/dev/null)"})` : "";
    return `    "${path}") entries=(${entries})${ids} ;;`;
  });
  return `#compdef gentity
# zsh completion for gentity; use it with: source <(gentity completion zsh)
_gentity() {
  local path_words="" word i
  local -a entries ids
  for ((i = 2; i < CURRENT; i++)); do
    word="\${words[i]}"
    [[ "$word" == "--" ]] && return
    [[ "$word" == -* ]] && continue
    case "$path_words" in
      "") path_words="$word" ;;
      ${groups.map((group) => `"${group}"`).join("|")}) path_words="$path_words $word" ;;
    esac
  done
  case "$path_words" in
${cases.join("\n")}
  esac
  _describe 'gentity' entries
  (( \${#ids} )) && compadd -a ids
}
if [ "$funcstack[1]" = "_gentity" ]; then
  _gentity "$@"
else
  compdef _gentity gentity
fi
`;
}

/** `'name:what it does'`, with what zsh would read as its own taken care of. */
function entry({ text, describe }: Word): string {
  return `'${text.replaceAll(":", "\\:")}:${describe.replaceAll("'", "'\\''")}'`;
}
