/** Ctrl+K: finds any record or action. */
export { Search } from "./Search";
export { openSearch } from "./openSearch";
