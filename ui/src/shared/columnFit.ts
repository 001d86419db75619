/** Which columns fit: a list beside a panel or in a small window leaves out what matters least instead of scrolling sideways. */
import { type RefObject, useCallback, useSyncExternalStore } from "react";

type Sized = { width: string; secondary?: number };

const PADDING_PX = 32;
const GAP_PX = 16;
const CHECK_PX = 16;

/** The least width of a CSS grid track: `120px` and `minmax(120px, 2fr)` are 120. */
export function leastWidth(track: string): number {
  return Number(/(\d+)px/.exec(track)?.[1] ?? 0);
}

/** Leaves out secondary columns, the highest number first, until the rest fits. A width of 0 is not known yet. */
export function fittingColumns<C extends Sized>(columns: C[], width: number, selectable: boolean): C[] {
  if (width === 0) return columns;
  const needed = (shown: C[]) =>
    PADDING_PX + (selectable ? CHECK_PX + GAP_PX : 0) + shown.reduce((sum, column) => sum + leastWidth(column.width), 0) + GAP_PX * (shown.length - 1);
  let shown = columns;
  while (needed(shown) > width) {
    const least = Math.max(...shown.map((column) => column.secondary ?? 0));
    if (least === 0) break;
    shown = shown.filter((column) => column.secondary !== least);
  }
  return shown;
}

/** The inner width of an element, as it changes; 0 before it is known. */
export function useWidth(element: RefObject<HTMLElement | null>): number {
  const subscribe = useCallback(
    (changed: () => void) => {
      const watched = element.current;
      if (!watched || typeof ResizeObserver === "undefined") return () => undefined;
      const observer = new ResizeObserver(changed);
      observer.observe(watched);
      return () => observer.disconnect();
    },
    [element],
  );
  return useSyncExternalStore(subscribe, () => element.current?.clientWidth ?? 0);
}
