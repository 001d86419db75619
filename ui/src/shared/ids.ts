/** Ids are made where a form opens, so that saving twice writes once. Time-ordered (UUIDv7). */
import { v7 } from "uuid";

export function newId(): string {
  return v7();
}
