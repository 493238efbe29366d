export function capitalized(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}

/** Its name and its address are the same secret, so what names it by its address names it by its id here. */
export function withoutAddress(text: string, { id, subdomain }: { id: string; subdomain: string }): string {
  return subdomain === "" ? text : text.replaceAll(subdomain, id);
}
