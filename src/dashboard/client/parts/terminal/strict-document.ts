/**
 * The page's document as xterm.js is given it. Its renderer writes `<style>` elements and `style` attributes, which this
 * page's policy refuses from anybody, since they could as well be an attacker's. What a script of ours sets by the style
 * sheets' own interface is none of that: so a style element becomes a sheet of the document, and the attribute's text
 * goes into the element's style.
 */
export function strictDocument(page: Document): Document {
  const createElement = (name: string): HTMLElement =>
    name === "style" ? styleElement(page) : withStyleText(page.createElement(name));
  return new Proxy(page, {
    get(target, key) {
      if (key === "createElement") {
        return createElement;
      }
      const value: unknown = Reflect.get(target, key);
      return typeof value === "function" ? value.bind(target) : value;
    },
    set: (target, key, value) => Reflect.set(target, key, value),
  });
}

/** Stands where the style element would; what is written into it is a sheet of the document until it is removed. */
function styleElement(page: Document): HTMLElement {
  const sheet = new CSSStyleSheet();
  page.adoptedStyleSheets.push(sheet);
  const place = page.createElement("template");
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
