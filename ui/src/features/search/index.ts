/** Ctrl+K: finds any record or action. */
export { Search as default } from "./Search";
