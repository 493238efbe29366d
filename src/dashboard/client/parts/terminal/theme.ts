import type { ITheme } from "@xterm/xterm";

const LIGHT: ITheme = {
  black: "#1d1d1b",
  red: "#b3261e",
  green: "#1a7f4b",
  yellow: "#8a5a00",
  blue: "#0b5cad",
  magenta: "#8e3a9d",
  cyan: "#0f7285",
  white: "#5c5c58",
  brightBlack: "#6f6f6a",
  brightRed: "#c8372e",
  brightGreen: "#20915a",
  brightYellow: "#9c6a0c",
  brightBlue: "#1f70c4",
  brightMagenta: "#a14fb0",
  brightCyan: "#1f8699",
  brightWhite: "#1d1d1b",
};

const DARK: ITheme = {
  black: "#303034",
  red: "#ff9a90",
  green: "#5fd39a",
  yellow: "#f0bd5e",
  blue: "#7cc0ff",
  magenta: "#dba6ea",
  cyan: "#7fd6e4",
  white: "#d4d3cf",
  brightBlack: "#8d8d88",
  brightRed: "#ffb8b0",
  brightGreen: "#8be4b8",
  brightYellow: "#f8d592",
  brightBlue: "#a9d6ff",
  brightMagenta: "#e9c6f3",
  brightCyan: "#a8e6f0",
  brightWhite: "#ffffff",
};

/** The page's own colors behind and before the text, and those of sixteen names that are readable on them. */
export function themeOf(element: Element): ITheme {
  const { backgroundColor, color } = getComputedStyle(element);
  const isDark = luminance(backgroundColor) < 0.5;
  return {
    ...(isDark ? DARK : LIGHT),
    background: backgroundColor,
    foreground: color,
    cursor: color,
    cursorAccent: backgroundColor,
    selectionBackground: isDark ? "#3d5a80" : "#b9d6f5",
  };
}

function luminance(color: string): number {
  const [red = 0, green = 0, blue = 0] = (color.match(/[\d.]+/g) ?? []).map(Number);
  return (0.2126 * red + 0.7152 * green + 0.0722 * blue) / 255;
}

/** Calls back when the page turns light or dark, by the system's choice or the page's own. */
export function onThemeChange(changed: () => void): void {
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", changed);
  new MutationObserver(changed).observe(document.documentElement, { attributes: true });
}
