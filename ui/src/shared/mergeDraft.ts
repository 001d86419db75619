/**
 * Three versions of a draft: as loaded, as typed here, as saved by someone else since. Fields are compared by path;
 * lists with ids (`lines`) count as one field, because their places move.
 */
import { asTyped } from "./typedNumber";

export type DraftDifference = {
  path: string;
  mine: string;
  theirs: string;
  /** Who changed it since it was loaded. */
  changedBy: "me" | "them" | "both";
};

type Plain = { [field: string]: unknown };

function isPlain(value: unknown): value is Plain {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function paths(value: unknown, path = ""): string[] {
  if (!isPlain(value)) return [path];
  return Object.entries(value).flatMap(([key, inner]) => paths(inner, path === "" ? key : `${path}.${key}`));
}

function read(value: unknown, path: string): unknown {
  return path.split(".").reduce<unknown>((inner, key) => (isPlain(inner) ? inner[key] : undefined), value);
}

function write(value: Plain, path: string, leaf: unknown): Plain {
  const [key = "", ...rest] = path.split(".");
  if (rest.length === 0) return { ...value, [key]: leaf };
  const inner = value[key];
  return { ...value, [key]: write(isPlain(inner) ? inner : {}, rest.join("."), leaf) };
}

const same = (a: unknown, b: unknown) => JSON.stringify(a) === JSON.stringify(b);

const isId = (field: string) => field === "id" || field.endsWith("_id");

function shown(value: unknown): string {
  if (value === null || value === undefined) return "";
  if (Array.isArray(value)) return value.map(shown).join("; ");
  if (isPlain(value)) return Object.entries(value).filter(([field, part]) => !isId(field) && shown(part) !== "").map(([, part]) => shown(part)).join(" ");
  return typeof value === "string" ? asTyped(value) : JSON.stringify(value);
}

const NOT_COMPARED = new Set(["id", "version"]);

function allPaths(...versions: object[]): string[] {
  return [...new Set(versions.flatMap((version) => paths(version)))].filter((path) => !NOT_COMPARED.has(path));
}

/** Where mine and theirs differ. */
export function differences(base: object, mine: object, theirs: object): DraftDifference[] {
  return allPaths(base, mine, theirs)
    .filter((path) => !same(read(mine, path), read(theirs, path)))
    .map((path) => {
      const [before, mineNow, theirsNow] = [read(base, path), read(mine, path), read(theirs, path)];
      const changedBy = same(mineNow, before) ? "them" : same(theirsNow, before) ? "me" : "both";
      return { path, mine: shown(mineNow), theirs: shown(theirsNow), changedBy };
    });
}

/** Their version with my changes on top: what only they changed stays theirs. Id and version are theirs. */
export function reapply<D extends object>(base: D, mine: D, theirs: D): D {
  return allPaths(base, mine, theirs)
    .filter((path) => !same(read(mine, path), read(base, path)))
    .reduce<Plain>((merged, path) => write(merged, path, read(mine, path)), theirs as Plain) as D;
}
