/**
 * Which columns fit: a list beside a panel or in a small window leaves out what matters least instead of scrolling sideways. Where
 * even what matters has no room, rows have two lines, and what is left out stands in the second.
 */
import { type RefObject, useCallback, useSyncExternalStore } from "react";

type Sized = { width: string; secondary?: number; narrow?: "first" | "last" };

/** The columns of the first line, and those that go into the second; an empty second line is none. */
export type Fit<C> = { columns: C[]; below: C[] };

const PADDING_PX = 32;
const GAP_PX = 16;
const CHECK_PX = 16;

/** The least width of a CSS grid track: `120px` and `minmax(120px, 2fr)` are 120. */
export function leastWidth(track: string): number {
  return Number(/(\d+)px/.exec(track)?.[1] ?? 0);
}

function neededWidth(shown: Sized[], selectable: boolean): number {
  const columns = shown.reduce((sum, column) => sum + leastWidth(column.width), 0);
  return PADDING_PX + (selectable ? CHECK_PX + GAP_PX : 0) + columns + GAP_PX * (shown.length - 1);
}

/** Leaves out secondary columns, the highest number first, until the rest fits. A width of 0 is not known yet. */
export function fittingColumns<C extends Sized>(columns: C[], width: number, selectable: boolean): C[] {
  if (width === 0) return columns;
  let shown = columns;
  while (neededWidth(shown, selectable) > width) {
    const least = Math.max(...shown.map((column) => column.secondary ?? 0));
    if (least === 0) break;
    shown = shown.filter((column) => column.secondary !== least);
  }
  return shown;
}

/** The columns for a width: as many as fit, or two lines where those that can't be left out don't. */
export function fit<C extends Sized>(columns: C[], width: number, selectable: boolean): Fit<C> {
  const shown = fittingColumns(columns, width, selectable);
  const ends = columns.filter((column) => column.narrow !== undefined);
  if (width === 0 || ends.length === 0 || neededWidth(shown, selectable) <= width) return { columns: shown, below: [] };
  const first = ends.map((column) => ({ ...column, width: column.narrow === "first" ? "minmax(0, 1fr)" : "minmax(104px, 34%)" }));
  return { columns: first, below: columns.filter((column) => column.narrow === undefined) };
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
