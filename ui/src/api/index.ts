/** What pages and shared parts may use of the app behind the window. */
export type * from "./bindings";
export { AppError, type Args, type CommandName, type Data, toAppError } from "./client";
export { type ErrorAction, errorWords } from "./errors";
export { onSignIn } from "./events";
export {
  type ChangingName,
  type ListArgs,
  type ListName,
  type ListResult,
  queryKey,
  type QueryName,
  type RowOf,
  useChange,
  useFetch,
  useList,
  useListResult,
  usePages,
  useRead,
  useSyncNow,
} from "./queries";
