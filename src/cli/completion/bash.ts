import type { Position } from "./words.ts";

/** A completion script for bash. It works without the bash-completion package. */
export function bashScript(positions: readonly Position[], groups: readonly string[]): string {
  const cases = positions.map(({ path, words, options, takesInstance }) => {
    const list = [...words, ...options].map((word) => word.text).join(" ");
    const ids = takesInstance ? ` ids="$(gentity compute list --quiet 2>/dev/null)"` : "";
    return `    "${path}") words="${list}"${ids} ;;`;
  });
  return `# bash completion for gentity; use it with: source <(gentity completion bash)
_gentity() {
  local cur="\${COMP_WORDS[COMP_CWORD]}" path="" words="" ids="" word i
  COMPREPLY=()
  for ((i = 1; i < COMP_CWORD; i++)); do
    word="\${COMP_WORDS[i]}"
    case "$word" in
      --) return ;;
      -*) continue ;;
    esac
    case "$path" in
      "") path="$word" ;;
      ${groups.map((group) => `"${group}"`).join("|")}) path="$path $word" ;;
    esac
  done
  case "$path" in
${cases.join("\n")}
  esac
  COMPREPLY=($(compgen -W "$words $ids" -- "$cur"))
}
complete -F _gentity gentity
`;
}
