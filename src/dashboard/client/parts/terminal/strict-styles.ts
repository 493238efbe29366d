/**
 * xterm.js writes `<style>` elements and `style` attributes, which this page's policy refuses from anybody, since they
 * could as well be an attacker's. What a script of ours sets by the style sheets' own interface is none of that: so from
 * here on what this document is asked for as a style element is a sheet of the document, and the text of a `style`
 * attribute goes into the element's style. (xterm's option for another document does not reach all its parts.)
 */
export function writeStylesStrictly(page: Document): void {
  const create = page.createElement.bind(page) as (name: string) => HTMLElement;
  const createStrictly = (name: string): HTMLElement =>
    name === "style" ? styleElement(page, create("template")) : withStyleText(create(name));
  page.createElement = createStrictly as typeof page.createElement;
}

/** Stands where the style element would; what is written into it is a sheet of the document until it is removed. */
function styleElement(page: Document, place: HTMLElement): HTMLElement {
  const sheet = new CSSStyleSheet();
  page.adoptedStyleSheets.push(sheet);
  Object.defineProperty(place, "textContent", {
    get: () => Array.from(sheet.cssRules, ({ cssText }) => cssText).join("\n"),
    set: (text: string) => {
      sheet.replaceSync(text);
    },
  });
  place.remove = () => {
    page.adoptedStyleSheets = page.adoptedStyleSheets.filter((other) => other !== sheet);
    Element.prototype.remove.call(place);
  };
  return place;
}

function withStyleText(element: HTMLElement): HTMLElement {
  element.setAttribute = (name: string, value: string) => {
    if (name === "style") {
      element.style.cssText = value;
    } else {
      Element.prototype.setAttribute.call(element, name, value);
    }
  };
  return element;
}
