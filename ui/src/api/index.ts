/** What pages and shared parts may use of the app behind the window. */
export type * from "./bindings";
export { AppError, type Args, type CommandName, type Data, toAppError } from "./client";
export { type ErrorAction, errorWords } from "./errors";
export { onSignIn } from "./events";
export { type ListResult, type PagedList, useList, useListResult } from "./lists";
export {
  type ChangingName,
  type ListArgs,
  type ListName,
  queryKey,
  type QueryName,
  type RowOf,
  useChange,
  useFetch,
  usePages,
  useRead,
  useSyncNow,
} from "./queries";
