/** Code can be copied with a click; without JavaScript it is selected as ever. */
import { addCopyButtons } from "./parts/copy-code.ts";

addCopyButtons(document);
