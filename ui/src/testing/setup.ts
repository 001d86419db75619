/** Makes jsdom enough of a browser for Mantine, and starts the texts. */
import { cleanup } from "@testing-library/react";
import { afterEach, vi } from "vitest";
import { startTexts } from "../app/i18n";

startTexts();

class NoResizeObserver {
  observe() {}
  unobserve() {}
  disconnect() {}
}
vi.stubGlobal("ResizeObserver", NoResizeObserver);
vi.stubGlobal("matchMedia", (query: string) => ({
  matches: false,
  media: query,
  addEventListener: () => undefined,
  removeEventListener: () => undefined,
}));
if (!("escape" in (globalThis.CSS ?? {}))) vi.stubGlobal("CSS", { escape: (text: string) => text.replaceAll(/["\\.]/g, String.raw`\$&`) });

afterEach(cleanup);

// Fields that grow with their text listen for fonts, which jsdom does not have.
Object.defineProperty(document, "fonts", { value: new EventTarget() });
