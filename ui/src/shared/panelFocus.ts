/**
 * Where the keyboard goes when a form has been saved: to the panel of what was saved. The form asks for it; the panel may be
 * there already, or come a moment later.
 */
import { type RefObject, useEffect } from "react";

let wanted = false;
const panels = new Set<() => void>();

/** The next panel that is shown takes the focus, or the one on show. */
export function focusPanel(): void {
  wanted = true;
  for (const take of panels) take();
}

/** Lets this panel take the focus when a form asked for it. */
export function usePanelFocus(panel: RefObject<HTMLElement | null>): void {
  useEffect(() => {
    const take = () => {
      if (!wanted) return;
      wanted = false;
      // After the form has gone, which holds the focus as long as it is there.
      requestAnimationFrame(() => panel.current?.focus({ preventScroll: true }));
    };
    panels.add(take);
    take();
    return () => void panels.delete(take);
  }, [panel]);
}
