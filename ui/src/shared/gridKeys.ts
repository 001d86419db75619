/** What a key does in a table: pure, so that it can be tested without a page. */
export type GridState = { cursor: number; count: number; pageRows: number };
export type GridKey = { key: string; shift: boolean; mod: boolean };

export type GridAction =
  | { type: "move"; to: number; extend: boolean }
  | { type: "open" }
  | { type: "toggle" }
  | { type: "all" }
  | { type: "clear" };

/** The action of a key, or null when the key is not the table's. */
export function gridAction({ key, shift, mod }: GridKey, { cursor, count, pageRows }: GridState): GridAction | null {
  if (mod) return key.toLowerCase() === "a" ? { type: "all" } : null;
  const move = (to: number): GridAction | null =>
    count === 0 ? null : { type: "move", to: Math.max(0, Math.min(count - 1, to)), extend: shift };
  switch (key) {
    case "ArrowDown":
      return move(cursor + 1);
    case "ArrowUp":
      return move(cursor < 0 ? count - 1 : cursor - 1);
    case "PageDown":
      return move(cursor + pageRows);
    case "PageUp":
      return move(cursor - pageRows);
    case "Home":
      return move(0);
    case "End":
      return move(count - 1);
    case "Enter":
      return cursor < 0 ? null : { type: "open" };
    case " ":
      return cursor < 0 ? null : { type: "toggle" };
    case "Escape":
      return { type: "clear" };
    default:
      return null;
  }
}
